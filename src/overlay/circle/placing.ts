/** Where peers are on the circle: at SHA-1 of their address, or where the settings say; and all of them in order, for a converged start. */

import { Problem } from '../../problem.js';
import type { Everyone, Peer } from '../../protocol.js';
import { ascending, ringOf } from '../identifiers.js';
import type { CircleSettings } from './settings.js';

/** `attempt` counts identifiers that were taken already: with a million peers and 32 bits about a hundred are. */
function identifierFor(settings: CircleSettings, index: number, address: number, attempt: number): number {
  const named = attempt === 0 ? settings.identifiers[index] : undefined;
  return named ?? ringOf(settings.idBits).identifierAt(address, 0, attempt % 65_536);
}

/** The same for a peer that only knows itself: its name is `p` and its index. */
export function identifierOfPeer(peer: Peer, settings: CircleSettings, attempt: number): number {
  return identifierFor(settings, Number(peer.name.slice(1)), peer.address, attempt);
}

/** Throws when the identifiers named in a setting are no identifiers, or named twice. */
export function checkIdentifiers({ identifiers, idBits }: Pick<CircleSettings, 'identifiers' | 'idBits'>, setting = 'identifiers'): void {
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

/** Everybody in the order of the circle. */
export interface CircleOrder {
  /** Peer index by rank. */
  readonly order: Uint32Array;
  /** Identifier by rank, ascending. */
  readonly identifiers: Float64Array;
  /** Address by rank. */
  readonly addresses: Float64Array;
  /** How many identifiers of a peer, by index, were taken. */
  readonly attempts: Uint16Array;
}

/** Of two peers that hash to one identifier the later is hashed again, as it would have been had it joined later. */
export function circleOrder<P, S extends CircleSettings>(everyone: Everyone<P, S>): CircleOrder {
  const { settings, count } = everyone;
  const { idBits } = settings;
  if (count > 2 ** idBits) {
    throw new Problem(`protocol.idBits: ${idBits} bits give ${2 ** idBits} identifiers, too few for ${count} peers`);
  }
  const attempts = new Uint16Array(count);
  const drawn = Float64Array.from(attempts, (_, index) => identifierFor(settings, index, everyone.address(index), 0));
  for (;;) {
    const order = ascending(drawn, idBits);
    const identifiers = Float64Array.from(order, (index) => drawn[index]);
    const twins: number[] = [];
    for (let rank = 1; rank < count; rank++) if (identifiers[rank] === identifiers[rank - 1]) twins.push(order[rank]);
    if (twins.length === 0)
      return { order, identifiers, addresses: Float64Array.from(order, (index) => everyone.address(index)), attempts };
    for (const index of twins) {
      do {
        if (attempts[index] === 65_535)
          throw new Problem('protocol.idBits: hashing finds no free identifier; expected more bits, or fewer peers');
        drawn[index] = identifierFor(settings, index, everyone.address(index), ++attempts[index]);
      } while (identifiers[rankAtOrBehind(identifiers, drawn[index])] === drawn[index]);
    }
  }
}

/** The rank of the first peer at or behind an identifier; that of the first peer of all, 0, when it lies behind the last. */
export function rankAtOrBehind(identifiers: Float64Array, identifier: number): number {
  let low = 0;
  let high = identifiers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (identifiers[middle] < identifier) low = middle + 1;
    else high = middle;
  }
  return low === identifiers.length ? 0 : low;
}
