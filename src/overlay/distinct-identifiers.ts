/**
 * Identifiers of a whole population, each used once: those that settings name, and hashed ones, in the order of the circle, for a converged
 * start.
 */

import { Problem } from '../problem.js';
import { ascending } from './identifiers.js';

/** Times that one identifier may be drawn again; a hash has room for so many (see `Ring.identifierAt`). */
const MOST_ATTEMPTS = 65_535;

/** Throws when identifiers named in a setting are no identifiers, or named twice. */
export function checkIdentifiers(identifiers: readonly number[], idBits: number, setting = 'identifiers'): void {
  const size = 2 ** idBits;
  const seen = new Set<number>();
  for (const identifier of identifiers) {
    if (!Number.isInteger(identifier) || identifier < 0 || identifier >= size) {
      throw new Problem(`protocol.${setting}: expected whole numbers from 0 to ${size - 1} (idBits is ${idBits}), got ${identifier}`);
    }
    if (seen.has(identifier)) throw new Problem(`protocol.${setting}: expected distinct numbers, got ${identifier} twice`);
    seen.add(identifier);
  }
}

export interface IdentifierOrder {
  /** Place by rank; a place is a peer, or one of several that a peer has. */
  readonly order: Uint32Array;
  /** Identifier by rank, ascending. */
  readonly sorted: Float64Array;
  /** By place: how many identifiers that it drew were taken. */
  readonly attempts: Uint16Array;
}

/** Of two places that draw one identifier the later draws again, as it would have had it joined later. */
export function identifiersInOrder(count: number, idBits: number, draw: (place: number, attempt: number) => number): IdentifierOrder {
  if (count > 2 ** idBits) {
    throw new Problem(`protocol.idBits: ${idBits} bits give ${2 ** idBits} identifiers, too few for ${count} places on the ring`);
  }
  const attempts = new Uint16Array(count);
  const drawn = Float64Array.from(attempts, (_, place) => draw(place, 0));
  for (;;) {
    const order = ascending(drawn, idBits);
    const sorted = Float64Array.from(order, (place) => drawn[place]);
    const twins: number[] = [];
    for (let rank = 1; rank < count; rank++) if (sorted[rank] === sorted[rank - 1]) twins.push(order[rank]);
    if (twins.length === 0) return { order, sorted, attempts };
    for (const place of twins) {
      do {
        if (attempts[place] === MOST_ATTEMPTS) {
          throw new Problem('protocol.idBits: hashing finds no free identifier; expected more bits, or fewer peers');
        }
        drawn[place] = draw(place, ++attempts[place]);
      } while (sorted[rankAtOrBehind(sorted, drawn[place])] === drawn[place]);
    }
  }
}

/** The rank of the first identifier of an ascending array that is at or behind this one; 0, the first of all, when none is. */
export function rankAtOrBehind(sorted: Float64Array, identifier: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < identifier) low = middle + 1;
    else high = middle;
  }
  return low === sorted.length ? 0 : low;
}
