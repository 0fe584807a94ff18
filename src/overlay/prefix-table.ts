/**
 * A routing table by prefixes: identifiers of 48 bits are read as digits of base 2^b, and a peer knows, for each length of prefix it can
 * share with another (a row) and each next digit (a column), up to `perCell` peers of that cell, the nearest first.
 *
 * What costs at 100,000 peers is memory: a full table of b = 4 has 12 rows of 16 cells, of which about log16 N rows are filled. So one plain
 * array of numbers holds only what is there, [order, identifier, address, ...]. `order` is the cell x 2^32 + the round trip to that
 * peer in microseconds; so the array sorted by `order` has cell after cell and in each the nearest first, and a cell is found by
 * halves. V8 keeps such an array as unboxed doubles.
 */

import type { Address } from '../protocol.js';

/** Length of an identifier in the table. */
export const IDENTIFIER_BITS = 48;
/** Order, identifier and address: what one entry takes. */
export const ENTRY = 3;
/** A round trip nobody has measured: further than any that was. */
export const UNKNOWN_RTT_MS = Number.POSITIVE_INFINITY;

const HALF = 2 ** 24;
const CELL = 2 ** 32;
const MICROSECONDS = 1000;

/** How many digits two identifiers of base 2^b have in common from the left; all of them when they are equal. */
export function sharedDigits(one: number, other: number, b: number): number {
  const upper = Math.floor(one / HALF) ^ Math.floor(other / HALF);
  if (upper !== 0) return Math.floor((Math.clz32(upper) - 8) / b);
  const lower = (one % HALF) ^ (other % HALF);
  return lower !== 0 ? Math.floor((Math.clz32(lower) + 16) / b) : digitsOf(b);
}

/** How many digits an identifier has. Where 48 is no multiple of b the last one overlaps the one before. */
export function digitsOf(b: number): number {
  return Math.ceil(IDENTIFIER_BITS / b);
}

/** The digit at a place, the leftmost being 0. */
export function digitAt(identifier: number, place: number, b: number): number {
  return Math.floor(identifier / unitOf(place, b)) % 2 ** b;
}

/** How many identifiers differ only behind the digit at `place`. */
export function unitOf(place: number, b: number): number {
  return 2 ** Math.max(0, IDENTIFIER_BITS - b * (place + 1));
}

export class PrefixTable {
  /** [order, identifier, address, ...], ascending: read it, and change it through the methods. */
  entries: number[] = [];
  readonly own: number;
  readonly b: number;
  readonly perCell: number;

  constructor(own: number, b: number, perCell: number) {
    this.own = own;
    this.b = b;
    this.perCell = perCell;
  }

  get size(): number {
    return this.entries.length / ENTRY;
  }

  /** Where the cell of this row and column begins in `entries`: at its nearest peer; or -1 when nobody is in it. */
  find(row: number, column: number): number {
    const at = this.firstOf(row, column);
    return at < this.entries.length && this.entries[at] < this.orderOf(row, column, 0) + CELL ? at : -1;
  }

  /** The row of an identifier: how many digits it shares with the own one. */
  rowOf(identifier: number): number {
    return sharedDigits(this.own, identifier, this.b);
  }

  /** Where the row begins in `entries`; the row after the last one that is filled begins at the end. */
  firstOf(row: number, column = 0): number {
    const { entries } = this;
    const order = this.orderOf(row, column, 0);
    let low = 0;
    let high = entries.length / ENTRY;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entries[middle * ENTRY] < order) low = middle + 1;
      else high = middle;
    }
    return low * ENTRY;
  }

  /**
   * Enters a peer, or what is now known of its round trip. A full cell keeps the nearest ones; of two alike the one that was there.
   * Returns whether the peer is in the table now.
   */
  insert(identifier: number, address: Address, rttMs = UNKNOWN_RTT_MS): boolean {
    if (identifier === this.own) return false;
    const { entries, perCell } = this;
    const row = this.rowOf(identifier);
    const from = this.firstOf(row, digitAt(identifier, row, this.b));
    const base = this.orderOf(row, digitAt(identifier, row, this.b), 0);
    const order = base + microseconds(rttMs);
    let to = from;
    for (; to < entries.length && entries[to] < base + CELL; to += ENTRY) {
      if (entries[to + 1] !== identifier) continue;
      if (entries[to + 2] === address && rttMs === UNKNOWN_RTT_MS) return true; // nothing new
      entries.splice(to, ENTRY);
      return this.insert(identifier, address, rttMs);
    }
    let at = from;
    while (at < to && entries[at] <= order) at += ENTRY;
    const full = to - from >= perCell * ENTRY;
    if (full && at === to) return false;
    // A new array of exactly the needed length: a spliced one would keep room to grow.
    const kept = full ? to - ENTRY : to;
    this.entries = entries.slice(0, at).concat([order, identifier, address], entries.slice(at, kept), entries.slice(to));
    return true;
  }

  /** Whether a peer would be entered that is `rttMs` away, which may be unknown. */
  wants(identifier: number, rttMs = UNKNOWN_RTT_MS): boolean {
    if (identifier === this.own) return false;
    const row = this.rowOf(identifier);
    const at = this.find(row, digitAt(identifier, row, this.b));
    if (at < 0) return true;
    const base = this.orderOf(row, digitAt(identifier, row, this.b), 0);
    let held = 0;
    for (let i = at; i < this.entries.length && this.entries[i] < base + CELL; i += ENTRY) {
      if (this.entries[i + 1] === identifier) return false;
      held++;
    }
    return held < this.perCell || this.entries[at + (held - 1) * ENTRY] > base + microseconds(rttMs);
  }

  has(identifier: number): boolean {
    const { entries } = this;
    for (let i = 1; i < entries.length; i += ENTRY) if (entries[i] === identifier) return true;
    return false;
  }

  /** Forgets a peer; returns the cell's row and column when nobody is left in it, else null. */
  remove(address: Address): { readonly row: number; readonly column: number } | null {
    const { entries } = this;
    for (let i = 0; i < entries.length; i += ENTRY) {
      if (entries[i + 2] !== address) continue;
      const cell = this.cellAt(i);
      this.entries = entries.slice(0, i).concat(entries.slice(i + ENTRY));
      return this.find(cell.row, cell.column) < 0 ? cell : null;
    }
    return null;
  }

  /** The peers of a row, or of one of its cells, as [identifier, address, ...]. */
  row(row: number, column = -1): number[] {
    const from = this.firstOf(row, Math.max(0, column));
    const end = column < 0 ? this.orderOf(row + 1, 0, 0) : this.orderOf(row, column, 0) + CELL;
    const found: number[] = [];
    for (let i = from; i < this.entries.length && this.entries[i] < end; i += ENTRY) found.push(this.entries[i + 1], this.entries[i + 2]);
    return found;
  }

  /** The cell of the entry at `at`. */
  cellAt(at: number): { readonly row: number; readonly column: number } {
    const cell = Math.floor(this.entries[at] / CELL);
    return { row: Math.floor(cell / 2 ** this.b), column: cell % 2 ** this.b };
  }

  /** Measured round trip of the entry at `at`, in ms; `UNKNOWN_RTT_MS` when there is none. */
  rttMs(at: number): number {
    const rtt = this.entries[at] % CELL;
    return rtt === CELL - 1 ? UNKNOWN_RTT_MS : rtt / MICROSECONDS;
  }

  private orderOf(row: number, column: number, rtt: number): number {
    return (row * 2 ** this.b + column) * CELL + rtt;
  }
}

function microseconds(rttMs: number): number {
  return Math.min(CELL - 1, Math.round(rttMs * MICROSECONDS));
}
