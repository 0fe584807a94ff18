/** What a script may say about a run besides the scenario, and the checks of it: a wrong option is a sentence that begins with its name. */

import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { RunControl } from '../coordinator/control.js';
import type { RunProgress } from '../coordinator/progress.js';
import type { WatchOptions } from '../coordinator/watch.js';
import { didYouMean, Problem } from '../problem.js';
import type { ProtocolDefinition } from '../protocol.js';
import { objectSource } from '../scenario/object-source.js';
import type { TopologyObject } from '../scenario/scenario-object.js';
import { unexpected } from '../scenario/units.js';
import { type Override, parsePath } from '../scenario/yaml-source.js';

/** The options of `run`. All may be left out. */
export interface RunOptions {
  /**
   * What runs: one of ours by name (`'chord'`); a module by its path, as seen from the current folder, or by its URL
   * (`new URL('./mine.js', import.meta.url)`), whose default export is the definition; or the definition itself. A definition has
   * functions, which cannot go to other threads, so it runs on one shard, in the calling thread; a module runs on any number. Default:
   * the first that the scenario lists.
   */
  readonly protocol?: string | URL | ProtocolDefinition;
  /** Instead of the scenario's: a name, a file (`.yaml`, a matrix, a map), or an object with the keys of a topology file. */
  readonly topology?: string | TopologyObject;
  /** Number of peers, at least 1. */
  readonly peers?: number;
  /** Length of the phase `measure`, in virtual time, with its unit: `'10m'`. */
  readonly duration?: string;
  /** Of everything random: a whole number from 0, below 2^53. */
  readonly seed?: number;
  /**
   * Any other setting by its path: `{ 'protocol.successors': 8, 'population.session': 'exponential 10m' }`. `protocol.x` is the setting x
   * of the protocol that runs; null takes a setting away, so that its default holds again.
   */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Worker threads; the result is the same for any number. Default: one per core, at most one per peer; 1 with a definition. */
  readonly shards?: number;
  /** Sends every message through bytes, frozen: slower, same digest. Finds a protocol that changes what it has sent. */
  readonly strict?: boolean;
  /** In which directory to put a result folder. Default, and null: nothing is written. */
  readonly outDir?: string | null;
  /** Aborting it ends the run cleanly, within about 0.1 s; the result has the status `interrupted`, and what was measured. */
  readonly signal?: AbortSignal;
  /** Called about ten times a second of wall time, with the totals so far. */
  readonly onProgress?: (progress: RunProgress) => void;
  /** Called when the run begins, with what injects faults into it (`await control.inject('crash 30%')`), stops it and lets it go on. */
  readonly onReady?: (control: RunControl) => void;
  /** Shows the run, frame by frame, while it goes on. */
  readonly watch?: WatchOptions;
}

/** Their names. */
export const RUN_OPTIONS: readonly string[] = Object.keys({
  protocol: true,
  topology: true,
  peers: true,
  duration: true,
  seed: true,
  set: true,
  shards: true,
  strict: true,
  outDir: true,
  signal: true,
  onProgress: true,
  onReady: true,
  watch: true,
} satisfies Record<keyof RunOptions, true>);

/** More threads than this only wait for each other. */
const MOST_SHARDS = 64;

/** @throws Problem when there is an option that is none: a misspelt one would otherwise be ignored */
export function refuseUnknownOptions(options: object, names: readonly string[] = RUN_OPTIONS): void {
  if (!isMap(options)) throw new Problem(`options: ${unexpected('an object', options).message}`, 'usage');
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new Problem(`options.${name}: there is no such option${didYouMean(name, names)}; there is ${names.join(', ')}`, 'usage');
    }
  }
}

const isMap = (given: unknown) => typeof given === 'object' && given !== null && !Array.isArray(given);

/** A name, or the path of a module. */
export function pathOf(protocol: string | URL): string {
  return protocol instanceof URL || protocol.startsWith('file:') ? fileURLToPath(protocol) : protocol;
}

/** The options that stand for settings of the scenario, and `set`, which goes before them. */
export function changesOf({ peers, duration, seed, set = {} }: Pick<RunOptions, 'peers' | 'duration' | 'seed' | 'set'>): Override[] {
  if (!isMap(set)) {
    const example = "an object from paths to values, such as { 'population.crash': '100%' }";
    throw new Problem(`options.set: ${unexpected(example, set).message}`, 'usage');
  }
  const changes = Object.entries(set).flatMap(([name, given]): Override[] => {
    const label = `options.set['${name}']`;
    const path = parsePath(name);
    if (path === null) throw new Problem(`${label}: expected the path of a setting, such as 'population.crash'`, 'usage');
    return given === undefined ? [] : [{ path, value: objectSource(given, label).value, label }];
  });
  const of = (value: unknown, name: string, path: string[]): Override[] =>
    value === undefined ? [] : [{ path, value, label: `options.${name}` }];
  return [...changes, ...of(peers, 'peers', ['peers']), ...of(duration, 'duration', ['phases', 'measure']), ...of(seed, 'seed', ['seed'])];
}

/** How many shards to use. @param inMemory the protocol is a definition, and cannot leave this thread */
export function shardsOf({ shards }: RunOptions, peers: number, inMemory: boolean): number {
  if (shards === undefined) return inMemory ? 1 : Math.min(availableParallelism(), peers, MOST_SHARDS);
  if (!Number.isInteger(shards) || shards < 1 || shards > MOST_SHARDS) {
    throw new Problem(`options.shards: expected a whole number from 1 to ${MOST_SHARDS}, got ${shards}`, 'usage');
  }
  if (shards > peers)
    throw new Problem(`options.shards: expected at most one per peer, and there are ${peers} peers, got ${shards}`, 'usage');
  if (inMemory && shards > 1) {
    throw new Problem(
      `options.shards: expected 1, because a definition has functions, which cannot go to other threads, got ${shards}; ` +
        "for more, make it the default export of a module and name that: protocol: './mine.js'",
      'usage',
    );
  }
  return shards;
}
