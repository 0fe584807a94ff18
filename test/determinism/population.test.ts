/**
 * Every way in which peers come and go, on one shard and on two: the same run, to the byte. And a trace is followed in a whole run as it is
 * written, whatever the number of shards.
 */

import test from 'ava';
import { runScenario } from '../../src/coordinator/run.js';
import type { PopulationPlan } from '../../src/population/plan.js';
import { parseTrace } from '../../src/scenario/trace-file.js';
import { worldScenario } from '../helpers/worlds.js';

const QUICK = { stabiliseMs: 2000, fixFingersMs: 2000, checkPredecessorMs: 2000, mergeMs: 8000, rpcTimeoutMs: 700 };
const PEERS = 60;
const [WARM_UP, MEASURE, DRAIN, INTERVAL] = [5000, 20_000, 5000, 2500];

/** Sixty lives of up to eight changes at times that nothing else has; every fifth peer is there from the start. */
function someTrace(): string {
  const lines = ['time,peer,change'];
  for (let peer = 0; peer < PEERS; peer++) {
    let at = peer % 5 === 0 ? 0 : peer * 0.0937;
    for (let change = 0; change < 1 + ((peer * 7) % 8); change++) {
      lines.push(`${at.toFixed(4)},host-${peer},${change % 2 === 0 ? 'join' : peer % 3 === 0 ? 'crash' : 'leave'}`);
      at += 1.5 + ((peer * 13 + change * 29) % 53) / 7.1;
    }
  }
  return lines.join('\n');
}

const { trace } = parseTrace(someTrace(), (line) => `trace:${line}`, { peers: PEERS, fromMs: 0 });
const exponential = (meanMs: number) => ({ kind: 'exponential', meanMs }) as const;
const churn = { session: exponential(15_000), downtime: exponential(5000) };

const WAYS: Record<string, Partial<PopulationPlan>> = {
  'a trace': { arrivals: { kind: 'trace', trace }, massFailures: [{ atMs: 12_000, share: 0.2 }] },
  'a steady population': {
    arrivals: { kind: 'steady' },
    session: { kind: 'weibull', shape: 0.6, scaleMs: 12_000 },
    downtime: exponential(9000),
  },
  'a flash crowd': { arrivals: { kind: 'flash-crowd', share: 0.7, atMs: 6000, decayMs: 3000 }, ...churn },
  'a day of fifteen seconds': { diurnal: { amplitude: 0.9, periodMs: 15_000, peakAtMs: 7500 }, core: 0.1, ...churn },
};

const world = (population: Partial<PopulationPlan>) =>
  worldScenario('chord', {
    peers: PEERS,
    settings: QUICK,
    start: 'join',
    warmUpMs: WARM_UP,
    measureMs: MEASURE,
    drainMs: DRAIN,
    intervalMs: INTERVAL,
    population,
  });

for (const [name, population] of Object.entries(WAYS)) {
  test.serial(`${name}: the same run on 1 and 2 shards`, async (t) => {
    const scenario = await world(population);
    const [one, two] = [await runScenario(scenario, { shards: 1 }), await runScenario(scenario, { shards: 2, strict: true })];
    t.is(one.measures.status, 'completed', one.measures.reason ?? '');
    t.is(two.measures.shards, 2);
    t.true(one.measures.traffic.delivered > 1000, `${one.measures.traffic.delivered} deliveries`);
    t.is(two.measures.digest, one.measures.digest);
    t.deepEqual(two.measures.series, one.measures.series);
    t.true(new Set(one.measures.series.map(({ peersAlive }) => peersAlive)).size > 3, 'peers came and went');
  });
}

test.serial('at the end of each row as many are up as the trace says', async (t) => {
  const scenario = await world({ arrivals: { kind: 'trace', trace } });
  // From the text, not from what was read of it.
  const changes = someTrace().split('\n').slice(1);
  const upAt = (ms: number) =>
    changes
      .map((line) => line.split(','))
      .filter(([time]) => Number(time) * 1000 < ms)
      .reduce((up, [, , verb]) => up + (verb === 'join' ? 1 : -1), 0);
  for (const shards of [1, 2]) {
    const { series } = (await runScenario(scenario, { shards })).measures;
    t.is(series.length, (WARM_UP + MEASURE + DRAIN) / INTERVAL);
    t.deepEqual(
      series.map(({ peersAlive }) => peersAlive),
      series.map((_, row) => upAt((row + 1) * INTERVAL)),
    );
  }
});
