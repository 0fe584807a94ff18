/**
 * `run`: one run from a script. What `peerage run` does, without a terminal: the scenario is found and checked, changed as the options say,
 * run, and measured.
 */

import { type Experiment, runExperiment } from '../coordinator/experiment.js';
import { refuseUnknownMetrics } from '../metrics/known-metrics.js';
import type { Measures } from '../metrics/measures.js';
import type { Summary } from '../metrics/summary.js';
import { Problem, type ProblemKind } from '../problem.js';
import type { ProtocolDefinition } from '../protocol.js';
import { checkDefinition, IN_MEMORY, loadProtocol } from '../protocol-catalog.js';
import { loadScenario } from '../scenario/load.js';
import type { Scenario } from '../scenario/scenario.js';
import type { ScenarioObject } from '../scenario/scenario-object.js';
import { changesOf, pathOf, type RunOptions, refuseUnknownOptions, shardsOf } from './options.js';

/** A run that has ended as it should, or was interrupted. */
export interface RunResult {
  /** The figures of the run, as in `summary.json`: docs/results.md defines each. `summary.status` is `completed` or `interrupted`. */
  readonly summary: Summary;
  /** Everything that was measured: operations, time series, ledger, histograms. Times in virtual ms. */
  readonly measures: Measures;
  /** The result folder; null when none was asked for. */
  readonly folder: string | null;
  /** The scenario as it was run: every default filled in, every unit resolved. */
  readonly scenario: Scenario;
  /** What was guessed, filled in or could not be as stated, in sentences; `peerage run` prints them. */
  readonly notes: readonly string[];
}

/** A run that began and failed: a protocol that threw or stalled, a thread that died, memory that ran out. `kind` says which. */
export class RunFailed extends Problem {
  /** What was measured until then, and where it was written; `summary.status` is `failed`. */
  readonly result: RunResult;

  constructor(message: string, kind: ProblemKind, result: RunResult) {
    super(message, kind);
    this.name = 'RunFailed';
    this.result = result;
  }
}

/**
 * Runs a scenario with one protocol.
 *
 * @param scenario a name that `peerage list scenarios` shows, a file, or an object with the keys of a scenario file
 * @returns what was measured. A threshold that was missed is no error: `summary.thresholds` says which were met.
 * @throws Problem when the scenario or an option is wrong, in a sentence that says where; nothing has run then
 * @throws RunFailed (a Problem, too) when the run did not come to its end; its `result` holds what was measured
 */
export async function run(scenario: string | ScenarioObject, options: RunOptions = {}): Promise<RunResult> {
  refuseUnknownOptions(options);
  const { protocol: asked } = options;
  const own = definitionOf(asked);
  const loaded = loadScenario(scenario, {
    protocol: own ? IN_MEMORY : asked && pathOf(asked as string | URL),
    topology: options.topology,
    changes: changesOf(options),
  });
  const [protocol] = loaded.protocols;
  const resolved = loaded.for(protocol, own ?? (await loadProtocol(protocol)));
  refuseUnknownMetrics(resolved);
  const experiment = await runExperiment(resolved, {
    shards: shardsOf(options, resolved.peers, own !== null),
    strict: options.strict ?? false,
    outDir: options.outDir ?? null,
    ...(own ? { definition: own } : {}),
    ...(options.signal ? { signal: options.signal } : {}),
    ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    ...(options.onReady ? { onReady: options.onReady } : {}),
    ...(options.watch ? { watch: options.watch } : {}),
  });
  return ended(experiment, { scenario: resolved, notes: loaded.notes });
}

function ended({ summary, measures, folder, failure }: Experiment, rest: Pick<RunResult, 'scenario' | 'notes'>): RunResult {
  const result: RunResult = { summary, measures, folder, ...rest };
  if (failure !== null) throw new RunFailed(measures.reason ?? 'the run failed', failure, result);
  return result;
}

/** The definition that a script handed over; null when it named one. */
function definitionOf(protocol: RunOptions['protocol']): ProtocolDefinition | null {
  if (protocol === undefined || typeof protocol === 'string' || protocol instanceof URL) return null;
  return checkDefinition(protocol, 'options.protocol', 'a name, a path, a URL or a definition');
}
