/** `peerage run`: one protocol, one scenario. */

import type { Command } from 'commander';
import type { Experiment } from '../coordinator/experiment.js';
import { renderRun } from '../report/terminal.js';
import { conduct, exitOf, interruption } from './conduct.js';
import { finish } from './finish.js';
import { addLiveOptions, goLive, type LiveOptions, mustBeLive } from './live.js';
import { NdjsonStream } from './ndjson.js';
import { addRunningOptions, load, type RunningOptions, refuseTwoOutputs, repeatCommand, resolveOne, shardsFor } from './options.js';
import { leaveReport } from './report.js';

export function addRun(program: Command): void {
  const command = program
    .command('run <scenario>')
    .description('run a scenario (a name from "peerage list scenarios", or a file) with one protocol')
    .option('--protocol <name|file>', 'the protocol, ours by name or your own by path (default: the first the scenario names)');
  command.option('--inject', 'read faults from standard input while it runs, a sentence a line: crash 30%');
  addLiveOptions(addRunningOptions(command));
  command.action(async (name: string, options: RunningOptions & LiveOptions & { readonly inject?: boolean }) => {
    refuseTwoOutputs(options);
    mustBeLive(options);
    const loaded = load(name, options);
    const scenario = await resolveOne(loaded);
    const shards = shardsFor(options, scenario.peers);
    const stream = options.ndjson ? new NdjsonStream(1) : null;
    const lines = stream?.begin(scenario, { shards, strict: options.strict });
    const { signal, release } = interruption();
    const live = options.live ? await goLive(scenario, { ...options, shards }, signal) : null;
    const experiment = await conduct(scenario, options, signal, { ...live?.watching, ...(lines && { onProgress: lines.progress }) });
    const report = await leaveReport(experiment.folder, options.report);
    release();
    live?.end(experiment);
    const exit = exitOf(experiment);
    lines?.end(experiment, exit);
    stream?.exit(exit);
    if (stream === null) show(experiment, report, options);
    finish(exit, experiment.summary.reason);
    await live?.stay();
  });
}

function show({ summary, measures, folder }: Experiment, report: string | null, options: RunningOptions): void {
  if (options.json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  else if (!options.quiet) {
    const repeat = repeatCommand(folder ?? options.out, options.strict);
    process.stdout.write(renderRun(summary, folder, repeat, { ...terminal(), series: [measures.series], report }));
  }
}

/** What the terminal can show. */
export function terminal(): { colour: boolean; width: number; advise: boolean; unicode: boolean } {
  const advise = Boolean(process.stdout.isTTY);
  const { NO_COLOR, TERM, LC_ALL, LC_CTYPE, LANG } = process.env;
  // Where nobody says which signs there are, it is UTF-8 nowadays.
  const locale = LC_ALL || LC_CTYPE || LANG || 'UTF-8';
  const colour = advise && !NO_COLOR && TERM !== 'dumb';
  return { colour, width: Math.min(process.stdout.columns || 80, 120), advise, unicode: /utf-?8/i.test(locale) };
}
