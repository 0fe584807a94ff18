/**
 * Keeping pace with the wall clock (D1): in a run with `clock: wall` an event due at t is handled t / speed after the start, never
 * earlier, and later when the threads cannot keep up. What is late stays late: nothing is left out and time is never set back. Only
 * this file reads the wall clock for what peers see.
 */

/** A clock to keep pace with, in wall ms from any moment, and a way to wait for it. */
export interface WallClock {
  now(): number;
  /** Returns after about so many ms, perhaps a little later. */
  sleep(ms: number): void;
}

/**
 * Wall time in ms since a moment that is the same for all threads of this machine. Monotonic, so that no correction of the date moves
 * it; `performance.now()` would not do, because each thread counts from its own birth.
 */
export function wallMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** A word that nobody else knows, for waiting on. */
const nobodys = new Int32Array(new SharedArrayBuffer(4));

/**
 * Sleeps in the kernel instead of turning in a loop, so that the core is free for others. It wakes about 0.1 ms late (the timer slack
 * of Linux, 50 us, and the way back), which a loop at the end would save, at the price of a core that never rests.
 */
const WALL_CLOCK: WallClock = {
  now: wallMs,
  sleep: (ms) => void Atomics.wait(nobodys, 0, 0, ms),
};

export class WallPace {
  /** Virtual ms per wall ms. */
  readonly speed: number;
  private readonly clock: WallClock;
  private startedAtMs = Number.POSITIVE_INFINITY;

  constructor(speed: number, clock: WallClock = WALL_CLOCK) {
    this.speed = speed;
    this.clock = clock;
  }

  /** The run's time is 0 at this moment of `wallMs`, which all shards are told alike. Until then time stands still. */
  setOff(startedAtMs: number): void {
    this.startedAtMs = startedAtMs;
  }

  /** The time of the run that it is now, in ms; below 0 before it has set off. */
  now(): number {
    return (this.clock.now() - this.startedAtMs) * this.speed;
  }

  /** How far the run may go now: its time, at most `untilMs`. */
  reach(untilMs: number): number {
    return Math.min(this.now(), untilMs);
  }

  /** Sleeps until it is this time of the run, but not past `stopAtMs` of wall time. */
  wait(untilMs: number, stopAtMs = Number.POSITIVE_INFINITY): void {
    const wakeAtMs = Math.min(this.startedAtMs + untilMs / this.speed, stopAtMs);
    if (wakeAtMs === Number.POSITIVE_INFINITY) throw new Error('waiting for ever: the run has not set off');
    for (let left = wakeAtMs - this.clock.now(); left > 0; left = wakeAtMs - this.clock.now()) this.clock.sleep(left);
  }
}
