/**
 * Carries out the runs of a sweep, on as many threads as it may use: asks the schedule what is next, looks whether it fits into memory, and
 * has it run: in a thread of the pool, or by a coordinator when it takes several threads or brings a module of the user's own, whose
 * variables must not outlive the run.
 */

import { setMaxListeners } from 'node:events';
import { bytesOfRun, sampleRun, USABLE_SHARE, usableBytes } from '../coordinator/estimate.js';
import { readVitals } from '../coordinator/own-thread.js';
import { loadProtocol } from '../protocol-catalog.js';
import { scenarioToYaml } from '../scenario/write-scenario.js';
import { CostModel } from './cost.js';
import type { Job } from './plan.js';
import { RunPool } from './run-pool.js';
import { type Assignment, Schedule } from './schedule.js';
import type { Failed, Outcome, RunStore } from './store.js';
import { runTask } from './task.js';

/** A sample takes seconds: smaller populations are taken to fit. */
const SAMPLED_FROM_PEERS = 20_000;

/** A run under way: how far it is, in [0, 1]. */
type Reached = () => number;

export class Workforce {
  private readonly costs = new CostModel();
  private readonly schedule: Schedule<Job>;
  private readonly store: RunStore;
  private readonly threads: number;
  private readonly keepOperations: boolean;
  private readonly pool: RunPool;
  private readonly usableBytes = usableBytes();
  private readonly samples = new Map<string, Promise<void>>();
  private readonly underWay = new Map<Job, Reached>();
  /** Ends everything: the user's signal, or what makes going on pointless. */
  private readonly stop = new AbortController();
  private readonly signal: AbortSignal;
  private broken: unknown = null;

  constructor(
    jobs: readonly Job[],
    known: ReadonlyMap<string, Outcome>,
    store: RunStore,
    threads: number,
    keepOperations: boolean,
    signal: AbortSignal,
  ) {
    this.store = store;
    this.threads = threads;
    this.keepOperations = keepOperations;
    this.signal = AbortSignal.any([signal, this.stop.signal]);
    // Each run listens to it while it lasts.
    setMaxListeners(0, this.signal);
    this.pool = new RunPool(threads, this.shareOf(1));
    for (const job of jobs) {
      const outcome = known.get(job.key);
      if (outcome?.status === 'completed') this.costs.learn(job, outcome.wallMs, outcome.figures.memoryBytesPerPeer);
    }
    const missing = jobs.filter(({ key }) => !known.has(key));
    this.schedule = new Schedule(missing, threads, (job) => this.costs.wallMs(job));
  }

  get running(): number {
    return this.underWay.size;
  }

  /** Wall time that the rest will take, by what is known of such runs; null when that is nothing. */
  leftMs(): number | null {
    let total = 0;
    let longest = 0;
    const add = (job: Job, share: number) => {
      const ms = this.costs.wallMs(job);
      total += ms * share;
      longest = Math.max(longest, ms * Math.min(share, 1));
      return this.costs.knows(job.protocol);
    };
    let isKnown = this.underWay.size + this.schedule.left === 0;
    for (const [job, reached] of this.underWay) isKnown = add(job, 1 - reached()) || isKnown;
    for (const [job, count] of this.schedule.waitingBySize()) isKnown = add(job, count) || isKnown;
    return isKnown ? Math.max(longest, total / this.threads) : null;
  }

  /** Runs all that is missing; each that ends is told. @throws what made going on pointless, such as a full disk */
  async work(onOutcome: (key: string, outcome: Outcome) => void): Promise<void> {
    const carried = new Set<Promise<void>>();
    try {
      while (!this.signal.aborted) {
        for (let next = this.schedule.next(); next !== null; next = this.schedule.next()) {
          const carrying: Promise<void> = this.carry(next, onOutcome).finally(() => carried.delete(carrying));
          carried.add(carrying);
        }
        if (carried.size === 0) break;
        await Promise.race(carried);
      }
      await Promise.all(carried);
    } finally {
      await this.pool.close();
    }
    if (this.broken !== null) throw this.broken;
  }

  private async carry(assignment: Assignment<Job>, onOutcome: (key: string, outcome: Outcome) => void): Promise<void> {
    const { job, threads, alone } = assignment;
    this.underWay.set(job, () => 0);
    let isSetAside = false;
    try {
      const outcome = await this.attempt(assignment);
      // What outgrew its share of the memory may have all of it, when the others are done.
      isSetAside = outcome === 'set-aside' || (isTooBig(outcome) && !alone && this.threads > 1);
      if (outcome === null || isSetAside) return;
      this.ended(job, threads, outcome as Outcome);
      onOutcome(job.key, outcome as Outcome);
    } catch (error) {
      this.broken ??= error;
      this.stop.abort();
    } finally {
      this.underWay.delete(job);
      this.schedule.ended(assignment, isSetAside);
    }
  }

  private async attempt({ job, threads, alone }: Assignment<Job>): Promise<Outcome | 'set-aside' | null> {
    const bytesPerPeer = await this.bytesPerPeer(job);
    if (this.signal.aborted) return null;
    const bytes = bytesPerPeer === null ? 0 : bytesOfRun(bytesPerPeer, job.peers, threads);
    if (bytes > this.usableBytes) return doesNotFit(job, bytes);
    const share = alone ? this.usableBytes : this.shareOf(threads);
    if (bytes > share) return 'set-aside';
    const { scenario, key } = job;
    const task = { scenario, key, store: this.store.folder, keepOperations: this.keepOperations };
    // A coordinator gives the run a thread of its own, with modules loaded anew.
    if (threads > 1 || scenario.protocol.file !== null || share > this.shareOf(1)) {
      let reached = 0;
      this.underWay.set(job, () => reached);
      return runTask(task, {
        shards: threads,
        heapBytes: share,
        signal: this.signal,
        onProgress: ({ virtualMs, totalMs }) => {
          reached = virtualMs / totalMs;
        },
      });
    }
    const { messages } = await loadProtocol(scenario.protocol.name);
    return this.pool.run(task, Object.keys(messages), this.signal, (vitals) => {
      this.underWay.set(job, () => readVitals(vitals).reached);
    });
  }

  /** As far as it is known from runs of the protocol, or, for large populations, from a sample. */
  private async bytesPerPeer({ protocol, peers, scenario }: Job): Promise<number | null> {
    const known = this.costs.bytesPerPeer(protocol);
    if (known !== null || peers < SAMPLED_FROM_PEERS) return known;
    let sample = this.samples.get(protocol);
    if (sample === undefined) {
      sample = sampleRun(scenario, this.signal).then((found) =>
        this.costs.learnBytes({ protocol, peers: found.peers }, found.bytesPerPeer),
      );
      this.samples.set(protocol, sample);
    }
    await sample;
    return this.costs.bytesPerPeer(protocol);
  }

  private ended(job: Job, threads: number, outcome: Outcome): void {
    if (outcome.status === 'completed') this.costs.learn(job, outcome.wallMs * threads, outcome.figures.memoryBytesPerPeer);
    else this.store.writeFailure(job.key, outcome, scenarioToYaml(job.scenario));
  }

  /** What so many threads may take together, in bytes. */
  private shareOf(threads: number): number {
    return (this.usableBytes / this.threads) * threads;
  }
}

function isTooBig(outcome: Outcome | 'set-aside' | null): boolean {
  return typeof outcome === 'object' && outcome?.status === 'failed' && outcome.failure === 'does-not-fit';
}

function doesNotFit({ peers }: Job, bytes: number): Failed {
  const count = String(peers).replace(/\B(?=(\d{3})+$)/g, ',');
  const reason = `${count} peers would take about ${(bytes / 1e9).toFixed(1)} GB, more than ${USABLE_SHARE * 100} % of this machine's memory`;
  return { status: 'failed', failure: 'does-not-fit', reason };
}
