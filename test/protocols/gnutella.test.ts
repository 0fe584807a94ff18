/** Gnutella's links and floods, message by message. What courses say literally is in test/slides/gnutella.test.ts. */

import test, { type ExecutionContext } from 'ava';
import { runScenario } from '../../src/coordinator/run.js';
import { Stream } from '../../src/kernel/random.js';
import { BYE, CONNECT } from '../../src/overlay/links/messages.js';
import { Problem } from '../../src/problem.js';
import type { Address, ClaimContext } from '../../src/protocol.js';
import gnutella from '../../src/protocols/gnutella/index.js';
import { type Hit, KEEP_ALIVE, type Ping, type Pong, type Push, type Query, sizeOf } from '../../src/protocols/gnutella/messages.js';
import type { Servent } from '../../src/protocols/gnutella/servent.js';
import type { GnutellaSettings } from '../../src/protocols/gnutella/settings.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { type FakeHost, FakeNetwork, FakeOperation, itemOf, settingsOf } from '../helpers/fake-network.js';
import { behind, OPEN } from '../helpers/nat-world.js';
import { testnet } from '../helpers/testnet.js';
import { worldScenario } from '../helpers/worlds.js';

type Host = FakeHost<Servent>;
const KEY = 4711;
const links = (host: Host) => [...host.protocol.neighbours()];
const linkOf = (host: Host, other: Host) => host.ends.find(({ remote }) => remote === other.address) ?? null;
const CHURN = {
  session: { kind: 'exponential', meanMs: 30_000 },
  downtime: { kind: 'exponential', meanMs: 10_000 },
  crashShare: 0.5,
} as const;
const minutes = (count: number) => count * 60_000;

function joined(count: number, settings: Partial<GnutellaSettings> = {}, everyMs = 100): { net: FakeNetwork; hosts: Host[] } {
  const net = new FakeNetwork({ seed: 2 });
  const hosts: Host[] = [];
  for (let i = 0; i < count; i++) {
    const host = net.addPeer(gnutella, settings);
    host.protocol.join();
    hosts.push(host);
    net.run(net.now + everyMs);
  }
  return { net, hosts };
}

function converged(count: number, settings: Partial<GnutellaSettings> = {}): { net: FakeNetwork; hosts: Host[] } {
  const net = new FakeNetwork({ seed: 2 });
  return { net, hosts: net.converge(count, gnutella, settings) };
}

function ask(net: FakeNetwork, host: Host, key = KEY): FakeOperation {
  const operation = new FakeOperation(key);
  host.protocol.locate(key, operation);
  net.run(net.now + 10_000);
  return operation;
}

/** Both ends of every link know it, all live peers hang together, nobody has too many. */
function assertSound(t: ExecutionContext, net: FakeNetwork, hosts: Host[], maximum = 9): void {
  const live = hosts.filter((host) => host.up);
  const seen = new Set<Address>([live[0].address]);
  for (const address of seen) for (const next of links(net.hostAt(address) as Host)) seen.add(next);
  t.is(seen.size, live.length, 'connected');
  for (const host of live) {
    const neighbours = links(host);
    t.true(neighbours.length <= maximum);
    t.is(new Set(neighbours).size, neighbours.length);
    for (const neighbour of neighbours) {
      const other = net.hostAt(neighbour) as Host;
      t.true(other.up && links(other).includes(host.address), `${host.name} and ${other.name} both know their link`);
    }
  }
}

test('peers that join one by one end up with the neighbours they want, fewer than 10, in one overlay', (t) => {
  const { net, hosts } = joined(100);
  net.run(net.now + minutes(2));
  assertSound(t, net, hosts);
  for (const host of hosts) t.true(links(host).length >= 4, `${host.name} has ${links(host).length}`);
  hosts[60].protocol.publish(KEY, itemOf(KEY));
  t.deepEqual(
    ask(net, hosts[3]).answers.map((answer) => answer.provider),
    [hosts[60].address],
  );
});

test('all join at once: wiring join', (t) => {
  const { net, hosts } = converged(80, { wiring: 'join' });
  t.true(hosts.every((host) => links(host).length === 0));
  net.run(minutes(2));
  assertSound(t, net, hosts);
  for (const host of hosts) t.true(links(host).length >= 4);
});

test('a joining peer tries candidates in turn: the dead are given up, the full refuse and name others', (t) => {
  const net = new FakeNetwork({ seed: 1 });
  const settings = { desiredNeighbours: 1, maximumNeighbours: 1, bootstrapHosts: 1, keepAliveMs: 0, pingMs: 0 };
  const [full, ghost] = [net.addPeer(gnutella, settings), net.addPeer(gnutella, settings)];
  ghost.bootstrap = () => [full.address];
  ghost.protocol.join();
  net.run(100);
  net.crash(ghost.index); // nobody notices: the one place of the other is taken
  const free = net.addPeer(gnutella, settings);
  const dead = net.addPeer(gnutella, settings);
  const newcomer = net.addPeer(gnutella, settings);
  newcomer.bootstrap = () => [dead.address];
  net.crash(dead.index);
  net.sent.length = 0;
  net.asked.length = 0;
  newcomer.protocol.join();
  net.run(net.now + 2999);
  t.deepEqual(
    net.asked.map((asked) => asked.to),
    [dead.address],
    'one at a time',
  );
  newcomer.bootstrap = () => [full.address];
  net.run(net.now + 42); // the handshake, the question, and the answer
  t.is(net.counters.get('connects-timed-out'), 1);
  t.is(net.sentOf('refuse').length, 1);
  t.deepEqual(net.sentOf<{ type: 'refuse'; hosts: Address[] }>('refuse')[0].message.hosts, [ghost.address], 'its neighbour');
  newcomer.bootstrap = () => [free.address];
  net.run(net.now + 4000);
  t.deepEqual(
    net.asked.map((asked) => asked.to),
    [dead, full, ghost, free].map((host) => host.address),
    'the ghost was named by the refusal',
  );
  t.deepEqual(links(newcomer), [free.address]);
  t.deepEqual(links(free), [newcomer.address]);
});

test('a peer that nobody takes does not hammer: ten tries, then a rest', (t) => {
  const net = new FakeNetwork({ seed: 1 });
  const full = Array.from({ length: 30 }, () =>
    net.addPeer(gnutella, { maximumNeighbours: 1, desiredNeighbours: 1, pingMs: 0, keepAliveMs: 0 }),
  );
  for (let i = 0; i < 30; i += 2) {
    full[i].bootstrap = () => [full[i + 1].address];
    full[i].protocol.join();
  }
  net.run(100);
  net.sent.length = 0;
  const newcomer = net.addPeer(gnutella);
  newcomer.protocol.join();
  net.run(9_000);
  t.is(net.sentOf('connect').length, 10);
  t.is(net.sentOf('refuse').length, 10);
  net.run(19_000);
  t.is(net.sentOf('connect').length, 20);
});

test('alone in the world: no messages, and a neighbour as soon as somebody comes', (t) => {
  const { net, hosts } = joined(1);
  net.run(minutes(10));
  t.is(net.sent.length, 0);
  const second = net.addPeer(gnutella);
  second.protocol.join();
  net.run(net.now + 100);
  assertSound(t, net, [hosts[0], second]);
});

test('in a quiet overlay keep-alive loses nobody, and costs one ping and one pong a link and period', (t) => {
  const { net, hosts } = converged(50, { pingMs: 0 });
  const before = hosts.map(links);
  net.run(minutes(10));
  t.deepEqual(hosts.map(links), before);
  t.deepEqual([...net.counters], []);
  const perLinkAndPeriod = net.sentOf('ping').length / (100 * 40);
  t.true(perLinkAndPeriod > 0.4 && perLinkAndPeriod < 1.6, `${perLinkAndPeriod} pings`);
  t.is(net.sentOf('pong').length, net.sentOf('ping').length);
});

test('a crashed neighbour is noticed by its silence, and replaced', (t) => {
  const { net, hosts } = converged(50);
  const bereaved = links(hosts[7]).map((address) => net.hostAt(address) as Host);
  net.run(minutes(1));
  net.crash(7);
  net.run(net.now + 30_000);
  t.true(
    bereaved.every((host) => links(host).includes(hosts[7].address)),
    'not yet',
  );
  net.run(net.now + 60_000);
  t.is(net.counters.get('neighbours-timed-out'), 4);
  assertSound(t, net, hosts);
  t.true(bereaved.every((host) => links(host).length >= 4));
});

test('who leaves says bye, and is forgotten at once', (t) => {
  const { net, hosts } = converged(50);
  const left = links(hosts[7]).map((address) => net.hostAt(address) as Host);
  net.run(1000);
  net.sent.length = 0;
  net.leave(7);
  t.is(net.sentOf('bye').length, 4);
  net.run(net.now + 11);
  t.false(left.some((host) => links(host).includes(hosts[7].address)));
  net.run(net.now + minutes(1));
  t.is(net.counters.get('neighbours-timed-out'), undefined);
  assertSound(t, net, hosts);
  t.true(left.every((host) => links(host).length >= 4));
});

test('who crashed and is back before anybody noticed is told apart from who was there before', (t) => {
  const { net, hosts } = converged(50);
  net.run(1000);
  net.crash(7);
  hosts[7].start().join();
  net.run(net.now + minutes(2));
  assertSound(t, net, hosts);
  t.true(links(hosts[7]).length >= 4);
});

test('two who ask each other at the same time become neighbours once', (t) => {
  for (const laterMs of [0, 5, 15, 25, 35]) {
    const net = new FakeNetwork({ seed: 1 });
    const [a, b] = [net.addPeer(gnutella), net.addPeer(gnutella)];
    a.protocol.join();
    net.run(laterMs);
    b.protocol.join();
    net.run(1000);
    t.deepEqual([links(a), links(b)], [[b.address], [a.address]], `${laterMs} ms later`);
    assertSound(t, net, [a, b]);
  }
});

test('who connects and does not say what for is shown the door', (t) => {
  const { net, hosts } = joined(1, { keepAliveMs: 0, pingMs: 0 });
  const silent = net.addPeer(gnutella);
  silent.protocol.onOpen = () => {};
  const reasons: string[] = [];
  silent.protocol.onClose = (_connection, reason) => void reasons.push(`${net.now} ${reason}`);
  const asked = net.now;
  silent.connect(hosts[0].address);
  net.run(net.now + minutes(1));
  t.deepEqual(reasons, [`${asked + 3000 + 40} reset`], 'three seconds after the third of the handshake, and on the way back');
});

test('a neighbour that closes or resets its end is none at once', (t) => {
  for (const end of ['close', 'reset'] as const) {
    const { net, hosts } = converged(2, { pingMs: 0 });
    net.run(1000);
    net.asked.length = 0;
    linkOf(hosts[1], hosts[0])?.[end]();
    net.run(net.now + 11);
    t.deepEqual(
      net.asked.map(({ from, to }) => [from, to]),
      [[hosts[0].address, hosts[1].address]],
      'the only one: it looks for another at once',
    );
  }
});

test('a ping of seven hops is answered by everybody within reach, over the way it came, and teaches hosts', (t) => {
  const { net, hosts } = converged(60, { wiring: 'tree', degree: 2, pingMs: 60_000, pingTtl: 7, keepAliveMs: 0, hostCacheEntries: 100 });
  const root = hosts[0];
  for (let i = 1; i < 60; i++) hosts[i].protocol.publish(i, itemOf(i));
  // Only the root's own flood: whoever ticks first.
  let own: Ping | undefined;
  while (own === undefined) {
    net.sent.length = 0;
    net.run(net.now + 10);
    own = net.sentOf<Ping>('ping').find(({ from, message }) => from === root.address && message.hops === 0)?.message;
  }
  net.run(net.now + 1000);
  const guid = own.guid;
  const pings = net.sentOf<Ping>('ping').filter(({ message }) => message.guid === guid);
  t.is(pings.length, 59);
  t.true(pings.every(({ message }) => message.ttl + message.hops === 7));
  const home = net.sentOf<Pong>('pong').filter(({ to, message }) => message.guid === guid && to === root.address);
  t.is(home.length, 59);
  for (const { message } of home) {
    const index = (net.hostAt(message.address) as Host).index;
    t.is(message.hops + 1, Math.floor(Math.log2(index + 1)), 'the depth in the tree');
    t.is(message.files, 1);
  }
});

test('hosts learned by pongs replace a lost neighbour without the bootstrap', (t) => {
  const { net, hosts } = converged(40, { pingMs: 5000 });
  net.run(20_000);
  for (const host of hosts) host.bootstrap = () => t.fail('no need') as never;
  net.leave(3);
  net.run(net.now + 20_000);
  assertSound(t, net, hosts);
  t.true(hosts.every((host) => !host.up || links(host).length >= 4));
});

test('who has no room keeps silent when a flood asks who is there, but answers a neighbour', (t) => {
  const { net, hosts } = joined(2, { desiredNeighbours: 1, maximumNeighbours: 1, pingMs: 0, keepAliveMs: 0 });
  const [a, b] = hosts;
  net.sent.length = 0;
  a.protocol.onMessage(b.address, { type: 'ping', guid: 9, ttl: 2, hops: 0 }, linkOf(a, b));
  t.is(net.sent.length, 0);
  a.protocol.onMessage(b.address, KEEP_ALIVE, linkOf(a, b));
  t.is(net.sentOf('pong').length, 1);
});

test('everybody within the TTL who has the file is found, once each, with its distance', (t) => {
  const { net, hosts } = converged(31, { wiring: 'tree', degree: 2, ttl: 3, pingMs: 0 });
  for (const index of [1, 5, 13, 29]) hosts[index].protocol.publish(KEY, itemOf(KEY));
  const { answers } = ask(net, hosts[0]);
  const found = answers.map(({ provider, hops }) => [(net.hostAt(provider) as Host).index, hops]);
  t.deepEqual(
    found,
    [
      [1, 1],
      [5, 2],
      [13, 3],
    ],
    'peer 29 is four hops away',
  );
  t.is(ask(net, hosts[0], KEY + 1).answers.length, 0);
});

test('copies of a query end where the first has been; the asker does not answer itself', (t) => {
  const { net, hosts } = converged(6, { wiring: 'ring-lattice', degree: 2, pingMs: 0, keepAliveMs: 0 });
  hosts[0].protocol.publish(KEY, itemOf(KEY));
  hosts[3].protocol.publish(KEY, itemOf(KEY));
  const { answers } = ask(net, hosts[0]);
  t.deepEqual(answers, [{ provider: hosts[3].address, hops: 3 }]);
  // Both copies meet at peer 3: the second to arrive stops there.
  t.is(net.sentOf<Query>('query').length, 7);
  t.deepEqual(
    hosts.map((host) => host.reached),
    [0, 1, 1, 1, 1, 1],
  );
});

test('several searches at once do not mix, and a closed one is not told', (t) => {
  const { net, hosts } = converged(20, { pingMs: 0 });
  hosts[1].protocol.publish(1, itemOf(1));
  hosts[2].protocol.publish(2, itemOf(2));
  const operations = [1, 2, 3].map((key) => new FakeOperation(key));
  for (const operation of operations) hosts[9].protocol.locate(operation.key, operation);
  const closed = new FakeOperation(1);
  hosts[9].protocol.locate(1, closed);
  closed.open = false;
  net.run(1000);
  t.deepEqual(
    [...operations, closed].map((operation) => operation.answers.map(({ provider }) => (net.hostAt(provider) as Host).index)),
    [[1], [2], [], []],
  );
});

test('a hit is dropped where the way back leads to a neighbour that is gone', (t) => {
  const { net, hosts } = converged(7, { wiring: 'tree', degree: 2, pingMs: 0, keepAliveMs: 0 });
  hosts[2].protocol.publish(KEY, itemOf(KEY));
  const operation = new FakeOperation(KEY);
  hosts[1].protocol.locate(KEY, operation); // 1 - 0 - 2
  net.run(15);
  net.leave(1); // its bye is at the root before the hit
  net.run(10_000);
  t.is(net.sentOf<Hit>('hit').length, 1);
  t.is(net.counters.get('hits-without-route'), 1);
  t.is(operation.answers.length, 0);
});

test('a stranger is not served, by connection or by datagram', (t) => {
  const { net, hosts } = converged(10, { pingMs: 0, keepAliveMs: 0, degree: 2 });
  const stranger = hosts.find((host) => host !== hosts[0] && !links(hosts[0]).includes(host.address)) as Host;
  const query = { type: 'query', guid: 1, ttl: 7, hops: 0, words: [KEY] } as const;
  stranger.connect(hosts[0].address);
  stranger.protocol.onOpen = (connection) => void connection.send(query);
  stranger.send(hosts[0].address, query);
  net.run(1000);
  t.is(net.sentOf('query').length, 2);
  t.is(hosts[0].reached, 0);
});

test('peers crash, leave and come back for an hour: what is left is one sound overlay', (t) => {
  const { net, hosts } = converged(60, { pingMs: 0 });
  const random = new Stream(5, 0, 'population');
  for (let change = 0; change < 400; change++) {
    net.run(net.now + random.exponential(9000));
    const host = random.pick(hosts);
    if (!host.up) host.start().join();
    else if (random.next() < 0.5) net.crash(host.index);
    else net.leave(host.index);
  }
  for (const host of hosts) if (!host.up) host.start().join();
  net.run(net.now + minutes(5));
  assertSound(t, net, hosts);
  t.true(hosts.every((host) => links(host).length >= 4));
  hosts[10].protocol.publish(KEY, itemOf(KEY));
  t.is(ask(net, hosts[50]).answers.length, 1);
});

test('on the emulator, with loss, jitter, churn and queries, however it starts: nearly every link is known on both sides', async (t) => {
  for (const start of ['converge', 'join'] as const) {
    const net = await testnet<Servent>('gnutella', {
      peers: 150,
      start,
      topology: { loss: 0.01, jitter: 0.3, headerBytes: 28 },
      population: {
        session: { kind: 'exponential', meanMs: minutes(5) },
        downtime: { kind: 'exponential', meanMs: minutes(1) },
        crashShare: 0.5,
      },
      locate: { files: 100, replicas: 5, ratePerPeerPerSecond: 0.002 },
    });
    net.run(minutes(8));
    let live = 0;
    let ends = 0;
    let bothSides = 0;
    for (let index = 0; index < 150; index++) {
      const servent = net.peer(index);
      if (!servent) continue;
      live++;
      const neighbours = servent.neighbours();
      t.true(neighbours.length < 10);
      ends += neighbours.length;
      bothSides += neighbours.filter((address) => net.peer(net.indexOf(address))?.neighbours().includes(net.address(index))).length;
    }
    t.true(ends / live > 4 && ends / live < 7, `${start}: mean degree ${ends / live}`);
    // A crash is noticed after some 50 s; a tenth of the sessions ends so in a minute.
    t.true(bothSides / ends > 0.85, `${start}: ${bothSides} of ${ends} ends`);
    const { started, succeeded } = net.shard.progress(true);
    t.true(started > 100 && succeeded / started > 0.98, `${start}: ${succeeded} of ${started} found`);
  }
});

test('behind gateways: only peers that can be called are called, everybody learns by which address others see it, and all of it is the same on any number of shards', async (t) => {
  const nat = [
    { ...OPEN, share: 0.5 },
    behind({ ports: 'random' }, { name: 'cone', share: 0.3 }),
    behind({ mapping: 'address-and-port-dependent' }, { name: 'symmetric', share: 0.2 }),
  ];
  for (const start of ['converge', 'join'] as const) {
    const options = { peers: 60, start, topology: { nat }, locate: { files: 30, replicas: 3, ratePerPeerPerSecond: 0.05 } } as const;
    const net = await testnet<Servent>('gnutella', options);
    net.run(minutes(1));
    const { addresses } = net.shard;
    let hidden = 0;
    for (let index = 0; index < 60; index++) {
      const servent = net.peer(index)!;
      t.true(servent.neighbours().length > 0, `${index} has a neighbour`);
      for (const neighbour of servent.neighbours()) {
        const other = net.peer(addresses.peerOf(neighbour))!;
        if (!addresses.reachable(index)) t.true(addresses.reachable(addresses.peerOf(neighbour)), 'who is hidden asked an open one');
        t.is(other.neighbours().filter((address) => addresses.peerOf(address) === index).length, 1, 'both ends know the link');
      }
      if (!addresses.reachable(index)) hidden++;
    }
    t.true(hidden > 15);
    const { started, succeeded } = net.shard.progress(true);
    t.true(succeeded / started > 0.95, `${succeeded} of ${started} found: providers behind gateways gave an address that is theirs`);

    const scenario = await worldScenario('gnutella', { ...options, population: CHURN, warmUpMs: 3000, measureMs: 30_000, drainMs: 2000 });
    const digests = new Set<string>();
    for (const shards of [1, 4]) {
      const { measures } = await runScenario(scenario, { shards, strict: shards === 4 });
      t.is(measures.status, 'completed', measures.reason ?? '');
      digests.add(measures.digest);
    }
    t.is(digests.size, 1, [...digests].join(' '));
  }
});

test('a provider that cannot be called says so, and a push takes the way of its hit back to it', (t) => {
  const { net, hosts } = converged(15, { wiring: 'tree', degree: 2, pingMs: 0, keepAliveMs: 0 });
  const provider = hosts[14]; // 7 - 3 - 1 - 0 - 2 - 6 - 14
  Object.assign(provider, { reachable: false });
  provider.protocol.publish(KEY, itemOf(KEY, [KEY], 40_000));
  hosts[8].protocol.publish(KEY, itemOf(KEY, [KEY], 0)); // says it has it, and will not give it
  const operation = new FakeOperation(KEY, [KEY], 40_000);
  hosts[7].protocol.locate(KEY, operation);
  net.run(60_000);
  const index = (address: Address) => net.hostAt(address)!.index;
  const pushes = net.sentOf<Push>('push');
  t.deepEqual(
    pushes.map(({ from, to }) => [index(from), index(to)]),
    [
      [7, 3],
      [3, 1],
      [1, 0],
      [0, 2],
      [2, 6],
      [6, 14],
    ],
  );
  for (const { message } of pushes) t.is(message.ttl + message.hops, 7);
  const hits = net.sentOf<Hit>('hit').map(({ message }) => message);
  t.true(hits.every(({ provider: address, servent }) => (servent !== 0) === (address === provider.address)));
  t.true(operation.isObtained);
  t.deepEqual(net.asked.slice(-1), [{ atMs: net.asked.at(-1)!.atMs, from: provider.address, to: hosts[7].address }], 'it called');
});

test('a push whose way has gone is dropped and counted', (t) => {
  const { net, hosts } = converged(7, { wiring: 'tree', degree: 2, pingMs: 0, keepAliveMs: 0, chooseMs: 1000 });
  Object.assign(hosts[2], { reachable: false });
  hosts[2].protocol.publish(KEY, itemOf(KEY, [KEY], 40_000));
  hosts[1].protocol.locate(KEY, new FakeOperation(KEY, [KEY], 40_000));
  net.run(500);
  net.leave(2);
  net.run(10_000);
  t.is(net.sentOf('push').length, 1);
  t.is(net.counters.get('pushes-without-route'), 1);
});

test('what is found is downloaded, behind gateways as well, unless both are, on the emulator', async (t) => {
  const net = await testnet<Servent>('gnutella', {
    peers: 80,
    topology: { nat: loadTopology('home-users-nat').nat },
    locate: { files: 50, replicas: 6, ratePerPeerPerSecond: 0.02, downloadBytes: 50_000 },
    measureMs: minutes(2),
  });
  net.run(minutes(3));
  const counters = net.shard.meter.report().counters;
  t.true(counters['downloads-begun'] > 100);
  const possible = counters['downloads-begun'] - counters['downloads-impossible']; // both behind NAT
  t.true(counters['downloads-done'] / possible > 0.95, JSON.stringify(counters));
  t.true(counters['callbacks-asked'] > 5);
});

test('bytes on the wire are those of the 0.4 descriptors', (t) => {
  const settings = settingsOf(gnutella, { nameBytes: 20 });
  const flood = { guid: 1, ttl: 7, hops: 0 };
  t.is(sizeOf({ type: 'ping', ...flood }, settings), 23);
  t.is(sizeOf({ type: 'pong', ...flood, address: 1, files: 0 }, settings), 23 + 14);
  t.is(sizeOf({ type: 'query', ...flood, words: [1] }, settings), 23 + 2 + 20 + 1);
  t.is(sizeOf({ type: 'hit', ...flood, provider: 1, keys: [1, 2, 3], servent: 0 }, settings), 23 + 11 + 3 * (8 + 20 + 2) + 7 + 16);
  t.is(sizeOf({ type: 'push', ...flood, servent: 1, key: 1, token: 1, address: 1 }, settings), 23 + 26);
  t.is(sizeOf(CONNECT, settings), 'GNUTELLA CONNECT/0.4\n\n'.length);
  t.is(sizeOf({ type: 'accept', seenAs: 1 }, settings), 'GNUTELLA OK\nRemote-IP: 203.200.113.255:65535\n\n'.length);
  t.is(sizeOf(BYE, settings), 26);
  t.is(sizeOf({ type: 'refuse', hosts: [1, 2] }, settings), 2 * 37 + 26);
});

test('impossible settings are refused in a sentence', (t) => {
  const refused = (count: number, settings: Partial<GnutellaSettings>) =>
    t.throws(() => converged(count, settings), { instanceOf: Problem })?.message;
  t.is(refused(10, { maximumNeighbours: 3 }), 'maximumNeighbours: expected at least desiredNeighbours, 4, got 3');
  t.regex(refused(10, { keepAliveTimeoutMs: 20_000 }) ?? '', /^keepAliveTimeoutMs: expected more than twice keepAliveMs, 30000, got 20000/);
  t.regex(refused(10, { wiring: 'ring-lattice', degree: 3 }) ?? '', /^degree: wiring "ring-lattice" needs an even one/);
  t.regex(refused(10, { wiring: 'file' }) ?? '', /set edges$/);
});

test('its claims hold where they apply, and would fail if the bound were broken', (t) => {
  const [distance, cost] = gnutella.claims ?? [];
  const context = (maxHops: number | null, queries: number, churn = false): ClaimContext<GnutellaSettings> => ({
    peers: 100_000,
    churn,
    settings: settingsOf(gnutella, { maximumNeighbours: 4 }),
    summary: {
      operations: { locate: { started: 10, succeeded: 10, hops: { mean: 3, max: maxHops }, messages: { mean: 1 } } },
      messagesByType: { query: { messages: queries, bytes: 0 } },
    },
  });
  t.false(distance.applies(context(null, 1)));
  t.deepEqual(distance.judge(context(6, 1)), { measured: 6, atMost: 7 });
  t.false(cost.applies(context(6, 1, true)));
  t.true(cost.applies(context(6, 43_720)));
  t.deepEqual(cost.judge(context(6, 43_721)), { measured: 4372.1, atMost: 4372 });
});
