/** The machines that a system's operator runs besides the peers. */

import test from 'ava';
import { summarise } from '../../src/metrics/summary.js';
import type { Address } from '../../src/protocol.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { measuresWith, scenarioWith } from '../helpers/measures.js';
import { type Puppet, puppet, type Script } from '../helpers/puppet.js';
import { type TestnetOptions, testnet } from '../helpers/testnet.js';

const PEERS = 40;
const net = (script: Script, options: Partial<TestnetOptions> = {}, servers = 2) =>
  testnet<Puppet>(puppet(script, { servers: () => servers }), { peers: PEERS, start: 'join', ...options });

const faults = (...texts: string[]) => planFaults(texts, { sites: [], peers: PEERS }, (_, error) => error);

test('servers are there besides the peers, whom they change in nothing, and everybody knows their addresses', async (t) => {
  const population: TestnetOptions['population'] = {
    session: { kind: 'exponential', meanMs: 5000 },
    downtime: { kind: 'exponential', meanMs: 5000 },
    massFailures: [{ atMs: 10_000, share: 0.9 }],
  };
  const lives = async (servers: number) => {
    const story: string[] = [];
    const script: Script = { join: (me) => me.peer.isServer || story.push(`${me.peer.now} ${me.peer.name} ${me.peer.address}`) };
    const running = await net(script, { population, topology: loadTopology('home-users-nat') }, servers);
    running.run(30_000);
    for (let server = PEERS; server < PEERS + servers; server++) {
      const { peer } = running.peer(server)!;
      t.is(peer.name, `s${server - PEERS}`);
      t.true(peer.isServer && peer.reachable);
      t.is(peer.uplinkBitsPerSecond, Number.POSITIVE_INFINITY);
      t.is(running.shard.session(server)!.number, 1, 'nobody comes or goes but peers');
      t.is(running.address(server), peer.servers[server - PEERS]);
    }
    return story;
  };
  const without = await lives(0);
  t.true(without.length > PEERS);
  t.deepEqual(await lives(3), without);
});

test('nobody finds a server by chance, servers share and ask nothing, and what they get is told apart', async (t) => {
  const contacts = new Set<Address>();
  const running = await net(
    {
      join: (me) => {
        for (const address of me.peer.bootstrap(PEERS)) contacts.add(address);
        if (!me.peer.isServer) me.peer.every(1000, () => me.peer.send(me.peer.servers[0], { type: 'a' }));
      },
      publish: (me) => t.false(me.peer.isServer),
      locate: (me) => t.false(me.peer.isServer),
    },
    { locate: { files: 10, perPeer: 2 }, measureMs: 10_000, drainMs: 1000 },
  );
  running.run(11_000);
  t.is(contacts.size, PEERS);
  t.false(contacts.has(running.address(PEERS)));
  t.is(running.shard.population.upCount, PEERS);
});

test('a fault that names servers hits them, one that does not spares them; restart brings them back', async (t) => {
  const running = await net({}, { faults: faults('at 1s crash 100%', 'at 2s crash server 1', 'at 3s restart', 'at 4s crash servers') });
  const up = () => [PEERS, PEERS + 1].map((server) => running.peer(server) !== undefined);
  running.run(1500);
  t.is(running.shard.population.upCount, 0);
  t.deepEqual(up(), [true, true]);
  running.run(2500);
  t.deepEqual(up(), [true, false]);
  running.run(3500);
  t.is(running.shard.population.upCount, PEERS);
  t.deepEqual(up(), [true, true]);
  running.run(4500);
  t.deepEqual(up(), [false, false]);
  t.deepEqual(
    running.shard.faults.records().map(({ peersHit, says }) => [says, peersHit]),
    [
      ['crash 100%', PEERS],
      ['crash servers 1', 1],
      ['restart', PEERS + 1],
      ['crash servers', 2],
    ],
  );
});

test('a protocol without servers is not hit where they are', async (t) => {
  const running = await net({}, { faults: faults('at 1s crash servers') }, 0);
  running.run(2000);
  t.is(running.shard.population.upCount, PEERS);
  t.is(running.shard.faults.records()[0].peersHit, 0);
});

test('what a search costs, its timeouts, its path and its download are told apart, and state is that of peers', async (t) => {
  const running = await net(
    {
      locate: (me, _key, operation) => {
        me.peer.reach();
        me.peer.timedOut();
        me.peer.timedOut();
        me.peer.send(me.peer.servers[0], { type: 'a' });
        operation.found(me.peer.address, 1);
        operation.finish(1);
        operation.downloading();
        me.peer.send(me.peer.servers[0], { type: 'b' });
        operation.obtained();
      },
    },
    { locate: { files: 10, replicas: 40, perPeer: 1 }, measureMs: 10_000, drainMs: 1000 },
  );
  running.run(11_000);
  const report = running.shard.report(running.shard.progress(false));
  t.is(report.operations.length / PEERS, 16);
  const scenario = scenarioWith({ peers: PEERS });
  t.is(summarise(scenario, measuresWith([], []), '1').state, null);
  const ledger = running.shard.meter.report();
  t.is(ledger.caused[4 + 0], 1, 'one message for the query; the one for the download is not its');
  t.is(ledger.caused[4 + 2], 1);
  t.is(ledger.caused[4 + 3], 2);
});
