/**
 * `peerage compare`: several protocols, one scenario; the same population, churn, topology, catalogue and questions for each. With
 * `--vary`, the same again for each value of one setting.
 */

import type { Command } from 'commander';
import type { Experiment } from '../coordinator/experiment.js';
import { Problem } from '../problem.js';
import type { Entry } from '../report/board.js';
import { isBoard, renderBoard, renderComparison } from '../report/terminal.js';
import { writeComparison } from '../results/comparison.js';
import type { Scenario } from '../scenario/scenario.js';
import { parseVary, type Variation } from '../scenario/variation.js';
import { conduct, exitOf, interruption } from './conduct.js';
import type { ExitName } from './exit-codes.js';
import { finish } from './finish.js';
import { NdjsonStream } from './ndjson.js';
import { addRunningOptions, load, type RunningOptions, refuseTwoOutputs, resolveAll, sameCommand, shardsFor } from './options.js';
import { leaveReport } from './report.js';
import { terminal } from './run.js';

interface CompareOptions extends RunningOptions {
  readonly protocols?: string;
  readonly vary?: string;
}

/** A run to be done: with which value of what is varied, null when nothing is. */
interface Planned {
  readonly value: string | null;
  readonly scenario: Scenario;
}
interface Done extends Planned {
  readonly experiment: Experiment;
}

export function addCompare(program: Command): void {
  const command = program
    .command('compare <scenario>')
    .description('run a scenario with several protocols and show them side by side')
    .option('--protocols <list>', 'names or files, separated by commas (default: those the scenario names)')
    .option('--vary <path=values>', 'the same for each value of a setting, e.g. peers=100,1000');
  addRunningOptions(command).action(async (name: string, options: CompareOptions) => {
    refuseTwoOutputs(options);
    const protocols = options.protocols?.split(',').map((each) => each.trim());
    if (protocols?.some((each) => each === ''))
      throw new Problem(`--protocols "${options.protocols}": expected names separated by commas`, 'usage');
    // All of them are checked before the first one runs.
    const variation = options.vary === undefined ? null : parseVary(options.vary);
    const planned = await plan(name, options, protocols, variation);
    const compared = protocols ?? [...new Set(planned.map(({ scenario: { protocol } }) => protocol.file ?? protocol.name))];
    for (const { scenario } of planned) shardsFor(options, scenario.peers);
    const stream = options.ndjson ? new NdjsonStream(planned.length) : null;
    const { signal, release } = interruption();
    const done: Done[] = [];
    for (const each of planned) {
      if (signal.aborted) break;
      const { scenario, value } = each;
      const varied = variation === null || value === null ? {} : { [variation.path]: value };
      const lines = stream?.begin(scenario, { shards: shardsFor(options, scenario.peers), strict: options.strict, varied });
      const experiment = await conduct(scenario, options, signal, lines && { onProgress: lines.progress });
      lines?.end(experiment, exitOf(experiment));
      done.push({ ...each, experiment });
    }
    const folder = await show(done, sameCommand('compare', name, options, compared), options, variation?.path ?? null);
    release();
    const worst = worstOf(done.map(({ experiment }) => exitOf(experiment)));
    stream?.exit(worst, folder);
    finish(worst, done.find(({ experiment: { summary } }) => summary.reason !== null)?.experiment.summary.reason);
  });
}

async function plan(
  name: string,
  options: CompareOptions,
  protocols: readonly string[] | undefined,
  variation: Variation | null,
): Promise<Planned[]> {
  if (variation === null) return (await resolveAll(load(name, options, protocols))).map((scenario) => ({ value: null, scenario }));
  const { path, values } = variation;
  const planned: Planned[] = [];
  for (const value of values) {
    const varied = { ...options, set: [...options.set, `${path}=${value}`] };
    for (const scenario of await resolveAll(load(name, varied, protocols))) planned.push({ value, scenario });
  }
  return planned;
}

/** Prints the table, and writes it into a folder of its own, with a report; returns that folder. @param setting what is varied */
async function show(done: readonly Done[], repeat: string, options: CompareOptions, setting: string | null): Promise<string | null> {
  const summaries = done.map(({ experiment }) => experiment.summary);
  const entries = done.map(
    ({ value, experiment: { summary } }): Entry => ({
      heading: value === null ? '' : `${setting} ${value}`,
      name: summary.protocol,
      summary,
    }),
  );
  const board = isBoard(entries);
  const text = (folder: string | null, style: { colour: boolean; width: number; report?: string | null }) =>
    board
      ? renderBoard(entries, folder, repeat, style)
      : renderComparison(
          summaries,
          done.flatMap(({ experiment: { folder: own } }) => (own === null ? [] : [own])),
          repeat,
          { ...style, series: done.map(({ experiment: { measures } }) => measures.series) },
        );
  let folder: string | null = null;
  if (done.length > 0) {
    const runs = done.map(({ value, experiment }) => ({ summary: experiment.summary, value, folder: experiment.folder }));
    const comparison = { scenario: done[0].scenario.name, command: repeat, varied: setting };
    folder = writeComparison(comparison, runs, text(null, { colour: false, width: 80 }), options.out);
  }
  const report = await leaveReport(folder, options.report);
  if (options.json) process.stdout.write(`${JSON.stringify(summaries, null, 2)}\n`);
  else if (!options.quiet && !options.ndjson) process.stdout.write(text(folder, { ...terminal(), report }));
  return folder;
}

/** The first thing that went wrong: failures before interruption before missed thresholds. */
function worstOf(names: readonly ExitName[]): ExitName {
  const failed = names.find((name) => !['ok', 'interrupted', 'thresholds-missed'].includes(name));
  if (failed) return failed;
  if (names.includes('interrupted')) return 'interrupted';
  return names.includes('thresholds-missed') ? 'thresholds-missed' : 'ok';
}
