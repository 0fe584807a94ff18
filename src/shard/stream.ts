/**
 * The bytes of connections: cut into segments, sent as far as window and uplink allow, acknowledged, sent again when lost, and handed
 * over in order. A message's object travels with its last segment; the bytes before it are only counted.
 */

import {
  CAUSE,
  END,
  type EventQueue,
  F64_STRIDE,
  FROM_END,
  KIND,
  LENGTH,
  OFFSET,
  PORTS,
  SENT_AT,
  SEQUENCE,
  SIZE,
  SOURCE,
  TIME,
  U32_STRIDE,
} from '../kernel/event-queue.js';
import { FIRST_TIMEOUT_MS, INITIAL_WINDOW_BYTES, LEAST_PATIENCE_MS, SEGMENT_BYTES } from '../network/congestion.js';
import { DROPPED_NO_CONNECTION } from '../network/network.js';
import { type PeerTable, SEQUENCE as ROW_SEQUENCE, ROW_U32 } from '../network/peer-table.js';
import type { Message } from '../protocol.js';
import { type Sender, Uplinks } from './access-queues.js';
import { CLOSING, type End, Flow, GONE, HIGH_WATER_BYTES, OPEN, type Outgoing } from './connection.js';
import { KIND_BITS, MESSAGE_ARRIVING, SEGMENT } from './event-kinds.js';
import type { Mail } from './mail.js';
import { Recovery } from './recovery.js';
import { ACK, ACK_ME, AGAIN, DATA, FIN, flagged, isStream, PROBE, REPORT_TIMER, RESEND_TIMER, whatOf } from './segments.js';
import type { Shard } from './shard.js';
import type { Transport } from './transport.js';
import { LENGTH_MASK, type Wire } from './wire.js';

/** Largest message on a connection, in bytes: its size must be exact in a double, and nobody sends more. */
const MAX_MESSAGE_BYTES = 2 ** 40;

export class Stream implements Sender {
  readonly uplinks: Uplinks;
  readonly recovery: Recovery;
  private readonly transport: Transport;
  private readonly shard: Shard;
  private readonly wire: Wire;
  private readonly mail: Mail;
  private readonly queue: EventQueue;
  private readonly table: PeerTable;
  private readonly clock: Float64Array;
  private readonly headerBytes: number;

  constructor(
    transport: Transport,
    shard: Shard,
    given: { wire: Wire; mail: Mail; queue: EventQueue; table: PeerTable; headerBytes: number },
  ) {
    this.transport = transport;
    this.shard = shard;
    this.wire = given.wire;
    this.mail = given.mail;
    this.queue = given.queue;
    this.table = given.table;
    this.clock = shard.clock;
    this.headerBytes = given.headerBytes;
    this.uplinks = new Uplinks(this.clock, given.wire.network, this.queue, this.table, this);
    this.recovery = new Recovery(this, transport, this.table, this.clock);
  }

  /** A protocol sends a message; returns `writable`. */
  write(end: End, message: Message): boolean {
    const { mail } = this;
    const type = mail.codec.typeOf(message);
    const bytes = Math.max(1, mail.sizeOf(message, type, MAX_MESSAGE_BYTES)); // a place in the stream needs a byte
    const { cause } = this.shard;
    this.shard.meter.countSent(type, cause, bytes + Math.ceil(bytes / SEGMENT_BYTES) * this.headerBytes);
    mail.inFlight++;
    this.transport.books.writtenBytes += bytes;
    const sealed = mail.seal(message, type);
    const now = this.clock[0];
    if (mail.onlookers !== null) mail.onlookers.written(end, end.sent + end.bufferedBytes + bytes, message, type, cause);
    if (end.flow !== null) this.restartAfterIdleness(end, end.flow);
    const windowBytes = end.flow === null ? INITIAL_WINDOW_BYTES : end.flow.congestion.windowBytes;
    if (bytes <= SEGMENT_BYTES && end.flight + bytes <= windowBytes && (end.flow === null || end.flow.quiet)) {
      // What is small goes at once, and is acknowledged when there is more of it.
      const flags = end.flight + bytes > windowBytes / 2 ? ACK_ME : 0;
      this.transmit(end, DATA, bytes, flags, sealed, type, cause, now);
      return true;
    }
    this.enqueue(end, { what: DATA, message: sealed, type, cause, bytes, writtenMs: now });
    return end.writable;
  }

  /** This side sends no more: says so after what was written. */
  finish(end: End): void {
    if (end.flow === null || end.flow.quiet) this.transmit(end, FIN, 0, ACK_ME, null, 0, this.shard.cause, this.clock[0]);
    else this.enqueue(end, { what: FIN, message: null, type: 0, cause: this.shard.cause, bytes: 0, writtenMs: this.clock[0] });
  }

  /** Asks for a sign of life. */
  probe(end: End): void {
    if (end.flow === null || (end.flow.quiet && end.flow.lost.length === 0))
      this.transmit(end, PROBE, 0, ACK_ME, null, 0, this.shard.cause, this.clock[0]);
  }

  nextBytes(flow: Flow): number {
    const { end, congestion } = flow;
    if (end.state === GONE) return 0;
    let bytes: number;
    if (flow.resend.length > 0) bytes = flow.resend[0].length;
    else if (flow.first < flow.queue.length) bytes = Math.min(SEGMENT_BYTES, flow.queue[flow.first].bytes - flow.done);
    else return 0;
    // Where segments have no headers those without payload weigh nothing, and are to be sent all the same.
    // And when nothing that is out was to be acknowledged, waiting would be for ever.
    const mayGo = end.flight + bytes <= congestion.windowBytes || end.flight === 0 || flow.timed.isEmpty;
    return mayGo ? Math.max(1, bytes + this.headerBytes) : 0;
  }

  sendNext(flow: Flow): void {
    const { end } = flow;
    const again = flow.resend.shift();
    if (again !== undefined) {
      this.transport.books.resent++;
      this.transmit(end, again.what, again.length, ACK_ME, again.message, again.type, again.cause, again.writtenMs, again.offset);
      return;
    }
    const outgoing = flow.queue[flow.first];
    const bytes = Math.min(SEGMENT_BYTES, outgoing.bytes - flow.done);
    flow.done += bytes;
    flow.bufferedBytes -= bytes;
    const isLast = flow.done === outgoing.bytes;
    if (isLast) {
      flow.done = 0;
      flow.first++;
      if (flow.first === flow.queue.length) {
        flow.queue.length = 0;
        flow.first = 0;
      } else if (flow.first > 256) {
        flow.queue.splice(0, flow.first);
        flow.first = 0;
      }
    }
    const { type, cause, writtenMs } = outgoing;
    this.transmit(end, outgoing.what, bytes, ACK_ME, isLast ? outgoing.message : null, type, cause, writtenMs);
    if (flow.full && flow.bufferedBytes <= HIGH_WATER_BYTES / 2) {
      flow.full = false;
      // From an event of its own, because this may be in the middle of a protocol's `send`.
      this.transport.plan(end, 0, RESEND_TIMER, end, cause);
      flow.drained = true;
    }
  }

  /** A segment of the stream is here: in order, early, or a second time. The record is this method's. */
  receive(end: End, id: number, what: number, receiver: number): void {
    const at = id * U32_STRIDE;
    const { u32 } = this.queue;
    const length = u32[at + LENGTH] & LENGTH_MASK;
    const ahead = (u32[at + OFFSET] - end.received) | 0;
    const sequence = u32[at + SEQUENCE];
    const wantsAck = (u32[at + LENGTH] & ACK_ME) !== 0;
    this.shard.cause = u32[at + CAUSE];
    end.unreported += length;
    if (what === PROBE) {
      // It has no bytes, so it has no turn.
      this.report(end, sequence);
      this.queue.release(id);
      return;
    }
    if (ahead !== 0) {
      if (ahead < 0) throw new Error(`a segment of p${u32[at + SOURCE]} came twice (seed ${this.shard.seed})`);
      this.keepEarly(end, id);
      this.report(end, sequence);
      return;
    }
    if (wantsAck && what !== FIN) this.report(end, sequence);
    this.accept(end, id, what, length, receiver);
    const early = end.flow?.early;
    while (early !== undefined && early.length > 0 && end.state !== GONE) {
      const next = early[0];
      const place = next * U32_STRIDE;
      if (this.queue.u32[place + OFFSET] !== end.received >>> 0) break;
      early.shift();
      this.queue.f64[next * F64_STRIDE + TIME] = this.clock[0];
      const word = this.queue.u32[place + LENGTH];
      this.accept(end, next, whatOf(word), word & LENGTH_MASK, receiver);
    }
  }

  /** So many bytes of this end's have arrived, the segment `sequence` last. */
  acknowledged(end: End, bytes: number, sequence: number): void {
    if (end.state === GONE) return;
    const flight = end.flight;
    end.flight = Math.max(0, flight - bytes);
    const { flow } = end;
    if (flow === null) return;
    flow.stalledMs = flow.lost.length > 0 || flow.resend.length > 0 ? this.clock[0] : -1;
    if (sequence === 0)
      flow.timed.clear(); // a repeated report: of all that has come
    else this.measure(end, flow, sequence);
    const next = this.table.u32[end.session.index * ROW_U32 + ROW_SEQUENCE];
    flow.congestion.acknowledged(bytes, sequence, next, flight);
    if (flow.lost.length > 0) this.recovery.notice(end, flow, sequence, next, flight);
    if (!flow.quiet) this.uplinks.want(flow);
  }

  /**
   * Tells the other side what has arrived since it was last told.
   * @param sequence number of the segment that was last
   * @param last whether that was the end of the stream
   * @param waitMs until it is repeated when it cannot leave
   */
  report(end: End, sequence: number, last = false, waitMs = this.patienceMs(end)): void {
    const bytes = Math.min(end.unreported, LENGTH_MASK);
    const flags = bytes | (last ? AGAIN : 0);
    const verdict = this.transport.control(end.session.index, end.remote, ACK, end.otherId, end.id, sequence, flags);
    if (verdict >= 0) end.unreported -= bytes;
    // Unless a later one makes up for it, the sender would have repeated what it was not told about, and been told then.
    else this.transport.plan(end, waitMs, REPORT_TIMER, { end, waitMs });
  }

  /** An acknowledgement did not arrive. */
  reportAgain(end: End, bytes: number): void {
    end.unreported += bytes;
    const waitMs = this.patienceMs(end);
    this.transport.plan(end, waitMs, REPORT_TIMER, { end, waitMs });
  }

  /** The end is gone: what it had not sent, or had sent in vain, or not handed over, is lost. */
  discardAll(end: End): void {
    const { flow } = end;
    if (flow === null) return;
    const { books } = this.transport;
    let offset = end.sent - flow.done;
    for (let i = flow.first; i < flow.queue.length; i++) {
      offset += flow.queue[i].bytes;
      books.lostBytes += flow.queue[i].bytes - (i === flow.first ? flow.done : 0);
      this.abandon(end, offset, flow.queue[i]);
    }
    for (const each of [...flow.lost, ...flow.resend]) {
      books.lostBytes += each.length;
      this.abandon(end, each.offset + each.length, each);
    }
    for (const id of flow.early) this.transport.discard(id);
    flow.queue.length = 0;
    flow.first = 0;
    flow.done = 0;
    flow.bufferedBytes = 0;
    flow.lost = [];
    flow.resend = [];
    flow.early.length = 0;
  }

  /** What an end still had to send, or to send again, is lost with it. */
  private abandon(end: End, offset: number, lost: Pick<Outgoing, 'message' | 'type' | 'cause' | 'writtenMs'>): void {
    if (lost.message === null) return;
    this.mail.onlookers?.abandoned(end, offset, lost, DROPPED_NO_CONNECTION);
    this.mail.drop(DROPPED_NO_CONNECTION);
  }

  /** Messages and bytes that are at the ends and not on their way, for the books. */
  countKept(): { messages: number; bytes: number } {
    let messages = 0;
    let bytes = 0;
    const count = (message: unknown, length: number) => {
      if (message !== null) messages++;
      bytes += length;
    };
    for (const { flow } of this.transport.ends) {
      if (flow === null) continue;
      for (let i = flow.first; i < flow.queue.length; i++)
        count(flow.queue[i].message, flow.queue[i].bytes - (i === flow.first ? flow.done : 0));
      for (const each of flow.lost) count(each.message, each.length);
      for (const each of flow.resend) count(each.message, each.length);
      for (const id of flow.early) this.countRecord(id, count);
    }
    this.transport.downlinks.forEach((id) => {
      this.countRecord(id, count);
    });
    return { messages, bytes };
  }

  /** What a record of a segment carries. */
  countRecord(id: number, count: (message: unknown, bytes: number) => void): void {
    const word = this.queue.u32[id * U32_STRIDE + LENGTH];
    count(this.queue.payloads[id], isStream(whatOf(word)) ? word & LENGTH_MASK : 0);
  }

  private enqueue(
    end: End,
    outgoing: { what: number; message: Message | null; type: number; cause: number; bytes: number; writtenMs: number },
  ) {
    const flow = this.flowOf(end);
    flow.queue.push(outgoing);
    flow.bufferedBytes += outgoing.bytes;
    if (flow.bufferedBytes > HIGH_WATER_BYTES) flow.full = true;
    this.uplinks.want(flow);
  }

  /** What an end has when it is busy; made when first needed. */
  flowOf(end: End): Flow {
    if (end.flow !== null) return end.flow;
    end.flow = new Flow(end);
    // Of less than half a window the other side was not asked to tell: it has long arrived, or is about to.
    if (end.flight <= INITIAL_WINDOW_BYTES / 2) end.flight = 0;
    return end.flow;
  }

  private restartAfterIdleness(end: End, flow: Flow): void {
    if (!flow.quiet || flow.lost.length > 0 || this.clock[0] - flow.lastSentMs <= flow.congestion.timeoutMs) return;
    flow.congestion.restart();
    end.flight = 0;
    flow.timed.clear();
  }

  private transmit(
    end: End,
    what: number,
    length: number,
    flags: number,
    message: Message | null,
    type: number,
    cause: number,
    writtenMs: number,
    offset = end.sent,
  ): void {
    const { queue } = this;
    const source = end.session.index;
    const sequence = this.table.u32[source * ROW_U32 + ROW_SEQUENCE]++;
    const size = length + this.headerBytes;
    const id = queue.allocate(message);
    queue.f64[id * F64_STRIDE + SENT_AT] = writtenMs;
    const at = id * U32_STRIDE;
    const { u32 } = queue;
    u32[at + SOURCE] = source;
    u32[at + SEQUENCE] = sequence;
    u32[at + CAUSE] = cause;
    u32[at + SIZE] = size;
    u32[at + KIND] = MESSAGE_ARRIVING | SEGMENT | (type << KIND_BITS);
    u32[at + PORTS] = 0;
    u32[at + END] = end.otherId;
    u32[at + FROM_END] = end.id;
    u32[at + OFFSET] = offset;
    u32[at + LENGTH] = flagged(what, length, flags);
    if (offset === end.sent) end.sent = (end.sent + length) | 0;
    end.flight += length;
    const { books } = this.transport;
    books.segments++;
    books.wireBytes += size;
    const { flow } = end;
    if (flow !== null) {
      flow.lastSentMs = this.clock[0];
      if (flags & ACK_ME) flow.timed.add(sequence, this.clock[0]);
    }
    const verdict = this.wire.leave(id, end.remote, end.otherPeer);
    if (verdict >= 0) return;
    books.lost[-1 - verdict]++;
    queue.release(id);
    this.recovery.lost(end, {
      what,
      offset: offset >>> 0,
      length,
      message,
      type,
      cause,
      writtenMs,
      sequence,
      sentMs: this.clock[0],
      later: 0,
    });
  }

  /** A segment that is in order: its bytes count, and its message, if it is a last one, is handed over. */
  private accept(end: End, id: number, what: number, length: number, receiver: number): void {
    const { books } = this.transport;
    end.received = (end.received + length) | 0;
    if (what === FIN) {
      const sequence = this.queue.u32[id * U32_STRIDE + SEQUENCE];
      this.queue.release(id);
      this.report(end, sequence, true);
      if (end.state !== CLOSING) this.transport.ended(end, 'closed'); // else both sides closed at the same time
      return;
    }
    if (end.state !== OPEN) {
      // This side has closed, or its session ends: nobody takes it.
      this.transport.discard(id);
      return;
    }
    books.deliveredBytes += length;
    if (this.queue.payloads[id] !== null) this.mail.deliver(id, receiver, end);
    this.queue.release(id);
  }

  /** Keeps a record until what comes before it is here. */
  private keepEarly(end: End, id: number): void {
    const { early } = this.flowOf(end);
    const offset = this.queue.u32[id * U32_STRIDE + OFFSET];
    let place = early.length;
    while (place > 0 && ((this.queue.u32[early[place - 1] * U32_STRIDE + OFFSET] - offset) | 0) > 0) place--;
    early.splice(place, 0, id);
  }

  /** A round trip, if the segment that was acknowledged is one that was timed. */
  private measure(end: End, flow: Flow, sequence: number): void {
    const sentMs = flow.timed.take(sequence);
    if (sentMs < 0) return;
    flow.congestion.measured(this.clock[0] - sentMs);
    end.roundTripMs = flow.congestion.smoothedMs;
  }

  /** What the other side's timeout may be. */
  private patienceMs(end: End): number {
    return end.roundTripMs > 0 ? end.roundTripMs + LEAST_PATIENCE_MS : FIRST_TIMEOUT_MS;
  }
}
