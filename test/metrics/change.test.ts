import test from 'ava';
import { holm, pairedChange, shareSide, squareAndAdd, welchChange } from '../../src/metrics/change.js';

/** So many degrees of freedom that Student's t is the normal distribution. */
const NORMAL = 1e9;
const close = (value: number, expected: number, digits: number) => Number(value.toFixed(digits)) === expected;

/** Student's sleep data (1908), as R has them: extra hours of sleep by two drugs. */
const FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
const SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

test('pairs: t.test(paired = TRUE) of R on the sleep data', (t) => {
  const { difference, interval, p } = pairedChange(FIRST.map((value, at) => [value, SECOND[at]] as const))!;
  t.true(close(difference, 1.58, 10), `${difference}`);
  t.deepEqual(
    interval.map((end) => Number(end.toFixed(5))),
    [0.70011, 2.45989],
  );
  t.true(close(p, 0.002833, 6), `${p}`);
});

test('means: Welch as R has it', (t) => {
  const { interval, p } = welchChange(FIRST, SECOND)!;
  t.deepEqual(
    interval.map((end) => Number(end.toFixed(5))),
    [-0.20548, 3.36548],
  );
  t.true(close(p, 0.07939, 5), `${p}`);
});

test('shares: the first example of Newcombe (1998), method 10: 56 of 70 against 48 of 80', (t) => {
  const { difference, interval } = squareAndAdd(shareSide(48 / 80, 80), shareSide(56 / 70, 70), NORMAL);
  t.true(close(difference, 0.2, 10));
  t.deepEqual(
    interval.map((end) => Number(end.toFixed(4))),
    [0.0524, 0.3339],
  );
  // His last one: 10 of 10 against 0 of 10, where a plain standard error would be zero.
  const all = squareAndAdd(shareSide(0, 10), shareSide(1, 10), NORMAL);
  t.deepEqual(
    all.interval.map((end) => Number(end.toFixed(4))),
    [0.6075, 1],
  );
});

test('what both sides have in common falls out', (t) => {
  const side = (value: number) => ({ value, interval: (times: number) => [value - times, value + times] as const });
  const apart = squareAndAdd(side(10), side(11), 50);
  const alike = squareAndAdd(side(10), side(11), 50, 0.99);
  t.true(apart.p > 0.4 && alike.p < 1e-4, `${apart.p} ${alike.p}`);
  t.is(squareAndAdd(side(10), side(10), 50, 0.99).p, 1);
});

test('a quantile of which too few values tell has no end, and is no change', (t) => {
  const open = { value: 5, interval: (times: number) => (times === 0 ? [5, 5] : [-Infinity, Infinity]) as [number, number] };
  const { interval, p } = squareAndAdd(open, { value: 9, interval: () => [9, 9] }, 10);
  t.deepEqual(interval, [-Infinity, Infinity]);
  t.true(p > 0.99);
});

test('a single value against several spreads as they do; against another single one nothing is known', (t) => {
  t.true(welchChange([10, 11, 9, 10.5, 9.5], [10.4])!.p > 0.5);
  t.true(welchChange([10, 11, 9, 10.5, 9.5], [20])!.p < 0.001);
  t.is(welchChange([1], [2]), null);
  t.is(pairedChange([[1, 2]]), null);
});

test('pairs that differ alike: certain for what is measured, not for what is counted in ones', (t) => {
  const pairs = [
    [10, 11],
    [12, 13],
    [9, 10],
  ] as const;
  t.is(pairedChange(pairs)!.p, 0);
  t.true(pairedChange(pairs, 1)!.p > 0.05);
  t.is(
    pairedChange([
      [3, 3],
      [4, 4],
    ])!.p,
    1,
  );
});

test('Holm\u2019s correction: p.adjust of R', (t) => {
  t.deepEqual(
    holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(4))),
    [0.03, 0.06, 0.06, 0.02],
  );
  t.deepEqual(holm([]), []);
});
