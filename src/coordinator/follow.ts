/**
 * Which operation is to be followed. Operations are known by their row in the table of a run that has been; the shards know them by the
 * number of their cause, which is counted in each shard: so a row's number follows from the rows before it that were asked in the same
 * shard, whatever the number of shards was.
 */

import type { OperationTable } from '../metrics/operations.js';
import { shardOf } from '../network/peer-table.js';
import type { Placement } from '../network/placement.js';

export interface Followed {
  /** Of a run of the same scenario and seed, from its beginning to its end. */
  readonly operations: OperationTable;
  /** From 0. */
  readonly row: number;
}

/** By which the shards know the operation: see `LocateWorkloadDriver.ask`. */
export function causeNumber({ operations, row }: Followed, { shards, table }: Placement): number {
  const shardAt = (each: number) => (shards === 1 ? 0 : shardOf(table.places[operations.at(each, 'origin')]));
  const shard = shardAt(row);
  let before = 0;
  for (let each = 0; each < row; each++) if (shardAt(each) === shard) before++;
  return before * shards + shard + 1;
}

/** Whether the operation is over, and all messages have come to an end that were sent for it. */
export function isSeen({ operations, row }: Followed, reachedMs: number, messagesEnded: number): boolean {
  const endMs = operations.at(row, 'endMs');
  return endMs >= 0 && reachedMs > endMs && messagesEnded >= operations.at(row, 'messages');
}
