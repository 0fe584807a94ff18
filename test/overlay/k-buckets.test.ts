import test from 'ava';
import fc from 'fast-check';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { floorLog2 } from '../../src/overlay/identifiers.js';
import { CONTACT, KBuckets, type KBucketsOptions } from '../../src/overlay/k-buckets.js';
import { xorDistance } from '../../src/overlay/xor.js';

const OPTIONS: KBucketsOptions = { bits: 48, k: 3, bitsPerHop: 1, spares: 2, staleAfter: 3 };
const addressOf = (identifier: number) => 2 ** 41 + (identifier % 1000);
const population = fc.record({
  bits: fc.integer({ min: 4, max: 48 }),
  bitsPerHop: fc.integer({ min: 1, max: 5 }),
  k: fc.integer({ min: 1, max: 6 }),
  numbers: fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 48 - 1 }), { minLength: 2, maxLength: 60 }),
});

/** A table that has heard from all but the first, and who took part. */
function filled({ bits, bitsPerHop, k, numbers }: { bits: number; bitsPerHop: number; k: number; numbers: number[] }) {
  const identifiers = [...new Set(numbers.map((number) => Math.floor(number / 2 ** (48 - bits))))];
  const table = new KBuckets(identifiers[0], { ...OPTIONS, bits, bitsPerHop, k });
  const contacts = identifiers.slice(1).map((identifier, i) => [identifier, 2 ** 41 + i] as const);
  for (const [identifier, address] of contacts) table.heard(identifier, address);
  return { table, contacts };
}

test('with one bit a hop a bucket is a power of two of distances, the farthest first', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.integer({ min: 0, max: 2 ** 48 - 1 }), (own, other) => {
      const number = new KBuckets(own, OPTIONS).bucketOf(other);
      return own === other ? number === -1 : number === 47 - floorLog2(xorDistance(own, other));
    }),
  );
  t.pass();
});

test('no bucket has more than k, each contact is in the bucket of its distance, and nobody is refused while there is room', (t) => {
  fc.assert(
    fc.property(population, (given) => {
      const { table, contacts } = filled(given);
      const belonging = new Map<number, number>();
      for (const [identifier] of contacts) {
        const number = table.bucketOf(identifier);
        belonging.set(number, (belonging.get(number) ?? 0) + 1);
      }
      for (let number = 0; number < table.length; number++) {
        const bucket = table.contacts(number);
        if (bucket.length / CONTACT !== Math.min(given.k, belonging.get(number) ?? 0)) return false;
        for (let i = 0; i < bucket.length; i += CONTACT) if (table.bucketOf(bucket[i]) !== number) return false;
      }
      return true;
    }),
  );
  t.pass();
});

test('peers of one bucket share with each other what they share with nobody else of it: the first digit of their distance', (t) => {
  const table = new KBuckets(0, { ...OPTIONS, bits: 8, bitsPerHop: 4 });
  const numbers = Array.from({ length: 255 }, (_, i) => table.bucketOf(i + 1));
  t.is(new Set(numbers).size, 30, 'two levels of 2^4 - 1');
  t.is(numbers[0xf0 - 1], 0);
  t.is(numbers[0xff - 1], 0);
  t.is(numbers[0x10 - 1], 14);
  t.is(numbers[0x0f - 1], 15);
  t.is(numbers[0x01 - 1], 29);
});

test('closest gives what sorting all contacts by distance gives, with any digits and any number wanted', (t) => {
  fc.assert(
    fc.property(population, fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.integer({ min: 1, max: 30 }), (given, key, count) => {
      const { table } = filled(given);
      const target = Math.floor(key / 2 ** (48 - given.bits));
      const all: [number, number][] = [];
      for (let number = 0; number < table.length; number++) {
        const bucket = table.contacts(number);
        for (let i = 0; i < bucket.length; i += CONTACT) all.push([bucket[i], bucket[i + 1]]);
      }
      all.sort(([a], [b]) => xorDistance(a, target) - xorDistance(b, target));
      const except = all[0]?.[1] ?? 0;
      return (
        table.closest(target, count).join() === all.slice(0, count).flat().join() &&
        table.closest(target, count, except).join() ===
          all
            .slice(1, count + 1)
            .flat()
            .join() &&
        table.countCloser(target) === all.filter(([id]) => xorDistance(id, target) < xorDistance(table.own, target)).length
      );
    }),
  );
  t.pass();
});

test('a random identifier of a bucket is in it', (t) => {
  const random = new Stream(1, WHOLE_RUN, 'workload');
  for (const bitsPerHop of [1, 2, 3, 5]) {
    const table = new KBuckets(0xabcdef123456, { ...OPTIONS, bitsPerHop });
    for (let number = 0; number < 20; number++) t.is(table.bucketOf(table.randomIn(number, random)), number);
  }
});

test('who is heard of goes to the end; who has been silent for longest is first', (t) => {
  const table = new KBuckets(0, OPTIONS);
  const far = [1, 2, 3].map((i) => 2 ** 47 + i);
  for (const each of far) t.is(table.heard(each, addressOf(each)), 'added');
  t.is(table.heard(far[0], addressOf(far[0])), 'known');
  t.deepEqual(table.leastRecent(0), [far[1], addressOf(far[1])]);
  t.is(table.heard(0, 99), 'self');
});

test('a full bucket keeps its contacts; newcomers are spares, the last heard of first in line, and no more than there is room for', (t) => {
  const table = new KBuckets(0, OPTIONS);
  const far = [1, 2, 3, 4, 5, 6].map((i) => 2 ** 47 + i);
  for (const each of far.slice(0, 3)) table.heard(each, addressOf(each));
  for (const each of far.slice(3)) t.is(table.heard(each, addressOf(each)), 'full');
  table.heard(far[4], addressOf(far[4]));
  t.deepEqual(table.sparesOf(0), [far[5], addressOf(far[5]), far[4], addressOf(far[4])]);
  table.evict(far[1], addressOf(far[1]));
  t.deepEqual(
    table.contacts(0).filter((_, i) => i % 2 === 0),
    [far[0], far[2], far[4]],
  );
  t.deepEqual(table.sparesOf(0), [far[5], addressOf(far[5])]);
});

test('a contact is stale after so many unanswered requests in a row: replaced if there is a spare, else named to nobody until heard of', (t) => {
  const table = new KBuckets(0, OPTIONS);
  const far = [1, 2, 3, 4].map((i) => 2 ** 47 + i);
  const silent = (each: number, requests: number) => table.silent(each, addressOf(each), requests);
  for (const each of far.slice(0, 3)) table.heard(each, addressOf(each));
  silent(far[0], 2);
  t.is(table.closest(0, 9).length, 6, 'two are not enough');
  table.heard(far[0], addressOf(far[0]));
  silent(far[0], 2);
  t.is(table.closest(0, 9).length, 6, 'not in a row');
  silent(far[0], 1);
  t.is(table.closest(0, 9).length, 4);
  t.is(table.size, 3, 'it is remembered');
  t.false([...table.addresses()].includes(addressOf(far[0])));
  table.heard(far[0], addressOf(far[0]));
  t.is(table.closest(0, 9).length, 6, 'it was heard of again');

  silent(far[0], 40);
  t.is(table.heard(far[3], addressOf(far[3])), 'added', 'a newcomer gets the place of one that is stale');
  t.deepEqual(
    table
      .contacts(0)
      .filter((_, i) => i % 2 === 0)
      .sort(),
    [far[1], far[2], far[3]],
  );
  table.heard(far[0], addressOf(far[0]));
  silent(far[1], 3);
  t.true(table.contacts(0).includes(far[0]), 'a spare takes the place of one that goes stale');
  silent(2 ** 46, 3);
  t.is(table.size, 3, 'of a stranger nothing is noted');
});
