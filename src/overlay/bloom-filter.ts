/**
 * A set of keys in a few bits each, which may claim a key that is not in it but never denies one that is (Bloom, CACM 13(7), 1970). Keys
 * are uniform already, so their two halves give the hash functions (Kirsch and Mitzenmacher, "Less hashing, same performance", 2006).
 */

import type { Key } from '../protocol.js';

const HALF = 2 ** 24;
/** The number of hash functions with the fewest false claims is ln 2 times the bits per key. */
const LN_2 = Math.LN2;

/** Hash functions that suit so many bits per key. */
export function hashesFor(bitsPerKey: number): number {
  return Math.max(1, Math.round(bitsPerKey * LN_2));
}

/** The filter of `keys`: whole bytes, at least one. */
export function bloomFilter(keys: Iterable<Key>, count: number, bitsPerKey: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(1, Math.ceil((count * bitsPerKey) / 8)));
  const hashes = hashesFor(bitsPerKey);
  for (const key of keys)
    for (let i = 0; i < hashes; i++) {
      const bit = bitOf(key, i, bytes.length);
      bytes[bit >>> 3] |= 1 << (bit & 7);
    }
  return bytes;
}

/** Whether the filter, made with so many bits per key, claims the key. */
export function claims(filter: Uint8Array, key: Key, bitsPerKey: number): boolean {
  const hashes = hashesFor(bitsPerKey);
  for (let i = 0; i < hashes; i++) {
    const bit = bitOf(key, i, filter.length);
    if ((filter[bit >>> 3] & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

function bitOf(key: Key, hash: number, bytes: number): number {
  const high = Math.floor(key / HALF);
  const low = key % HALF;
  return (high + hash * (low | 1)) % (bytes * 8);
}
