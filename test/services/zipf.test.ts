import test from 'ava';
import fc from 'fast-check';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { WeightedDraw, zipfWeights } from '../../src/services/zipf.js';

const stream = (part: number) => new Stream(11, WHOLE_RUN, 'workload', part);

test('weights fall as rank to the minus exponent', (t) => {
  t.deepEqual([...zipfWeights(4, 1)], [1, 1 / 2, 1 / 3, 1 / 4]);
  t.deepEqual([...zipfWeights(3, 0)], [1, 1, 1]);
  t.is(zipfWeights(100, 2)[9], 0.01);
});

test('draws follow the weights: chi-square on a Zipf law', (t) => {
  const weights = zipfWeights(50, 0.9);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const draw = new WeightedDraw(weights);
  const counts = new Uint32Array(50);
  const random = stream(0);
  const draws = 500_000;
  for (let i = 0; i < draws; i++) counts[draw.draw(random)]++;
  let chiSquare = 0;
  for (let i = 0; i < 50; i++) {
    const expected = (draws * weights[i]) / total;
    chiSquare += (counts[i] - expected) ** 2 / expected;
  }
  // 49 degrees of freedom: 85.35 is exceeded once in a thousand times.
  t.true(chiSquare < 85.35, `chi-square ${chiSquare}`);
});

test('the slope of the drawn frequencies over ranks, both logarithmic, is the exponent', (t) => {
  const draw = new WeightedDraw(zipfWeights(10_000, 1.1));
  const counts = new Uint32Array(10_000);
  const random = stream(1);
  for (let i = 0; i < 1_000_000; i++) counts[draw.draw(random)]++;
  const points = Array.from({ length: 30 }, (_, i) => [Math.log(i + 1), Math.log(counts[i])]);
  t.true(Math.abs(slope(points) + 1.1) < 0.02, `slope ${slope(points)}`);
});

test('any weights: never an index of weight 0 nor out of range, and expected shares exact', (t) => {
  const weights = fc
    .array(fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e9, noNaN: true })), { minLength: 1, maxLength: 40 })
    .filter((list) => list.some((weight) => weight > 0));
  fc.assert(
    fc.property(weights, (list) => {
      const draw = new WeightedDraw(Float64Array.from(list));
      const total = list.reduce((sum, weight) => sum + weight, 0);
      // A grid over both random numbers measures each index's share of the unit square.
      const shares = new Float64Array(list.length);
      const rows = 2000;
      for (let column = 0; column < list.length; column++) {
        for (let row = 0; row < rows; row++) {
          const index = draw.draw(scripted(column, (row + 0.5) / rows));
          if (!(list[index] > 0)) return false;
          shares[index] += 1 / (rows * list.length);
        }
      }
      return list.every((weight, i) => Math.abs(shares[i] - weight / total) < 1 / rows);
    }),
    { numRuns: 50 },
  );
  t.pass();
});

test('one item is always drawn', (t) => {
  t.is(new WeightedDraw(Float64Array.of(3)).draw(stream(2)), 0);
});

function scripted(column: number, uniform: number): Stream {
  const random = stream(3);
  random.integer = () => column;
  random.next = () => uniform;
  return random;
}

/** Least squares. */
function slope(points: readonly (readonly number[])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
