/**
 * What two single runs tell of a change: the figures that are made of queries, each with an interval from the queries. Shares by Wilson's
 * score interval, quantiles by order statistics (no assumption about how latencies are spread), means by their standard error; all
 * of them with the errors of crossed-clusters.ts.
 */

import { type Change, type Side, shareSide, squareAndAdd } from './change.js';
import { CrossedClusters, type Influence, type Variances } from './crossed-clusters.js';
import type { OperationColumn, OperationTable } from './operations.js';

/** A query's value, or null: it does not count. */
type ValueOf = (table: OperationTable, row: number) => number | null;

const hasEnded: ValueOf = (table, row) => (['pending', 'abandoned'].includes(table.outcome(row)) ? null : 1);
const isAnswered = (table: OperationTable, row: number) => table.at(row, 'latencyMs') >= 0;
const ended =
  (column: OperationColumn): ValueOf =>
  (table, row) =>
    hasEnded(table, row) === null ? null : table.at(row, column);
const latency: ValueOf = (table, row) => (isAnswered(table, row) ? table.at(row, 'latencyMs') : null);
const obtained: ValueOf = (table, row) => (table.at(row, 'obtainedMs') >= 0 ? table.at(row, 'obtainedMs') : null);

const SHARES: Readonly<Record<string, ValueOf>> = {
  success: (table, row) => {
    const outcome = table.outcome(row);
    return outcome === 'succeeded' ? 1 : outcome === 'failed' ? 0 : null;
  },
  obtained: (table, row) => (isAnswered(table, row) ? Number(table.at(row, 'obtainedMs') >= 0) : null),
};

const MEANS: Readonly<Record<string, ValueOf>> = {
  recall: (table, row) => {
    const live = table.at(row, 'liveReplicas');
    return hasEnded(table, row) === null || live === 0 ? null : table.at(row, 'foundLive') / live;
  },
  hopsMean: (table, row) => (isAnswered(table, row) ? table.at(row, 'hops') : null),
  timeoutsPerQuery: ended('timeouts'),
  messagesPerQuery: ended('messages'),
  bytesPerQuery: ended('bytes'),
  reachedPerQuery: ended('reached'),
};

/** Of the sum of one the part that is the other. */
const RATIOS: Readonly<Record<string, readonly [part: ValueOf, rest: ValueOf]>> = { stale: [ended('foundStale'), ended('foundLive')] };

const QUANTILES: Readonly<Record<string, readonly [of: ValueOf, share: number]>> = {
  latencyP50Ms: [latency, 0.5],
  latencyP90Ms: [latency, 0.9],
  latencyP99Ms: [latency, 0.99],
  obtainedP50Ms: [obtained, 0.5],
};

/** One run's figure as its queries give it. */
interface Measured {
  readonly value: number;
  /** How many queries count. */
  readonly count: number;
  readonly influence: Influence;
  side(variance: number): Side;
}

/**
 * By name of the figure (key-figures.ts); without those that one of the runs had no query for.
 * @param shared whether both runs had the same seed
 */
export function operationChanges(baseline: OperationTable, candidate: OperationTable, shared: boolean): Map<string, Change> {
  const clusters = new CrossedClusters(baseline, candidate, shared);
  const changes = new Map<string, Change>();
  const add = (name: string, measure: (table: OperationTable) => Measured | null) => {
    const [a, b] = [measure(baseline), measure(candidate)];
    if (a === null || b === null) return;
    const variances = clusters.variances(a.influence, b.influence);
    const [sideA, sideB] = [a.side(variances.baseline), b.side(variances.candidate)];
    changes.set(name, squareAndAdd(sideA, sideB, variances.df, shared ? correlationOf(variances) : 0));
  };
  for (const [name, of] of Object.entries(SHARES)) add(name, (table) => shareOf(table, of));
  for (const [name, of] of Object.entries(MEANS)) add(name, (table) => meanOf(table, of));
  for (const [name, [part, rest]] of Object.entries(RATIOS)) add(name, (table) => ratioOf(table, part, rest));
  for (const [name, [of, share]] of Object.entries(QUANTILES)) add(name, (table) => quantileOf(table, of, share));
  return changes;
}

/** Two runs never err so much alike that what little they differ by would be certain: their figures move in steps. */
const MOST_ALIKE = 0.9;

/** Of the errors of both runs. */
function correlationOf({ baseline, candidate, difference }: Variances): number {
  const product = Math.sqrt(baseline * candidate);
  return product === 0 ? 0 : Math.max(-1, Math.min(MOST_ALIKE, (baseline + candidate - difference) / 2 / product));
}

function valuesOf(table: OperationTable, of: ValueOf): { values: Float64Array; rows: Uint32Array } {
  const values: number[] = [];
  const rows: number[] = [];
  for (let row = 0; row < table.length; row++) {
    const value = of(table, row);
    if (value === null) continue;
    values.push(value);
    rows.push(row);
  }
  return { values: Float64Array.from(values), rows: Uint32Array.from(rows) };
}

function influenceOf(table: OperationTable, rows: Uint32Array, errorOf: (index: number) => number): Influence {
  const influence = new Float64Array(table.length);
  rows.forEach((row, index) => {
    influence[row] = errorOf(index);
  });
  return influence;
}

const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

function meanOf(table: OperationTable, of: ValueOf): Measured | null {
  const { values, rows } = valuesOf(table, of);
  if (values.length < 2) return null;
  const value = sumOf(values) / values.length;
  return {
    value,
    count: values.length,
    influence: influenceOf(table, rows, (index) => (values[index] - value) / values.length),
    side: (variance) => ({ value, interval: (t) => [value - t * Math.sqrt(variance), value + t * Math.sqrt(variance)] }),
  };
}

function ratioOf(table: OperationTable, part: ValueOf, rest: ValueOf): Measured | null {
  const { values: parts, rows } = valuesOf(table, part);
  const { values: rests } = valuesOf(table, rest);
  const total = sumOf(parts) + sumOf(rests);
  if (parts.length < 2 || total === 0) return null;
  const value = sumOf(parts) / total;
  return {
    value,
    count: parts.length,
    influence: influenceOf(table, rows, (index) => (parts[index] - value * (parts[index] + rests[index])) / total),
    side: (variance) => ({ value, interval: (t) => [value - t * Math.sqrt(variance), value + t * Math.sqrt(variance)] }),
  };
}

function shareOf(table: OperationTable, of: ValueOf): Measured | null {
  const mean = meanOf(table, of);
  if (mean === null) return null;
  const { value, count } = mean;
  return { ...mean, side: (variance) => shareSide(value, independent(value, count, variance)) };
}

/** As many independent queries would tell as much of a share as these do. */
function independent(share: number, count: number, variance: number): number {
  const each = share * (1 - share);
  return each === 0 || variance === 0 ? count : Math.min(count, each / variance);
}

function quantileOf(table: OperationTable, of: ValueOf, share: number): Measured | null {
  const { values, rows } = valuesOf(table, of);
  const count = values.length;
  if (count < 2) return null;
  const sorted = values.toSorted();
  const at = (rank: number) => (rank < 1 ? -Infinity : rank > count ? Infinity : sorted[rank - 1]);
  const value = at(Math.max(1, Math.ceil(share * count)));
  return {
    value,
    count,
    influence: influenceOf(table, rows, (index) => (Number(values[index] <= value) - share) / count),
    side: (variance) => ({
      value,
      interval: (t) => {
        const ranks = t * count * Math.sqrt(variance);
        return [Math.min(value, at(Math.floor(share * count - ranks))), Math.max(value, at(Math.ceil(share * count + ranks) + 1))];
      },
    }),
  };
}
