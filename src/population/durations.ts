/**
 * Random durations: how long sessions and downtimes last. One draw by inverting the survival function (log-normal: Box-Muller), so each
 * draw takes a fixed number of random numbers and nothing is remembered from one draw to the next; and the theory beside it, the mean
 * and the median, so that a scenario may state either and a test can compare.
 */

import { Problem } from '../problem.js';
import type { Random } from '../protocol.js';
import type { Duration } from './plan.js';

/** Half of the last bit of `Random.next`: with it a uniform number lies strictly inside (0, 1), so no logarithm or power is infinite. */
const HALF_STEP = 2 ** -33;

/** One duration in ms, always above 0 unless fixed at 0. */
export function drawDuration(duration: Duration, random: Random): number {
  switch (duration.kind) {
    case 'fixed':
      return duration.valueMs;
    case 'exponential':
      return -duration.meanMs * Math.log(insideUnit(random));
    case 'weibull':
      return duration.scaleMs * (-Math.log(insideUnit(random))) ** (1 / duration.shape);
    case 'pareto':
      // expm1 and log1p would keep more digits near 0; a duration of a billionth of the scale does not need them.
      return duration.scaleMs * (insideUnit(random) ** (-1 / duration.shape) - 1);
    case 'lognormal':
      return duration.medianMs * Math.exp(duration.sigma * standardNormal(random));
  }
}

/** The expected duration in ms; `Infinity` for a Pareto whose shape is at most 1. */
export function meanMs(duration: Duration): number {
  switch (duration.kind) {
    case 'fixed':
      return duration.valueMs;
    case 'exponential':
      return duration.meanMs;
    case 'weibull':
      return duration.scaleMs * gamma(1 + 1 / duration.shape);
    case 'pareto':
      return duration.shape > 1 ? duration.scaleMs / (duration.shape - 1) : Infinity;
    case 'lognormal':
      return duration.medianMs * Math.exp(duration.sigma ** 2 / 2);
  }
}

/** Half of the durations are shorter than this, in ms. */
export function medianMs(duration: Duration): number {
  switch (duration.kind) {
    case 'fixed':
      return duration.valueMs;
    case 'exponential':
      return duration.meanMs * Math.LN2;
    case 'weibull':
      return duration.scaleMs * Math.LN2 ** (1 / duration.shape);
    case 'pareto':
      return duration.scaleMs * (2 ** (1 / duration.shape) - 1);
    case 'lognormal':
      return duration.medianMs;
  }
}

/** The Weibull distribution of this shape with this mean in ms. A shape of 0.01 or less is a Problem: its scale rounds to 0. */
export function weibullFromMean(shape: number, meanMs: number): Duration {
  mustBeAbove('the shape of a Weibull distribution that is given by its mean', shape, 0.01);
  return { kind: 'weibull', shape, scaleMs: meanMs / gamma(1 + 1 / shape) };
}

/** The shifted Pareto distribution of this shape with this mean in ms. A shape of 1 or less has no finite mean: a Problem. */
export function paretoFromMean(shape: number, meanMs: number): Duration {
  mustBeAbove('the shape of a Pareto distribution that is given by its mean', shape, 1);
  return { kind: 'pareto', shape, scaleMs: meanMs * (shape - 1) };
}

/** The log-normal distribution with this standard deviation of the logarithm and this mean in ms. */
export function lognormalFromMean(sigma: number, meanMs: number): Duration {
  if (!(sigma >= 0)) throw new Problem(`the sigma of a log-normal distribution: expected a number of at least 0, got ${sigma}`);
  return { kind: 'lognormal', sigma, medianMs: meanMs / Math.exp(sigma ** 2 / 2) };
}

function mustBeAbove(what: string, value: number, bound: number): void {
  if (!(value > bound)) throw new Problem(`${what}: expected a number above ${bound}, got ${value}`);
}

/** A uniform number inside (0, 1), neither end included. */
export function insideUnit(random: Random): number {
  return random.next() + HALF_STEP;
}

/** Box and Muller (1958). The second normal of the pair is thrown away, because keeping it would be state outside the stream. */
export function standardNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(insideUnit(random)));
  return radius * Math.cos(2 * Math.PI * insideUnit(random));
}

/** Coefficients of Lanczos' series for g = 7 with nine terms, by Paul Godfrey. */
const LANCZOS_G = 7;
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/**
 * The gamma function for x >= 1/2, to about 15 digits. Lanczos, C. (1964), "A precision approximation of the gamma function", SIAM
 * Journal on Numerical Analysis B 1. `Infinity` past x = 171.6, where it leaves the range of a double.
 */
export function gamma(x: number): number {
  const t = x + LANCZOS_G - 0.5;
  let series = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) series += LANCZOS[i] / (x - 1 + i);
  // In two halves, because t ** (x - 0.5) alone overflows earlier than the result.
  const half = t ** ((x - 0.5) / 2);
  return Math.sqrt(2 * Math.PI) * half * Math.exp(-t) * half * series;
}
