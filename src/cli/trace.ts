/**
 * `peerage trace`: follows one operation through the network. Runs repeat exactly, so which operation it is can be learnt from a run
 * (or from the result folder of one), and what it caused from a second one, which follows it and ends when there is no more to see.
 */

import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Command, Option } from 'commander';
import { runScenario } from '../coordinator/run.js';
import type { OperationTrace } from '../metrics/operation-trace.js';
import type { OperationTable } from '../metrics/operations.js';
import { Problem } from '../problem.js';
import { renderTraceSvg } from '../report/trace-svg.js';
import { renderTrace, type TraceHeading } from '../report/trace-text.js';
import { fileName } from '../results/folder.js';
import { readResults } from '../results/read.js';
import type { Scenario } from '../scenario/scenario.js';
import { nameOf } from '../scenario/servers.js';
import { interruption } from './conduct.js';
import { finish } from './finish.js';
import { addRunningOptions, load, type RunningOptions, resolveOne, shardsFor, wholeNumber } from './options.js';
import { terminal } from './run.js';

interface TraceOptions extends RunningOptions {
  readonly operation?: number;
  readonly slowest?: boolean;
  readonly failed?: boolean;
}

/** Lines of the tree on a terminal, and in the file. */
const SHOWN_LINES = 200;
const WRITTEN_LINES = 5_000;

export function addTrace(program: Command): void {
  const command = program
    .command('trace <scenario>')
    .description('follow one operation: who sent what to whom when, and because of what (a scenario, or a result folder)')
    .option('--protocol <name|file>', 'the protocol (default: the first the scenario names)')
    .option(
      '--operation <n>',
      'which one, by its row in operations.csv, from 1 (default: the first that succeeded and took messages)',
      wholeNumber(1, 2 ** 32),
    )
    .addOption(new Option('--slowest', 'the one whose answer took longest').conflicts(['operation', 'failed']))
    .addOption(new Option('--failed', 'the first that failed').conflicts(['operation', 'slowest']));
  addRunningOptions(command).action(async (given: string, options: TraceOptions) => {
    const isFolder = existsSync(given) && statSync(given).isDirectory();
    const scenario = await resolveOne(load(isFolder ? join(given, 'scenario.yaml') : given, options));
    mustBeFollowable(scenario, isFolder, options);
    const shards = shardsFor(options, scenario.peers);
    const { signal, release } = interruption();
    const operations = isFolder ? readResults(given).operations : await runOf(scenario, shards, signal, options);
    const row = signal.aborted ? -1 : choose(operations, scenario, options);
    const trace = row < 0 ? null : await follow(scenario, shards, signal, { operations, row });
    release();
    if (trace === null || signal.aborted) return finish('interrupted');
    const heading = headingOf(scenario, operations, row);
    const files = write(trace, heading, isFolder ? given : options.out);
    if (options.json) process.stdout.write(`${JSON.stringify({ ...heading, ...trace, nameOf: undefined }, null, 2)}\n`);
    else if (!options.quiet) {
      process.stdout.write(renderTrace(trace, heading, { ...terminal(), lines: SHOWN_LINES }));
      process.stdout.write(`\nwritten  ${files.join('\n         ')}\n`);
    }
  });
}

function mustBeFollowable({ name, workload, clock }: Scenario, isFolder: boolean, options: TraceOptions): void {
  if (workload.locate === null) throw new Problem(`${name} has no workload: it asks nothing, so there is no operation to follow`);
  if (clock.kind === 'wall')
    throw new Problem(`${name} goes by the wall clock: its runs do not repeat, so nothing can be followed in a second one`);
  const changed = (['protocol', 'topology', 'peers', 'duration', 'seed'] as const).find((key) => options[key] !== undefined);
  if (isFolder && (changed !== undefined || options.set.length > 0)) {
    const option = changed === undefined ? '--set' : `--${changed}`;
    throw new Problem(`${option}: a result folder is of one run; to follow an operation of another, give its scenario`, 'usage');
  }
}

/** The operations of a run that is done for them alone. */
async function runOf(
  scenario: Scenario,
  shards: number,
  signal: AbortSignal,
  { quiet, json, strict }: TraceOptions,
): Promise<OperationTable> {
  const isShown = !quiet && !json && process.stderr.isTTY;
  if (isShown) process.stderr.write('running the scenario once, to know its operations ...');
  const { measures, failure } = await runScenario(scenario, { shards, signal, strict: strict ?? false });
  if (isShown) process.stderr.write(`\r${' '.repeat(60)}\r`);
  if (failure) throw new Problem(measures.reason ?? 'the run failed', failure);
  return measures.operations;
}

/** The row that the options ask for. */
function choose(operations: OperationTable, { name, protocol }: Scenario, { operation, slowest, failed }: TraceOptions): number {
  const { length } = operations;
  if (length === 0) throw new Problem(`${name} with ${protocol.name} asked nothing: there is no operation to follow`);
  if (operation !== undefined) {
    if (operation <= length) return operation - 1;
    throw new Problem(`--operation ${operation}: ${name} with ${protocol.name} has ${length} operations, from 1 to ${length}`, 'usage');
  }
  const rows = Array.from({ length }, (_, row) => row);
  const succeeded = rows.filter((row) => operations.at(row, 'latencyMs') >= 0);
  if (failed) {
    const found = rows.find((row) => operations.outcome(row) === 'failed');
    if (found === undefined) throw new Problem(`--failed: none of the ${length} operations failed`, 'usage');
    return found;
  }
  if (slowest) {
    if (succeeded.length === 0) throw new Problem(`--slowest: none of the ${length} operations was answered`, 'usage');
    return succeeded.reduce((a, b) => (operations.at(b, 'latencyMs') > operations.at(a, 'latencyMs') ? b : a));
  }
  // Who has the item itself, or an index entry for it, asks nobody: there would be nothing to see.
  return succeeded.find((row) => operations.at(row, 'messages') > 0) ?? succeeded[0] ?? 0;
}

async function follow(
  scenario: Scenario,
  shards: number,
  signal: AbortSignal,
  followed: { operations: OperationTable; row: number },
): Promise<OperationTrace | null> {
  const { followed: trace, measures, failure } = await runScenario(scenario, { shards, signal, follow: followed });
  if (failure) throw new Problem(measures.reason ?? 'the run failed', failure);
  if (signal.aborted) return null;
  const { operations, row } = followed;
  const messages = trace?.steps.filter(({ kind }) => kind === 'message').length;
  const expected = operations.at(row, 'messages');
  if (trace === null || trace.steps[0].from !== operations.at(row, 'origin') || (messages !== expected && trace.left === 0)) {
    throw new Problem(
      `operation ${row + 1} was not found again: the run differs from the first one (${messages ?? 'no'} messages, expected ${expected}). ` +
        'Are protocol and scenario files as they were?',
    );
  }
  return trace;
}

function headingOf(scenario: Scenario, operations: OperationTable, row: number): TraceHeading {
  const orNull = (value: number) => (value < 0 ? null : value);
  return {
    scenario: scenario.name,
    protocol: scenario.protocol.name,
    peers: scenario.peers,
    seed: scenario.seed,
    operation: row + 1,
    operations: operations.length,
    key: operations.at(row, 'key'),
    outcome: operations.outcome(row),
    latencyMs: orNull(operations.at(row, 'latencyMs')),
    hops: orNull(operations.at(row, 'hops')),
    endMs: orNull(operations.at(row, 'endMs')),
    messages: operations.at(row, 'messages'),
    sizeBytes: operations.at(row, 'bytes'),
    reached: operations.at(row, 'reached'),
    timeouts: operations.at(row, 'timeouts'),
    nameOf: (host) => nameOf(host, scenario.peers),
  };
}

/** Text and picture, beside the results. Each file is there whole or not at all. */
function write(trace: OperationTrace, heading: TraceHeading, folder: string): string[] {
  const stem = existsSync(join(folder, 'summary.json'))
    ? `trace-${heading.operation}`
    : fileName(`trace-${heading.scenario}-${basename(heading.protocol)}-${heading.operation}`);
  const contents: [string, string][] = [
    [`${stem}.txt`, renderTrace(trace, heading, { colour: false, width: 160, lines: WRITTEN_LINES })],
    [`${stem}.svg`, renderTraceSvg(trace, heading)],
  ];
  try {
    mkdirSync(folder, { recursive: true });
    return contents.map(([name, text]) => {
      const path = join(folder, name);
      writeFileSync(`${path}.partial`, text);
      renameSync(`${path}.partial`, path);
      return path;
    });
  } catch (error) {
    throw new Problem(`cannot write the trace into ${folder}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
}
