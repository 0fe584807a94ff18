import { createHash } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { ascending, floorLog2, ringOf } from '../../src/overlay/identifiers.js';

/** A ring with up to `count` identifiers on it, the smallest rings (where everything collides) and the largest alike. */
const onRing = (count: number) =>
  fc
    .integer({ min: 2, max: 48 })
    .chain((bits) =>
      fc.tuple(fc.constant(ringOf(bits)), fc.array(fc.integer({ min: 0, max: 2 ** bits - 1 }), { minLength: count, maxLength: count })),
    );

test('clockwise distance and steps undo each other', (t) => {
  fc.assert(
    fc.property(onRing(2), ([ring, [a, b]]) => {
      const distance = ring.distance(a, b);
      return distance >= 0 && distance < ring.size && ring.plus(a, distance) === b && (a === b) === (distance === 0);
    }),
  );
  t.pass();
});

test('membership of an interval is what walking clockwise through it says', (t) => {
  fc.assert(
    fc.property(onRing(3), ([ring, [x, after, upTo]]) => {
      const length = ring.distance(after, upTo) || ring.size; // from a point to itself: once around
      const steps = ring.distance(after, x) || ring.size;
      return ring.within(x, after, upTo) === steps <= length && ring.between(x, after, upTo) === (steps < length && x !== upTo);
    }),
  );
  t.pass();
});

test('two intervals that meet share no point and leave none out', (t) => {
  fc.assert(fc.property(onRing(3), ([ring, [x, a, b]]) => a === b || ring.within(x, a, b) !== ring.within(x, b, a)));
  t.pass();
});

test('the identifier of a key is its top bits, and keyOf gives the first key of an identifier', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.integer({ min: 2, max: 48 }), (key, bits) => {
      const ring = ringOf(bits);
      const identifier = ring.identifierOf(key);
      const asText = key.toString(2).padStart(48, '0').slice(0, bits);
      return (
        identifier === Number.parseInt(asText, 2) &&
        ring.keyOf(identifier) <= key &&
        ring.identifierOf(ring.keyOf(identifier)) === identifier
      );
    }),
  );
  t.pass();
});

test('the identifier of a peer is the top bits of SHA-1 over the six bytes of its address', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.integer({ min: 2, max: 48 }), (address, bits) => {
      const bytes = Buffer.alloc(6);
      bytes.writeUIntBE(address, 0, 6);
      const digest = BigInt(`0x${createHash('sha1').update(bytes).digest('hex')}`);
      return ringOf(bits).identifierAt(address) === Number(digest >> BigInt(160 - bits));
    }),
  );
  t.pass();
});

test("a peer's places, and its further attempts at one, have identifiers of their own", (t) => {
  const ring = ringOf(48);
  const all = new Set<number>();
  for (let place = 0; place < 10; place++)
    for (let attempt = 0; attempt < 300; attempt++) all.add(ring.identifierAt(12345, place, attempt));
  t.is(all.size, 3000);
});

test('floorLog2 is exact at the powers of two, where Math.log2 is not', (t) => {
  for (let power = 0; power <= 52; power++) {
    t.is(floorLog2(2 ** power), power);
    t.is(floorLog2(2 ** (power + 1) - 1), power);
  }
});

test('ascending order is what a comparison sort gives, equal ones in order of place', (t) => {
  fc.assert(
    fc.property(onRing(200), ([ring, identifiers]) => {
      const expected = identifiers.map((_, i) => i).sort((a, b) => identifiers[a] - identifiers[b] || a - b);
      return ascending(Float64Array.from(identifiers), ring.bits).join() === expected.join();
    }),
  );
  t.deepEqual(ascending(new Float64Array(0), 8), new Uint32Array(0));
});
