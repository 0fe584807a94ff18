/**
 * The routing table of Kademlia: contacts in buckets by their XOR distance from oneself, at most k in each (Maymounkov and Mazieres,
 * "Kademlia", IPTPS 2002, sections 2.2 and 2.4, and 4.1 of the long version).
 *
 * A distance is read as digits of `bitsPerHop` bits, from the top. The first digit that is not 0 says how many digits a contact shares
 * with oneself (the level) and in which of the 2^b - 1 other subtrees of that level it is: each is a bucket. With one bit per hop there
 * is a bucket for each power of two.
 *
 * In a bucket the contact not heard of for longest comes first. One that is full takes a newcomer only when another has gone silent,
 * because who has been up for long will be up for longer. Newcomers wait among the bucket's spares. A contact that leaves too many
 * requests in a row unanswered is stale: a spare takes its place, or, when there is none, it stays but is named to nobody until it is
 * heard of again; so a peer whose own line fails does not forget everybody.
 *
 * Buckets are flat arrays of numbers, [identifier, address, ...], because 100,000 peers have 25 million contacts. The unanswered
 * requests are counted above the address's 48 bits, in the five that a double has left.
 */

import type { Address, Random } from '../protocol.js';
import { xorDistance } from './xor.js';

/** Numbers per contact, in buckets and in what `closest` gives. */
export const CONTACT = 2;
const ADDRESSES = 2 ** 48;
/** The largest count that fits. */
export const MOST_UNANSWERED = 31;

export interface KBucketsOptions {
  /** Length of an identifier in bits, at most 48. */
  readonly bits: number;
  /** Contacts in a bucket. */
  readonly k: number;
  /** b: bits of the distance that one hop settles. */
  readonly bitsPerHop: number;
  /** Newcomers remembered for each full bucket. */
  readonly spares: number;
  /** Unanswered requests in a row after which a contact is stale. */
  readonly staleAfter: number;
}

/** What came of hearing from a peer: its bucket is `full` and it is among the spares, or it is oneself (or has one's own identifier). */
export type Heard = 'known' | 'added' | 'full' | 'self';

const EMPTY: readonly number[] = [];

export class KBuckets {
  readonly own: number;
  private readonly options: KBucketsOptions;
  /** Other subtrees on each level. */
  private readonly width: number;
  private readonly buckets: number[][] = [];
  private spares: (number[] | undefined)[] | null = null;

  constructor(own: number, options: KBucketsOptions) {
    this.own = own;
    this.options = options;
    this.width = 2 ** options.bitsPerHop - 1;
  }

  /** Buckets up to and including the nearest that is not empty; they are numbered from the farthest. */
  get length(): number {
    return this.buckets.length;
  }

  /** Contacts, those that are stale included. */
  get size(): number {
    let size = 0;
    for (const bucket of this.buckets) size += bucket.length / CONTACT;
    return size;
  }

  /** The number of the bucket for an identifier, -1 for one's own. */
  bucketOf(identifier: number): number {
    const distance = xorDistance(this.own, identifier);
    if (distance === 0) return -1;
    let level = 0;
    while (distance < this.unit(level)) level++;
    return this.numberOf(level, Math.floor(distance / this.unit(level)));
  }

  /** The contacts of a bucket as [identifier, address, ...], the one not heard of for longest first, those that are stale included. */
  contacts(number: number): number[] {
    return (this.buckets[number] ?? EMPTY).map((value, i) => (i % CONTACT === 0 ? value : value % ADDRESSES));
  }

  /** The spares of a bucket, the last heard of at the end. */
  sparesOf(number: number): readonly number[] {
    return this.spares?.[number] ?? EMPTY;
  }

  /** Addresses of all contacts that are not stale. */
  *addresses(): Iterable<Address> {
    for (const bucket of this.buckets) for (let i = 1; i < bucket.length; i += CONTACT) if (!this.isStale(bucket[i])) yield bucket[i];
  }

  /** A peer has sent something: it is the last heard of in its bucket, if it is in it or can be. */
  heard(identifier: number, address: Address): Heard {
    const number = this.bucketOf(identifier);
    if (number < 0) return 'self';
    while (this.buckets.length <= number) this.buckets.push([]);
    const bucket = this.buckets[number];
    const at = placeOf(bucket, address);
    if (at >= 0) {
      for (let i = at; i + CONTACT < bucket.length; i++) bucket[i] = bucket[i + CONTACT];
      bucket[bucket.length - 2] = identifier;
      bucket[bucket.length - 1] = address; // nothing is unanswered any more
      return 'known';
    }
    if (bucket.length >= this.options.k * CONTACT) {
      const stale = this.stalePlace(bucket);
      if (stale < 0) {
        this.spare(number, identifier, address);
        return 'full';
      }
      bucket.splice(stale, CONTACT);
    }
    bucket.push(identifier, address);
    return 'added';
  }

  /** The contact of this bucket that was not heard of for longest, as [identifier, address]; undefined when it is empty. */
  leastRecent(number: number): readonly [number, Address] | undefined {
    const bucket = this.buckets[number];
    return bucket === undefined || bucket.length === 0 ? undefined : [bucket[0], bucket[1] % ADDRESSES];
  }

  /** A contact has left so many requests unanswered. */
  silent(identifier: number, address: Address, requests: number): void {
    const number = this.bucketOf(identifier);
    const bucket = this.buckets[number];
    const at = bucket === undefined ? -1 : placeOf(bucket, address);
    if (at < 0) {
      this.dropSpare(number, address);
      return;
    }
    const unanswered = Math.min(Math.floor(bucket[at + 1] / ADDRESSES) + requests, MOST_UNANSWERED);
    bucket[at + 1] = address + unanswered * ADDRESSES;
    if (this.isStale(bucket[at + 1]) && this.sparesOf(number).length > 0) this.evict(identifier, address);
  }

  /** Takes a contact out. The spare heard of last takes its place, if there is one. */
  evict(identifier: number, address: Address): void {
    const number = this.bucketOf(identifier);
    const bucket = this.buckets[number];
    const at = bucket === undefined ? -1 : placeOf(bucket, address);
    if (at < 0) return;
    bucket.splice(at, CONTACT);
    const spares = this.spares?.[number];
    if (spares === undefined || spares.length === 0) return;
    const [spare, its] = spares.splice(spares.length - CONTACT, CONTACT);
    bucket.push(spare, its);
  }

  /** Up to `count` contacts that are not stale as [identifier, address, ...], in rising distance from `target`, without `except`. */
  closest(target: number, count: number, except: Address = 0): number[] {
    const found: number[] = [];
    const { width } = this;
    const most = count * CONTACT;
    const distance = xorDistance(this.own, target);
    const levels = Math.ceil(this.buckets.length / width);
    // A contact of a subtree differs from the target by (its digit of the distance) xor (the target's). Those smaller than the target's own
    // digit are nearer than all that is on the levels below, and those greater are farther.
    for (let level = 0; level < levels && found.length < most; level++) {
      const digit = this.digit(distance, level);
      for (let other = 0; other < digit && found.length < most; other++) this.collect(level, digit ^ other, target, most, except, found);
    }
    for (let level = levels - 1; level >= 0 && found.length < most; level--) {
      const digit = this.digit(distance, level);
      for (let other = digit + 1; other <= width && found.length < most; other++) {
        this.collect(level, digit ^ other, target, most, except, found);
      }
    }
    return found;
  }

  /** How many contacts are nearer to `target` than oneself. */
  countCloser(target: number): number {
    const distance = xorDistance(this.own, target);
    let closer = 0;
    for (let level = 0; level * this.width < this.buckets.length; level++) {
      const digit = this.digit(distance, level);
      for (let other = 0; other < digit; other++) {
        closer += (this.buckets[this.numberOf(level, digit ^ other)] ?? EMPTY).length / CONTACT;
      }
    }
    return closer;
  }

  /** A random identifier that belongs into this bucket. */
  randomIn(number: number, random: Random): number {
    const level = Math.floor(number / this.width);
    const unit = this.unit(level);
    const digit = this.width - (number % this.width);
    return xorDistance(this.own, (digit * unit + (random.identifier() % unit)) % 2 ** this.options.bits);
  }

  /** For a converged start: fills an empty bucket. The array becomes the bucket. */
  fill(number: number, contacts: number[]): void {
    while (this.buckets.length <= number) this.buckets.push([]);
    this.buckets[number] = contacts;
  }

  /** The number of the bucket whose contacts have this as their first digit that is not 0. */
  numberOf(level: number, digit: number): number {
    return level * this.width + this.width - digit;
  }

  private digit(distance: number, level: number): number {
    return Math.floor(distance / this.unit(level)) % (this.width + 1);
  }

  /** The value of a level's digit 1: what is below it belongs to later digits. The last digit may have fewer bits. */
  private unit(level: number): number {
    const { bits, bitsPerHop } = this.options;
    return 2 ** Math.max(0, bits - (level + 1) * bitsPerHop);
  }

  private isStale(addressAndCount: number): boolean {
    return addressAndCount >= this.options.staleAfter * ADDRESSES;
  }

  private stalePlace(bucket: readonly number[]): number {
    for (let i = 0; i < bucket.length; i += CONTACT) if (this.isStale(bucket[i + 1])) return i;
    return -1;
  }

  private spare(number: number, identifier: number, address: Address): void {
    if (this.options.spares === 0) return;
    this.spares ??= [];
    this.spares[number] ??= [];
    const spares = this.spares[number];
    const at = placeOf(spares, address);
    if (at >= 0) spares.splice(at, CONTACT);
    else if (spares.length >= this.options.spares * CONTACT) spares.splice(0, CONTACT);
    spares.push(identifier, address);
  }

  private dropSpare(number: number, address: Address): void {
    const spares = this.spares?.[number];
    if (spares === undefined) return;
    const at = placeOf(spares, address);
    if (at >= 0) spares.splice(at, CONTACT);
  }

  /** Appends the contacts of one bucket in rising distance from `target`, up to `most` numbers in all. */
  private collect(level: number, digit: number, target: number, most: number, except: Address, found: number[]): void {
    const bucket = this.buckets[this.numberOf(level, digit)];
    if (bucket === undefined) return;
    const first = found.length;
    for (let i = 0; i < bucket.length; i += CONTACT) {
      const address = bucket[i + 1] % ADDRESSES;
      if (address === except || this.isStale(bucket[i + 1])) continue;
      const distance = xorDistance(bucket[i], target);
      let at = found.length;
      for (; at > first && distances[at - CONTACT] > distance; at -= CONTACT) {
        distances[at] = distances[at - CONTACT];
        found[at] = found[at - CONTACT];
        found[at + 1] = found[at - 1];
      }
      distances[at] = distance;
      found[at] = bucket[i];
      found[at + 1] = address;
    }
    if (found.length > most) found.length = most;
  }
}

/** Distances of what `collect` has found, at the places of their identifiers; made once because every request needs it. */
const distances: number[] = [];

/** Where a contact begins in a flat array, -1 when it is not there. */
function placeOf(contacts: readonly number[], address: Address): number {
  for (let i = 1; i < contacts.length; i += CONTACT) if (contacts[i] % ADDRESSES === address) return i - 1;
  return -1;
}
