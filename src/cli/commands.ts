/** The commands of `peerage`, in the order in which `--help` names them: to see a run, to compare, to prepare, to look around. */

import type { Command } from 'commander';
import { addCheck } from './check.js';
import { addCompare } from './compare.js';
import { addCompareRuns } from './compare-runs.js';
import { addList } from './list.js';
import { addPlan } from './plan.js';
import { addReportCommand } from './report.js';
import { addRun } from './run.js';
import { addSweep } from './sweep.js';
import { addTopology } from './topology.js';
import { addTrace } from './trace.js';
import { addView } from './view.js';

export const COMMANDS: readonly ((program: Command) => void)[] = [
  addRun,
  addView,
  addTrace,
  addCompare,
  addSweep,
  addCompareRuns,
  addReportCommand,
  addCheck,
  addPlan,
  addTopology,
  addList,
];
