/** `peerage compare`: several protocols, one scenario; the same population, churn, topology, catalogue and questions for each. */

import type { Command } from 'commander';
import type { Experiment } from '../coordinator/experiment.js';
import { Problem } from '../problem.js';
import { renderComparison } from '../report/terminal.js';
import { conduct, exitOf, interruption } from './conduct.js';
import type { ExitName } from './exit-codes.js';
import { finish } from './finish.js';
import { addRunningOptions, load, type RunningOptions, resolveAll, sameCommand, shardsFor } from './options.js';
import { terminal } from './run.js';

interface CompareOptions extends RunningOptions {
  readonly protocols?: string;
}

export function addCompare(program: Command): void {
  const command = program
    .command('compare <scenario>')
    .description('run a scenario with several protocols and show them side by side')
    .option('--protocols <list>', 'names or files, separated by commas (default: those the scenario names)');
  addRunningOptions(command).action(async (name: string, options: CompareOptions) => {
    const protocols = options.protocols?.split(',').map((each) => each.trim());
    if (protocols?.some((each) => each === ''))
      throw new Problem(`--protocols "${options.protocols}": expected names separated by commas`, 'usage');
    // All of them are checked before the first one runs.
    const scenarios = await resolveAll(load(name, options, protocols));
    const compared = protocols ?? scenarios.map(({ protocol }) => protocol.file ?? protocol.name);
    shardsFor(options, scenarios[0].peers);
    const { signal, release } = interruption();
    const experiments: Experiment[] = [];
    for (const scenario of scenarios) {
      if (signal.aborted) break;
      experiments.push(await conduct(scenario, options, signal));
    }
    release();
    const summaries = experiments.map(({ summary }) => summary);
    if (options.json) process.stdout.write(`${JSON.stringify(summaries, null, 2)}\n`);
    else if (!options.quiet) {
      const folders = experiments.flatMap(({ folder }) => (folder === null ? [] : [folder]));
      process.stdout.write(
        renderComparison(summaries, folders, sameCommand('compare', name, options, compared), {
          ...terminal(),
          series: experiments.map(({ measures }) => measures.series),
        }),
      );
    }
    const worst = worstOf(experiments.map(exitOf));
    finish(worst, summaries.find(({ reason }) => reason !== null)?.reason);
  });
}

/** The first thing that went wrong: failures before interruption before missed thresholds. */
function worstOf(names: readonly ExitName[]): ExitName {
  const failed = names.find((name) => !['ok', 'interrupted', 'thresholds-missed'].includes(name));
  if (failed) return failed;
  if (names.includes('interrupted')) return 'interrupted';
  return names.includes('thresholds-missed') ? 'thresholds-missed' : 'ok';
}
