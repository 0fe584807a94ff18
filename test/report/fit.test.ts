import test from 'ava';
import { type Fit, fitLaw, fitSentence } from '../../src/report/fit.js';

const SIZES = [100, 316, 1000, 3162, 10_000, 31_623];

/** The law at these sizes, each value off by up to this share, by a fixed sequence. */
function noisy(of: (x: number) => number, share: number, sizes = SIZES, seed = 1): Fit | null {
  let state = seed;
  const next = () => {
    state = (state * 16_807) % 2_147_483_647;
    return (state / 2_147_483_647) * 2 - 1;
  };
  return fitLaw(sizes.map((x) => ({ x, y: of(x) * (1 + share * next()) })));
}

test('a law without noise is recognised, with its parameters', (t) => {
  const log = noisy((x) => 1 + 0.5 * Math.log2(x), 0)!;
  t.deepEqual([log.verdict, log.law.kind], ['decided', 'logarithm']);
  t.true(Math.abs(log.law.growth - 0.5) < 1e-9);
  t.true(log.law.error < 1e-9);
  for (const exponent of [-1, -0.3, 0.1, 0.5, 1, 1.7]) {
    const power = noisy((x) => 7 * x ** exponent, 0)!;
    t.deepEqual([power.verdict, power.law.kind], ['decided', 'power'], String(exponent));
    t.true(Math.abs(power.law.growth - exponent) < 1e-9);
    t.true(Math.abs(power.law.at(500) / (7 * 500 ** exponent) - 1) < 1e-9);
  }
  const constant = noisy(() => 42, 0)!;
  t.deepEqual([constant.verdict, constant.law.kind], ['decided', 'constant']);
  t.true(Math.abs(constant.law.at(5) - 42) < 1e-9);
});

test('with noise the law is still the best, its error is that of the noise, and its interval holds the truth', (t) => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const root = noisy((x) => 3 * Math.sqrt(x), 0.05, SIZES, seed)!;
    t.deepEqual([root.verdict, root.law.kind], ['decided', 'power'], `seed ${seed}`);
    t.true(Math.abs(root.law.growth - 0.5) <= root.law.growthCi95! * 1.5, `seed ${seed}: ${root.law.growth} +- ${root.law.growthCi95}`);
    t.true(root.law.error > 0.005 && root.law.error < 0.06, `seed ${seed}: ${root.law.error}`);
    const log = noisy((x) => 0.5 * Math.log2(x), 0.005, SIZES, seed)!;
    t.is(log.law.kind, 'logarithm', `seed ${seed}`);
    const flat = noisy(() => 10, 0.04, SIZES, seed)!;
    t.is(flat.law.kind, 'constant', `seed ${seed}`);
  }
});

test('what the points do not decide is not decided', (t) => {
  // Log N and a small power of it are alike over three sizes as soon as there is noise.
  for (const seed of [1, 2, 3, 4, 5]) {
    const fit = noisy((x) => 0.5 * Math.log2(x), 0.02, [100, 316, 1000], seed)!;
    t.not(fit.verdict, 'poor');
    if (fit.law.kind !== 'constant') t.is(fit.verdict, 'undecided', `seed ${seed}`);
  }
  const fit = noisy((x) => 3 + 0.5 * Math.log2(x), 0.06)!;
  t.is(fit.verdict, 'undecided');
  t.regex(fitSentence(fit, 'N'), /^grows as .* or .*: the points do not decide \(fits off by \d+ % and \d+ %\)$/);
});

test('where no law is near, none is claimed', (t) => {
  const zigzag = fitLaw([1, 9, 1, 9, 1].map((y, at) => ({ x: 10 ** at, y })))!;
  t.is(zigzag.verdict, 'poor');
  t.regex(fitSentence(zigzag, 'N'), /^follows no simple law/);
});

test('fewer than three sizes, zeros and what is no number are not fitted', (t) => {
  t.is(fitLaw([]), null);
  t.is(
    fitLaw([
      { x: 1, y: 1 },
      { x: 2, y: 2 },
    ]),
    null,
  );
  const twice = { x: 2, y: 2 };
  t.is(fitLaw([{ x: 1, y: 1 }, twice, twice, twice]), null, 'repetitions are no sizes');
  t.is(fitLaw([0, 1, 2].map((y) => ({ x: y + 1, y }))), null);
  t.is(fitLaw([1, Number.NaN, 2].map((y, at) => ({ x: at + 1, y }))), null);
});

test('the sentences', (t) => {
  t.is(fitSentence(noisy((x) => x ** 0.5, 0)!, 'N'), 'grows as N^0.5 (fit off by under 1 %)');
  t.is(fitSentence(noisy((x) => 50 / x, 0)!, 'x'), 'falls as x^-1 (fit off by under 1 %)');
  t.is(fitSentence(noisy(Math.log2, 0)!, 'N'), 'grows as log N (fit off by under 1 %)');
  t.is(fitSentence(noisy(() => 5, 0.01)!, 'N'), 'stays the same (within under 1 %)');
});
