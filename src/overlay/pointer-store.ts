/**
 * The part of an index a peer holds for others: key -> who has it. Entries are soft state: each ends at its expiry unless somebody says
 * it again. Each may have a distance, by which `find` puts the nearest provider first; of those as near, the one heard of last, which is the
 * likeliest to be still there.
 */

import type { Address, Key } from '../protocol.js';

/** Items in one message: 80 x 16 bytes stay below an Ethernet frame. */
export const ITEMS_PER_MESSAGE = 80;

/** Provider, expiry, distance. */
const ENTRY = 3;

export class PointerStore {
  /** Key -> [provider, expiry in ms, distance in ms, ...], the last heard of at the end. */
  private readonly pointers = new Map<Key, number[]>();

  /** Pairs of a key and a provider. */
  get entries(): number {
    let entries = 0;
    for (const each of this.pointers.values()) entries += each.length / ENTRY;
    return entries;
  }

  keys(): Iterable<Key> {
    return this.pointers.keys();
  }

  /** Enters a provider until `expiryMs`. What it knows to last longer stays. */
  put(key: Key, provider: Address, expiryMs: number, distanceMs = 0): void {
    const held = this.pointers.get(key);
    if (held === undefined) {
      this.pointers.set(key, [provider, expiryMs, distanceMs]);
      return;
    }
    let lastsUntilMs = expiryMs;
    for (let i = 0; i < held.length; i += ENTRY) {
      if (held[i] !== provider) continue;
      lastsUntilMs = Math.max(expiryMs, held[i + 1]);
      held.splice(i, ENTRY);
      break;
    }
    held.push(provider, lastsUntilMs, distanceMs);
  }

  remove(key: Key, provider: Address): void {
    const held = this.pointers.get(key);
    if (held === undefined) return;
    for (let i = held.length - ENTRY; i >= 0; i -= ENTRY) if (held[i] === provider) held.splice(i, ENTRY);
    if (held.length === 0) this.pointers.delete(key);
  }

  /** Up to `count` providers of a key that are not expired, nearest first. */
  find(key: Key, nowMs: number, count: number): Address[] {
    const held = this.pointers.get(key);
    if (held === undefined) return [];
    const found: number[] = [];
    for (let i = held.length - ENTRY; i >= 0; i -= ENTRY) if (held[i + 1] > nowMs) found.push(i);
    found.sort((one, other) => held[one + 2] - held[other + 2]); // stable: those as near stay in the order of hearing
    return found.slice(0, count).map((at) => held[at]);
  }

  /** What is held of one key, as [key, provider, remaining life in ms, ...]. */
  of(key: Key, nowMs: number): number[] {
    const items: number[] = [];
    const held = this.pointers.get(key) ?? [];
    for (let i = 0; i < held.length; i += ENTRY) if (held[i + 1] > nowMs) items.push(key, held[i], held[i + 1] - nowMs);
    return items;
  }

  /** All that is held of the keys that are wanted, as `of` has it, in parts that fit a message. */
  select(wanted: (key: Key) => boolean, nowMs: number): number[][] {
    const parts: number[][] = [];
    let part: number[] = [];
    for (const [key, held] of this.pointers) {
      if (!wanted(key)) continue;
      for (let i = 0; i < held.length; i += ENTRY) {
        if (held[i + 1] <= nowMs) continue;
        if (part.length === 0) parts.push(part);
        part.push(key, held[i], held[i + 1] - nowMs);
        if (part.length === 3 * ITEMS_PER_MESSAGE) part = [];
      }
    }
    return parts;
  }

  /** Forgets the keys that are wanted no more. */
  drop(unwanted: (key: Key) => boolean): void {
    for (const key of this.pointers.keys()) if (unwanted(key)) this.pointers.delete(key);
  }

  /** Forgets what has expired. */
  sweep(nowMs: number): void {
    for (const [key, held] of this.pointers) {
      let kept = 0;
      for (let i = 0; i < held.length; i += ENTRY) {
        if (held[i + 1] <= nowMs) continue;
        held.copyWithin(kept, i, i + ENTRY);
        kept += ENTRY;
      }
      held.length = kept;
      if (kept === 0) this.pointers.delete(key);
    }
  }
}
