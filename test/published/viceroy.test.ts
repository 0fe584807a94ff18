/**
 * What Malkhi, Naor and Ratajczak prove of Viceroy (PODC 2002), measured on the protocol itself: seven links, lookups of O(log N) hops on
 * average and at worst, in-degrees and loads that are even, levels that are estimated well enough.
 */

import test from 'ava';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { LEFT, NEXT, PREVIOUS, RIGHT, UP } from '../../src/protocols/viceroy/butterfly.js';
import { locate } from '../helpers/circle.js';
import { butterflyOf, type TestButterfly, type ViceroyHost } from '../helpers/viceroy.js';

/** Hops of lookups of random keys by random peers. */
function hopsOf({ net, hosts }: TestButterfly, lookups: number): { mean: number; most: number } {
  const random = new Stream(7, WHOLE_RUN, 'workload');
  let sum = 0;
  let most = 0;
  for (let i = 0; i < lookups; i++) {
    const hops = locate(net, random.pick(hosts), random.identifier(), 2000).finishedHops!;
    sum += hops;
    most = Math.max(most, hops);
    if (i % 100 === 0) net.sent.length = 0;
  }
  return { mean: sum / lookups, most };
}

/** Least squares: the slope, and the share of the variance that the line explains. */
function regression(points: readonly [number, number][]): { slope: number; squared: number } {
  const meanOf = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [meanOf(points.map(([x]) => x)), meanOf(points.map(([, y]) => y))];
  const sum = (of: (dx: number, dy: number) => number) => points.reduce((total, [x, y]) => total + of(x - meanX, y - meanY), 0);
  const [xy, xx, yy] = [sum((dx, dy) => dx * dy), sum((dx) => dx * dx), sum((_, dy) => dy * dy)];
  return { slope: xy / xx, squared: xy ** 2 / (xx * yy) };
}

test('mean hops are at most 3 log2 N and linear in log N, from 2^8 to 2^14 peers; the longest of 2,000 is O(log N) too', (t) => {
  const points: [number, number][] = [];
  for (let power = 8; power <= 14; power++) {
    const { mean, most } = hopsOf(butterflyOf(2 ** power), 2000);
    t.log(`2^${power} peers: ${mean.toFixed(2)} hops on average, ${most} at most`);
    t.true(mean <= 3 * power, `2^${power} peers: ${mean} hops`);
    t.true(most <= 4 * power, `2^${power} peers: ${most} hops at most`);
    points.push([power, mean]);
  }
  const { slope, squared } = regression(points);
  t.log(`${slope.toFixed(3)} hops more for each doubling, R^2 ${squared.toFixed(4)}`);
  t.true(squared > 0.98, `R^2 ${squared}`);
});

test('the vicinity searched peer by peer along the ring (the simple version) takes more hops, on average and still more at worst', (t) => {
  const hopping = hopsOf(butterflyOf(4096), 2000);
  const simple = hopsOf(butterflyOf(4096, { vicinity: 'ring' }), 2000);
  t.log(`mean ${simple.mean.toFixed(2)} beside ${hopping.mean.toFixed(2)}, most ${simple.most} beside ${hopping.most}`);
  t.true(simple.mean > hopping.mean);
  t.true(simple.most > 1.2 * hopping.most);
  t.true(simple.mean <= 3 * 12, 'O(log N) on average all the same');
});

const LINKS = [UP, LEFT, RIGHT, NEXT, PREVIOUS];

test('the out-degree is 7 exactly: 2 ring, 2 level ring, 1 up, 2 down; but none up from level 1 and none down from the lowest level', (t) => {
  for (const [count, seed] of [
    [256, 1],
    [1000, 2],
    [5000, 3],
  ]) {
    const { hosts } = butterflyOf(count, { successors: 1 }, seed);
    const perLevel = new Map<number, number>();
    for (const { protocol } of hosts) perLevel.set(protocol.level, (perLevel.get(protocol.level) ?? 0) + 1);
    let seven = 0;
    for (const { protocol, address } of hosts) {
      const links = LINKS.map((which) => protocol.linkTo(which) !== 0);
      const hasUp = perLevel.has(protocol.level - 1);
      const hasDown = perLevel.has(protocol.level + 1);
      const hasPeers = perLevel.get(protocol.level)! > 1;
      t.deepEqual(links, [hasUp, hasDown, hasDown, hasPeers, hasPeers]);
      if (protocol.level === 1) t.false(hasUp);
      const degree = [...protocol.neighbours()].length;
      t.is(degree, 2 + links.filter((known) => known).length);
      t.true(degree <= 7);
      t.false([...protocol.neighbours()].includes(address));
      if (degree === 7) seven++;
    }
    // All others are on a level at the edge of the butterfly: level 1, or one that is alone or has nobody next to it.
    const atTheEdge = hosts.filter(
      ({ protocol: { level } }) => !perLevel.has(level - 1) || !perLevel.has(level + 1) || perLevel.get(level) === 1,
    );
    t.is(seven, count - atTheEdge.length);
    t.true(seven > 0.8 * count, `${seven} of ${count}`);
  }
});

test('in-degrees: 7 on average, and O(log N) at most', (t) => {
  const count = 8192;
  const { hosts } = butterflyOf(count, { successors: 1 });
  const inDegree = new Map<number, number>();
  let links = 0;
  for (const { protocol } of hosts) {
    for (const address of protocol.neighbours()) {
      inDegree.set(address, (inDegree.get(address) ?? 0) + 1);
      links++;
    }
  }
  const most = Math.max(...inDegree.values());
  t.log(`${(links / count).toFixed(2)} on average, ${most} at most`);
  t.true(links / count > 6.5 && links / count <= 7);
  t.true(most <= 6 * 13, `${most}`);
});

test('no peer carries more than O(log^2 N / N) of the lookups', (t) => {
  const count = 2048;
  const butterfly = butterflyOf(count);
  const { hosts } = butterfly;
  const lookups = 20_000;
  hopsOf(butterfly, lookups);
  const loads = hosts.map((host) => host.reached / lookups).sort((a, b) => a - b);
  const mean = loads.reduce((sum, load) => sum + load, 0) / count;
  t.log(`mean ${(mean * count).toFixed(1)} / N, most ${(loads[count - 1] * count).toFixed(0)} / N`);
  t.true(mean <= (3 * 11) / count, 'mean O(log N / N)');
  t.true(loads[count - 1] <= (3 * 11 ** 2) / count, 'most O(log^2 N / N)');
});

test('the estimate of log N from the distance to the successor lies between log (N / 2 log N) and 3 log N, rounded down', (t) => {
  const count = 4096;
  const { hosts } = butterflyOf(count);
  const bySuccessor = ({ protocol }: ViceroyHost) =>
    Math.log2(2 ** 32 / protocol.ring.distance(protocol.identifier, protocol.successors[0]));
  const estimates = hosts.map(bySuccessor);
  const inside = estimates.filter((estimate) => estimate >= Math.log2(count / (2 * 12)) && estimate <= 3 * 12).length;
  t.true(inside / count > 0.999, `${inside} of ${count}`);
  for (const [i, host] of hosts.entries()) t.true(host.protocol.level >= 1 && host.protocol.level <= Math.max(1, Math.floor(estimates[i])));
});
