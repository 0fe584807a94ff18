/**
 * Addresses (D8): an endpoint is IPv4 address x 65,536 + port in one number. Peers without a translating gateway have public addresses
 * of their own, 1.0.0.0 and up, so that peer and address are a sum apart. Gateways have theirs from 128.0.0.0, homes within a carrier's
 * network from 100.64.0.0 (RFC 6598), and peers within a home from 192.168.0.2 (RFC 1918); `address-plan.ts` says who has which.
 */

import type { Address } from '../protocol.js';

/** IP addresses here are signed 32-bit integers, which V8 keeps unboxed. */
export const FIRST_PEER_IP = 0x01000000;
export const FIRST_GATEWAY_IP = 0x80000000 | 0;
export const FIRST_CARRIER_IP = 0x64400000;
export const FIRST_HOME_IP = 0xc0a80002 | 0;
/** Number of ports, and what to multiply an IP address by. */
export const PORTS = 65536;
/** The port every peer listens on (registered for Gnutella, as good as any). */
export const PORT = 6346;
const FIRST_ADDRESS = FIRST_PEER_IP * PORTS + PORT;

/** The address of peer number `index` on the open network. */
export function addressOf(index: number): Address {
  return FIRST_ADDRESS + index * PORTS;
}

/** The number of the peer that owns this address, if the address is one a peer could own; otherwise not an integer or out of range. */
export function peerAt(address: Address): number {
  return (address - FIRST_ADDRESS) * (1 / PORTS); // exact, for a power of two, and faster than dividing
}

/** The address made of these two; `ip` may be signed. */
export function endpoint(ip: number, port: number): Address {
  return (ip >>> 0) * PORTS + port;
}

/** Whether this is an address of the kind that homes have within a carrier's network: 100.64.0.0/10. */
export const isCarrierIp = (ip: number) => ip >>> 22 === FIRST_CARRIER_IP >>> 22;
/** Whether this is an address of the kind that peers have within a home: 192.168.0.0/16. */
export const isHomeIp = (ip: number) => ip >>> 16 === FIRST_HOME_IP >>> 16;

/** `1.0.0.17:6346`, or what was there instead of an address. */
export function formatAddress(address: Address): string {
  if (!Number.isInteger(address) || address < 0 || address >= 2 ** 48) return String(address);
  const ip = Math.floor(address / PORTS);
  return `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}:${address % PORTS}`;
}
