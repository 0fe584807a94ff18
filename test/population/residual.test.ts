import test from 'ava';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { drawDuration, meanMs } from '../../src/population/durations.js';
import type { Duration } from '../../src/population/plan.js';
import { drawResidual } from '../../src/population/residual.js';

const DURATIONS: Duration[] = [
  { kind: 'fixed', valueMs: 1000 },
  { kind: 'exponential', meanMs: 1000 },
  { kind: 'weibull', shape: 0.6, scaleMs: 700 },
  { kind: 'weibull', shape: 3, scaleMs: 700 },
  { kind: 'pareto', shape: 4, scaleMs: 3000 },
  { kind: 'lognormal', sigma: 0.8, medianMs: 500 },
];

for (const duration of DURATIONS) {
  test(`what is left of ${JSON.stringify(duration)} is what a random moment of a long life sees`, (t) => {
    // A life of 400,000 stretches end to end, looked at from 40,000 random moments: nothing here knows the formula.
    const random = new Stream(1, WHOLE_RUN, 'population');
    const ends: number[] = [];
    let now = 0;
    for (let i = 0; i < 400_000; i++) {
      now += drawDuration(duration, random);
      ends.push(now);
    }
    const moments = 40_000;
    const looks = Array.from({ length: moments }, () => random.next() * now).sort((a, b) => a - b);
    const seen: number[] = [];
    let stretch = 0;
    for (const at of looks) {
      while (ends[stretch] <= at) stretch++;
      seen.push(ends[stretch] - at);
    }
    const drawn = Array.from({ length: moments }, () => drawResidual(duration, random));
    for (const of of [0.2, 0.5, 1, 2, 4]) {
      const beyond = (values: readonly number[]) => values.filter((each) => each > of * meanMs(duration)).length / moments;
      // Five deviations of the difference of two shares, and for the few long stretches of the life a little more.
      t.true(Math.abs(beyond(seen) - beyond(drawn)) < 0.02, `beyond ${of} means: ${beyond(seen)} seen, ${beyond(drawn)} drawn`);
    }
  });
}

test('a Pareto duration without a mean has no residual, and that is said', (t) => {
  const random = new Stream(1, WHOLE_RUN, 'population');
  t.throws(() => drawResidual({ kind: 'pareto', shape: 1, scaleMs: 5 }, random), { message: /expected a shape above 1, got 1/ });
});
