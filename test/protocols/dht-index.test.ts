/** The index over Kademlia: what is found, how long lists travel, what holders that fall silent do to a query, and what it costs. */

import test from 'ava';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { xorDistance } from '../../src/overlay/xor.js';
import type { Item, Key } from '../../src/protocol.js';
import type { DhtIndex } from '../../src/protocols/dht-index/dht-index.js';
import dhtIndex from '../../src/protocols/dht-index/index.js';
import { type IntersectMessage, wireBytes } from '../../src/protocols/dht-index/messages.js';
import type { IndexSettings } from '../../src/protocols/dht-index/settings.js';
import { type FakeHost, FakeNetwork, FakeOperation } from '../helpers/fake-network.js';
import { testnet } from '../helpers/testnet.js';

const STILL: Partial<IndexSettings> = { k: 6, refreshMs: 0, republishMs: 0, publishMs: 0, rpcTimeoutMs: 100, queryTimeoutMs: 3000 };
const MODES = ['chain', 'origin', 'bloom'] as const;
const random = new Stream(11, WHOLE_RUN, 'workload');
const WORDS: readonly Key[] = Array.from({ length: 12 }, () => random.identifier());

interface Net {
  readonly net: FakeNetwork;
  readonly hosts: FakeHost<DhtIndex>[];
}

function overlay(count: number, settings: Partial<IndexSettings>): Net {
  const net = new FakeNetwork({ seed: 2 });
  return { net, hosts: net.converge(count, dhtIndex, { ...STILL, ...settings }) as unknown as FakeHost<DhtIndex>[] };
}

function publish({ net, hosts }: Net, provider: number, item: Item): void {
  hosts[provider].protocol.publish(item.key, item);
  net.run(net.now + 20);
}

function ask({ net, hosts }: Net, origin: number, key: Key, words: readonly Key[], waitMs = 10_000): FakeOperation {
  const operation = new FakeOperation(key, words);
  hosts[origin].protocol.locate(key, operation);
  net.run(net.now + waitMs);
  return operation;
}

/** The six holders of a word, the closest first. */
function closest({ hosts }: Net, word: Key): FakeHost<DhtIndex>[] {
  const target = hosts[0].protocol.identifierOf(word);
  const distances = new Map(hosts.map((host) => [host, xorDistance(host.protocol.identifier, target)]));
  return [...hosts].sort((a, b) => distances.get(a)! - distances.get(b)!).slice(0, 6);
}

/** It holds no more than if it had come just now. */
function forget(protocol: DhtIndex): void {
  Object.assign(protocol, { store: null });
}

/** Payload bytes sent since the messages were last cleared, and the longest message. */
function bytesOf({ net }: Net): { sum: number; most: number } {
  const sizes = net.sent.map(({ message }) => wireBytes(message as never, 160));
  return { sum: sizes.reduce((sum, size) => sum + size, 0), most: Math.max(...sizes) };
}

for (const intersect of MODES) {
  test(`${intersect}: whatever has all the words is found with all its providers, and nothing else`, (t) => {
    const world = overlay(60, { intersect, bitsPerKey: 2 });
    const items = Array.from({ length: 80 }, (): Item => {
      const words = random.shuffle([...WORDS]).slice(0, 3);
      return { key: random.identifier(), words, sizeBytes: 0 };
    });
    const providers = items.map(() => [random.integer(20), 20 + random.integer(20)]);
    for (const [i, item] of items.entries()) for (const provider of providers[i]) publish(world, provider, item);
    world.net.run(world.net.now + 2000);
    for (const [i, item] of items.entries()) {
      const { answers, open } = ask(world, 40 + (i % 20), item.key, item.words.slice(0, 1 + (i % 3)), 2000);
      t.false(open);
      t.deepEqual(
        answers.map(({ provider }) => provider).sort(),
        providers[i].map((provider) => world.hosts[provider].address).sort(),
        `item ${i}`,
      );
    }
    const [a, b] = WORDS;
    const elsewhere = items.find(({ words }) => words.includes(a) && !words.includes(b))!;
    t.is(ask(world, 50, elsewhere.key, [a, b]).answers.length, 0, 'it has only one of the two words');
    const nothing = ask(world, 51, 5, [a, 123_456]);
    t.false(nothing.open, 'a word that nobody has: a definite nobody');
    t.is(nothing.answers.length, 0);
  });

  test(`${intersect}: lists longer than a datagram travel in parts`, (t) => {
    const world = overlay(40, { intersect });
    const [hot, warm] = WORDS;
    const items = Array.from({ length: 300 }, (_, i): Item => ({ key: 1000 + i, words: i % 2 ? [hot, warm] : [hot], sizeBytes: 0 }));
    for (const [i, item] of items.entries()) publish(world, i % 30, item);
    world.net.run(world.net.now + 2000);
    world.net.sent.length = 0;
    for (const i of [1, 151, 299]) t.is(ask(world, 35, 1000 + i, [hot, warm], 3000).answers.length, 1);
    t.is(ask(world, 36, 1000, [hot], 3000).answers.length, 1);
    t.true(world.net.sentOf('part').length > 0);
    t.true(bytesOf(world).most <= 1400, `${bytesOf(world).most} bytes`);
  });

  test(`${intersect}: a holder that falls silent breaks the query, and it begins again with another`, (t) => {
    const world = overlay(60, { intersect });
    const { net, hosts } = world;
    publish(world, 3, { key: 77, words: WORDS.slice(0, 2), sizeBytes: 0 });
    net.run(net.now + 2000);
    const silent = new Set<number>();
    for (const host of hosts) {
      const { protocol } = host;
      const handle = protocol.onMessage;
      protocol.onMessage = (from, message, connection) => {
        // The first that is asked for a part or to intersect dies in that moment.
        if (message.type === 'intersect' && silent.size === 0) silent.add(host.index);
        if (!silent.has(host.index)) handle.call(protocol, from, message, connection);
      };
    }
    const operation = ask(world, 9, 77, WORDS.slice(0, 2), 20_000);
    t.deepEqual(
      operation.answers.map(({ provider }) => provider),
      [hosts[3].address],
    );
    if (intersect !== 'origin') t.is(net.counters.get('dht-index.retries'), 1);
  });
}

for (const intersect of MODES) {
  test(`${intersect}: newcomers have only what was stored since; one of several holders asked knows the rest`, (t) => {
    const found = (holders: number): number => {
      const world = overlay(60, { intersect, holders });
      const words = WORDS.slice(0, 2);
      publish(world, 3, { key: 77, words, sizeBytes: 0 });
      world.net.run(world.net.now + 2000);
      for (const word of words) for (const { protocol } of closest(world, word).slice(0, 2)) forget(protocol);
      publish(world, 4, { key: 78, words, sizeBytes: 0 });
      world.net.run(world.net.now + 2000);
      const origins = world.hosts.filter(({ protocol }) => !words.some((word) => protocol.holds(word))).slice(0, 20);
      t.is(origins.length, 20);
      return origins.filter(({ index }) => ask(world, index, 77, words, 2000).answers.length > 0).length;
    };
    t.is(found(3), 20);
    t.true(found(1) < 20, 'the first to answer may be a newcomer');
  });
}

test('fewer holders than are asked for: the query ends with those there are', (t) => {
  const world = overlay(40, { holders: 3 });
  const words = WORDS.slice(0, 2);
  publish(world, 3, { key: 77, words, sizeBytes: 0 });
  world.net.run(world.net.now + 2000);
  for (const word of words) for (const { protocol } of closest(world, word).slice(1)) forget(protocol);
  for (const origin of [9, 10, 11]) t.is(ask(world, origin, 77, words, 2000).answers.length, 1);
});

test('a step that arrives twice is done once', (t) => {
  const world = overlay(40, {});
  publish(world, 3, { key: 77, words: WORDS.slice(0, 2), sizeBytes: 0 });
  world.net.run(world.net.now + 2000);
  for (const { protocol } of world.hosts) {
    const handle = protocol.onMessage;
    protocol.onMessage = (from, message, connection) => {
      handle.call(protocol, from, message, connection);
      handle.call(protocol, from, message, connection);
    };
  }
  world.net.sent.length = 0;
  const { answers } = ask(world, 9, 77, WORDS.slice(0, 2));
  t.is(answers.length, 1);
  t.true(world.net.sentOf<IntersectMessage>('intersect').length <= 2);
  t.true(world.net.sentOf('result').length <= 1);
});

test('a rare word with a hot one: the chain carries the rare list only, a filter less than a long list, and the origin pays for both', (t) => {
  const cost: Record<string, number> = {};
  for (const intersect of MODES) {
    const world = overlay(40, { intersect });
    const [hot, warm, rare] = WORDS;
    for (let i = 0; i < 500; i++) {
      const words = i === 7 ? [hot, warm, rare] : [i < 300 ? hot : warm];
      publish(world, i % 30, { key: 1000 + i, words, sizeBytes: 0 });
    }
    world.net.run(world.net.now + 2000);
    for (const [name, words] of [
      ['rare', [hot, rare]],
      ['warm', [hot, warm]],
    ] as const) {
      world.net.sent.length = 0;
      t.is(ask(world, 35, 1007, words, 3000).answers.length, 1);
      cost[`${intersect} ${name}`] = bytesOf(world).sum;
    }
  }
  t.log(cost);
  t.true(cost['chain rare'] < cost['origin rare'] / 2);
  t.true(cost['chain warm'] < 0.75 * cost['origin warm']);
  t.true(cost['bloom warm'] < cost['chain warm'] / 2);
  t.true(cost['chain rare'] < cost['bloom rare'], 'a list of one is shorter than the way back');
});

test('through the workload with names of three words, of which two are known: every query is answered, and completely', async (t) => {
  const net = await testnet('dht-index', {
    peers: 80,
    settings: { refreshMs: 0 },
    warmUpMs: 10_000,
    measureMs: 20_000,
    drainMs: 10_000,
    strict: false,
    locate: {
      files: 100,
      replicas: 4,
      publishSpreadMs: 3000,
      ratePerPeerPerSecond: 0.2,
      names: { vocabulary: 60, perItem: 3, perQuery: 2, zipf: 0.8 },
    },
  });
  net.run(40_000);
  const { started, succeeded, failed } = net.shard.progress(false);
  t.true(started > 200);
  t.is(failed, 0);
  t.is(succeeded, started);
});
