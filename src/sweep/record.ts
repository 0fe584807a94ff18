/** A sweep as it is written down, from its plan and what has become of its runs so far. */

import { SWEEP_SCHEMA, type Sweep, type SweepRun } from '../results/sweep.js';
import { version } from '../version.js';
import type { PlannedRun, SweepPlan } from './plan.js';
import type { Outcome } from './store.js';

/** @param outcomes by key; those that are missing are pending */
export function recordOf(plan: SweepPlan, outcomes: ReadonlyMap<string, Outcome>, command: string): Sweep {
  return {
    schema: SWEEP_SCHEMA,
    version: version(),
    scenario: plan.name,
    command,
    repeat: plan.repeat,
    axes: plan.axes,
    points: plan.points.map(({ at, scenario }, point) => ({
      at,
      protocol: scenario.protocol.name,
      peers: scenario.peers,
      runs: plan.runs[point].map((run) => recordRun(run, outcomes.get(run.key))),
    })),
  };
}

function recordRun({ repetition, seed, key }: PlannedRun, outcome: Outcome | undefined): SweepRun {
  const nothing = { failure: null, reason: null, folder: null, figures: {}, thresholdsMissed: 0, digest: null, wallMs: null };
  const run = { repetition, seed, key, status: outcome?.status ?? ('pending' as const), ...nothing };
  if (outcome === undefined) return run;
  if (outcome.status === 'failed') return { ...run, failure: outcome.failure, reason: outcome.reason };
  const { figures, thresholdsMissed, digest, wallMs } = outcome;
  return { ...run, folder: `../sweep-runs/${key}`, figures, thresholdsMissed, digest, wallMs };
}
