/**
 * The meeting point of the shards at the end of each window, in shared memory. Every shard brings the time of its next event and learns
 * the earliest of all; so they agree on the next window without asking the coordinator. Values are kept twice, for odd and even
 * rounds, so one barrier per round is enough: a fast shard writes round k + 1 while a slow one still reads round k.
 */

const ARRIVED = 0;
const ROUND = 1;
const ABORTED = 2;
const PAUSE = 3; // and 4: by parity
const WORDS = 16;

/** How long a thread looks before it sleeps, in turns of the loop: a few microseconds, less than waking up costs. */
const SPINS = 2_000;

export class Barrier {
  /** Rounds completed. */
  round = 0;
  private readonly shards: number;
  private readonly shard: number;
  private readonly words: Int32Array;
  private readonly times: Float64Array;
  private readonly spins: number;

  constructor(control: SharedArrayBuffer, shard: number, shards: number, cores: number) {
    this.shard = shard;
    this.shards = shards;
    this.words = new Int32Array(control, 0, WORDS);
    this.times = new Float64Array(control, WORDS * 4, shards * 2);
    this.spins = shards <= cores ? SPINS : 0;
  }

  static bytes(shards: number): number {
    return WORDS * 4 + shards * 2 * 8;
  }

  /** Ends the run for everyone, from any thread: whoever waits, or comes later, gets `aborted`. */
  static abort(control: SharedArrayBuffer): void {
    const words = new Int32Array(control, 0, WORDS);
    Atomics.store(words, ABORTED, 1);
    Atomics.add(words, ROUND, 1);
    Atomics.notify(words, ROUND);
  }

  /**
   * Waits for all shards. Shard 0's `pause` counts for everyone. Returns the earliest time of all, and whether to pause; or null when
   * the run was aborted.
   */
  meet(nextMs: number, pause: boolean): { earliestMs: number; pause: boolean } | null {
    const { words } = this;
    const parity = this.round & 1;
    this.times[parity * this.shards + this.shard] = nextMs;
    if (this.shard === 0) Atomics.store(words, PAUSE + parity, pause ? 1 : 0);
    const round = Atomics.load(words, ROUND);
    if (Atomics.load(words, ABORTED) === 1) return null;
    if (Atomics.add(words, ARRIVED, 1) === this.shards - 1) {
      Atomics.store(words, ARRIVED, 0);
      Atomics.add(words, ROUND, 1);
      Atomics.notify(words, ROUND);
    } else {
      for (let spin = 0; spin < this.spins && Atomics.load(words, ROUND) === round; spin++);
      while (Atomics.load(words, ROUND) === round) Atomics.wait(words, ROUND, round);
    }
    if (Atomics.load(words, ABORTED) === 1) return null;
    this.round++;
    let earliestMs = Infinity;
    for (let shard = 0; shard < this.shards; shard++) {
      earliestMs = Math.min(earliestMs, this.times[parity * this.shards + shard]);
    }
    return { earliestMs, pause: Atomics.load(words, PAUSE + parity) === 1 };
  }
}
