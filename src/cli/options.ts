/** The options that `run`, `compare`, `check` and `plan` share, and how they become a scenario. */

import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { refuseUnknownMetrics } from '../metrics/known-metrics.js';
import { Problem } from '../problem.js';
import { loadProtocol } from '../protocol-catalog.js';
import { type LoadedScenario, loadScenario } from '../scenario/load.js';
import type { Scenario } from '../scenario/scenario.js';
import { quote } from '../sweep/command.js';

export interface ScenarioOptions {
  readonly protocol?: string;
  readonly topology?: string;
  readonly peers?: number;
  readonly duration?: string;
  readonly seed?: number;
  readonly set: readonly string[];
}

export interface RunningOptions extends ScenarioOptions {
  readonly shards?: number;
  readonly strict?: boolean;
  readonly out: string;
  readonly json?: boolean;
  readonly ndjson?: boolean;
  readonly quiet?: boolean;
  /** Whether to leave a report in the folder. */
  readonly report: boolean;
}

/** More threads than this only wait for each other. */
export const MOST_SHARDS = 64;

export const wholeNumber = (least: number, most: number) => (given: string) => {
  const value = Number(given);
  if (!/^\d+$/.test(given) || value < least || value > most) {
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}, got "${given}"`);
  }
  return value;
};

export function addScenarioOptions(command: Command): Command {
  return command
    .option('--topology <name|file>', 'run on this topology, latency matrix (.tsv, .csv) or map (.gml, .graphml)')
    .option('--peers <n>', 'number of peers', wholeNumber(1, 16_000_000))
    .option('--duration <time>', 'how long to measure, in virtual time, e.g. 10m')
    .option('--seed <n>', 'seed of everything random', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .addOption(
      new Option('--set <path=value>', 'any setting, e.g. protocol.successors=20 or population.crash=100%; repeatable')
        .argParser((value: string, before: string[]) => [...before, value])
        .default([], 'none'),
    );
}

export function addRunningOptions(command: Command): Command {
  return addScenarioOptions(command)
    .option('--shards <n>', 'worker threads (default: one per core)', wholeNumber(1, MOST_SHARDS))
    .option('--strict', 'send every message through bytes, frozen: slower, same digest')
    .option('--out <dir>', 'where the result folder goes', 'results')
    .option('--no-report', 'leave no report.html in the result folder')
    .option('--json', 'print only summary.json on stdout')
    .option('--ndjson', 'print only what happens, a JSON object a line, on stdout as it happens')
    .option('--quiet', 'no progress, no table');
}

/** @throws Problem when both were asked for */
export function refuseTwoOutputs({ json, ndjson }: Pick<RunningOptions, 'json' | 'ndjson'>): void {
  if (json && ndjson)
    throw new Problem('--json prints the summary at the end, --ndjson what happens as it happens: expected one of them', 'usage');
}

/** The scenario file with the command line's changes. */
export function load(scenario: string, options: ScenarioOptions, protocols?: readonly string[]): LoadedScenario {
  const { protocol, topology, peers, duration, seed, set } = options;
  return loadScenario(scenario, { protocol, protocols, topology, peers, duration, seed, set });
}

/** The scenario for its first protocol, settings checked against the protocol's own list; what was guessed is said on stderr. */
export async function resolveOne(loaded: LoadedScenario): Promise<Scenario> {
  const [protocol] = loaded.protocols;
  return told(loaded, [loaded.for(protocol, await loadProtocol(protocol))])[0];
}

/** The same for each of its protocols. */
export async function resolveAll(loaded: LoadedScenario): Promise<Scenario[]> {
  return told(loaded, loaded.forAll(await Promise.all(loaded.protocols.map(loadProtocol))));
}

function told(loaded: LoadedScenario, scenarios: Scenario[]): Scenario[] {
  for (const note of loaded.notes) process.stderr.write(`note: ${note}\n`);
  for (const scenario of scenarios) refuseUnknownMetrics(scenario);
  return scenarios;
}

/** How many shards to use: as asked, but not more than there are peers (a thread without a peer only costs); or one per core. */
export function shardsFor({ shards }: RunningOptions, peers: number): number {
  if (shards === undefined) return Math.min(availableParallelism(), peers);
  if (shards > peers) throw new Problem(`--shards ${shards}: expected at most one per peer, and there are ${peers} peers`, 'usage');
  return shards;
}

/** The command that repeats a run: a result folder's own scenario file, which has every default in it. */
export function repeatCommand(folder: string, strict: boolean | undefined): string {
  return `npx peerage run ${quote(`${folder}/scenario.yaml`)}${strict ? ' --strict' : ''}`;
}

/** The command as it was given, for repeating a comparison. */
export function sameCommand(
  name: string,
  scenario: string,
  options: Partial<RunningOptions> & { readonly vary?: string },
  protocols: readonly string[],
): string {
  const words = ['npx', 'peerage', name, quote(scenario), '--protocols', quote(protocols.join(','))];
  for (const key of ['topology', 'peers', 'duration', 'seed'] as const) {
    if (options[key] !== undefined) words.push(`--${key}`, quote(String(options[key])));
  }
  for (const set of options.set ?? []) words.push('--set', quote(set));
  if (options.vary !== undefined) words.push('--vary', quote(options.vary));
  if (options.strict) words.push('--strict');
  return words.join(' ');
}
