/** Leaves and ultrapeers: handshake, election, upkeep, pushes. What courses say literally is in test/slides/gnutella-ultrapeer.test.ts. */

import test, { type ExecutionContext } from 'ava';
import { Stream } from '../../src/kernel/random.js';
import type { Address } from '../../src/protocol.js';
import { ultrapeerShare } from '../../src/protocols/gnutella-ultrapeer/election.js';
import ultrapeer from '../../src/protocols/gnutella-ultrapeer/index.js';
import { PING, sizeOf } from '../../src/protocols/gnutella-ultrapeer/messages.js';
import type { UltrapeerServent } from '../../src/protocols/gnutella-ultrapeer/servent.js';
import type { UltrapeerSettings } from '../../src/protocols/gnutella-ultrapeer/settings.js';
import { type FakeHost, FakeNetwork, FakeOperation, itemOf, settingsOf } from '../helpers/fake-network.js';
import { behind, OPEN } from '../helpers/nat-world.js';
import { plainClass } from '../helpers/plain-topology.js';
import { testnet } from '../helpers/testnet.js';

type Host = FakeHost<UltrapeerServent>;
const KEY = 4711;
const isUltrapeer = (host: Host) => host.protocol.isUltrapeer;
const links = (host: Host) => host.protocol.neighbours().map((address) => host.hostAt(address) as unknown as Host);
const minutes = (count: number) => count * 60_000;

function converged(count: number, settings: Partial<UltrapeerSettings> = {}): { net: FakeNetwork; hosts: Host[] } {
  const net = new FakeNetwork({ seed: 2 });
  return { net, hosts: net.converge(count, ultrapeer, settings) };
}

function joined(count: number, settings: Partial<UltrapeerSettings> = {}, everyMs = 200): { net: FakeNetwork; hosts: Host[] } {
  const net = new FakeNetwork({ seed: 2 });
  const hosts: Host[] = [];
  for (let i = 0; i < count; i++) {
    const host = net.addPeer(ultrapeer, settings);
    host.protocol.join();
    hosts.push(host);
    net.run(net.now + everyMs);
  }
  return { net, hosts };
}

function ask(net: FakeNetwork, host: Host, key = KEY): FakeOperation {
  const operation = new FakeOperation(key);
  host.protocol.locate(key, operation);
  net.run(net.now + 10_000);
  return operation;
}

/** Both ends know every link, leaves have only ultrapeers, nobody has too many, all hang together. */
function assertSound(t: ExecutionContext, hosts: Host[], { leaves = 30, leafUltrapeers = 3, maximumNeighbours = 32 } = {}): void {
  const live = hosts.filter((host) => host.up);
  const seen = new Set<Host>([live[0]]);
  for (const host of seen) for (const next of links(host)) seen.add(next);
  t.is(seen.size, live.length, 'connected');
  for (const host of live) {
    const others = links(host);
    t.is(new Set(others).size, others.length);
    for (const other of others) t.true(other.up && links(other).includes(host), `${host.name} and ${other.name} both know their link`);
    if (isUltrapeer(host)) {
      t.true(others.filter(isUltrapeer).length <= maximumNeighbours);
      t.true(others.filter((other) => !isUltrapeer(other)).length <= leaves);
    } else {
      t.true(others.every(isUltrapeer), 'a leaf has ultrapeers only');
      t.true(others.length <= leafUltrapeers);
    }
  }
}

test('converged: as many ultrapeers as the leaves need, each leaf with three, the same number for each ultrapeer', (t) => {
  const { net, hosts } = converged(1000);
  const ultrapeers = hosts.filter(isUltrapeer);
  t.is(ultrapeers.length, Math.ceil(1000 * ultrapeerShare(settingsOf(ultrapeer))));
  assertSound(t, hosts);
  for (const host of ultrapeers) {
    t.is(links(host).filter(isUltrapeer).length, 30);
    const leaves = links(host).length - 30;
    t.true(leaves >= 24 && leaves <= 30, `${leaves} leaves`);
  }
  const leaves = hosts.filter((host) => !isUltrapeer(host));
  t.true(leaves.every((host) => links(host).length === 3));
  net.run(minutes(3));
  assertSound(t, hosts);
  t.is(net.counters.get('promotions'), undefined, 'nobody sees a need');
  t.is(net.counters.get('demotions'), undefined);
  t.true(leaves.every((host) => links(host).length === 3));
});

test('the fastest who can be called are ultrapeers, on the emulator', async (t) => {
  const slow = plainClass({ name: 'slow', share: 0.8, uplinkBitsPerSecond: 1e6, downlinkBitsPerSecond: 8e6 });
  const fast = plainClass({ name: 'fast', share: 0.2, uplinkBitsPerSecond: 1e8, downlinkBitsPerSecond: 1e8 });
  const nat = [{ ...OPEN, share: 0.7 }, behind({}, { name: 'hidden', share: 0.3 })];
  const net = await testnet<UltrapeerServent>('gnutella-ultrapeer', { peers: 200, topology: { classes: [slow, fast], nat } });
  net.run(1000);
  let elected = 0;
  for (let index = 0; index < 200; index++) {
    if (!net.peer(index)!.isUltrapeer) continue;
    elected++;
    t.true(net.shard.addresses.reachable(index));
    t.is(net.shard.session(index)!.uplinkBitsPerSecond, 1e8);
  }
  t.is(elected, 20);
});

test('peers that join one by one: the first is an ultrapeer, and others when they are needed', (t) => {
  const { net, hosts } = joined(150, { fullUptimeMs: 10_000 });
  t.true(isUltrapeer(hosts[0]), 'there was nobody else');
  net.run(net.now + minutes(5));
  assertSound(t, hosts);
  const ultrapeers = hosts.filter(isUltrapeer).length;
  t.true(ultrapeers >= 10 && ultrapeers <= 45, `${ultrapeers} ultrapeers`);
  for (const host of hosts) if (!isUltrapeer(host)) t.is(links(host).length, 3, host.name);
  hosts[60].protocol.publish(KEY, itemOf(KEY));
  net.run(net.now + 1000);
  t.deepEqual(ask(net, hosts[3]).answers[0]?.provider, hosts[60].address);
});

test('a leaf whose line is too slow, or that cannot be called, does not volunteer while others do', (t) => {
  const net = new FakeNetwork({ seed: 3 });
  const hosts: Host[] = [];
  for (let i = 0; i < 60; i++) {
    const host = net.addPeer(ultrapeer, { leaves: 12, fullUptimeMs: 5000 });
    if (i % 3 === 1) Object.assign(host, { reachable: false });
    if (i % 3 === 2) Object.assign(host, { uplinkBitsPerSecond: 50_000 });
    host.protocol.join();
    hosts.push(host);
    net.run(net.now + 300);
  }
  net.run(net.now + minutes(4));
  const ultrapeers = hosts.filter(isUltrapeer);
  t.true(ultrapeers.length >= 5, `${ultrapeers.length}`);
  t.false(
    ultrapeers.some(({ index }) => index % 3 === 1),
    'nobody could call it',
  );
  const slow = ultrapeers.filter(({ index }) => index % 3 === 2).length;
  t.true(3 * slow <= ultrapeers.length, `${slow} slow ones, who had found nobody for long`);
});

test('an ultrapeer crashes: its leaves notice, find others, and what they share is found there', (t) => {
  const { net, hosts } = converged(300);
  const lost = hosts.find(isUltrapeer)!;
  const leaves = links(lost).filter((host) => !isUltrapeer(host));
  t.true(leaves.length > 20);
  leaves[0].protocol.publish(KEY, itemOf(KEY));
  net.run(1000);
  net.crash(lost.index);
  net.run(net.now + minutes(2));
  assertSound(t, hosts);
  for (const leaf of leaves) if (!isUltrapeer(leaf)) t.is(links(leaf).length, 3);
  for (const other of links(leaves[0])) {
    if (!isUltrapeer(other)) continue;
    t.is(ask(net, other).answers[0]?.provider, leaves[0].address, 'the new one knows its files as well');
  }
});

test('who leaves says bye: ultrapeers forget a leaf with its files at once, leaves look for another ultrapeer', (t) => {
  const { net, hosts } = converged(300, { answersWanted: 1000 });
  const leaf = hosts.find((host) => !isUltrapeer(host))!;
  const [own] = links(leaf);
  leaf.protocol.publish(KEY, itemOf(KEY));
  net.run(1000);
  t.true(ask(net, own).answers.length > 0);
  net.leave(leaf.index);
  net.run(net.now + 11);
  t.false(own.protocol.neighbours().includes(leaf.address));
  t.is(ask(net, own).answers.length, 0);
  const bereaved = links(own).filter((host) => !isUltrapeer(host));
  net.leave(own.index);
  net.run(net.now + minutes(1));
  assertSound(t, hosts);
  for (const host of bereaved) t.true(isUltrapeer(host) || links(host).length === 3);
});

test('too many ultrapeers: some go back to being leaves, and the rest have more leaves', (t) => {
  const { net, hosts } = converged(200, { leaves: 6, desiredNeighbours: 20, maximumNeighbours: 60 });
  const before = hosts.filter(isUltrapeer).length;
  for (const host of hosts) if (!isUltrapeer(host) && host.index % 4 > 0) net.leave(host.index);
  net.run(net.now + minutes(10));
  assertSound(t, hosts, { leaves: 6, maximumNeighbours: 60 });
  const after = hosts.filter((host) => host.up && isUltrapeer(host)).length;
  t.true(after < 0.8 * before, `${after} of ${before}`);
  for (const host of hosts) if (host.up && !isUltrapeer(host)) t.is(links(host).length, 3);
});

test('leaf guidance: one that has just volunteered and is told that there are enough becomes a leaf by the third step of the handshake', (t) => {
  const net = new FakeNetwork({ seed: 1 });
  const [first, second] = [net.addPeer(ultrapeer), net.addPeer(ultrapeer)];
  first.bootstrap = () => [];
  second.bootstrap = () => [];
  first.protocol.join();
  second.protocol.join();
  net.run(100);
  t.deepEqual([first, second].map(isUltrapeer), [true, true], 'each thought it was alone');
  second.bootstrap = () => [first.address];
  net.run(net.now + 30_000);
  t.deepEqual([first, second].map(isUltrapeer), [true, false]);
  t.deepEqual(
    net.sentOf<{ type: 'connect'; ultrapeer: boolean }>('connect').map(({ message }) => message.ultrapeer),
    [true],
  );
  t.deepEqual(
    net.sentOf<{ type: 'agree'; ultrapeer: boolean; servent: number }>('agree').map(({ message }) => message.ultrapeer),
    [false],
  );
  t.deepEqual(links(first), [second]);
});

test('a leaf refuses whoever asks it, and names its ultrapeers', (t) => {
  const { net, hosts } = converged(100);
  const leaf = hosts.find((host) => !isUltrapeer(host))!;
  const newcomer = net.addPeer(ultrapeer);
  newcomer.bootstrap = () => [leaf.address];
  newcomer.protocol.join();
  net.sent.length = 0;
  net.run(net.now + 100);
  const [refusal] = net.sentOf<{ type: 'refuse'; hosts: Address[] }>('refuse');
  t.deepEqual([...refusal.message.hosts].sort(), leaf.protocol.neighbours().sort());
  net.run(net.now + 20_000);
  t.is(links(newcomer).length, 3, 'it got there by the names');
});

test('a leaf asks its ultrapeers in turn, each under another GUID, until one answers; or all at once', (t) => {
  for (const [how, gaps] of [
    ['in-turn', [0, 3000, 6000]],
    ['all', [0, 0, 0]],
  ] as const) {
    const { net, hosts } = converged(100, { ask: how, keepAliveMs: 0, lookAroundMs: 0 });
    const leaf = hosts.find((host) => links(host).length === 3)!;
    net.sent.length = 0;
    const asked = net.now;
    t.is(ask(net, leaf, 99).answers.length, 0);
    const own = net.sentOf<{ type: 'query'; guid: number }>('query').filter(({ from }) => from === leaf.address);
    t.deepEqual(
      own.map(({ atMs }) => atMs - asked),
      [...gaps],
    );
    t.is(new Set(own.map(({ to }) => to)).size, 3);
    t.is(new Set(own.map(({ message }) => message.guid)).size, how === 'all' ? 1 : 3);
  }
});

test('a question asked before there is an ultrapeer is asked as soon as there is one', (t) => {
  const { net, hosts } = converged(100);
  hosts.find((host) => !isUltrapeer(host))!.protocol.publish(KEY, itemOf(KEY));
  const newcomer = net.addPeer(ultrapeer);
  newcomer.protocol.join();
  t.true(ask(net, newcomer).answers.length > 0);
});

test('a file behind NAT is fetched through a push to the leaf, by way of its ultrapeer', async (t) => {
  const nat = [{ ...OPEN, share: 0.5 }, behind({}, { name: 'hidden', share: 0.5 })];
  const net = await testnet<UltrapeerServent>('gnutella-ultrapeer', { peers: 120, topology: { nat }, settings: { leaves: 9 } });
  net.run(1000);
  const all = Array.from({ length: 120 }, (_, index) => index);
  const hidden = all.filter((index) => !net.shard.addresses.reachable(index));
  const open = all.filter((index) => net.shard.addresses.reachable(index) && !net.peer(index)!.isUltrapeer);
  net.watch();
  const founds = hidden.slice(0, 10).map((index, i) => {
    net.publish(index, i + 1, [i + 1], 100_000);
    net.runFor(1000);
    return net.locate(open[i], i + 1, [i + 1], 100_000);
  });
  net.runFor(60_000);
  t.deepEqual(
    founds.map(({ obtainedMs }) => obtainedMs > 0),
    Array(10).fill(true),
  );
  const counters = net.shard.meter.report().counters;
  t.is(counters['downloads-done'], 10);
  t.is(counters['callbacks-asked'], 10);
  t.is(net.deliveries.filter(({ message, to }) => message.type === 'push' && hidden.includes(to)).length, 10);
});

test('peers crash, leave and come back for an hour: what is left is one sound network', (t) => {
  const { net, hosts } = converged(80, { leaves: 9 });
  const random = new Stream(5, 0, 'population');
  for (let change = 0; change < 300; change++) {
    net.run(net.now + random.exponential(9000));
    const host = random.pick(hosts);
    if (!host.up) host.start().join();
    else if (random.next() < 0.5) net.crash(host.index);
    else net.leave(host.index);
  }
  for (const host of hosts) if (!host.up) host.start().join();
  net.run(net.now + minutes(10));
  assertSound(t, hosts, { leaves: 9 });
  for (const host of hosts) if (!isUltrapeer(host)) t.is(links(host).length, 3);
  hosts[10].protocol.publish(KEY, itemOf(KEY));
  net.run(net.now + 1000);
  t.true(ask(net, hosts[50]).answers.length > 0);
});

test('what is malformed, unasked for or from strangers harms nobody', (t) => {
  const { net, hosts } = converged(50);
  const target = hosts.find(isUltrapeer)!;
  const stranger = net.addPeer(ultrapeer);
  const connection = stranger.connect(target.address);
  stranger.protocol.onOpen = () => {};
  net.run(1000);
  const flood = { guid: 1, ttl: 4, hops: 0 };
  for (const message of [
    { type: 'query', ...flood, words: [KEY] },
    { type: 'hit', ...flood, keys: [KEY], providers: [1], servents: [0] },
    { type: 'push', ...flood, servent: 7, key: KEY, token: 1, address: stranger.address },
    { type: 'files', items: [itemOf(KEY)] },
    PING,
    { type: 'accept', seenAs: 1, needed: true, hosts: [] },
    { type: 'transfer-none', token: 1 },
  ] as const) {
    connection.send(message);
    stranger.send(target.address, message);
  }
  net.run(net.now + 1000);
  t.is(target.reached, 0);
  t.is(ask(net, target).answers.length, 0, 'the stranger is no leaf');
  net.run(net.now + minutes(1));
  assertSound(t, hosts);
});

test('bytes on the wire are those of 0.6', (t) => {
  const settings = settingsOf(ultrapeer, { nameBytes: 20 });
  const flood = { guid: 1, ttl: 4, hops: 0 };
  const text = (...lines: string[]) => lines.map((line) => `${line}\r\n`).join('').length + 2;
  const address = '203.200.113.255:65535';
  t.is(sizeOf({ type: 'connect', ultrapeer: false }, settings), text('GNUTELLA CONNECT/0.6', 'X-Ultrapeer: False', 'X-Query-Routing: 0.1'));
  t.is(
    sizeOf({ type: 'accept', seenAs: 1, needed: false, hosts: [] }, settings),
    text('GNUTELLA/0.6 200 OK', 'X-Ultrapeer: True', 'X-Ultrapeer-Needed: False', `Remote-IP: ${address}`, 'X-Try-Ultrapeers: '),
  );
  t.is(sizeOf({ type: 'refuse', hosts: [] }, settings), text('GNUTELLA/0.6 503 Service unavailable', 'X-Try-Ultrapeers: '));
  t.is(
    sizeOf({ type: 'agree', ultrapeer: false, servent: 0 }, settings),
    text('GNUTELLA/0.6 200 OK', 'X-Ultrapeer: False', `Listen-IP: ${address}`),
  );
  t.is(sizeOf({ type: 'refuse', hosts: [1, 2] }, settings) - sizeOf({ type: 'refuse', hosts: [] }, settings), 2 * `${address},`.length);
  t.is(sizeOf({ type: 'query', ...flood, words: [1] }, settings), 23 + 2 + 20 + 1);
  t.is(sizeOf({ type: 'hit', ...flood, keys: [1, 2], providers: [1, 2], servents: [0, 0] }, settings), 23 + 1 + 2 * (8 + 20 + 2 + 11 + 16));
  t.is(sizeOf({ type: 'push', ...flood, servent: 1, key: 1, token: 1, address: 1 }, settings), 23 + 26);
  t.is(sizeOf(PING, settings), 23);
});
