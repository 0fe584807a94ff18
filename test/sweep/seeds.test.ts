import test from 'ava';
import { seedsOf } from '../../src/sweep/seeds.js';

test('the first repetition has the scenario\u2019s own seed, the others differ and can be typed', (t) => {
  const seeds = seedsOf(7, 200);
  t.is(seeds[0], 7);
  t.is(new Set(seeds).size, 200);
  t.true(seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0 && seed < 1e9));
});

test('more repetitions begin with the fewer, and another seed has others', (t) => {
  t.deepEqual(seedsOf(7, 50).slice(0, 5), seedsOf(7, 5));
  t.deepEqual(seedsOf(7, 1), [7]);
  t.false(seedsOf(8, 50).some((seed) => seedsOf(7, 50).includes(seed)));
  t.is(seedsOf(2 ** 53 - 1, 3)[0], 2 ** 53 - 1);
});
