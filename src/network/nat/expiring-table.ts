/**
 * A set of keys of three words, each with a time at which it ends: who may answer whom through which gateway. A hash table with open
 * addressing in one typed array, for it is asked about every packet and may hold millions.
 *
 * Nothing scans for what has ended. An entry found dead counts as absent and is used again when its key is; all dead ones are left
 * behind when the table has filled up and is copied. An entry takes 24 bytes; 3/8 to 3/4 of the places are taken after the first copy
 * (dead ones included), so 32 to 64 bytes per entry, 43 on average.
 */

import { hashOf } from './hash.js';

/** Words per entry: three of the key, one spare, and two that are a double: the time of the end. */
const WORDS = 6;
const FIRST_CAPACITY = 64;

/** What `find` gives when there is no such entry alive. */
export const NONE = -1;

export class ExpiringTable {
  /** Places taken, by entries alive or dead. */
  used = 0;
  /** When entries end, in ms; -Infinity in empty places. The same memory as `words`. */
  private ends: Float64Array;
  private words: Int32Array;
  private mask: number;
  private readonly clock: Float64Array;

  /** @param clock one element: the time now, in ms */
  constructor(clock: Float64Array) {
    this.clock = clock;
    this.mask = FIRST_CAPACITY - 1;
    this.ends = places(FIRST_CAPACITY);
    this.words = new Int32Array(this.ends.buffer);
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  /** This key's entry, good until the next `claim`; NONE if there is none alive. Words of keys are signed 32-bit integers. */
  find(a: number, b: number, c: number): number {
    const { words, mask } = this;
    for (let slot = hashOf(a, b, c) & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      const end = slot * (WORDS / 2) + 2;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c) {
        if (this.ends[end] > this.clock[0]) return end;
        // Only an empty place or the key's own dead entry: either way it is not here.
        return NONE;
      }
      if (this.ends[end] === -Infinity) return NONE;
    }
  }

  /** This key's entry, alive or dead or new; `extend` is to follow. */
  claim(a: number, b: number, c: number): number {
    for (;;) {
      const { words, mask } = this;
      for (let slot = hashOf(a, b, c) & mask; ; slot = (slot + 1) & mask) {
        const at = slot * WORDS;
        const end = slot * (WORDS / 2) + 2;
        if (this.ends[end] === -Infinity) {
          if (this.used * 4 >= (mask + 1) * 3) break;
          this.used++;
          words[at] = a;
          words[at + 1] = b;
          words[at + 2] = c;
          this.ends[end] = 0;
          return end;
        }
        if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return end;
      }
      this.copy();
    }
  }

  /** When the entry ends, in ms. */
  endOf(entry: number): number {
    return this.ends[entry];
  }

  /** The entry ends so many ms from now, or later if that was so before. */
  extend(entry: number, lifetimeMs: number): void {
    const end = this.clock[0] + lifetimeMs;
    if (this.ends[entry] < end) this.ends[entry] = end;
  }

  /** The entry ends now. */
  end(entry: number): void {
    this.ends[entry] = this.clock[0];
  }

  /** Into a table where the living take 3/8 of the places at most. */
  private copy(): void {
    const { words, ends, mask } = this;
    const now = this.clock[0];
    let alive = 0;
    for (let end = 2; end < ends.length; end += WORDS / 2) if (ends[end] > now) alive++;
    let capacity = FIRST_CAPACITY;
    while (alive * 8 > capacity * 3) capacity *= 2;
    this.mask = capacity - 1;
    this.ends = places(capacity);
    this.words = new Int32Array(this.ends.buffer);
    this.used = 0;
    for (let slot = 0; slot <= mask; slot++) {
      const at = slot * WORDS;
      const end = slot * (WORDS / 2) + 2;
      if (!(ends[end] > now)) continue;
      const entry = this.claim(words[at], words[at + 1], words[at + 2]);
      this.ends[entry] = ends[end];
    }
  }
}

function places(capacity: number): Float64Array {
  const ends = new Float64Array((capacity * WORDS) / 2);
  for (let end = 2; end < ends.length; end += WORDS / 2) ends[end] = -Infinity;
  return ends;
}
