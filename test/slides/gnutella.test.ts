/**
 * What courses say of Gnutella, literally: the TTL rule, "a peer forwards a query once", "the hit goes back the way the query came",
 * and the message counts of floods on trees and random graphs.
 */

import test from 'ava';
import fc from 'fast-check';
import { mix, Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { distancesFrom, type Graph, neighboursIn } from '../../src/overlay/graph.js';
import { barabasiAlbert, randomRegular } from '../../src/overlay/wiring.js';
import type { Address } from '../../src/protocol.js';
import gnutella, { floodBound } from '../../src/protocols/gnutella/index.js';
import type { Hit, Query } from '../../src/protocols/gnutella/messages.js';
import type { Servent } from '../../src/protocols/gnutella/servent.js';
import type { GnutellaSettings } from '../../src/protocols/gnutella/settings.js';
import { type FakeHost, type FakeLatency, FakeNetwork, FakeOperation, itemOf, type SentMessage } from '../helpers/fake-network.js';
import { testnet } from '../helpers/testnet.js';

/** Nothing but queries and hits. */
const QUIET = { pingMs: 0, keepAliveMs: 0 };
const KEY = 77;

function wired(count: number, settings: Partial<GnutellaSettings>, latencyMs: FakeLatency = 10) {
  const net = new FakeNetwork({ latencyMs, seed: 3 });
  const hosts: FakeHost<Servent>[] = net.converge(count, gnutella, { ...QUIET, ...settings });
  return { net, hosts };
}

function flood(net: FakeNetwork, hosts: FakeHost<Servent>[], origin = 0, untilMs = 60_000) {
  const operation = new FakeOperation(KEY);
  hosts[origin].protocol.locate(KEY, operation);
  net.run(untilMs);
  return {
    operation,
    queries: net.sentOf<Query>('query'),
    hits: net.sentOf<Hit>('hit'),
    reached: hosts.filter((host) => host.reached > 0).length,
  };
}

/** Copies of the query that arrived where it was known already. */
const duplicates = (queries: readonly SentMessage[], reached: number) => queries.length - reached;

/** Every link its own delay, 1 to 100 ms, the same in both directions or not. */
const uneven: FakeLatency = (from, to) => 1 + ((mix(from * 7919 + 1, to) >>> 0) % 100);

test('complete ternary tree of 121 peers, query from the root, TTL 3: 39 reached, 39 messages, 0 duplicates', (t) => {
  const { net, hosts } = wired(121, { wiring: 'tree', degree: 3, ttl: 3 });
  const { queries, reached } = flood(net, hosts);
  t.is(reached, 39);
  t.is(queries.length, 39);
  t.is(duplicates(queries, reached), 0);
});

test('the same on the whole emulator, in strict mode', async (t) => {
  const net = await testnet<Servent>('gnutella', { peers: 121, settings: { ...QUIET, wiring: 'tree', degree: 3, ttl: 3 } });
  for (const peer of [39, 40]) net.publish(peer, KEY); // the last of depth 3 and the first of depth 4
  net.watch();
  const found = net.locate(0, KEY);
  net.run(60_000);
  t.is(net.deliveries.filter((delivery) => delivery.message.type === 'query').length, 39);
  t.deepEqual([found.providers, found.hops], [[net.address(39)], [3]]);
  t.false(found.finished, 'a flood cannot know that there is no more');
});

test('tree of degree 4, TTL 7: 4,372 messages, though there are 13,120 peers to reach', (t) => {
  const { net, hosts } = wired(1 + 4372 + 8748, { wiring: 'regular-tree', degree: 4 });
  const { queries, reached } = flood(net, hosts);
  t.is(queries.length, 4372);
  t.is(reached, 4372);
});

test('the bound for trees: degree 4, TTL 7: 4,372; degree 8, TTL 7: 1,098,056', (t) => {
  t.is(floodBound(4, 7), 4372);
  t.is(floodBound(8, 7), 1_098_056);
});

test('TTL = T reaches distance T exactly, on a line', (t) => {
  for (const ttl of [1, 2, 5]) {
    const { net, hosts } = wired(10, { wiring: 'regular-tree', degree: 2, ttl });
    const line = [0, 1, 3, 5, 7, 9]; // one arm of it
    flood(net, hosts);
    t.deepEqual(
      line.map((peer) => hosts[peer].reached),
      line.map((_, distance) => (distance > 0 && distance <= ttl ? 1 : 0)),
    );
  }
});

test('TTL + hops is the same on every link that a query or a hit crosses', (t) => {
  const { net, hosts } = wired(300, { degree: 4, ttl: 6 }, uneven);
  hosts[200].protocol.publish(KEY, itemOf(KEY));
  const { queries, hits, operation } = flood(net, hosts, 5);
  t.true(queries.length > 500);
  for (const { message } of queries) t.is(message.ttl + message.hops, 6);
  t.true(queries.every(({ message }) => message.ttl >= 1));
  t.true(hits.length > 1, 'the provider is not a neighbour');
  for (const { message } of hits) t.is(message.ttl + message.hops, hits.length);
  t.deepEqual(operation.answers, [{ provider: hosts[200].address, hops: hits.length }]);
});

test('a peer forwards a GUID at most once to a neighbour, all at one moment, and never back', (t) => {
  const { net, hosts } = wired(300, { degree: 6, ttl: 30 }, uneven);
  const { queries } = flood(net, hosts, 5);
  const firstCopies = firstArrivals(queries, net);
  for (const host of hosts) {
    const copies = queries.filter((sent) => sent.from === host.address);
    t.is(new Set(copies.map((sent) => sent.to)).size, copies.length);
    t.is(new Set(copies.map((sent) => sent.atMs)).size, 1);
    t.is(copies.length, host.index === 5 ? 6 : 5, 'everybody is within reach');
    t.false(copies.some((sent) => sent.to === firstCopies.get(host.address)?.from));
  }
});

test('a hit retraces the path of first arrival, exactly; who has the file forwards the query all the same', (t) => {
  const { net, hosts } = wired(300, { degree: 5, ttl: 30 }, uneven);
  const providers = [17, 99, 250, 299];
  for (const provider of providers) hosts[provider].protocol.publish(KEY, itemOf(KEY));
  const { queries, hits, operation } = flood(net, hosts, 5);
  const firstCopies = firstArrivals(queries, net);
  for (const provider of providers) {
    const address = hosts[provider].address;
    t.true(
      queries.some((sent) => sent.from === address),
      'the provider forwards',
    );
    const path: [Address, Address][] = [];
    for (let at = address; at !== hosts[5].address; at = path[path.length - 1][1]) {
      const first = firstCopies.get(at);
      if (!first) return t.fail('the query did not get there');
      path.push([at, first.from]);
    }
    const taken = hits.filter((sent) => sent.message.provider === address).map((sent) => [sent.from, sent.to]);
    t.deepEqual(taken, path);
    t.is(operation.answers.find((answer) => answer.provider === address)?.hops, path.length);
  }
});

test('when the GUID has expired on the way, the hit is dropped there', (t) => {
  // A line 1 - 0 - 2, asked by 1; 2 answers, slowly. Peer 0 forgets the GUID between 1 and 2 s after it saw it.
  for (const [slowMs, arrives] of [
    [900, true],
    [2100, false],
  ] as const) {
    const latency: FakeLatency = (from, to) => (from === 2 && to === 0 ? slowMs : 10);
    const { net, hosts } = wired(3, { wiring: 'tree', degree: 2, guidExpiryMs: 1000 }, latency);
    hosts[2].protocol.publish(KEY, itemOf(KEY));
    const { operation, hits } = flood(net, hosts, 1);
    t.is(operation.answers.length, arrives ? 1 : 0);
    t.is(hits.length, arrives ? 2 : 1);
    t.is(net.counters.get('hits-without-route') ?? 0, arrives ? 0 : 1);
  }
});

test('messages of a flood = degree of the origin + sum of (degree - 1) over the peers at distances 1 to T-1, with equal delays', (t) => {
  const drawn = fc.record({
    count: fc.integer({ min: 2, max: 120 }),
    half: fc.integer({ min: 1, max: 3 }),
    ttl: fc.integer({ min: 1, max: 7 }),
    origin: fc.nat(),
    wiring: fc.constantFrom('random-regular', 'barabasi-albert'),
  });
  fc.assert(
    fc.property(drawn, ({ count, half, ttl, origin, wiring }) => {
      const { net, hosts } = wired(count, { wiring, degree: 2 * half, ttl });
      const draw = wiring === 'random-regular' ? randomRegular : barabasiAlbert;
      const graph: Graph = draw(count, 2 * half, new Stream(net.seed, WHOLE_RUN, 'converge'));
      const start = origin % count;
      const { queries, reached } = flood(net, hosts, start);
      let messages = 0;
      let ball = 0;
      distancesFrom(graph, start).forEach((distance, peer) => {
        const degree = neighboursIn(graph, peer).length;
        if (distance === 0) messages += degree;
        else if (distance > 0 && distance < ttl) messages += degree - 1;
        if (distance > 0 && distance <= ttl) ball++;
      });
      t.is(queries.length, messages);
      t.is(reached, ball);
    }),
    { numRuns: 60 },
  );
});

test('with unequal delays a flood reaches no more than the ball, and at times less', (t) => {
  let missed = 0;
  for (let origin = 0; origin < 20; origin++) {
    const { net, hosts } = wired(500, { ttl: 4, degree: 4 }, uneven);
    const graph = randomRegular(500, 4, new Stream(net.seed, WHOLE_RUN, 'converge'));
    const ball = distancesFrom(graph, origin).filter((distance) => distance > 0 && distance <= 4).length;
    const { reached } = flood(net, hosts, origin);
    t.true(reached <= ball);
    missed += ball - reached;
  }
  t.true(missed > 0);
});

/** Of each peer, the copy of the query that came first. */
function firstArrivals(queries: readonly SentMessage<Query>[], net: FakeNetwork): Map<Address, SentMessage<Query>> {
  const arrival = (sent: SentMessage) =>
    sent.atMs + (uneven as (from: number, to: number) => number)(indexOf(net, sent.from), indexOf(net, sent.to));
  const first = new Map<Address, SentMessage<Query>>();
  for (const sent of queries) {
    const known = first.get(sent.to);
    if (!known || arrival(sent) < arrival(known)) first.set(sent.to, sent);
  }
  return first;
}

function indexOf(net: FakeNetwork, address: Address): number {
  return net.hostAt(address)?.index ?? -1;
}
