/**
 * One run with everything around it: from a resolved scenario to a summary and, if wanted, a result folder. What the command line and
 * the library both call.
 */

import { availableParallelism } from 'node:os';
import type { Measures } from '../metrics/measures.js';
import { type Summary, summarise } from '../metrics/summary.js';
import type { ProblemKind } from '../problem.js';
import { loadProtocol } from '../protocol-catalog.js';
import { writeResults } from '../results/write.js';
import type { Scenario } from '../scenario/scenario.js';
import { scenarioToYaml } from '../scenario/write-scenario.js';
import { version } from '../version.js';
import { type RunOptions, runScenario } from './run.js';

export interface ExperimentOptions extends Partial<RunOptions> {
  /** Where the result folder goes (default `results`); null: nothing is written. */
  readonly outDir?: string | null;
}

export interface Experiment {
  readonly summary: Summary;
  readonly measures: Measures;
  /** The result folder, or null. */
  readonly folder: string | null;
  readonly failure: ProblemKind | null;
}

export async function runExperiment(scenario: Scenario, options: ExperimentOptions = {}): Promise<Experiment> {
  const definition = options.definition ?? (await loadProtocol(scenario.protocol.file ?? scenario.protocol.name));
  const { measures, failure, scenario: asRun } = await runScenario(scenario, { shards: availableParallelism(), ...options });
  const summary = summarise(scenario, measures, version(), definition.claims as never);
  const folder = options.outDir === null ? null : writeResults(scenario, scenarioToYaml(asRun), measures, summary, options.outDir);
  return { summary, measures, folder, failure };
}
