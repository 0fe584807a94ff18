import test from 'ava';
import fc from 'fast-check';
import { gap, isCloser, LeafSet } from '../../src/overlay/leaf-set.js';

const SIZE = 2 ** 48;
const identifier = fc.oneof(
  fc.integer({ min: 0, max: SIZE - 1 }),
  fc.integer({ min: 0, max: 30 }),
  fc.integer({ min: SIZE - 30, max: SIZE - 1 }),
);
const clockwise = (from: number, to: number) => (to - from + SIZE) % SIZE;

test('distance is the shorter way round, and of two as close the smaller identifier is the closer', (t) => {
  t.is(gap(1, SIZE - 1), 2);
  t.is(gap(SIZE - 1, 1), 2);
  t.true(isCloser(10, 20, 14));
  t.true(isCloser(10, 20, 15));
  t.false(isCloser(20, 10, 15));
  t.false(isCloser(10, 10, 3));
});

test('whatever comes and goes: each side holds the nearest on its side, nearest first', (t) => {
  const steps = fc.array(fc.record({ peer: fc.nat(), out: fc.boolean() }));
  fc.assert(
    fc.property(
      fc.uniqueArray(identifier, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 5 }),
      steps,
      (all, half, changes) => {
        const [own] = all;
        const set = new LeafSet(own, half);
        const heard: number[] = [];
        for (const { peer, out } of changes) {
          const its = all[peer % all.length];
          if (its === own) {
            if (set.insert(its, its + 1) || set.wants(its)) return false;
          } else if (out && set.has(its)) {
            set.remove(its + 1);
            // A removal leaves a gap that nobody fills: from here on only those that remain count.
            heard.splice(0, heard.length, ...set.all().filter((_, i) => i % 2 === 0));
          } else if (!out) {
            if (set.wants(its) !== set.insert(its, its + 1)) return false;
            if (!heard.includes(its)) heard.push(its);
          }
        }
        const expected = (distance: (other: number) => number) =>
          [...heard]
            .sort((one, other) => distance(one) - distance(other))
            .slice(0, half)
            .flatMap((its) => [its, its + 1]);
        const holds = (side: boolean, distance: (other: number) => number) => {
          const its = set.side(side);
          const best = expected(distance);
          // After removals a side may be short of what the other side holds; what it has is in order and among the heard.
          return changes.some(({ out }) => out)
            ? its.every((each, i) => i < 2 || i % 2 === 1 || distance(its[i - 2]) < distance(each))
            : its.join() === best.join();
        };
        return holds(true, (other) => clockwise(own, other)) && holds(false, (other) => clockwise(other, own));
      },
    ),
    { numRuns: 500 },
  );
  t.pass();
});

test('of a whole ring: a key in its range belongs to the numerically closest of all, and the range is what lies between its ends', (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(identifier, { minLength: 2, maxLength: 24 }),
      fc.integer({ min: 1, max: 5 }),
      identifier,
      (all, half, key) => {
        const [own] = all;
        const set = new LeafSet(own, half);
        for (const its of all) set.insert(its, its + 1);
        const closest = all.reduce((best, its) => (isCloser(its, best, key) ? its : best));
        if (all.length - 1 <= half && !set.covers(key)) return false; // it knows everybody on both sides
        if (!set.covers(key)) return true;
        const order = [...set.all().filter((_, i) => i % 2 === 0), own].sort((one, other) => (isCloser(one, other, key) ? -1 : 1));
        const nearest = set.nearestTo(key, 3).map((address) => address - 1);
        return (
          set.closest(key, own + 1) === closest + 1 &&
          order[0] === closest &&
          nearest.join() ===
            order
              .filter((its) => its !== own)
              .slice(0, 3)
              .join()
        );
      },
    ),
    { numRuns: 2000 },
  );
  t.pass();
});

test('alone it covers its own identifier and no other', (t) => {
  const set = new LeafSet(100, 4);
  t.true(set.covers(100));
  t.false(set.covers(101));
  t.is(set.closest(7, 1), 1);
});
