/**
 * Where peers are on the ring. A peer's place is SHA-1 of its address; with `virtualNodes` above 1 it has several, and each is addressed as
 * the peer's address + 2^48 x place: a number that a double still holds exactly, so one place's code need not know of the others.
 */

import { ringOf } from '../../overlay/identifiers.js';
import type { Address, Peer } from '../../protocol.js';
import type { ChordSettings } from './settings.js';

const HOSTS = 2 ** 48;

export function addressOfPlace(host: Address, place: number): Address {
  return host + place * HOSTS;
}

/** The peer's own address, whichever of its places is meant. */
export function hostOf(address: Address): Address {
  return address % HOSTS;
}

export function placeOf(address: Address): number {
  return Math.floor(address / HOSTS);
}

/**
 * The identifier of a place: the one the settings name, else the hashed one. `attempt` counts identifiers that were taken already: with
 * a million peers and 32 bits about a hundred are.
 */
export function identifierFor(settings: ChordSettings, peerIndex: number, host: Address, place: number, attempt: number): number {
  const named = attempt === 0 ? settings.identifiers[peerIndex * settings.virtualNodes + place] : undefined;
  return named ?? ringOf(settings.idBits).identifierAt(host, place, attempt % 65536);
}

/** The same for a peer that only knows itself: its name is `p` and its index. */
export function identifierOfPlace(peer: Peer, settings: ChordSettings, place: number, attempt: number): number {
  return identifierFor(settings, Number(peer.name.slice(1)), hostOf(peer.address), place, attempt);
}
