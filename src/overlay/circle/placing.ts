/** Where peers are on the circle: at SHA-1 of their address, or where the settings say; and all of them in order, for a converged start. */

import type { Everyone, Peer } from '../../protocol.js';
import { identifiersInOrder } from '../distinct-identifiers.js';
import { ringOf } from '../identifiers.js';
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

export function circleOrder<P, S extends CircleSettings>(everyone: Everyone<P, S>): CircleOrder {
  const { settings, count } = everyone;
  const draw = (index: number, attempt: number) => identifierFor(settings, index, everyone.address(index), attempt);
  const { order, sorted, attempts } = identifiersInOrder(count, settings.idBits, draw);
  return { order, identifiers: sorted, addresses: Float64Array.from(order, (index) => everyone.address(index)), attempts };
}
