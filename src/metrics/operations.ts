/**
 * The record of every operation: one row of numbers each, in one Float64Array, so that a million of them cross a thread boundary as
 * one transfer and are sorted and summed without a million objects.
 */

/**
 * How an operation ended. `unanswerable`: nobody had the item, and nobody said so. `pending`: the run ended first. `abandoned`: the
 * peer that asked went down before it knew, which is told at its timeout; neither success nor failure.
 */
export const OUTCOMES = ['succeeded', 'failed', 'unanswerable', 'pending', 'abandoned'] as const;
/** How an operation ended: one of OUTCOMES. */
export type Outcome = (typeof OUTCOMES)[number];

/** The columns, in order. Times in virtual ms; -1 where there is no value (no answer: no latency, no hops). */
export const OPERATION_COLUMNS = [
  'number', // the cause's number, by which shards add up messages, bytes and reached; not shown
  'origin', // index of the peer that asked
  'key',
  'startMs',
  'endMs',
  'outcome', // index into OUTCOMES
  'latencyMs', // until the first live provider (or the definite "nobody") was known at the origin
  'hops',
  'liveReplicas', // what the oracle knew at startMs
  'foundLive', // distinct providers reported that are among those
  'foundStale', // distinct providers reported that are not
  'reached',
  'messages',
  'bytes',
  'timeouts', // peers it ran into that did not answer
  'obtainedMs', // from the question until the item was downloaded
] as const;
/** The name of a column of `OperationTable`. */
export type OperationColumn = (typeof OPERATION_COLUMNS)[number];

export const OPERATION_STRIDE = OPERATION_COLUMNS.length;
/** Offset of each column in a row. */
export const COLUMN = Object.fromEntries(OPERATION_COLUMNS.map((name, index) => [name, index])) as Readonly<
  Record<OperationColumn, number>
>;

/** A table of operations, sorted by (startMs, origin): the same rows in the same order for any number of shards. */
export class OperationTable {
  readonly rows: Float64Array;
  /** By row: whom it reached, in order of time (`p3 p17 p20`); empty unless the scenario asks for it (`measures.paths`). */
  readonly paths: readonly string[];

  constructor(rows: Float64Array, paths: readonly string[] = []) {
    this.rows = rows;
    this.paths = paths;
  }

  get length(): number {
    return this.rows.length / OPERATION_STRIDE;
  }

  at(row: number, column: OperationColumn): number {
    return this.rows[row * OPERATION_STRIDE + COLUMN[column]];
  }

  outcome(row: number): Outcome {
    return OUTCOMES[this.at(row, 'outcome')];
  }
}
