/**
 * Who looks on at the messages of a shard, when somebody does: the chronicle of deliveries for `check`, and the observer of a run that
 * is watched. In any other run there are no onlookers, and all of this is one comparison with null.
 */

import type { EventQueue } from '../kernel/event-queue.js';
import type { Message } from '../protocol.js';
import type { Chronicle } from './chronicle.js';
import type { End } from './connection.js';
import type { Observer } from './observer.js';

export class Onlookers {
  private readonly queue: EventQueue;
  private readonly chronicle: Chronicle | null;
  private readonly observer: Observer | null;

  private constructor(queue: EventQueue, chronicle: Chronicle | null, observer: Observer | null) {
    this.queue = queue;
    this.chronicle = chronicle;
    this.observer = observer;
  }

  /** Null when nobody looks on. */
  static of(queue: EventQueue, chronicle: Chronicle | null, observer: Observer | null): Onlookers | null {
    return chronicle === null && observer === null ? null : new Onlookers(queue, chronicle, observer);
  }

  /** A message is delivered; its record is still readable. */
  delivered(id: number, receiver: number): void {
    this.chronicle?.record(this.queue, id, receiver);
    this.observer?.delivered(id, receiver);
  }

  /** The message of this record will not arrive. */
  dropped(id: number, verdict: number): void {
    this.observer?.dropped(id, verdict);
  }

  /** A message that an end of a connection had taken, and that is in no record now, will not arrive. */
  abandoned(end: End, message: Message, type: number, cause: number, writtenMs: number, verdict: number): void {
    this.observer?.abandoned(end, message, type, cause, writtenMs, verdict);
  }
}
