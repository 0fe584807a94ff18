/**
 * The change of a figure from one run, or one set of runs, to another: how large it is, within which interval the true one lies, and how
 * easily chance alone would have made it. Whatever the figure is, it comes down to intervals that grow with a multiple of their standard error.
 */

import { studentQuantile, studentTail } from './student.js';

/** That the interval of a change holds the true one. */
export const CONFIDENCE = 0.95;

export type Interval = readonly [low: number, high: number];

export interface Change {
  /** Candidate - baseline. */
  readonly difference: number;
  /** At `CONFIDENCE`; an end that too few values tell of is infinite. */
  readonly interval: Interval;
  /** Two-sided: the chance of so large a change, or a larger one, where in truth there is none. */
  readonly p: number;
}

/** One side's figure with its interval at `t` standard errors. */
export interface Side {
  readonly value: number;
  interval(t: number): Interval;
}

/** A share of `count` independent cases, with Wilson's score interval: it never leaves 0 to 1, and has a width at both ends. */
export function shareSide(value: number, count: number): Side {
  return {
    value,
    interval: (t) => {
      const square = (t * t) / count;
      const middle = (value + square / 2) / (1 + square);
      const half = Math.sqrt(square * (value * (1 - value) + square / 4)) / (1 + square);
      return [Math.max(0, Math.min(value, middle - half)), Math.min(1, Math.max(value, middle + half))];
    },
  };
}

/** No t larger than this is told from certainty. */
const LARGEST_T = 1e6;

/** @param df degrees of freedom of the standard error */
function change(difference: number, df: number, intervalAt: (t: number) => Interval): Change {
  const holdsNone = (t: number) => {
    const [low, high] = intervalAt(t);
    return low <= 0 && high >= 0;
  };
  let low = 0;
  let high = LARGEST_T;
  if (holdsNone(0)) high = 0;
  else if (!holdsNone(high)) high = Infinity;
  else {
    // To the t at which the interval just reaches "no change".
    for (let step = 0; step < 60; step++) {
      const middle = high < 1 ? (low + high) / 2 : Math.sqrt(Math.max(low, 1e-3) * high);
      if (holdsNone(middle)) high = middle;
      else low = middle;
    }
  }
  return {
    difference,
    p: high === 0 ? 1 : studentTail(high, df),
    // The quantile takes longer than all the rest, and of most figures nobody wants to see it.
    get interval() {
      return intervalAt(studentQuantile(CONFIDENCE, df));
    },
  };
}

function byError(difference: number, error: number, df: number): Change {
  // Zero times infinity would be no number.
  return change(difference, df, (t) => (error === 0 ? [difference, difference] : [difference - t * error, difference + t * error]));
}

/**
 * From two sides' own intervals: "square and add" (Newcombe 1998, method 10, for proportions; Zou and Donner 2008 in general). It keeps
 * what is lopsided about them: that a share ends at 1, that a p99 may be far above but not far below what was seen.
 * @param correlation of the two sides' errors: runs of one seed err together
 */
export function squareAndAdd(baseline: Side, candidate: Side, df: number, correlation = 0): Change {
  const difference = candidate.value - baseline.value;
  return change(difference, df, (t) => {
    const [aLow, aHigh] = baseline.interval(t);
    const [bLow, bHigh] = candidate.interval(t);
    const width = (b: number, a: number) => {
      if (b === Infinity || a === Infinity) return Infinity;
      return Math.sqrt(Math.max(0, b * b + a * a - 2 * correlation * a * b));
    };
    return [
      difference - width(candidate.value - bLow, aHigh - baseline.value),
      difference + width(bHigh - candidate.value, baseline.value - aLow),
    ];
  });
}

/**
 * From repetitions that share their seeds, pair by pair.
 * @param resolution of a single value: what is counted in ones is known to half a one, even if all pairs differ alike
 */
export function pairedChange(pairs: readonly (readonly [baseline: number, candidate: number])[], resolution = 0): Change | null {
  const count = pairs.length;
  if (count < 2) return null;
  const differences = pairs.map(([a, b]) => b - a);
  const { mean, variance } = spread(differences);
  return byError(mean, Math.sqrt((variance + 2 * roundingOf(resolution)) / count), count - 1);
}

/**
 * From repetitions with seeds of their own (Welch). A side with a single value is taken to spread as the other one does; null when both
 * have only one.
 */
export function welchChange(baseline: readonly number[], candidate: readonly number[], resolution = 0): Change | null {
  if (baseline.length === 0 || candidate.length === 0) return null;
  if (baseline.length === 1 && candidate.length === 1) return null;
  const [a, b] = [spread(baseline), spread(candidate)];
  const difference = b.mean - a.mean;
  const rounding = roundingOf(resolution);
  if (baseline.length === 1 || candidate.length === 1) {
    const [variance, count] = baseline.length === 1 ? [b.variance, candidate.length] : [a.variance, baseline.length];
    return byError(difference, Math.sqrt((variance + rounding) * (1 + 1 / count)), count - 1);
  }
  const [va, vb] = [(a.variance + rounding) / baseline.length, (b.variance + rounding) / candidate.length];
  const df =
    va + vb === 0
      ? baseline.length + candidate.length - 2
      : (va + vb) ** 2 / (va ** 2 / (baseline.length - 1) + vb ** 2 / (candidate.length - 1));
  return byError(difference, Math.sqrt(va + vb), df);
}

/** Variance of what is rounded off. */
const roundingOf = (resolution: number) => resolution ** 2 / 12;

/** Mean, and variance with n - 1 in the denominator (0 of one value). Equal values have no spread, whatever rounding did to their mean. */
function spread(values: readonly number[]): { mean: number; variance: number } {
  if (values.every((value) => value === values[0])) return { mean: values[0], variance: 0 };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) };
}

/**
 * Holm's step-down correction: of so many figures some would seem to change by chance alone. A corrected p of at most 0.05 keeps the
 * chance of even one false alarm below 5 %, however the figures hang together.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, index) => index).sort((a, b) => ps[a] - ps[b]);
  const corrected = new Array<number>(ps.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, ps[index] * (ps.length - rank)));
    corrected[index] = largest;
  });
  return corrected;
}
