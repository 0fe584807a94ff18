import test from 'ava';
import fc from 'fast-check';
import { gini, loadCurve, loadOf, mean, quantile } from '../../src/metrics/load.js';

const positive = fc.array(fc.nat(10_000), { minLength: 1, maxLength: 60 }).filter((values) => values.some((value) => value > 0));

test('Gini: equal shares give 0, one who has all gives 1 - 1/n', (t) => {
  t.is(gini([5, 5, 5, 5]), 0);
  t.is(gini([0, 0, 0, 8]), 0.75);
  t.is(gini([1, 3]), 0.25);
  t.is(gini([1, 2, 3, 4]), 0.25);
  t.is(gini([0, 0]), null);
  t.is(gini([]), null);
});

test('Gini of an exponential law is 1/2, of a uniform one 1/3', (t) => {
  const points = Array.from({ length: 100_000 }, (_, at) => (at + 0.5) / 100_000);
  t.true(Math.abs(gini(points.map((u) => -Math.log(1 - u)))! - 1 / 2) < 1e-3);
  t.true(Math.abs(gini(points)! - 1 / 3) < 1e-3);
});

test('Gini is half the mean absolute difference relative to the mean, whatever the order', (t) => {
  fc.assert(
    fc.property(positive, (values) => {
      const n = values.length;
      let differences = 0;
      for (const a of values) for (const b of values) differences += Math.abs(a - b);
      const expected = differences / (2 * n * n * mean(values)!);
      t.true(Math.abs(gini(values)! - expected) < 1e-9);
      t.is(gini([...values].reverse()), gini(values));
    }),
  );
});

test('quantile by nearest rank', (t) => {
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
  t.is(quantile(hundred, 0.99), 99);
  t.is(quantile(hundred, 0.5), 50);
  t.is(quantile(hundred, 1), 100);
  t.is(quantile(hundred, 0), 1);
  t.is(quantile([7], 0.99), 7);
  t.is(quantile([], 0.99), null);
});

test('load: the mean is all messages over all peer-seconds; nothing up, no load', (t) => {
  const load = loadOf(Float64Array.of(0, 100, 100, 200), 200);
  t.is(load.mean, 2);
  t.is(load.p99, 4); // 200 messages in a mean time up of 50 s
  t.is(load.gini, 0.375);
  t.deepEqual(loadOf(Float64Array.of(0, 0), 0), { mean: null, p99: null, gini: null, perServer: null });
  t.deepEqual(loadOf(new Float64Array(0), 0), { mean: null, p99: null, gini: null, perServer: null });
  t.deepEqual(loadOf(Float64Array.of(0, 0), 10), { mean: 0, p99: 0, gini: null, perServer: null });
});

test('load of servers: beside that of the peers, but in the inequality', (t) => {
  const load = loadOf(Float64Array.of(100, 100, 1000, 3000), 200, 2, 100_000);
  t.is(load.mean, 1);
  t.is(load.p99, 1);
  t.is(load.perServer, 20);
  t.is(load.gini, loadOf(Float64Array.of(100, 100, 1000, 3000), 200).gini);
});

test('the load curve: nobody has nothing, everybody all, and its bend is the Gini coefficient', (t) => {
  t.deepEqual(loadCurve([]), []);
  t.deepEqual(loadCurve([0, 0]), []);
  const at = (values: number[], percent: number) => loadCurve(values).find((point) => point.percent === percent)!;
  t.deepEqual(at([4, 1, 3, 2], 50), { percent: 50, handled: 2, handledShare: 0.3 });
  t.deepEqual(at([4, 1, 3, 2], 100), { percent: 100, handled: 4, handledShare: 1 });
  t.is(at([8, 0, 0, 0], 99).handledShare, 0.96, 'within one machine, by the line between');
  fc.assert(
    fc.property(positive, (values) => {
      const curve = loadCurve(values);
      t.is(curve.length, 105);
      t.deepEqual([curve[0].percent, curve[0].handledShare, curve.at(-1)!.percent], [0, 0, 100]);
      t.true(Math.abs(curve.at(-1)!.handledShare - 1) < 1e-9);
      let below = 0;
      for (let i = 1; i < curve.length; i++) {
        t.true(curve[i].handled >= curve[i - 1].handled && curve[i].handledShare >= curve[i - 1].handledShare - 1e-12);
        below += (((curve[i].percent - curve[i - 1].percent) / 100) * (curve[i].handledShare + curve[i - 1].handledShare)) / 2;
      }
      t.true(Math.abs(1 - 2 * below - gini(values)!) < 0.02);
    }),
  );
});
