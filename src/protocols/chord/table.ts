/**
 * A routing table: known peers in order of clockwise distance from oneself, as one flat array [distance, address, distance, address ...].
 *
 * One plain array of numbers holds the successor list (at the front) and the fingers (behind it), because what costs at 100,000 peers is
 * cache misses and at 1,000,000 memory: V8 keeps such an array as unboxed doubles, a finger's distance sits beside its address, and
 * only distinct fingers are held (about log2 N of the `idBits` in the paper's table). A finger is the nearest known peer of an
 * interval [2^p, 2^(p+1)) of distances. Functions that change a table return a new array of exactly the needed length.
 */

import { floorLog2 } from '../../overlay/identifiers.js';
import type { Address } from '../../protocol.js';

/** Distance and address: what one entry takes. */
export const ENTRY = 2;

/**
 * Where the entry is that most closely precedes a point `distance` away; below 0 when none does, because the successor lies at the
 * point or behind it. There is one finger for each power of two, but for the nearest, so counting powers from the far end gives the
 * place or almost: that touches one or two cache lines, where a search from the front or by halves touches four.
 */
export function closestPreceding(table: readonly number[], distance: number, bits: number): number {
  let at = Math.max(0, table.length - (bits - floorLog2(distance)) * ENTRY);
  while (at < table.length && table[at] < distance) at += ENTRY;
  do at -= ENTRY;
  while (at >= 0 && table[at] >= distance);
  return at;
}

/** Whether `table` begins with all of `entries`. */
export function beginsWith(table: readonly number[], entries: readonly number[]): boolean {
  if (table.length < entries.length) return false;
  for (let i = 0; i < entries.length; i++) if (table[i] !== entries[i]) return false;
  return true;
}

/** `successors`, then the entries of `table` that lie behind them, of which each interval keeps its nearest. */
export function withSuccessors(table: readonly number[], successors: readonly number[]): number[] {
  const next = successors.slice();
  const last = successors[successors.length - ENTRY];
  for (let i = 0; i < table.length; i += ENTRY) if (table[i] > last) appendFinger(next, table[i], table[i + 1]);
  return next.slice();
}

/**
 * What a lookup of the point 2^power away has shown: the first peer there is at `distance` (nobody until full circle: `Infinity`). So
 * fingers between the two are gone, and the found one is the nearest of its interval. The first `fixed` entries are the successor
 * list, which stays.
 */
export function withFinger(table: readonly number[], fixed: number, power: number, distance: number, address: Address): number[] {
  const next = table.slice(0, fixed * ENTRY);
  const start = 2 ** power;
  let inserted = distance === Number.POSITIVE_INFINITY;
  for (let i = fixed * ENTRY; i < table.length; i += ENTRY) {
    if (table[i] >= start && table[i] < distance) continue;
    if (!inserted && table[i] >= distance) {
      appendFinger(next, distance, address);
      inserted = true;
    }
    if (table[i] !== distance) appendFinger(next, table[i], table[i + 1]);
  }
  if (!inserted) appendFinger(next, distance, address);
  return next.slice();
}

/** `table` without the entries of this address. */
export function without(table: readonly number[], address: Address): number[] {
  const next: number[] = [];
  for (let i = 0; i < table.length; i += ENTRY) if (table[i + 1] !== address) next.push(table[i], table[i + 1]);
  return next.slice();
}

/** Appends an entry unless it is no further than the last, or the last is in its interval already. */
function appendFinger(table: number[], distance: number, address: Address): void {
  const last = table.length > 0 ? table[table.length - ENTRY] : 0;
  if (distance > last && (last === 0 || floorLog2(last) !== floorLog2(distance))) table.push(distance, address);
}
