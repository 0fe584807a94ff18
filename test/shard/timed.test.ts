import test from 'ava';
import { Timed } from '../../src/shard/timed.js';

test('a segment\u2019s time is found once, and with it those before are done', (t) => {
  const timed = new Timed();
  for (let i = 0; i < 100; i++) timed.add(i, i * 10);
  t.is(timed.take(3), 30);
  t.is(timed.take(3), -1);
  t.is(timed.take(2), -1, 'it was passed over');
  t.is(timed.take(99), 990);
  t.is(timed.take(99), -1);
});

test('a number that was not timed takes nothing away from later ones', (t) => {
  const timed = new Timed();
  for (const number of [10, 20, 30]) timed.add(number, number);
  t.is(timed.take(15), -1);
  t.is(timed.take(20), 20);
  timed.clear();
  t.is(timed.take(30), -1);
});

test('numbers may wrap around, and the ring grow while it is in use', (t) => {
  const timed = new Timed();
  let next = 2 ** 32 - 50;
  let oldest = next;
  for (let round = 0; round < 40; round++) {
    for (let i = 0; i < 9; i++) timed.add(next++ >>> 0, next);
    for (let i = 0; i < 5; i++) t.is(timed.take(oldest++ >>> 0), oldest);
  }
});
