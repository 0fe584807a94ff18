/**
 * All mappings of the gateways in this shard. A mapping is one record, found in two ways: outbound by its key (inner endpoint, and the
 * remote one as far as the gateway's behaviour makes mappings depend on it), inbound by its outer port. Both ways are hash indexes of
 * record numbers with open addressing.
 *
 * Nothing scans for what has ended: a mapping found dead counts as absent and its places in the indexes are used again; dead records
 * are left behind when the records have filled up and are copied. A record takes 32 bytes and its places in the indexes 16; half to all
 * of the records are taken after the first copy, so 48 to 96 bytes per mapping, 64 on average. Record numbers hold until the next `add`.
 */

import { NONE } from './expiring-table.js';
import { hashOf } from './hash.js';

/** Words of a record: three of the key, the gateway and transport, the outer port with flags, one spare, a double. */
const WORDS = 8;
const GATEWAY = 3;
const PORT = 4;
const DOUBLES = WORDS / 2;
const END = 3;
/** Set in the word of the port while the mapping is one that was asked for: anybody may use it, and it does not end. */
const STATIC = 1 << 16;
const FIRST_CAPACITY = 32;

export class MappingTable {
  /** Mappings made so far. */
  made = 0;
  /** Records taken, by mappings alive or dead. */
  used = 0;
  private capacity = FIRST_CAPACITY;
  private doubles: Float64Array;
  private words: Int32Array;
  /** By hash of the key, and by hash of gateway and port: the record's number + 1; 0 for none. Twice as many places as records. */
  private byKey: Int32Array;
  private byPort: Int32Array;
  /** By gateway and transport: the record + 1 of the mapping that was found or made last; 0 for none. Most of them have no other. */
  private readonly recent: Int32Array;
  private readonly clock: Float64Array;

  /**
   * @param clock one element: the time now, in ms
   * @param sides gateways, times transports
   */
  constructor(clock: Float64Array, sides = 0) {
    this.clock = clock;
    this.recent = new Int32Array(sides);
    this.doubles = new Float64Array(FIRST_CAPACITY * DOUBLES);
    this.words = new Int32Array(this.doubles.buffer);
    this.byKey = new Int32Array(FIRST_CAPACITY * 2);
    this.byPort = new Int32Array(FIRST_CAPACITY * 2);
  }

  get bytes(): number {
    return this.words.byteLength + this.byKey.byteLength + this.byPort.byteLength;
  }

  /** The record of the mapping with this key; NONE if there is none alive. All words are signed 32-bit integers. */
  find(gateway: number, a: number, b: number, c: number): number {
    const { words } = this;
    let record = this.recent[gateway] - 1;
    const at = record * WORDS;
    if (!(record >= 0 && words[at] === a && words[at + 1] === b && words[at + 2] === c)) {
      record = this.byKey[this.placeOfKey(a, b, c)] - 1;
      this.recent[gateway] = record + 1;
    }
    return record >= 0 && this.doubles[record * DOUBLES + END] > this.clock[0] ? record : NONE;
  }

  /** The record of the mapping that has this outer port; NONE if there is none alive. `gateway` tells transports apart, too. */
  findPort(gateway: number, port: number): number {
    const recent = this.recent[gateway] - 1;
    // It is the port's own record as long as it is alive, and had it first.
    if (recent >= 0 && (this.words[recent * WORDS + PORT] & 0xffff) === port && this.doubles[recent * DOUBLES + END] > this.clock[0])
      return recent;
    const record = this.byPort[this.placeOfPort(gateway, port)] - 1;
    return record >= 0 && this.doubles[record * DOUBLES + END] > this.clock[0] ? record : NONE;
  }

  /**
   * Makes a mapping, which ends at once unless `use` or `setStatic` follows. A mapping alive with the same key is found by its port only
   * from now on; one with the same port must have been dropped.
   */
  add(a: number, b: number, c: number, gateway: number, port: number): number {
    if (this.used === this.capacity) this.copy();
    this.made++;
    const record = this.used++;
    const at = record * WORDS;
    this.words[at] = a;
    this.words[at + 1] = b;
    this.words[at + 2] = c;
    this.words[at + GATEWAY] = gateway;
    this.words[at + PORT] = port;
    this.doubles[record * DOUBLES + END] = -Infinity;
    this.index(record);
    this.recent[gateway] = record + 1;
    return record;
  }

  inner(record: number): number {
    return this.words[record * WORDS];
  }

  innerPort(record: number): number {
    return this.words[record * WORDS + 1] >>> 16;
  }

  port(record: number): number {
    return this.words[record * WORDS + PORT] & 0xffff;
  }

  isStatic(record: number): boolean {
    return (this.words[record * WORDS + PORT] & STATIC) !== 0;
  }

  setStatic(record: number, yes: boolean): void {
    const at = record * WORDS + PORT;
    this.words[at] = yes ? this.words[at] | STATIC : this.words[at] & ~STATIC;
    if (yes) this.doubles[record * DOUBLES + END] = Infinity;
  }

  end(record: number): number {
    return this.doubles[record * DOUBLES + END];
  }

  /** The mapping is used now: it ends so many ms from now. One that was asked for does not end. */
  use(record: number, lifetimeMs: number): void {
    if (!this.isStatic(record)) this.doubles[record * DOUBLES + END] = this.clock[0] + lifetimeMs;
  }

  drop(record: number): void {
    this.doubles[record * DOUBLES + END] = -Infinity;
  }

  private index(record: number): void {
    const at = record * WORDS;
    const { words } = this;
    this.byKey[this.placeOfKey(words[at], words[at + 1], words[at + 2])] = record + 1;
    this.byPort[this.placeOfPort(words[at + GATEWAY], words[at + PORT] & 0xffff)] = record + 1;
  }

  /** Where in `byKey` this key is, or would be. */
  private placeOfKey(a: number, b: number, c: number): number {
    const { byKey, words } = this;
    const mask = byKey.length - 1;
    for (let place = hashOf(a, b, c) & mask; ; place = (place + 1) & mask) {
      if (byKey[place] === 0) return place;
      const at = (byKey[place] - 1) * WORDS;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return place;
    }
  }

  private placeOfPort(gateway: number, port: number): number {
    const { byPort, words } = this;
    const mask = byPort.length - 1;
    for (let place = hashOf(gateway, port, 0) & mask; ; place = (place + 1) & mask) {
      if (byPort[place] === 0) return place;
      const at = (byPort[place] - 1) * WORDS;
      if (words[at + GATEWAY] === gateway && (words[at + PORT] & 0xffff) === port) return place;
    }
  }

  /** The living into records of which they take half at most. */
  private copy(): void {
    const { words, doubles, used } = this;
    const now = this.clock[0];
    let alive = 0;
    for (let record = 0; record < used; record++) if (doubles[record * DOUBLES + END] > now) alive++;
    this.capacity = FIRST_CAPACITY;
    while (alive * 2 > this.capacity) this.capacity *= 2;
    this.doubles = new Float64Array(this.capacity * DOUBLES);
    this.words = new Int32Array(this.doubles.buffer);
    this.byKey = new Int32Array(this.capacity * 2);
    this.byPort = new Int32Array(this.capacity * 2);
    this.used = 0;
    this.recent.fill(0);
    for (let record = 0; record < used; record++) {
      if (!(doubles[record * DOUBLES + END] > now)) continue;
      for (let word = 0; word < WORDS; word++) this.words[this.used * WORDS + word] = words[record * WORDS + word];
      this.index(this.used++);
    }
  }
}
