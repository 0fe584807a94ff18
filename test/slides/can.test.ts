/**
 * CAN as the course draws it (Joseph and Stoica, CS162, spring 2012, lecture 23): a space of 8 x 8, five nodes that join one after the
 * other, four files. The numbers are literal. A hop is one forward; the last one, to the owner, counts.
 */

import test from 'ava';
import type { CanSettings } from '../../src/protocols/can/settings.js';
import { type CanHost, flaws, grown, keyAt, locate, publish, type Space, STILL, spaceOf } from '../helpers/can-space.js';

const SIDE = 8;
const NODES = { n1: [1, 2], n2: [4, 2], n3: [3, 5], n4: [5, 5], n5: [6, 6] };
const FILES = { f1: [2, 3], f2: [5, 0], f3: [2, 1], f4: [7, 5] };
const SETTINGS: Partial<CanSettings> = { ...STILL, side: SIDE, points: Object.values(NODES).flat() };

const fileKey = (file: keyof typeof FILES) => keyAt(FILES[file][0] / SIDE, FILES[file][1] / SIDE);

/** A node's zone as [low, high) per dimension, in the deck's units. */
function zoneOf({ protocol }: CanHost): number[][] {
  const [zone] = protocol.places[0].zones;
  return protocol.torus.boundsOf(zone).map((bounds) => bounds.map((bound) => bound * SIDE));
}

const WAYS: [string, (count: number) => Space][] = [
  ['joined', (count) => grown(count, SETTINGS, 1000)],
  ['converged', (count) => spaceOf(count, SETTINGS)],
];

for (const [way, spaceWith] of WAYS) {
  test(`${way}: n1 covers the entire space, n2 takes half of it, n3 half of what n1 has`, (t) => {
    const whole = [0, 8];
    t.deepEqual(spaceWith(1).hosts.map(zoneOf), [[whole, whole]]);
    t.deepEqual(spaceWith(2).hosts.map(zoneOf), [
      [[0, 4], whole],
      [[4, 8], whole],
    ]);
    t.deepEqual(spaceWith(3).hosts.map(zoneOf), [
      [
        [0, 4],
        [0, 4],
      ],
      [[4, 8], whole],
      [
        [0, 4],
        [4, 8],
      ],
    ]);
  });

  test(`${way}: the five nodes have the zones of the picture`, (t) => {
    const { hosts } = spaceWith(5);
    const low = [0, 4];
    const high = [4, 8];
    t.deepEqual(hosts.map(zoneOf), [
      [low, low],
      [high, low],
      [low, high],
      [[4, 6], high],
      [[6, 8], high],
    ]);
    t.deepEqual(flaws(hosts), []);
  });

  test(`${way}: each item is stored by the node that owns its place: f1 and f3 by n1, f2 by n2, f4 by n5`, (t) => {
    const space = spaceWith(5);
    for (const file of Object.keys(FILES) as (keyof typeof FILES)[]) publish(space, space.hosts[3], fileKey(file), 1000);
    const keeps = space.hosts.map((host) =>
      Object.keys(FILES).filter((file) => host.protocol.holders(fileKey(file as keyof typeof FILES)).length > 0),
    );
    t.deepEqual(keeps, [['f1', 'f3'], ['f2'], [], [], ['f4']]);
  });

  test(`${way}: n1 queries f4: forwarded to a neighbour, and from there to n5: two hops`, (t) => {
    const space = spaceWith(5);
    const { net, hosts } = space;
    publish(space, hosts[4], fileKey('f4'), 1000);
    net.sent.length = 0;
    const operation = locate(space, hosts[0], fileKey('f4'), 1000);
    t.deepEqual(operation.answers, [{ provider: hosts[4].address, hops: 2 }]);
    t.is(operation.finishedHops, 2);
    const route = net.sentOf('lookup').map(({ to }) => net.hostAt(to)!.index);
    t.is(route.length, 2);
    t.true(route[0] === 1 || route[0] === 2, 'n2 and n3 are equally near: 1 below, and 1 around the edge');
    t.is(route[1], 4);
  });
}
