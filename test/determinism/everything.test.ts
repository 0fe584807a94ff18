/**
 * All conditions of the network at once: gateways, connections, faults of every kind, bottlenecks, bursts, duplicates, CoDel, churn by the
 * time of day. The same run on 1, 2, 4 or 8 shards and through bytes; and the books balance (runScenario asserts it).
 */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { runScenario } from '../../src/coordinator/run.js';
import { repeatable, summarise } from '../../src/metrics/summary.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { loadScenario } from '../../src/scenario/load.js';

const SCENARIO = `
about: everything at once
seed: 7
peers: 160
protocols: [gnutella]
topology:
  extends: home-users-nat
  jitter: 20%
  bursts: { loss: 1%, length: 5 }
  reorder: { share: 2%, by: 30ms }
  duplicate: 1%
  access:
    fast: { share: 60%, uplink: 20 Mbit/s, downlink: 50 Mbit/s, discipline: codel, latency: 4ms }
    slow: { share: 40%, uplink: 500 kbit/s, downlink: 2 Mbit/s, queue: 20 KiB, latency: 15ms }
  links:
    - { between: [London, Tokyo], latency: 200ms, bandwidth: 5 Mbit/s, loss: 2% }
population:
  core: 5%
  session: { weibull: { shape: 0.7, mean: 90s } }
  downtime: exponential 20s
  diurnal: { amplitude: 50%, period: 1m, peakAt: 20s }
phases: { start: join, warmUp: 10s, measure: 35s, drain: 5s }
faults:
  - from 12s to 18s partition sites Europe | rest
  - from 14s to 22s slow uplink of 20% by 4x
  - from 15s to 20s loss 5% between 30% | rest
  - from 16s to 24s corrupt 1%
  - from 18s to 21s delay 80ms between sites Asia | rest
  - from 20s to 23s hold 10% | rest
  - from 24s to 32s churn 20%
  - at 26s crash 10%
  - at 30s restart
  - from 33s to 36s outage 10%
  - from 36s to 40s flap link sites Europe | sites Asia every 500ms
chaos:
  - { fault: crash 5%, every: 20s }
`;

const PROTOCOLS: Record<string, string[]> = {
  gnutella: ['workload.locate.rate=0.05/s', 'workload.locate.files=40', 'workload.locate.timeout=5s', 'protocol.pingMs=8s'],
  'rendezvous by connection': ['protocol.transport=connection'],
  'rendezvous by datagram': ['protocol.transport=datagram'],
};

for (const [name, set] of Object.entries(PROTOCOLS)) {
  // Eight threads cost as much as all the others: once, for the protocol that has a workload.
  const many = name === 'gnutella' ? [2, 8] : [4];
  test(`${name}: the same with everything on, on one shard and on ${many.join(' and ')}`, async (t) => {
    const file = join(mkdtempSync(join(tmpdir(), 'peerage-everything-')), 'everything.yaml');
    writeFileSync(file, SCENARIO);
    const protocol = name.split(' ')[0];
    const definition = await loadProtocol(protocol);
    const scenario = loadScenario(file, { protocol, set }).for(protocol, definition);
    const runs = [];
    for (const shards of [1, ...many]) {
      const { measures } = await runScenario(scenario, { shards, strict: shards === 1 || shards === 8 });
      t.is(measures.status, 'completed', measures.reason ?? '');
      t.true(measures.shards > 1 || shards === 1, `${measures.shards} shards`);
      runs.push(repeatable(summarise(scenario, measures, '')));
    }
    for (const run of runs.slice(1)) t.deepEqual(run, runs[0]);
    const [{ messages, connections, nat }] = runs;
    t.true(messages!.delivered > 1000, `${messages!.delivered} messages`);
    t.true(nat!.mappingsMade > 100);
    t.true(messages!.dropped.fault + (connections?.segmentsLost.fault ?? 0) > 10);
    t.true(messages!.dropped['nat-filtered'] + (connections?.segmentsLost['nat-filtered'] ?? 0) > 10);
    t.log(`${messages!.delivered} messages, ${connections?.opened ?? 0} connections, ${nat!.mappingsMade} mappings, ${runs[0].digest}`);
  });
}
