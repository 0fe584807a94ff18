import test from 'ava';
import fc from 'fast-check';
import { xorDistance } from '../../src/overlay/xor.js';

/** Every length up to 48 bits, so that values on both sides of 2^24, 2^31 and 2^32 come up. */
const identifier = fc.integer({ min: 1, max: 48 }).chain((bits) => fc.integer({ min: 0, max: 2 ** bits - 1 }));

test('it is exclusive or, beyond 32 bits too', (t) => {
  fc.assert(fc.property(identifier, identifier, (a, b) => xorDistance(a, b) === Number(BigInt(a) ^ BigInt(b))));
  t.is(xorDistance(2 ** 47, 2 ** 31), 2 ** 47 + 2 ** 31);
  t.is(xorDistance(2 ** 48 - 1, 0), 2 ** 48 - 1);
});

test('it is a metric: nothing only from a point to itself, the same both ways, and no detour is shorter', (t) => {
  fc.assert(
    fc.property(identifier, identifier, identifier, (a, b, c) => {
      const [ab, bc, ac] = [xorDistance(a, b), xorDistance(b, c), xorDistance(a, c)];
      return (ab === 0) === (a === b) && ab === xorDistance(b, a) && ac <= ab + bc;
    }),
  );
  t.pass();
});

test('it has one direction: for a point and a distance there is exactly one other point', (t) => {
  fc.assert(fc.property(identifier, identifier, (a, distance) => xorDistance(a, xorDistance(a, distance)) === distance));
  t.is(new Set(Array.from({ length: 256 }, (_, b) => xorDistance(0xabcdef123456, 0xabcdef123400 + b))).size, 256);
});
