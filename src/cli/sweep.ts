/** `peerage sweep`: one scenario at every point of a grid, with repetitions; a table with confidence intervals, and files for other tools. */

import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { Problem } from '../problem.js';
import { renderSweep, sweepLine } from '../report/sweep-text.js';
import type { Sweep } from '../results/sweep.js';
import { MOST_REPETITIONS } from '../scenario/sweep-section.js';
import { parseVary } from '../scenario/variation.js';
import { commandOf } from '../sweep/command.js';
import type { GridOptions } from '../sweep/grid.js';
import { planSweep } from '../sweep/plan.js';
import { runSweep, type SweepProgress } from '../sweep/sweep.js';
import { interruption } from './conduct.js';
import type { ExitName } from './exit-codes.js';
import { finish } from './finish.js';
import { addScenarioOptions, MOST_SHARDS, type ScenarioOptions, wholeNumber } from './options.js';
import { leaveReport } from './report.js';
import { terminal } from './run.js';

interface SweepCommandOptions extends ScenarioOptions {
  readonly protocols?: string;
  readonly vary: readonly string[];
  readonly repeat?: number;
  readonly jobs?: number;
  readonly out: string;
  readonly keepOperations?: boolean;
  readonly parquet?: boolean;
  readonly retryFailed?: boolean;
  readonly report: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function addSweep(program: Command): void {
  const command = program
    .command('sweep <scenario>')
    .description('run a scenario at every point of a grid, each point several times')
    .addOption(
      new Option('--vary <path=values>', 'values or a range, e.g. peers=100..10000:x10 or protocol=chord,kademlia; repeatable')
        .argParser((value: string, before: string[]) => [...before, value])
        .default([], "the scenario's own"),
    )
    .option(
      '--repeat <n>',
      'runs of each point, with other seeds (default: as the scenario says, else 1)',
      wholeNumber(1, MOST_REPETITIONS),
    )
    .option('--jobs <n>', 'threads that work at a time (default: one per core)', wholeNumber(1, MOST_SHARDS))
    .option('--protocols <list>', 'names or files, separated by commas (default: all that the scenario names)');
  addScenarioOptions(command)
    .option('--out <dir>', 'where its folder goes, and the runs that all sweeps share', 'results')
    .option('--parquet', 'write sweep.parquet beside sweep.csv')
    .option('--keep-operations', "keep each run's operations.csv, which is large")
    .option('--retry-failed', 'run again what failed before')
    .option('--no-report', 'leave no report.html in its folder')
    .option('--json', 'print only sweep.json on stdout')
    .option('--quiet', 'no progress, no table')
    .action(act);
}

async function act(scenario: string, options: SweepCommandOptions): Promise<void> {
  const begunAt = performance.now();
  const asked = askedFor(options);
  const plan = await planSweep(scenario, asked);
  for (const note of plan.notes) process.stderr.write(`note: ${note}\n`);
  const line = progressWriter(options.quiet ?? false);
  const { signal, release } = interruption();
  const more = [...(options.parquet ? ['--parquet'] : []), ...(options.keepOperations ? ['--keep-operations'] : [])];
  const { sweep, folder, interrupted, reused } = await runSweep(plan, {
    jobs: options.jobs ?? availableParallelism(),
    outDir: options.out,
    keepOperations: options.keepOperations,
    parquet: options.parquet,
    retryFailed: options.retryFailed,
    command: commandOf(scenario, asked, options.out, more),
    onProgress: line.write,
    signal,
  }).finally(line.clear);
  const elapsedMs = performance.now() - begunAt;
  const report = await leaveReport(folder, options.report);
  release();
  if (options.json) process.stdout.write(`${JSON.stringify(sweep, null, 2)}\n`);
  else if (!options.quiet) process.stdout.write(renderSweep(sweep, { ...terminal(), folder, report, interrupted, reused, elapsedMs }));
  const [exit, reason] = exitOf(sweep, interrupted);
  finish(exit, reason);
}

function askedFor({ topology, peers, duration, seed, set, protocols, vary, repeat }: SweepCommandOptions): GridOptions {
  const list = protocols?.split(',').map((each) => each.trim());
  if (list?.some((each) => each === '')) throw new Problem(`--protocols "${protocols}": expected names separated by commas`, 'usage');
  return { topology, peers, duration, seed, set, protocols: list, variations: vary.map(parseVary), repeat };
}

/** Interruption before failures, because then it is not yet known what fails; failures before missed thresholds. */
function exitOf({ points }: Sweep, interrupted: boolean): [ExitName, string | null] {
  if (interrupted) return ['interrupted', null];
  const runs = points.flatMap((point) => point.runs);
  const failed = runs.filter(({ status }) => status === 'failed');
  const first = failed.find(({ failure }) => failure !== null);
  if (first) return [first.failure!, `${failed.length} of ${runs.length} runs failed, the first of them: ${first.reason}`];
  const missed = runs.filter(({ thresholdsMissed }) => thresholdsMissed > 0).length;
  return missed > 0 ? ['thresholds-missed', `${missed} of ${runs.length} runs missed a threshold`] : ['ok', null];
}

function progressWriter(quiet: boolean) {
  if (quiet || !process.stderr.isTTY) return { write: undefined, clear: () => {} };
  let width = 0;
  return {
    write: (progress: SweepProgress) => {
      width = Math.max(40, (process.stderr.columns ?? 80) - 1);
      process.stderr.write(`\r${sweepLine(progress, width)}`);
    },
    clear: () => {
      if (width > 0) process.stderr.write(`\r${' '.repeat(width)}\r`);
    },
  };
}
