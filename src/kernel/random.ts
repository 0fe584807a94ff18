/**
 * Seeded random streams. A stream is named by (seed, peer, purpose, part), never by when it was made, so adding a peer or a shard
 * changes nobody else's numbers (D3). The generator is sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, a few adds and
 * shifts per number, passes BigCrush.
 */

/** What a stream is for; each purpose has numbers of its own. */
const PURPOSES = {
  protocol: 1,
  network: 2,
  population: 3,
  workload: 4,
  catalogue: 5,
  converge: 6,
  placement: 7,
  timer: 8,
  nat: 9,
  topology: 10,
  fault: 11,
  chaos: 12,
  name: 13,
  word: 14,
  repetition: 15,
} as const;
export type Purpose = keyof typeof PURPOSES;

/** The peer number of streams that belong to the run as a whole. */
export const WHOLE_RUN = 0xffffffff;

const TWO_TO_32 = 4294967296;

/** One stream. Implements `Random` of protocol.ts. The state is held as signed 32-bit integers, which V8 keeps unboxed. */
export class Stream {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  /**
   * @param seed integer in [0, 2^53)
   * @param peer the peer's number (a peer's name is `p` + its number), or WHOLE_RUN
   * @param part tells apart the streams of one purpose: the session, or the number of the draw
   */
  constructor(seed: number, peer: number, purpose: Purpose, part = 0) {
    this.a = mix((seed | 0) ^ 0x9e3779b9, peer);
    this.b = mix(Math.floor(seed / TWO_TO_32) ^ 0x243f6a88, PURPOSES[purpose]);
    this.c = mix(part ^ 0x85ebca6b, this.a ^ this.b);
    this.counter = 1;
    for (let i = 0; i < 12; i++) this.bits();
  }

  /** 32 random bits, as a signed integer. */
  bits(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum;
  }

  next(): number {
    return (this.bits() >>> 0) / TWO_TO_32;
  }

  integer(below: number): number {
    return Math.floor(((this.bits() >>> 0) / TWO_TO_32) * below);
  }

  identifier(): number {
    return (this.bits() >>> 16) * TWO_TO_32 + (this.bits() >>> 0);
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)];
  }

  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return items;
  }
}

/** Two words into one, every bit of both spread over the result (the finaliser of MurmurHash3). */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ Math.imul(b | 0, 0xcc9e2d51), 0x1b873593);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
