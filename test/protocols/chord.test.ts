/** Chord's parts in their behaviour: joins, departures, lookups around dead peers, the index, virtual nodes. */

import test from 'ava';
import fc from 'fast-check';
import { ringOf } from '../../src/overlay/identifiers.js';
import type { Chord } from '../../src/protocols/chord/chord.js';
import chord from '../../src/protocols/chord/index.js';
import { ManyPlaces } from '../../src/protocols/chord/many-places.js';
import type { AtMessage, ItemsMessage, LookupMessage } from '../../src/protocols/chord/messages.js';
import { wireBytes } from '../../src/protocols/chord/messages.js';
import type { ChordSettings } from '../../src/protocols/chord/settings.js';
import { answeringOwners, isPerfectRing, keyWith, locate, publish, ringWith, STILL } from '../helpers/chord-ring.js';
import { type FakeHost, FakeNetwork, FakeOperation, settingsOf } from '../helpers/fake-network.js';
import { isProblem } from '../helpers/is-problem.js';
import { type TestnetOptions, testnet } from '../helpers/testnet.js';

const LIVELY: Partial<ChordSettings> = {
  stabiliseMs: 500,
  fixFingersMs: 500,
  checkPredecessorMs: 500,
  mergeMs: 5000,
  rpcTimeoutMs: 100,
  lookupTimeoutMs: 2000,
};

/** Peers that join one after the other. */
function grown(count: number, settings: Partial<ChordSettings>, everyMs = 50): { net: FakeNetwork; hosts: FakeHost<Chord>[] } {
  const net = new FakeNetwork({ seed: 5 });
  const hosts: FakeHost<Chord>[] = [];
  for (let i = 0; i < count; i++) {
    const host = net.addPeer(chord, settings) as unknown as FakeHost<Chord>;
    hosts.push(host);
    host.protocol.join();
    net.run(net.now + everyMs);
  }
  return { net, hosts };
}

test('what joins and upkeep reach in the end is what converge builds: successors, predecessors and fingers', (t) => {
  const population = fc.record({
    count: fc.integer({ min: 1, max: 24 }),
    idBits: fc.integer({ min: 5, max: 48 }),
    successors: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(population, ({ count, idBits, successors }) => {
      const settings = { ...LIVELY, idBits, successors };
      const { net, hosts } = grown(count, settings);
      net.run(60_000);
      const attempted = hosts.some((host) => host.protocol.identifier !== ringOf(idBits).identifierAt(host.address));
      const built = new FakeNetwork().converge(count, chord, settings) as unknown as FakeHost<Chord>[];
      return hosts.every((host, i) => {
        const expected = built[i].protocol;
        if (attempted) return isPerfectRing(hosts); // who draws again depends on who came first
        return (
          host.protocol.successors.join() === expected.successors.join() &&
          host.protocol.fingers.join() === expected.fingers.join() &&
          host.protocol.before === expected.before
        );
      });
    }),
    { numRuns: 25 },
  );
  t.pass();
});

test('peers that all arrive at the same moment find together in one ring', (t) => {
  const { net, hosts } = grown(40, LIVELY, 0);
  net.run(120_000);
  t.true(isPerfectRing(hosts));
});

test('two rings that meet become one', (t) => {
  const net = new FakeNetwork();
  const hosts = Array.from({ length: 20 }, () => net.addPeer(chord, LIVELY) as unknown as FakeHost<Chord>);
  const everybody = hosts.map((host) => host.address);
  for (const [i, host] of hosts.entries())
    host.bootstrap = () => [i % 2 ? hosts[1].address : hosts[0].address].filter((address) => address !== host.address);
  for (const host of hosts) {
    host.protocol.join();
    net.run(net.now + 500);
  }
  net.run(30_000);
  t.true(isPerfectRing(hosts.filter((_, i) => i % 2 === 0)));
  t.false(isPerfectRing(hosts));
  for (const host of hosts) host.bootstrap = () => [everybody[(host.index + 7) % 20]];
  net.run(120_000);
  t.true(isPerfectRing(hosts));
});

test('every fourth peer crashes at once: the ring closes again, dead peers vanish from all tables', (t) => {
  const { net, hosts } = ringWith([], { ...LIVELY, idBits: 32 });
  t.is(hosts.length, 0);
  const all = net.converge(64, chord, LIVELY) as unknown as FakeHost<Chord>[];
  for (let i = 0; i < 64; i += 4) net.crash(i);
  net.run(60_000);
  t.true(isPerfectRing(all));
  const gone = new Set(all.filter((host) => !host.up).map((host) => host.address));
  for (const host of all) if (host.up) t.false([...host.protocol.neighbours()].some((address) => gone.has(address)));
});

test('peers that leave politely hand over keys and neighbours: nothing is lost, nobody times out', (t) => {
  const ring = ringWith(
    Array.from({ length: 20 }, (_, i) => i * 12),
    { ...LIVELY, idBits: 8, replicas: 0, checkPredecessorMs: 0 },
  );
  const keys = Array.from({ length: 60 }, (_, i) => keyWith((i * 53) % 256, 8) + i);
  for (const key of keys) ring.hosts[0].protocol.publish(key);
  ring.net.run(2000);
  for (const index of [7, 13, 2]) {
    ring.net.leave(index);
    ring.net.run(ring.net.now + 50);
    t.true(
      isPerfectRing(ring.hosts.map((host) => host)) ||
        ring.hosts.filter((host) => host.up).every((host) => ring.net.hostAt(host.protocol.successor)!.up),
    );
  }
  for (const key of keys)
    t.deepEqual(
      locate(ring, ring.hosts[4], key).answers.map((answer) => answer.provider),
      [ring.hosts[0].address],
    );
});

test('an abrupt end of the owner loses the entry until the next republish without replicas, and never with two', (t) => {
  for (const replicas of [0, 2]) {
    const ring = ringWith(
      Array.from({ length: 16 }, (_, i) => i * 16),
      { ...LIVELY, idBits: 8, replicas, republishMs: 60_000 },
    );
    const key = keyWith(100, 8);
    publish(ring, ring.at(0), key);
    ring.net.crash(ring.at(112).index);
    const soon = locate(ring, ring.at(16), key);
    t.is(soon.answers.length, replicas === 0 ? 0 : 1, `replicas ${replicas}`);
    ring.net.run(200_000);
    t.is(locate(ring, ring.at(16), key).answers.length, 1);
  }
});

test('an entry expires when its provider is gone, and goes at once when the provider says so', (t) => {
  const ring = ringWith([0, 64, 128, 192], { ...LIVELY, idBits: 8, replicas: 0, expiryMs: 30_000, republishMs: 10_000 });
  const key = keyWith(100, 8);
  publish(ring, ring.at(0), key);
  publish(ring, ring.at(64), key);
  ring.net.run(60_000);
  t.is(locate(ring, ring.at(192), key).answers.length, 2, 'kept alive by republishing');
  ring.net.leave(ring.at(64).index);
  t.deepEqual(
    locate(ring, ring.at(192), key).answers.map((answer) => answer.provider),
    [ring.at(0).address],
  );
  ring.net.crash(ring.at(0).index);
  t.is(locate(ring, ring.at(192), key).answers.length, 1, 'nobody can know yet');
  ring.net.run(ring.net.now + 60_000);
  const after = locate(ring, ring.at(192), key);
  t.is(after.answers.length, 0);
  t.false(after.open, 'a definite nobody');
});

for (const lookup of ['recursive', 'iterative'] as const) {
  test(`${lookup} lookups find a way around dead peers before anybody has repaired a table`, (t) => {
    const net = new FakeNetwork({ seed: 9 });
    const settings = {
      ...STILL,
      lookup,
      hopAcks: true,
      successors: 6,
      rpcTimeoutMs: 100,
      lookupTimeoutMs: 5000,
      lookupRetries: 3,
      replicas: 5,
    };
    const hosts = net.converge(200, chord, settings) as unknown as FakeHost<Chord>[];
    const keys = Array.from({ length: 100 }, () => net.hosts[0].random.identifier());
    for (const key of keys) hosts[0].protocol.publish(key);
    net.run(5000);
    for (let i = 1; i < 200; i += 4) net.crash(i);
    const operations = keys.map((key, i) => {
      const operation = new FakeOperation(key);
      hosts[(i * 4) % 200].protocol.locate(key, operation);
      return operation;
    });
    net.run(60_000);
    t.is(operations.filter((operation) => operation.answers[0]?.provider === hosts[0].address).length, 100);
    t.true(net.counters.get('chord.timeouts')! > 0);
  });

  test(`${lookup}: the hops that are reported are the forwards that were sent, and every key has one owner whoever asks`, (t) => {
    const { net, hosts } = ringWith([], { ...STILL, lookup });
    const all = net.converge(60, chord, { ...STILL, lookup }) as unknown as FakeHost<Chord>[];
    t.is(hosts.length, 0);
    const sorted = all.map((host) => host.protocol.identifier).sort((a, b) => a - b);
    for (let i = 0; i < 200; i++) {
      const key = all[0].random.identifier();
      const identifier = ringOf(32).identifierOf(key);
      net.sent.length = 0;
      const origin = all[i % 60];
      const { finishedHops } = locate({ net }, origin, key, 1000);
      const forwards = net.sent.filter(({ message }) => ['lookup', 'last', 'next'].includes(message.type));
      t.is(finishedHops, forwards.length);
      t.is(answeringOwners(net)[0] ?? origin.protocol.identifier, sorted.find((each) => each >= identifier) ?? sorted[0]);
    }
  });
}

test('without acknowledgements a lookup that meets a dead peer is lost, and some are saved by the retry that leaves another way', (t) => {
  const [none, three] = [0, 3].map((lookupRetries) => {
    const net = new FakeNetwork({ seed: 9 });
    const settings = { ...STILL, successors: 6, lookupTimeoutMs: 1000, lookupRetries };
    const hosts = net.converge(200, chord, settings) as unknown as FakeHost<Chord>[];
    for (let i = 1; i < 200; i += 10) net.crash(i);
    const operations = Array.from({ length: 200 }, (_, i) => {
      const operation = new FakeOperation(hosts[0].random.identifier());
      hosts[i - (i % 10)].protocol.locate(operation.key, operation);
      return operation;
    });
    net.run(60_000);
    t.is(net.counters.get('chord.timeouts'), undefined);
    t.is(operations.filter((operation) => operation.open).length, net.counters.get('chord.lookups-lost') ?? 0);
    return operations.filter((operation) => !operation.open).length;
  });
  t.true(none > 50 && none < three && three < 200, `answered: ${none} without a retry, ${three} with three`);
});

test('a lookup that the old owner gets goes back to the newcomer its sender has not heard of', (t) => {
  const ring = ringWith([10, 20, 40], { ...STILL, idBits: 6 });
  const { net } = ring;
  const joiner = net.addPeer(chord, {
    ...settingsOf(chord),
    ...STILL,
    idBits: 6,
    identifiers: [10, 20, 40, 30],
  }) as unknown as FakeHost<Chord>;
  joiner.protocol.join();
  net.run(1000);
  t.is(ring.at(20).protocol.successor, ring.at(40).address, 'it has not stabilised');
  t.is(ring.at(40).protocol.before, joiner.address);
  net.sent.length = 0;
  const operation = locate(ring, ring.at(20), keyWith(25, 6));
  t.is(operation.finishedHops, 2);
  t.is(net.sentOf<LookupMessage>('last').at(-1)!.to, joiner.address);
});

test('a dead peer that a successor still names as its predecessor is not adopted', (t) => {
  const ring = ringWith([1, 5, 9], { ...LIVELY, idBits: 4, checkPredecessorMs: 0, stabiliseMs: 1000 });
  ring.net.crash(ring.at(5).index);
  let adopted = false;
  for (let at = 1500; at < 10_000; at += 50) {
    ring.net.run(at);
    if (ring.at(1).protocol.successor === ring.at(9).address) adopted = true;
    if (adopted) t.is(ring.at(1).protocol.successor, ring.at(9).address);
  }
  t.true(adopted);
  t.is(ring.at(9).protocol.before, ring.at(1).address);
});

test('identifiers that collide are drawn again: a ring may be filled to its last place', (t) => {
  const net = new FakeNetwork();
  const hosts = net.converge(64, chord, { ...STILL, idBits: 6 }) as unknown as FakeHost<Chord>[];
  t.is(new Set(hosts.map((host) => host.protocol.identifier)).size, 64);
  t.true(isPerfectRing(hosts));
  isProblem(t, () => net.converge(65, chord, { ...STILL, idBits: 6 }), /64 identifiers/);
  isProblem(t, () => net.addPeer(chord, { identifiers: [1, 1] }), /distinct/);
  isProblem(t, () => net.addPeer(chord, { idBits: 4, identifiers: [16] }), /from 0 to 15/);

  const { net: later, hosts: grownHosts } = grown(14, { ...LIVELY, idBits: 4 }, 2000);
  later.run(60_000);
  t.is(new Set(grownHosts.map((host) => host.protocol.identifier)).size, 14);
  t.true(isPerfectRing(grownHosts));
});

test('virtual nodes: every key is found, by joining as by converging, and the load is evened out', (t) => {
  const shares = [1, 16].map((virtualNodes) => {
    const net = new FakeNetwork();
    const hosts = net.converge(50, chord, { ...STILL, virtualNodes }) as unknown as FakeHost<Chord | ManyPlaces>[];
    const load = new Map<number, number>();
    const ring = ringOf(32);
    for (const host of hosts) {
      const places = host.protocol instanceof ManyPlaces ? host.protocol.places : [host.protocol];
      for (const place of places) {
        const before = net.hosts
          .flatMap((each) => (each.protocol instanceof ManyPlaces ? each.protocol.places : [each.protocol as unknown as Chord]))
          .find((each) => each.peer.address === place.before)!;
        load.set(host.index, (load.get(host.index) ?? 0) + ring.distance(before.identifier, place.identifier) / ring.size);
      }
    }
    const total = [...load.values()].reduce((a, b) => a + b);
    t.true(Math.abs(total - 1) < 1e-9);
    return Math.sqrt([...load.values()].reduce((sum, share) => sum + (share * 50 - 1) ** 2, 0) / 50);
  });
  t.true(shares[0] > 0.7 && shares[1] < 0.35, `relative spread of the shares: ${shares}`); // theory: 1 and 1/4

  const net = new FakeNetwork();
  const hosts = Array.from({ length: 8 }, () => net.addPeer(chord, { ...LIVELY, virtualNodes: 4 }) as unknown as FakeHost<ManyPlaces>);
  for (const host of hosts) {
    host.protocol.join();
    net.run(net.now + 1000);
  }
  net.run(60_000);
  const places = hosts.flatMap((host) => host.protocol.places).sort((a, b) => a.identifier - b.identifier);
  for (const [i, place] of places.entries()) t.is(place.successor, places[(i + 1) % places.length].peer.address);
  const key = 123456789;
  hosts[2].protocol.publish(key);
  net.run(net.now + 2000);
  for (const host of hosts) {
    const operation = new FakeOperation(key);
    host.protocol.locate(key, operation);
    net.run(net.now + 2000);
    t.deepEqual(
      operation.answers.map((answer) => answer.provider),
      [hosts[2].address],
    );
  }
  t.true(net.sent.every((sent) => sent.message.type === 'at' && sent.from !== sent.to));
  t.true(net.sentOf<AtMessage>('at').some((sent) => sent.message.to > 0));
});

test('the stated wire format', (t) => {
  const lookup: LookupMessage = { type: 'lookup', key: 1, origin: 2, request: 3, hops: 4, ack: 0 };
  t.is(wireBytes(lookup, 32), 20);
  t.is(wireBytes({ ...lookup, ack: 5 }, 32), 24);
  t.is(wireBytes({ type: 'answer', request: 1, hops: 2, identifier: 3, providers: [1, 2, 3] }, 32), 8 + 4 + 1 + 18);
  t.is(wireBytes({ type: 'notify', identifier: 1 }, 33), 8 + 5);
  t.is(chord.sizeOf!(lookup as never, settingsOf(chord, { messageBytes: 100 })), 100);
});

/** 200 peers of the real network, with the workload of `locate`. */
const inTheEmulator = (options: Partial<TestnetOptions>) =>
  testnet('chord', {
    peers: 200,
    latencyMs: 80,
    locate: { files: 400, zipf: 0.8, replicas: 4, publishSpreadMs: 20_000, ratePerPeerPerSecond: 0.02, timeoutMs: 20_000 },
    warmUpMs: 120_000,
    measureMs: 120_000,
    drainMs: 30_000,
    ...options,
  });

test('in the emulator without churn every search succeeds, from a converged start and when all join at once', async (t) => {
  for (const start of ['converge', 'join'] as const) {
    const net = await inTheEmulator({ start });
    net.run(270_000);
    const { started, succeeded } = net.shard.meter;
    t.true(started > 300);
    t.is(succeeded, started, start);
    t.is(
      net.shard.meter.dropped.reduce((a, b) => a + b),
      0,
    );
  }
});

for (const lookup of ['recursive', 'iterative']) {
  test(`in the emulator, sessions of ten minutes and 2 % loss: 95 % of ${lookup} searches succeed`, async (t) => {
    const net = await inTheEmulator({
      settings: { lookup },
      topology: { loss: 0.02 },
      population: {
        session: { kind: 'exponential', meanMs: 600_000 },
        downtime: { kind: 'exponential', meanMs: 300_000 },
        crashShare: 0.5,
      },
    });
    net.run(270_000);
    const { started, succeeded } = net.shard.meter;
    t.log(`${succeeded} of ${started}`);
    t.true(started > 300);
    t.true(succeeded >= 0.95 * started, `${succeeded} of ${started}`);
  });
}

test('an item that reaches a place that does not own it travels back to the one that does', (t) => {
  const ring = ringWith([10, 20, 30, 40, 50], { ...STILL, idBits: 6 });
  const key = keyWith(15, 6);
  ring.at(10).send(ring.at(50).address, { type: 'items', items: [key, ring.at(30).address, 60_000], copy: false } as ItemsMessage);
  ring.net.run(1000);
  t.deepEqual(
    ring.net.sentOf<ItemsMessage>('items').map(({ to }) => to),
    [50, 40, 30, 20].map((identifier) => ring.at(identifier).address),
  );
  const operation = locate(ring, ring.at(10), key);
  t.deepEqual(operation.answers, [{ provider: ring.at(30).address, hops: 1 }]);
});

test('one lost packet does not make a peer dead: questions are repeated', (t) => {
  const ring = ringWith([10, 20, 30], { ...LIVELY, idBits: 6, stabiliseMs: 1000, checkPredecessorMs: 0 });
  const { net } = ring;
  const host = ring.at(20);
  const real = host.protocol.onMessage;
  let swallowed = 0;
  host.protocol.onMessage = function (this: Chord, from, message) {
    if (message.type === 'stabilise' && swallowed++ % 2 === 0) return;
    real.call(this, from, message);
  };
  for (let at = 100; at < 10_000; at += 100) {
    net.run(at);
    t.is(ring.at(10).protocol.successor, host.address);
  }
  t.true(swallowed > 10);
  t.is(net.counters.get('chord.timeouts'), undefined);
});
