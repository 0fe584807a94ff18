/**
 * Requests that wait for an answer: a number to put into the message, and what to remember until the answer or the timeout comes.
 *
 * The protocol's own timeout method is called with the number alone (`peer.after` runs it with the protocol as `this`), so a waiting
 * call costs one small object, one timer and no closure. Numbers begin at a random one: an answer to a question of the peer's former
 * session does not match a question of this one.
 */

import type { Peer, Timer } from '../protocol.js';

/** What is remembered of a request: a protocol's own fields, and what `Calls` keeps there. */
export abstract class Call {
  number = 0;
  timer: Timer | undefined = undefined;
  /** The call opened after this one. */
  next: Call | null = null;
}

/** Request numbers have 32 bits on the wire; 0 is never given, so it can stand for "no answer wanted". */
const NUMBERS = 2 ** 32;

/** The calls of one peer. They hang on each other, oldest first: a peer waits for few answers, and the oldest mostly comes first. */
export class Calls<C extends Call> {
  /** How many calls wait. */
  size = 0;
  private readonly peer: Peer;
  private readonly onTimeout: (number: number) => void;
  private first: Call | null = null;
  private latest: Call | null = null;
  private last: number;
  private tidyAt = 64;

  /** @param onTimeout a method of the protocol; it takes the call with `close` and decides what to do. */
  constructor(peer: Peer, onTimeout: (number: number) => void) {
    this.peer = peer;
    this.onTimeout = onTimeout;
    this.last = peer.random.integer(NUMBERS);
  }

  /** A new call; with `timeoutMs` above 0, `onTimeout` is called with its number unless it is closed by then. */
  open(call: C, timeoutMs: number): number {
    // After four thousand million calls the numbers begin anew; the first ones will have been answered.
    this.last = this.last >= NUMBERS - 1 ? 1 : this.last + 1;
    call.number = this.last;
    if (this.latest === null) this.first = call;
    else this.latest.next = call;
    this.latest = call;
    this.size++;
    if (timeoutMs > 0) call.timer = this.peer.after(timeoutMs, this.onTimeout, this.last);
    return this.last;
  }

  /** The call with this number, which goes on waiting; undefined when it is answered, given up or never was. */
  get(number: number): C | undefined {
    for (let call = this.first; call !== null; call = call.next) if (call.number === number) return call as C;
    return undefined;
  }

  /** Takes a call out: it was answered, or has timed out. Undefined when it is no longer waiting. */
  close(number: number): C | undefined {
    let before: Call | null = null;
    for (let call = this.first; call !== null; call = call.next) {
      if (call.number === number) {
        if (before === null) this.first = call.next;
        else before.next = call.next;
        if (call === this.latest) this.latest = before;
        call.next = null;
        this.size--;
        if (call.timer !== undefined) {
          this.peer.cancel(call.timer);
          call.timer = undefined;
        }
        return call as C;
      }
      before = call;
    }
    return undefined;
  }

  /** Starts the clock of a waiting call again, with another time. */
  rearm(number: number, timeoutMs: number): void {
    const call = this.get(number);
    if (call === undefined) return;
    this.peer.cancel(call.timer);
    call.timer = this.peer.after(timeoutMs, this.onTimeout, number);
  }

  /**
   * For calls opened without a timeout: forgets those that `isStale` gives up. Looks only when their number has doubled since it last
   * looked, so it costs a constant per call.
   */
  tidy(isStale: (call: C) => boolean): void {
    if (this.size < this.tidyAt) return;
    for (let call = this.first; call !== null; ) {
      const { next } = call;
      if (isStale(call as C)) this.close(call.number);
      call = next;
    }
    this.tidyAt = Math.max(64, 2 * this.size);
  }
}
