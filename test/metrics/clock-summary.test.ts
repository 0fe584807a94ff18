import test from 'ava';
import { build } from 'hdr-histogram-js';
import { mergeHistograms } from '../../src/coordinator/merge.js';
import { isRepeatable } from '../../src/metrics/clock-summary.js';
import { Meter } from '../../src/metrics/meter.js';
import { summarise } from '../../src/metrics/summary.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { measuresWith, queries, scenarioWith } from '../helpers/measures.js';

const WALL: Scenario['clock'] = { kind: 'wall', speed: 2, latenessMs: 10 };

/** A run by the wall clock whose events were this late, in ms. */
const late = (...latenessMs: number[]) => lateWith(null, latenessMs);

function lateWith(cpu: Scenario['cpu'], latenessMs: number[]) {
  const lateness = build({ bitBucketSize: 64 });
  for (const ms of latenessMs) lateness.recordValue(ms * 1000);
  const measures = measuresWith(queries(400), [], { late: latenessMs.filter((ms) => ms > 10).length });
  return summarise(scenarioWith({ clock: WALL, cpu }), { ...measures, histograms: { ...measures.histograms, lateness } }, '1');
}

test('by virtual time there is no speed and no lateness', (t) => {
  const summary = summarise(scenarioWith(), measuresWith(queries(400)), '1');
  t.deepEqual(summary.clock, {
    kind: 'virtual',
    speed: null,
    boundMs: null,
    latenessMs: { p50: null, p99: null, max: null },
    lateShare: null,
  });
  t.true(summary.repeatable);
});

test('by the wall clock: how late events were', (t) => {
  const summary = late(...new Array(98).fill(1), 2, 11);
  t.deepEqual(summary.clock, { kind: 'wall', speed: 2, boundMs: 10, latenessMs: { p50: 1, p99: 2, max: 11 }, lateShare: 0.01 });
  t.false(summary.repeatable);
  t.deepEqual(summary.warnings, [], 'one in a hundred may be late');
});

test('when more than one in a hundred is late, the emulator was the limit', (t) => {
  t.deepEqual(late(...new Array(97).fill(1), 30, 40, 50).warnings, [
    'the emulator, not the protocol, was the limit: 3.0 % of the events were handled more than 10 ms late (p99 40 ms, worst 50 ms): ' +
      'try fewer peers, a lower speed or more shards',
  ]);
});

test('the same where peers have a processor, whether its time is measured or stated', (t) => {
  for (const cpu of [{ kind: 'measured', factor: 1 } as const, { kind: 'per-message', costMs: 1 } as const]) {
    t.regex(lateWith(cpu, [1, 30]).warnings.join(), /the emulator, not the protocol, was the limit/);
    t.deepEqual(lateWith(cpu, [1, 2]).warnings, []);
  }
});

test('a run by the wall clock in which nothing happened is not late', (t) => {
  const { clock, warnings } = late();
  t.is(clock.lateShare, null);
  t.is(clock.speed, 2);
  t.deepEqual(warnings, []);
});

test('a run repeats itself if no clock but its own has a say', (t) => {
  t.true(isRepeatable(scenarioWith()));
  t.true(isRepeatable(scenarioWith({ cpu: { kind: 'per-message', costMs: 1 } })));
  t.false(isRepeatable(scenarioWith({ cpu: { kind: 'measured', factor: 1 } })));
  t.false(isRepeatable(scenarioWith({ clock: WALL })));
});

test('a meter counts lateness only when told to, and shards add up', (t) => {
  t.deepEqual(Object.keys(new Meter(1).report().histograms).sort(), ['locate-hops', 'locate-latency', 'transit']);
  const meter = new Meter(1, 10);
  for (const ms of [0, 9.9, 10, 10.1, 20]) meter.countLateness(ms);
  const report = meter.report();
  t.is(report.late, 2);
  const merged = mergeHistograms([report, report] as never).lateness;
  t.is(merged.totalCount, 10);
  t.is(merged.maxValue, 20_000);
  meter.destroy();
});
