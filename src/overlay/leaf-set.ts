/**
 * A leaf set: the peers whose identifiers come next to the own one on the ring, `half` of them on each side, nearest first. In a ring of
 * fewer peers than it holds, one peer may be on both sides.
 *
 * One plain array of numbers, [identifier, address, ...], holds the side of the larger identifiers (clockwise) and behind it the other.
 */

import type { Address } from '../protocol.js';
import { ringOf } from './identifiers.js';
import { IDENTIFIER_BITS } from './prefix-table.js';

/** Identifier and address. */
const ENTRY = 2;
const ring = ringOf(IDENTIFIER_BITS);

/** Whether `one` is numerically closer to the point than `other`, the shorter way round; of two as close the smaller identifier is. */
export function isCloser(one: number, other: number, point: number): boolean {
  const its = gap(one, point);
  const others = gap(other, point);
  return its < others || (its === others && one < other);
}

/** How far apart two identifiers are, the shorter way round. */
export function gap(one: number, other: number): number {
  const clockwise = ring.distance(one, other);
  return Math.min(clockwise, ring.size - clockwise);
}

export class LeafSet {
  readonly own: number;
  /** Most peers on each side. */
  readonly half: number;
  private entries: number[] = [];
  /** How many of them are clockwise. */
  private clockwise = 0;

  constructor(own: number, half: number) {
    this.own = own;
    this.half = half;
  }

  /** [identifier, address, ...] of one side, nearest first. */
  side(clockwise: boolean): number[] {
    const middle = this.clockwise * ENTRY;
    return clockwise ? this.entries.slice(0, middle) : this.entries.slice(middle);
  }

  /** Everybody, once each, as [identifier, address, ...]. */
  all(): number[] {
    const { entries } = this;
    const middle = this.clockwise * ENTRY;
    const all = entries.slice(0, middle);
    for (let i = middle; i < entries.length; i += ENTRY)
      if (!includes(entries, entries[i], 0, middle)) all.push(entries[i], entries[i + 1]);
    return all;
  }

  /** Everybody's address, once each. */
  addresses(): Address[] {
    return this.all().filter((_, i) => i % ENTRY === 1);
  }

  /** Places taken, of 2 x `half`. */
  get size(): number {
    return this.entries.length / ENTRY;
  }

  has(identifier: number): boolean {
    return includes(this.entries, identifier, 0, this.entries.length);
  }

  /** Sets both sides, each nearest first. */
  settle(clockwise: readonly number[], anticlockwise: readonly number[]): void {
    this.entries = clockwise.concat(anticlockwise);
    this.clockwise = clockwise.length / ENTRY;
  }

  /** Whether this peer belongs in the set and is not in it. */
  wants(identifier: number): boolean {
    return identifier !== this.own && (this.placeOn(true, identifier) >= 0 || this.placeOn(false, identifier) >= 0);
  }

  /** Enters a peer on each side where it is among the nearest; returns whether that changed anything. */
  insert(identifier: number, address: Address): boolean {
    if (identifier === this.own) return false;
    let changed = false;
    for (const clockwise of [true, false]) {
      const at = this.placeOn(clockwise, identifier);
      if (at < 0) continue;
      const side = this.side(clockwise);
      side.splice(at * ENTRY, 0, identifier, address);
      side.length = Math.min(side.length, this.half * ENTRY);
      if (clockwise) this.settle(side, this.side(false));
      else this.settle(this.side(true), side);
      changed = true;
    }
    return changed;
  }

  /** Forgets a peer; returns the sides it was on. */
  remove(address: Address): { readonly clockwise: boolean; readonly anticlockwise: boolean } {
    const without = (side: number[]) => side.filter((_, i) => side[i - (i % ENTRY) + 1] !== address);
    const [right, left] = [this.side(true), this.side(false)];
    const [nextRight, nextLeft] = [without(right), without(left)];
    if (nextRight.length + nextLeft.length < this.entries.length) this.settle(nextRight, nextLeft);
    return { clockwise: nextRight.length < right.length, anticlockwise: nextLeft.length < left.length };
  }

  /** Whether a point lies between the outermost peers of both sides; always so when the sides meet behind the ring's far end. */
  covers(point: number): boolean {
    const { entries, clockwise, own } = this;
    const right = clockwise > 0 ? ring.distance(own, entries[(clockwise - 1) * ENTRY]) : 0;
    const left = clockwise * ENTRY < entries.length ? ring.distance(entries[entries.length - ENTRY], own) : 0;
    if (right + left >= ring.size) return true;
    return ring.distance(own, point) <= right || ring.distance(point, own) <= left;
  }

  /** The address of the numerically closest to the point, or `self` when the own identifier is. */
  closest(point: number, self: Address): Address {
    const { entries } = this;
    let best = self;
    let identifier = this.own;
    for (let i = 0; i < entries.length; i += ENTRY) {
      if (!isCloser(entries[i], identifier, point)) continue;
      identifier = entries[i];
      best = entries[i + 1];
    }
    return best;
  }

  /** Addresses of up to `count` of the set that are numerically closest to the point, closest first. */
  nearestTo(point: number, count: number): Address[] {
    const all = this.all();
    const places = Array.from({ length: all.length / ENTRY }, (_, i) => i * ENTRY);
    places.sort((one, other) => (isCloser(all[one], all[other], point) ? -1 : 1));
    return places.slice(0, count).map((at) => all[at + 1]);
  }

  /** Where on a side the peer would come; -1 when it would not, or is there. */
  private placeOn(clockwise: boolean, identifier: number): number {
    const { entries, own } = this;
    const from = clockwise ? 0 : this.clockwise * ENTRY;
    const to = clockwise ? this.clockwise * ENTRY : entries.length;
    const distance = clockwise ? ring.distance(own, identifier) : ring.distance(identifier, own);
    let at = from;
    for (; at < to; at += ENTRY) {
      if (entries[at] === identifier) return -1;
      const its = clockwise ? ring.distance(own, entries[at]) : ring.distance(entries[at], own);
      if (its > distance) break;
    }
    const place = (at - from) / ENTRY;
    return place < this.half ? place : -1;
  }
}

/** Whether an identifier stands in a part of [identifier, address, ...]. */
function includes(entries: readonly number[], identifier: number, from: number, to: number): boolean {
  for (let i = from; i < to; i += ENTRY) if (entries[i] === identifier) return true;
  return false;
}
