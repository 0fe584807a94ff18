/** What repetitions say about a figure: its mean, and how far the truth may be from it. */

import { studentQuantile } from './student.js';

const CONFIDENCE = 0.95;

/** A mean of `count` values; the truth lies within `ci95` of it with 95 % confidence, null when one value says nothing about that. */
export interface Estimate {
  readonly count: number;
  readonly mean: number;
  /** Of a single value, with n - 1 in the denominator; null for one value. */
  readonly standardDeviation: number | null;
  readonly ci95: number | null;
}

/** Of values in a fixed order, since sums of fractions depend on it; nulls are left out. Null when nothing is left. */
export function estimate(values: readonly (number | null)[]): Estimate | null {
  const given = values.filter((value) => value !== null);
  const count = given.length;
  if (count === 0) return null;
  const mean = given.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { count, mean, standardDeviation: null, ci95: null };
  // Equal values have no spread, whatever rounding did to their mean.
  if (given.every((value) => value === given[0])) return { count, mean: given[0], standardDeviation: 0, ci95: 0 };
  const squares = given.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardDeviation = Math.sqrt(squares / (count - 1));
  return { count, mean, standardDeviation, ci95: (studentQuantile(CONFIDENCE, count - 1) * standardDeviation) / Math.sqrt(count) };
}
