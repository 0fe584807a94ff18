import test from 'ava';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import type { SeriesRow } from '../../src/metrics/measures.js';
import { driftOf } from '../../src/metrics/settling.js';
import { summarise } from '../../src/metrics/summary.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { measuresWith, queries, scenarioWith } from '../helpers/measures.js';

const normal = (random: Stream) => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** Level noise whose neighbours are correlated, around 1. */
function noise(seed: number, rows: number, correlation: number, size: number): number[] {
  const random = new Stream(seed, WHOLE_RUN, 'name');
  let value = normal(random);
  return Array.from({ length: rows }, () => {
    value = correlation * value + Math.sqrt(1 - correlation ** 2) * normal(random);
    return 1 + size * value;
  });
}

test('level noise, of independent rows or of such as hang together, raises false alarms in less than 1 % of the cases', (t) => {
  for (const correlation of [0, 0.5, 0.7]) {
    for (const rows of [20, 30, 60, 200]) {
      let alarms = 0;
      for (let seed = 0; seed < 1_000; seed++) if (driftOf(noise(seed, rows, correlation, 0.3), 0.1) !== null) alarms++;
      t.true(alarms < 10, `${alarms} of 1000 with ${rows} rows, correlation ${correlation}`);
    }
  }
});

test('what falls or rises to its level is found; what is too small to matter, or too short to tell, is not', (t) => {
  const decaying = (seed: number, rows: number, size: number) =>
    noise(seed, rows, 0, 0.05).map((value, row) => value * (1 + size * Math.exp(-row / (rows / 5))));
  for (let seed = 0; seed < 20; seed++) {
    const drift = driftOf(decaying(seed, 40, 1), 0.1);
    t.true(drift !== null && drift.first > 1.4 && drift.last < 1.1);
    t.truthy(driftOf(decaying(seed, 40, -0.8), 0.1));
    t.is(driftOf(decaying(seed, 40, 0.1), 0.1), null);
    t.is(driftOf(decaying(seed, 19, 1), 0.1), null);
  }
  t.is(driftOf(new Array(50).fill(7), 0.1), null);
  t.deepEqual(driftOf([...new Array(20).fill(7), ...new Array(40).fill(3)], 0.1), { first: 7, last: 3 });
});

/** A run with 30 rows in `measure` (10 to 110 s of 120), in which these are up. */
function warningsWith(peersUp: (row: number) => number, changes: Partial<Scenario> = {}, faults: { atMs: number }[] = []): string[] {
  const row = (at: number): SeriesRow => ({
    ...{
      startMs: at * 2_000,
      endMs: (at + 1) * 2_000,
      peersAlive: peersUp(at),
      sent: 1000,
      bytes: 1,
      delivered: 1,
      dropped: 0,
      checksum: 0,
    },
    ...{ operationsStarted: 10, operationsSucceeded: 9 + (at % 2), operationsFailed: (at + 1) % 2 },
  });
  const measures = measuresWith(queries(400), [], { series: Array.from({ length: 60 }, (_, at) => row(at)) });
  const records = faults.map((fault) => ({ ...fault, untilMs: null, says: 'loss 1%', origin: 'scenario' as const, peersHit: 1 }));
  return summarise(scenarioWith({ peers: 1000, ...changes }), { ...measures, faults: records }, '').warnings.filter((each) =>
    each.startsWith('not settled'),
  );
}

test('a run that was measured before it had settled is told; one that had, and one that was meant to change, is not', (t) => {
  const wiggle = (row: number) => 3 * ((row * 7) % 5);
  const falling = (row: number) => 750 + Math.round(250 * Math.exp(-row / 10)) + wiggle(row);
  t.deepEqual(warningsWith(falling), ['not settled when it was measured: peers up went from 848 to 761: lengthen the warm-up (now 10 s)']);
  t.deepEqual(
    warningsWith((row) => 750 + wiggle(row)),
    [],
  );
  // Before `measure` and after it a run may do what it likes.
  t.deepEqual(
    warningsWith((row) => (row < 5 || row > 54 ? 10 : 750 + wiggle(row))),
    [],
  );
  const population = scenarioWith().population;
  for (const meant of [
    { population: { ...population, massFailures: [{ atMs: 50_000, share: 0.2 }] } },
    { population: { ...population, diurnal: { amplitude: 0.5, periodMs: 1e5, peakAtMs: 0 } } },
    { population: { ...population, arrivals: { kind: 'flash-crowd', share: 0.5, atMs: 20_000, decayMs: 10_000 } as const } },
  ]) {
    t.deepEqual(warningsWith(falling, meant), []);
  }
  t.deepEqual(warningsWith(falling, {}, [{ atMs: 1_000 }]), []);
});

test('few peers wander by themselves when they come and go', (t) => {
  const session = { kind: 'exponential', meanMs: 60_000 } as const;
  const wandering = (row: number) => (row < 25 ? 18 : 14) + (row % 2);
  const coming = { peers: 20, population: { ...scenarioWith().population, session } };
  t.is(warningsWith(wandering, { peers: 20 }).length, 1);
  t.deepEqual(warningsWith(wandering, coming), []);
});
