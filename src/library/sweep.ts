/** `sweep`: many runs from a script. What `peerage sweep` does, without a terminal, with the options of the library. */

import { Problem } from '../problem.js';
import type { ScenarioObject } from '../scenario/scenario-object.js';
import { type SweepProgress, type SweepResult, sweep as sweepGrid, type VaryValues } from '../sweep/sweep.js';
import { changesOf, pathOf, type RunOptions, refuseUnknownOptions } from './options.js';

/** The options of `sweep`. All may be left out, but then the scenario must say what is swept. */
export interface SweepOptions extends Pick<RunOptions, 'topology' | 'peers' | 'duration' | 'seed' | 'set' | 'signal'> {
  /**
   * What is varied, by its path, in the order of the grid: `{ protocol: ['chord', 'kademlia'], peers: '100..10000:x10' }`. Values are as in
   * a scenario file, or a text as after `--vary path=`. Default: what the scenario's own section `sweep` says.
   */
  readonly vary?: Readonly<Record<string, VaryValues>>;
  /** Runs of each point, with seeds of their own. Default: as the scenario says, else 1. */
  readonly repeat?: number;
  /** What runs, a name, path or URL each: a sweep's runs are on other threads, so a definition in memory cannot. */
  readonly protocol?: string | URL;
  readonly protocols?: readonly (string | URL)[];
  /** Threads that work at a time, each on a whole run. Default: one per core. */
  readonly jobs?: number;
  /** Where its folder goes, and the store of finished runs, from which it goes on when it is asked for again. Default: `results`. */
  readonly outDir?: string;
  /** Keep each run's operations.csv, which is larger than all the rest. */
  readonly keepOperations?: boolean;
  /** Write sweep.parquet as well. */
  readonly parquet?: boolean;
  /** Run again what failed before. */
  readonly retryFailed?: boolean;
  /** Called about four times a second of wall time. */
  readonly onProgress?: (progress: SweepProgress) => void;
}

/** Their names. */
export const SWEEP_OPTIONS: readonly string[] = Object.keys({
  vary: true,
  repeat: true,
  protocol: true,
  protocols: true,
  topology: true,
  peers: true,
  duration: true,
  seed: true,
  set: true,
  jobs: true,
  outDir: true,
  keepOperations: true,
  parquet: true,
  retryFailed: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof SweepOptions, true>);

/**
 * Runs a scenario at every point of a grid, each point repeated with other seeds. Finished runs are kept in `outDir`: the same sweep asked
 * for again takes them from there, and one that was ended goes on where it was.
 *
 * @param scenario a name that `peerage list scenarios` shows, a file, or an object with the keys of a scenario file
 * @returns the grid with its runs; `estimateOf(point, figure)` is the mean of a point with its confidence interval. Runs that failed are in
 *   it, each with its reason: one bad point does not take the others with it.
 * @throws Problem before the first run when a value or an option cannot be, or later when results cannot be written
 */
export async function sweep(scenario: string | ScenarioObject, options: SweepOptions = {}): Promise<SweepResult> {
  refuseUnknownOptions(options, SWEEP_OPTIONS);
  const { protocol, protocols, peers, duration, seed, set, ...rest } = options;
  const asked = protocols ?? (protocol === undefined ? undefined : [protocol]);
  return sweepGrid(scenario, { ...rest, protocols: asked?.map(named), changes: changesOf({ peers, duration, seed, set } as SweepOptions) });
}

function named(protocol: unknown): string {
  if (typeof protocol === 'string' || protocol instanceof URL) return pathOf(protocol);
  throw new Problem(
    'options.protocol: expected a name, a path or a URL, because the runs of a sweep are on other threads, where functions cannot go; ' +
      "make a definition the default export of a module and name that: protocol: './mine.js'",
    'usage',
  );
}
