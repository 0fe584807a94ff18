/** CAN's peers in their behaviour: joins, goodbyes, crashes, takeovers, realities. */

import test from 'ava';
import can from '../../src/protocols/can/index.js';
import type { RoutedMessage, TakeoverMessage } from '../../src/protocols/can/messages.js';
import { type CanHost, flaws, grown, join, keyAt, LIVELY, locate, publish, STILL, spaceOf } from '../helpers/can-space.js';
import { isProblem } from '../helpers/is-problem.js';

test('peers that join one after the other hold the space between them, and know their neighbours', (t) => {
  for (const dimensions of [1, 2, 3, 5]) {
    const { net, hosts } = grown(40, { ...LIVELY, dimensions });
    t.deepEqual(flaws(hosts), [], `d = ${dimensions}`);
    net.run(net.now + 20_000);
    t.deepEqual(flaws(hosts), [], `d = ${dimensions}`);
  }
});

test('what converge builds is whole, for random zones as for equal ones', (t) => {
  for (const zones of ['random', 'equal']) {
    for (const dimensions of [1, 2, 4, 10]) t.deepEqual(flaws(spaceOf(50, { zones, dimensions }).hosts), [], `${zones}, d = ${dimensions}`);
  }
});

test('peers that all arrive at the same moment find together in one space', (t) => {
  const space = grown(0, LIVELY);
  for (let i = 0; i < 40; i++) join(space, LIVELY);
  space.net.run(120_000);
  t.deepEqual(flaws(space.hosts), []);
});

test('goodbyes: the space stays whole at every moment, and each peer has one zone again when the background task has run', (t) => {
  for (const dimensions of [1, 2, 3]) {
    for (const reassignMs of [0, 1000]) {
      const { net, hosts } = spaceOf(60, { ...LIVELY, dimensions, reassignMs });
      net.run(2000);
      for (let i = 0; i < 50; i++) {
        net.leave((i * 7) % 60);
        net.run(net.now + 100);
        const held = flaws(hosts, { severalZones: true }).filter((flaw) => flaw.includes('overlap') || flaw.includes('of the space'));
        if (reassignMs === 0) t.deepEqual(held, [], `d = ${dimensions}, ${i}`);
      }
      net.run(net.now + 60_000);
      t.deepEqual(flaws(hosts, { severalZones: reassignMs === 0 }), []);
      t.is(net.counters.has('can.takeovers'), false);
    }
  }
});

// Joining.

test('the newcomer gets half the zone of the peer it hits, tells its neighbours, and takes the index entries that lie there', (t) => {
  const space = grown(1, { ...STILL, points: [0.1, 0.1, 0.9, 0.9] }, 1000);
  const key = keyAt(0.75, 0.5);
  publish(space, space.hosts[0], key, 100);
  const newcomer = join(space, { ...STILL, points: [0.1, 0.1, 0.9, 0.9] });
  space.net.run(space.net.now + 1000);
  t.deepEqual(newcomer.protocol.torus.boundsOf(newcomer.protocol.places[0].zones[0]), [
    [0.5, 1],
    [0, 1],
  ]);
  t.deepEqual(newcomer.protocol.holders(key), [space.hosts[0].address]);
  t.deepEqual(locate(space, space.hosts[0], key).answers, [{ provider: space.hosts[0].address, hops: 1 }]);
});

test('two joins at the same moment at the same point: each gets a zone of its own', (t) => {
  const points = [0.1, 0.1, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9];
  const space = grown(1, { ...LIVELY, points }, 1000);
  for (let i = 0; i < 3; i++) join(space, { ...LIVELY, points });
  space.net.run(space.net.now + 10_000);
  t.deepEqual(flaws(space.hosts), []);
});

test('a zone given to a newcomer that is dead, or has been welcomed elsewhere, is taken back', (t) => {
  const space = spaceOf(8, { ...LIVELY, mergeMs: 0 });
  const { net, hosts } = space;
  const ghost = net.addPeer(can, LIVELY) as unknown as CanHost;
  const ask = (point: number[]): RoutedMessage => ({
    type: 'join',
    key: 0,
    point,
    reality: 0,
    origin: ghost.address,
    request: 1,
    hops: 1,
    ack: 0,
    visited: [],
    nearest: 0,
    handed: false,
  });
  ghost.up = false;
  hosts[0].protocol.onMessage(ghost.address, ask([0.3, 0.3]));
  net.run(net.now + 20_000);
  t.deepEqual(flaws(hosts), []);
  t.true(net.counters.get('can.zones-taken-back')! > 0);

  ghost.up = true;
  hosts[1].protocol.onMessage(ghost.address, ask([0.3, 0.3]));
  hosts[1].protocol.onMessage(ghost.address, ask([0.8, 0.8]));
  net.run(net.now + 20_000);
  t.deepEqual(flaws(net.hosts as unknown as CanHost[]), []);
  t.is(net.sentOf('decline').length, 1);
});

test('the volume check: who is hit passes the newcomer on to its neighbour with the largest zone', (t) => {
  const points = [0.1, 0.1, 0.9, 0.1, 0.1, 0.9, 0.1, 0.1];
  for (const volumeCheck of [false, true]) {
    const space = grown(4, { ...STILL, points, volumeCheck }, 1000);
    const volumes = space.hosts.map(({ protocol }) => protocol.places[0].volume);
    t.deepEqual(volumes, volumeCheck ? [0.25, 0.25, 0.25, 0.25] : [0.125, 0.5, 0.25, 0.125]);
    t.deepEqual(flaws(space.hosts), []);
  }
});

test('realities: a peer has a zone in each, the index is whole in each, and one that is damaged does no harm', (t) => {
  const space = grown(30, { ...LIVELY, realities: 3, replicas: 0 });
  for (const reality of [0, 1, 2]) t.deepEqual(flaws(space.hosts, { reality }), []);
  t.true(space.hosts.some(({ protocol: { places } }) => places[0].zones[0] !== places[1].zones[0]));
  const key = 123_456_789_012;
  publish(space, space.hosts[3], key);
  const owners = space.hosts.filter(({ protocol }) => protocol.holders(key).length > 0);
  t.true(owners.length >= 2 && owners.length <= 3);
  const [first] = owners.filter(({ protocol }) => protocol.places[0].owns(protocol.torus.pointOf(key)));
  space.net.crash(first.index);
  const asker = space.hosts.find((host) => host.up && !owners.includes(host))!;
  t.is(locate(space, asker, key).answers[0]?.provider, space.hosts[3].address);
  space.net.run(space.net.now + 60_000);
  for (const reality of [0, 1, 2]) t.deepEqual(flaws(space.hosts, { reality }), []);
});

// Leaving and dying.

test('who leaves hands its zone to the neighbour with which it merges into a valid one, with the index entries', (t) => {
  const space = spaceOf(4, { ...STILL, zones: 'equal' });
  const { net, hosts } = space;
  const [leaver] = hosts;
  const [zone] = leaver.protocol.places[0].zones;
  const key = hosts[0].random.identifier();
  const point = leaver.protocol.torus.middleOf(zone);
  const inside = keyAt(point[0], point[1]);
  publish(space, hosts[1], inside);
  publish(space, hosts[1], key);
  net.leave(0);
  net.run(net.now + 100);
  const heir = hosts.find((host) => host.up && host.protocol.places[0].zones[0] === Math.floor(zone / 2))!;
  t.truthy(heir);
  t.deepEqual(heir.protocol.holders(inside), [hosts[1].address]);
  t.deepEqual(flaws(hosts), []);
});

test('who leaves without such a neighbour hands its zone to the one with the smallest volume, which holds two for a while', (t) => {
  // Zones 2, 6, 14 and 15: the sibling of 2 is divided.
  const points = [0.1, 0.5, 0.9, 0.1, 0.6, 0.9, 0.9, 0.9];
  const settings = { ...LIVELY, points, reassignMs: 0, mergeMs: 0 };
  const { net, hosts } = grown(4, settings, 1000);
  t.deepEqual(
    hosts.map(({ protocol }) => protocol.places[0].zones),
    [[2], [6], [14], [15]],
  );
  net.leave(0);
  net.run(net.now + 5000);
  t.deepEqual(
    hosts
      .slice(1)
      .map(({ protocol }) => protocol.places[0].zones)
      .sort((a, b) => a.length - b.length)[2].length,
    2,
  );
  t.deepEqual(flaws(hosts, { severalZones: true }), []);
});

test('the smallest neighbour of a dead peer takes its zone over, after a time in proportion to its volume', (t) => {
  const points = [0.1, 0.5, 0.9, 0.1, 0.6, 0.9, 0.9, 0.9];
  const { net, hosts } = grown(4, { ...LIVELY, points, reassignMs: 0, mergeMs: 0, takeoverMs: 400 }, 2000);
  net.sent.length = 0;
  net.crash(1);
  net.run(net.now + 20_000);
  const takeovers = net.sentOf<TakeoverMessage>('takeover');
  t.true(takeovers.length > 0);
  t.true(
    takeovers.every(({ message }) => message.volume === 1 / 8),
    'the peers with an eighth, not the one with half',
  );
  t.is(hosts[0].protocol.places[0].volume, 1 / 2);
  t.deepEqual(flaws(hosts, { severalZones: true }), []);
});

test('two that take the same zone over: the smaller keeps it, of equal ones the one with the lower address', (t) => {
  const { net, hosts } = spaceOf(16, { ...LIVELY, zones: 'equal', reassignMs: 0, mergeMs: 0 });
  net.run(1500);
  net.crash(5);
  net.run(net.now + 20_000);
  t.deepEqual(flaws(hosts, { severalZones: true }), []);
  const takers = new Set(net.sentOf('takeover').map(({ from }) => from));
  const holder = hosts.find((host) => host.up && host.protocol.places[0].volume > 1 / 16)!;
  t.is(holder.address, Math.min(...takers));
});

test('a peer that crashes and is back before anybody noticed leaves no gap', (t) => {
  const { net, hosts } = spaceOf(12, LIVELY);
  net.run(3000);
  for (const index of [2, 7, 2, 9, 2]) {
    net.crash(index);
    net.hosts[index].start();
    net.hosts[index].protocol.join();
    net.run(net.now + 700);
  }
  net.run(net.now + 60_000);
  t.deepEqual(flaws(hosts), []);
});

test('points that are none are refused', (t) => {
  isProblem(t, () => spaceOf(1, { points: [0.1] }), /2 coordinates/);
  isProblem(t, () => spaceOf(1, { points: [0.1, 1] }), /not including, 1/);
  isProblem(t, () => spaceOf(1, { points: [8, 7], side: 8 }), /not including, 8/);
  t.notThrows(() => spaceOf(1, { points: [7.5, 0], side: 8 }));
});
