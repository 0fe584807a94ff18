/** Kademlia's parts in their behaviour: eviction, joins, failures, what is stored and for how long. */

import test from 'ava';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { CONTACT } from '../../src/overlay/k-buckets.js';
import kademlia from '../../src/protocols/kademlia/index.js';
import type { Kademlia } from '../../src/protocols/kademlia/kademlia.js';
import { type NodesMessage, type StoreMessage, wireBytes } from '../../src/protocols/kademlia/messages.js';
import type { KademliaSettings } from '../../src/protocols/kademlia/settings.js';
import { type FakeHost, FakeNetwork } from '../helpers/fake-network.js';
import { closestTo, grown, holdersOf, locate, overlay, STILL } from '../helpers/kademlia-net.js';
import { testnet } from '../helpers/testnet.js';

const FAR = 2 ** 47;
const sorted = (hosts: readonly FakeHost[]) => hosts.map((host) => host.index).sort((a, b) => a - b);

/** Peer 0 with a bucket for two, and four peers that all belong into it; they speak when told to. */
function oneBucket(settings: Partial<KademliaSettings>) {
  const net = new FakeNetwork({ seed: 3 });
  const identifiers = [0, FAR + 1, FAR + 2, FAR + 3, FAR + 4];
  const hosts = identifiers.map(
    () => net.addPeer(kademlia, { ...STILL, k: 2, evictionPing: true, identifiers, ...settings }) as unknown as FakeHost<Kademlia>,
  );
  hosts[0].protocol.converged();
  const speak = (index: number) => {
    hosts[index].send(hosts[0].address, { type: 'find-node', sender: FAR + index, request: 1, target: 5 } as never);
    net.run(net.now + 1000);
  };
  const { buckets } = hosts[0].protocol;
  const bucket = () =>
    buckets
      .contacts(0)
      .filter((_, i) => i % CONTACT === 0)
      .map((identifier) => identifier - FAR);
  const spares = () =>
    buckets
      .sparesOf(0)
      .filter((_, i) => i % CONTACT === 0)
      .map((identifier) => identifier - FAR);
  return { net, hosts, speak, bucket, spares };
}

test('a newcomer for a full bucket: the one not heard of for longest is pinged, answers and stays; the newcomer waits in the cache', (t) => {
  const { net, hosts, speak, bucket, spares } = oneBucket({});
  speak(1);
  speak(2);
  t.deepEqual(bucket(), [1, 2]);
  net.sent.length = 0;
  speak(3);
  t.deepEqual(
    net.sentOf('ping').map(({ to }) => to),
    [hosts[1].address],
  );
  t.deepEqual(bucket(), [2, 1], 'it has answered, so it is the last heard of');
  t.deepEqual(spares(), [3]);
});

test('if it is silent it is dropped, and the newcomer has its place', (t) => {
  const { net, speak, bucket, spares } = oneBucket({});
  speak(1);
  speak(2);
  net.crash(1);
  speak(3);
  t.deepEqual(bucket(), [2, 3]);
  t.deepEqual(spares(), []);
});

test('the same without a replacement cache', (t) => {
  const { net, speak, bucket } = oneBucket({ replacementCache: 0 });
  speak(1);
  speak(2);
  speak(3);
  t.deepEqual(bucket(), [2, 1]);
  net.crash(2);
  speak(4);
  t.deepEqual(bucket(), [1, 4]);
});

test('without eviction pings nobody is pinged, and a newcomer waits until a contact is found silent in use', (t) => {
  const { net, hosts, speak, bucket, spares } = oneBucket({ evictionPing: false, rpcRetries: 1, staleAfter: 4 });
  speak(1);
  speak(2);
  speak(3);
  speak(4);
  t.is(net.sentOf('ping').length, 0);
  t.deepEqual(spares(), [3, 4]);
  net.crash(1);
  locate(net, hosts[0], 5);
  t.deepEqual(
    bucket(),
    [1, 2].sort((a, b) => bucket().indexOf(a) - bucket().indexOf(b)),
    'two unanswered requests are not four',
  );
  locate(net, hosts[0], 5);
  t.false(bucket().includes(1));
  t.true(bucket().includes(4), 'the newcomer heard of last');
});

test('a ping sets off no other ping, and a bucket has one under way', (t) => {
  const { net, hosts } = overlay(300, { ...STILL, k: 4, evictionPing: true });
  net.sent.length = 0;
  // Somebody whom peer 0 knows, and who does not know it: its bucket for peer 0 is full.
  const [stranger] = [...hosts[0].protocol.neighbours()].filter(
    (address) => !([...net.hostAt(address)!.protocol.neighbours!()] as number[]).includes(hosts[0].address),
  );
  hosts[0].send(stranger, { type: 'ping', sender: hosts[0].protocol.identifier, request: 1 } as never);
  net.run(1000);
  t.is(net.sent.length, 2, 'ping and pong');
  net.sent.length = 0;
  for (let i = 2; i < 40; i++) {
    hosts[i].send(hosts[1].address, { type: 'find-node', sender: hosts[i].protocol.identifier, request: 1, target: 1 } as never);
  }
  net.run(1020);
  const pings = net.sentOf('ping').filter(({ from }) => from === hosts[1].address);
  t.true(pings.length > 1);
  t.is(new Set(pings.map(({ to }) => to)).size, pings.length);
});

test('up to k - 1 of the k closest fail at once, before anybody has noticed: everyone still finds the value', (t) => {
  const { net, hosts } = overlay(200, STILL);
  const random = new Stream(4, WHOLE_RUN, 'workload');
  for (const crashes of [10, 19]) {
    const key = random.identifier();
    const provider = hosts.find((host) => host.up)!;
    provider.protocol.publish(key);
    net.run(net.now + 2000);
    const closest = closestTo(hosts, key, 20);
    t.deepEqual(holdersOf(hosts, key), sorted(closest));
    for (const host of random.shuffle(closest.filter((host) => host !== provider)).slice(0, crashes)) net.crash(host.index);
    for (const host of hosts) {
      if (!host.up) continue;
      const { answers } = locate(net, host, key);
      if (answers[0]?.provider !== provider.address) t.fail(`${host.name} found nothing with ${crashes} of 20 down`);
    }
  }
});

test('after all k have failed it is gone: nobody finds it, and says so', (t) => {
  const { net, hosts } = overlay(100, { ...STILL, k: 4 });
  hosts[0].protocol.publish(777);
  net.run(2000);
  for (const index of holdersOf(hosts, 777)) net.crash(index);
  const origin = hosts.find((host) => host.up && host.index > 0)!;
  const operation = locate(net, origin, 777);
  t.is(operation.answers.length, 0);
  t.false(operation.open);
  t.true(operation.finishedHops! >= 1);
  t.true(origin.timeouts >= 1);
});

test('peers that join one by one: what is published lies exactly with the k closest, and everybody finds it', (t) => {
  const settings = { ...STILL, k: 5 };
  const { net, hosts } = grown(60, settings);
  const random = new Stream(7, WHOLE_RUN, 'workload');
  for (let i = 0; i < 20; i++) {
    const key = random.identifier();
    hosts[i].protocol.publish(key);
    net.run(net.now + 1000);
    t.deepEqual(holdersOf(hosts, key), sorted(closestTo(hosts, key, 5)));
    t.is(locate(net, hosts[59 - i], key, 1000).answers[0].provider, hosts[i].address);
  }
});

test('peers that all arrive at the same moment become one overlay', (t) => {
  const { net, hosts } = grown(60, { ...STILL, k: 5 }, 0);
  net.run(10_000);
  hosts[3].protocol.publish(99);
  net.run(net.now + 1000);
  for (const host of hosts) t.is(locate(net, host, 99, 1000).answers[0]?.provider, hosts[3].address, host.name);
});

test('converged buckets hold k of each subtree, or all there are, whatever the bits of a hop', (t) => {
  for (const bitsPerHop of [1, 3]) {
    const { hosts } = overlay(150, { ...STILL, k: 6, bitsPerHop });
    for (const { protocol } of hosts) {
      const { buckets } = protocol;
      const sizes = new Map<number, number>();
      for (const other of hosts) {
        const number = buckets.bucketOf(other.protocol.identifier);
        sizes.set(number, (sizes.get(number) ?? 0) + 1);
      }
      for (let number = 0; number < buckets.length; number++) {
        t.is(buckets.contacts(number).length / CONTACT, Math.min(6, sizes.get(number) ?? 0));
      }
    }
  }
});

test('a newcomer that is closer to a key gets its values, once, from the closest of the others', (t) => {
  const key = 2 ** 45 + 12_345;
  const identifiers = Array.from({ length: 30 }, (_, i) => (i + 1) * 2 ** 42 + i);
  const settings = { ...STILL, k: 4, identifiers: [...identifiers, key], refreshMs: 0 };
  const { net, hosts } = overlay(30, settings);
  hosts[0].protocol.publish(key);
  net.run(2000);
  const [closest] = closestTo(hosts, key, 1);
  const newcomer = net.addPeer(kademlia, settings) as unknown as FakeHost<Kademlia>;
  net.sent.length = 0;
  newcomer.protocol.join();
  net.run(net.now + 2000);
  t.true(newcomer.protocol.holds(key));
  t.deepEqual(
    net.sentOf('store').map(({ from, to }) => [from, to]),
    [[closest.address, newcomer.address]],
  );
});

test('holders store a value again every hour of theirs, one of them for all, with what is left of its life; then it expires', (t) => {
  const settings = { ...STILL, k: 5, republishMs: 10_000, expiryMs: 60_000, publishMs: 0 };
  const { net, hosts } = overlay(60, settings);
  hosts[0].protocol.publish(555);
  net.run(1000);
  const before = closestTo(hosts, 555, 5).filter((host) => host.index > 0);
  for (const host of before.slice(0, 3)) net.crash(host.index);
  net.run(16_000);
  t.deepEqual(holdersOf(hosts, 555), sorted(closestTo(hosts, 555, 5)), 'back at the five closest');
  net.run(50_000);
  const rounds = net.counters.get('kademlia.republished')!;
  t.true(rounds >= 3 && rounds <= 8, `${rounds} in five periods, not five times five`);
  net.run(62_000);
  t.deepEqual(holdersOf(hosts, 555), [], 'republishing does not make it live longer');
});

test('a provider publishes again and so keeps what it has alive', (t) => {
  const { net, hosts } = overlay(40, { ...STILL, k: 4, publishMs: 10_000, expiryMs: 25_000 });
  hosts[7].protocol.publish(555);
  net.run(100_000);
  t.is(locate(net, hosts[1], 555).answers.length, 1);
  net.crash(7);
  net.run(net.now + 60_000);
  t.is(locate(net, hosts[1], 555).answers.length, 0);
});

test('a lookup leaves a copy with the closest peer on its way that had none; the farther it is from the key, the shorter it lives', (t) => {
  const { net, hosts } = overlay(400, { ...STILL, k: 4, caching: true, expiryMs: 1_000_000 });
  hosts[0].protocol.publish(2 ** 44 + 99);
  net.run(2000);
  net.sent.length = 0;
  const holders = holdersOf(hosts, 2 ** 44 + 99);
  for (const host of hosts.slice(1, 200)) locate(net, host, 2 ** 44 + 99, 500);
  const copies = net.sentOf<StoreMessage>('store');
  t.true(copies.length > 0 && copies.every(({ message }) => message.isCopy));
  t.true(copies.every(({ to }) => !holders.includes(net.hostAt(to)!.index)));
  for (const { to } of copies) {
    const { buckets, identifierOf } = net.hostAt(to)!.protocol as unknown as Kademlia;
    t.true(buckets.countCloser(identifierOf.call(net.hostAt(to)!.protocol, 2 ** 44 + 99)) > 0);
  }
  t.true(holdersOf(hosts, 2 ** 44 + 99).length > holders.length);
  net.run(700_000);
  t.deepEqual(holdersOf(hosts, 2 ** 44 + 99), holders, 'copies are gone before what was stored for good');
});

test('who leaves says nothing, as in the paper, or hands over what it holds', (t) => {
  for (const goodbye of ['none', 'hand-over'] as const) {
    const { net, hosts } = overlay(60, { ...STILL, k: 4, goodbye });
    hosts[0].protocol.publish(4242);
    net.run(2000);
    const leaver = closestTo(hosts, 4242, 4).find((host) => host.index > 0)!;
    net.sent.length = 0;
    net.leave(leaver.index);
    net.run(net.now + 1000);
    t.is(net.sentOf('store').length, goodbye === 'none' ? 0 : 1);
    if (goodbye === 'hand-over') t.deepEqual(holdersOf(hosts, 4242), sorted(closestTo(hosts, 4242, 4)));
  }
});

test('an answer counts once, and only from who was asked', (t) => {
  const { net, hosts } = overlay(50, { ...STILL, k: 4 });
  const forger = hosts[49];
  const handle = hosts[3].protocol.onMessage;
  let forged = 0;
  hosts[3].protocol.onMessage = function (from, message, connection) {
    if (message.type === 'nodes') {
      forged++;
      handle.call(this, forger.address, { ...message, sender: forger.protocol.identifier, contacts: [1, 2 ** 40] } as NodesMessage, null);
    }
    handle.call(this, from, message, connection);
    handle.call(this, from, message, connection);
  };
  net.sent.length = 0;
  const operation = locate(net, hosts[3], 31_337);
  t.true(forged > 0);
  t.false(operation.open);
  t.false(net.sent.some(({ to }) => to === 2 ** 40));
});

test('sizes are those of 160-bit identifiers', (t) => {
  const message = { type: 'nodes', sender: 1, request: 1, contacts: Array.from({ length: 40 }, () => 1) } as NodesMessage;
  t.is(wireBytes(message, 160), 1 + 20 + 20 + 2 + 20 * 26);
  t.is(wireBytes({ type: 'ping', sender: 1, request: 1 }, 160), 41);
  t.is(wireBytes({ type: 'store', sender: 1, request: 1, key: 1, items: [1, 2], isCopy: false }, 160), 41 + 20 + 2 + 10);
});

test('long-lived contacts are preferred: under churn those in the buckets are older than the population', async (t) => {
  const peers = 200;
  const net = await testnet<Kademlia>('kademlia', {
    peers,
    seed: 2,
    latencyMs: 20,
    strict: false,
    settings: { k: 4, refreshMs: 20_000, rpcTimeoutMs: 200, staleAfter: 2, replacementCache: 4 },
    population: { session: { kind: 'exponential', meanMs: 120_000 }, downtime: { kind: 'exponential', meanMs: 30_000 }, crashShare: 1 },
  });
  const bornMs = new Array<number>(peers).fill(0);
  const last = new Array<Kademlia | undefined>(peers);
  for (let now = 1000; now <= 480_000; now += 1000) {
    net.run(now);
    for (let i = 0; i < peers; i++) {
      if (net.peer(i) !== last[i]) bornMs[i] = now;
      last[i] = net.peer(i);
    }
  }
  const ageMs = (index: number) => net.now - bornMs[index];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const up = Array.from({ length: peers }, (_, i) => i).filter((i) => net.peer(i) !== undefined);
  // The two farthest buckets: each has tens of peers to choose four from.
  const contacts = up.flatMap((i) => {
    const { buckets } = net.peer(i)!;
    return [0, 1]
      .flatMap((number) => buckets.contacts(number).filter((_, at) => at % CONTACT === 1))
      .map((address) => net.indexOf(address));
  });
  const ofContacts = mean(contacts.filter((i) => net.peer(i) !== undefined).map(ageMs));
  const ofAll = mean(up.map(ageMs));
  t.log(`contacts ${(ofContacts / 1000).toFixed(0)} s, population ${(ofAll / 1000).toFixed(0)} s`);
  t.true(ofContacts > 1.3 * ofAll, `${ofContacts} and ${ofAll} ms`);
});
