/**
 * What courses say of Gnutella with ultrapeers: queries are among ultrapeers only, an ultrapeer answers for its leaves, and content is
 * found if and only if an ultrapeer within the TTL has it in its index.
 */

import test from 'ava';
import fc from 'fast-check';
import { Stream } from '../../src/kernel/random.js';
import type { Address } from '../../src/protocol.js';
import ultrapeer from '../../src/protocols/gnutella-ultrapeer/index.js';
import type { Hit, Query } from '../../src/protocols/gnutella-ultrapeer/messages.js';
import type { UltrapeerServent } from '../../src/protocols/gnutella-ultrapeer/servent.js';
import type { UltrapeerSettings } from '../../src/protocols/gnutella-ultrapeer/settings.js';
import { type FakeHost, FakeNetwork, FakeOperation, itemOf } from '../helpers/fake-network.js';

type Host = FakeHost<UltrapeerServent>;
/** Nothing but queries and hits. */
const QUIET = { keepAliveMs: 0, electMs: 0, lookAroundMs: 0 };
const KEY = 4711;

function converged(count: number, settings: Partial<UltrapeerSettings> = {}, seed = 1): { net: FakeNetwork; hosts: Host[] } {
  const net = new FakeNetwork({ seed });
  return { net, hosts: net.converge(count, ultrapeer, { ...QUIET, ...settings }) };
}

function ask(net: FakeNetwork, host: Host, key = KEY): FakeOperation {
  const operation = new FakeOperation(key);
  host.protocol.locate(key, operation);
  net.run(net.now + 20_000);
  return operation;
}

test("a hit in the ultrapeer's own index costs 2 messages", (t) => {
  const { net, hosts } = converged(200);
  const leaf = hosts.find((host) => !host.protocol.isUltrapeer)!;
  const own = net.hostAt(leaf.protocol.neighbours()[0]) as Host;
  const sibling = own.protocol
    .neighbours()
    .map((address) => net.hostAt(address) as Host)
    .find((host) => !host.protocol.isUltrapeer && host !== leaf)!;
  sibling.protocol.publish(KEY, itemOf(KEY));
  net.run(1000);
  net.sent.length = 0;
  const { answers } = ask(net, leaf);
  t.deepEqual(
    net.sent.map(({ from, to, message }) => [from, to, message.type]),
    [
      [leaf.address, own.address, 'query'],
      [own.address, leaf.address, 'hit'],
    ],
  );
  t.deepEqual(answers, [{ provider: sibling.address, hops: 1 }]);
  net.sent.length = 0;
  t.deepEqual(ask(net, own).answers, [{ provider: sibling.address, hops: 0 }], 'the ultrapeer itself');
  t.is(net.sent.length, 0, 'has nobody to ask');
});

test('no query ever reaches a leaf, while leaves become ultrapeers and ultrapeers leaves, crash and come back', (t) => {
  const net = new FakeNetwork({ seed: 4 });
  const settings = { leaves: 6, electMs: 5000, fullUptimeMs: 5000, keepAliveMs: 3000, keepAliveTimeoutMs: 7000, retryMs: 2000 };
  const hosts: Host[] = [];
  let queries = 0;
  const watch = ({ protocol }: Host) => {
    const handle = protocol.onMessage;
    protocol.onMessage = (from, message, connection) => {
      if (message.type === 'query') {
        queries++;
        t.true(protocol.isUltrapeer);
      }
      handle.call(protocol, from, message, connection);
    };
  };
  for (let i = 0; i < 60; i++) {
    const host = net.addPeer(ultrapeer, settings);
    hosts.push(host);
    watch(host);
    host.protocol.join();
    net.run(net.now + 500);
  }
  const random = new Stream(5, 0, 'population');
  for (let change = 0; change < 300; change++) {
    net.run(net.now + random.exponential(1000));
    const host = random.pick(hosts);
    if (!host.up) {
      host.start();
      watch(host);
      host.protocol.join();
    } else if (change % 3 === 0) net.crash(host.index);
    else if (change % 3 === 1) net.leave(host.index);
    const asker = random.pick(hosts);
    const sharer = random.pick(hosts);
    if (sharer.up) sharer.protocol.publish(change, itemOf(change));
    if (asker.up) asker.protocol.locate(change, new FakeOperation(change));
  }
  t.true(queries > 1000, `${queries} queries`);
  t.true((net.counters.get('promotions') ?? 0) > 5);
  t.true((net.counters.get('demotions') ?? 0) > 0);
});

test('content is found if and only if some ultrapeer within the TTL has it in its index', (t) => {
  const drawn = fc.record({
    count: fc.integer({ min: 20, max: 250 }),
    leaves: fc.integer({ min: 3, max: 9 }),
    leafUltrapeers: fc.integer({ min: 1, max: 3 }),
    degree: fc.integer({ min: 2, max: 4 }),
    ttl: fc.integer({ min: 1, max: 5 }),
    sharer: fc.nat(),
    asker: fc.nat(),
    how: fc.constantFrom('in-turn', 'all'),
  });
  const seen = { found: 0, missed: 0 };
  fc.assert(
    fc.property(drawn, ({ count, sharer, asker, how, ...settings }) => {
      const { net, hosts } = converged(count, { ...settings, ask: how, maximumNeighbours: 4, desiredNeighbours: 2 }, count);
      const [from, having] = [hosts[asker % count], hosts[sharer % count]];
      if (from === having) return;
      having.protocol.publish(KEY, itemOf(KEY));
      net.run(1000);
      const isThere = withinTtl(net, from, settings.ttl).some((address) => indexes(net, address, having));
      const { answers } = ask(net, from);
      t.is(answers.length > 0, isThere);
      t.true(answers.every(({ provider, hops }) => provider === having.address && hops <= settings.ttl));
      seen[isThere ? 'found' : 'missed']++;
    }),
    { numRuns: 150, seed: 7 },
  );
  t.true(seen.found > 30 && seen.missed > 30, JSON.stringify(seen));
});

/** The ultrapeers at most so many links away; from an ultrapeer, itself as well. */
function withinTtl(net: FakeNetwork, start: Host, ttl: number): Address[] {
  const distance = new Map<Address, number>([[start.address, 0]]);
  for (const [address, far] of distance) {
    const { protocol } = net.hostAt(address) as Host;
    if (far === ttl || (!protocol.isUltrapeer && far > 0)) continue;
    for (const next of protocol.neighbours()) {
      if (!distance.has(next) && (net.hostAt(next) as Host).protocol.isUltrapeer) distance.set(next, far + 1);
    }
  }
  return [...distance.keys()].filter((address) => (net.hostAt(address) as Host).protocol.isUltrapeer);
}

/** Whether the peer is that one, or has it as its leaf. */
function indexes(net: FakeNetwork, ultrapeerAddress: Address, having: Host): boolean {
  return (
    ultrapeerAddress === having.address ||
    (!having.protocol.isUltrapeer && (net.hostAt(ultrapeerAddress) as Host).protocol.neighbours().includes(having.address))
  );
}

test('TTL + hops is the same on every link that a query or a hit crosses, and a GUID is forwarded once', (t) => {
  const { net, hosts } = converged(400, { leaves: 9, degree: 3, maximumNeighbours: 4, desiredNeighbours: 3, answersWanted: 1000 });
  const leaves = hosts.filter((host) => !host.protocol.isUltrapeer);
  leaves[3].protocol.publish(KEY, itemOf(KEY));
  net.run(1000);
  net.sent.length = 0;
  const { answers } = ask(net, leaves[100]);
  const queries = net.sentOf<Query>('query');
  t.true(queries.length > 15, `${queries.length} queries`);
  for (const { message } of queries) t.is(message.ttl + message.hops, 4);
  const copies = new Set(queries.map(({ from, to, message }) => `${message.guid} ${from} ${to}`));
  t.is(copies.size, queries.length);
  const hits = net.sentOf<Hit>('hit').map(({ message }) => message);
  t.true(hits.length > 1, 'it is not in its own index');
  for (const { ttl, hops } of hits)
    t.true(
      answers.some((answer) => answer.hops === ttl + hops),
      'the TTL of a hit takes it just home',
    );
});
