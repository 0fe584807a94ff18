/**
 * What a peer stores for everybody: data by key, as many keys as `storeItems`, the least recently used goes.
 *
 * In Freenet the data of a key are the file. Our service asks who has it, so the content is a list of records: a publisher's address and
 * when it published, [address, ms, ...], newest first. A record stands for content that is sealed: encrypted under the file's name, of
 * which forwarders know only the hash, and signed with a key made for this one item. They can compare and replace records, as newer
 * versions of signed data, and not read them. So a peer that merges what comes by learns nothing, and no code outside of `locate` looks
 * at the addresses.
 */

import type { Key } from '../../protocol.js';

export class Datastore {
  private items: Map<Key, readonly number[]> | null = null;

  get size(): number {
    return this.items?.size ?? 0;
  }

  /** How many records there are, void ones counted that nobody has asked for. */
  get records(): number {
    let sum = 0;
    for (const records of this.items?.values() ?? []) sum += records.length / 2;
    return sum;
  }

  /** Keys and their records, the least recently used first. */
  entries(): Iterable<readonly [Key, readonly number[]]> {
    return this.items?.entries() ?? [];
  }

  /** Holds these instead of what it held. */
  fill(entries: Iterable<readonly [Key, readonly number[]]>): void {
    this.items = new Map(entries);
  }

  /** The data of a key, which is used now; undefined when there are none. Records from before `sinceMs` are void. */
  get(key: Key, sinceMs: number): readonly number[] | undefined {
    const found = this.items?.get(key);
    if (found === undefined) return undefined;
    this.items!.delete(key);
    const valid = found[found.length - 1] >= sinceMs ? found : since(found, sinceMs);
    if (valid.length === 0) return undefined;
    this.items!.set(key, valid);
    return valid;
  }

  /**
   * Adds records to what there is under a key, of one publisher the newest, and returns them all, at most `answers`. With more than
   * `limit` keys the least recently used goes.
   */
  put(key: Key, records: readonly number[], sinceMs: number, answers: number, limit: number): readonly number[] {
    const held = this.get(key, sinceMs);
    const merged = held === undefined ? since(records, sinceMs) : merge(held, since(records, sinceMs), answers);
    if (merged.length === 0) return merged;
    this.items ??= new Map();
    this.items.delete(key);
    this.items.set(key, merged);
    if (this.items.size > limit) {
      for (const oldest of this.items.keys()) {
        this.items.delete(oldest);
        break;
      }
    }
    return merged;
  }
}

function since(records: readonly number[], sinceMs: number): readonly number[] {
  return records.filter((_, i) => records[i | 1] >= sinceMs);
}

/** Two lists, newest first, as one: of equal times the first list's goes first. */
function merge(a: readonly number[], b: readonly number[], answers: number): readonly number[] {
  const merged: number[] = [];
  const seen = new Set<number>();
  for (let i = 0, j = 0; (i < a.length || j < b.length) && seen.size < answers; ) {
    const fromA = j >= b.length || (i < a.length && a[i + 1] >= b[j + 1]);
    const [address, atMs] = fromA ? [a[i], a[i + 1]] : [b[j], b[j + 1]];
    if (fromA) i += 2;
    else j += 2;
    if (seen.has(address)) continue;
    seen.add(address);
    merged.push(address, atMs);
  }
  return merged;
}
