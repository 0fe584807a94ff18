/** One run of a sweep, wherever it is done: from a scenario to its folder in the store and what the sweep keeps of it. */

import { tellReached, type Vitals } from '../coordinator/own-thread.js';
import { type RunOptions, runScenario } from '../coordinator/run.js';
import { summarise } from '../metrics/summary.js';
import { Problem } from '../problem.js';
import { loadProtocol } from '../protocol-catalog.js';
import { writeResultsOnce } from '../results/write.js';
import type { Scenario } from '../scenario/scenario.js';
import { scenarioToYaml } from '../scenario/write-scenario.js';
import type { Failure } from '../shard/messages.js';
import { version } from '../version.js';
import { finished, type Outcome } from './store.js';

export interface RunTask {
  readonly scenario: Scenario;
  readonly key: string;
  /** The store's folder. */
  readonly store: string;
  readonly keepOperations: boolean;
}

/** For a thread of the sweep's pool. */
export interface PooledTask extends RunTask {
  readonly vitals: Vitals;
}

/** Null: it was interrupted, and nothing is kept. */
export async function runTask({ scenario, key, store, keepOperations }: RunTask, options: RunOptions): Promise<Outcome | null> {
  const definition = await loadProtocol(scenario.protocol.file ?? scenario.protocol.name);
  const { measures, failure } = await runScenario(scenario, options);
  if (measures.status === 'interrupted') return null;
  if (failure !== null) return { status: 'failed', failure, reason: measures.reason ?? failure };
  const summary = summarise(scenario, measures, version(), definition.claims as never);
  writeResultsOnce(store, key, scenarioToYaml(scenario), measures, summary, keepOperations);
  return finished(summary);
}

/** The same in this very thread, which shows signs of life meanwhile. A Problem is answered, because it does not cross as one when thrown. */
export async function runInThisThread({ vitals, ...task }: PooledTask): Promise<Outcome | null | { readonly problem: Failure }> {
  const onProgress: RunOptions['onProgress'] = ({ virtualMs, totalMs }) => tellReached(vitals, virtualMs / totalMs);
  try {
    return await runTask(task, { shards: 1, inThisThread: vitals, onProgress });
  } catch (error) {
    if (error instanceof Problem) return { problem: { kind: error.kind, message: error.message } };
    throw error;
  }
}
