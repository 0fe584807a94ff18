/**
 * How a window's messages cross to the other shards: each pair has two boxes in shared memory, for odd and even rounds (see
 * barrier.ts), written before the barrier and read after it. A batch too big for its box goes through a MessagePort instead and is
 * picked up without waiting; nothing is lost.
 */

import { receiveMessageOnPort } from 'node:worker_threads';
import type { Message } from '../protocol.js';
import type { Codec } from './codec.js';
import type { ExchangeConfig } from './messages.js';
import { OUT_F64, OUT_U32, type Outbox, RECORD_BYTES } from './outbox.js';
import type { Wire } from './wire.js';

/** A box begins with: number of records, bytes of the packed messages, and whether they come by port. Records start 8-aligned. */
const HEADER_BYTES = 16;
/** What is left over of 64 MiB for all pairs, within these bounds. */
const ALL_BOXES_BYTES = 64 * 1024 * 1024;
const LEAST_BOX_BYTES = 64 * 1024;
const LARGEST_BOX_BYTES = 8 * 1024 * 1024;

export function boxBytes(shards: number): number {
  const fair = ALL_BOXES_BYTES / (shards * shards * 2);
  return Math.floor(Math.max(LEAST_BOX_BYTES, Math.min(LARGEST_BOX_BYTES, fair)) / 8) * 8;
}

interface Batch {
  readonly count: number;
  readonly f64: Float64Array;
  readonly u32: Uint32Array;
  readonly packed: Uint8Array;
}

export class Exchange {
  /** Batches that were too big for their box. */
  byPort = 0;
  private readonly config: ExchangeConfig;
  private readonly shard: number;
  private readonly shards: number;

  constructor(config: ExchangeConfig, shard: number, shards: number) {
    this.config = config;
    this.shard = shard;
    this.shards = shards;
  }

  /** Writes each outbox for the round of this parity and empties it. */
  flush(outboxes: readonly Outbox[], codec: Codec, parity: number): void {
    for (let to = 0; to < this.shards; to++) {
      if (to === this.shard) continue;
      const outbox = outboxes[to];
      const header = new Uint32Array(this.config.boxes, this.offset(this.shard, to, parity), 4);
      header[0] = outbox.length;
      if (outbox.length === 0) continue;
      const packed = codec.pack(outbox.values);
      const f64 = outbox.f64.subarray(0, outbox.length * OUT_F64);
      const u32 = outbox.u32.subarray(0, outbox.length * OUT_U32);
      header[1] = packed.length;
      header[2] = HEADER_BYTES + outbox.length * RECORD_BYTES + packed.length > this.config.boxBytes ? 1 : 0;
      if (header[2] === 1) {
        this.byPort++;
        const batch: Batch = { count: outbox.length, f64: f64.slice(), u32: u32.slice(), packed: new Uint8Array(packed) };
        this.config.ports[to]!.postMessage(batch);
      } else {
        const box = this.box(this.shard, to, parity, outbox.length, packed.length);
        box.f64.set(f64);
        box.u32.set(u32);
        box.packed.set(packed);
      }
      outbox.clear();
    }
  }

  /** Gives the shard's wire what the others wrote for it in the round of this parity. */
  drain(wire: Pick<Wire, 'receive'>, codec: Codec, parity: number): void {
    for (let from = 0; from < this.shards; from++) {
      if (from === this.shard) continue;
      const header = new Uint32Array(this.config.boxes, this.offset(from, this.shard, parity), 4);
      const count = header[0];
      if (count === 0) continue;
      const batch = header[2] === 1 ? this.takeFromPort(from) : this.box(from, this.shard, parity, count, header[1]);
      // msgpackr reads private memory: shared buffers are refused by the text decoder.
      const values = codec.unpack(header[2] === 1 ? batch.packed : batch.packed.slice());
      const { f64, u32 } = batch;
      let i = 0;
      codec.decode(values, (message: Message | null) => {
        wire.receive(f64, i * OUT_F64, u32, i * OUT_U32, message);
        i++;
      });
      if (i !== count) throw new Error(`a batch of ${count} messages from shard ${from} held ${i}`);
    }
  }

  private takeFromPort(from: number): Batch {
    const received = receiveMessageOnPort(this.config.ports[from]!);
    if (received === undefined) throw new Error(`the batch that shard ${from} sent by port is not there`);
    return received.message;
  }

  private offset(from: number, to: number, parity: number): number {
    return ((from * this.shards + to) * 2 + parity) * this.config.boxBytes;
  }

  private box(from: number, to: number, parity: number, count: number, packedBytes: number): Batch {
    const { boxes } = this.config;
    const start = this.offset(from, to, parity) + HEADER_BYTES;
    const words = start + count * OUT_F64 * 8;
    return {
      count,
      f64: new Float64Array(boxes, start, count * OUT_F64),
      u32: new Uint32Array(boxes, words, count * OUT_U32),
      packed: new Uint8Array(boxes, start + count * RECORD_BYTES, packedBytes),
    };
  }
}
