/**
 * How a sender finds out that segments are lost, and sends them again: when three later ones have arrived (RFC 5681, 3.2), or when
 * nothing has been heard for a timeout, which doubles each time (RFC 6298, 5), until the connection is given up.
 */

import { type PeerTable, SEQUENCE as ROW_SEQUENCE, ROW_U32 } from '../network/peer-table.js';
import { type End, type Flow, GONE, type Lost, OPEN } from './connection.js';
import { DEFAULT_WRITE_TIMEOUT_MS, RESEND_TIMER } from './segments.js';
import type { Stream } from './stream.js';
import type { Transport } from './transport.js';

/** Segments that must arrive after a lost one before it counts as lost (RFC 5681, 3.2). */
const LATER_ENOUGH = 3;
/** Times that were reckoned in different ways may differ by their last bits; what is so near is due. In ms. */
const ROUNDING_MS = 1e-6;

export class Recovery {
  private readonly stream: Stream;
  private readonly transport: Transport;
  private readonly table: PeerTable;
  private readonly clock: Float64Array;

  constructor(stream: Stream, transport: Transport, table: PeerTable, clock: Float64Array) {
    this.stream = stream;
    this.transport = transport;
    this.table = table;
    this.clock = clock;
  }

  /** A segment of this end's did not arrive. It will be noticed when later ones have, or when the timer is due. */
  lost(end: End, lost: Lost): void {
    const flow = this.stream.flowOf(end);
    if (flow.stalledMs < 0) flow.stalledMs = lost.sentMs;
    let place = flow.lost.length;
    while (place > 0 && ((flow.lost[place - 1].sequence - lost.sequence) | 0) > 0) place--;
    flow.lost.splice(place, 0, lost);
    this.setTimer(end, flow);
  }

  /** RESEND_TIMER: nothing was heard of the oldest lost segment for too long. */
  timer(end: End): void {
    const { flow } = end;
    if (end.state === GONE || flow === null) return;
    if (flow.drained) {
      flow.drained = false;
      if (end.state === OPEN && end.session.up) this.transport.call(end, 'onDrain');
    }
    const now = this.clock[0] + ROUNDING_MS;
    if (flow.timerMs > now) return;
    flow.timerMs = Infinity;
    if (flow.lost.length === 0) return;
    if (this.dueMs(end, flow) > now) {
      this.setTimer(end, flow);
      return;
    }
    if (now - flow.stalledMs >= (end.options?.writeTimeoutMs ?? DEFAULT_WRITE_TIMEOUT_MS)) {
      this.transport.ended(end, 'timed-out');
      return;
    }
    const next = this.table.u32[end.session.index * ROW_U32 + ROW_SEQUENCE];
    flow.congestion.timedOut(end.flight, next);
    for (const each of flow.lost) end.flight = Math.max(0, end.flight - each.length);
    flow.timed.clear();
    flow.resend = [...flow.lost, ...flow.resend].sort((a, b) => (a.offset - b.offset) | 0);
    flow.lost = [];
    this.stream.uplinks.want(flow);
  }

  /** Segment `sequence` has arrived: those lost that were sent before it may be noticed by now. */
  notice(end: End, flow: Flow, sequence: number, next: number, flight: number): void {
    let noticed = 0;
    for (const each of flow.lost) if (((sequence - each.sequence) | 0) > 0) each.later++;
    while (noticed < flow.lost.length && flow.lost[noticed].later >= LATER_ENOUGH) {
      const each = flow.lost[noticed++];
      flow.congestion.lost(each.sequence, flight, next);
      end.flight = Math.max(0, end.flight - each.length);
      flow.resend.push(each);
    }
    if (noticed > 0) flow.lost.splice(0, noticed);
  }

  private setTimer(end: End, flow: Flow): void {
    const dueMs = Math.max(this.dueMs(end, flow), this.clock[0]);
    if (flow.timerMs <= dueMs) return;
    flow.timerMs = dueMs;
    this.transport.plan(end, dueMs - this.clock[0], RESEND_TIMER, end, flow.lost[0].cause);
  }

  /** When the oldest lost segment is given up: after a timeout, but no later than the connection itself. */
  private dueMs(end: End, flow: Flow): number {
    const writeTimeoutMs = end.options?.writeTimeoutMs ?? DEFAULT_WRITE_TIMEOUT_MS;
    return Math.min(flow.lost[0].sentMs + flow.congestion.timeoutMs, flow.stalledMs + writeTimeoutMs);
  }
}
