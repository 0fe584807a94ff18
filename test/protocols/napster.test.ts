import test from 'ava';
import { runScenario } from '../../src/coordinator/run.js';
import type { Address, Key } from '../../src/protocol.js';
import type { Client } from '../../src/protocols/napster/client.js';
import napster from '../../src/protocols/napster/index.js';
import { lineTypeOf, type NapsterMessage, type Push, type Share, sizeOf } from '../../src/protocols/napster/messages.js';
import type { Server } from '../../src/protocols/napster/server.js';
import type { NapsterSettings } from '../../src/protocols/napster/settings.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { type FakeHost, FakeNetwork, FakeOperation, itemOf, settingsOf } from '../helpers/fake-network.js';
import { plainClass } from '../helpers/plain-topology.js';
import { classOfKind } from '../helpers/reachers.js';
import { type Testnet, type TestnetOptions, testnet } from '../helpers/testnet.js';
import { worldScenario } from '../helpers/worlds.js';

const C: Key = 0xc;
const MB = 1_000_000;
const LINE = plainClass({ uplinkBitsPerSecond: 1e6, downlinkBitsPerSecond: 8e6, queueBytes: 262_144 });
const HALF_HIDDEN = [classOfKind('open', { share: 0.5 }), classOfKind('port-restricted-cone', { share: 0.5 })];

interface World {
  readonly net: Testnet<Client | Server>;
  server(number?: number): Server;
  counter(name: string): number;
  /** Peers that can be called, and those that cannot. */
  readonly open: number[];
  readonly hidden: number[];
}

async function world(peers: number, options: Partial<TestnetOptions> = {}): Promise<World> {
  const net = await testnet<Client | Server>(napster as never, {
    latencyMs: 20,
    ...options,
    peers,
    topology: { classes: [LINE], ...options.topology },
  });
  const all = Array.from({ length: peers }, (_, peer) => peer);
  const isOpen = (peer: number) => net.shard.addresses.reachable(peer);
  return {
    net,
    server: (number = 0) => net.peer(peers + number) as Server,
    counter: (name) => net.shard.meter.report().counters[name] ?? 0,
    open: all.filter(isOpen),
    hidden: all.filter((peer) => !isOpen(peer)),
  };
}

// Who is in the index, and for how long.

test('who leaves is forgotten at once; who crashes stays in the index until the connection has timed out', async (t) => {
  const { net, server } = await world(10, { settings: { keepAliveMs: 10_000 } });
  for (let peer = 0; peer < 10; peer++) net.publish(peer, C);
  net.run(1000);
  t.is(server().userCount, 10);
  t.is(server().shareCount, 10);
  net.leave(3);
  net.run(1500);
  t.is(server().userCount, 9);
  t.is(server().shareCount, 9);
  net.crash(4);
  net.run(5000);
  const stale = net.locate(0, C);
  net.run(6000);
  t.true(stale.providers.includes(net.address(4)), 'the server answers for the dead');
  // Keep-alive, and 100 s until what it sends is given up (RFC 1122).
  net.run(130_000);
  t.is(server().userCount, 8);
  t.is(server().shareCount, 8);
});

test('who has crashed and is back has one entry, of what it shares now', async (t) => {
  const { net, server } = await world(3);
  net.publish(1, C);
  net.run(1000);
  net.crash(1);
  net.run(2000);
  net.join(1);
  net.run(3000);
  t.is(server().userCount, 3);
  t.is(server().shareCount, 0);
  net.publish(1, C);
  net.run(4000);
  t.is(server().shareCount, 1);
  net.run(300_000);
  t.is(server().userCount, 3, 'the end of the old connection takes nothing from the new one');
  t.is(server().shareCount, 1);
});

test('what was published before the login is registered with it, and again at every login', async (t) => {
  const { net, server } = await world(2, { start: 'join' });
  for (let key = 1; key <= 250; key++) net.publish(0, key);
  net.watch();
  net.run(1000);
  t.is(server().shareCount, 250);
  const shares = net.deliveries.filter(({ message }) => message.type === 'share').map(({ message }) => (message as Share).items.length);
  t.deepEqual(shares, [100, 100, 50]);
  net.crash(2);
  net.run(30_000);
  net.join(2);
  net.run(160_000);
  t.is(server().userCount, 2);
  t.is(server().shareCount, 250);
});

test('a server that restarts with an empty index has it filled again by its clients', async (t) => {
  const { net, server } = await world(20);
  for (let peer = 0; peer < 20; peer++) net.publish(peer, C);
  net.run(10_000);
  net.crash(20);
  net.run(11_000);
  net.join(20);
  net.run(120_000);
  t.is(server().userCount, 20);
  t.is(server().shareCount, 20);
  const found = net.locate(0, C);
  net.run(121_000);
  t.is(found.providers.length, 19, 'all but the one that asks');
});

// Servers that do not answer.

test('a search whose server is dead is asked again at the next one, within the same operation', async (t) => {
  const { net, counter } = await world(8, { settings: { servers: 2, linked: true, answerTimeoutMs: 4000, retryMs: 1000 } });
  for (let peer = 0; peer < 8; peer++) net.publish(peer, C + peer);
  net.run(5000);
  net.crash(8);
  net.run(6000);
  const asked = Array.from({ length: 8 }, (_, peer) => net.locate(peer, C + ((peer + 1) % 8)));
  net.run(26_000);
  const answered = asked.filter(({ providers }) => providers.length === 1);
  t.is(asked.filter(({ finished }) => finished).length, 8);
  // A provider that asked nothing itself notices by keep-alive, later; all have asked here.
  t.true(answered.length >= 6, `${answered.length} of 8`);
  t.true(counter('servers-lost') > 0);
});

test('all servers down: attempts become rarer, up to a limit, and do not come in step', (t) => {
  const settings = { servers: 2, retryMs: 1000, retryMostMs: 16_000, connectTimeoutMs: 500 };
  const net = new FakeNetwork();
  const hosts = net.converge(10, napster, settings);
  for (const server of [10, 11]) net.crash(server);
  const search = new FakeOperation(C);
  (hosts[0].protocol as Client).locate(C, search);
  for (const host of hosts.slice(1, 10)) (host.protocol as Client).locate(C, new FakeOperation(C));
  net.run(300_000);
  const byFirst = net.asked.filter(({ from }) => from === hosts[0].address).map(({ atMs }) => atMs);
  t.true(byFirst.length > 20 && byFirst.length < 80, `${byFirst.length} attempts`);
  const rounds = byFirst.filter((_, i) => i % 2 === 1);
  const rests = rounds.slice(1).map((at, i) => at - rounds[i]);
  t.true(rests[0] < 3000 && rests.every((rest) => rest < 1.5 * 16_000 + 1500), `${rests}`);
  t.true(rests.at(-1)! > 8000);
  const firsts = new Set(net.asked.map(({ atMs }) => atMs));
  t.true(firsts.size > net.asked.length * 0.8);
});

test('a server that accepts the connection and says nothing is given up', async (t) => {
  const { net, counter } = await world(4, { start: 'join', settings: { servers: 2, connectTimeoutMs: 2000 } });
  const silent = net.peer(4) as Server;
  silent.onMessage = () => {};
  net.run(30_000);
  t.is((net.peer(5) as Server).userCount, 4);
  t.true(counter('servers-lost') >= 1);
});

// Downloads.

test('the best source dies, and the next: those that are left are asked in turn', async (t) => {
  const { net, counter } = await world(6, { settings: { transferTimeoutMs: 3000, keepAliveMs: 0 } });
  for (const peer of [1, 2, 3]) net.publish(peer, C, [C], MB);
  net.run(1000);
  net.watch();
  const found = net.locate(0, C, [C], MB);
  const senders = () => [...new Set(net.deliveries.filter(({ message }) => message.type === 'transfer-block').map(({ from }) => from))];
  for (let crashed = 0; crashed < 2; crashed++) {
    net.runFor(4000);
    net.crash(net.indexOf(senders()[crashed]));
  }
  net.run(60_000);
  t.true(found.obtainedMs > 0);
  t.is(senders().length, 3);
  t.is(counter('download-sources-lost'), 2);
  t.is(counter('downloads-done'), 1);
});

test('when nobody is left the download has failed', async (t) => {
  const { net, counter } = await world(3, { settings: { transferTimeoutMs: 3000, downloadPatienceMs: 5000 } });
  net.publish(1, C, [C], MB);
  net.run(1000);
  const found = net.locate(0, C, [C], MB);
  net.run(4000);
  net.crash(1);
  net.run(60_000);
  t.is(found.obtainedMs, -1);
  t.is(counter('downloads-failed'), 1);
});

test('without pings any order will do; a candidate that is gone meanwhile is refused by the server', async (t) => {
  const { net, server } = await world(4, { settings: { pingCandidates: 0 } });
  const keys = Array.from({ length: 8 }, (_, i) => C + i);
  for (const peer of [1, 2]) for (const key of keys) net.publish(peer, key, [key], 10_000);
  net.watch();
  net.run(1000);
  const found = keys.map((key) => net.locate(0, key, [key], 10_000));
  net.run(1030); // the questions have arrived, the answers have not
  net.leave(1);
  net.run(30_000);
  for (const { obtainedMs } of found) t.true(obtainedMs > 0);
  const count = (type: string) => net.deliveries.filter(({ message }) => message.type === type).length;
  t.is(count('ping'), 0);
  t.true(count('get-error') > 1);
  t.is(count('get-ack'), 8);
  t.is(server().userCount, 3);
});

test('a provider behind NAT is downloaded from: its server has it call', async (t) => {
  const { net, open, hidden, counter } = await world(12, { topology: { nat: HALF_HIDDEN } });
  t.true(open.length > 2 && hidden.length > 2);
  net.watch();
  net.publish(hidden[0], C, [C], MB);
  net.run(1000);
  const found = net.locate(open[0], C, [C], MB);
  net.run(30_000);
  t.true(found.obtainedMs > 0);
  const kinds = net.deliveries.map(({ message }) => message.type).filter((type) => ['push', 'pushed', 'transfer-here'].includes(type));
  t.deepEqual(kinds, ['push', 'pushed', 'transfer-here']);
  t.is(counter('callbacks-asked'), 1);
  t.is(net.deliveries.filter(({ to, message }) => to === 12 && message.type.startsWith('transfer-')).length, 0);
});

test('a peer behind NAT downloads from one that can be called, and not from one that cannot: that is counted', async (t) => {
  const { net, open, hidden, counter } = await world(12, { topology: { nat: HALF_HIDDEN }, settings: { downloadPatienceMs: 5000 } });
  net.publish(hidden[0], C, [C], MB);
  net.publish(hidden[0], C + 1, [C + 1], MB);
  net.publish(open[0], C + 1, [C + 1], MB);
  net.run(1000);
  const [impossible, possible] = [C, C + 1].map((key) => net.locate(hidden[1], key, [key], MB));
  net.run(30_000);
  t.is(impossible.providers.length, 1, 'it is found, and cannot be had');
  t.is(impossible.obtainedMs, -1);
  t.is(counter('downloads-impossible'), 1);
  t.true(possible.obtainedMs > 0);
  t.is(counter('callbacks-asked'), 0);
});

test('linked servers have a provider of another server call', async (t) => {
  const { net, open, hidden, server } = await world(20, {
    topology: { nat: HALF_HIDDEN },
    settings: { servers: 2, linked: true },
    seed: 4,
  });
  for (const peer of hidden) net.publish(peer, C + peer, [C + peer], 100_000);
  net.watch();
  net.run(1000);
  t.is(server(0).shareCount + server(1).shareCount, hidden.length);
  const found = hidden.map((peer) => net.locate(open[0], C + peer, [C + peer], 100_000));
  net.run(30_000);
  for (const { obtainedMs } of found) t.true(obtainedMs > 0);
  for (const type of ['link-get', 'link-ack', 'link-push']) {
    t.true(
      net.deliveries.some(({ message }) => message.type === type),
      type,
    );
  }
});

test('a linked server dies: searches are answered without it, and when it is back it is asked again', async (t) => {
  const { net } = await world(20, { settings: { servers: 3, linked: true, linkTimeoutMs: 1000, retryMs: 1000 } });
  for (let peer = 0; peer < 20; peer++) net.publish(peer, C);
  net.run(1000);
  const whole = net.locate(0, C);
  net.run(2000);
  t.is(whole.providers.length, 19);
  net.crash(22);
  net.run(2500);
  const without = net.locate(0, C);
  net.run(5000);
  t.true(without.finished && without.providers.length < 19 && without.providers.length > 0, `${without.providers.length}`);
  net.join(22);
  net.run(200_000);
  const again = net.locate(0, C);
  net.run(203_000);
  t.is(again.providers.length, 19);
  t.is(Math.max(...again.hops), 2);
});

// What is odd.

test('messages that come late, twice, from nobody, or by datagram change nothing', (t) => {
  const net = new FakeNetwork();
  const hosts = net.converge(4, napster);
  const [client, other, , , index] = hosts as unknown as [FakeHost<Client>, FakeHost<Client>, FakeHost, FakeHost, FakeHost<Server>];
  other.protocol.publish(C, itemOf(C, [C], MB));
  net.run(100);
  const search = new FakeOperation(C);
  client.protocol.locate(C, search);
  net.run(200);
  const answer = net.sentOf<NapsterMessage & { type: 'results' }>('results')[0].message;
  const [connection] = client.ends;
  client.protocol.onMessage(index.address, answer, connection);
  t.is(search.answers.length, 1);
  // A stranger claims to be the server.
  const second = new FakeOperation(C);
  client.protocol.locate(C, second);
  const number = net.sentOf<NapsterMessage & { type: 'search' }>('search').at(-1)!.message.number;
  client.protocol.onMessage(other.address, { type: 'results', number, results: [] }, null);
  client.protocol.onMessage(other.address, { type: 'results', number, results: [] }, other.ends[0]);
  net.run(300);
  t.is(second.answers.length, 1);
  const odd: NapsterMessage[] = [
    { type: 'get-ack', number: 5, open: true },
    { type: 'get-error', number: 6 },
    { type: 'pong', number: 7 },
    { type: 'pushed', to: other.address, key: 99, token: 1 },
    { type: 'login-ack' },
    { type: 'transfer-block', token: 1, at: 0, bytes: 100, mark: 1 },
  ];
  for (const message of odd) t.notThrows(() => client.protocol.onMessage(index.address, message, connection));
  for (const message of [...odd, { type: 'search', number: 1, words: [C], most: 5 }] as NapsterMessage[]) {
    t.notThrows(() => index.protocol.onMessage(client.address, message, null));
  }
  const push: Push = { type: 'push', provider: 12345, home: 7, key: C, token: 3 };
  const get: NapsterMessage = { type: 'get', number: 4, provider: 12345, home: 7, key: C };
  for (const message of [push, get, { ...push, home: 0 }, { ...get, home: 0 }]) {
    t.notThrows(() => index.protocol.onMessage(client.address, message, index.ends[0]));
  }
  net.run(30_000);
  t.is(index.protocol.userCount, 4);
  t.is(index.protocol.shareCount, 1);
});

test('two logins over one connection are one; who never logs in is shown the door', async (t) => {
  const { net, server } = await world(2, { settings: { connectTimeoutMs: 1000 } });
  net.run(100);
  const [user] = [net.shard.session(0)!];
  const connection = user.connect(net.address(2));
  net.run(200);
  t.true(connection.open);
  net.run(2000);
  t.false(connection.open);
  t.is(server().userCount, 2);
});

test('at most so many results, and not always the same ones first', (t) => {
  const net = new FakeNetwork();
  const hosts = net.converge(60, napster, { maxResults: 20 }) as unknown as FakeHost<Client>[];
  for (const host of hosts.slice(1, 60)) host.protocol.publish(C, itemOf(C));
  net.run(100);
  const firsts = new Set<Address>();
  for (let asked = 0; asked < 40; asked++) {
    const operation = new FakeOperation(C);
    hosts[0].protocol.locate(C, operation);
    net.run(net.now + 100);
    t.is(operation.answers.length, 20);
    t.is(new Set(operation.answers.map(({ provider }) => provider)).size, 20);
    firsts.add(operation.answers[0].provider);
  }
  t.true(firsts.size > 15, `${firsts.size}`);
});

test('a converged start is what joining leads to', async (t) => {
  const worlds = await Promise.all(
    (['join', 'converge'] as const).map((start) => world(30, { start, settings: { servers: 3, linked: true } })),
  );
  for (const { net, server } of worlds) {
    for (let peer = 0; peer < 30; peer++) net.publish(peer, C + peer);
    net.run(5000);
    const users = [0, 1, 2].map((number) => server(number).userCount);
    t.is(users[0] + users[1] + users[2], 30);
    for (const count of users) t.true(count > 3);
    t.is(
      [0, 1, 2].reduce((sum, number) => sum + server(number).shareCount, 0),
      30,
    );
    for (let peer = 0; peer < 30; peer++) t.deepEqual((net.peer(peer) as Client).state(), { entries: 1, bytes: 6 });
    const found = Array.from({ length: 30 }, (_, peer) => net.locate(peer, C + ((peer + 11) % 30)));
    net.runFor(1000);
    for (const { providers } of found) t.is(providers.length, 1);
  }
});

test.serial('downloads, callbacks, churn, linked servers and the end of one of them: the same on any number of shards', async (t) => {
  const scenario = await worldScenario('napster', {
    peers: 60,
    settings: {
      servers: 3,
      linked: true,
      keepAliveMs: 3000,
      serverTimeoutMs: 3000,
      transferTimeoutMs: 3000,
      sourcesPerDownload: 2,
      partBytes: 50_000,
    },
    topology: { nat: HALF_HIDDEN, loss: 0.01, jitter: 0.2 },
    population: {
      core: 0.3,
      session: { kind: 'exponential', meanMs: 20_000 },
      downtime: { kind: 'exponential', meanMs: 5000 },
      crashShare: 0.5,
    },
    faults: planFaults(['at 10s crash server 1', 'at 20s restart'], { sites: [], peers: 60 }, (_, error) => error),
    locate: { files: 20, replicas: 6, publishSpreadMs: 1000, ratePerPeerPerSecond: 0.1, timeoutMs: 10_000, downloadBytes: 200_000 },
    warmUpMs: 3000,
    measureMs: 25_000,
    drainMs: 5000,
  });
  const outcomes: unknown[] = [];
  for (const [shards, strict] of [
    [1, false],
    [4, false],
    [2, true],
  ] as const) {
    const { measures } = await runScenario(scenario, { shards, strict });
    t.is(measures.status, 'completed', measures.reason ?? '');
    const { counters } = measures;
    t.true(counters['downloads-done'] > 30, `${counters['downloads-done']}`);
    t.true(counters['callbacks-asked'] > 3 && counters['servers-lost'] > 3, JSON.stringify(counters));
    outcomes.push({ digest: measures.digest, counters });
  }
  for (const outcome of outcomes) t.deepEqual(outcome, outcomes[0]);
});

// The wire.

test('messages are as long as the examples of the specification', (t) => {
  const settings = (nameBytes: number): NapsterSettings => settingsOf(napster, { nameBytes }) as NapsterSettings;
  const near = (message: NapsterMessage, example: string, name: string, nick = 8) =>
    t.true(
      Math.abs(sizeOf(message, settings(name.length)) - (4 + example.length + (8 - nick))) <= 5,
      `${message.type}: ${sizeOf(message, settings(name.length))}`,
    );
  near({ type: 'login', line: 3, open: true }, 'foo badpass 6699 "nap v0.8" 3', 'x', 3);
  near(
    { type: 'share', items: [itemOf(1)] },
    '"generic band - generic song.mp3" b92870e0d41bc8e698cf2f0a1ddfeac7 443332 128 44100 60',
    'generic band - generic song.mp3',
  );
  near(
    { type: 'results', number: 1, results: [{ key: 1, provider: 2, line: 4, home: 0 }] },
    '"random band - random song.mp3" 7d733c1e7419674744768db71bff8bcd 2558199 128 44100 159 lefty 3437166285 4    ',
    'random band - random song.mp3',
    5,
  );
  near(
    { type: 'get-ack', number: 1, open: true },
    'lefty 4877911892 6699 "generic band - generic song.mp3" 10fe9e623b1962da85eea61df7ac1f69 3',
    'generic band - generic song.mp3',
    5,
  );
  const fifty = {
    type: 'results',
    number: 1,
    results: Array.from({ length: 255 }, () => ({ key: 1, provider: 2, line: 4, home: 0 })),
  } as const;
  t.true(sizeOf(fifty, settings(150)) < 65_507);
});

test('line types are those of the login message', (t) => {
  const types = [9600, 14_400, 28_800, 33_600, 56_700, 64_000, 128_000, 256_000, 768_000, 1_544_000, 45_000_000, Number.POSITIVE_INFINITY];
  t.deepEqual(types.map(lineTypeOf), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]);
});
