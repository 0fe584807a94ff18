/**
 * The part of the index that a peer of a DHT holds: key -> who has it. Entries are soft state: each ends at its expiry unless its provider, or the
 * owner of the key, says it again. Those heard of last are given out first, because they are the likeliest to be still there.
 */

import type { Address, Key } from '../protocol.js';

/** Items in one message: 80 x 16 bytes stay below an Ethernet frame. */
export const ITEMS_PER_MESSAGE = 80;

export class Store {
  /** Key -> [provider, expiry in ms, ...], the last heard of at the end. */
  private readonly providers = new Map<Key, number[]>();

  get keys(): number {
    return this.providers.size;
  }

  /** Pairs of a key and a provider. */
  get entries(): number {
    let entries = 0;
    for (const each of this.providers.values()) entries += each.length / 2;
    return entries;
  }

  has(key: Key): boolean {
    return this.providers.has(key);
  }

  /** Enters a provider until `expiryMs`. What it knows to last longer stays. */
  put(key: Key, provider: Address, expiryMs: number): void {
    const entries = this.providers.get(key);
    if (entries === undefined) {
      this.providers.set(key, [provider, expiryMs]);
      return;
    }
    let lastsUntilMs = expiryMs;
    for (let i = 0; i < entries.length; i += 2) {
      if (entries[i] !== provider) continue;
      lastsUntilMs = Math.max(expiryMs, entries[i + 1]);
      entries.splice(i, 2);
      break;
    }
    entries.push(provider, lastsUntilMs);
  }

  remove(key: Key, provider: Address): void {
    const entries = this.providers.get(key);
    if (entries === undefined) return;
    for (let i = 0; i < entries.length; i += 2) if (entries[i] === provider) entries.splice(i, 2);
    if (entries.length === 0) this.providers.delete(key);
  }

  /** Up to `count` providers of a key, the last heard of first. */
  find(key: Key, nowMs: number, count: number): Address[] {
    const found: Address[] = [];
    const entries = this.providers.get(key);
    if (entries === undefined) return found;
    for (let i = entries.length - 2; i >= 0 && found.length < count; i -= 2) if (entries[i + 1] > nowMs) found.push(entries[i]);
    return found;
  }

  /** All entries whose key is wanted, as [key, provider, remaining life in ms, ...], in parts that fit a message. */
  select(wanted: (key: Key) => boolean, nowMs: number): number[][] {
    const parts: number[][] = [];
    let part: number[] = [];
    for (const [key, entries] of this.providers) {
      if (!wanted(key)) continue;
      for (let i = 0; i < entries.length; i += 2) {
        if (entries[i + 1] <= nowMs) continue;
        if (part.length === 0) parts.push(part);
        part.push(key, entries[i], entries[i + 1] - nowMs);
        if (part.length === 3 * ITEMS_PER_MESSAGE) part = [];
      }
    }
    return parts;
  }

  /** Forgets the keys that are wanted no more. */
  drop(unwanted: (key: Key) => boolean): void {
    for (const key of this.providers.keys()) if (unwanted(key)) this.providers.delete(key);
  }

  /** Forgets what has expired. */
  sweep(nowMs: number): void {
    for (const [key, entries] of this.providers) {
      let kept = 0;
      for (let i = 0; i < entries.length; i += 2) {
        if (entries[i + 1] <= nowMs) continue;
        entries[kept++] = entries[i];
        entries[kept++] = entries[i + 1];
      }
      entries.length = kept;
      if (kept === 0) this.providers.delete(key);
    }
  }
}
