/**
 * A peer's routing table: (key, address) pairs, "for keys like this one ask that peer", learnt from what passes by. When it is full the
 * pair least recently used goes. The peer for a key is that of the closest key; peers that were tried already are passed over, so the
 * same question asked again and again gives the second closest, the third ...
 *
 * Keys are close when they are near each other on the circle of all keys. (The paper compares them as text; a circle has no ends.)
 */

import { type Address, KEY_BITS, type Key } from '../../protocol.js';
import { NOBODY } from './messages.js';

const KEYS = 2 ** KEY_BITS;

/** Steps between two keys on the circle, the shorter way. */
export function distance(a: Key, b: Key): number {
  const steps = Math.abs(a - b);
  return Math.min(steps, KEYS - steps);
}

export class RoutingTable {
  /** [key, address, ...], the least recently used first: a few hundred numbers, scanned. */
  private entries: number[] = [];

  get size(): number {
    return this.entries.length / 2;
  }

  /** All pairs, as [key, address, ...]. */
  get pairs(): readonly number[] {
    return this.entries;
  }

  /** Begins with these pairs. */
  fill(pairs: readonly number[]): void {
    this.entries = pairs.slice(); // the copy has no spare room
  }

  /** Enters a pair as the most recently used; a key leads to one peer, the last heard of. With more than `limit` the oldest goes. */
  put(key: Key, address: Address, limit: number): void {
    const { entries } = this;
    for (let i = 0; i < entries.length; i += 2) {
      if (entries[i] !== key) continue;
      entries.splice(i, 2);
      break;
    }
    entries.push(key, address);
    while (entries.length > 2 * limit) entries.splice(0, 2);
  }

  /** The peer of the key closest to this one that is not among `tried` nor `except`; NOBODY when there is none. Its pair is used now. */
  closest(key: Key, tried: readonly Address[], except: Address): Address {
    const { entries } = this;
    let best = -1;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (let i = 0; i < entries.length; i += 2) {
      const steps = distance(entries[i], key);
      if (steps >= bestDistance || entries[i + 1] === except || tried.includes(entries[i + 1])) continue;
      best = i;
      bestDistance = steps;
    }
    if (best < 0) return NOBODY;
    const [bestKey, address] = entries.splice(best, 2);
    entries.push(bestKey, address);
    return address;
  }

  /** Forgets a peer. */
  drop(address: Address): void {
    const { entries } = this;
    let kept = 0;
    for (let i = 0; i < entries.length; i += 2) {
      if (entries[i + 1] === address) continue;
      entries[kept++] = entries[i];
      entries[kept++] = entries[i + 1];
    }
    entries.length = kept;
  }

  /** The peers in it, each once. */
  peers(): Set<Address> {
    const peers = new Set<Address>();
    for (let i = 1; i < this.entries.length; i += 2) peers.add(this.entries[i]);
    return peers;
  }
}
