/**
 * A shard's side of the control plane: what the coordinator calls over comlink. `advance` runs for a slice of wall time and returns, so
 * that progress, faults and Ctrl-C get in between. With several shards a slice is a number of windows: run [T, T + lookahead) alone,
 * exchange, agree on the next T. A lone shard needs neither windows nor barrier.
 */

import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Problem } from '../problem.js';
import { loadProtocol } from '../protocol-catalog.js';
import { Barrier } from './barrier.js';
import { Exchange } from './exchange.js';
import {
  type Failure,
  type Progress,
  type ShardApi,
  type ShardConfig,
  type ShardReady,
  type ShardReport,
  STOPPED_WITH_THE_OTHERS,
} from './messages.js';
import { Shard } from './shard.js';

/** Events between two looks at the clock. */
const EVENTS_PER_LOOK = 2_000;

export class ShardHost implements ShardApi {
  private readonly onStop: () => void;
  private config!: ShardConfig;
  private shard!: Shard;
  private barrier: Barrier | null = null;
  private exchange: Exchange | null = null;
  private done = false;
  private failure: Failure | null = null;

  constructor(onStop: () => void = () => {}) {
    this.onStop = onStop;
  }

  async start(config: ShardConfig): Promise<ShardReady> {
    const { scenario, shard, shards, exchange } = config;
    this.config = config;
    const definition = await loadProtocol(scenario.protocol.file ?? scenario.protocol.name);
    if (exchange) {
      this.barrier = new Barrier(exchange.control, shard, shards, availableParallelism());
      this.exchange = new Exchange(exchange, shard, shards);
    }
    const before = bytesInUse();
    this.shard = new Shard(config, definition);
    this.guard(() => this.shard.populate());
    this.shard.rest();
    return { types: this.shard.mail.codec.types, populationBytes: bytesInUse() - before };
  }

  advance(sliceMs: number): Progress {
    const stopAt = performance.now() + sliceMs;
    if (!this.done && !this.failure)
      this.guard(() => (this.barrier ? this.advanceWindows(this.barrier, stopAt) : this.advanceAlone(stopAt)));
    return this.progress();
  }

  collect(last: boolean): ShardReport {
    let links: Uint32Array | null = null;
    if (last) {
      this.guard(() => {
        links = this.shard.residents.links();
      });
    }
    this.shard.rest();
    return this.shard.report(this.progress(), links);
  }

  /** The run ends here, before its time: closes what is open. */
  cutShort(): void {
    if (!this.done) this.shard.cutShort();
  }

  stop(): void {
    this.shard?.meter.destroy();
    for (const port of this.config?.exchange?.ports ?? []) port?.close();
    this.onStop();
  }

  private progress(): Progress {
    return { ...this.shard.progress(this.done), failure: this.failure, windows: this.barrier?.round ?? 0 };
  }

  private advanceAlone(stopAt: number): void {
    const { shard } = this;
    do {
      if (shard.run(shard.endMs, EVENTS_PER_LOOK) < EVENTS_PER_LOOK) {
        shard.finish(shard.endMs);
        this.done = true;
      }
    } while (!this.done && performance.now() < stopAt);
  }

  private advanceWindows(barrier: Barrier, stopAt: number): void {
    const { shard } = this;
    const exchange = this.exchange!;
    while (true) {
      const parity = barrier.round & 1;
      let nextMs = shard.nextTime();
      for (const outbox of shard.mail.outboxes) nextMs = Math.min(nextMs, outbox.earliest);
      exchange.flush(shard.mail.outboxes, shard.mail.codec, parity);
      shard.rest();
      const agreed = barrier.meet(nextMs, performance.now() >= stopAt);
      if (agreed === null) {
        this.failure = { kind: 'worker-died', message: STOPPED_WITH_THE_OTHERS };
        return;
      }
      exchange.drain(shard.mail, parity);
      if (agreed.earliestMs >= shard.endMs) {
        shard.finish(shard.endMs);
        this.done = true;
        return;
      }
      if (agreed.pause) return;
      shard.mail.windowEndMs = Math.min(agreed.earliestMs + this.config.lookaheadMs, shard.endMs);
      // In portions, because limits.pendingEvents is looked at after each.
      while (shard.run(shard.mail.windowEndMs, EVENTS_PER_LOOK) >= EVENTS_PER_LOOK);
    }
  }

  /** Turns an exception into a failure that the coordinator reads, and lets the other shards go. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      const kind = error instanceof Problem ? error.kind : 'worker-died';
      const message = error instanceof Problem ? error.message : ((error as Error)?.stack ?? String(error));
      this.failure = { kind, message };
      if (this.config.exchange) Barrier.abort(this.config.exchange.control);
    }
  }
}

/** Heap and array buffers of this thread, after a full collection; the second one waits for the buffers that the first has let go. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
