import test from 'ava';
import { estimate } from '../../src/metrics/statistics.js';
import { studentQuantile, studentTail } from '../../src/metrics/student.js';

/** Two-sided, as printed tables have them (NIST/SEMATECH e-Handbook, 1.3.6.7.2). */
const TABLE: readonly (readonly [df: number, at95: number, at99: number])[] = [
  [1, 12.706, 63.657],
  [2, 4.303, 9.925],
  [3, 3.182, 5.841],
  [4, 2.776, 4.604],
  [9, 2.262, 3.25],
  [29, 2.045, 2.756],
  [100, 1.984, 2.626],
  [100_000, 1.96, 2.576],
];

test('quantiles of Student\u2019s t are those of the tables', (t) => {
  for (const [df, at95, at99] of TABLE) {
    t.is(Number(studentQuantile(0.95, df).toFixed(3)), at95, `${df} degrees of freedom, 95 %`);
    t.is(Number(studentQuantile(0.99, df).toFixed(3)), at99, `${df} degrees of freedom, 99 %`);
  }
});

test('tails: the exact ones of one and two degrees of freedom, and those in between', (t) => {
  for (const x of [0, 0.1, 1, 3, 50]) {
    t.true(Math.abs(studentTail(x, 1) - (1 - (2 / Math.PI) * Math.atan(x))) < 1e-12, `Cauchy at ${x}`);
    t.true(Math.abs(studentTail(x, 2) - (1 - x / Math.sqrt(2 + x * x))) < 1e-12, `two degrees at ${x}`);
  }
  t.true(studentTail(2, 1.5) < studentTail(2, 1) && studentTail(2, 1.5) > studentTail(2, 2));
  t.is(studentTail(-2, 5), studentTail(2, 5));
  t.is(studentTail(Infinity, 3), 0);
});

test('an estimate of few values: mean, spread and interval', (t) => {
  // 4, 6, 8: mean 6, standard deviation 2, 4.303 x 2 / sqrt(3) = 4.968.
  const some = estimate([4, null, 6, 8])!;
  t.deepEqual({ ...some, ci95: Number(some.ci95!.toFixed(3)) }, { count: 3, mean: 6, standardDeviation: 2, ci95: 4.968 });
  t.deepEqual(estimate([0.1, 0.1, 0.1]), { count: 3, mean: 0.1, standardDeviation: 0, ci95: 0 });
  t.deepEqual(estimate([5]), { count: 1, mean: 5, standardDeviation: null, ci95: null });
  t.is(estimate([null]), null);
});

test('95 % intervals of five values hold the truth in 95 % of all cases', (t) => {
  let seed = 1;
  const uniform = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  let held = 0;
  for (let trial = 0; trial < 4_000; trial++) {
    const { mean, ci95 } = estimate(Array.from({ length: 5 }, normal))!;
    if (Math.abs(mean) <= ci95!) held++;
  }
  // Three standard errors of a share of 0.95 in 4,000 trials are 1 %.
  t.true(held / 4_000 > 0.94 && held / 4_000 < 0.96, `${held} of 4000`);
});
