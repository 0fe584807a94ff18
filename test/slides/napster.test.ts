/**
 * Napster as course slides tell it: the four steps (connect, upload the list of files, ask by keywords, take the best by ping); file
 * bytes from peer to peer; and its two weaknesses with their cures: the server is a single point of failure (have more than one), and a
 * client downloads from one other at a time (make it download from several).
 */

import test from 'ava';
import type { Key } from '../../src/protocol.js';
import type { Client } from '../../src/protocols/napster/client.js';
import napster from '../../src/protocols/napster/index.js';
import type { NapsterMessage } from '../../src/protocols/napster/messages.js';
import type { Server } from '../../src/protocols/napster/server.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { type FakeHost, FakeNetwork, FakeOperation, itemOf } from '../helpers/fake-network.js';
import { plainClass } from '../helpers/plain-topology.js';
import { type Testnet, testnet } from '../helpers/testnet.js';

const A: Key = 0xa;
const B: Key = 0xb;
const C: Key = 0xc;
const MB = 1_000_000;

const clientsOf = (hosts: readonly FakeHost<Client | Server>[]) => hosts as unknown as FakeHost<Client>[];

test('the four steps, message by message: m5 has file C', (t) => {
  const net = new FakeNetwork();
  const hosts = Array.from({ length: 6 }, () => net.addPeer(napster));
  const [server] = net.addServers(napster);
  for (const host of hosts) host.protocol.join();
  net.run(1000);
  const [initiator, , , , , m5] = clientsOf(hosts);
  // Connect to the server.
  t.deepEqual(
    net.asked.map(({ from, to }) => [from, to]),
    hosts.map(({ address }) => [address, server.address]),
  );
  t.is(net.sentOf('login').length, 6);
  // Upload the list of files.
  for (const [host, key] of [hosts[1], hosts[2], hosts[3], hosts[4]].map((each, i) => [each, [A, B, A, B][i]] as const)) {
    (host as unknown as FakeHost<Client>).protocol.publish(key, itemOf(key));
  }
  m5.protocol.publish(C, itemOf(C, [C], 40_000));
  net.run(2000);
  net.sent.length = 0;
  net.asked.length = 0;
  // Give the server keywords; select the best of the answers by ping; get the file from there.
  const operation = new FakeOperation(C, [C], 40_000);
  initiator.protocol.locate(C, operation);
  net.run(5000);
  const say = (message: NapsterMessage) => message.type;
  const name = (address: number) => (address === server.address ? 'server' : `m${hosts.findIndex((host) => host.address === address)}`);
  t.deepEqual(
    net.sent.map(({ from, to, message }) => `${name(from)} > ${name(to)}: ${say(message as NapsterMessage)}`),
    [
      'm0 > server: search',
      'server > m0: results',
      'm0 > m5: ping',
      'm5 > m0: pong',
      'm0 > server: get',
      'server > m0: get-ack',
      'm0 > m5: transfer-get',
      'm5 > m0: transfer-block',
      'm5 > m0: transfer-block',
      'm5 > m0: transfer-block',
    ],
  );
  t.deepEqual(operation.answers, [{ provider: m5.address, hops: 1 }]);
  t.true(operation.isObtained);
});

test('a search is two messages, whatever the size of the system and the number of answers', (t) => {
  for (const count of [10, 100, 1000]) {
    const net = new FakeNetwork();
    const hosts = clientsOf(net.converge(count, napster));
    for (let peer = 1; peer < count; peer++) hosts[peer].protocol.publish(C, itemOf(C));
    net.run(1000);
    net.sent.length = 0;
    const operation = new FakeOperation(C);
    hosts[0].protocol.locate(C, operation);
    net.run(2000);
    t.is(net.sent.length, 2);
    t.is(operation.answers.length, Math.min(count - 1, 100));
    t.is(operation.finishedHops, 1);
  }
});

test('all keywords must be in the name; one that nobody has is answered as well', (t) => {
  const net = new FakeNetwork();
  const hosts = clientsOf(net.converge(4, napster));
  hosts[1].protocol.publish(1, itemOf(1, [A, B]));
  hosts[2].protocol.publish(2, itemOf(2, [B, C]));
  net.run(100);
  const ask = (key: Key, ...words: Key[]) => {
    const operation = new FakeOperation(key, words);
    hosts[0].protocol.locate(key, operation);
    net.run(net.now + 100);
    t.false(operation.open);
    return operation.answers.map(({ provider }) => hosts.findIndex(({ address }) => address === provider));
  };
  t.deepEqual(ask(1, A), [1]);
  t.deepEqual(ask(1, B), [1]); // of the two that match, the one that was wanted
  t.deepEqual(ask(2, B, C), [2]);
  t.deepEqual(ask(2, A, C), []);
  t.deepEqual(ask(3, 0xd), []);
});

test('the best is the nearest by ping, and of equally near ones that with the fastest line', (t) => {
  // Peers 1 to 4 have it: 30, 20, 20 and 25 ms away.
  const net = new FakeNetwork({ latencyMs: (from, to) => [0, 30, 20, 20, 25, 10][Math.max(from, to)] });
  const hosts = Array.from({ length: 5 }, () => net.addPeer(napster));
  net.addServers(napster);
  const rates = [1e6, 100e6, 128_000, 2e6, 100e6];
  hosts.forEach((host, i) => {
    (host as { uplinkBitsPerSecond: number }).uplinkBitsPerSecond = rates[i];
    host.protocol.join();
  });
  net.run(500);
  const clients = clientsOf(hosts);
  for (const peer of [1, 2, 3, 4]) clients[peer].protocol.publish(C, itemOf(C, [C], MB));
  net.run(1000);
  const operation = new FakeOperation(C, [C], MB);
  clients[0].protocol.locate(C, operation);
  net.run(5000);
  t.true(operation.isObtained);
  t.deepEqual([...new Set(net.sentOf('transfer-block').map(({ from }) => hosts.findIndex(({ address }) => address === from)))], [3]);
});

/** Peers on lines of 1 Mbit/s up and 8 Mbit/s down, logged in. */
const homes = (peers: number, options: Partial<Parameters<typeof testnet>[1]> = {}): Promise<Testnet<Client | Server>> =>
  testnet<Client | Server>(napster as never, {
    latencyMs: 20,
    ...options,
    peers,
    topology: {
      classes: [plainClass({ uplinkBitsPerSecond: 1e6, downlinkBitsPerSecond: 8e6, queueBytes: 262_144 })],
      headerBytes: 28,
      segmentHeaderBytes: 40,
    },
  });

test('no byte of a file passes through the server', async (t) => {
  const net = await homes(20);
  net.watch();
  for (let peer = 1; peer < 20; peer++) net.publish(peer, C, [C], MB);
  net.run(1000);
  const found = Array.from({ length: 5 }, (_, peer) => net.locate(peer, C, [C], MB));
  net.run(120_000);
  for (const { obtainedMs } of found) t.true(obtainedMs > 0);
  const isFile = ({ message }: { message: { type: string } }) => message.type.startsWith('transfer-');
  const atServer = net.deliveries.filter(({ to }) => to === 20);
  t.is(atServer.filter(isFile).length, 0);
  t.true(atServer.length < 60);
  t.true(net.deliveries.filter(isFile).length > 5 * 61);
});

test("the server's load is linear in peers x rate", async (t) => {
  const points: [number, number][] = [];
  for (const [peers, rate] of [
    [25, 0.2],
    [50, 0.2],
    [100, 0.2],
    [100, 0.5],
    [200, 0.5],
    [200, 1],
  ]) {
    const net = await testnet('napster', {
      peers,
      latencyMs: 20,
      warmUpMs: 10_000,
      measureMs: 200_000,
      locate: { files: 100, replicas: 5, ratePerPeerPerSecond: rate },
    });
    net.run(10_000);
    let searches = 0;
    const server = net.peer(peers)!;
    const handle = server.onMessage;
    server.onMessage = (from, message, connection) => {
      searches++;
      handle.call(server, from, message, connection);
    };
    net.run(210_000);
    points.push([peers * rate, searches / 200]);
  }
  const { slope, intercept, rSquared } = regression(points);
  t.true(rSquared > 0.999, `R^2 ${rSquared}`);
  t.true(Math.abs(slope - 1) < 0.03, `${slope} messages to the server per search`);
  t.true(Math.abs(intercept) < 1.5, `${intercept}`);
});

function regression(points: readonly [number, number][]): { slope: number; intercept: number; rSquared: number } {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const sxy = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  const sxx = points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
  const syy = points.reduce((sum, [, y]) => sum + (y - my) ** 2, 0);
  const slope = sxy / sxx;
  return { slope, intercept: my - slope * mx, rSquared: sxy ** 2 / (sxx * syy) };
}

const CRASH_MS = 60_000;
const downAt = (text: string) => planFaults([text], { sites: [], peers: 30 }, (_, error) => error);

test('the server is killed: no search begun after that succeeds, and running downloads finish', async (t) => {
  const net = await homes(30, { faults: downAt('at 60s crash servers') });
  for (let peer = 15; peer < 30; peer++) net.publish(peer, peer, [peer], 10 * MB);
  net.run(CRASH_MS - 20_000);
  // 10 MB at 1 Mbit/s take 80 s.
  const downloads = [0, 1, 2, 3, 4].map((peer) => net.locate(peer, 15 + peer, [15 + peer], 10 * MB));
  net.run(CRASH_MS - 1000);
  const before = [5, 6, 7, 8, 9].map((peer) => net.locate(peer, 15 + peer));
  net.run(CRASH_MS + 1);
  t.is(net.peer(30), undefined);
  const after: ReturnType<typeof net.locate>[] = [];
  for (let asked = 0; asked < 60; asked++) {
    after.push(net.locate(asked % 15, 15 + ((asked * 7) % 15)));
    net.runFor(2000);
  }
  net.runFor(60_000);
  for (const { providers } of before) t.is(providers.length, 1);
  for (const { providers } of after) t.is(providers.length, 0);
  for (const { obtainedMs } of downloads) t.true(obtainedMs > CRASH_MS);
});

test('with two servers, one of which is killed, its clients go to the other, and searches succeed', async (t) => {
  const net = await homes(30, { settings: { servers: 2, linked: true }, faults: downAt('at 60s crash server 0') });
  for (let peer = 15; peer < 30; peer++) net.publish(peer, peer, [peer]);
  net.run(CRASH_MS - 1000);
  const users = () => [30, 31].map((server) => (net.peer(server) as Server | undefined)?.userCount);
  const [first, second] = users();
  t.is(first! + second!, 30);
  t.true(first! > 5 && second! > 5);
  net.run(CRASH_MS + 60_000);
  t.deepEqual(users(), [undefined, 30]);
  t.is((net.peer(31) as Server).shareCount, 15);
  const after = Array.from({ length: 15 }, (_, peer) => net.locate(peer, 15 + ((peer * 7) % 15)));
  net.runFor(5000);
  for (const { providers } of after) t.is(providers.length, 1);
});

test('two servers that are not linked know their own users only; linked ones find everything, for four messages', (t) => {
  for (const linked of [false, true]) {
    const net = new FakeNetwork();
    const hosts = net.converge(40, napster, { servers: 2, linked });
    const clients = clientsOf(hosts).slice(0, 40);
    for (const client of clients.slice(1)) client.protocol.publish(C, itemOf(C));
    net.run(100);
    net.sent.length = 0;
    const operation = new FakeOperation(C);
    clients[0].protocol.locate(C, operation);
    net.run(200);
    const found = new Set(operation.answers.map(({ provider }) => provider));
    const known = hosts.slice(40).map((server) => server.protocol as unknown as Server);
    const own = known.map(({ shareCount }) => shareCount);
    t.is(own[0] + own[1], 39);
    t.is(net.sent.length, linked ? 4 : 2);
    if (linked) {
      t.is(found.size, 39);
      t.is(operation.finishedHops, 2);
      t.deepEqual([1, 2].map((hops) => operation.answers.filter((answer) => answer.hops === hops).length).sort(), own.toSorted());
    } else t.true(own.includes(found.size));
  }
});

test('from one other at a time; a client made to download from several is faster', async (t) => {
  const times: number[] = [];
  for (const sourcesPerDownload of [1, 4]) {
    const net = await homes(6, { settings: { sourcesPerDownload, partBytes: sourcesPerDownload > 1 ? 250_000 : 0 } });
    net.watch();
    for (const peer of [1, 2, 3, 4, 5]) net.publish(peer, C, [C], 4 * MB);
    net.run(1000);
    const found = net.locate(0, C, [C], 4 * MB);
    net.run(60_000);
    times.push(found.obtainedMs);
    const senders = new Set(net.deliveries.filter(({ message }) => message.type === 'transfer-block').map(({ from }) => from));
    t.is(senders.size, sourcesPerDownload);
  }
  const [one, several] = times;
  t.true(one > 32_000 && several < one / 2.5, `${one} and ${several} ms`);
});
