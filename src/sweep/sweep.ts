/**
 * A sweep: one scenario at every point of a grid, each point repeated with other seeds. What is done is kept as it is done, so a sweep that
 * is ended at any moment goes on where it was when it is asked for again.
 */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileName } from '../results/folder.js';
import type { Sweep } from '../results/sweep.js';
import { RESULTS_DIRECTORY } from '../results/write.js';
import { writeSweep } from '../results/write-sweep.js';
import type { Overrides } from '../scenario/load.js';
import type { ScenarioObject } from '../scenario/scenario-object.js';
import { variationOf } from '../scenario/variation.js';
import { commandOf } from './command.js';
import type { GridOptions } from './grid.js';
import { planSweep, type SweepPlan } from './plan.js';
import { recordOf } from './record.js';
import { type Outcome, RunStore } from './store.js';
import { Workforce } from './workforce.js';

/** The values of one setting: a list, or a text as after `--vary path=`: `100..100000:x10`. */
export type VaryValues = string | readonly (string | number | boolean | object)[];

/** How a planned sweep is run. */
export interface SweepRunOptions {
  /** Threads that work at a time (default: one per core). */
  readonly jobs?: number | undefined;
  /** Where its folder goes, and the runs that all sweeps share (default `results`). */
  readonly outDir?: string | undefined;
  /** Keep each run's operations.csv, which is larger than all the rest. */
  readonly keepOperations?: boolean | undefined;
  /** Write sweep.parquet as well. */
  readonly parquet?: boolean | undefined;
  /** Run again what failed before. */
  readonly retryFailed?: boolean | undefined;
  /** What repeats it, for its folder. */
  readonly command?: string | undefined;
  readonly onProgress?: ((progress: SweepProgress) => void) | undefined;
  /** Aborting it ends the sweep: runs that were under way are dropped, those that were done are kept. */
  readonly signal?: AbortSignal | undefined;
}

export interface SweepOptions
  extends SweepRunOptions,
    Pick<Overrides, 'protocol' | 'protocols' | 'topology' | 'peers' | 'duration' | 'seed' | 'set' | 'changes'> {
  /** What is varied, in the order of the grid (default: the scenario's own section `sweep`). */
  readonly vary?: Readonly<Record<string, VaryValues>> | undefined;
  /** Runs of each point (default: as the scenario says, else 1). */
  readonly repeat?: number | undefined;
}

/** Runs, each counted once though several points may share it. */
export interface SweepProgress {
  readonly total: number;
  /** Ended: reused, completed or failed. */
  readonly done: number;
  /** Of those: there before. */
  readonly reused: number;
  readonly failed: number;
  readonly running: number;
  readonly elapsedMs: number;
  /** Null until something is known. */
  readonly leftMs: number | null;
}

/** What `sweep` resolves to. */
export interface SweepResult {
  readonly sweep: Sweep;
  readonly folder: string;
  /** Whether it was stopped before its end. */
  readonly interrupted: boolean;
  /** Runs that were there before. */
  readonly reused: number;
}

/**
 * Runs a scenario (a shipped one by name, a file, or an object with the keys of a file) at every point of a grid.
 * @throws Problem (rejects) before the first run when a value cannot be, or later when results cannot be written; failures of runs are in
 *   the result
 */
export async function sweep(scenario: string | ScenarioObject, options: SweepOptions = {}): Promise<SweepResult> {
  const { vary, protocol, outDir = RESULTS_DIRECTORY, ...rest } = options;
  const asked: GridOptions = {
    ...rest,
    protocols: options.protocols ?? (protocol === undefined ? undefined : [protocol]),
    variations: vary && Object.entries(vary).map(([path, values]) => variationOf(path, values, `vary ${path}`)),
  };
  const plan = await planSweep(scenario, asked);
  // An object is repeated by the program that has it.
  const command = typeof scenario === 'string' ? commandOf(scenario, asked, outDir) : '';
  return runSweep(plan, { command, ...options });
}

/** The folder is written anew at most this often, and never for more than a twentieth of the time. */
const WRITE_MS = 2_000;
const WRITE_SHARE = 20;
const TELL_MS = 250;

export async function runSweep(plan: SweepPlan, options: SweepRunOptions = {}): Promise<SweepResult> {
  const { outDir = RESULTS_DIRECTORY, signal = new AbortController().signal, command = '' } = options;
  const begunAt = performance.now();
  const store = new RunStore(outDir);
  const outcomes = new Map<string, Outcome>();
  for (const { key } of plan.jobs) {
    const outcome = store.find(key);
    if (outcome?.status === 'failed' && options.retryFailed) store.forgetFailure(key);
    else if (outcome !== null) outcomes.set(key, outcome);
  }
  const reused = outcomes.size;
  const folder = join(outDir, `${fileName(plan.name)}-sweep-${plan.id}`);
  let writeDueAt = 0;
  const write = () => {
    const from = performance.now();
    const record = recordOf(plan, outcomes, command);
    writeSweep(folder, record, options.parquet ?? false);
    writeDueAt = performance.now() + Math.max(WRITE_MS, (performance.now() - from) * WRITE_SHARE);
    return record;
  };
  const workforce = new Workforce(
    plan.jobs,
    outcomes,
    store,
    options.jobs ?? availableParallelism(),
    options.keepOperations ?? false,
    signal,
  );
  const tell = () =>
    options.onProgress?.({
      total: plan.jobs.length,
      done: outcomes.size,
      reused,
      failed: [...outcomes.values()].filter(({ status }) => status === 'failed').length,
      running: workforce.running,
      elapsedMs: performance.now() - begunAt,
      leftMs: workforce.leftMs(),
    });
  const ticking = options.onProgress && setInterval(tell, TELL_MS);
  try {
    await workforce.work((key, outcome) => {
      outcomes.set(key, outcome);
      if (performance.now() >= writeDueAt) write();
    });
  } finally {
    clearInterval(ticking);
  }
  tell();
  return { sweep: write(), folder, interrupted: signal.aborted && outcomes.size < plan.jobs.length, reused };
}
