/**
 * The same seed gives the same run, to the byte, on any number of threads, with messages passed by reference or through bytes; another
 * seed gives another run. Two protocols, under conditions that use every kind of chance and every kind of event there is.
 */

import test, { type ExecutionContext } from 'ava';
import { type RunResult, runScenario } from '../../src/coordinator/run.js';
import type { DropReason } from '../../src/metrics/measures.js';
import { repeatable, summarise } from '../../src/metrics/summary.js';
import { operations, timeseries } from '../../src/results/tables.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { plainClass } from '../helpers/plain-topology.js';
import { type WorldOptions, worldScenario } from '../helpers/worlds.js';

const CONDITIONS: Record<string, WorldOptions> = {
  'no churn': {},
  'churn: crashes, goodbyes, returns and a mass failure': {
    population: {
      core: 0.05,
      session: { kind: 'weibull', shape: 0.7, scaleMs: 25_000 },
      downtime: { kind: 'exponential', meanMs: 10_000 },
      crashShare: 0.5,
      massFailures: [{ atMs: 18_000, share: 0.3 }],
    },
  },
  'loss and jitter, joining over time': {
    start: 'join',
    population: { arrivals: { kind: 'poisson', ratePerSecond: 15 } },
    topology: { loss: 0.05, jitter: 0.4 },
  },
};

const QUICK_CHORD = {
  stabiliseMs: 2000,
  fixFingersMs: 2000,
  checkPredecessorMs: 2000,
  mergeMs: 8000,
  republishMs: 10_000,
  rpcTimeoutMs: 700,
};
const SHORT: WorldOptions = { peers: 90, warmUpMs: 5000, measureMs: 25_000, drainMs: 5000 };

const PROTOCOLS: Record<string, WorldOptions> = {
  chord: { settings: QUICK_CHORD },
  gnutella: { settings: { ttl: 4, pingMs: 15_000, keepAliveMs: 5000, keepAliveTimeoutMs: 12_000 } },
};

/** What a run on one shard, by reference, is compared with. */
const FEW = [
  { shards: 2, strict: false },
  { shards: 4, strict: true },
];
const MANY = [
  { shards: 1, strict: true },
  { shards: 2, strict: false },
  { shards: 8, strict: true },
];
/**
 * A thread costs more than what it does here, and eight of them more than all the others: they run where the most kinds of events are,
 * under churn (and in everything.test.ts).
 */
const waysOf = (condition: string) => (condition.startsWith('churn') ? MANY : FEW);
const counts = (ways: readonly { readonly shards: number }[]) => [...new Set([1, ...ways.map(({ shards }) => shards)])];
const list = (numbers: readonly number[]) => `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;

const LOCATE: WorldOptions['locate'] = {
  files: 40,
  zipf: 0.8,
  replicas: 4,
  freeRiders: 0.4,
  publishSpreadMs: 6000,
  ratePerPeerPerSecond: 0.05,
  timeoutMs: 8000,
};

/** All of a run that must not depend on how it was done. */
function figures(scenario: Scenario, { measures }: RunResult) {
  return {
    summary: repeatable(summarise(scenario, measures, 'test')),
    operations: [...operations.rows(measures.operations)].map((row) => row.join()),
    series: [...timeseries.rows(measures.series)].map((row) => row.join()),
    ledger: measures.ledger,
    handled: [...measures.handled],
    log: measures.log,
  };
}

function sameRun(t: ExecutionContext, scenario: Scenario, one: RunResult, other: RunResult, how: string): void {
  t.is(other.measures.digest, one.measures.digest, how);
  const [left, right] = [figures(scenario, one), figures(scenario, other)];
  for (const part of Object.keys(left) as (keyof typeof left)[]) t.deepEqual(right[part], left[part], `${how}: ${part}`);
}

for (const [protocol, options] of Object.entries(PROTOCOLS)) {
  for (const [condition, conditions] of Object.entries(CONDITIONS)) {
    const ways = waysOf(condition);
    test.serial(`${protocol}, ${condition}: the same run on ${list(counts(ways))} shards, by reference and through bytes`, async (t) => {
      const scenario = await worldScenario(protocol, { ...SHORT, locate: LOCATE, ...options, ...conditions });
      const one = await runScenario(scenario, { shards: 1 });
      t.is(one.measures.status, 'completed', one.measures.reason ?? '');
      // It was a run worth comparing: much was delivered, asked and found, and every chance was taken.
      const { traffic, connections, operations, peersAlive } = one.measures;
      const lost = (reason: DropReason) => traffic.dropped[reason] + connections.segmentsLost[reason];
      t.true(traffic.delivered > 3000 && operations.length > 60, `${traffic.delivered} deliveries, ${operations.length} questions`);
      t.is(lost('lost') > 100, condition.startsWith('loss'));
      t.is(lost('peer-down') > 50, condition.startsWith('churn'));
      t.is(peersAlive < 85, condition.startsWith('churn'));
      for (const way of ways) {
        const other = await runScenario(scenario, way);
        t.is(other.measures.shards, way.shards);
        if (way.shards > 1) t.true(other.measures.lookaheadMs! >= 10);
        sameRun(t, scenario, one, other, `${way.shards} shards${way.strict ? ', strict' : ''}`);
      }
    });
  }
}

test.serial('windows with many thousands of events are run to their end', async (t) => {
  const scenario = await worldScenario('phold', {
    peers: 150,
    settings: { population: 150, meanDelayMs: 0 },
    topology: { classes: [plainClass()] },
    warmUpMs: 0,
    measureMs: 2000,
    drainMs: 0,
  });
  const [one, two] = [await runScenario(scenario, { shards: 1 }), await runScenario(scenario, { shards: 2 })];
  t.true(two.measures.events / 2 / two.measures.windows > 2500, `${two.measures.events} events in ${two.measures.windows} windows`);
  sameRun(t, scenario, one, two, '2 shards');
});

test.serial('another seed is another run', async (t) => {
  const scenario = await worldScenario('chord', { ...SHORT, locate: LOCATE, settings: QUICK_CHORD });
  const digests = new Set<string>();
  for (const seed of [1, 2, 1 + 2 ** 32]) {
    digests.add((await runScenario({ ...scenario, seed }, { shards: 1 })).measures.digest);
  }
  t.is(digests.size, 3);
});

test.serial('the digest tells runs apart that differ in one message only', async (t) => {
  const scenario = await worldScenario('ping', { settings: { periodMs: 1000, payloadBytes: 56 } });
  const digestOf = async (changed: Scenario) => (await runScenario(changed, { shards: 1 })).measures.digest;
  const first = await digestOf(scenario);
  t.is(await digestOf(scenario), first);
  t.not(await digestOf({ ...scenario, protocol: { ...scenario.protocol, settings: { periodMs: 1000, payloadBytes: 57 } } }), first);
  t.not(await digestOf({ ...scenario, phases: { ...scenario.phases, drainMs: scenario.phases.drainMs + 20 } }), first);
});

test.serial(
  'more peers change nobody\u2019s life: the population, the questions and the draws of those there were are the same',
  async (t) => {
    const population: WorldOptions['population'] = {
      session: { kind: 'exponential', meanMs: 20_000 },
      downtime: { kind: 'exponential', meanMs: 10_000 },
    };
    // Nobody has anything, so what is asked does not depend on a catalogue either.
    const locate: WorldOptions['locate'] = { files: 0, ratePerPeerPerSecond: 0.1 };
    const asked = async (peers: number) => {
      const scenario = await worldScenario('chord', { peers, population, locate, settings: QUICK_CHORD });
      const { operations } = (await runScenario(scenario, { shards: 2 })).measures;
      const rows = Array.from({ length: operations.length }, (_, row) => [
        operations.at(row, 'origin'),
        operations.at(row, 'startMs'),
        operations.at(row, 'key'),
      ]);
      return rows.filter(([origin]) => origin < 60).map((row) => row.join());
    };
    const few = await asked(60);
    t.true(few.length > 100);
    t.deepEqual(await asked(150), few);
  },
);
