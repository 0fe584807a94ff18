/** Walkers, rings and floods, message by message. The paper's figures are in test/published/random-walk.test.ts. */

import test from 'ava';
import fc from 'fast-check';
import { Stream } from '../../src/kernel/random.js';
import type { Address } from '../../src/protocol.js';
import randomWalk from '../../src/protocols/random-walk/index.js';
import type { Check, Query, Walk } from '../../src/protocols/random-walk/messages.js';
import { PING, sizeOf } from '../../src/protocols/random-walk/messages.js';
import type { Searcher } from '../../src/protocols/random-walk/searcher.js';
import type { WalkSettings } from '../../src/protocols/random-walk/settings.js';
import { Trails } from '../../src/protocols/random-walk/trails.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { type FakeHost, FakeNetwork, FakeOperation, itemOf, settingsOf } from '../helpers/fake-network.js';
import { testnet } from '../helpers/testnet.js';

type Host = FakeHost<Searcher>;
const KEY = 4711;
const QUIET = { keepAliveMs: 0 };

function converged(count: number, settings: Partial<WalkSettings> = {}): { net: FakeNetwork; hosts: Host[] } {
  const net = new FakeNetwork({ seed: 2 });
  return { net, hosts: net.converge(count, randomWalk, { ...QUIET, ...settings }) };
}

function ask(net: FakeNetwork, host: Host, key = KEY, forMs = 60_000): FakeOperation {
  const operation = new FakeOperation(key);
  host.protocol.locate(key, operation);
  net.run(net.now + forMs);
  return operation;
}

test('k walkers are dealt out to the neighbours in turn, and end when their TTL does', (t) => {
  const { net, hosts } = converged(100, { walkers: 6, ttl: 10, checkEvery: 0 });
  ask(net, hosts[3]);
  const walks = net.sentOf<Walk>('walk');
  t.is(walks.length, 6 * 10);
  for (const { message } of walks) t.is(message.ttl + message.hops, 10);
  const first = walks.filter(({ message }) => message.hops === 0).map(({ to }) => to);
  t.is(new Set(first.slice(0, 4)).size, 4, 'each neighbour has one before any has two');
  t.is(net.counters.get('walks-expired'), 6);
  t.is(net.sent.length, walks.length, 'nobody was told anything');
});

test('a walker does not go back where it came from, unless there is no other way', (t) => {
  const { net, hosts } = converged(60, { walkers: 1, ttl: 200, checkEvery: 0 });
  ask(net, hosts[0]);
  const walks = net.sentOf<Walk>('walk');
  t.is(walks.length, 200);
  for (let i = 1; i < walks.length; i++) {
    t.is(walks[i].from, walks[i - 1].to);
    t.not(walks[i].to, walks[i - 1].from);
  }
  const line = converged(3, { wiring: 'tree', degree: 2, walkers: 1, ttl: 6, checkEvery: 0 }); // 1 - 0 - 2
  ask(line.net, line.hosts[1]);
  t.deepEqual(
    line.net.sentOf<Walk>('walk').map(({ to }) => line.net.hostAt(to)!.index),
    [0, 2, 0, 1, 0, 2],
  );
});

test('walkers check back with the origin at every fourth step, and go on only when it says so', (t) => {
  const { net, hosts } = converged(200, { walkers: 3, ttl: 20 });
  ask(net, hosts[0]);
  const checks = net.sentOf<Check>('check');
  t.true(checks.length <= 3 * 4 && checks.length >= 3 * 3, 'at 4, 8, 12 and 16 of 20, but for those who stood before the origin then');
  t.true(checks.every(({ to }) => to === hosts[0].address));
  t.is(net.sentOf('answer').length, checks.length);

  const closed = new FakeOperation(KEY);
  net.sent.length = 0;
  hosts[0].protocol.locate(KEY, closed);
  net.run(net.now + 25);
  closed.open = false;
  net.run(net.now + 60_000);
  t.true(net.sentOf('walk').length <= 3 * 4, 'called off at the first check');
});

test('one finds it: the origin is told at once, and the others stop at their next check', (t) => {
  const { net, hosts } = converged(100, { walkers: 8 });
  hosts[50].protocol.publish(KEY, itemOf(KEY));
  hosts[51].protocol.publish(KEY, itemOf(KEY));
  const operation = ask(net, hosts[0]);
  const [answer] = operation.answers;
  t.is(operation.answers.length, 1);
  t.is(operation.finishedHops, answer.hops);
  const walks = net.sentOf<Walk>('walk');
  t.true(walks.length <= 8 * (answer.hops + 8), `${walks.length} steps, found after ${answer.hops}`);
  t.is(net.counters.get('walks-expired'), undefined);
});

test('results: several providers, each told once', (t) => {
  const { net, hosts } = converged(100, { walkers: 8, results: 3 });
  for (const index of [20, 40, 60, 80]) hosts[index].protocol.publish(KEY, itemOf(KEY));
  const { answers, open } = ask(net, hosts[0]);
  t.is(answers.length, 3);
  t.is(new Set(answers.map(({ provider }) => provider)).size, 3);
  t.false(open);
});

test('words: a match that is not what is wanted does not end the search', (t) => {
  const { net, hosts } = converged(60, { walkers: 2 });
  for (let index = 10; index < 40; index++) hosts[index].protocol.publish(1000 + index, itemOf(1000 + index, [1, 2]));
  hosts[50].protocol.publish(KEY, itemOf(KEY, [1, 3]));
  const operation = new FakeOperation(KEY, [1]);
  hosts[0].protocol.locate(KEY, operation);
  net.run(net.now + 60_000);
  t.deepEqual(
    operation.answers.map(({ provider }) => provider),
    [hosts[50].address],
  );
});

test('the origin crashes: nobody answers, and its walkers end after one more try', (t) => {
  const { net, hosts } = converged(200, { walkers: 4 });
  hosts[0].protocol.locate(KEY, new FakeOperation(KEY));
  net.run(20);
  net.crash(0);
  net.run(net.now + 60_000);
  const walks = net.sentOf('walk').length;
  t.true(walks <= 16);
  t.is(net.counters.get('walks-orphaned'), 4);
  t.is(
    hosts.reduce((sum, host) => sum + host.timeouts, 0),
    4,
  );
});

test('state keeping: a peer sends walkers of one search to all its neighbours before any gets a second', (t) => {
  const { net, hosts } = converged(150, { walkers: 24, ttl: 60, checkEvery: 0, keepState: true });
  ask(net, hosts[0]);
  const walks = net.sentOf<Walk>('walk');
  const arrivals = new Map<Address, Address[]>();
  for (const [i, { from, to }] of walks.entries()) {
    if (i < 24) continue; // the origin deals its own out
    const sent = arrivals.get(from) ?? [];
    if (sent.includes(to)) t.true(sent.length >= 3 || hosts[0].address === from, 'all that it could choose from have had one');
    sent.push(to);
    arrivals.set(from, sent);
  }
  t.true([...arrivals.values()].some((sent) => sent.length > 4));
});

test('trails remember for a while, whatever is asked in what order', (t) => {
  const step = fc.record({ search: fc.nat(5), neighbour: fc.nat(5), afterMs: fc.nat(900) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const trails = new Trails(1000);
      const added: { search: number; neighbour: number; atMs: number }[] = [];
      let now = 0;
      for (const { search, neighbour, afterMs } of steps) {
        now += afterMs;
        trails.add(search, neighbour, now);
        added.push({ search, neighbour, atMs: now });
        for (const other of [0, 1, 2, 3, 4, 5]) {
          const remembered = trails.of(other, now);
          const young = added.filter((each) => each.search === other && now - each.atMs <= 1000);
          for (const each of young) t.true(remembered.includes(each.neighbour));
          t.is(new Set(remembered).size, remembered.length);
        }
      }
    }),
    { numRuns: 50 },
  );
});

test('expanding ring: TTL 1, 3, 5 ..., each after the time for its way, until one is answered or the last was sent', (t) => {
  const settings = { search: 'expanding-ring', wiring: 'tree', degree: 2, ringGiveUpTtl: 6 } as const;
  const { net, hosts } = converged(127, settings);
  hosts[14].protocol.publish(KEY, itemOf(KEY)); // depth 3
  const { answers } = ask(net, hosts[0]);
  const first = () => net.sentOf<Query>('query').filter(({ from, message }) => from === hosts[0].address && message.hops === 0);
  t.deepEqual(answers, [{ provider: hosts[14].address, hops: 3 }]);
  t.deepEqual([...new Set(first().map(({ atMs, message }) => `${message.ttl} at ${atMs}`))], ['1 at 0', '3 at 400']);
  t.is(net.sentOf('query').length, 2 + 14);
  const reached = hosts.filter((host) => host.reached > 0);
  t.is(reached.length, 14);
  t.true(
    reached.every((host) => host.reached === 1),
    'the second ring reaches the first again, which is nothing new',
  );

  net.sent.length = 0;
  t.true(ask(net, hosts[0], 99).open, 'it cannot know that there is none');
  t.deepEqual([...new Set(first().map(({ message }) => message.ttl))], [1, 3, 5, 6]);
});

test('flood: TTL = T reaches distance T, and a copy of what is known goes no further', (t) => {
  const { net, hosts } = converged(121, { search: 'flood', wiring: 'tree', degree: 3, floodTtl: 3 });
  ask(net, hosts[0]);
  t.is(net.sentOf('query').length, 39);
  t.is(hosts.filter((host) => host.reached > 0).length, 39);
});

test('who has no neighbour yet asks as soon as it has one; who is alone is taken in above the maximum', (t) => {
  const { net, hosts } = converged(10, { degree: 9, maximumNeighbours: 9 });
  hosts[5].protocol.publish(KEY, itemOf(KEY));
  const newcomer = net.addPeer(randomWalk, QUIET) as unknown as Host;
  newcomer.protocol.join();
  t.is(ask(net, newcomer).answers.length, 1);
  t.true(newcomer.protocol.neighbours().length >= 1);
});

test('behind NAT: a neighbour stands in for the origin, another speaks for the holder; files are fetched through a push', async (t) => {
  const { nat } = loadTopology('home-users-nat');
  const net = await testnet<Searcher>('random-walk', { peers: 60, topology: { nat } });
  net.run(60_000);
  const all = Array.from({ length: 60 }, (_, index) => index);
  const hidden = all.filter((index) => !net.shard.addresses.reachable(index));
  const open = all.filter((index) => net.shard.addresses.reachable(index));
  t.true(hidden.length > 30 && open.length > 7);
  for (const index of hidden) {
    const neighbours = net.peer(index)!.neighbours();
    t.true(neighbours.length > 0);
    for (const neighbour of neighbours) t.true(open.includes(net.shard.addresses.peerOf(neighbour)));
  }
  net.publish(hidden[0], 1, [1], 50_000);
  net.publish(open[0], 2, [2], 50_000);
  const searches = [
    net.locate(hidden[5], 1), // knowing is possible, fetching is not
    net.locate(open[5], 1, [1], 50_000),
    net.locate(hidden[6], 2, [2], 50_000),
    net.locate(open[6], 2, [2], 50_000),
  ];
  net.runFor(60_000);
  t.deepEqual(
    searches.map(({ providers }) => providers.length),
    [1, 1, 1, 1],
  );
  t.deepEqual(
    searches.map(({ obtainedMs }) => obtainedMs > 0),
    [false, true, true, true],
  );
  t.is(net.shard.meter.report().counters['callbacks-asked'], 1);
});

test('what is malformed, late or from strangers harms nobody', (t) => {
  const { net, hosts } = converged(20);
  const stranger = net.addPeer(randomWalk, QUIET) as unknown as Host;
  const question = { search: 7, origin: stranger.address, ttl: 9, hops: 0, words: [KEY] };
  for (const message of [
    { type: 'walk', ...question },
    { type: 'query', ...question, ring: 0 },
    { type: 'check', search: 8, call: 1, back: [] },
    { type: 'answer', call: 99, goOn: true, back: [] },
    { type: 'push', key: KEY, token: 1, address: stranger.address, back: [] },
    { type: 'stand-in', search: 7 },
  ] as const) {
    stranger.send(hosts[0].address, message);
  }
  net.run(10_000);
  t.is(hosts[0].reached, 0);
  t.is(net.sentOf('walk').length, 1, 'only its own');
});

test('peers crash, leave and come back: what there is is still found', (t) => {
  const { net, hosts } = converged(80, { keepAliveMs: 5000 });
  const random = new Stream(5, 0, 'population');
  for (let change = 0; change < 200; change++) {
    net.run(net.now + random.exponential(9000));
    const host = random.pick(hosts);
    if (!host.up) host.start().join();
    else if (random.next() < 0.5) net.crash(host.index);
    else net.leave(host.index);
  }
  for (const host of hosts) if (!host.up) host.start().join();
  net.run(net.now + 300_000);
  for (const host of hosts) t.true(host.protocol.neighbours().length >= 4);
  hosts[10].protocol.publish(KEY, itemOf(KEY));
  t.is(ask(net, hosts[50]).answers.length, 1);
});

test('bytes on the wire', (t) => {
  const settings = settingsOf(randomWalk, { nameBytes: 20 });
  const question = { search: 1, origin: 1, ttl: 9, hops: 0, words: [1] };
  t.is(sizeOf({ type: 'walk', ...question }, settings), 5 + 16 + 6 + 4 + 21);
  t.is(sizeOf({ type: 'query', ...question, ring: 0 }, settings), 5 + 16 + 6 + 4 + 21 + 1);
  const check = { type: 'check', search: 1, call: 1, back: [] as number[] } as const;
  t.is(sizeOf(check, settings), 5 + 16 + 4 + 1);
  t.is(sizeOf({ ...check, back: [1, 2] }, settings), 5 + 16 + 4 + 1 + 12);
  t.is(sizeOf({ type: 'forward', origin: 1, report: check }, settings), 5 + 6 + 26);
  t.is(sizeOf({ type: 'answer', call: 1, goOn: true, back: [] }, settings), 5 + 4 + 1 + 1);
  const hit = { type: 'hit', search: 1, call: 1, back: [], provider: 1, reachable: true, hops: 1, keys: [1, 2] } as const;
  t.is(sizeOf(hit, settings), 5 + 16 + 4 + 1 + 6 + 1 + 4 + 1 + 2 * 30);
  t.is(sizeOf(PING, settings), 5);
});
