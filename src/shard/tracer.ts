/**
 * Follows one operation through a shard: every message that is sent on its behalf, with what was being handled at that moment. Causes say
 * for which operation something happens; the tracer adds because of what. What each step is called must be the same in the shard where
 * it begins and where it ends, so steps go by numbers that travel with the packets.
 */

import {
  CAUSE,
  DESTINATION,
  END,
  type EventQueue,
  FROM_END,
  KIND,
  LENGTH,
  OFFSET,
  SEQUENCE,
  SOURCE,
  U32_STRIDE,
} from '../kernel/event-queue.js';
import { CAUSE_BITS } from '../metrics/meter.js';
import type { BegunStep, EndedStep, TraceRecord } from '../metrics/operation-trace.js';
import type { Message } from '../protocol.js';
import type { End } from './connection.js';
import { BOUNCE, KIND_BITS, KIND_MASK, SEGMENT } from './event-kinds.js';
import { LENGTH_MASK } from './wire.js';

/** Steps kept in a shard. */
const MOST_STEPS = 500_000;
const PLAIN = { type: '', ttl: null, onConnection: false, isLive: false };

export class Tracer {
  /** What is being handled now, if it is of this operation. Whoever hands something to a protocol says so first. */
  current: string | null = null;
  /** Messages of the operation that have come to an end here. */
  messagesEnded = 0;
  private readonly begun: BegunStep[] = [];
  private readonly ended: EndedStep[] = [];
  private left = 0;
  private readonly operation: number;
  private readonly queue: EventQueue;
  private readonly clock: Float64Array;
  private readonly types: readonly string[];

  constructor(operation: number, given: { readonly queue: EventQueue; readonly clock: Float64Array; readonly types: readonly string[] }) {
    this.operation = operation;
    this.queue = given.queue;
    this.clock = given.clock;
    this.types = given.types;
  }

  report(): TraceRecord {
    return { begun: this.begun, ended: this.ended, left: this.left };
  }

  /** An operation is about to be begun. */
  asks(operation: number, peer: number): void {
    this.current = null;
    if (operation !== this.operation) return;
    this.begin({ ...PLAIN, kind: 'operation', key: 'operation', from: peer, to: peer });
    this.current = 'operation';
  }

  /** An operation was told of a provider. */
  found(operation: number, origin: number, provider: number, isLive: boolean): void {
    if (operation !== this.operation) return;
    this.begin({ ...PLAIN, kind: 'found', key: `found ${provider}`, from: origin, to: provider, isLive });
    this.end(`found ${provider}`, origin, 0);
  }

  /** A datagram leaves; its record is filled. @param to the peer it is for; -1: nobody */
  sent(id: number, to: number): void {
    const at = id * U32_STRIDE;
    const { u32, payloads } = this.queue;
    if (u32[at + CAUSE] >>> CAUSE_BITS !== this.operation) return;
    this.message(datagram(u32[at + SOURCE], u32[at + SEQUENCE]), u32[at + SOURCE], to, payloads[id], u32[at + KIND] >>> KIND_BITS, false);
  }

  /** A connection takes a message, which will end at this byte of its stream. */
  written(end: End, offset: number, message: Message, type: number, cause: number): void {
    if (cause >>> CAUSE_BITS !== this.operation) return;
    const from = end.session.index;
    this.message(streamed(from, end.id, offset), from, end.otherPeer, message, type, true);
  }

  delivered(id: number, receiver: number): void {
    this.current = null;
    if (this.queue.u32[id * U32_STRIDE + CAUSE] >>> CAUSE_BITS !== this.operation) return;
    this.current = this.keyOf(id);
    this.endMessage(this.current, receiver, 0);
  }

  dropped(id: number, verdict: number): void {
    const at = id * U32_STRIDE;
    if (this.queue.u32[at + CAUSE] >>> CAUSE_BITS !== this.operation) return;
    this.endMessage(this.keyOf(id), this.queue.u32[at + DESTINATION] | 0, verdict);
  }

  abandoned(end: End, offset: number, cause: number, verdict: number): void {
    if (cause >>> CAUSE_BITS !== this.operation) return;
    this.endMessage(streamed(end.session.index, end.id, offset), end.otherPeer, verdict);
  }

  /** A timer that fires once is set; its record is filled. */
  timerSet(peer: number, sequence: number, cause: number): void {
    if (cause >>> CAUSE_BITS !== this.operation) return;
    this.begin({ ...PLAIN, kind: 'timer', key: timer(peer, sequence), from: peer, to: peer });
  }

  timerFires(id: number): void {
    const at = id * U32_STRIDE;
    const { u32 } = this.queue;
    this.current = null;
    if (u32[at + CAUSE] >>> CAUSE_BITS !== this.operation) return;
    this.current = timer(u32[at + DESTINATION], u32[at + SEQUENCE]);
    this.end(this.current, u32[at + DESTINATION], 0);
  }

  /** A peer asks for a connection. @param other whom, as far as the address says */
  connects(end: End, cause: number, other: number): void {
    if (cause >>> CAUSE_BITS !== this.operation) return;
    this.begin({ ...PLAIN, kind: 'connection', key: connection(end), from: end.session.index, to: other });
  }

  /** A protocol is told of a connection: that it is open, has ended, or takes more. */
  calls(end: End, method: string, cause: number): void {
    this.current = null;
    if (cause >>> CAUSE_BITS !== this.operation) return;
    this.current = connection(end);
    if (method === 'onOpen') this.end(this.current, end.otherPeer, 0);
  }

  private message(key: string, from: number, to: number, message: unknown, type: number, onConnection: boolean): void {
    const ttl = (message as { readonly ttl?: unknown } | null)?.ttl;
    this.begin({
      kind: 'message',
      key,
      from,
      to,
      type: this.types[type],
      ttl: typeof ttl === 'number' ? ttl : null,
      onConnection,
      isLive: false,
    });
  }

  private begin(step: Omit<BegunStep, 'parent' | 'atMs'>): void {
    if (this.begun.length < MOST_STEPS) this.begun.push({ ...step, parent: this.current, atMs: this.clock[0] });
    else this.left++;
  }

  private endMessage(key: string, peer: number, verdict: number): void {
    this.messagesEnded++;
    this.end(key, peer, verdict);
  }

  private end(key: string, peer: number, verdict: number): void {
    if (this.ended.length < MOST_STEPS) this.ended.push({ key, atMs: this.clock[0], peer, verdict });
  }

  /** Of the message in a record. What came back from where it was lost has its ends exchanged. */
  private keyOf(id: number): string {
    const at = id * U32_STRIDE;
    const { u32 } = this.queue;
    const isBack = (u32[at + KIND] & KIND_MASK) === BOUNCE;
    if (!isBack && (u32[at + KIND] & SEGMENT) === 0) return datagram(u32[at + SOURCE], u32[at + SEQUENCE]);
    const offset = u32[at + OFFSET] + (u32[at + LENGTH] & LENGTH_MASK);
    return streamed(u32[at + (isBack ? DESTINATION : SOURCE)], u32[at + (isBack ? END : FROM_END)], offset);
  }
}

const datagram = (from: number, sequence: number) => `datagram ${from} ${sequence}`;
const streamed = (from: number, end: number, offset: number) => `stream ${from} ${end} ${offset >>> 0}`;
const timer = (peer: number, sequence: number) => `timer ${peer} ${sequence}`;
/** By the end of who asked for it. */
const connection = ({ incoming, otherPeer, otherId, session, id }: End) =>
  incoming ? `connection ${otherPeer} ${otherId}` : `connection ${session.index} ${id}`;
