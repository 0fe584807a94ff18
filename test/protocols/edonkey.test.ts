/** eDonkey's parts in their behaviour: logging in, identifiers, searches over one server and many, downloads, source exchange, odd messages. */

import test from 'ava';
import fc from 'fast-check';
import { isChosen } from '../../src/overlay/chosen.js';
import { BLOCK_BYTES, contentMark } from '../../src/overlay/transfer/messages.js';
import type { Client } from '../../src/protocols/edonkey/client.js';
import { genuineHash, hashOfMarks, isSameHash, PART_BYTES } from '../../src/protocols/edonkey/ed2k-hash.js';
import edonkey from '../../src/protocols/edonkey/index.js';
import {
  type EdonkeyMessage,
  type GetSources,
  type GlobalSearch,
  type Offer,
  type Search,
  sizeOf,
} from '../../src/protocols/edonkey/messages.js';
import { Server } from '../../src/protocols/edonkey/server.js';
import type { EdonkeySettings } from '../../src/protocols/edonkey/settings.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { type FakeHost, FakeNetwork, FakeOperation, itemOf, settingsOf } from '../helpers/fake-network.js';
import { plainClass } from '../helpers/plain-topology.js';
import { type Testnet, type TestnetOptions, testnet } from '../helpers/testnet.js';

const KEY = 0x123456789abc;

/** Servers, and clients that have logged in. */
function world(count: number, settings: Partial<EdonkeySettings> = {}) {
  const net = new FakeNetwork({ seed: 4 });
  const servers = net.addServers(edonkey, settings) as unknown as FakeHost<Server>[];
  const clients = Array.from({ length: count }, () => net.addPeer(edonkey, settings) as unknown as FakeHost<Client>);
  for (const { protocol } of clients) protocol.join();
  net.run(30_000);
  return { net, servers, clients };
}

const serverOf = (servers: readonly FakeHost[], client: FakeHost<Client>) =>
  servers.findIndex(({ address }) => address === client.protocol.login.access?.remote);

function ask(net: FakeNetwork, client: FakeHost<Client>, key = KEY, words: readonly number[] = [key]) {
  const operation = new FakeOperation(key, words);
  client.protocol.locate(key, operation);
  net.run(net.now + 20_000);
  return operation;
}

// Logging in.

test('everybody is let in by some server, which another one helps to find out who can be called', (t) => {
  const { net, servers, clients } = world(60);
  for (const client of clients) {
    t.true(serverOf(servers, client) >= 0);
    t.is(client.protocol.login.lowId, 0);
  }
  for (const { protocol } of servers) t.true(protocol.clients.size >= 8);
  t.is(net.sentOf('try-client').length, 60);
  const own = net.sentOf<EdonkeyMessage>('try-client').map(({ from, message }) => [from, (message as { client: number }).client]);
  for (const [server, client] of own) {
    t.is(clients.find(({ address }) => address === client)!.protocol.login.access!.remote, server, 'its own server asks');
  }
});

test('where there is one server only, or the others are silent, a client is believed', (t) => {
  for (const settings of [{ servers: 1 }, { servers: 3 }]) {
    const net = new FakeNetwork();
    const servers = net.addServers(edonkey, settings);
    for (const { index } of servers.slice(1)) net.crash(index);
    const [open, hidden] = [true, false].map((reachable) => Object.assign(net.addPeer(edonkey, settings), { reachable }));
    for (const { protocol } of [open, hidden]) protocol.join();
    net.run(120_000);
    t.is((open.protocol as Client).login.lowId, 0);
    t.is((hidden.protocol as Client).login.lowId, 1);
  }
});

/** Most peers behind gateways of many kinds. */
const hiddenNet = (options: Partial<TestnetOptions> = {}) =>
  testnet<Client>('edonkey', { peers: 60, seed: 3, topology: { nat: loadTopology('home-users-nat').nat }, ...options });

test('who can be called by anybody has a HighID, and nobody who cannot: found out by another server, behind real gateways', async (t) => {
  const net = await hiddenNet({ start: 'join' });
  net.run(60_000);
  const { counters } = net.shard.meter.report();
  t.is(counters['high-ids'] + counters['low-ids'], 60);
  for (let i = 0; i < 60; i++) if (net.shard.addresses.reachable(i)) t.is(net.peer(i)!.login.lowId, 0, `p${i}`);
  // Full-cone gateways let anybody in who knows the port: a HighID is right there, though its owner thinks otherwise.
  const high = Array.from({ length: 60 }, (_, i) => i).filter((i) => net.peer(i)!.login.lowId === 0);
  const fullCone = loadTopology('home-users-nat').nat.findIndex(({ name }) => name === 'full-cone');
  for (const i of high) t.true(net.shard.addresses.reachable(i) || net.shard.addresses.classOf(i) === fullCone + 1, `p${i}`);
  t.true(high.length < 30);
});

test('when its server dies a client logs in elsewhere and offers its files again, and searches that wait are asked there', (t) => {
  const { net, servers, clients } = world(12);
  for (const { index, protocol } of clients) protocol.publish(index, itemOf(index));
  net.run(net.now + 1000);
  net.crash(servers[0].index);
  const orphans = clients.filter((client) => serverOf(servers, client) === 0);
  t.true(orphans.length > 1);
  for (const { protocol } of orphans) protocol.onClose(protocol.login.access!, 'timed-out');
  const early = new FakeOperation(clients[0].index);
  orphans.at(-1)!.protocol.locate(early.key, early);
  net.run(net.now + 60_000);
  for (const orphan of orphans) t.true(serverOf(servers, orphan) > 0);
  t.is(servers[1].protocol.index.size + servers[2].protocol.index.size, 12);
  t.is(early.answers.length, 1);
  t.true(net.sentOf<Offer>('offer').length >= 12 + orphans.length);
});

test('a server that is silent to a question is left for another', (t) => {
  const { net, servers, clients } = world(12);
  const client = clients[0];
  const own = serverOf(servers, client);
  net.crash(servers[own].index);
  const operation = ask(net, client);
  t.is(operation.answers.length, 0);
  net.run(net.now + 60_000);
  t.true(serverOf(servers, client) >= 0 && serverOf(servers, client) !== own);
  t.true(client.timeouts >= 1);
});

test('with all servers dead nobody finds anything; with one back, everybody does', (t) => {
  const { net, servers, clients } = world(6);
  clients[0].protocol.publish(KEY, itemOf(KEY));
  for (const { index } of servers) net.crash(index);
  for (const { protocol } of clients) protocol.onClose(protocol.login.access!, 'timed-out');
  net.run(net.now + 60_000);
  const operation = ask(net, clients[1]);
  t.true(operation.open && operation.answers.length === 0);
  servers[1].start();
  net.run(net.now + 120_000);
  t.false(operation.open, 'it was asked as soon as there was a server');
  t.is(ask(net, clients[1]).answers.length, 1);
});

test('who leaves is forgotten with all that it offered', (t) => {
  const { net, servers, clients } = world(3, { servers: 1 });
  for (const { index, protocol } of clients) protocol.publish(index, itemOf(index));
  net.run(net.now + 1000);
  t.is(servers[0].protocol.index.size, 3);
  net.leave(clients[1].index);
  net.run(net.now + 1000);
  t.is(servers[0].protocol.index.size, 2);
  t.is(servers[0].protocol.clients.size, 2);
});

// Searches.

test('a search has two steps, each a question and an answer: which files have the words, and who has the one that is wanted', (t) => {
  const { net, clients } = world(3, { servers: 1 });
  clients[0].protocol.publish(KEY, itemOf(KEY, [1, 2]));
  clients[1].protocol.publish(KEY, itemOf(KEY, [1, 2]));
  clients[1].protocol.publish(99, itemOf(99, [1, 3]));
  net.run(net.now + 1000);
  net.sent.length = 0;
  const operation = ask(net, clients[2], KEY, [1]);
  t.deepEqual(
    net.sent.map(({ message }) => message.type),
    ['search', 'results', 'get-sources', 'sources'],
  );
  t.deepEqual(net.sentOf<Search>('search')[0].message.words, [1]);
  t.is(net.sentOf<GetSources>('get-sources')[0].message.key, KEY);
  t.deepEqual(
    operation.answers,
    [0, 1].map((i) => ({ provider: clients[i].address, hops: 1 })),
  );
  t.is(operation.finishedHops, 1);
});

test('other servers are asked, one after the other, only while there are too few results', (t) => {
  for (const [enoughResults, asked] of [
    [0, 0],
    [1, 0],
    [2, 3],
  ]) {
    const { net, servers, clients } = world(30, { servers: 4, enoughResults });
    const asker = clients[0];
    const [near] = clients.slice(1).filter((client) => serverOf(servers, client) === serverOf(servers, asker));
    const [far] = clients.filter((client) => serverOf(servers, client) !== serverOf(servers, asker));
    for (const { protocol } of [near, far]) protocol.publish(KEY, itemOf(KEY));
    net.run(net.now + 1000);
    const operation = ask(net, asker);
    const searches = net.sentOf<GlobalSearch>('global-search');
    t.is(searches.length, asked);
    t.is(operation.answers.length, asked > 0 ? 2 : 1);
    for (let i = 1; i < searches.length; i++) t.true(searches[i].atMs - searches[i - 1].atMs >= 750);
  }
});

test('another server that is dead is asked twice, and does not keep the search open', (t) => {
  const { net, servers, clients } = world(8);
  const own = serverOf(servers, clients[0]);
  net.crash(servers[(own + 1) % 3].index);
  const operation = ask(net, clients[0]);
  t.false(operation.open);
  t.is(net.sentOf('global-search').length, 3);
  t.is(clients[0].timeouts, 1);
});

// Downloads.

const SLOW = plainClass({ uplinkBitsPerSecond: 1e6, downlinkBitsPerSecond: 8e6, queueBytes: 262_144 });

const lineNet = (peers: number, settings: Record<string, number | boolean> = {}) =>
  testnet<Client>('edonkey', { peers, latencyMs: 20, settings, topology: { classes: [SLOW] } });

/** How long a peer takes to have a file that these share, in ms; -1 when it does not. */
async function fetchMs(net: Testnet<Client>, asker: number, sources: readonly number[], bytes: number, patienceMs = 1_000_000) {
  net.run(1000);
  for (const source of sources) net.publish(source, KEY, [KEY], bytes);
  net.runFor(1000);
  const startMs = net.now;
  const found = net.locate(asker, KEY, [KEY], bytes);
  net.runFor(patienceMs);
  return found.obtainedMs < 0 ? -1 : found.obtainedMs - startMs;
}

const counters = (net: Testnet<Client>): Record<string, number | undefined> => net.shard.meter.report().counters;

test('two sources beat one: a file of two parts comes in about half the time', async (t) => {
  const bytes = 2 * PART_BYTES;
  const one = await fetchMs(await lineNet(3), 0, [1], bytes);
  const two = await fetchMs(await lineNet(3), 0, [1, 2], bytes);
  const perPartMs = (PART_BYTES * 8) / 1e6 / 1e-3;
  t.true(one > 2 * perPartMs && one < 2.2 * perPartMs, `${one}`);
  t.true(two > perPartMs && two < 0.55 * one, `${two} against ${one}`);
});

const poisonerAmong = (share: number, peers: number) => {
  const all = Array.from({ length: peers }, (_, i) => i);
  return {
    poisoners: all.filter((i) => isChosen({ name: `p${i}` }, share, 'poisoner')),
    honest: all.filter((i) => !isChosen({ name: `p${i}` }, share, 'poisoner')),
  };
};

test('a corrupt part is detected and fetched again from another source', async (t) => {
  const { poisoners, honest } = poisonerAmong(0.3, 20);
  const net = await lineNet(20, { poisoners: 0.3, partBytes: 500_000 });
  const ms = await fetchMs(net, honest[0], [poisoners[0], honest[1]], 3_000_000);
  t.true(ms > 0, 'it has the genuine file');
  t.true(counters(net)['parts-corrupt']! >= 1);
  t.is(counters(net)['downloads-done'], 1);
  t.is(counters(net)['downloads-spoilt'], undefined);
});

test('from poisoners alone nothing is ever had, and nothing is taken for genuine', async (t) => {
  const { poisoners, honest } = poisonerAmong(0.3, 20);
  const net = await lineNet(20, { poisoners: 0.3, partBytes: 500_000 });
  t.is(await fetchMs(net, honest[0], poisoners.slice(0, 2), 1_000_000), -1);
  t.is(counters(net)['downloads-failed'], 1);
  t.is(counters(net)['downloads-done'], undefined);
});

test('one wrong block anywhere in a part gives another hash', (t) => {
  const parts = fc.record({ key: fc.maxSafeNat(), blocks: fc.integer({ min: 1, max: 40 }), wrong: fc.nat(39), bit: fc.nat(31) });
  fc.assert(
    fc.property(parts, ({ key, blocks, wrong, bit }) => {
      const marks = Array.from({ length: blocks }, (_, i) => contentMark(key % 2 ** 48, i * BLOCK_BYTES));
      const hash = genuineHash(key % 2 ** 48, 0, blocks);
      const right = isSameHash(hashOfMarks(marks), hash);
      marks[wrong % blocks] = (marks[wrong % blocks] ^ (1 << bit)) >>> 0;
      return right && !isSameHash(hashOfMarks(marks), hash);
    }),
  );
  t.pass();
});

test('a download goes on when the servers that found its sources are gone', async (t) => {
  const net = await lineNet(3);
  net.run(1000);
  net.publish(1, KEY, [KEY], PART_BYTES);
  net.runFor(1000);
  const found = net.locate(0, KEY, [KEY], PART_BYTES);
  net.runFor(10_000);
  for (const server of [3, 4, 5]) net.crash(server);
  net.runFor(200_000);
  t.true(found.obtainedMs > 0);
});

test('clients that download the same file tell each other of sources', async (t) => {
  for (const sourceExchange of [true, false]) {
    // Nobody asks a server but their own.
    const net = await lineNet(4, { servers: 1, sourceExchange, mostSources: 1 });
    const [asker, fellow, common, other] = [0, 1, 2, 3];
    net.run(1000);
    net.publish(other, KEY, [KEY], 2 * PART_BYTES);
    net.runFor(1000);
    const byFellow = net.locate(fellow, KEY, [KEY], 2 * PART_BYTES); // is told of `other` alone
    net.runFor(3000);
    net.peer(other)!.leave(); // from the server, which forgets it
    net.publish(common, KEY, [KEY], 2 * PART_BYTES);
    net.runFor(1000);
    const again = net.locate(fellow, KEY, [KEY], 2 * PART_BYTES);
    net.runFor(1000);
    const download = net.peer(fellow)!.downloads;
    download.onExchangeSources({ type: 'exchange-sources', key: KEY, sources: [net.address(common), 0, net.address(4)], fellows: [] });
    net.runFor(3000);
    const byAsker = net.locate(asker, KEY, [KEY], 2 * PART_BYTES); // is told of `common` alone, who knows of the fellow
    net.runFor(3000);
    t.deepEqual(byAsker.providers, [net.address(common)]);
    const before = counters(net)['sources-exchanged'] ?? 0;
    t.is(before, sourceExchange ? 2 : 1, 'the first by hand');
    net.runFor(1_000_000);
    t.true(byFellow.obtainedMs > 0 && byAsker.obtainedMs > 0 && again.obtainedMs <= byFellow.obtainedMs);
  }
});

test('what was downloaded is offered too, if so set', async (t) => {
  const net = await lineNet(4, { shareDownloads: true });
  t.true((await fetchMs(net, 0, [1], 100_000, 30_000)) > 0);
  const found = net.locate(2, KEY);
  net.runFor(10_000);
  t.deepEqual(found.providers.toSorted(), [0, 1].map((i) => net.address(i)).toSorted());
});

test('a LowID client is called back through its server, for clients of that server', async (t) => {
  for (const globalCallbacks of [false, true]) {
    const net = await hiddenNet({ settings: { globalCallbacks } });
    net.run(5000);
    const peers = Array.from({ length: 60 }, (_, i) => i);
    const server = (i: number) => net.peer(i)!.login.access!.remote;
    const source = peers.find((i) => net.peer(i)!.login.lowId > 0)!;
    const open = peers.filter((i) => net.shard.addresses.reachable(i));
    const near = open.find((i) => server(i) === server(source))!;
    const far = open.find((i) => server(i) !== server(source))!;
    net.publish(source, KEY, [KEY], 100_000);
    net.runFor(2000);
    const found = [near, far].map((i) => net.locate(i, KEY, [KEY], 100_000));
    net.runFor(120_000);
    t.true(found[0].obtainedMs > 0);
    t.is(found[1].obtainedMs > 0, globalCallbacks);
    t.is(found[1].providers.length, 1, 'it is found all the same');
    t.is(counters(net)['downloads-out-of-reach'] ?? 0, globalCallbacks ? 0 : 1);
  }
});

// What does not fit.

test('late, doubled, strange and misdirected messages do no harm', (t) => {
  const { net, servers, clients } = world(3);
  const [host, other] = clients;
  const { access } = host.protocol.login;
  const toClient: EdonkeyMessage[] = [
    { type: 'id-change', lowId: 9 },
    { type: 'results', request: 9, keys: [KEY] },
    { type: 'sources', request: 9, key: KEY, sources: [65536, 0] },
    { type: 'callback-requested', to: 65536, token: 1, key: KEY },
    { type: 'ask-sources', key: KEY, reachable: true },
    { type: 'exchange-sources', key: KEY, sources: [65536, 0, 65536], fellows: [65536] },
  ];
  const toServer: EdonkeyMessage[] = [
    { type: 'search', request: 1, words: [KEY] },
    { type: 'offer', items: [itemOf(KEY)] },
    { type: 'callback-request', lowId: 5, to: 65536, token: 1, key: KEY },
    { type: 'global-callback', lowId: 5, to: 65536, token: 1, key: KEY },
    { type: 'tried', request: 7, reached: false },
  ];
  for (const [target, messages] of [
    [host.address, toClient],
    [servers[0].address, toServer],
  ] as const) {
    const stray = other.connect(target);
    net.run(net.now + 100);
    for (const message of messages) stray.send(message);
    for (const message of messages) other.send(target, message);
    net.run(net.now + 1000);
  }
  t.is(host.protocol.login.access, access);
  t.is(host.protocol.login.lowId, 0);
  t.is(servers[0].protocol.index.size, 0, 'who is not logged in offers nothing');
  access!.send({ type: 'login', listens: true });
  net.run(net.now + 10_000);
  t.is(
    serverOf(servers, host),
    servers.findIndex(({ address }) => address === access!.remote),
  );
});

test('the sizes of messages: a header of 6 bytes on connections, of 2 in datagrams, and what they carry', (t) => {
  const settings = settingsOf(edonkey, { nameBytes: 20 });
  const size = (message: EdonkeyMessage) => sizeOf(message, settings);
  t.is(size({ type: 'get-sources', request: 1, key: KEY }), 6 + 4 + 16);
  t.is(size({ type: 'global-get-sources', request: 1, key: KEY }), 2 + 4 + 16);
  t.is(size({ type: 'sources', request: 1, key: KEY, sources: [65536, 0, 131072, 7] }), 6 + 4 + 16 + 1 + 2 * 6);
  t.is(size({ type: 'callback-request', lowId: 1, to: 65536, token: 1, key: KEY }), 10);
  t.is(size({ type: 'callback-requested', to: 65536, token: 1, key: KEY }), 12);
  t.is(size({ type: 'offer', items: [itemOf(1), itemOf(2)] }), 6 + 4 + 2 * (40 + 20));
});

test('servers are the last peers, and share the clients', async (t) => {
  const net = await testnet<Client>('edonkey', { peers: 30, settings: { servers: 2 } });
  net.run(1000);
  for (const server of [30, 31]) t.true((net.peer(server) as unknown) instanceof Server);
  const [a, b] = [30, 31].map((server) => (net.peer(server) as unknown as Server).clients.size);
  t.is(a + b, 30);
  t.true(Math.min(a, b) > 5);
});
