/** The timers of a shard's peers: set, fired, and set again when they are periodic. A timer lives in the event queue until it fires for the last time. */

import { CAUSE, type EventQueue, U32_STRIDE } from '../kernel/event-queue.js';
import { Stream } from '../kernel/random.js';
import { type PeerTable, SEQUENCE as ROW_SEQUENCE, ROW_U32 } from '../network/peer-table.js';
import { Problem } from '../problem.js';
import type { Timer } from '../protocol.js';
import { blame } from './blame.js';
import { TIMER } from './event-kinds.js';
import { MAINTENANCE } from './residents.js';
import type { Session } from './session.js';
import type { Shard } from './shard.js';

export class Timers {
  private readonly shard: Shard;
  private readonly queue: EventQueue;
  private readonly table: PeerTable;

  constructor(shard: Shard, queue: EventQueue, table: PeerTable) {
    this.shard = shard;
    this.queue = queue;
    this.table = table;
  }

  start(session: Session, delayMs: number, periodMs: number, callback: (argument: unknown) => void, argument: unknown): Timer {
    if (!(delayMs >= 0) || !(periodMs >= 0)) {
      throw new Problem(`a timer was set to ${delayMs >= 0 ? periodMs : delayMs} ms: expected 0 or more`, 'protocol-failed');
    }
    if (typeof callback !== 'function') {
      throw new Problem(`a timer was set to call back ${String(callback)}: expected a function`, 'protocol-failed');
    }
    const timer = new ShardTimer(session, periodMs, callback, argument);
    this.push(timer, this.shard.now + delayMs, periodMs > 0 ? MAINTENANCE : this.shard.cause);
    return timer;
  }

  /**
   * Where in its period a timer begins, in [0, 1). From a stream of the moment, so that a peer that only waits for its timers need not
   * hold a stream of its own.
   */
  drawPhase(session: Session): number {
    const sequence = this.table.u32[session.index * ROW_U32 + ROW_SEQUENCE];
    return new Stream(this.shard.seed, session.index, 'timer', sequence).next();
  }

  /** A timer is due. */
  fire(id: number): void {
    const { queue } = this;
    const timer = queue.payloads[id] as ShardTimer;
    this.shard.cause = queue.u32[id * U32_STRIDE + CAUSE];
    if (this.shard.tracer !== null) this.shard.tracer.timerFires(id);
    queue.release(id);
    const { session, callback } = timer;
    if (callback === null || !session.up) return;
    if (timer.periodMs > 0) this.push(timer, this.shard.now + timer.periodMs, MAINTENANCE);
    this.shard.cpu?.begin();
    try {
      callback.call(session.protocol, timer.argument);
    } catch (error) {
      throw blame(this.shard, error, session, `the timer ${callback.name || 'callback'}`);
    }
    this.shard.cpu?.charge(session);
    if (timer.periodMs === 0) timer.stop();
  }

  private push(timer: ShardTimer, time: number, cause: number): void {
    const peer = timer.session.index;
    const sequence = this.table.u32[peer * ROW_U32 + ROW_SEQUENCE]++;
    if (this.shard.tracer !== null) this.shard.tracer.timerSet(peer, sequence, cause);
    this.queue.push(time, peer, peer, sequence, TIMER, cause, 0, this.shard.now, timer);
  }
}

/** What a protocol holds of a timer. */
export class ShardTimer implements Timer {
  readonly session: Session;
  /** 0: fires once. */
  readonly periodMs: number;
  callback: ((argument: unknown) => void) | null;
  argument: unknown;

  constructor(session: Session, periodMs: number, callback: (argument: unknown) => void, argument: unknown) {
    this.session = session;
    this.periodMs = periodMs;
    this.callback = callback;
    this.argument = argument;
  }

  get cancelled(): boolean {
    return this.callback === null;
  }

  /** Lets go of what it would have called; the queue drops it when its time comes. */
  stop(): void {
    this.callback = null;
    this.argument = undefined;
  }
}
