/**
 * Addresses (D8): an endpoint is IPv4 address x 65,536 + port in one number. Every peer has a public address of its own, 1.0.0.0 and
 * up, so that peer and address are a sum apart; gateways (NAT) will have addresses above them.
 */

import type { Address } from '../protocol.js';

const FIRST_IP = 0x01000000;
const PORTS = 65536;
/** The port every peer listens on (registered for Gnutella, as good as any). */
const PORT = 6346;
const FIRST_ADDRESS = FIRST_IP * PORTS + PORT;

/** The address of peer number `index`. */
export function addressOf(index: number): Address {
  return FIRST_ADDRESS + index * PORTS;
}

/** The number of the peer that owns this address, if the address is one a peer could own; otherwise not an integer or out of range. */
export function peerAt(address: Address): number {
  return (address - FIRST_ADDRESS) * (1 / PORTS); // exact, for a power of two, and faster than dividing
}

/** `1.0.0.17:6346`, or what was there instead of an address. */
export function formatAddress(address: Address): string {
  if (!Number.isInteger(address) || address < 0 || address >= 2 ** 48) return String(address);
  const ip = Math.floor(address / PORTS);
  return `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}:${address % PORTS}`;
}
