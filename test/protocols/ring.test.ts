/** The circular DHT, and the upkeep of a circle (overlay/circle) through it: joins, departures, gaps, merging, the index, shortcuts. */

import test from 'ava';
import fc from 'fast-check';
import type { CircleMessage, ItemsMessage } from '../../src/overlay/circle/messages.js';
import { ringOf } from '../../src/overlay/identifiers.js';
import ring from '../../src/protocols/ring/index.js';
import type { RingPeer } from '../../src/protocols/ring/ring.js';
import type { RingSettings } from '../../src/protocols/ring/settings.js';
import {
  hostWith,
  identifiersIn,
  inOrder,
  isPerfectCircle,
  keyWith,
  LIVELY,
  locate,
  ownerAmong,
  publish,
  STILL,
} from '../helpers/circle.js';
import { type FakeHost, FakeNetwork, FakeOperation } from '../helpers/fake-network.js';
import { isProblem } from '../helpers/is-problem.js';

type Host = FakeHost<RingPeer>;

function built(count: number, settings: Partial<RingSettings>, seed = 1): { net: FakeNetwork; hosts: Host[] } {
  const net = new FakeNetwork({ seed });
  return { net, hosts: net.converge(count, ring, settings) as unknown as Host[] };
}

/** A network whose peers join one after the other. */
function grown(count: number, settings: Partial<RingSettings>, everyMs = 50): { net: FakeNetwork; hosts: Host[] } {
  const net = new FakeNetwork({ seed: 5 });
  const hosts: Host[] = [];
  for (let i = 0; i < count; i++) hosts.push(join(net, settings, everyMs));
  return { net, hosts };
}

function join(net: FakeNetwork, settings: Partial<RingSettings>, waitMs = 0): Host {
  const host = net.addPeer(ring, settings) as unknown as Host;
  host.protocol.join();
  net.run(net.now + waitMs);
  return host;
}

// Joining.

test('what joins and pings reach in the end is what converge builds, whether they join one by one or all at once', (t) => {
  const population = fc.record({
    count: fc.integer({ min: 1, max: 24 }),
    idBits: fc.integer({ min: 5, max: 48 }),
    successors: fc.integer({ min: 1, max: 5 }),
    everyMs: fc.constantFrom(0, 5, 50, 700),
  });
  fc.assert(
    fc.property(population, ({ count, idBits, successors, everyMs }) => {
      const { net, hosts } = grown(count, { ...LIVELY, idBits, successors }, everyMs);
      net.run(net.now + 30_000);
      return isPerfectCircle(hosts) && new Set(hosts.map((host) => host.protocol.identifier)).size === count;
    }),
    { numRuns: 40 },
  );
  t.pass();
});

test('a newcomer whose identifier is taken draws another', (t) => {
  const settings = { ...LIVELY, idBits: 8 };
  const { net, hosts } = built(20, settings);
  const taken = hosts[3].protocol.identifier;
  const late = net.addPeer(ring, settings) as unknown as Host;
  late.protocol.identifier = taken;
  late.protocol.join();
  net.run(20_000);
  t.not(late.protocol.identifier, taken);
  t.is(net.counters.get('circle.identifier-taken'), 1);
  t.true(isPerfectCircle([...hosts, late]));
});

test('a peer that returns before others have missed it takes its old place again', (t) => {
  const settings = { ...LIVELY, pingMs: 5000 };
  const { net, hosts } = built(12, settings);
  const { identifier } = hosts[4].protocol;
  net.crash(4);
  net.run(net.now + 50);
  hosts[4].start();
  hosts[4].protocol.join();
  net.run(net.now + 60_000);
  t.is(hosts[4].protocol.identifier, identifier);
  t.true(isPerfectCircle(hosts));
});

test('two circles that do not know of each other merge', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 100 }), (first, second, seed) => {
      const net = new FakeNetwork({ seed });
      const settings = { ...LIVELY, mergeMs: 1000 };
      const one = net.converge(first, ring, settings) as unknown as Host[];
      const two = net.converge(second, ring, settings) as unknown as Host[];
      net.run(60_000);
      return isPerfectCircle([...one, ...two]);
    }),
    { numRuns: 40 },
  );
  t.pass();
});

// Leaving and crashing.

test('who leaves hands its keys on, and its neighbours close the gap without waiting for a ping', (t) => {
  const { net, hosts } = built(16, { ...STILL, lookupTimeoutMs: 2000 });
  const key = keyWith(12_345_678);
  publish(net, hosts[0], key);
  const owner = ownerAmong(hosts, 12_345_678);
  const asking = inOrder(hosts).find((host) => host !== owner && host !== hosts[0])!;
  if (owner === hosts[0]) t.fail('choose another key');
  net.leave(owner.index);
  net.run(net.now + 100);
  t.deepEqual(
    locate(net, asking, key).answers.map((answer) => answer.provider),
    [hosts[0].address],
  );
  const live = inOrder(hosts);
  t.true(live.every((host, i) => host.protocol.successor === live[(i + 1) % live.length].address));
});

test('what a peer shared is withdrawn when it leaves', (t) => {
  const { net, hosts } = built(16, STILL);
  const key = keyWith(12_345_678);
  publish(net, hosts[0], key);
  net.leave(0);
  net.run(net.now + 100);
  t.deepEqual(locate(net, hosts[1], key).answers, []);
});

test('whoever crashes, the circle is mended and merged in the end, if anybody is left', (t) => {
  const crashes = fc.record({
    count: fc.integer({ min: 2, max: 24 }),
    share: fc.double({ min: 0, max: 0.9, noNaN: true }),
    seed: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(crashes, ({ count, share, seed }) => {
      const { net, hosts } = built(count, { ...LIVELY, mergeMs: 1000 }, seed);
      const gone = hosts[0].random.shuffle(hosts.map((host) => host.index)).slice(0, Math.floor(share * count));
      for (const index of gone) net.crash(index);
      net.run(90_000);
      return isPerfectCircle(hosts);
    }),
    { numRuns: 40 },
  );
  t.pass();
});

test('a lookup goes around a dead peer; without acknowledgements the origin asks again', (t) => {
  for (const hopAcks of [true, false]) {
    const { net, hosts } = built(24, { ...STILL, hopAcks, lookupTimeoutMs: 500, lookupRetries: 0, rpcTimeoutMs: 100 });
    const live = inOrder(hosts);
    net.crash(live[5].index);
    const operation = locate(net, live[0], keyWith(live[12].protocol.identifier));
    t.is(operation.finishedHops, hopAcks ? 11 : undefined);
    t.is(live[4].timeouts, hopAcks ? 1 : 0);
    t.is(net.counters.get('circle.lookups-lost'), hopAcks ? undefined : 1);
  }
});

test('a lookup that is lost is asked again, as often as the settings say', (t) => {
  const { net, hosts } = built(24, { ...STILL, lookupTimeoutMs: 500, lookupRetries: 2 });
  const live = inOrder(hosts);
  net.crash(live[5].index);
  net.run(net.now + 1);
  net.sent.length = 0;
  locate(net, live[4], keyWith(live[12].protocol.identifier));
  t.is(net.sentOf('lookup').length, 3);
  t.is(net.counters.get('circle.retries'), 2);
});

// The index.

test('an item is found when its owner has crashed, and all its holders but one, one after the other', (t) => {
  const { net, hosts } = built(24, { ...LIVELY, republishMs: 0, replicas: 2 });
  const key = keyWith(3_000_000_000);
  publish(net, ownerAmong(hosts, 100), key, 3000);
  for (let crash = 0; crash < 6; crash++) {
    const owner = ownerAmong(hosts, 3_000_000_000);
    if (owner === ownerAmong(hosts, 100)) break;
    net.crash(owner.index);
    net.run(net.now + 5000);
    const operation = locate(net, ownerAmong(hosts, 100), key);
    t.is(operation.answers.length, 1, `after ${crash + 1} crashes`);
  }
});

test('a newcomer that becomes a replica holder is sent the copies', (t) => {
  const identifiers = [100, 200, 300, 400, 500, 600, 700, 800, 250];
  const settings = { ...LIVELY, idBits: 16, identifiers, replicas: 1, republishMs: 0 };
  const net = new FakeNetwork();
  const hosts = net.converge(8, ring, settings) as unknown as Host[];
  publish(net, hosts[7], keyWith(150, 16), 2000);
  const late = join(net, settings, 3000);
  t.is(late.protocol.identifier, 250);
  t.is(late.protocol.heldEntries, 1);
  net.crash(1); // 200, the owner
  net.run(net.now + 3000);
  t.is(locate(net, hosts[5], keyWith(150, 16)).answers.length, 1);
});

test('a newcomer that comes before a dead owner is noticed gets the keys that are its own', (t) => {
  const identifiers = [100, 300, 400, 500, 600, 200];
  const settings = { ...LIVELY, pingMs: 1000, idBits: 16, identifiers, replicas: 1, republishMs: 0 };
  const net = new FakeNetwork();
  const hosts = net.converge(5, ring, settings) as unknown as Host[];
  publish(net, hosts[4], keyWith(150, 16), 2000);
  net.crash(1); // 300, the owner
  const late = join(net, settings, 5000);
  t.is(late.protocol.identifier, 200);
  t.true(isPerfectCircle([...hosts, late]));
  t.is(locate(net, hosts[3], keyWith(150, 16)).answers.length, 1);
});

test('entries expire unless they are said again', (t) => {
  for (const republishMs of [0, 2000]) {
    const { net, hosts } = built(8, { ...STILL, expiryMs: 5000, republishMs });
    const key = keyWith(42);
    publish(net, hosts[0], key);
    net.run(20_000);
    t.is(locate(net, hosts[3], key).answers.length, republishMs === 0 ? 0 : 1);
  }
});

test('items that are not the receiver’s go on to their owner', (t) => {
  const identifiers = [100, 200, 300, 400];
  const net = new FakeNetwork();
  const hosts = net.converge(4, ring, { ...STILL, idBits: 16, identifiers }) as unknown as Host[];
  const message: ItemsMessage = { type: 'items', items: [keyWith(150, 16), 77, 60_000], copy: false };
  hosts[3].protocol.onMessage(hosts[0].address, message, null);
  net.run(100);
  t.is(hosts[1].protocol.heldEntries, 1);
  t.is(hosts[0].protocol.heldEntries, 0);
});

test('what is asked and published before the peer has joined is done afterwards', (t) => {
  const { net, hosts } = built(8, LIVELY);
  const key = keyWith(99);
  publish(net, hosts[0], key, 1000);
  const late = net.addPeer(ring, LIVELY) as unknown as Host;
  late.protocol.join();
  const operation = new FakeOperation(key);
  late.protocol.locate(key, operation);
  late.protocol.publish(keyWith(98));
  net.run(net.now + 5000);
  t.is(operation.answers.length, 1);
  t.is(locate(net, hosts[3], keyWith(98)).answers[0].provider, late.address);
});

// Shortcuts.

test('shortcuts found by lookups are those converge gives, and a dead one is replaced', (t) => {
  const settings = { ...LIVELY, idBits: 16, shortcuts: 5, shortcutMs: 300 };
  const { net, hosts } = grown(24, settings);
  net.run(60_000);
  const expected = built(24, settings).hosts;
  for (const [i, host] of hosts.entries()) t.is(host.protocol.shortcuts.join(), expected[i].protocol.shortcuts.join());

  const [asking] = inOrder(hosts);
  const half = ownerAmong(hosts, asking.protocol.points[0]);
  t.true(asking.protocol.shortcuts.includes(half.address));
  net.crash(half.index);
  net.run(net.now + 20_000);
  t.false(asking.protocol.shortcuts.includes(half.address));
  t.is(asking.protocol.shortcuts[1], ownerAmong(hosts, asking.protocol.points[0]).address);
});

test('a lookup that finds its shortcut dead takes the next best way', (t) => {
  const { net, hosts } = built(64, {
    ...STILL,
    idBits: 6,
    identifiers: Array.from({ length: 64 }, (_, i) => i),
    shortcuts: 6,
    hopAcks: true,
  });
  const at = (identifier: number) => hostWith(hosts, identifier);
  t.is(locate(net, at(0), keyWith(48, 6)).finishedHops, 2);
  net.crash(at(32).index);
  t.is(locate(net, at(0), keyWith(48, 6)).finishedHops, 2, 'by 16, whose own half is 48');
  t.false(identifiersIn(at(0).protocol.shortcuts).includes(32));
  t.is(at(0).timeouts, 1);
});

test('settings that cannot be are refused', (t) => {
  const net = new FakeNetwork();
  isProblem(t, () => net.addPeer(ring, { idBits: 4, shortcutLinks: [3] }), /^protocol.shortcutLinks: /);
  isProblem(t, () => net.addPeer(ring, { idBits: 4, shortcutLinks: [3, 99] }), /^protocol.shortcutLinks: /);
  isProblem(t, () => net.addPeer(ring, { idBits: 4, identifiers: [3, 3] }), /^protocol.identifiers: /);
});

// Robustness.

test('any message, late, twice, or out of the blue, is survived, and the circle comes right again', (t) => {
  const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const address = fc.integer({ min: 0, max: 9 }).map((i) => (0x0a000000 + i) * 65_536);
  const list = fc.array(fc.tuple(number, address), { maxLength: 3 }).map((pairs) => pairs.flat());
  const way = {
    key: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    origin: address,
    request: number,
    hops: fc.nat(200),
    leg: fc.nat(255),
    ack: number,
  };
  const message = fc.oneof(
    fc.record({ type: fc.constantFrom('lookup', 'last', 'seek'), ...way }),
    fc.record({ type: fc.constantFrom('ack', 'ping', 'stored'), request: number }),
    fc.record({
      type: fc.constant('answer'),
      request: number,
      hops: fc.nat(9),
      identifier: number,
      providers: fc.array(address, { maxLength: 2 }),
    }),
    fc.record({ type: fc.constant('welcome'), request: number, identifier: number, successors: list }),
    fc.record({
      type: fc.constant('items'),
      items: fc.array(number, { maxLength: 2 }).map((n) => n.flatMap((each) => [each, each, 1000])),
      copy: fc.boolean(),
    }),
    fc.record({ type: fc.constantFrom('store', 'withdraw'), request: number, key: number, provider: address }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(7), address, message), { maxLength: 20 }), (mail) => {
      const { net, hosts } = built(8, LIVELY);
      for (const [to, from, each] of mail) {
        hosts[to].protocol.onMessage(from, each as CircleMessage, null);
        hosts[to].protocol.onMessage(from, each as CircleMessage, null);
        net.run(net.now + 10);
      }
      net.run(net.now + 30_000);
      return isPerfectCircle(hosts);
    }),
    { numRuns: 40 },
  );
  t.pass();
});

test('state counts neighbours, shortcuts and index entries in the bytes of the wire', (t) => {
  const { net, hosts } = built(16, { ...STILL, shortcuts: 2, idBits: 16 });
  t.deepEqual(hosts[0].protocol.state(), { entries: 5, bytes: 5 * 8 });
  const key = ringOf(16).keyOf(ownerAmong(hosts, 0).protocol.identifier);
  publish(net, hosts[3], key);
  t.deepEqual(ownerAmong(hosts, 0).protocol.state(), { entries: 6, bytes: 5 * 8 + 16 });
});
