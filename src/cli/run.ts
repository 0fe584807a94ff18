/** `peerage run`: one protocol, one scenario. */

import type { Command } from 'commander';
import { renderRun } from '../report/terminal.js';
import { conduct, exitOf, interruption } from './conduct.js';
import { finish } from './finish.js';
import { addLiveOptions, goLive, type LiveOptions, mustBeLive } from './live.js';
import { addRunningOptions, load, type RunningOptions, repeatCommand, resolveOne, shardsFor } from './options.js';

export function addRun(program: Command): void {
  const command = program
    .command('run <scenario>')
    .description('run a scenario (a name from "peerage list scenarios", or a file) with one protocol')
    .option('--protocol <name|file>', 'the protocol, ours by name or your own by path (default: the first the scenario names)');
  command.option('--inject', 'read faults from standard input while it runs, a sentence a line: crash 30%');
  addLiveOptions(addRunningOptions(command));
  command.action(async (name: string, options: RunningOptions & LiveOptions & { readonly inject?: boolean }) => {
    mustBeLive(options);
    const loaded = load(name, options);
    const scenario = await resolveOne(loaded);
    const shards = shardsFor(options, scenario.peers);
    const { signal, release } = interruption();
    const live = options.live ? await goLive(scenario, { ...options, shards }, signal) : null;
    const experiment = await conduct(scenario, options, signal, live?.watching);
    release();
    live?.end(experiment);
    if (options.json) process.stdout.write(`${JSON.stringify(experiment.summary, null, 2)}\n`);
    else if (!options.quiet) {
      const { summary, measures, folder } = experiment;
      const repeat = repeatCommand(folder ?? options.out, options.strict);
      process.stdout.write(renderRun(summary, folder, repeat, { ...terminal(), series: [measures.series] }));
    }
    finish(exitOf(experiment), experiment.summary.reason);
    await live?.stay();
  });
}

/** What the terminal can show. */
export function terminal(): { colour: boolean; width: number } {
  const colour = Boolean(process.stdout.isTTY) && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return { colour, width: Math.min(process.stdout.columns ?? 80, 120) };
}
