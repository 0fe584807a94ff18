/**
 * `peerage topology`: what a topology is like, before anything runs on it, and the same topology in another format. `peerage topology
 * generate` does that with one that is drawn by a model.
 */

import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { describeTopology } from '../network/describe.js';
import { didYouMean, Problem } from '../problem.js';
import { SCENARIO_DEFAULTS } from '../scenario/defaults.js';
import { convertTopology, FORMATS, type Format } from '../scenario/site-graph/convert.js';
import { MODELS } from '../scenario/site-graph/generate.js';
import { type LoadedTopology, resolveTopology } from '../scenario/topology-file.js';
import { topologySource } from '../scenario/topology-source.js';
import { show } from '../scenario/units.js';
import { type Override, parseOverride, type Source, withOverrides } from '../scenario/yaml-source.js';
import { finish } from './finish.js';
import { wholeNumber } from './options.js';
import { terminal } from './run.js';
import { topologyJson, topologyText } from './topology-text.js';

interface TopologyOptions {
  readonly peers: number;
  readonly seed: number;
  readonly to?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly set: readonly string[];
}

interface GenerateOptions extends TopologyOptions {
  readonly sites?: number;
}

export function addTopology(program: Command): void {
  const topology = program
    .command('topology')
    .argument('<name|file>', 'a name from "peerage list topologies", or a YAML, GML, GraphML, matrix or coordinates file')
    .description('describe a topology, or write it in another format');
  addOptions(topology).action((name: string, options: TopologyOptions) => {
    const source = topologySource(name, process.cwd());
    tell(
      withOverrides(
        source,
        options.set.map((text) => parseOverride(text)),
      ),
      options,
    );
  });
  const generate = topology
    .command('generate')
    .argument('<model>', MODELS.join(', '))
    .description('the same for a topology drawn by a model')
    .option('--sites <n>', 'number of sites', wholeNumber(1, Number.MAX_SAFE_INTEGER));
  addOptions(generate).action((model: string, _: unknown, command: Command) => {
    // Options that both commands have go to the one above, wherever they stand.
    const options = command.optsWithGlobals<GenerateOptions>();
    tell(generated(model, options), options);
  });
}

function addOptions(command: Command): Command {
  return command
    .option('--to <format>', `write it as ${FORMATS.join(', ')} instead of describing it`)
    .option('--out <file>', 'write to this new file instead of the terminal')
    .option('--json', 'describe it as JSON')
    .option('--peers <n>', 'peers to place on it, for the lookahead', wholeNumber(1, 16_000_000), SCENARIO_DEFAULTS.peers)
    .option(
      '--seed <n>',
      'seed of the placement, and of a generated topology',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      SCENARIO_DEFAULTS.seed,
    )
    .addOption(
      new Option('--set <path=value>', 'any setting, e.g. loss=1% (generate: a setting of the model, e.g. spread=0); repeatable')
        .argParser((value: string, before: string[]) => [...before, value])
        .default([], 'none'),
    );
}

function generated(model: string, { sites, seed, set }: GenerateOptions): Source {
  const known = MODELS.find((each) => each === model);
  if (!known) throw new Problem(`expected a model, one of ${MODELS.join(', ')}, got ${show(model)}${didYouMean(model, MODELS)}`, 'usage');
  const value = {
    name: model,
    about: `A network drawn by the model ${model}.`,
    latency: { generate: { model, seed, ...(sites === undefined ? {} : { sites }) } },
  };
  const where: Source['where'] = (path) => {
    const setting = path[2];
    return ['sites', 'seed'].includes(String(setting)) ? `--${setting}` : `topology generate ${model}`;
  };
  const overrides = set.map((text): Override => {
    const override = parseOverride(text);
    return { ...override, path: ['latency', 'generate', ...override.path] };
  });
  return withOverrides({ value, where }, overrides);
}

function tell(source: Source, options: TopologyOptions): void {
  const format = formatOf(options);
  if (format !== null && options.json) throw new Problem('--json describes a topology, --to writes it: expected one of them', 'usage');
  const loaded = resolveTopology(source);
  const notes = [...loaded.notes];
  const text = format === null ? described(loaded, options) : converted(loaded, format, notes);
  if (format !== null) for (const note of notes) process.stderr.write(`note: ${note}\n`);
  if (options.out === undefined) process.stdout.write(text);
  else {
    writeNew(options.out, text);
    process.stdout.write(`${loaded.topology.name}: written to ${options.out}\n`);
  }
  finish('ok');
}

function formatOf({ to }: TopologyOptions): Format | null {
  if (to === undefined) return null;
  const format = FORMATS.find((each) => each === to);
  if (format) return format;
  throw new Problem(`--to: expected ${FORMATS.join(', ')}, got ${show(to)}${didYouMean(to, FORMATS)}`, 'usage');
}

function described({ topology, notes }: LoadedTopology, { peers, seed, json }: TopologyOptions): string {
  const figures = describeTopology(topology, peers, seed);
  return json ? `${JSON.stringify(topologyJson(topology, figures, notes), null, 2)}\n` : topologyText(topology, figures, terminal().width);
}

function converted({ topology }: LoadedTopology, format: Format, notes: string[]): string {
  const { text, notes: more } = convertTopology(topology, format);
  notes.push(...more);
  return text;
}

/** A file that is there already is somebody's. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'EEXIST' ? 'is there already and is not overwritten' : code === 'ENOENT' ? 'no such folder' : `cannot be written (${code})`;
    throw new Problem(`--out ${file}: ${why}`, 'usage');
  }
}
