/**
 * How the key of a newcomer is agreed on so that nobody chooses it: the newcomer and each peer of a chain draw a seed, and the key is
 * all seeds combined. Before any seed is shown each is committed to: the newcomer sends the hash of its own, and whoever passes it on
 * hashes its seed into it. When the seeds are shown, everyone checks that those before it fit the commitment it was sent.
 */

import { hash } from 'node:crypto';
import { KEY_BITS, type Key } from '../../protocol.js';

const TWO_TO_24 = 2 ** 24;

/** What the newcomer's commitment is built on. */
export const NO_COMMITMENT = 0;

/** The commitment to a seed, and to all those behind `before`: SHA-1 of both combined, cut to 48 bits. */
export function commit(before: number, seed: number): number {
  return Number.parseInt(hash('sha1', combine(before, seed).toString(16), 'hex').slice(0, KEY_BITS / 4), 16);
}

/** Bitwise exclusive or of two 48-bit numbers. */
export function combine(a: number, b: number): number {
  const high = Math.floor(a / TWO_TO_24) ^ Math.floor(b / TWO_TO_24);
  return high * TWO_TO_24 + ((a % TWO_TO_24) ^ (b % TWO_TO_24));
}

export function keyOf(seeds: readonly number[]): Key {
  return seeds.reduce(combine, 0);
}

/** Whether some seed is this peer's own and those before it are what its commitment was made of. */
export function isKept(seeds: readonly number[], commitment: number, own: number): boolean {
  let made = NO_COMMITMENT;
  for (let i = 0; i + 1 < seeds.length; i++) {
    made = commit(made, seeds[i]);
    if (made === commitment && seeds[i + 1] === own) return true;
  }
  return false;
}
