/** A neighbourhood set: the nearest peers by round trip, wherever on the ring, as [round trip in ms, identifier, address, ...]. */

import type { Address } from '../../protocol.js';

/** Round trip, identifier, address. */
export const ENTRY = 3;

/** The set with this peer entered at its round trip, and no more than `most` peers; the same set when that changes nothing. */
export function withNeighbour(set: number[], most: number, rttMs: number, identifier: number, address: Address): number[] {
  const full = set.length >= most * ENTRY;
  const known = set.indexOf(address) >= 0;
  if (!known && full && (set.length === 0 || set[set.length - ENTRY] <= rttMs)) return set;
  const rest = known ? without(set, address) : set;
  let at = 0;
  while (at < rest.length && rest[at] <= rttMs) at += ENTRY;
  return rest
    .slice(0, at)
    .concat([rttMs, identifier, address], rest.slice(at))
    .slice(0, most * ENTRY);
}

/** The set without a peer. */
export function without(set: number[], address: Address): number[] {
  const at = set.findIndex((value, i) => i % ENTRY === 2 && value === address);
  return at < 0 ? set : set.slice(0, at - 2).concat(set.slice(at + 1));
}
