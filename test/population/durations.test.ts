import test from 'ava';
import fc from 'fast-check';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import {
  drawDuration,
  gamma,
  lognormalFromMean,
  meanMs,
  medianMs,
  paretoFromMean,
  weibullFromMean,
} from '../../src/population/durations.js';
import type { Duration } from '../../src/population/plan.js';
import { Problem } from '../../src/problem.js';

/** Each kind with its cumulative distribution and standard deviation, written out here a second time, from the textbook. */
const CASES: { duration: Duration; cdf: (x: number) => number; deviationMs: number }[] = [
  { duration: { kind: 'exponential', meanMs: 500 }, cdf: (x) => 1 - Math.exp(-x / 500), deviationMs: 500 },
  {
    duration: { kind: 'weibull', shape: 0.6, scaleMs: 200 },
    cdf: (x) => 1 - Math.exp(-((x / 200) ** 0.6)),
    // Gamma(1 + 2 / 0.6) = 9.2605, Gamma(1 + 1 / 0.6) = 1.50458
    deviationMs: 200 * Math.sqrt(9.2605 - 1.50458 ** 2),
  },
  {
    duration: { kind: 'weibull', shape: 2, scaleMs: 100 },
    cdf: (x) => 1 - Math.exp(-((x / 100) ** 2)),
    deviationMs: 100 * Math.sqrt(1 - Math.PI / 4),
  },
  {
    duration: { kind: 'pareto', shape: 4, scaleMs: 300 },
    cdf: (x) => 1 - (1 + x / 300) ** -4,
    // Lomax: variance = scale^2 shape / ((shape - 1)^2 (shape - 2))
    deviationMs: 300 * Math.sqrt(4 / (9 * 2)),
  },
  {
    duration: { kind: 'lognormal', sigma: 1, medianMs: 60_000 },
    cdf: (x) => normalCdf(Math.log(x / 60_000)),
    deviationMs: 60_000 * Math.sqrt((Math.E - 1) * Math.E),
  },
];

test('means and medians by theory', (t) => {
  const weibull: Duration = { kind: 'weibull', shape: 0.6, scaleMs: 200 };
  t.is(meanMs(weibull).toFixed(1), '300.9');
  t.is(medianMs(weibull).toFixed(1), '108.6');
  t.is(meanMs({ kind: 'fixed', valueMs: 42 }), 42);
  t.is(medianMs({ kind: 'fixed', valueMs: 42 }), 42);
  t.is(meanMs({ kind: 'pareto', shape: 3, scaleMs: 100 }), 50);
  t.is(medianMs({ kind: 'pareto', shape: 1, scaleMs: 100 }), 100);
  t.is(meanMs({ kind: 'pareto', shape: 1, scaleMs: 100 }), Infinity);
  t.is(meanMs({ kind: 'lognormal', sigma: 0, medianMs: 70 }), 70);
  t.is(medianMs({ kind: 'lognormal', sigma: 2, medianMs: 70 }), 70);
});

for (const { duration, cdf, deviationMs } of CASES) {
  const name = JSON.stringify(duration);
  const draws = sample(duration, 400_000);

  test(`mean of ${name} within four standard errors`, (t) => {
    const measured = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const error = (4 * deviationMs) / Math.sqrt(draws.length);
    t.true(Math.abs(measured - meanMs(duration)) < error, `measured ${measured}, theory ${meanMs(duration)}, allowed +-${error}`);
  });

  test(`median of ${name}: half of the draws lie below it`, (t) => {
    const below = draws.filter((x) => x < medianMs(duration)).length / draws.length;
    t.true(Math.abs(below - 0.5) < (4 * 0.5) / Math.sqrt(draws.length), `${below} lie below`);
    t.true(Math.abs(cdf(medianMs(duration)) - 0.5) < 1e-6);
  });

  test(`shape of ${name}: Kolmogorov-Smirnov at the 0.1 % level`, (t) => {
    const distance = kolmogorovSmirnov(draws, cdf);
    t.true(distance < 1.95 / Math.sqrt(draws.length), `distance ${distance}`);
    t.true(distance > 0);
  });
}

test('the Kolmogorov-Smirnov test notices a shape that is off by three in a hundred', (t) => {
  const draws = sample({ kind: 'weibull', shape: 0.6, scaleMs: 200 }, 100_000);
  t.true(kolmogorovSmirnov(draws, (x) => 1 - Math.exp(-((x / 200) ** 0.618))) > 1.95 / Math.sqrt(draws.length));
});

test('a Pareto of infinite mean still draws finite durations, by its own law', (t) => {
  const draws = sample({ kind: 'pareto', shape: 0.8, scaleMs: 1000 }, 100_000);
  t.true(draws.every((x) => Number.isFinite(x) && x > 0));
  t.true(kolmogorovSmirnov(draws, (x) => 1 - (1 + x / 1000) ** -0.8) < 1.95 / Math.sqrt(draws.length));
});

test('a fixed duration takes nothing from the stream, a log-normal always two numbers', (t) => {
  const random = new Stream(7, WHOLE_RUN, 'population');
  const same = new Stream(7, WHOLE_RUN, 'population');
  t.is(drawDuration({ kind: 'fixed', valueMs: 5 }, random), 5);
  t.is(random.next(), same.next());
  drawDuration({ kind: 'lognormal', sigma: 1, medianMs: 10 }, random);
  same.next();
  same.next();
  t.is(random.next(), same.next());
});

test('no draw is infinite or negative at either end of the uniform numbers', (t) => {
  const ends = [0, 1 - 2 ** -32];
  for (const { duration } of CASES) {
    for (const end of ends) {
      const random = new Stream(1, 1, 'population');
      random.next = () => end;
      const drawn = drawDuration(duration, random);
      t.true(Number.isFinite(drawn) && drawn > 0, `${JSON.stringify(duration)} at ${end}: ${drawn}`);
    }
  }
});

test('from a mean to the parameters and back', (t) => {
  fc.assert(
    fc.property(fc.double({ min: 0.2, max: 20, noNaN: true }), fc.double({ min: 1, max: 1e9, noNaN: true }), (shape, mean) => {
      close(meanMs(weibullFromMean(shape, mean)), mean);
      close(meanMs(paretoFromMean(1 + shape, mean)), mean);
      close(meanMs(lognormalFromMean(shape / 5, mean)), mean);
    }),
  );
  t.deepEqual(paretoFromMean(3, 50), { kind: 'pareto', shape: 3, scaleMs: 100 });
  t.is(medianMs(lognormalFromMean(0, 70)), 70);
});

test('a mean that the shape cannot have is refused in a sentence', (t) => {
  const refused = t.throws(() => paretoFromMean(1, 50), { instanceOf: Problem });
  t.regex(refused.message, /Pareto.*expected a number above 1, got 1/);
  t.throws(() => weibullFromMean(0, 50), { instanceOf: Problem });
  t.throws(() => weibullFromMean(Number.NaN, 50), { instanceOf: Problem });
  t.throws(() => lognormalFromMean(-1, 50), { instanceOf: Problem });
});

test('the gamma function: factorials, half integers and the recurrence', (t) => {
  for (const [x, value] of [
    [1, 1],
    [5, 24],
    [11, 3_628_800],
    [0.5, Math.sqrt(Math.PI)],
    [2.5, 0.75 * Math.sqrt(Math.PI)],
    [171, 7.257415615307994e306],
  ]) {
    t.true(Math.abs(gamma(x) / value - 1) < 1e-12, `gamma(${x}) = ${gamma(x)}`);
  }
  t.is(gamma(200), Infinity);
  fc.assert(fc.property(fc.double({ min: 0.5, max: 150, noNaN: true }), (x) => close(gamma(x + 1), x * gamma(x), 1e-12)));
});

function sample(duration: Duration, count: number): Float64Array {
  const random = new Stream(20_001, WHOLE_RUN, 'population');
  return Float64Array.from({ length: count }, () => drawDuration(duration, random)).sort();
}

/** Largest distance between the sorted draws' empirical distribution and the theory. */
function kolmogorovSmirnov(sorted: Float64Array, cdf: (x: number) => number): number {
  let distance = 0;
  for (let i = 0; i < sorted.length; i++) {
    const theory = cdf(sorted[i]);
    distance = Math.max(distance, theory - i / sorted.length, (i + 1) / sorted.length - theory);
  }
  return distance;
}

/** Abramowitz and Stegun 7.1.26, to 1.5e-7. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const k = 1 / (1 + 0.3275911 * x);
  const tail = k * (0.254829592 + k * (-0.284496736 + k * (1.421413741 + k * (-1.453152027 + k * 1.061405429)))) * Math.exp(-x * x);
  return z < 0 ? tail / 2 : 1 - tail / 2;
}

function close(a: number, b: number, relative = 1e-9): void {
  if (!(Math.abs(a / b - 1) < relative)) throw new Error(`${a} is not ${b}`);
}
