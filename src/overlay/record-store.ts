/**
 * Soft state kept for others: under each key, records of a few numbers each (who has the item, say), every one with its expiry. A record
 * said again lasts longer and counts as the last heard of.
 */

import type { Key } from '../protocol.js';

interface Shelf {
  /** Record after record, each followed by its expiry in ms, the last heard of at the end. */
  readonly records: number[];
  /** When the key was last stored for good. */
  storedMs: number;
  /** Only a cache's copy: nobody relies on its being here. */
  isCopy: boolean;
}

export class RecordStore {
  /** Numbers in a record, and with its expiry. */
  private readonly width: number;
  private readonly stride: number;
  private readonly shelves = new Map<Key, Shelf>();

  constructor(width: number) {
    this.width = width;
    this.stride = width + 1;
  }

  get keys(): Iterable<Key> {
    return this.shelves.keys();
  }

  /** Records, of all keys. */
  get entries(): number {
    let entries = 0;
    for (const { records } of this.shelves.values()) entries += records.length / this.stride;
    return entries;
  }

  has(key: Key): boolean {
    return this.shelves.has(key);
  }

  /** Records under a key, expired ones included until they are swept. */
  count(key: Key): number {
    return (this.shelves.get(key)?.records.length ?? 0) / this.stride;
  }

  /** When a key was last stored for good; -Infinity when there are only copies, or nothing. */
  storedMs(key: Key): number {
    const shelf = this.shelves.get(key);
    return shelf === undefined || shelf.isCopy ? Number.NEGATIVE_INFINITY : shelf.storedMs;
  }

  isCopy(key: Key): boolean {
    return this.shelves.get(key)?.isCopy ?? false;
  }

  /**
   * Enters `items`, [...record, life in ms, ...], under the key. What is known to last longer does. `mostLifeMs` cuts the life of all; as
   * a `copy`, they leave it open whether the key was stored here.
   */
  put(key: Key, items: readonly number[], nowMs: number, mostLifeMs: number, copy = false): void {
    let shelf = this.shelves.get(key);
    if (shelf === undefined) {
      shelf = { records: [], storedMs: nowMs, isCopy: copy };
      this.shelves.set(key, shelf);
    }
    if (!copy) {
      shelf.storedMs = nowMs;
      shelf.isCopy = false;
    }
    for (let i = 0; i < items.length; i += this.stride)
      this.enter(shelf.records, items, i, nowMs + Math.min(items[i + this.width], mostLifeMs));
  }

  private enter(records: number[], items: readonly number[], from: number, expiryMs: number): void {
    const { stride, width } = this;
    let lastsUntilMs = expiryMs;
    for (let at = records.length - stride; at >= 0; at -= stride) {
      let same = 0;
      while (same < width && records[at + same] === items[from + same]) same++;
      if (same < width) continue;
      lastsUntilMs = Math.max(expiryMs, records[at + width]);
      records.splice(at, stride);
      break;
    }
    for (let i = 0; i < width; i++) records.push(items[from + i]);
    records.push(lastsUntilMs);
  }

  /** Up to `most` records that have not expired, as [...record, life in ms, ...], the last heard of first. */
  find(key: Key, nowMs: number, most = Number.POSITIVE_INFINITY): number[] {
    const found: number[] = [];
    const records = this.shelves.get(key)?.records;
    if (records === undefined) return found;
    const { stride, width } = this;
    for (let at = records.length - stride; at >= 0 && found.length < most * stride; at -= stride) {
      if (records[at + width] <= nowMs) continue;
      for (let i = 0; i < width; i++) found.push(records[at + i]);
      found.push(records[at + width] - nowMs);
    }
    return found;
  }

  /** Forgets what has expired. */
  sweep(nowMs: number): void {
    const { stride, width } = this;
    for (const [key, { records }] of this.shelves) {
      let kept = 0;
      for (let at = 0; at < records.length; at += stride) {
        if (records[at + width] <= nowMs) continue;
        for (let i = 0; i < stride; i++) records[kept++] = records[at + i];
      }
      records.length = kept;
      if (kept === 0) this.shelves.delete(key);
    }
  }
}

/** Cuts a flat list of records into parts of at most `most` records. */
export function partsOf(items: readonly number[], stride: number, most: number): number[][] {
  const parts: number[][] = [];
  for (let at = 0; at < items.length; at += most * stride) parts.push(items.slice(at, at + most * stride));
  return parts;
}
