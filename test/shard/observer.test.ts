/** What a shard shows of itself to somebody who watches. */

import test from 'ava';
import { CAUSE_BITS } from '../../src/metrics/meter.js';
import { Problem } from '../../src/problem.js';
import type { Observed } from '../../src/shard/messages.js';
import { isShown, OBSERVED_TIMES, OBSERVED_WORDS } from '../../src/shard/observer.js';
import { puppet } from '../helpers/puppet.js';
import { type TestnetOptions, testnet } from '../helpers/testnet.js';

const PEERS = 40;
const OPTIONS: TestnetOptions = {
  peers: PEERS,
  latencyMs: 20,
  measureMs: 20_000,
  locate: { files: 20, replicas: 3, perPeer: 2, timeoutMs: 5000 },
};

const watching = (messages: number, drawn = new Uint8Array(PEERS).fill(1)) => ({ watch: { drawn, groups: 8, messages } });

/** Rows of one list as [sent, ended, from, to, type, cause, ttl, verdict, on a connection]. */
const rows = ({ messages }: Observed, kind: number) =>
  Array.from({ length: messages[kind].times.length / OBSERVED_TIMES }, (_, row) => [
    ...messages[kind].times.slice(row * OBSERVED_TIMES, (row + 1) * OBSERVED_TIMES),
    ...messages[kind].words.slice(row * OBSERVED_WORDS, (row + 1) * OBSERVED_WORDS),
  ]);
const operationOf = (row: readonly number[]) => row[5] >>> CAUSE_BITS;
const LOOK = { halvings: 0, look: false };

for (const protocol of ['gnutella', 'chord'])
  test(`${protocol}: with room for all every message is shown once it has come to its end, delivered or not`, async (t) => {
    const net = await testnet(protocol, { ...OPTIONS, looking: watching(100_000) });
    net.watch();
    for (const peer of [3, 5, 8, 13, 21]) {
      net.runFor(2000);
      net.crash(peer);
      net.leave(peer + 10);
    }
    net.run(30_000);
    const seen = net.shard.observe(LOOK);
    const { delivered, dropped } = net.shard.progress(false);
    const all = [0, 1, 2].flatMap((kind) => rows(seen, kind));
    t.is(all.length, delivered + dropped);
    t.true(dropped > 0 && delivered > 1000);
    t.is(
      seen.handled.reduce((a, b) => a + b, 0),
      delivered,
    );
    t.is(all.filter((row) => row[7] < 0).length, dropped);
    t.true(all.every(([sentMs, endedMs]) => endedMs >= sentMs));
    // As the protocols saw it: when, from whom, to whom.
    const types = net.shard.mail.codec.types;
    const told = net.deliveries.map(({ atMs, from, to, message }) => `${atMs} ${net.indexOf(from)} ${to} ${message.type}`).sort();
    const shown = all.filter((row) => row[7] === 0).map((row) => `${row[1]} ${row[2]} ${row[3]} ${types[row[4]]}`);
    const known = new Set(shown);
    t.true(told.length > 1000 && told.every((each) => known.has(each)));
    t.is(
      all.some((row) => row[6] > 0),
      protocol === 'gnutella',
      'a query has a ttl',
    );
    t.is(
      net.shard.observe(LOOK).messages.reduce((sum, { times }) => sum + times.length, 0),
      0,
      'once',
    );
  });

test('without room operations are shown whole: all messages of those that are, and none of the others', async (t) => {
  const seen = async (messages: number) => {
    const net = await testnet('gnutella', { ...OPTIONS, looking: watching(messages) });
    net.run(30_000);
    return net.shard.observe(LOOK);
  };
  const [all, some] = [await seen(100_000), await seen(400)];
  t.is(all.halvings, 0);
  t.true(some.halvings > 0);
  const ofOperations = rows(all, 0);
  t.true(ofOperations.length > 2000, `${ofOperations.length}`);
  const expected = ofOperations.filter((row) => isShown(operationOf(row), some.halvings));
  t.true(expected.length > 0 && expected.length <= 400);
  t.deepEqual(rows(some, 0), expected);
  // Of the rest every so many, from the first to the last.
  const [everyMaintenance, maintenance] = [rows(all, 1), rows(some, 1)];
  t.true(maintenance.length > 100 && maintenance.length <= 400);
  const stride = 2 ** Math.ceil(Math.log2(everyMaintenance.length / 400));
  t.deepEqual(
    maintenance,
    everyMaintenance.filter((_, row) => row % stride === 0),
  );
});

test('between those who are not drawn only operations are shown, and apart from the others', async (t) => {
  const drawn = Uint8Array.from({ length: PEERS }, (_, peer) => (peer < 10 ? 1 : 0));
  const net = await testnet('gnutella', { ...OPTIONS, looking: watching(100_000, drawn) });
  net.run(30_000);
  const seen = net.shard.observe(LOOK);
  const isDrawn = ([, , from, to]: readonly number[]) => from < 10 && to < 10;
  t.true(rows(seen, 0).length > 0 && rows(seen, 0).every(isDrawn));
  t.true(rows(seen, 1).length > 0 && rows(seen, 1).every(isDrawn));
  t.true(rows(seen, 1).every((row) => operationOf(row) === 0));
  t.true(rows(seen, 2).length > 0 && !rows(seen, 2).some(isDrawn) && rows(seen, 2).every((row) => operationOf(row) > 0));
});

test('who comes and goes is told, and how many of a group are up', async (t) => {
  const net = await testnet('gnutella', { ...OPTIONS, looking: watching(10) });
  const first = net.shard.observe({ halvings: 0, look: true });
  t.deepEqual([...first.up], new Array(8).fill(5));
  t.is(first.changes.length, 3 * PEERS);
  net.run(100);
  net.crash(3);
  net.leave(38);
  net.run(200);
  net.join(3);
  const { changes, up } = net.shard.observe(LOOK);
  t.deepEqual([...changes], [100, 3, 0, 100, 38, 0, 200, 3, 1]);
  t.deepEqual([...up], [5, 5, 5, 5, 5, 5, 5, 4]);
});

test('links are between those drawn', async (t) => {
  const drawn = Uint8Array.from({ length: PEERS }, (_, peer) => (peer < 20 ? 1 : 0));
  const net = await testnet('chord', { ...OPTIONS, looking: watching(10, drawn) });
  const { links } = net.shard.observe({ halvings: 0, look: true });
  const expected = [...Array(20).keys()].flatMap((peer) =>
    [...net.peer(peer)!.neighbours!()].map((address) => net.indexOf(address)).flatMap((other) => (other < 20 ? [peer, other] : [])),
  );
  t.true(expected.length > 40);
  t.deepEqual([...links!], expected);
  t.is(net.shard.observe(LOOK).links, null);
});

for (const [protocol, coordinates] of Object.entries({
  chord: 1,
  ring: 1,
  kademlia: 1,
  pastry: 1,
  tapestry: 1,
  viceroy: 1,
  freenet: 1,
  can: 2,
})) {
  test(`${protocol}: every peer says where it lies, and they lie apart`, async (t) => {
    const net = await testnet(protocol, { peers: PEERS, looking: watching(10) });
    net.run(3000);
    const { positions } = net.shard.observe({ halvings: 0, look: true });
    t.is(positions!.length, 3 * PEERS);
    const places = Array.from({ length: PEERS }, (_, i) => positions!.slice(3 * i + 1, 3 * i + 3));
    t.true(places.every(([x, y]) => x >= 0 && x < 1 && (coordinates === 1 ? Number.isNaN(y) : y >= 0 && y < 1)));
    t.is(new Set(places.map(String)).size, PEERS);
    const quarters = new Set(places.map(([x]) => Math.floor(4 * x)));
    t.is(quarters.size, 4);
  });
}

test('many places of a Chord peer: the first is where it lies', async (t) => {
  const net = await testnet('chord', { peers: PEERS, settings: { virtualNodes: 3 }, looking: watching(10) });
  const { positions } = net.shard.observe({ halvings: 0, look: true });
  t.is(positions!.length, 3 * PEERS);
});

test('a position that is none is answered with a sentence', async (t) => {
  const definition = puppet({});
  const { create } = definition;
  const wrong = {
    ...definition,
    create: (...given: Parameters<typeof create>) => Object.assign(create(...given), { position: () => [0.5, 1] }),
  };
  const net = await testnet(wrong as never, { peers: 2, looking: { watch: { drawn: Uint8Array.of(1, 1), groups: 2, messages: 10 } } });
  t.throws(() => net.shard.observe({ halvings: 0, look: true }), {
    instanceOf: Problem,
    message: /position of p0 .* gave \[0.5, 1\]: expected \[angle\] or \[x, y\], each from 0 up to, not including, 1/,
  });
});
