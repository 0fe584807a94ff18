/**
 * Identifiers on a ring: numbers of `bits` bits, 2 to 48, held as plain numbers (a double is exact up to 2^53). A key's identifier is
 * its top bits, since a `Key` is already uniform; a peer's is SHA-1 of its address (Stoica et al., "Chord", section IV-A), cut likewise.
 */

import { hash } from 'node:crypto';
import { type Address, KEY_BITS, type Key } from '../protocol.js';

const TWO_TO_32 = 2 ** 32;

/** The circle of all identifiers of one length. Shared by all peers: get it from `ringOf`. */
export class Ring {
  /** Length of an identifier in bits. */
  readonly bits: number;
  /** How many identifiers there are: 2^bits. */
  readonly size: number;
  /** How many keys share one identifier. */
  private readonly keysPerIdentifier: number;

  constructor(bits: number) {
    this.bits = bits;
    this.size = 2 ** bits;
    this.keysPerIdentifier = 2 ** (KEY_BITS - bits);
  }

  /** Steps clockwise from one identifier to another, in [0, size). */
  distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.size;
  }

  /** The identifier `steps` clockwise of `from`; `steps` in [0, size). */
  plus(from: number, steps: number): number {
    const sum = from + steps;
    return sum >= this.size ? sum - this.size : sum;
  }

  /** Whether `x` lies in (after, upTo] on the circle. From a point to itself is once around, so everything does. */
  within(x: number, after: number, upTo: number): boolean {
    return after < upTo ? x > after && x <= upTo : x > after || x <= upTo;
  }

  /** Whether `x` lies in (after, before), both ends excluded. From a point to itself: everything but that point. */
  between(x: number, after: number, before: number): boolean {
    return x !== before && this.within(x, after, before);
  }

  /** The identifier of a key: its top bits. */
  identifierOf(key: Key): number {
    return Math.floor(key / this.keysPerIdentifier);
  }

  /** The smallest key with this identifier. */
  keyOf(identifier: number): Key {
    return identifier * this.keysPerIdentifier;
  }

  /**
   * The identifier of a peer: the top bits of SHA-1 over the six bytes of its address. `place` tells apart a peer's several places on
   * the ring, and `attempt` is raised when an identifier turns out to be taken; either one being above 0 adds their two bytes to what
   * is hashed.
   */
  identifierAt(address: Address, place = 0, attempt = 0): number {
    const bytes = place === 0 && attempt === 0 ? addressBytes : longAddressBytes;
    const high = Math.floor(address / TWO_TO_32);
    bytes[0] = high >>> 8;
    bytes[1] = high;
    bytes[2] = address >>> 24;
    bytes[3] = address >>> 16;
    bytes[4] = address >>> 8;
    bytes[5] = address;
    if (bytes === longAddressBytes) {
      bytes[6] = place;
      bytes[7] = attempt >>> 8;
      bytes[8] = attempt;
    }
    return this.identifierOf(Number.parseInt(hash('sha1', bytes, 'hex').slice(0, KEY_BITS / 4), 16));
  }
}

const addressBytes = new Uint8Array(6);
const longAddressBytes = new Uint8Array(9);
const rings: Ring[] = [];

/** The ring with identifiers of `bits` bits; one object for all who ask. */
export function ringOf(bits: number): Ring {
  rings[bits] ??= new Ring(bits);
  return rings[bits];
}

/** The exponent of the largest power of two that is at most `x`, for whole `x` in [1, 2^53). `Math.log2` rounds 2^48 - 1 up to 48. */
export function floorLog2(x: number): number {
  return x < TWO_TO_32 ? 31 - Math.clz32(x) : 63 - Math.clz32(Math.floor(x / TWO_TO_32));
}

/**
 * The places of `identifiers` (each below 2^48) in ascending order of identifier, equal ones in ascending place: a radix sort over
 * 16-bit digits, because a million of them are sorted at the start of a run in every shard.
 */
export function ascending(identifiers: Float64Array, bits: number): Uint32Array {
  let order = Uint32Array.from(identifiers, (_, place) => place);
  let other = new Uint32Array(identifiers.length);
  const starts = new Uint32Array(65537);
  for (let unit = 1; unit < 2 ** bits; unit *= 65536) {
    starts.fill(0);
    for (let i = 0; i < identifiers.length; i++) starts[(Math.floor(identifiers[i] / unit) % 65536) + 1]++;
    for (let digit = 1; digit <= 65536; digit++) starts[digit] += starts[digit - 1];
    for (let i = 0; i < order.length; i++) other[starts[Math.floor(identifiers[order[i]] / unit) % 65536]++] = order[i];
    [order, other] = [other, order];
  }
  return order;
}
