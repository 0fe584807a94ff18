/**
 * One end of a connection: what a protocol holds as `Connection`, and what the transport keeps of it. There may be a dozen of these per
 * peer, most of them idle, so an end holds little; a `Flow` is made when it first has more to send than a window, loses something, or
 * gets something out of order.
 */

import { Congestion } from '../network/congestion.js';
import type { Turn } from '../network/fair-queue.js';
import type { Address, Connection, ConnectOptions, Message } from '../protocol.js';
import type { Session } from './session.js';
import { Timed } from './timed.js';

/** Where an end is in its life. */
export const CONNECTING = 0; // it asked, and waits for an answer
export const ANSWERED = 1; // it was asked and answered, and waits to hear that the answer arrived
export const OPEN = 2;
export const CLOSING = 3; // this side closed; what was sent is still on its way
export const GONE = 4;

/** Above this, `writable` is false; at half of it, `onDrain`. In bytes. */
export const HIGH_WATER_BYTES = 64 * 1024;

/** Microseconds while a handshake is timed: modulo this. */
const TIMED_MASK = 0x3fffffff;

/** Fields are in the order in which they are needed, so that a message that comes or goes touches few cache lines. */
export class End implements Connection {
  readonly session: Session;
  /** Of this end, and of the other (0: not known yet); see ends.ts. */
  id = 0;
  state: number;
  /** The other side's peer; -1 until it is known. */
  otherPeer = -1;
  otherId = 0;
  /** Bytes of the stream so far, modulo 2^32. */
  received = 0;
  /** Bytes received of which the other side was not told yet. */
  unreported = 0;
  sent = 0;
  /** Bytes sent of which nothing was heard yet. */
  flight = 0;
  flow: Flow | null = null;
  /** Of an end that was open from the start, a guess until something comes from there. */
  remote: Address;
  /** Round trip in us: an integer, because a fraction would be an object of its own. Negative: not known yet, but timed since then. */
  roundTripUs = 0;
  readonly incoming: boolean;
  tag: unknown;
  readonly options: ConnectOptions | null;
  /** In the list of the session's ends. */
  next: End | null = null;
  previous: End | null = null;

  constructor(session: Session, remote: Address, incoming: boolean, options: ConnectOptions | null) {
    this.session = session;
    this.remote = remote;
    this.incoming = incoming;
    this.options = options;
    this.tag = options?.tag;
    this.state = incoming ? ANSWERED : CONNECTING;
  }

  /** The handshake begins, or has its answer. */
  startTiming(nowMs: number): void {
    this.roundTripUs = ~(Math.round(nowMs * 1000) & TIMED_MASK);
  }

  stopTiming(nowMs: number): void {
    if (this.isTimed) this.roundTripMs = this.timedMs(nowMs);
  }

  get isTimed(): boolean {
    return this.roundTripUs < 0;
  }

  /** Since timing began; not for more than a quarter of an hour. */
  timedMs(nowMs: number): number {
    return ((Math.round(nowMs * 1000) - ~this.roundTripUs) & TIMED_MASK) / 1000;
  }

  get roundTripMs(): number {
    return Math.max(0, this.roundTripUs) / 1000;
  }

  set roundTripMs(value: number) {
    this.roundTripUs = Math.round(value * 1000);
  }

  get open(): boolean {
    return this.state === OPEN;
  }

  get bufferedBytes(): number {
    return this.flow === null ? 0 : this.flow.bufferedBytes;
  }

  get writable(): boolean {
    return this.state === OPEN && this.bufferedBytes <= HIGH_WATER_BYTES;
  }

  send<M extends Message>(message: M): boolean {
    return this.session.shard.transport.send(this, message);
  }

  close(): void {
    this.session.shard.transport.close(this);
  }

  reset(): void {
    this.session.shard.transport.reset(this);
  }
}

/** Something to be sent: a message, or the end of the stream. */
export interface Outgoing {
  readonly what: number;
  readonly message: Message | null;
  readonly type: number;
  readonly cause: number;
  readonly bytes: number;
  readonly writtenMs: number;
}

/** A part of the stream that was sent and lost. */
export interface Lost {
  readonly what: number;
  readonly offset: number;
  readonly length: number;
  readonly message: Message | null;
  readonly type: number;
  readonly cause: number;
  readonly writtenMs: number;
  readonly sequence: number;
  readonly sentMs: number;
  /** Segments sent after it that have arrived. */
  later: number;
}

export class Flow implements Turn {
  readonly end: End;
  readonly congestion = new Congestion();
  /** Messages to be sent, from `first` on; `done` bytes of the first one have been. */
  readonly queue: Outgoing[] = [];
  first = 0;
  done = 0;
  bufferedBytes = 0;
  /** Whether the protocol was told to wait. */
  full = false;
  /** Whether it is to be told that it may go on. */
  drained = false;
  /** Lost, in order of sending, and not noticed yet; and noticed, to be sent again. */
  lost: Lost[] = [];
  resend: Lost[] = [];
  /** Records that came before their turn, in order of their bytes. */
  readonly early: number[] = [];
  /** Segments under way whose round trip is to be measured. */
  readonly timed = new Timed();
  lastSentMs = 0;
  /** Since when nothing gets through; -1: it does. */
  stalledMs = -1;
  /** When the retransmission timer is due; Infinity: it is not set. */
  timerMs = Infinity;
  deficitBytes = 0;
  queued = false;
  fresh = false;

  constructor(end: End) {
    this.end = end;
    if (end.roundTripMs > 0) this.congestion.measured(end.roundTripMs);
  }

  /** Nothing to send, now or again. */
  get quiet(): boolean {
    return this.first === this.queue.length && this.resend.length === 0;
  }
}
