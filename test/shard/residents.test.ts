import test from 'ava';
import type { Everyone } from '../../src/protocol.js';
import { Puppet, puppet, type Script } from '../helpers/puppet.js';
import { type Testnet, type TestnetOptions, testnet } from '../helpers/testnet.js';

const report = (net: Testnet<Puppet>) => net.shard.report(net.shard.progress(false));

test('who is there at time 0 is converged, once, with global knowledge, and not told to join; who comes later joins', async (t) => {
  const joined: [string, number][] = [];
  const calls: Everyone<Puppet, never>[] = [];
  const definition = puppet(
    { join: (me) => joined.push([me.peer.name, me.peer.now]) },
    {
      converge: (everyone) => {
        calls.push({ ...everyone, local: [...everyone.local] });
      },
    },
  );
  const net = await testnet<Puppet>(definition, {
    peers: 10,
    population: { core: 0.6, arrivals: { kind: 'ramp', overMs: 4000 } },
  });
  t.is(calls.length, 1);
  const [everyone] = calls;
  // p6, the first of the ramp, is there at 0 as well.
  t.is(everyone.count, 7);
  t.deepEqual(
    [...everyone.local].map(({ index, protocol }) => [index, protocol.peer.address]),
    Array.from({ length: 7 }, (_, i) => [i, everyone.address(i)]),
  );
  t.deepEqual(joined, []);
  net.run(4000);
  t.deepEqual(joined, [
    ['p7', 1000],
    ['p8', 2000],
    ['p9', 3000],
  ]);
  net.crash(2);
  net.join(2);
  t.deepEqual(joined.at(-1), ['p2', 4000]);
});

test('start: join, or a protocol without converge: everybody joins, after all were made', async (t) => {
  const events: string[] = [];
  const script: Script = { join: (me) => events.push(`join ${me.peer.name}, ${me.peer.bootstrap(9).length} others`) };
  const create = (peer: Puppet['peer']) => {
    events.push(`create ${peer.name}`);
    return new Puppet(peer, script);
  };
  const expected = ['create p0', 'create p1', 'create p2', 'join p0, 2 others', 'join p1, 2 others', 'join p2, 2 others'];
  await testnet<Puppet>(puppet(script, { create, converge: () => t.fail() }), { peers: 3, start: 'join' });
  t.deepEqual(events.splice(0), expected);
  await testnet<Puppet>(puppet(script, { create }), { peers: 3, start: 'converge' });
  t.deepEqual(events, expected);
});

test('a peer that leaves is told and can speak, one that crashes is not; both are down for everybody at once', async (t) => {
  const told: string[] = [];
  const options: TestnetOptions = {
    peers: 400,
    start: 'join',
    population: { session: { kind: 'exponential', meanMs: 1000 }, crashShare: 0.25, core: 0.1 },
  };
  const net = await testnet<Puppet>(puppet({ leave: (me) => told.push(me.peer.name) }), options);
  net.run(20_000);
  t.is(net.shard.population.upCount, 40);
  t.true(Math.abs(told.length - 270) < 40, `${told.length} of 360 said goodbye`);
  t.deepEqual(
    [...report(net).up],
    Array.from({ length: 40 }, (_, i) => i),
  );
});

test('a mass failure crashes its share at its time, whoever it is, without a goodbye', async (t) => {
  let told = 0;
  const net = await testnet<Puppet>(puppet({ leave: () => told++ }), {
    peers: 50,
    start: 'join',
    population: { core: 0.2, massFailures: [{ atMs: 500, share: 0.5 }] },
  });
  net.run(500);
  t.is(net.shard.population.upCount, 50);
  net.run(501);
  t.is(net.shard.population.upCount, 30);
  t.is(told, 0);
  t.is(Array.from({ length: 50 }, (_, i) => net.peer(i)).filter((peer) => peer === undefined).length, 20);
});

test('each session publishes its files anew, once each, within the spread', async (t) => {
  const published: [string, number, number][] = [];
  const net = await testnet<Puppet>(puppet({ publish: (me, key) => published.push([me.peer.name, key, me.peer.now]) }), {
    peers: 20,
    start: 'join',
    locate: { files: 40, replicas: 3, publishSpreadMs: 800 },
  });
  net.run(2000);
  t.is(published.length, 120);
  t.is(new Set(published.map(([name, key]) => `${name} ${key}`)).size, 120);
  t.true(published.every(([, , at]) => at < 800) && published.some(([, , at]) => at > 700) && published.some(([, , at]) => at < 100));
  const mine = published.filter(([name]) => name === 'p7').map(([, key]) => key);
  t.true(mine.length > 0);
  published.length = 0;
  net.crash(7);
  net.run(3000);
  net.join(7);
  net.run(5000);
  t.deepEqual(published.map(([, key]) => key).sort(), mine.sort());
  t.true(published.every(([name, , at]) => name === 'p7' && at >= 3000 && at < 3800));
});

test('what a crashed session had still to publish is not published', async (t) => {
  const published: number[] = [];
  const net = await testnet<Puppet>(puppet({ publish: (me) => published.push(me.peer.now) }), {
    peers: 1,
    start: 'join',
    locate: { files: 100, replicas: 1, publishSpreadMs: 1000 },
  });
  net.run(400);
  net.crash(0);
  net.run(5000);
  t.true(published.length > 20 && published.length < 60, `${published.length} of 100`);
});

test('uptime is counted during measure, to the millisecond', async (t) => {
  const net = await testnet<Puppet>(puppet({}), { peers: 4, start: 'join', warmUpMs: 100, measureMs: 1000, drainMs: 500 });
  net.run(300);
  net.crash(0);
  net.run(700);
  net.leave(1);
  net.join(0);
  net.run(1600);
  net.shard.finish(1600);
  const { measuredPeerMs, measuredMs } = report(net);
  t.is(measuredMs, 1000);
  t.is(measuredPeerMs, 4 * 200 + 3 * 400 + 3 * 400);
});

test('links: what the protocol names as neighbours, as pairs of peer numbers; null when it names none', async (t) => {
  const net = await testnet<Puppet>(puppet({}), { peers: 3, start: 'join' });
  t.is(net.shard.residents.links(), null);
  for (const index of [0, 1, 2]) {
    Object.assign(net.peer(index)!, { neighbours: () => new Set([net.address((index + 1) % 3), net.address(2)]) });
  }
  t.deepEqual([...net.shard.residents.links()!], [0, 1, 0, 2, 1, 2, 2, 0, 2, 2]);
});
