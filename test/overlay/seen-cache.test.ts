import test from 'ava';
import fc from 'fast-check';
import { NOT_SEEN, SeenCache } from '../../src/overlay/seen-cache.js';

const TWO_TO_48 = 2 ** 48;

test('a key is new once, and keeps its first value', (t) => {
  const cache = new SeenCache(1000, 100);
  t.is(cache.get(7, 0), NOT_SEEN);
  t.true(cache.add(7, 1, 0));
  t.false(cache.add(7, 2, 10));
  t.is(cache.get(7, 20), 1);
});

test('an entry lives at least the expiry and less than twice that', (t) => {
  for (const bornMs of [0, 1, 500, 999, 1000, 12_345]) {
    const early = new SeenCache(1000, 100);
    early.add(5, 9, bornMs);
    t.is(early.get(5, bornMs + 1000), 9, `born at ${bornMs}, after exactly the expiry`);
    const late = new SeenCache(1000, 100);
    late.add(5, 9, bornMs);
    t.is(late.get(5, bornMs + 2000), NOT_SEEN, `born at ${bornMs}, after twice the expiry`);
    t.true(late.add(5, 3, bornMs + 2000), 'and may come again');
  }
});

test('a long silence forgets everything at once', (t) => {
  const cache = new SeenCache(1000, 100);
  cache.add(1, 1, 0);
  cache.add(2, 2, 1500);
  t.is(cache.get(1, 1_000_000), NOT_SEEN);
  t.is(cache.get(2, 1_000_000), NOT_SEEN);
});

test('memory is bounded: beyond the limit the oldest go early, the newest `limit` stay', (t) => {
  const cache = new SeenCache(1_000_000, 50);
  for (let key = 0; key < 1000; key++) cache.add(key, key, 0);
  const kept = Array.from({ length: 1000 }, (_, key) => key).filter((key) => cache.get(key, 0) !== NOT_SEEN);
  t.true(kept.length >= 50 && kept.length <= 100, `${kept.length} are remembered`);
  t.deepEqual(
    kept,
    Array.from({ length: kept.length }, (_, i) => 1000 - kept.length + i),
    'and they are the newest',
  );
});

test('agrees with a Map over any keys, while nothing expires', (t) => {
  const keys = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: TWO_TO_48 - 1 })), { maxLength: 300 });
  fc.assert(
    fc.property(keys, (drawn) => {
      const cache = new SeenCache(1000, 1000);
      const map = new Map<number, number>();
      drawn.forEach((key, i) => {
        t.is(cache.add(key, i, i), !map.has(key));
        if (!map.has(key)) map.set(key, i);
      });
      for (const [key, value] of map) t.is(cache.get(key, drawn.length), value);
    }),
  );
});

test('set puts a value in place of another, and is remembered as long', (t) => {
  const cache = new SeenCache(1000, 100);
  cache.add(1, 10, 0);
  cache.set(1, 20, 0);
  t.is(cache.get(1, 0), 20);
  cache.set(1, 30, 1500); // the first has become old by now
  t.is(cache.get(1, 1500), 30);
  t.is(cache.get(1, 2999), 30);
  for (let key = 2; key < 50; key++) cache.set(key, key, 1600);
  for (let key = 2; key < 50; key++) t.is(cache.get(key, 1600), key);
  t.is(cache.get(1, 4000), NOT_SEEN);
});
