/**
 * Who looks on at the messages of a shard, when somebody does: the chronicle of deliveries for `check`, the observer of a run that is
 * watched, the tracer of one operation. In any other run there are no onlookers, and all of this is one comparison with null.
 */

import type { EventQueue } from '../kernel/event-queue.js';
import type { Message } from '../protocol.js';
import type { Chronicle } from './chronicle.js';
import type { End, Outgoing } from './connection.js';
import type { Observer } from './observer.js';
import type { Tracer } from './tracer.js';

export class Onlookers {
  private readonly queue: EventQueue;
  private readonly chronicle: Chronicle | null;
  private readonly observer: Observer | null;

  private readonly tracer: Tracer | null;

  private constructor(queue: EventQueue, chronicle: Chronicle | null, observer: Observer | null, tracer: Tracer | null) {
    this.queue = queue;
    this.chronicle = chronicle;
    this.observer = observer;
    this.tracer = tracer;
  }

  /** Null when nobody looks on. */
  static of(queue: EventQueue, chronicle: Chronicle | null, observer: Observer | null, tracer: Tracer | null): Onlookers | null {
    if (chronicle === null && observer === null && tracer === null) return null;
    return new Onlookers(queue, chronicle, observer, tracer);
  }

  /** A datagram leaves; its record is filled but for where it goes. @param to the peer it is for; -1: nobody */
  sent(id: number, to: number): void {
    this.tracer?.sent(id, to);
  }

  /** A connection takes a message, which will end at this byte of its stream. */
  written(end: End, offset: number, message: Message, type: number, cause: number): void {
    this.tracer?.written(end, offset, message, type, cause);
  }

  /** A message is delivered; its record is still readable. */
  delivered(id: number, receiver: number): void {
    this.chronicle?.record(this.queue, id, receiver);
    this.observer?.delivered(id, receiver);
    this.tracer?.delivered(id, receiver);
  }

  /** The message of this record will not arrive. */
  dropped(id: number, verdict: number): void {
    this.observer?.dropped(id, verdict);
    this.tracer?.dropped(id, verdict);
  }

  /** A message that an end of a connection had taken, and that is in no record now, will not arrive. */
  abandoned(end: End, offset: number, lost: Pick<Outgoing, 'message' | 'type' | 'cause' | 'writtenMs'>, verdict: number): void {
    this.observer?.abandoned(end, lost, verdict);
    this.tracer?.abandoned(end, offset, lost.cause, verdict);
  }
}
