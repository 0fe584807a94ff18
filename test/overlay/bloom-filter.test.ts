import test from 'ava';
import fc from 'fast-check';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { bloomFilter, claims, hashesFor } from '../../src/overlay/bloom-filter.js';

test('it never denies a key that is in it', (t) => {
  const keys = fc.array(fc.integer({ min: 0, max: 2 ** 48 - 1 }), { maxLength: 100 });
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 20 }), (all, bits) => {
      const filter = bloomFilter(all, all.length, bits);
      return all.every((key) => claims(filter, key, bits)) && filter.length === Math.max(1, Math.ceil((all.length * bits) / 8));
    }),
  );
  t.pass();
});

test('it claims others about as often as the formula says: (1 - e^(-h/b))^h with b bits a key and h hashes', (t) => {
  const random = new Stream(1, WHOLE_RUN, 'workload');
  const draw = (count: number) => Array.from({ length: count }, () => random.identifier());
  for (const bits of [4, 8, 10]) {
    const filter = bloomFilter(draw(5000), 5000, bits);
    const claimed = draw(50_000).filter((key) => claims(filter, key, bits)).length / 50_000;
    const hashes = hashesFor(bits);
    const expected = (1 - Math.exp(-hashes / bits)) ** hashes;
    t.true(Math.abs(claimed / expected - 1) < 0.15, `${claimed} of ${expected} with ${bits} bits`);
  }
});
