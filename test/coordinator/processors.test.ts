/** Scenarios in which handling a message takes the time of its peer's processor, by virtual time. */

import { fileURLToPath } from 'node:url';
import test from 'ava';
import { checkConservation } from '../../src/checkers/conservation.js';
import { runExperiment } from '../../src/coordinator/experiment.js';
import { runScenario } from '../../src/coordinator/run.js';
import type { Measures } from '../../src/metrics/measures.js';
import type { CpuModel } from '../../src/scenario/scenario.js';
import { type WorldOptions, worldScenario } from '../helpers/worlds.js';

const fixture = (name: string) => fileURLToPath(new URL(`../placebo/protocols/${name}.js`, import.meta.url));
const stopwatch = (cpu: CpuModel | null, options: WorldOptions = {}) =>
  worldScenario(fixture('stopwatch'), { peers: 30, warmUpMs: 0, measureMs: 20_000, drainMs: 2000, cpu, ...options });
const roundTripMs = ({ counters }: Measures) => counters['round trip us'] / counters['round trips'] / 1000;

test.serial('two messages that cost 20 ms each make a round trip 40 ms longer, and more where they queue', async (t) => {
  const free = (await runScenario(await stopwatch(null), { shards: 1 })).measures;
  // Ten pings and ten pongs a second: a peer is busy for two fifths of its time.
  const busy = (await runScenario(await stopwatch({ kind: 'per-message', costMs: 20 }), { shards: 1 })).measures;
  const longer = roundTripMs(busy) - roundTripMs(free);
  t.true(longer > 41, `${longer} ms`);
  t.true(longer < 80, `${longer} ms`);
  for (const check of checkConservation(busy)) t.true(check.held, check.says);
  // At a load of 2.4 they fall behind for ever: a round trip takes most of the run.
  const swamped = (await runScenario(await stopwatch({ kind: 'per-message', costMs: 120 }), { shards: 1 })).measures;
  t.true(roundTripMs(swamped) > 2000, `${roundTripMs(swamped)} ms`);
});

const churn: WorldOptions = {
  population: { session: { kind: 'exponential', meanMs: 8000 }, downtime: { kind: 'exponential', meanMs: 4000 } },
};

for (const [name, options] of [
  [fixture('stopwatch'), churn],
  ['gnutella', { ...churn, locate: { files: 20, replicas: 3, ratePerPeerPerSecond: 0.2, timeoutMs: 5000 } }],
] as const) {
  test.serial(`${name.replace(/.*\//, '')}: the same run on 1, 2 and 4 shards when messages cost time`, async (t) => {
    const scenario = await worldScenario(name, {
      peers: 60,
      warmUpMs: 3000,
      measureMs: 15_000,
      drainMs: 6000,
      ...options,
      cpu: { kind: 'per-message', costMs: 7 },
    });
    const one = await runScenario(scenario, { shards: 1 });
    t.is(one.measures.status, 'completed', one.measures.reason ?? '');
    t.true(one.measures.traffic.delivered > 1000);
    for (const way of [{ shards: 2, strict: true }, { shards: 4 }]) {
      const { measures } = await runScenario(scenario, way);
      t.is(measures.digest, one.measures.digest);
      t.is(measures.events, one.measures.events);
      t.deepEqual(measures.counters, one.measures.counters);
    }
    const free = await runScenario({ ...scenario, cpu: null }, { shards: 1 });
    t.not(free.measures.digest, one.measures.digest);
  });
}

test.serial('measured handlers keep their peer busy for as long as they took, times the factor', async (t) => {
  // Each at least a ms, and so 200 ms of its peer; four messages a second.
  const options = { peers: 10, settings: { burnMs: 1, periodMs: 500 }, measureMs: 5000 };
  const free = (await runScenario(await stopwatch(null, options), { shards: 1 })).measures;
  const scenario = await stopwatch({ kind: 'measured', factor: 200 }, options);
  const { summary, measures } = await runExperiment(scenario, { shards: 1, outDir: null });
  t.is(summary.status, 'completed', summary.reason ?? '');
  t.true(roundTripMs(measures) > roundTripMs(free) + 20, `${roundTripMs(measures)} ${roundTripMs(free)}`);
  t.false(summary.repeatable);
  t.is(summary.clock.kind, 'virtual');
});
