import test from 'ava';
import { drawChaos } from '../../src/faults/chaos.js';
import type { Chaos } from '../../src/faults/plan.js';

const CRASH: Chaos = {
  says: 'crash 5%',
  action: { verb: 'crash', of: { kind: 'share', share: 0.05 } },
  everyMs: 60_000,
  lastsMs: null,
};
const OUTAGE: Chaos = {
  says: 'outage random site',
  action: { verb: 'outage', of: { kind: 'random', of: 'site' } },
  everyMs: 20_000,
  lastsMs: 5_000,
};
const HOUR = 3_600_000;

test('as many faults as the rate says, as long as their mean says, at whole milliseconds', (t) => {
  const drawn = drawChaos([OUTAGE], 1, HOUR, 101 * HOUR);
  const expected = (100 * HOUR) / OUTAGE.everyMs;
  // Poisson: five standard deviations.
  t.true(Math.abs(drawn.length - expected) < 5 * Math.sqrt(expected), `${drawn.length} of ${expected}`);
  const lengths = drawn.map(({ atMs, untilMs }) => untilMs! - atMs);
  const mean = lengths.reduce((sum, each) => sum + each, 0) / lengths.length;
  t.true(Math.abs(mean / 5000 - 1) < 5 / Math.sqrt(expected), `${mean} ms`);
  const gaps = drawn.slice(1).map(({ atMs }, at) => atMs - drawn[at].atMs);
  // Exponential: a share of 1/e is longer than the mean.
  const long = gaps.filter((gap) => gap > OUTAGE.everyMs).length / gaps.length;
  t.true(Math.abs(long - Math.exp(-1)) < 0.02, `${long}`);
  for (const { atMs, untilMs, says } of drawn) {
    t.true(Number.isInteger(atMs) && Number.isInteger(untilMs) && untilMs! > atMs && atMs >= HOUR && atMs < 101 * HOUR);
    t.is(says, OUTAGE.says);
  }
});

test('what has no length has no end', (t) => {
  const drawn = drawChaos([CRASH], 3, 0, HOUR);
  t.true(drawn.length > 30);
  t.true(drawn.every(({ untilMs, action }) => untilMs === null && action === CRASH.action));
});

test('the same for whoever draws; another seed draws others; a second entry changes nothing about the first', (t) => {
  const first = drawChaos([CRASH], 7, 0, HOUR);
  t.deepEqual(drawChaos([CRASH], 7, 0, HOUR), first);
  t.notDeepEqual(drawChaos([CRASH], 8, 0, HOUR), first);
  const both = drawChaos([CRASH, OUTAGE], 7, 0, HOUR);
  t.deepEqual(both.slice(0, first.length), first);
  t.true(both.length > first.length + 100);
  const [twin] = [drawChaos([CRASH, CRASH], 7, 0, HOUR).slice(first.length)];
  t.notDeepEqual(twin, first, 'two entries of one kind are drawn apart');
});

test('a longer run goes on where a shorter one ended', (t) => {
  const short = drawChaos([OUTAGE], 1, 0, HOUR);
  t.deepEqual(drawChaos([OUTAGE], 1, 0, 2 * HOUR).slice(0, short.length), short);
});
