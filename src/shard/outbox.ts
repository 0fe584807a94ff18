/**
 * Messages on their way to another shard, in the columns in which they cross: what the queue needs of each event as numbers, and all
 * messages of a window as one msgpackr batch (D4).
 */

import { DESTINATION, type EventQueue, F64_STRIDE, KIND, SENT_AT, TIME, U32_STRIDE } from '../kernel/event-queue.js';
import type { Message } from '../protocol.js';
import type { Codec } from './codec.js';
import { KIND_BITS } from './event-kinds.js';

/** A record: time and send time as doubles; then the words of an event from DESTINATION to LENGTH. */
export const OUT_F64 = 2;
export const OUT_U32 = 11;
export const RECORD_BYTES = OUT_F64 * 8 + OUT_U32 * 4;

export class Outbox {
  length = 0;
  earliest = Infinity;
  f64 = new Float64Array(OUT_F64 * 256);
  u32 = new Uint32Array(OUT_U32 * 256);
  readonly values: unknown[] = [];

  /** Copies a filled record of the queue's pool, and packs its message. */
  add(queue: EventQueue, id: number, codec: Codec): void {
    if ((this.length + 1) * OUT_F64 > this.f64.length) this.grow();
    const time = queue.f64[id * F64_STRIDE + TIME];
    let at = this.length * OUT_F64;
    this.f64[at] = time;
    this.f64[at + 1] = queue.f64[id * F64_STRIDE + SENT_AT];
    at = this.length * OUT_U32;
    const from = id * U32_STRIDE + DESTINATION;
    for (let word = 0; word < OUT_U32; word++) this.u32[at + word] = queue.u32[from + word];
    this.length++;
    if (time < this.earliest) this.earliest = time;
    const message = queue.payloads[id] as Message | null;
    if (message === null) codec.appendNothing(this.values);
    else codec.append(message, queue.u32[id * U32_STRIDE + KIND] >>> KIND_BITS, this.values);
  }

  clear(): void {
    this.length = 0;
    this.earliest = Infinity;
    this.values.length = 0;
  }

  private grow(): void {
    const f64 = new Float64Array(this.f64.length * 2);
    f64.set(this.f64);
    this.f64 = f64;
    const u32 = new Uint32Array(this.u32.length * 2);
    u32.set(this.u32);
    this.u32 = u32;
  }
}
