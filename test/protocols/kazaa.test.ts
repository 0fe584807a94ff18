/** KaZaA's parts in their behaviour: finding a supernode in every way there is, promotion and retirement, links, callbacks, odd messages. */

import test from 'ava';
import kazaa from '../../src/protocols/kazaa/index.js';
import type { Kazaa } from '../../src/protocols/kazaa/kazaa.js';
import { type KazaaMessage, type Move, type News, sizeOf } from '../../src/protocols/kazaa/messages.js';
import { HIGHEST_LEVEL, Participation } from '../../src/protocols/kazaa/participation.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { type FakeHost, FakeNetwork, FakeOperation, itemOf, settingsOf } from '../helpers/fake-network.js';
import { isProblem } from '../helpers/is-problem.js';
import { kazaanet, STILL, supernodeOf } from '../helpers/supernodes.js';
import { testnet } from '../helpers/testnet.js';

const peerOf = (net: FakeNetwork, settings = {}) => net.addPeer(kazaa, { ...STILL, ...settings }) as unknown as FakeHost<Kazaa>;

// Finding a supernode.

test('the first of all becomes a supernode; one that nobody can call does not, and finds the first that comes', (t) => {
  const net = new FakeNetwork();
  const hidden = Object.assign(peerOf(net), { reachable: false });
  hidden.protocol.join();
  net.run(60_000);
  t.is(hidden.protocol.supernode, null);
  const open = peerOf(net);
  open.bootstrap = () => [];
  open.protocol.join();
  net.run(120_000);
  t.not(open.protocol.supernode, null);
  t.is(hidden.protocol.user.access?.remote, open.address);
});

test('a candidate that is no supernode refers to its own, and those it knows', (t) => {
  const { net, supernodes, add } = kazaanet(3);
  const first = add();
  net.run(net.now + 5000);
  const second = add({ bootstrap: () => [first.address] });
  net.run(net.now + 5000);
  t.true(supernodeOf(second, supernodes) >= 0);
  t.is(second.protocol.user.list.length, 3);
});

test('where datagrams are blocked, a connection finds a supernode all the same, through one that is none as well', (t) => {
  const { net, supernodes, add } = kazaanet(2);
  const other = add();
  net.run(net.now + 5000);
  for (const contact of [supernodes[0], other]) {
    const blocked = net.addPeer(kazaa, STILL) as unknown as FakeHost<Kazaa>;
    blocked.send = () => {};
    blocked.bootstrap = () => [contact.address];
    blocked.protocol.join();
    net.run(net.now + 30_000);
    t.true(supernodeOf(blocked, supernodes) >= 0);
  }
});

test('supernodes on the list that have died are passed over', (t) => {
  const { net, supernodes, add } = kazaanet(8);
  const host = add();
  net.run(net.now + 5000);
  const own = supernodeOf(host, supernodes);
  const survivor = (own + 1) % supernodes.length;
  for (const [i, { index }] of supernodes.entries()) if (i !== survivor) net.crash(index);
  host.bootstrap = () => [supernodes[survivor].address];
  host.protocol.onClose(host.protocol.user.access!, 'timed-out');
  net.run(net.now + 60_000);
  t.is(supernodeOf(host, supernodes), survivor);
});

test('many who all arrive at the same moment find together, under few supernodes that all know each other', (t) => {
  const net = new FakeNetwork({ seed: 2 });
  const settings = { descendants: 20, newsMs: 2000, roleMs: 2000, termMs: 5000, minimumUptimeMs: 1000, retryMs: 1000 };
  const hosts = Array.from({ length: 150 }, () => net.addPeer(kazaa, settings) as unknown as FakeHost<Kazaa>);
  for (const { protocol } of hosts) protocol.join();
  net.run(60_000);
  const supernodes = hosts.filter(({ protocol }) => protocol.supernode !== null);
  const attached = hosts.filter(({ protocol }) => protocol.user.access?.open);
  t.is(supernodes.length + attached.length, 150);
  t.true(supernodes.length >= 4 && supernodes.length <= 15, `${supernodes.length} supernodes`);
  for (const { protocol } of supernodes) t.is(protocol.supernode!.mesh.up().length, supernodes.length - 1);
});

test('a supernode that does not say a word about a search is taken for dead, and another is asked', (t) => {
  const { net, supernodes, add } = kazaanet(2);
  const [owner, asker] = [add(), add()];
  net.run(net.now + 5000);
  owner.protocol.publish(5, itemOf(5));
  net.run(net.now + 1000);
  const own = supernodeOf(asker, supernodes);
  net.crash(supernodes[own].index);
  if (supernodeOf(owner, supernodes) === own) owner.protocol.onClose(owner.protocol.user.access!, 'timed-out');
  const operation = new FakeOperation(5);
  asker.protocol.locate(5, operation);
  asker.bootstrap = () => [supernodes[1 - own].address];
  owner.bootstrap = asker.bootstrap;
  net.run(net.now + 30_000);
  t.is(supernodeOf(asker, supernodes), 1 - own);
  t.is(asker.timeouts, 1);
  t.deepEqual(operation.answers, [{ provider: owner.address, hops: 1 }]);
});

test('a supernode that leaves is replaced, and one that was left forgets who left', (t) => {
  const { net, supernodes, add } = kazaanet(2);
  const hosts = Array.from({ length: 6 }, () => add());
  net.run(net.now + 5000);
  for (const host of hosts) host.protocol.publish(host.index, itemOf(host.index));
  net.run(net.now + 1000);
  for (const host of hosts) host.bootstrap = () => [supernodes[1].address];
  net.leave(supernodes[0].index);
  net.run(net.now + 10_000);
  const { supernode } = supernodes[1].protocol;
  t.is(supernode!.descendants.size, 6);
  t.is(supernode!.index.size, 6);
  net.leave(hosts[0].index);
  net.run(net.now + 1000);
  t.is(supernode!.descendants.size, 5);
  t.is(supernode!.index.size, 5);
});

// Promotion and retirement.

/** A supernode with this many descendants, whose uplinks are given. */
function crowd(uplinks: readonly number[], changes: (i: number) => object = () => ({}), settings = {}) {
  const world = kazaanet(1, { roleMs: 1000, minimumUptimeMs: 500, minimumUplink: 1, mergeFactor: 0, ...settings });
  const members = uplinks.map((uplinkBitsPerSecond, i) => {
    const member = world.add({ uplinkBitsPerSecond, ...changes(i) });
    world.net.run(world.net.now + 300);
    return member;
  });
  return { ...world, members };
}

test('an overfull supernode promotes the descendant with the fastest uplink that can be called, and half of the others go there', (t) => {
  const settings = { descendants: 6, splitFactor: 1.5 };
  const { net, supernodes, members } = crowd([1, 2, 3, 9, 5, 6, 7, 8, 4, 10], (i) => ({ reachable: i !== 9 }), settings);
  net.run(net.now + 10_000);
  const promoted = members.filter(({ protocol }) => protocol.supernode !== null);
  t.deepEqual(
    promoted.map(({ index }) => index),
    [members[3].index],
  );
  t.is(promoted[0].protocol.supernode!.descendants.size + supernodes[0].protocol.supernode!.descendants.size, 9);
  t.true(promoted[0].protocol.supernode!.descendants.size >= 4);
  t.is(net.sentOf<Move>('move').length, promoted[0].protocol.supernode!.descendants.size);
});

test('of two with the same uplink the one that was there first is promoted', (t) => {
  const { net, members } = crowd([5, 5, 5, 5], undefined, { descendants: 2, splitFactor: 1.5 });
  net.run(net.now + 10_000);
  t.not(members[0].protocol.supernode, null);
});

test('where no descendant will do, the supernode carries them all', (t) => {
  const { net, supernodes } = crowd(Array(8).fill(5), () => ({ reachable: false }), { descendants: 2 });
  net.run(net.now + 10_000);
  t.is(supernodes[0].protocol.supernode!.descendants.size, 8);
});

test('a supernode with few descendants retires, its own go elsewhere, and one supernode always stays', (t) => {
  const { net, supernodes, add } = kazaanet(5, { descendants: 10, roleMs: 1000, termMs: 12_000, newsMs: 500 });
  const hosts = Array.from({ length: 12 }, () => add({ uplinkBitsPerSecond: 0 }));
  net.run(net.now + 30_000);
  const left = [...supernodes, ...hosts].filter(({ protocol }) => protocol.supernode !== null);
  t.true(left.length >= 1 && left.length <= 2, `${left.length} left`);
  const loads = left.map(({ protocol }) => protocol.supernode!.descendants.size);
  t.is(loads.reduce((sum, load) => sum + load) + left.length, 17);
});

test('halves that would retire at once are refused as settings', (t) => {
  isProblem(t, () => new FakeNetwork().addPeer(kazaa, { splitFactor: 1, mergeFactor: 0.9 }), /splitFactor/);
});

// Links among supernodes.

test('supernodes that ask each other at the same time have one link, and news of a third makes a link with it', (t) => {
  const net = new FakeNetwork();
  const [a, b, c] = Array.from({ length: 3 }, () => peerOf(net, { newsMs: 1000 }));
  for (const { protocol } of [a, b, c]) protocol.become();
  const mesh = (host: FakeHost<Kazaa>) => host.protocol.supernode!.mesh;
  mesh(a).linkTo(b.address);
  mesh(b).linkTo(a.address);
  net.run(net.now + 500);
  t.deepEqual([mesh(a).addresses, mesh(b).addresses], [[b.address], [a.address]]);
  mesh(c).linkTo(b.address);
  net.run(net.now + 5000);
  for (const host of [a, b, c]) t.is(mesh(host).up().length, 2);
});

test('a supernode that nobody hears of any more falls off the lists, though its friends still name it', (t) => {
  const { net, supernodes } = kazaanet(6, { newsMs: 1000, supernodeExpiryMs: 5000, links: 2 });
  const [dead, ...others] = supernodes;
  net.crash(dead.index);
  for (const { protocol } of others) {
    const link = protocol.supernode!.mesh.linkWith(dead.address);
    if (link !== undefined) protocol.onClose(link.connection, 'timed-out');
  }
  net.run(net.now + 60_000);
  for (const { protocol } of others) t.false(protocol.supernode!.mesh.list().includes(dead.address));
  t.true(net.sentOf<News>('news').length > 50);
});

test('a supernode that does not answer a query in time is a link no longer, and the others are asked', (t) => {
  const { net, supernodes } = kazaanet(5, { subset: 2, rounds: 5 });
  for (const { protocol } of supernodes.slice(1)) protocol.supernode!.index.add(itemOf(5), 65536);
  net.crash(supernodes[1].index);
  net.sent.length = 0;
  const operation = new FakeOperation(5);
  supernodes[0].protocol.locate(5, operation);
  net.run(net.now + 30_000);
  t.is(operation.finishedHops, 1);
  t.is(supernodes[0].timeouts, 1);
  t.is(operation.answers.length, 3);
  t.is(supernodes[0].protocol.supernode!.mesh.up().length, 3);
});

// Downloads.

test('a source behind NAT is called back through its supernode, and that of who wants it', async (t) => {
  const net = await testnet<Kazaa>('kazaa', {
    peers: 60,
    seed: 3,
    settings: { descendants: 12 },
    topology: { nat: loadTopology('home-users-nat').nat },
  });
  net.run(5000);
  const peers = Array.from({ length: 60 }, (_, i) => i);
  const isUser = (i: number) => net.peer(i)!.supernode === null;
  const hidden = peers.find((i) => !net.shard.addresses.reachable(i))!;
  const accessOf = (i: number) => net.peer(i)!.user.access!.remote;
  const open = peers.find((i) => net.shard.addresses.reachable(i) && isUser(i) && accessOf(i) !== accessOf(hidden))!;
  net.publish(hidden, 5, [5], 100_000);
  net.runFor(2000);
  const found = net.locate(open, 5, [5], 100_000);
  net.runFor(30_000);
  t.is(found.hops[0], 2, 'by way of another supernode');
  t.true(found.obtainedMs > 0);
  t.is(net.shard.meter.report().counters['callbacks-asked'], 1);
});

test('a download goes on when the supernode that found its source is gone', async (t) => {
  const net = await testnet<Kazaa>('kazaa', { peers: 12, settings: { descendants: 11, ...{ roleMs: 0 } } });
  net.run(1000);
  const supernode = Array.from({ length: 12 }, (_, i) => i).find((i) => net.peer(i)!.supernode !== null)!;
  const [owner, asker] = [0, 1, 2].filter((i) => i !== supernode);
  net.publish(owner, 5, [5], 30_000_000);
  net.runFor(1000);
  const found = net.locate(asker, 5, [5], 30_000_000);
  net.runFor(1200);
  t.is(found.obtainedMs, -1);
  net.crash(supernode);
  net.runFor(60_000);
  t.true(found.obtainedMs > 0);
});

test('the participation level: uploads to downloads times 100, between 0 and 1,000, and 100 for who has done neither', (t) => {
  const level = (uploadedBytes: number, downloadedBytes: number) =>
    Object.assign(new Participation(false), { uploadedBytes, downloadedBytes }).level;
  t.deepEqual([level(0, 0), level(5, 0), level(0, 5), level(1, 4), level(30, 10), level(500, 1)], [100, HIGHEST_LEVEL, 0, 25, 300, 1000]);
  t.is(Object.assign(new Participation(true), { downloadedBytes: 9 }).reported, HIGHEST_LEVEL);
});

// What does not fit.

test('late, doubled, strange and misdirected messages do no harm', (t) => {
  const { net, supernodes, add } = kazaanet(2);
  const [host, other] = [add(), add()];
  net.run(net.now + 5000);
  const { access } = host.protocol.user;
  const messages: KazaaMessage[] = [
    { type: 'pong', request: 1, isSupernode: true, supernodes: [] },
    { type: 'matches', search: 9, results: [5, 65536, 0], hops: 0 },
    { type: 'done', search: 9, hops: 1 },
    { type: 'answer', query: 9, results: [] },
    { type: 'news', load: 1, supernodes: [] },
    { type: 'promote', supernodes: [] },
    { type: 'move', supernode: 65536 },
    { type: 'callback', to: 65536, token: 1, key: 5 },
    { type: 'push', provider: 65536, supernode: 65536, to: 65536, token: 1, key: 5 },
    { type: 'search', search: 1, words: [5] },
    { type: 'forward', query: 1, words: [5] },
  ];
  for (const target of [host, supernodes[0]]) {
    const stray = other.connect(target.address);
    net.run(net.now + 100);
    for (const message of messages) stray.send(message);
    for (const message of messages) other.send(target.address, message);
    net.run(net.now + 1000);
  }
  t.is(host.protocol.user.access, access, 'nobody but its supernode moves or promotes it');
  t.is(host.protocol.supernode, null);
  access!.send({ type: 'register', uplinkBitsPerSecond: 1, reachable: true, upMs: 0 });
  net.run(net.now + 10_000);
  t.true(host.protocol.user.access?.open);
});

test('the sizes of messages: a header, and what they carry', (t) => {
  const settings = settingsOf(kazaa, { nameBytes: 20 });
  const size = (message: KazaaMessage) => sizeOf(message, settings);
  t.is(size({ type: 'ping', request: 1 }), 12);
  t.is(size({ type: 'accept', supernodes: Array(200).fill(65536) }), 5 + 1600);
  t.is(size({ type: 'search', search: 1, words: [5] }), 5 + 10 + 20);
  t.is(size({ type: 'share', items: [itemOf(1), itemOf(2)] }), 2 * (5 + 32 + 20));
  t.is(size({ type: 'matches', search: 1, results: [1, 65536, 0], hops: 0 }), 5 + 10 + 49 + 20);
});
