/** CAN's routing and its index: paths, ways around the dead, entries that survive and expire, and the whole in the emulator. */

import test from 'ava';
import { type CanMessage, type RoutedMessage, wireBytes } from '../../src/protocols/can/messages.js';
import { type CanHost, flaws, grown, LIVELY, locate, publish, STILL, spaceOf } from '../helpers/can-space.js';
import { FakeOperation } from '../helpers/fake-network.js';
import { type TestnetOptions, testnet } from '../helpers/testnet.js';

test('the hops that are reported are the forwards that were sent, and every key has one owner whoever asks', (t) => {
  for (const settings of [{}, { dimensions: 3, realities: 2 }, { routing: 'rtt' }]) {
    const space = spaceOf(60, { ...STILL, ...settings });
    for (let i = 0; i < 100; i++) {
      const key = space.hosts[0].random.identifier();
      space.net.sent.length = 0;
      const origin = space.hosts[i % 60];
      const { finishedHops } = locate(space, origin, key, 2000);
      t.is(finishedHops, space.net.sentOf('lookup').length);
      const [answer] = space.net.sentOf('answer');
      const owner = answer === undefined ? origin : (space.net.hostAt(answer.from) as unknown as CanHost);
      t.true(owner.protocol.places.some((place) => place.owns(place.torus.pointOf(key))));
    }
  }
});

test('every hop is nearer to the point than the one before', (t) => {
  const space = spaceOf(200, { ...STILL, dimensions: 3 });
  const torus = space.hosts[0].protocol.torus;
  for (let i = 0; i < 50; i++) {
    space.net.sent.length = 0;
    const key = space.hosts[0].random.identifier();
    locate(space, space.hosts[i], key);
    const point = torus.pointOf(key);
    const distances = [space.hosts[i], ...space.net.sentOf('lookup').map(({ to }) => space.net.hostAt(to) as unknown as CanHost)].map(
      ({ protocol }) => torus.distanceToAny(point, protocol.places[0].zones),
    );
    t.is(distances.at(-1), 0);
    for (let k = 1; k < distances.length; k++) t.true(distances[k] < distances[k - 1]);
  }
});

test('lookups find a way around dead peers before anybody has taken their zones over', (t) => {
  const settings = { ...LIVELY, updateMs: 60_000, missedUpdates: 100, lookupTimeoutMs: 5000, lookupRetries: 3, replicas: 4, mergeMs: 0 };
  const space = spaceOf(200, settings);
  const { net, hosts } = space;
  net.run(60_001); // everybody knows its neighbours' neighbours
  const keys = Array.from({ length: 100 }, () => hosts[0].random.identifier());
  for (const key of keys) hosts[0].protocol.publish(key);
  net.run(net.now + 5000);
  for (let i = 1; i < 200; i += 5) net.crash(i);
  const operations = keys.map((key, i) => {
    const operation = new FakeOperation(key);
    hosts[(i * 5) % 200].protocol.locate(key, operation);
    return operation;
  });
  net.run(net.now + 40_000);
  const found = operations.filter((operation) => operation.answers[0]?.provider === hosts[0].address).length;
  t.log(`${found} found`, [...net.counters].join(' '));
  t.true(found >= 97, `${found}`);
  t.true(net.counters.get('can.timeouts')! > 0);
  t.true(hosts.some((host) => host.timeouts > 0));
});

test('without acknowledgements a lookup that meets a dead peer is lost', (t) => {
  const space = spaceOf(200, { ...STILL, lookupTimeoutMs: 1000, lookupRetries: 0 });
  for (let i = 1; i < 200; i += 10) space.net.crash(i);
  const operations = Array.from({ length: 100 }, (_, i) => {
    const operation = new FakeOperation(space.hosts[0].random.identifier());
    space.hosts[2 * i].protocol.locate(operation.key, operation);
    return operation;
  });
  space.net.run(10_000);
  const lost = operations.filter(({ open }) => open).length;
  t.true(lost > 10 && lost < 90, `${lost} of 100 lost`);
  t.is(space.net.counters.get('can.lookups-lost'), lost);
});

test('with routing by round trips, neighbours that joined are pinged until it is known', (t) => {
  const { hosts } = grown(20, { ...LIVELY, routing: 'rtt' });
  for (const { protocol } of hosts.slice(0, 15))
    for (const { roundTripMs } of protocol.places[0].neighbours) t.true(roundTripMs === 20 || roundTripMs === 0);
  t.true(hosts[0].protocol.places[0].neighbours.some(({ roundTripMs }) => roundTripMs === 20));
});

// The index.

test('an abrupt end of the owner loses the entry until the next republish without replicas, and hardly ever with two', (t) => {
  const found = [0, 2].map((replicas) => {
    const space = spaceOf(30, { ...LIVELY, replicas, republishMs: 120_000 });
    const { net, hosts } = space;
    const keys = Array.from({ length: 60 }, () => hosts[0].random.identifier());
    for (const key of keys) hosts[0].protocol.publish(key);
    net.run(5000);
    for (const index of [4, 11, 17, 23]) net.crash(index);
    net.run(net.now + 20_000);
    const soon = keys.filter((key) => locate(space, hosts[1], key).answers.length > 0).length;
    net.run(net.now + 240_000);
    t.is(keys.filter((key) => locate(space, hosts[1], key).answers.length > 0).length, 60, 'said again');
    return soon;
  });
  t.log(found);
  t.true(found[0] < 60 && found[1] >= 58, `${found}`);
});

test('an entry expires when its provider is gone, and goes at once when the provider says so', (t) => {
  const space = spaceOf(8, { ...LIVELY, expiryMs: 30_000, republishMs: 10_000 });
  const key = space.hosts[0].random.identifier();
  publish(space, space.hosts[0], key);
  publish(space, space.hosts[1], key);
  space.net.run(60_000);
  t.is(locate(space, space.hosts[5], key).answers.length, 2, 'kept alive by republishing');
  space.net.leave(1);
  t.deepEqual(
    locate(space, space.hosts[5], key).answers.map(({ provider }) => provider),
    [space.hosts[0].address],
  );
  space.net.crash(0);
  t.is(locate(space, space.hosts[5], key).answers.length, 1, 'nobody can know yet');
  space.net.run(space.net.now + 90_000);
  const after = locate(space, space.hosts[5], key);
  t.is(after.answers.length, 0);
  t.false(after.open, 'a definite nobody');
});

test('messages that are late, said twice, or about a reality there is not, do nothing', (t) => {
  const { net, hosts } = spaceOf(6, { ...STILL, zones: 'equal' });
  const before = hosts.map(({ protocol }) => protocol.places[0].zones.join());
  const { protocol } = hosts[0];
  const stranger = hosts[5].address + 65_536 * 100;
  const messages: CanMessage[] = [
    { type: 'ack', request: 77 },
    { type: 'answer', request: 77, hops: 1, providers: [1] },
    { type: 'stored', request: 77 },
    { type: 'decline', request: 77 },
    { type: 'pong', request: 77, joined: true },
    { type: 'update', reality: 5, zones: [1], neighbours: [] },
    { type: 'takeover', reality: 5, zones: [1], neighbours: [], taken: [1], volume: 1 },
    { type: 'welcome', reality: 5, request: 1, zone: 2, neighbours: [] },
    { type: 'welcome', reality: 0, request: 1, zone: 9, neighbours: [] },
    { type: 'leaving', reality: 5, heirs: [1, 2] },
    { type: 'leaving', reality: 0, heirs: [] },
    { type: 'reassign', reality: 5, zone: 2, holder: 1, hops: 1 },
    { type: 'want', reality: 0, zone: 2, holder: 1, hops: 1 },
    { type: 'store', request: 1, reality: 5, key: 1, provider: 2 },
    { type: 'withdraw', request: 1, reality: 0, key: 1, provider: 2 },
    { type: 'items', reality: 5, items: [1, 2, 3], copy: false },
  ];
  for (const message of messages) for (let i = 0; i < 2; i++) protocol.onMessage(stranger, message);
  net.run(20_000);
  t.deepEqual(
    hosts.map(({ protocol: each }) => each.places[0].zones.join()),
    before,
  );
  t.deepEqual(flaws(hosts), []);
});

test('the stated wire format', (t) => {
  const lookup: RoutedMessage = {
    type: 'lookup',
    key: 1,
    point: [0, 0],
    reality: 0,
    origin: 2,
    request: 3,
    hops: 4,
    ack: 0,
    visited: [],
    nearest: 0,
    handed: false,
  };
  t.is(wireBytes(lookup, 2), 8 + 6 + 6);
  t.is(wireBytes({ ...lookup, ack: 5 }, 2), 24);
  t.is(wireBytes({ ...lookup, type: 'join' }, 3), 8 + 12 + 6);
  t.is(wireBytes({ ...lookup, visited: [1, 2] }, 2), 20 + 5 + 12);
  t.is(wireBytes({ type: 'update', reality: 0, zones: [5], neighbours: [1, 2, 3, 4] }, 2), 8 + 2 + 7 + 26);
  t.is(wireBytes({ type: 'answer', request: 1, hops: 2, providers: [1, 2, 3] }, 2), 8 + 1 + 18);
});

/** 200 peers of the real network, with the workload of `locate`. */
const inTheEmulator = (options: Partial<TestnetOptions>) =>
  testnet('can', {
    peers: 200,
    latencyMs: 80,
    locate: { files: 400, zipf: 0.8, replicas: 4, publishSpreadMs: 20_000, ratePerPeerPerSecond: 0.02, timeoutMs: 20_000 },
    warmUpMs: 120_000,
    measureMs: 120_000,
    drainMs: 30_000,
    ...options,
  });

test('in the emulator without churn every search succeeds, from a converged start and when all join at once', async (t) => {
  for (const start of ['converge', 'join'] as const) {
    const net = await inTheEmulator({ start });
    net.run(270_000);
    const { started, succeeded } = net.shard.meter;
    t.true(started > 300);
    t.is(succeeded, started, start);
  }
});

test('in the emulator, sessions of ten minutes and 2 % loss: 95 % of searches succeed', async (t) => {
  const net = await inTheEmulator({
    topology: { loss: 0.02 },
    population: {
      session: { kind: 'exponential', meanMs: 600_000 },
      downtime: { kind: 'exponential', meanMs: 300_000 },
      crashShare: 0.5,
    },
  });
  net.run(270_000);
  const { started, succeeded } = net.shard.meter;
  t.log(`${succeeded} of ${started}`);
  t.true(started > 300);
  t.true(succeeded >= 0.95 * started, `${succeeded} of ${started}`);
});
