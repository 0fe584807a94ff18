import test from 'ava';
import { runScenario } from '../../src/coordinator/run.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { loadScenario } from '../../src/scenario/load.js';
import { read } from '../helpers/documents.js';
import { classOfKind } from '../helpers/reachers.js';
import { testnet } from '../helpers/testnet.js';
import { type WorldOptions, worldScenario } from '../helpers/worlds.js';

const TRANSPORTS = ['datagram', 'connection'] as const;
const NAT = [
  classOfKind('open', { share: 0.25 }),
  classOfKind('full-cone', { share: 0.1 }),
  classOfKind('port-restricted-cone', { share: 0.25, peersPerGateway: 2 }),
  classOfKind('symmetric', { share: 0.2 }),
  classOfKind('carrier-grade', { share: 0.1 }),
  classOfKind('udp-blocked', { share: 0.1 }),
];
const OFTEN = { everyMs: 4000, settleMs: 3000, refreshMs: 8000, keepAliveMs: 6000 };
const HOWS = ['direct', 'punched', 'relayed', 'failed'] as const;

const counted = (counters: Readonly<Record<string, number>>) => HOWS.map((how) => counters[`reach-${how}`] ?? 0);
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

for (const transport of TRANSPORTS) {
  test.serial(`by ${transport}: the same run on 1, 2 and 4 shards and in strict mode, with gateways, churn, loss and faults`, async (t) => {
    const options: WorldOptions = {
      peers: 120,
      settings: { ...OFTEN, transport },
      topology: { nat: NAT, loss: 0.02, jitter: 0.2 },
      population: {
        core: 0.5,
        session: { kind: 'exponential', meanMs: 20_000 },
        downtime: { kind: 'exponential', meanMs: 5000 },
        crashShare: 0.5,
      },
      warmUpMs: 5000,
      measureMs: 30_000,
      drainMs: 5000,
    };
    const scenario = await worldScenario('rendezvous', options);
    const outcomes: unknown[] = [];
    for (const shards of [1, 2, 4]) {
      const { measures } = await runScenario(scenario, { shards, strict: shards === 1 });
      t.is(measures.status, 'completed', measures.reason ?? '');
      t.is(measures.shards, shards);
      outcomes.push({ digest: measures.digest, counters: measures.counters, reach: measures.nat!.reach });
      t.true(
        counted(measures.counters).every((count) => count > 0),
        JSON.stringify(measures.counters),
      );
    }
    for (const outcome of outcomes) t.deepEqual(outcome, outcomes[0]);
  });

  test.serial(`by ${transport}: without loss every talk over every path is heard to the end`, async (t) => {
    const net = await testnet('rendezvous', {
      peers: 120,
      start: 'join',
      settings: { ...OFTEN, transport, rendezvous: 3 },
      topology: { nat: NAT },
      measureMs: 90_000,
      drainMs: 10_000,
    });
    net.run(90_000);
    const { counters } = net.shard.meter.report();
    const [direct, punched, relayed, failed] = counted(counters);
    t.true(direct > 300 && punched > 300 && relayed > 100, `${direct} ${punched} ${relayed}`);
    t.is(failed, 0);
    t.is(counters['talks-broken'] ?? 0, 0);
    // Those under way at the end are few.
    t.true(counters['talks-complete'] >= 0.95 * (direct + punched + relayed));
  });
}

test.serial('scenarios/nat.yaml: what its first lines say it shows', async (t) => {
  const definition = await loadProtocol('rendezvous');
  for (const transport of TRANSPORTS) {
    const scenario = loadScenario('nat', { set: [`protocol.transport=${transport}`] }).for('rendezvous', definition);
    const { measures } = await runScenario(scenario, { shards: 1 });
    t.is(measures.status, 'completed', measures.reason ?? '');
    const [direct, punched, relayed, failed] = counted(measures.counters);
    const all = sum([direct, punched, relayed, failed]);
    t.true(all > 5000, `${all}`);
    // docs/nat.md states both shares, and the yaml's first lines round them.
    const stated = (row: string) => {
      const cells = new RegExp(`^\\| ${row} \\| (\\d+) % \\| (\\d+) % \\|$`, 'm').exec(read('docs/nat.md'))!;
      return Number(cells[1 + TRANSPORTS.indexOf(transport)]);
    };
    t.is(Math.round((100 * direct) / all), stated('reached directly'));
    t.is(Math.round((100 * punched) / (all - direct)), stated('a hole was punched, of those not reached directly'));
    t.true(failed / all < 0.01);
  }
});
