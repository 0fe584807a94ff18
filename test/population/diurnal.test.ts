import test from 'ava';
import fc from 'fast-check';
import { rateAt, timeAfter } from '../../src/population/diurnal.js';
import type { Diurnal, PopulationPlan } from '../../src/population/plan.js';
import { Population } from '../../src/population/population.js';

const DAY: Diurnal = { amplitude: 0.8, periodMs: 86_400_000, peakAtMs: 72_000_000 };

/** The integral of the rate, by Simpson's rule on the rate itself: nothing of the code's own antiderivative. */
function integral(diurnal: Diurnal, fromMs: number, toMs: number): number {
  const steps = 2 * Math.ceil((200 * (toMs - fromMs)) / diurnal.periodMs + 50);
  const width = (toMs - fromMs) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) sum += rateAt(diurnal, fromMs + i * width) * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  return (sum * width) / 3;
}

/** Kolmogorov-Smirnov distance of sorted values from a distribution. */
function distance(values: readonly number[], cdf: (x: number) => number): number {
  return values.reduce((most, x, i) => Math.max(most, Math.abs(cdf(x) - i / values.length), Math.abs(cdf(x) - (i + 1) / values.length)), 0);
}

test('the rate is at its highest at the peak, at its lowest half a period later, and 1 on average', (t) => {
  t.is(rateAt(DAY, 72_000_000), 1.8);
  t.true(Math.abs(rateAt(DAY, 72_000_000 - 43_200_000) - 0.2) < 1e-12);
  t.true(Math.abs(integral(DAY, 0, DAY.periodMs) / DAY.periodMs - 1) < 1e-9);
});

test('a wait ends when the integral of the rate has reached it', (t) => {
  const days = fc.record({
    amplitude: fc.double({ min: 0.01, max: 1, noNaN: true }),
    periodMs: fc.double({ min: 1000, max: 1e8, noNaN: true }),
    peakAtMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  });
  const times = fc.double({ min: 0, max: 20, noNaN: true });
  fc.assert(
    fc.property(days, times, times, (diurnal, from, wait) => {
      const fromMs = from * diurnal.periodMs;
      const waitMs = wait * diurnal.periodMs;
      const untilMs = timeAfter(diurnal, fromMs, waitMs);
      t.true(untilMs >= fromMs);
      t.true(Math.abs(integral(diurnal, fromMs, untilMs) - waitMs) < 1e-5 * diurnal.periodMs);
    }),
  );
  t.is(timeAfter(DAY, 5, Infinity), Infinity);
});

const PLAN: PopulationPlan = {
  arrivals: { kind: 'poisson', ratePerSecond: 0.1 },
  diurnal: DAY,
  core: 0,
  session: null,
  downtime: null,
  crashShare: 0.5,
  churnFromMs: 0,
  massFailures: [],
};

test('diurnal arrivals are the Poisson process of the rate', (t) => {
  const peers = 40_000; // 4.6 days
  const times = [...new Population(PLAN, peers, 3).arrivals()].map(({ atMs }) => atMs);
  t.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  // Within four whole days, each arrival is anywhere with a chance that goes by the rate, of which the integral is known.
  const inside = times.filter((atMs) => atMs < 4 * DAY.periodMs);
  t.true(Math.abs(inside.length - 34_560) < 5 * Math.sqrt(34_560), `${inside.length}`);
  const hours = Array.from({ length: 97 }, (_, hour) => integral(DAY, 0, hour * 3_600_000));
  const cdf = (ms: number) => {
    const hour = Math.floor(ms / 3_600_000);
    return (hours[hour] + integral(DAY, hour * 3_600_000, ms)) / hours[96];
  };
  const limit = 1.95 / Math.sqrt(inside.length); // missed by chance once in a thousand seeds
  t.true(distance(inside, cdf) < limit, `${distance(inside, cdf)} of ${limit}`);
  const hoursOfDay = inside.map((ms) => ms % DAY.periodMs).sort((a, b) => a - b);
  t.true(distance(hoursOfDay, (ms) => cdf(ms) * 4) < limit);
  t.true(distance(hoursOfDay, (ms) => ms / DAY.periodMs) > 10 * limit, 'even arrivals fail this test');
  // Independent increments: the gaps, measured by the integral of the rate, are exponential.
  const gaps = inside.slice(1, 8001).map((atMs, i) => integral(DAY, inside[i], atMs));
  t.true(
    distance(
      gaps.toSorted((a, b) => a - b),
      (x) => 1 - Math.exp(-x / 10_000),
    ) <
      1.95 / Math.sqrt(gaps.length),
  );
});

test('by night hardly anybody returns from downtime; by day as many more do', (t) => {
  const plan: PopulationPlan = {
    ...PLAN,
    arrivals: { kind: 'at-once' },
    session: { kind: 'fixed', valueMs: 1 },
    downtime: { kind: 'exponential', meanMs: 10 * DAY.periodMs },
  };
  const population = new Population(plan, 50_000, 1);
  for (const arrival of population.arrivals()) population.apply(arrival);
  const byHour = new Float64Array(24);
  for (let peer = 0; peer < 50_000; peer++) {
    population.set(peer, false);
    const { atMs } = population.next(peer, 0)!;
    if (atMs < DAY.periodMs) byHour[Math.floor(atMs / 3_600_000)]++;
  }
  // Of those still down, each hour takes the share that its rate says.
  let down = 50_000;
  byHour.forEach((returned, hour) => {
    const expected = down * (1 - Math.exp(-integral(DAY, hour * 3_600_000, (hour + 1) * 3_600_000) / (10 * DAY.periodMs)));
    t.true(Math.abs(returned - expected) < 5 * Math.sqrt(expected), `hour ${hour}: ${returned}, not ${expected}`);
    down -= returned;
  });
  t.true(byHour[20] > 6 * byHour[8]);
});
