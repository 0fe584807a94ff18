/** A sweep before it is run: its grid, the runs of each point, and those of them that differ. */

import { phaseTimes } from '../scenario/phases.js';
import type { Scenario } from '../scenario/scenario.js';
import type { ScenarioObject } from '../scenario/scenario-object.js';
import type { Priced } from './cost.js';
import { type Grid, type GridOptions, makeGrid } from './grid.js';
import { Keys, sha } from './keys.js';
import { seedsOf } from './seeds.js';

/** One run to be done. Points that come to the same scenario share it. */
export interface Job extends Priced {
  readonly key: string;
  readonly scenario: Scenario;
}

export interface PlannedRun {
  readonly repetition: number;
  readonly seed: number;
  readonly key: string;
}

export interface SweepPlan extends Grid {
  /** By point of the grid. */
  readonly runs: readonly (readonly PlannedRun[])[];
  readonly jobs: readonly Job[];
  /** What is asked, in eight digits: the same question has the same. */
  readonly id: string;
}

/** @throws Problem at the first value or point that cannot be */
export async function planSweep(scenario: string | ScenarioObject, options: GridOptions): Promise<SweepPlan> {
  const grid = await makeGrid(scenario, options);
  const keys = new Keys();
  const jobs = new Map<string, Job>();
  const runs = grid.points.map(({ scenario }) => {
    const seeds = seedsOf(scenario.seed, grid.repeat);
    return keys.of(scenario, seeds).map((key, at): PlannedRun => {
      if (!jobs.has(key)) jobs.set(key, jobOf(key, { ...scenario, seed: seeds[at] }));
      return { repetition: at + 1, seed: seeds[at], key };
    });
  });
  const id = sha(JSON.stringify([grid.axes, runs.map((own) => own.map(({ key }) => key))])).slice(0, 8);
  return { ...grid, runs, jobs: [...jobs.values()], id };
}

function jobOf(key: string, scenario: Scenario): Job {
  const { protocol, peers } = scenario;
  return { key, scenario, protocol: protocol.file ?? protocol.name, peers, peerSeconds: (peers * phaseTimes(scenario).endMs) / 1000 };
}
