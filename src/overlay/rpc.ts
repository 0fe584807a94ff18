/**
 * Requests that wait for an answer: a number to put into the message, and what to remember until the answer or the timeout comes.
 *
 * The protocol's own timeout method is called with the number alone (`peer.after` runs it with the protocol as `this`), so a waiting
 * call costs one small object, one timer and no closure. Numbers begin at a random one: an answer to a question of the peer's former
 * session does not match a question of this one.
 */

import type { Peer, Timer } from '../protocol.js';

/** What is remembered of a request. A protocol adds its own fields; `timer` belongs to `Calls`. */
export interface Call {
  timer: Timer | undefined;
}

/** Request numbers have 32 bits on the wire; 0 is never given, so it can stand for "no answer wanted". */
const NUMBERS = 2 ** 32;

export class Calls<C extends Call> {
  private readonly peer: Peer;
  private readonly onTimeout: (number: number) => void;
  private readonly waiting = new Map<number, C>();
  private last: number;
  private tidyAt = 64;

  /** @param onTimeout a method of the protocol; it takes the call with `close` and decides what to do. */
  constructor(peer: Peer, onTimeout: (number: number) => void) {
    this.peer = peer;
    this.onTimeout = onTimeout;
    this.last = peer.random.integer(NUMBERS);
  }

  /** How many calls wait. */
  get size(): number {
    return this.waiting.size;
  }

  /** A new call; with `timeoutMs` above 0, `onTimeout` is called with its number unless it is closed by then. */
  open(call: C, timeoutMs: number): number {
    do this.last = (this.last + 1) % NUMBERS;
    while (this.last === 0 || this.waiting.has(this.last));
    this.waiting.set(this.last, call);
    if (timeoutMs > 0) call.timer = this.peer.after(timeoutMs, this.onTimeout, this.last);
    return this.last;
  }

  /** The call with this number, which goes on waiting; undefined when it is answered, given up or never was. */
  get(number: number): C | undefined {
    return this.waiting.get(number);
  }

  /** Takes a call out: it was answered, or has timed out. Undefined when it is no longer waiting. */
  close(number: number): C | undefined {
    const call = this.waiting.get(number);
    if (call === undefined) return undefined;
    this.waiting.delete(number);
    if (call.timer !== undefined) {
      this.peer.cancel(call.timer);
      call.timer = undefined;
    }
    return call;
  }

  /** Starts the clock of a waiting call again, with another time. */
  rearm(number: number, timeoutMs: number): void {
    const call = this.waiting.get(number);
    if (call === undefined) return;
    this.peer.cancel(call.timer);
    call.timer = this.peer.after(timeoutMs, this.onTimeout, number);
  }

  /**
   * For calls opened without a timeout: forgets those that `isStale` gives up. Looks only when their number has doubled since it last
   * looked, so it costs a constant per call.
   */
  tidy(isStale: (call: C) => boolean): void {
    if (this.waiting.size < this.tidyAt) return;
    for (const [number, call] of this.waiting) if (isStale(call)) this.close(number);
    this.tidyAt = Math.max(64, 2 * this.waiting.size);
  }
}
