/** What a shard writes down in words and rows, besides its counts: the protocols' log, and every delivery of a stretch of time for `check`. */

import { type EventQueue, F64_STRIDE, KIND, SEQUENCE, SIZE, SOURCE, TIME, U32_STRIDE } from '../kernel/event-queue.js';
import { KIND_BITS } from './event-kinds.js';
import type { ShardConfig, TraceRow } from './messages.js';

/** Lines of a run's log, the earliest; each shard keeps as many, so that the first ones of all are among them. */
export const LOG_LINES = 10_000;
const TRACE_ROWS = 5_000_000;

export class Chronicle {
  readonly log: string[] = [];
  readonly trace: TraceRow[] = [];
  private readonly stretch: ShardConfig['trace'];
  private readonly types: readonly string[];

  constructor(stretch: ShardConfig['trace'], types: readonly string[]) {
    this.stretch = stretch;
    this.types = types;
  }

  /** A line of the log; times are padded, so that sorting lines puts them in order. */
  write(nowMs: number, name: string, text: string): void {
    // One more than is shown tells that there were more.
    if (this.log.length <= LOG_LINES) this.log.push(`${nowMs.toFixed(3).padStart(14, ' ')} ${name} ${text}`);
  }

  /** A delivery, if it is in the stretch to be traced. */
  record(queue: EventQueue, id: number, receiver: number): void {
    const timeMs = queue.f64[id * F64_STRIDE + TIME];
    if (this.stretch === null || timeMs < this.stretch.fromMs || timeMs >= this.stretch.toMs || this.trace.length >= TRACE_ROWS) return;
    const { u32 } = queue;
    const at = id * U32_STRIDE;
    this.trace.push({
      timeMs,
      destination: receiver,
      source: u32[at + SOURCE],
      sequence: u32[at + SEQUENCE],
      type: this.types[u32[at + KIND] >>> KIND_BITS],
      sizeBytes: u32[at + SIZE],
    });
  }
}
