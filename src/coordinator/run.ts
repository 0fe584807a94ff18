/**
 * One run, from a resolved scenario to its measures: places the peers, starts the shards, lets them advance slice by slice, watches
 * them from outside, and adds up what they report. Whatever ends a run early, what was measured so far comes back with the reason.
 */

import { performance } from 'node:perf_hooks';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { checkConservation } from '../checkers/conservation.js';
import type { Measures } from '../metrics/measures.js';
import { type OperationTrace, putTogether } from '../metrics/operation-trace.js';
import { ROW_F64 } from '../network/peer-table.js';
import { type Placement, placePeers } from '../network/placement.js';
import { Problem, type ProblemKind } from '../problem.js';
import type { ProtocolDefinition } from '../protocol.js';
import { phaseAt, phaseTimes } from '../scenario/phases.js';
import type { Scenario } from '../scenario/scenario.js';
import { hostsOf, withServerLine } from '../scenario/servers.js';
import { Barrier } from '../shard/barrier.js';
import { boxBytes } from '../shard/exchange.js';
import {
  type ExchangeConfig,
  type Progress,
  type ShardConfig,
  type ShardReport,
  STOPPED_WITH_THE_OTHERS,
  type TraceRow,
} from '../shard/messages.js';
import { wallMs } from '../shard/pace.js';
import { pulseOf } from '../shard/pulse.js';
import { Control, type RunControl } from './control.js';
import { causeNumber, type Followed, isSeen } from './follow.js';
import { gather } from './gather.js';
import { Injector } from './injector.js';
import { newVitals, OwnThread, type Vitals } from './own-thread.js';
import type { RunProgress } from './progress.js';
import { type Crew, ShardCrew, ShardDied } from './shard-crew.js';
import { orStall } from './stall.js';
import { Watcher, type WatchOptions } from './watch.js';

export interface RunOptions {
  readonly shards: number;
  readonly strict?: boolean;
  /** Find out what the peers take in memory; by default where they are enough to outweigh what a thread takes for itself. */
  readonly weigh?: boolean;
  /** Called after every slice (about ten times a second) with the totals so far. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Aborting it ends the run cleanly at the next slice. */
  readonly signal?: AbortSignal;
  /** Called when the run begins, with what injects faults into it, stops it and lets it go on. */
  readonly onReady?: (control: RunControl) => void;
  /** Shows the run, frame by frame, while it goes on. */
  readonly watch?: WatchOptions;
  /** Record deliveries of this stretch of virtual time. */
  readonly trace?: { readonly fromMs: number; readonly toMs: number };
  /** Run the only shard in this thread, which then hears nothing until the end; another one watches these. */
  readonly inThisThread?: Vitals;
  /** The protocol, when it is in no file: its functions cannot go to other threads, so the only shard runs in this one. */
  readonly definition?: ProtocolDefinition;
  /** What the shards' heaps may take together, in bytes (default: most of the machine's memory). */
  readonly heapBytes?: number;
  /** Follow one operation of a run that is known, step by step, and end when all that it caused has been seen. */
  readonly follow?: Followed;
}

export type { RunProgress };

export interface RunResult {
  readonly measures: Measures;
  /** What kind of failure, when `measures.status` is `failed`. */
  readonly failure: ProblemKind | null;
  readonly trace: readonly TraceRow[];
  /** The operation that was followed; null: none was, or it did not begin. */
  readonly followed: OperationTrace | null;
  /** The scenario as it was run: with the faults that were injected. */
  readonly scenario: Scenario;
}

const SLICE_MS = 100;
/**
 * Of fewer peers the memory is not measured: what a shard takes for itself would be most of it. Peers of Chord come out at 37 kB each when
 * there are 24 of them, and at 73 kB on two shards; at 2.3 kB when there are 1,000, and at 1.5 kB when there are 10,000.
 */
const WEIGHED_PEERS = 1_000;
/** A run by the wall clock begins so long after all shards are ready for it, so that they know of it when it does. */
const HEAD_START_MS = 20;
/** A copy of what was measured is taken this often, in case a thread dies; never for more than a fiftieth of the time. */
const SNAPSHOT_MS = 2_000;
const SNAPSHOT_SHARE = 50;

export async function runScenario(scenario: Scenario, options: RunOptions): Promise<RunResult> {
  const run = new Run(scenario, options);
  try {
    return await run.run();
  } finally {
    await run.end();
  }
}

class Run {
  private readonly given: Scenario;
  /** With what servers need. */
  private readonly scenario: Scenario;
  private readonly options: RunOptions;
  private readonly begunAt = performance.now();
  private readonly placement: Placement;
  private readonly crew: Crew;
  private readonly inThisThread: boolean;
  private readonly pulse: SharedArrayBuffer;
  private readonly barrier: SharedArrayBuffer | null;
  private readonly totalMs: number;
  private readonly injector: Injector;
  private readonly control: Control;
  /** Null: nobody watches. */
  private readonly watcher: Watcher | null;
  private started = false;
  private types: readonly string[] = [];
  private populationBytes = 0;
  private runWallMs = 0;
  /** Where the run is, in virtual time. */
  private reachedMs = 0;
  private progress: Progress[] = [];
  private reports: (ShardReport | null)[];

  constructor(scenario: Scenario, options: RunOptions) {
    this.given = scenario;
    this.scenario = { ...scenario, topology: withServerLine(scenario.topology, scenario.servers) };
    this.options = options;
    this.placement = placePeers(this.scenario.topology, scenario.peers, options.shards, scenario.seed, scenario.servers);
    const { shards } = this.placement;
    const vitals = options.inThisThread ?? (options.definition ? newVitals() : undefined);
    this.inThisThread = vitals !== undefined;
    this.pulse = vitals?.pulse ?? pulseOf(shards);
    this.barrier = shards > 1 ? new SharedArrayBuffer(Barrier.bytes(shards)) : null;
    this.totalMs = phaseTimes(scenario).endMs;
    this.reports = new Array(shards).fill(null);
    this.crew = vitals === undefined ? new ShardCrew(shards, options.heapBytes) : new OwnThread(vitals, options.definition);
    this.injector = new Injector(scenario);
    this.control = new Control(scenario, this.injector, options.signal);
    this.watcher = options.watch ? new Watcher(this.scenario, this.placement, options.watch) : null;
  }

  async run(): Promise<RunResult> {
    let status: Measures['status'] = 'completed';
    let problem: Problem | null = null;
    try {
      await this.start();
      status = await this.advanceAll();
    } catch (error) {
      if (error instanceof ShardDied) problem = error.problem;
      else if (error instanceof Problem) problem = error;
      else throw error;
      status = 'failed';
      this.letGo();
    }
    const late = await this.collectAll(status === 'completed' ? 'end' : 'cut-short');
    if (status === 'completed' && late !== null) {
      status = 'failed';
      problem = late;
    }
    const measures = this.measures(status, problem?.message ?? null);
    if (status === 'completed') {
      const broken = checkConservation(measures).find((check) => !check.held);
      if (broken) throw new Error(`the books do not add up (seed ${this.scenario.seed}): ${broken.says}`);
    }
    const scenario = { ...this.given, faults: this.injector.faults };
    const trace = this.living().flatMap((report) => report.trace);
    const followed = putTogether(this.living().flatMap((report) => report.followed ?? []));
    return { measures, failure: problem?.kind ?? null, trace, followed, scenario };
  }

  async end(): Promise<void> {
    this.control.close();
    this.injector.close();
    await this.crew.dismiss();
  }

  private async start(): Promise<void> {
    const { shards, lookaheadMs, table } = this.placement;
    const exchanges = exchangesOf(this.barrier, shards);
    const starting = this.crew.all((api, shard) => {
      const exchange = exchanges[shard];
      const config: ShardConfig = {
        scenario: this.scenario,
        shard,
        shards,
        strict: this.options.strict ?? false,
        weigh: this.weighs,
        lookaheadMs,
        rows: table.f64.buffer as SharedArrayBuffer,
        places: table.places.buffer as SharedArrayBuffer,
        gateways: this.placement.gateways,
        exchange,
        pulse: this.pulse,
        trace: this.options.trace ?? null,
        watch: this.watcher?.config ?? null,
        follow: this.options.follow ? causeNumber(this.options.follow, this.placement) : null,
      };
      return api.start(Comlink.transfer(config, exchange?.ports.filter((port) => port !== null) ?? []));
    });
    const ready = await this.answered(starting);
    this.started = true;
    this.types = ready[0].types;
    if (!this.weighs) return;
    this.populationBytes = ready.reduce((sum, each) => sum + each.populationBytes, 0) + hostsOf(this.scenario) * (ROW_F64 * 8 + 4);
  }

  private async advanceAll(): Promise<'completed' | 'interrupted'> {
    const runBegunAt = performance.now();
    if (this.scenario.clock.kind === 'wall') {
      const startedAtMs = wallMs() + HEAD_START_MS;
      await this.answered(this.crew.all((api) => api.setOff(startedAtMs)));
    }
    let snapshotDueAt = runBegunAt + SNAPSHOT_MS;
    this.options.onReady?.(this.control);
    await this.show();
    while (true) {
      await this.takeInjections();
      const untilMs = await this.control.next(this.reachedMs, this.nextMs, () => this.show());
      if (this.options.signal?.aborted) return 'interrupted';
      if (untilMs === null) continue;
      this.progress = await this.answered(this.crew.all((api) => api.advance(SLICE_MS, untilMs)));
      this.runWallMs = performance.now() - runBegunAt - this.control.idleMs;
      const failed = this.progress.filter((each) => each.failure !== null).map((each) => each.failure!);
      const cause = failed.find((failure) => failure.message !== STOPPED_WITH_THE_OTHERS) ?? failed[0];
      if (cause) throw new Problem(cause.message, cause.kind);
      // Between slices no shard is behind another: what comes next comes after what any of them has done.
      this.reachedMs = this.nextMs >= untilMs ? untilMs : Math.max(...this.progress.map(({ nowMs }) => nowMs));
      this.checkConserved();
      this.tell();
      await this.show();
      if (this.progress.every((each) => each.done)) return 'completed';
      if (this.isSeen()) return 'interrupted';
      // By the wall clock a copy would make events late, by 10 ms or so; and with its own thread it would be lost as well.
      if (performance.now() >= snapshotDueAt && this.scenario.clock.kind === 'virtual' && !this.inThisThread) {
        const from = performance.now();
        await this.collectAll('snapshot');
        const took = performance.now() - from;
        snapshotDueAt = performance.now() + Math.max(SNAPSHOT_MS, took * SNAPSHOT_SHARE);
      }
    }
  }

  /** Whether all that the followed operation caused has been seen. */
  private isSeen(): boolean {
    const { follow } = this.options;
    return (
      follow !== undefined &&
      isSeen(
        follow,
        this.reachedMs,
        this.total(({ followed }) => followed),
      )
    );
  }

  /** No shard has anything to do before this. */
  private get nextMs(): number {
    return this.progress.length === 0 ? 0 : Math.min(...this.progress.map(({ nextMs }) => nextMs));
  }

  /** Shows the run as it stands to whoever watches. */
  private async show(): Promise<void> {
    const { watcher } = this;
    if (watcher === null) return;
    const moment = {
      isOver: this.progress.length > 0 && this.progress.every(({ done }) => done),
      progress: this.progress,
      virtualMs: this.reachedMs,
      totalMs: this.totalMs,
      wallMs: performance.now() - this.begunAt,
      phase: phaseAt(this.scenario, this.reachedMs),
      gait: this.control.gait,
    };
    await watcher.look(moment, this.types, (request) => this.answered(this.crew.all((api) => api.observe(request))));
  }

  /** Between slices no shard is running: all of them hear of a fault before any of them comes to its time. */
  private takeInjections(): Promise<void> {
    const reachedMs = Math.max(0, ...this.progress.flatMap(({ nowMs, nextMs }) => [nowMs, nextMs]));
    return this.injector.take(reachedMs, async ({ index, fault }) => {
      await this.answered(this.crew.all((api) => api.inject(index, fault)));
    });
  }

  private get weighs(): boolean {
    return this.options.weigh ?? this.given.peers >= WEIGHED_PEERS;
  }

  /** A figure of the shards' last progress, summed. */
  private total(value: (progress: Progress) => number): number {
    return this.progress.reduce((sum, each) => sum + value(each), 0);
  }

  /** Every message sent is delivered, dropped or in flight: summed over shards, at a barrier. */
  private checkConserved(): void {
    const [sent, delivered, dropped, inFlight] = [
      this.total((p) => p.sent),
      this.total((p) => p.delivered),
      this.total((p) => p.dropped),
      this.total((p) => p.inFlight),
    ];
    const duplicated = this.total((p) => p.duplicated);
    if (sent + duplicated !== delivered + dropped + inFlight) {
      throw new Error(
        `messages were lost: sent ${sent}, duplicated ${duplicated}, delivered ${delivered}, dropped ${dropped}, in flight ${inFlight} (seed ${this.scenario.seed})`,
      );
    }
  }

  private tell(): void {
    const virtualMs = this.reachedMs;
    this.options.onProgress?.({
      virtualMs,
      totalMs: this.totalMs,
      wallMs: performance.now() - this.begunAt,
      messages: this.total((each) => each.delivered),
      peersAlive: this.progress[0].peersUp,
      phase: phaseAt(this.scenario, virtualMs),
      operations: {
        started: this.total((each) => each.started),
        succeeded: this.total((each) => each.succeeded),
        failed: this.total((each) => each.failed),
      },
      faults: this.injector.faults,
    });
  }

  /** What the shards answer, or a Problem when one of them does not come back. */
  private answered<T>(answer: Promise<T>): Promise<T> {
    const { scenario, pulse, types, crew } = this;
    return orStall(answer, { scenario, pulse, types, shards: this.reports.length, kill: () => crew.kill() });
  }

  /** Frees shards that wait for one that will not come. */
  private letGo(): void {
    if (this.barrier) Barrier.abort(this.barrier);
  }

  /** Takes every living shard's report; a dead one's last copy stays. Returns the first thing that went wrong in doing so. */
  private async collectAll(when: 'snapshot' | 'end' | 'cut-short'): Promise<Problem | null> {
    let problem: Problem | null = null;
    for (let shard = 0; shard < this.crew.size && this.started; shard++) {
      try {
        if (when === 'cut-short') await this.crew.one(shard, (api) => api.cutShort());
        const report = await this.answered(this.crew.one(shard, (api) => api.collect(when !== 'snapshot')));
        const { failure } = report.progress;
        if (failure) problem ??= new Problem(failure.message, failure.kind);
        this.reports[shard] = report;
      } catch (error) {
        if (error instanceof ShardDied) problem ??= error.problem;
        else if (error instanceof Problem) problem ??= error;
        else throw error;
      }
    }
    return problem;
  }

  private living(): ShardReport[] {
    return this.reports.filter((report) => report !== null);
  }

  private measures(status: Measures['status'], reason: string | null): Measures {
    const { placement, scenario, types } = this;
    return {
      status,
      reason,
      strict: this.options.strict ?? false,
      ...gather(this.living(), { placement, scenario, types }),
      effort: {
        wallMs: performance.now() - this.begunAt,
        runWallMs: this.runWallMs,
        rssBytes: process.memoryUsage.rss(),
        bytesPerPeer: this.populationBytes > 0 ? this.populationBytes / this.scenario.peers : null,
      },
    };
  }
}

/** How the shards reach each other; null for a lone one. */
function exchangesOf(barrier: SharedArrayBuffer | null, shards: number): (ExchangeConfig | null)[] {
  if (barrier === null) return [null];
  const size = boxBytes(shards);
  const boxes = new SharedArrayBuffer(shards * shards * 2 * size);
  const ports: (MessagePort | null)[][] = Array.from({ length: shards }, () => new Array(shards).fill(null));
  for (let a = 0; a < shards; a++) {
    for (let b = a + 1; b < shards; b++) {
      const { port1, port2 } = new MessageChannel();
      ports[a][b] = port1;
      ports[b][a] = port2;
    }
  }
  return ports.map((own) => ({ control: barrier, boxes, boxBytes: size, ports: own }));
}
