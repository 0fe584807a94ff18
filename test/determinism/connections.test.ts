/**
 * Connections that open, carry much and little, and end in every way there is, under churn, loss and faults: the same run, to the byte,
 * on 1, 2 and 4 shards, by reference and through bytes; and its books balance.
 */

import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { checkConservation } from '../../src/checkers/conservation.js';
import { type RunResult, runScenario } from '../../src/coordinator/run.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { type WorldOptions, world, worldScenario } from '../helpers/worlds.js';

const TRANSFERS = fileURLToPath(new URL('../placebo/protocols/transfers.js', import.meta.url));
const SHORT: WorldOptions = { peers: 60, warmUpMs: 1000, measureMs: 14_000, drainMs: 3000 };

const { sites } = world();
const faults = (...texts: string[]) => planFaults(texts, { sites, peers: SHORT.peers! }, (_, error) => error);

const CONDITIONS: Record<string, WorldOptions> = {
  'a calm network': {},
  'churn, loss, jitter and reordering': {
    population: {
      core: 0.2,
      session: { kind: 'exponential', meanMs: 12_000 },
      downtime: { kind: 'exponential', meanMs: 3000 },
      crashShare: 0.6,
      massFailures: [{ atMs: 8000, share: 0.2 }],
    },
    topology: { loss: 0.02, jitter: 0.5, reorder: { share: 0.05, byMs: 30 } },
  },
  'a partition, a hold, corruption and slow links': {
    topology: { loss: 0.005 },
    faults: faults(
      'from 3s to 7s partition peers 0-29 | rest',
      'from 8s to 9s hold peers 0-9 | rest',
      'from 5s to 12s corrupt 1%',
      'from 9s to 13s slow uplink of 30% by 5x',
    ),
  },
};

/** All that must not depend on how it was done. */
function figures({ measures }: RunResult) {
  const { digest, traffic, connections, counters, ledger, series, handled } = measures;
  return { digest, traffic, connections, counters, ledger, series, handled: [...handled] };
}

function balances(t: ExecutionContext, { measures }: RunResult): void {
  for (const check of checkConservation(measures)) t.true(check.held, check.says);
}

for (const [condition, options] of Object.entries(CONDITIONS)) {
  test.serial(`${condition}: the same connections on 1, 2 and 4 shards, by reference and through bytes`, async (t) => {
    const scenario = await worldScenario(TRANSFERS, { ...SHORT, ...options });
    const one = await runScenario(scenario, { shards: 1 });
    t.is(one.measures.status, 'completed', one.measures.reason ?? '');
    balances(t, one);
    const { connections } = one.measures;
    t.true(connections.opened > 150 && connections.closed > 20 && connections.reset > 20, JSON.stringify(connections));
    t.true(connections.deliveredBytes > 5e6 && connections.lostBytes > 0 && connections.bytesInFlight > 0);
    t.is(connections.resent > 50, condition !== 'a calm network', `${connections.resent} segments sent again`);
    if (condition.startsWith('a partition')) t.true(connections.timedOut > 0);
    for (const way of [
      { shards: 2, strict: true },
      { shards: 4, strict: false },
    ]) {
      const other = await runScenario(scenario, way);
      t.is(other.measures.shards, way.shards);
      balances(t, other);
      const [left, right] = [figures(one), figures(other)];
      for (const part of Object.keys(left) as (keyof typeof left)[]) t.deepEqual(right[part], left[part], `${way.shards} shards: ${part}`);
    }
  });
}
