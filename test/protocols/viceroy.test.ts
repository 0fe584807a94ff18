/** Viceroy's own parts: levels, links by converge and by search, the three legs of a lookup, repair. The circle's are in ring.test.ts. */

import test from 'ava';
import fc from 'fast-check';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import type { LookupMessage } from '../../src/overlay/circle/messages.js';
import { ringOf } from '../../src/overlay/identifiers.js';
import { LEFT, NEXT, PREVIOUS, RIGHT, UP } from '../../src/protocols/viceroy/butterfly.js';
import viceroy from '../../src/protocols/viceroy/index.js';
import { highestLevel, levelAgain, levelOf } from '../../src/protocols/viceroy/levels.js';
import { MESSAGES, type ViceroyMessage, wireBytes } from '../../src/protocols/viceroy/messages.js';
import type { ViceroySettings } from '../../src/protocols/viceroy/settings.js';
import { hostWith, inOrder, isPerfectCircle, keyWith, LIVELY, locate, ownerAmong, publish } from '../helpers/circle.js';
import { type FakeHost, FakeNetwork } from '../helpers/fake-network.js';
import { isProblem } from '../helpers/is-problem.js';
import { butterflyOf, firstOfLevel, STILL_BUTTERFLY, type ViceroyHost } from '../helpers/viceroy.js';

const QUICK: Partial<ViceroySettings> = { ...LIVELY, linksMs: 200 };
const LINKS = [UP, LEFT, RIGHT, NEXT, PREVIOUS];

/** The links that a peer should have, by looking at everybody. */
function expectedLinks(hosts: readonly ViceroyHost[], { protocol, address }: ViceroyHost): number[] {
  const { level, identifier, ring } = protocol;
  const at = (host: ViceroyHost | undefined) => (host === undefined || host.address === address ? 0 : host.address);
  const point = ring.plus(identifier, 2 ** (ring.bits - level));
  const same = inOrder(hosts).filter((host) => host.protocol.level === level);
  const previous = same[(same.findIndex((host) => host.address === address) + same.length - 1) % same.length];
  return [
    at(firstOfLevel(hosts, level - 1, identifier)),
    at(firstOfLevel(hosts, level + 1, identifier)),
    at(firstOfLevel(hosts, level + 1, point, true)),
    at(firstOfLevel(hosts, level, identifier)),
    at(previous),
  ];
}

function linksOf({ protocol }: ViceroyHost): number[] {
  return LINKS.map((which) => protocol.linkTo(which));
}

function hasAllLinks(hosts: readonly ViceroyHost[]): boolean {
  return inOrder(hosts).every((host) => linksOf(host).join() === expectedLinks(hosts, host).join());
}

// Levels.

test('the highest level is log2 of the circle over the distance to the successor, rounded down, and at least 1', (t) => {
  const ring = ringOf(32);
  t.is(highestLevel(ring, 2 ** 32), 1, 'alone');
  t.is(highestLevel(ring, 2 ** 31), 1);
  t.is(highestLevel(ring, 2 ** 30), 2);
  t.is(highestLevel(ring, 2 ** 30 + 1), 1);
  t.is(highestLevel(ring, 2 ** 30 - 1), 2);
  t.is(highestLevel(ring, 1), 32);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 48 - 1 }), (distance) => {
      const level = highestLevel(ringOf(48), distance);
      return (level === 1 || distance * 2 ** level <= 2 ** 48) && distance * 2 ** (level + 1) > 2 ** 48;
    }),
  );
});

test('levels are uniform from 1 to the highest, and stay so, changing no more often than they must, when the highest changes', (t) => {
  const random = new Stream(3, WHOLE_RUN, 'workload');
  for (const [before, highest] of [
    [10, 10],
    [10, 12],
    [10, 7],
    [1, 2],
  ]) {
    const counts = new Map<number, number>();
    let changed = 0;
    const draws = 60_000;
    for (let i = 0; i < draws; i++) {
      const old = levelOf(random.next(), before);
      const level = levelAgain(random, old, before, highest);
      if (level !== old) changed++;
      counts.set(level, (counts.get(level) ?? 0) + 1);
    }
    t.deepEqual(
      [...counts.keys()].sort((a, b) => a - b),
      Array.from({ length: highest }, (_, i) => i + 1),
    );
    for (const [level, count] of counts) t.true(Math.abs(count / (draws / highest) - 1) < 0.08, `level ${level} of ${highest}: ${count}`);
    const least = Math.abs(highest - before) / Math.max(highest, before);
    t.true(Math.abs(changed / draws - least) < 0.01, `${changed} changed`);
  }
});

// Links.

test('converge gives each peer the links that looking at everybody gives, in any population', (t) => {
  const population = fc.record({
    count: fc.integer({ min: 1, max: 60 }),
    idBits: fc.integer({ min: 6, max: 48 }),
    levelCount: fc.integer({ min: 0, max: 6 }),
    seed: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(population, ({ count, idBits, levelCount, seed }) => {
      const { hosts } = butterflyOf(count, { idBits, levelCount }, seed);
      return hasAllLinks(hosts) && isPerfectCircle(hosts);
    }),
  );
  t.pass();
});

test('a small butterfly, by hand: eight peers on levels 1, 2, 3', (t) => {
  const identifiers = [0, 2, 4, 6, 8, 10, 12, 14];
  const { hosts } = butterflyOf(8, { idBits: 4, identifiers, levels: [1, 2, 3, 3, 2, 3, 1, 3] });
  const linked = (identifier: number) =>
    linksOf(hostWith(hosts, identifier)).map((address) => hosts.find((host) => host.address === address)?.protocol.identifier);
  // [up, left, right, next, previous]
  t.deepEqual(linked(0), [undefined, 2, 8, 12, 12]);
  t.deepEqual(linked(2), [12, 4, 6, 8, 8]); // right: first of level 3 at or behind 2 + 4
  t.deepEqual(linked(8), [12, 10, 14, 2, 2]); // right: at or behind 12
  t.deepEqual(linked(6), [8, undefined, undefined, 10, 4]);
  t.deepEqual(linked(12), [undefined, 2, 8, 0, 0]); // right: behind 12 + 8 = 4, that is 8
});

test('what joins and searches reach in the end are the links that converge gives for these levels', (t) => {
  for (const everyMs of [0, 100]) {
    const net = new FakeNetwork({ seed: 3 });
    const levels = Array.from({ length: 40 }, (_, i) => 1 + (i % 4));
    const hosts: ViceroyHost[] = [];
    for (let i = 0; i < 40; i++) {
      const host = net.addPeer(viceroy, { ...QUICK, levels, levelCount: 4 }) as unknown as ViceroyHost;
      hosts.push(host);
      host.protocol.join();
      net.run(net.now + everyMs);
    }
    net.run(net.now + 20_000);
    t.true(isPerfectCircle(hosts));
    t.true(hasAllLinks(hosts));
  }
});

test('levels follow the number of peers as they join, and all links are right in the end', (t) => {
  const net = new FakeNetwork({ seed: 4 });
  const hosts: ViceroyHost[] = [];
  for (let i = 0; i < 60; i++) {
    hosts.push(net.addPeer(viceroy, { ...QUICK, scanFactor: 60 }) as unknown as ViceroyHost);
    hosts[i].protocol.join();
    net.run(net.now + 200);
  }
  net.run(net.now + 20_000);
  t.true(isPerfectCircle(hosts));
  for (const { protocol } of hosts) {
    const distance = protocol.ring.distance(protocol.identifier, protocol.successors[0]);
    t.true(protocol.level >= 1 && protocol.level <= highestLevel(protocol.ring, distance));
  }
  t.true(net.counters.get('viceroy.levels-changed')! > 0);
  t.true(hasAllLinks(hosts));
});

test('a newcomer is on its level’s ring at once: both neighbours there know it', (t) => {
  const identifiers = [10, 20, 30, 40, 50, 60, 35];
  const levels = [1, 2, 1, 2, 1, 2, 2];
  const net = new FakeNetwork();
  const settings = { ...STILL_BUTTERFLY, idBits: 6, identifiers, levels };
  const hosts = net.converge(6, viceroy, settings) as unknown as ViceroyHost[];
  const late = net.addPeer(viceroy, settings) as unknown as ViceroyHost;
  late.protocol.join();
  net.run(1000);
  t.deepEqual(
    linksOf(late),
    [50, 0, 0, 40, 20].map((identifier) => (identifier === 0 ? 0 : hostWith(hosts, identifier).address)),
  );
  t.is(hostWith(hosts, 20).protocol.linkTo(NEXT), late.address);
  t.is(hostWith(hosts, 40).protocol.linkTo(PREVIOUS), late.address);
  t.is(hostWith(hosts, 60).protocol.linkTo(PREVIOUS), hostWith(hosts, 40).address);
  net.leave(late.index);
  net.run(2000);
  t.is(hostWith(hosts, 20).protocol.linkTo(NEXT), hostWith(hosts, 40).address);
  t.is(hostWith(hosts, 40).protocol.linkTo(PREVIOUS), hostWith(hosts, 20).address);
});

test('a search gives up after scanFactor x log N peers', (t) => {
  const { net, hosts } = butterflyOf(40, { levels: Array.from({ length: 40 }, () => 1), levelCount: 3, linksMs: 100, scanFactor: 4 });
  net.run(100);
  net.sent.length = 0;
  net.run(1000);
  const asked = net.sentOf('scan').length;
  const answers = net.sentOf('scanned').length;
  t.true(answers > 100);
  t.true(asked / answers < 12, 'at most 4 x 3 peers each');
  t.true(hosts.every(({ protocol }) => protocol.linkTo(LEFT) === 0 && protocol.linkTo(RIGHT) === 0 && protocol.linkTo(UP) === 0));
});

test('crashes: dead links are found anew, to whoever has the level now', (t) => {
  const { net, hosts } = butterflyOf(80, { ...QUICK, levelCount: 5, scanFactor: 16 });
  for (let i = 0; i < 80; i += 3) net.crash(i);
  net.run(30_000);
  t.true(isPerfectCircle(hosts));
  t.true(hasAllLinks(hosts));
});

// Lookups.

test('from anywhere, in any population, the owner is found', (t) => {
  const population = fc.record({
    count: fc.integer({ min: 1, max: 80 }),
    levelCount: fc.integer({ min: 0, max: 8 }),
    vicinity: fc.constantFrom('hopping', 'ring'),
    seed: fc.integer({ min: 1, max: 1000 }),
    keys: fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 5, maxLength: 5 }),
  });
  fc.assert(
    fc.property(population, ({ count, levelCount, vicinity, seed, keys }) => {
      const { net, hosts } = butterflyOf(count, { levelCount, vicinity }, seed);
      return keys.every((identifier, i) => {
        const owner = ownerAmong(hosts, identifier);
        publish(net, hosts[i % count], keyWith(identifier), 1000);
        const { answers } = locate(net, hosts[(7 * i) % count], keyWith(identifier), 1000);
        return answers.length === 1 && answers[0].provider === hosts[i % count].address && owner.protocol.heldEntries >= 1;
      });
    }),
    { numRuns: 60 },
  );
  t.pass();
});

test('a lookup climbs to level 1, comes down a level at a time, and ends along the ring', (t) => {
  const { net, hosts } = butterflyOf(1024);
  const byAddress = new Map(hosts.map((host) => [host.address, host]));
  for (let i = 0; i < 200; i++) {
    net.sent.length = 0;
    locate(net, hosts[i], 2 ** 40 * i + 12_345, 1000);
    const way = net.sent.filter(({ message }) => message.type === 'lookup').map(({ from }) => byAddress.get(from)!.protocol.level);
    const legs = net.sentOf<LookupMessage>('lookup').map(({ message }) => message.leg);
    let hop = 0;
    for (; hop < legs.length && legs[hop] < 254; hop++) t.is(way[hop], way[0] - hop);
    if (hop < legs.length && hop > 0) t.is(way[hop], 1);
    for (; hop + 1 < legs.length && legs[hop] === 254 && legs[hop + 1] === 254; hop++) t.is(way[hop + 1], way[hop] + 1);
    t.deepEqual(
      legs.slice(hop + 1).filter((leg) => leg !== 255),
      [],
    );
  }
});

test('links up that lead in a circle are left after 2 log N steps', (t) => {
  const { net, hosts } = butterflyOf(64, { levelCount: 6 });
  const [a, b] = hosts.filter((host) => host.protocol.level === 4);
  a.protocol.setLink(UP, b.protocol.identifier, b.address);
  b.protocol.setLink(UP, a.protocol.identifier, a.address);
  const target = inOrder(hosts).find(
    (host) => host !== a && host !== b && host.address !== a.protocol.successor && host.address !== b.protocol.successor,
  )!;
  const operation = locate(net, a, keyWith(target.protocol.identifier), 2000);
  t.true(operation.finishedHops! >= 12 && operation.finishedHops! < 100, `${operation.finishedHops} hops`);
});

test('a third of the peers dead and nothing repaired yet: nine lookups in ten find the owner, none finds a wrong one', (t) => {
  const { net, hosts } = butterflyOf(400, { hopAcks: true, rpcTimeoutMs: 50, lookupTimeoutMs: 5000, successors: 8 });
  for (let i = 0; i < 400; i += 3) net.crash(i);
  let found = 0;
  for (let i = 0; i < 100; i++) {
    const identifier = (40_000_003 * i) % 2 ** 32;
    net.sent.length = 0;
    const operation = locate(net, hosts[3 * i + 1], keyWith(identifier), 20_000);
    const answered = net.sentOf('answer').at(-1);
    if (answered !== undefined) t.is(answered.from, ownerAmong(hosts, identifier).address);
    if (!operation.open) found++;
  }
  t.true(found >= 85, `${found} of 100`);
  t.true(net.counters.get('circle.lookups-stuck')! > 0, 'the others came to a peer that knows nobody behind it any more');
  t.true(hosts.reduce((sum, host) => sum + host.timeouts, 0) > 50);
});

// The rest.

test('an item is found after its owner has crashed', (t) => {
  const { net, hosts } = butterflyOf(60, { ...QUICK, replicas: 2, republishMs: 0 });
  const key = keyWith(2_000_000_000);
  publish(net, hosts[0], key, 2000);
  const owner = ownerAmong(hosts, 2_000_000_000);
  t.not(owner, hosts[0]);
  net.crash(owner.index);
  net.run(net.now + 5000);
  for (const host of hosts) if (host.up) t.is(locate(net, host as FakeHost<never> as ViceroyHost, key, 500).answers.length, 1);
});

test('sizes on the wire', (t) => {
  const sizes: [ViceroyMessage, number][] = [
    [{ type: 'scan', level: 1, backwards: true, origin: 2, request: 3, left: 4 }, 8 + 1 + 6 + 2],
    [{ type: 'scanned', request: 1, identifier: 2, level: 3 }, 8 + 4 + 1],
    [{ type: 'level-beside', identifier: 1, level: 2 }, 8 + 4 + 1],
    [{ type: 'level-leaving', level: 1, next: 2, nextIdentifier: 3, previous: 4, previousIdentifier: 5 }, 8 + 1 + 20],
    [{ type: 'ping', request: 1 }, 8],
  ];
  for (const [message, bytes] of sizes) {
    t.true(message.type in MESSAGES);
    t.is(wireBytes(message, 32), bytes, message.type);
  }
});

test('state counts links in the bytes of the wire; levels that are none are refused', (t) => {
  const { hosts } = butterflyOf(64, { levelCount: 3, successors: 1 });
  const middle = hosts.find((host) => host.protocol.level === 2)!;
  t.deepEqual(middle.protocol.state(), { entries: 7, bytes: 7 * 10 });
  isProblem(t, () => new FakeNetwork().addPeer(viceroy, { levels: [0] }), /^protocol.levels: /);
});
