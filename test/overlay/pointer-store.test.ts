import test from 'ava';
import { PointerStore } from '../../src/overlay/pointer-store.js';

test('finds the nearest provider first, and of those as near the one heard of last', (t) => {
  const store = new PointerStore();
  store.put(1, 10, 100, 5);
  store.put(1, 11, 100, 2);
  store.put(1, 12, 100, 5);
  t.deepEqual(store.find(1, 0, 9), [11, 12, 10]);
  t.deepEqual(store.find(1, 0, 1), [11]);
  t.deepEqual(store.find(2, 0, 9), []);
});

test('said again, an entry lasts as long as the longer of both, with the distance of the last', (t) => {
  const store = new PointerStore();
  store.put(1, 10, 100, 5);
  store.put(1, 10, 50, 1);
  t.is(store.entries, 1);
  t.deepEqual(store.find(1, 99, 9), [10]);
  t.deepEqual(store.find(1, 100, 9), []);
  store.put(1, 11, 200, 3);
  t.deepEqual(store.find(1, 0, 9), [10, 11]);
});

test('what is removed or expired is gone', (t) => {
  const store = new PointerStore();
  for (let provider = 0; provider < 6; provider++) store.put(1, provider, provider * 10, 0);
  store.put(2, 9, 15, 0);
  store.remove(1, 5);
  store.remove(3, 5);
  store.sweep(20);
  t.deepEqual([...store.keys()], [1]);
  t.deepEqual(store.of(1, 20), [1, 3, 10, 1, 4, 20]);
  store.sweep(40);
  t.is(store.entries, 0);
});
