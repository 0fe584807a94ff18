/** The arithmetic of CAN's zones and of the torus they lie in, against plain coordinates. */

import test from 'ava';
import fc from 'fast-check';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { Partition } from '../../src/protocols/can/partition.js';
import { torusOf } from '../../src/protocols/can/torus.js';
import {
  covers,
  DEEPEST,
  depthOf,
  lowerHalf,
  merged,
  overlap,
  SPACE,
  siblingOf,
  upperHalf,
  volumeOf,
  volumeOfAll,
  without,
  withoutAll,
  type Zone,
} from '../../src/protocols/can/zones.js';

const dimensions = fc.integer({ min: 1, max: 10 });
const zone = fc.integer({ min: 0, max: DEEPEST }).chain((depth) => fc.maxSafeNat().map((path) => 2 ** depth + (path % 2 ** depth)));
const shallow = fc.integer({ min: 1, max: 255 });
const point = fc
  .array(fc.integer({ min: 0, max: 2 ** 24 - 1 }), { minLength: 10, maxLength: 10 })
  .map((all) => all.map((x) => x / 2 ** 24));

/** What happens to a space: somebody joins at a point, or the so-many-th peer leaves. */
const history = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('join' as const), at: point }),
    fc.record({ kind: fc.constant('leave' as const), who: fc.nat({ max: 1000 }) }),
  ),
  { maxLength: 60 },
);

test('after any sequence of joins and leaves the zones cover the space and do not overlap, and in a plane they are 1:1, 1:2 or 2:1', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), history, (d, events) => {
      const torus = torusOf(d);
      let peers: Zone[][] = [[SPACE]];
      for (const event of events) {
        if (event.kind === 'join') {
          const owner = peers.find((zones) => torus.anyHolds(zones, event.at.slice(0, d)))!;
          const hit = owner.find((each) => torus.holds(each, event.at.slice(0, d)))!;
          owner.splice(owner.indexOf(hit), 1, lowerHalf(hit));
          peers.push([upperHalf(hit)]);
        } else if (peers.length > 1) {
          const [gone] = peers.splice(event.who % peers.length, 1);
          for (const left of gone) {
            const beside = peers.filter((zones) => torus.anyAbut(zones, [left]));
            const heir =
              beside.find((zones) => zones.includes(siblingOf(left))) ??
              beside.reduce((a, b) => (volumeOfAll(b) < volumeOfAll(a) ? b : a), beside[0] ?? peers[0]);
            heir.push(left);
          }
          peers = peers.map(merged);
        }
      }
      const zones = peers.flat();
      if (volumeOfAll(zones) !== 1) return false;
      for (const [i, a] of zones.entries()) for (const b of zones.slice(i + 1)) if (overlap(a, b)) return false;
      if (d !== 2) return true;
      return zones.every((each) => {
        const [[left, right], [low, high]] = torus.boundsOf(each);
        return [0.5, 1, 2].includes((right - left) / (high - low));
      });
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test('halves, siblings, parts: of two zones one covers the other or they share nothing, as their coordinates say', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), shallow, shallow, (d, a, b) => {
      const torus = torusOf(d);
      const [boundsA, boundsB] = [torus.boundsOf(a), torus.boundsOf(b)];
      const shared = boundsA.every(([low, high], i) => low < boundsB[i][1] && boundsB[i][0] < high);
      const inside = boundsA.every(([low, high], i) => low <= boundsB[i][0] && boundsB[i][1] <= high);
      return overlap(a, b) === shared && covers(a, b) === inside;
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(zone, (each) => {
      if (depthOf(each) === 0) return siblingOf(each) === each;
      const parent = Math.floor(each / 2);
      const halves = [lowerHalf(parent), upperHalf(parent)];
      return merged(halves)[0] === parent && halves.includes(each) && halves.includes(siblingOf(each)) && covers(parent, each);
    }),
  );
  t.pass();
});

test('what is left of a zone without others is disjoint from them and has the rest of its volume; merging keeps volume', (t) => {
  fc.assert(
    fc.property(shallow, fc.array(shallow, { maxLength: 6 }), (from, others) => {
      const left = withoutAll([from], others);
      if (left.some((each) => !covers(from, each) || others.some((other) => overlap(each, other)))) return false;
      const taken = others.filter(
        (other, i) => overlap(other, from) && !others.some((more, k) => k !== i && covers(more, other) && (more !== other || k < i)),
      );
      const volume = taken.some((other) => covers(other, from)) ? 0 : volumeOf(from) - volumeOfAll(taken);
      return volumeOfAll(left) === volume && volumeOfAll(merged(left)) === volume;
    }),
    { numRuns: 2000 },
  );
  t.deepEqual(merged([4, 5, 6, 7]), [SPACE]);
  t.deepEqual(merged([5, 4, 6]), [2, 6]);
  t.deepEqual(without(SPACE, 13), [12, 7, 2]);
});

test('neighbours abut in one dimension and overlap in all others, around the edges too', (t) => {
  const meets = ([low, high]: number[], [otherLow, otherHigh]: number[]) =>
    high === otherLow || otherHigh === low || high - otherLow === 1 || otherHigh - low === 1;
  fc.assert(
    fc.property(dimensions, shallow, shallow, (d, a, b) => {
      const torus = torusOf(d);
      const [boundsA, boundsB] = [torus.boundsOf(a), torus.boundsOf(b)];
      const open = boundsA.map(([low, high], i) => low < boundsB[i][1] && boundsB[i][0] < high);
      const apart = open.flatMap((isOpen, i) => (isOpen ? [] : [i]));
      return (
        torus.abut(a, b) === (apart.length === 1 && meets(boundsA[apart[0]], boundsB[apart[0]])) && torus.abut(a, b) === torus.abut(b, a)
      );
    }),
    { numRuns: 5000 },
  );
  t.pass();
});

test('a point lies in exactly one zone of each depth, at distance 0, and is right beside a zone when asked to be', (t) => {
  fc.assert(
    fc.property(dimensions, point, fc.integer({ min: 0, max: DEEPEST }), shallow, (d, at, depth, other) => {
      const torus = torusOf(d);
      const here = torus.zoneAt(at.slice(0, d), depth);
      if (depthOf(here) !== depth || !torus.holds(here, at.slice(0, d)) || torus.distance(at, here) !== 0) return false;
      if (other !== here && depthOf(other) === depth && torus.distance(at, other) === 0) return false;
      const shallower = torus.zoneAt(at, depth % 8);
      if (!torus.abut(shallower, other)) return true;
      const beside = torus.pointBeside(shallower, other);
      return torus.holds(shallower, beside) && Math.sqrt(torus.distance(beside, other)) <= 2 ** -47;
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('the point of a key: whole in one dimension, its halves in two, and spread evenly in every further one', (t) => {
  t.deepEqual(torusOf(1).pointOf(2 ** 47), [0.5]);
  t.deepEqual(torusOf(2).pointOf(0.75 * 2 ** 48 + 0.25 * 2 ** 24), [0.75, 0.25]);
  const random = new Stream(1, WHOLE_RUN, 'workload');
  const counts = Array.from({ length: 10 }, () => new Array<number>(16).fill(0));
  const pairs = new Array<number>(256).fill(0);
  for (let i = 0; i < 16_000; i++) {
    const at = torusOf(10).pointOf(random.identifier());
    for (const [dimension, x] of at.entries()) counts[dimension][Math.floor(x * 16)]++;
    pairs[Math.floor(at[2] * 16) * 16 + Math.floor(at[9] * 16)]++;
  }
  for (const each of counts) t.true(each.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0) < 45, `${each}`); // chi-square, 15 degrees: p > 0.0001
  t.true(pairs.reduce((sum, count) => sum + (count - 62.5) ** 2 / 62.5, 0) < 350); // 255 degrees: p > 0.0001
});

test('a partition built from global knowledge: every zone has its peer, every peer its neighbours, and greedy routing gets nearer each hop', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      fc.constantFrom('join', 'check', 'divide'),
      (d, count, seed, way) => {
        const torus = torusOf(d);
        const random = new Stream(seed, WHOLE_RUN, 'workload');
        const partition = new Partition(torus, count);
        if (way === 'divide') partition.divide(Uint32Array.from({ length: count }, (_, i) => count - 1 - i));
        else for (let i = 0; i < count; i++) partition.join(torus.pointOf(random.identifier()), way === 'check');
        const zones = [...partition.zones];
        if (volumeOfAll(zones) !== 1) return false;
        const at = torus.pointOf(random.identifier());
        const owner = zones.findIndex((each) => torus.holds(each, at));
        if (partition.ownerOf(at) !== owner) return false;
        for (const [i, mine] of zones.entries()) {
          const neighbours = zones.flatMap((other, k) => (torus.abut(mine, other) ? [k] : []));
          if (
            partition
              .neighboursOf(i)
              .sort((a, b) => a - b)
              .join() !== neighbours.join()
          )
            return false;
          const distance = torus.distance(at, mine);
          if (i !== owner && !neighbours.some((k) => torus.distance(at, zones[k]) < distance)) return false;
        }
        return true;
      },
    ),
    { numRuns: 150 },
  );
  t.pass();
});

test('equal zones in a plane: neighbours have volumes in the ratio 1/2, 1 or 2, and all are equal for a power of two', (t) => {
  for (const count of [3, 5, 12, 64, 100]) {
    const partition = new Partition(torusOf(2), count);
    partition.divide(Uint32Array.from({ length: count }, (_, i) => i));
    for (const [i, mine] of partition.zones.entries()) {
      for (const other of partition.neighboursOf(i)) t.true([0.5, 1, 2].includes(volumeOf(mine) / volumeOf(partition.zones[other])));
      if (count === 64) t.is(volumeOf(mine), 1 / 64);
    }
  }
});
