/**
 * A shard's side of the control plane: what the coordinator calls over comlink. `advance` runs for a slice of wall time and returns, so
 * that progress, faults and Ctrl-C get in between. With several shards a slice is a number of windows: run [T, T + lookahead) alone,
 * exchange, agree on the next T. A lone shard needs neither windows nor barrier.
 *
 * A run by the wall clock goes the same way, only that events are handled when their time has come; until then the shard sleeps.
 */

import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Fault } from '../faults/plan.js';
import { Problem } from '../problem.js';
import type { ProtocolDefinition } from '../protocol.js';
import { loadProtocol } from '../protocol-catalog.js';
import { Barrier } from './barrier.js';
import { Exchange } from './exchange.js';
import {
  type Failure,
  type Observed,
  type ObserveRequest,
  type Progress,
  type ShardApi,
  type ShardConfig,
  type ShardReady,
  type ShardReport,
  STOPPED_WITH_THE_OTHERS,
} from './messages.js';
import { type WallPace, wallMs } from './pace.js';
import { Shard } from './shard.js';

/** Events between two looks at the clock. */
const EVENTS_PER_LOOK = 2_000;
/** The same when the wall clock sets the pace: a handler may then take long. */
const EVENTS_PER_PACED_LOOK = 20;
/** Longest time that shards keeping pace with the wall clock go without meeting, in wall ms: so a slice comes to its end. */
const MEET_AT_LEAST_MS = 50;

export class ShardHost implements ShardApi {
  private readonly onStop: () => void;
  private readonly load: (nameOrFile: string) => Promise<ProtocolDefinition>;
  private config!: ShardConfig;
  private shard!: Shard;
  private barrier: Barrier | null = null;
  private exchange: Exchange | null = null;
  private done = false;
  /** What the shards agreed on last: the time of the earliest event of all. */
  private agreedMs = 0;
  private failure: Failure | null = null;

  /** @param load finds the protocol; another one than the catalogue where the definition is at hand */
  constructor(onStop: () => void = () => {}, load: (nameOrFile: string) => Promise<ProtocolDefinition> = loadProtocol) {
    this.onStop = onStop;
    this.load = load;
  }

  async start(config: ShardConfig): Promise<ShardReady> {
    const { scenario, shard, shards, exchange } = config;
    this.config = config;
    const definition = await this.load(scenario.protocol.file ?? scenario.protocol.name);
    if (exchange) {
      this.barrier = new Barrier(exchange.control, shard, shards, availableParallelism());
      this.exchange = new Exchange(exchange, shard, shards);
    }
    const before = config.weigh ? bytesInUse() : 0;
    this.shard = new Shard(config, definition);
    this.guard(() => this.shard.populate());
    this.shard.rest();
    return { types: this.shard.mail.codec.types, populationBytes: config.weigh ? bytesInUse() - before : 0 };
  }

  setOff(startedAtMs: number): void {
    this.shard.pace?.setOff(startedAtMs);
  }

  advance(sliceMs: number, untilMs = Number.POSITIVE_INFINITY): Progress {
    const stopAt = wallMs() + sliceMs;
    if (!this.done && !this.failure)
      this.guard(() => (this.barrier ? this.advanceWindows(this.barrier, stopAt, untilMs) : this.advanceAlone(stopAt, untilMs)));
    return this.progress();
  }

  observe(request: ObserveRequest): Observed | null {
    let seen: Observed | null = null;
    this.guard(() => {
      seen = this.shard.observe(request);
    });
    this.shard.rest();
    return seen;
  }

  inject(index: number, fault: Fault): void {
    this.guard(() => this.shard.inject(index, fault));
  }

  collect(last: boolean): ShardReport {
    let links: Uint32Array | null = null;
    let state: Float64Array | null = null;
    if (last) {
      this.guard(() => {
        links = this.shard.residents.links();
        state = this.shard.residents.state();
      });
    }
    this.shard.rest();
    return this.shard.report(this.progress(), links, state);
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
    const progress = this.shard.progress(this.done);
    // By the wall clock a lone shard may be far from its next event: a fault need not wait for that.
    const nextMs = this.barrier ? this.agreedMs : this.shard.pace ? progress.nowMs : progress.nextMs;
    return { ...progress, nextMs, failure: this.failure, windows: this.barrier?.round ?? 0 };
  }

  private advanceAlone(stopAt: number, untilMs: number): void {
    const { shard } = this;
    do {
      if (!this.runUntil(Math.min(shard.endMs, untilMs), stopAt)) continue;
      if (untilMs < shard.endMs) return;
      shard.finish(shard.endMs);
      this.done = true;
    } while (!this.done && wallMs() < stopAt);
  }

  private advanceWindows(barrier: Barrier, stopAt: number, untilMs: number): void {
    const { shard } = this;
    const { pace } = shard;
    const exchange = this.exchange!;
    const longestMs = pace ? MEET_AT_LEAST_MS * pace.speed : Infinity;
    while (true) {
      const parity = barrier.round & 1;
      // By the wall clock one shard sees to it that they meet though nothing happens.
      let nextMs = pace && this.config.shard === 0 ? Math.min(shard.nextTime(), pace.now() + longestMs) : shard.nextTime();
      for (const outbox of shard.wire.outboxes) nextMs = Math.min(nextMs, outbox.earliest);
      exchange.flush(shard.wire.outboxes, shard.mail.codec, parity);
      shard.rest();
      const agreed = barrier.meet(nextMs, wallMs() >= stopAt);
      if (agreed === null) {
        this.failure = { kind: 'worker-died', message: STOPPED_WITH_THE_OTHERS };
        return;
      }
      exchange.drain(shard.wire, shard.mail.codec, parity);
      this.agreedMs = agreed.earliestMs;
      if (agreed.earliestMs >= untilMs && untilMs < shard.endMs) return;
      if (agreed.earliestMs >= shard.endMs) {
        pace?.wait(shard.endMs);
        shard.finish(shard.endMs);
        this.done = true;
        return;
      }
      if (agreed.pause) return;
      shard.wire.windowEndMs = Math.min(agreed.earliestMs + Math.min(this.config.lookaheadMs, longestMs), shard.endMs, untilMs);
      if (pace) this.sleep(pace, agreed.earliestMs);
      while (!this.runUntil(shard.wire.windowEndMs));
    }
  }

  /** Handles some of the events before `limitMs`; by the wall clock those whose time has come, or waits. True: there are no more. */
  private runUntil(limitMs: number, stopAt = Infinity): boolean {
    const { shard } = this;
    const { pace } = shard;
    // In portions, because limits.pendingEvents is looked at after each.
    if (!pace) return shard.run(limitMs, EVENTS_PER_LOOK) < EVENTS_PER_LOOK;
    const nowMs = pace.reach(limitMs);
    if (shard.run(nowMs, EVENTS_PER_PACED_LOOK) >= EVENTS_PER_PACED_LOOK) return false;
    const nextMs = shard.nextTime();
    if (nextMs >= limitMs && (this.barrier || nowMs >= limitMs)) return true;
    this.sleep(pace, Math.min(nextMs, limitMs), stopAt);
    return false;
  }

  /** Nothing is due here until then, nor can anything come. */
  private sleep(pace: WallPace, untilMs: number, stopAt = Infinity): void {
    this.shard.rest();
    pace.wait(untilMs, stopAt);
    this.shard.pass(pace.reach(untilMs));
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
