/**
 * Whether a series had settled when it began to be measured: its first quarter against its second half. Rows hang together (who is up now
 * mostly was so a row ago), so there are fewer independent ones than there are. A drift must be beyond chance, and large enough to matter.
 */

import { studentTail } from './student.js';

/** Fewer rows tell nothing. */
const FEWEST_ROWS = 20;
/** Chance of a false alarm for one series of independent rows; those that hang together closely raise up to ten times as many. */
const SIGNIFICANCE = 0.0003;
/** Rows of a run are taken to be correlated at least so much. */
const LEAST_CORRELATION = 0.3;

export interface Drift {
  /** Means of the first quarter and of the second half. */
  readonly first: number;
  readonly last: number;
}

/**
 * Null: settled, or too short to tell.
 * @param values one per row, in order
 * @param matters smaller drifts, relative to the larger mean, are none
 */
export function driftOf(values: readonly number[], matters: number): Drift | null {
  if (values.length < FEWEST_ROWS) return null;
  const [head, tail] = [values.slice(0, Math.floor(values.length / 4)), values.slice(-Math.floor(values.length / 2))];
  const [first, last] = [meanOf(head), meanOf(tail)];
  if (Math.abs(first - last) <= matters * Math.max(Math.abs(first), Math.abs(last))) return null;
  // What a settled series is like, its second half shows.
  const independent = independentShare(tail);
  const [before, after] = [head, tail].map(({ length }) => Math.max(1, length * independent));
  const variance = squares(tail, last) / (tail.length - 1);
  const error = Math.sqrt(variance * (1 / before + 1 / after));
  return error === 0 || studentTail((first - last) / error, Math.max(1, after - 1)) < SIGNIFICANCE ? { first, last } : null;
}

/** The share of the rows that would tell as much if they were independent: by the correlation of neighbours, once a straight trend is out. */
function independentShare(values: readonly number[]): number {
  const rest = withoutTrend(values);
  const total = squares(rest, 0);
  const together = total === 0 ? 0 : rest.slice(1).reduce((sum, value, at) => sum + value * rest[at], 0) / total;
  // An estimate from few values is too low (Kendall 1954).
  const correlation = Math.min(0.99, Math.max(LEAST_CORRELATION, together + (1 + 4 * together) / values.length));
  return (1 - correlation) / (1 + correlation);
}

function withoutTrend(values: readonly number[]): number[] {
  const middle = (values.length - 1) / 2;
  const mean = meanOf(values);
  const spread = values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  const slope = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0) / spread;
  return values.map((value, at) => value - mean - slope * (at - middle));
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const squares = (values: readonly number[], mean: number) => values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
