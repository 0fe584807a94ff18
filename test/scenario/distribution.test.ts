import test from 'ava';
import { meanMs, medianMs } from '../../src/population/durations.js';
import type { Duration } from '../../src/population/plan.js';
import { distribution, writeDistribution } from '../../src/scenario/distribution.js';
import { check } from '../../src/scenario/yaml-source.js';
import { sentence } from './temporary.js';

const read = (value: unknown) => check(distribution(), { value, where: (path) => ['session', ...path].join('.') });

test('in words and as maps', (t) => {
  const exponential: Duration = { kind: 'exponential', meanMs: 600_000 };
  t.is(read('never'), null);
  t.deepEqual(read('exponential 10m'), exponential);
  t.deepEqual(read('exponential mean 10 m'), exponential);
  t.deepEqual(read({ exponential: { mean: '10m' } }), exponential);
  t.deepEqual(read('fixed 90s'), { kind: 'fixed', valueMs: 90_000 });
  t.deepEqual(read('weibull shape 0.6 scale 200s'), { kind: 'weibull', shape: 0.6, scaleMs: 200_000 });
  t.deepEqual(read({ weibull: { shape: 0.6, scale: '200s' } }), { kind: 'weibull', shape: 0.6, scaleMs: 200_000 });
  t.deepEqual(read('lognormal sigma 1.5 median 5m'), { kind: 'lognormal', sigma: 1.5, medianMs: 300_000 });
  t.deepEqual(read('pareto shape 2 scale 1h'), { kind: 'pareto', shape: 2, scaleMs: 3_600_000 });
});

test('a stated mean or median is the mean or median of what comes out', (t) => {
  const close = (actual: number, expected: number) => t.true(Math.abs(actual / expected - 1) < 1e-12, `${actual} for ${expected}`);
  for (const kind of ['exponential', 'weibull shape 0.6', 'weibull shape 3', 'pareto shape 1.5', 'lognormal sigma 2']) {
    close(meanMs(read(`${kind} mean 12m`)!), 720_000);
    close(medianMs(read(`${kind} median 12m`)!), 720_000);
  }
});

test('what is written is read back to the very same distribution', (t) => {
  const given: (Duration | null)[] = [
    null,
    { kind: 'fixed', valueMs: 1 / 3 },
    { kind: 'exponential', meanMs: 123_456.789 },
    { kind: 'weibull', shape: 0.6, scaleMs: 1e5 / 3 },
    { kind: 'pareto', shape: 1.1, scaleMs: 7 },
    { kind: 'lognormal', sigma: 0.1, medianMs: 86_400_000 },
  ];
  for (const each of given) t.deepEqual(read(writeDistribution(each)), each);
});

test('whatever is wrong is a sentence', (t) => {
  const says = (given: unknown) => sentence(() => read(given));
  const expected =
    'session: expected never, kad, bittorrent, gnutella, or one of fixed, exponential, weibull, pareto, lognormal, such as exponential 10m or { weibull: { shape: 0.6, mean: 10m } }';
  t.is(says('10m'), `${expected}, got "10m"`);
  t.is(says({ weibul: { shape: 1 } }), `${expected}, got "weibul" (did you mean "weibull"?)`);
  t.is(says('weibull 10m'), `${expected}, got "weibull 10m"`);
  t.is(says({}), 'session: expected one distribution (fixed, exponential, weibull, pareto, lognormal), got a map');
  t.is(says({ fixed: { value: '1s' }, exponential: { mean: '1s' } }), says({}));
  t.is(says('weibull shape 0.6'), 'session.weibull: expected scale or mean or median, got none of them');
  t.is(says('weibull shape 0.6 mean 1s scale 1s'), 'session.weibull: expected scale or mean or median, got scale and mean');
  t.is(says('weibull shape -1 mean 1s'), 'session.weibull.shape: expected a number above 0, got -1');
  t.is(says('weibull mean 1s'), 'session.weibull.shape: expected a number, got nothing');
  t.is(says('exponential'), 'session.exponential: expected mean or median, got none of them');
  t.is(says('exponential 0s'), 'session.exponential.mean: expected a duration above 0, such as 500ms, 30s, 10m, 2h or 1d, got "0s"');
  t.is(says({ lognormal: { sigma: 1, mu: 3 } }), 'session.lognormal.mu: unknown setting "mu"; there is sigma, median, mean');
  t.regex(says('pareto shape 1 mean 1s'), /^session\.pareto: .*expected a number above 1, got 1$/);
});
