/**
 * A finished ring from global knowledge: what joins and stabilise would reach in the end, in O(N log N).
 *
 * All identifiers are sorted once. Then one walk around the ring fills the tables of this shard's places: the points at which a
 * place's fingers begin move forward with it, so each power of two has a cursor that only ever advances, instead of a binary search
 * in an array that no cache holds.
 */

import { type IdentifierOrder, identifiersInOrder } from '../../overlay/distinct-identifiers.js';
import { floorLog2, ringOf } from '../../overlay/identifiers.js';
import type { Everyone } from '../../protocol.js';
import type { Chord } from './chord.js';
import { NOBODY } from './messages.js';
import { addressOfPlace, identifierFor } from './placing.js';
import type { ChordSettings } from './settings.js';
import { ENTRY } from './table.js';

/** @param placesOf the places of a peer of this shard, in order. */
export function converge<P>(everyone: Everyone<P, ChordSettings>, placesOf: (protocol: P) => readonly Chord[]): void {
  const { settings } = everyone;
  const ring = ringOf(settings.idBits);
  const places = everyone.count * settings.virtualNodes;
  const { order, sorted, attempts } = sortedPlaces(everyone);
  const address = (rank: number) => {
    const place = order[rank];
    const host = Math.floor(place / settings.virtualNodes);
    return addressOfPlace(everyone.address(host), place - host * settings.virtualNodes);
  };
  const addresses = Float64Array.from({ length: places }, (_, rank) => address(rank));
  const local = new Array<Chord | undefined>(places);
  for (const { index, protocol } of everyone.local) {
    const own = placesOf(protocol);
    for (let place = 0; place < own.length; place++) local[index * settings.virtualNodes + place] = own[place];
  }

  const listed = Math.min(settings.successors, places - 1);
  const cursors = new Uint32Array(ring.bits);
  const powers = Float64Array.from(cursors, (_, power) => 2 ** power);
  const scratch: number[] = [];
  for (let rank = 0; rank < places; rank++) {
    const chord = local[order[rank]];
    if (chord === undefined) continue;
    const identifier = sorted[rank];
    let used = 0;
    for (let i = 1; i <= listed; i++) {
      const next = (rank + i) % places;
      scratch[used++] = ring.distance(identifier, sorted[next]);
      scratch[used++] = addresses[next];
    }
    if (settings.fingers && listed > 0) {
      for (let power = floorLog2(scratch[used - ENTRY]) + 1; power < ring.bits; ) {
        const point = identifier + powers[power];
        const end = rank + places;
        let at = Math.max(cursors[power], rank + listed);
        while (at < end && unwrapped(sorted, at, ring.size) < point) at++;
        cursors[power] = at;
        if (at === end) break;
        scratch[used++] = unwrapped(sorted, at, ring.size) - identifier;
        scratch[used++] = addresses[at < places ? at : at - places];
        power = floorLog2(scratch[used - ENTRY]) + 1;
      }
    }
    const before = (rank + places - 1) % places;
    chord.settle(identifier, scratch.slice(0, used), listed, places > 1 ? addresses[before] : NOBODY, sorted[before]);
    chord.converged(attempts[order[rank]]);
  }
}

/** The identifier of the place `rank` steps from the start, counting on past full circle. */
function unwrapped(sorted: Float64Array, rank: number, size: number): number {
  return rank < sorted.length ? sorted[rank] : sorted[rank - sorted.length] + size;
}

/** All places in ring order. */
function sortedPlaces<P>(everyone: Everyone<P, ChordSettings>): IdentifierOrder {
  const { settings } = everyone;
  const { virtualNodes, idBits } = settings;
  return identifiersInOrder(everyone.count * virtualNodes, idBits, (place, attempt) => {
    const host = Math.floor(place / virtualNodes);
    return identifierFor(settings, host, everyone.address(host), place - host * virtualNodes, attempt);
  });
}
