/**
 * One shard's running counts: the ledger (phase x message type x cause), totals, time series, what each operation caused, and
 * histograms. Everything on the hot path is one addition into a typed array; everything is an integer, so that adding shards up gives
 * the same figures in any order.
 */

import { build, encodeIntoCompressedBase64, type Histogram, initWebAssemblySync } from 'hdr-histogram-js';
import { CAUSES, DROP_REASONS, PHASES } from './measures.js';

/** A cause is one word: the kind in the low 4 bits (an index into CAUSES), the operation's number, or 0, above. */
export const CAUSE_BITS = 4;
export const KIND_MASK = (1 << CAUSE_BITS) - 1;
/** Operation numbers are below this. */
export const MAX_OPERATIONS = 2 ** (32 - CAUSE_BITS);

/** What an operation caused, side by side: messages, bytes, peers reached, timeouts met. */
export const CAUSED = 4;

/** Columns of a row of the time series, summed over shards. */
export const SERIES_COLUMNS = ['sent', 'bytes', 'delivered', 'dropped', 'started', 'succeeded', 'failed', 'checksum'] as const;

/** What the meter has counted, as plain data that can cross a thread boundary. */
export interface MeterReport {
  readonly ledger: Float64Array;
  readonly series: Float64Array;
  readonly caused: Float64Array;
  readonly histograms: Readonly<Record<string, string>>;
  readonly late: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** Largest value of a time histogram: an hour in us; longer ones are counted there. */
const LONGEST_US = 3.6e9;
const MOST_HOPS = 1_000_000;

let webAssemblyReady = false;

export class Meter {
  sent = 0;
  delivered = 0;
  bytes = 0;
  readonly dropped = new Float64Array(DROP_REASONS.length);
  started = 0;
  succeeded = 0;
  failed = 0;
  /** Sum of a word of each delivery's digest: tells in which interval two runs part. */
  checksum = 0;
  /** Latencies of the operations that were answered, for somebody who watches; null: nobody does. */
  answered: number[] | null = null;

  private readonly ledger: Float64Array;
  private readonly types: number;
  private phaseStart = 0;
  private caused: Float64Array = new Float64Array(1024 * CAUSED);
  private readonly series: number[] = [];
  private readonly atRowStart = new Float64Array(SERIES_COLUMNS.length);
  private readonly counters = new Map<string, number>();
  private readonly transit: Histogram;
  private readonly latency: Histogram;
  private readonly hops: Histogram;
  /** Only in a run by the wall clock. */
  private readonly lateness: Histogram | null;
  private readonly latenessBoundMs: number;
  private late = 0;

  /** @param latenessBoundMs how late, in wall ms, an event may be; null: the run is not paced by the wall clock */
  constructor(types: number, latenessBoundMs: number | null = null) {
    if (!webAssemblyReady) initWebAssemblySync();
    webAssemblyReady = true;
    this.types = types;
    this.ledger = new Float64Array(PHASES.length * types * CAUSES.length * 2);
    const times = {
      highestTrackableValue: LONGEST_US,
      numberOfSignificantValueDigits: 3,
      useWebAssembly: true,
      bitBucketSize: 64,
    } as const;
    this.transit = build(times);
    this.latency = build(times);
    this.hops = build({ ...times, highestTrackableValue: MOST_HOPS });
    this.lateness = latenessBoundMs === null ? null : build(times);
    this.latenessBoundMs = latenessBoundMs ?? Number.POSITIVE_INFINITY;
  }

  enterPhase(phase: number): void {
    this.phaseStart = phase * this.types;
  }

  countSent(type: number, cause: number, bytes: number): void {
    this.sent++;
    this.bytes += bytes;
    const cell = ((this.phaseStart + type) * CAUSES.length + (cause & KIND_MASK)) * 2;
    this.ledger[cell]++;
    this.ledger[cell + 1] += bytes;
    const operation = cause >>> CAUSE_BITS;
    if (operation !== 0) {
      const at = operation * CAUSED;
      if (at >= this.caused.length) this.growCaused(at);
      this.caused[at]++;
      this.caused[at + 1] += bytes;
    }
  }

  countReached(cause: number): void {
    this.countCaused(cause, 2);
  }

  countTimeout(cause: number): void {
    this.countCaused(cause, 3);
  }

  private countCaused(cause: number, what: number): void {
    const operation = cause >>> CAUSE_BITS;
    if (operation === 0) return;
    const at = operation * CAUSED;
    if (at >= this.caused.length) this.growCaused(at);
    this.caused[at + what]++;
  }

  countDelivered(transitMs: number): void {
    this.delivered++;
    const us = Math.round(transitMs * 1000);
    this.transit.recordValue(Math.min(us, LONGEST_US));
  }

  /** @param verdict a negative verdict of the network */
  countDropped(verdict: number): void {
    this.dropped[-1 - verdict]++;
  }

  get droppedTotal(): number {
    return this.dropped.reduce((sum, each) => sum + each, 0);
  }

  recordAnswer(latencyMs: number, hops: number): void {
    this.answered?.push(latencyMs);
    this.latency.recordValue(Math.min(Math.round(latencyMs * 1000), LONGEST_US));
    this.hops.recordValue(Math.min(Math.max(0, Math.round(hops)), MOST_HOPS));
  }

  /** An event was handled this long after it was due, in wall ms. */
  countLateness(lateMs: number): void {
    if (lateMs > this.latenessBoundMs) this.late++;
    this.lateness!.recordValue(Math.min(Math.round(lateMs * 1000), LONGEST_US));
  }

  count(counter: string, by: number): void {
    this.counters.set(counter, (this.counters.get(counter) ?? 0) + by);
  }

  /** Ends a row of the time series: what was counted since the last one. */
  closeRow(): void {
    const now = [this.sent, this.bytes, this.delivered, this.droppedTotal, this.started, this.succeeded, this.failed, this.checksum];
    for (let column = 0; column < now.length; column++) {
      this.series.push(now[column] - this.atRowStart[column]);
      this.atRowStart[column] = now[column];
    }
  }

  report(): MeterReport {
    return {
      ledger: this.ledger.slice(),
      series: Float64Array.from(this.series),
      caused: this.caused.slice(),
      histograms: {
        transit: encodeIntoCompressedBase64(this.transit),
        'locate-latency': encodeIntoCompressedBase64(this.latency),
        'locate-hops': encodeIntoCompressedBase64(this.hops),
        ...(this.lateness && { lateness: encodeIntoCompressedBase64(this.lateness) }),
      },
      late: this.late,
      counters: Object.fromEntries([...this.counters].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }

  /** Frees what lives outside the JavaScript heap. */
  destroy(): void {
    for (const histogram of [this.transit, this.latency, this.hops, this.lateness]) histogram?.destroy();
  }

  private growCaused(atLeast: number): void {
    const larger = new Float64Array(Math.max(this.caused.length * 2, atLeast + CAUSED));
    larger.set(this.caused);
    this.caused = larger;
  }
}
