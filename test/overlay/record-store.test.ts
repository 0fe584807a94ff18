import test from 'ava';
import { partsOf, RecordStore } from '../../src/overlay/record-store.js';

test('records last until their expiry, those said again longer, the last heard of first', (t) => {
  const store = new RecordStore(2);
  store.put(7, [1, 10, 500, 2, 20, 900], 0, 1000);
  store.put(7, [1, 10, 1000], 100, 1000);
  t.deepEqual(store.find(7, 200), [1, 10, 900, 2, 20, 700]);
  t.deepEqual(store.find(7, 200, 1), [1, 10, 900]);
  t.deepEqual(store.find(7, 900), [1, 10, 200], 'it is past its time, swept or not');
  t.is(store.count(7), 2);
  store.sweep(900);
  t.is(store.count(7), 1);
  store.sweep(1100);
  t.false(store.has(7));
  t.deepEqual([...store.keys], []);
});

test('a shorter life does not replace a longer one, and no life is longer than the limit', (t) => {
  const store = new RecordStore(1);
  store.put(7, [1, 5000], 0, 1000);
  t.deepEqual(store.find(7, 0), [1, 1000]);
  store.put(7, [1, 100], 0, 1000);
  t.deepEqual(store.find(7, 0), [1, 1000]);
});

test('a copy is told from what was stored for good', (t) => {
  const store = new RecordStore(1);
  store.put(7, [1, 100], 5, 1000, true);
  t.true(store.isCopy(7));
  t.is(store.storedMs(7), Number.NEGATIVE_INFINITY);
  store.put(7, [1, 100], 6, 1000);
  t.false(store.isCopy(7));
  store.put(7, [2, 100], 9, 1000, true);
  t.is(store.storedMs(7), 6);
  t.is(store.entries, 2);
});

test('a list is cut into parts of whole records', (t) => {
  t.deepEqual(partsOf([1, 2, 3, 4, 5, 6, 7, 8, 9], 3, 2), [
    [1, 2, 3, 4, 5, 6],
    [7, 8, 9],
  ]);
  t.deepEqual(partsOf([], 3, 2), []);
});
