/**
 * A finished prefix overlay from global knowledge: what joins and upkeep would reach in the end, in O(N log N).
 *
 * All identifiers are sorted once. A prefix is then a range of the sorted array, and so is each cell of a table; the ranges of a
 * peer's rows lie within each other, and the next peer shares most of them. Of the peers of a cell a bounded sample is looked at and the
 * nearest taken. The sample depends on the peer and the cell alone, so every shard draws it alike, for its own peers only.
 */

import { Problem } from '../../problem.js';
import type { Everyone } from '../../protocol.js';
import { ascending } from '../identifiers.js';
import { IDENTIFIER_BITS, type PrefixTable, unitOf } from '../prefix-table.js';
import { identifierFor } from './contacts.js';
import type { PrefixSettings } from './settings.js';

const CELL = 2 ** 32;
const UNKNOWN = CELL - 1;

export interface Places {
  /** Index of the peer at each rank. */
  readonly order: Uint32Array;
  /** Identifiers, ascending. */
  readonly sorted: Float64Array;
  /** Their addresses. */
  readonly addresses: Float64Array;
  /** By peer: how often its identifier turned out to be taken. */
  readonly attempts: Uint16Array;
}

/** All peers in the order of their identifiers. Of two that hash to one the later is hashed again, as when it had joined later. */
export function sortedPlaces<P>(everyone: Everyone<P, PrefixSettings>): Places {
  const { count, settings } = everyone;
  const attempts = new Uint16Array(count);
  const identifiers = Float64Array.from(attempts, (_, index) => identifierFor(settings, index, everyone.address(index), 0));
  for (;;) {
    const order = ascending(identifiers, IDENTIFIER_BITS);
    const sorted = Float64Array.from(order, (index) => identifiers[index]);
    let twins = 0;
    for (let rank = 1; rank < count; rank++) {
      if (sorted[rank] !== sorted[rank - 1]) continue;
      const index = order[rank];
      if (attempts[index] === 65535) throw new Problem('protocol.identifiers: hashing finds no free identifier');
      identifiers[index] = identifierFor(settings, index, everyone.address(index), ++attempts[index]);
      twins++;
    }
    if (twins === 0) return { order, sorted, attempts, addresses: Float64Array.from(order, (index) => everyone.address(index)) };
  }
}

/** The range of ranks that share a prefix, divided by the next digit. */
interface Range {
  from: number;
  to: number;
  /** Where each digit's part begins, and at the end where the last ends. */
  readonly parts: Uint32Array;
}

/** Fills the tables of peers in the order of their ranks. */
export class TableFiller {
  private readonly places: Places;
  private readonly everyone: Pick<Everyone<unknown, PrefixSettings>, 'settings' | 'latencyMs'>;
  private readonly salt: number;
  private readonly ranges: Range[] = [];
  /** The nearest of the cell under consideration, nearest first: round trip in microseconds, and rank. */
  private readonly rtts: number[] = [];
  private readonly ranks: number[] = [];

  constructor(everyone: Pick<Everyone<unknown, PrefixSettings>, 'settings' | 'latencyMs' | 'random'>, places: Places) {
    this.places = places;
    this.everyone = everyone;
    this.salt = everyone.random.integer(CELL);
  }

  /** Ranks must ascend from call to call, so that the ranges of the last one serve. */
  fill(table: PrefixTable, rank: number): void {
    const { b } = this.everyone.settings;
    const { sorted, addresses } = this.places;
    const base = 2 ** b;
    const entries: number[] = [];
    for (let row = 0; ; row++) {
      const { from, to, parts } = this.range(row, rank);
      if (to - from <= 1) break;
      for (let column = 0; column < base; column++) {
        const [first, last] = [parts[column], parts[column + 1]];
        if (first === last || (rank >= first && rank < last)) continue;
        const cell = row * base + column;
        const drawn = this.draw(rank, first, last, cell, table.perCell);
        for (let i = 0; i < drawn; i++) {
          const chosen = this.ranks[i];
          entries.push(cell * CELL + this.rtts[i], sorted[chosen], addresses[chosen]);
        }
      }
    }
    table.entries = entries.slice();
  }

  /** The range that shares `row` digits with the peer at `rank`. */
  private range(row: number, rank: number): Range {
    const { b } = this.everyone.settings;
    const { sorted } = this.places;
    const base = 2 ** b;
    const held = this.ranges[row];
    if (held !== undefined && rank >= held.from && rank < held.to) return held;
    const range = held ?? { from: 0, to: 0, parts: new Uint32Array(base + 1) };
    this.ranges[row] = range;
    const above = row === 0 ? null : this.ranges[row - 1];
    range.from = 0;
    range.to = sorted.length;
    for (let column = 0; above !== null && column < base; column++) {
      if (rank < above.parts[column] || rank >= above.parts[column + 1]) continue;
      range.from = above.parts[column];
      range.to = above.parts[column + 1];
    }
    const unit = unitOf(row, b);
    const start = Math.floor(sorted[rank] / unit / base) * base * unit;
    let at = range.from;
    for (let column = 0; column < base; column++) {
      at = lowerBound(sorted, start + column * unit, at, range.to);
      range.parts[column] = at;
    }
    range.parts[base] = range.to;
    return range;
  }

  /**
   * Looks at up to `candidates` of the ranks [first, last), evenly spaced from a start of the cell's own, and keeps the `perCell` nearest;
   * returns how many.
   */
  private draw(rank: number, first: number, last: number, cell: number, perCell: number): number {
    const { everyone, places, rtts, ranks } = this;
    const { proximity, candidates } = everyone.settings;
    const self = places.order[rank];
    const size = last - first;
    const count = Math.min(size, Math.max(perCell, proximity ? candidates : 1));
    const step = Math.floor(size / count);
    const start = count === size ? 0 : mix(places.sorted[rank], cell, this.salt) % size;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const other = first + ((start + i * step) % size);
      // A round trip without queues is twice the way.
      const rtt = proximity ? Math.min(UNKNOWN, Math.round(2000 * everyone.latencyMs(self, places.order[other]))) : UNKNOWN;
      if (kept === perCell && rtt >= rtts[kept - 1]) continue;
      let at = kept < perCell ? kept++ : kept - 1;
      for (; at > 0 && rtts[at - 1] > rtt; at--) {
        rtts[at] = rtts[at - 1];
        ranks[at] = ranks[at - 1];
      }
      rtts[at] = rtt;
      ranks[at] = other;
    }
    return kept;
  }
}

/** The first place in [from, to) of an ascending array whose value is at least `value`; `to` when none is. */
function lowerBound(sorted: Float64Array, value: number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 32 bits that depend on all of an identifier, a cell and a salt (the finaliser of MurmurHash3). */
function mix(identifier: number, cell: number, salt: number): number {
  let hash = Math.floor(identifier / 2 ** 24) ^ Math.imul((identifier % 2 ** 24) + 1, 0x9e3779b1) ^ Math.imul(cell + 1, 0x85ebca6b) ^ salt;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
