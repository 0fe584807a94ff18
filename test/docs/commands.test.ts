import { existsSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import test from 'ava';
import { Command, CommanderError } from 'commander';
import { COMMANDS } from '../../src/cli/commands.js';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { load, type ScenarioOptions } from '../../src/cli/options.js';
import { isProtocolFile, loadProtocol } from '../../src/protocol-catalog.js';
import { isPath } from '../../src/scenario/package-files.js';
import { MODELS } from '../../src/scenario/site-graph/generate.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { parseVary } from '../../src/scenario/variation.js';
import { makeGrid } from '../../src/sweep/grid.js';
import { commandsOf, documents, inFolder, read, root } from '../helpers/documents.js';

type Options = ScenarioOptions & { readonly protocols?: string; readonly vary?: string | readonly string[] };

/** The command line with nothing behind it: commands only note what they were given. */
interface Given {
  readonly scenario?: string | undefined;
  /** Of `peerage topology`, and the model of its `generate`. */
  readonly topology?: string | undefined;
  readonly model?: string | undefined;
  readonly options: Options;
}

function parser(): { readonly names: readonly string[]; parse(words: readonly string[]): Given } {
  const program = new Command('peerage')
    .version('')
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} });
  for (const add of COMMANDS) add(program);
  let given: Given = { options: { set: [] } };
  // What a command's first word is, where it is no scenario.
  const what: Readonly<Record<string, string>> = {
    list: 'nothing',
    'compare-runs': 'nothing',
    report: 'nothing',
    view: 'nothing',
    topology: 'topology',
    generate: 'model',
  };
  for (const command of program.commands.flatMap((each) => [each, ...each.commands])) {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
    command.action((argument: string | undefined, options: Options) => {
      given = { [what[command.name()] ?? 'scenario']: argument, options };
    });
  }
  return {
    names: [...program.commands.map((command) => command.name()), 'help'],
    parse(words) {
      program.parse(words, { from: 'user' });
      return given;
    },
  };
}

/** A line that shows a command's form rather than a command. */
const isSynopsis = (text: string) => /<\w|\.\.\.|\[/.test(text);

test('every peerage command that a document shows is understood, down to its scenario and settings', async (t) => {
  let commands = 0;
  await inFolder(documents.map(read), async (folder) => {
    // A file that a document spells out is there; any other is the reader's own.
    const here = (path: string) => [resolvePath(folder, path), resolvePath(root, path)].find((each) => existsSync(each));
    for (const document of documents) {
      for (const { words, text } of commandsOf(read(document))) {
        if (words.length === 0 || words[0].startsWith('-')) continue;
        commands++;
        t.true(parser().names.includes(words[0]), `${document}: ${text}`);
        if (isSynopsis(text) || words.length === 1) continue;
        try {
          const { scenario, topology, model, options } = parser().parse(words);
          if (model !== undefined) t.true((MODELS as readonly string[]).includes(model), `${document}: ${text}`);
          if (topology !== undefined && !(isPath(topology) && here(topology) === undefined)) loadTopology(here(topology) ?? topology);
          if (scenario === undefined) continue;
          const ownScenario = isPath(scenario) && here(scenario) === undefined;
          const ownTopology = options.topology !== undefined && isPath(options.topology) && here(options.topology) === undefined;
          const chosen = options.protocols?.split(',') ?? (options.protocol === undefined ? [] : [options.protocol]);
          const protocols = chosen.map((each) => (isProtocolFile(each) ? (here(each) ?? each) : each));
          const name = ownScenario ? 'small-churn' : (here(scenario) ?? scenario);
          const changes = { ...options, protocol: undefined, topology: ownTopology ? undefined : options.topology };
          if (words[0] === 'sweep') {
            const variations = [options.vary ?? []].flat().map(parseVary);
            t.true(
              (await makeGrid(name, { ...changes, variations, protocols: protocols.length > 0 ? protocols : undefined })).points.length > 0,
            );
            continue;
          }
          const loaded = load(name, changes, protocols.length > 0 ? protocols : undefined);
          const definitions = await Promise.all(loaded.protocols.map(loadProtocol));
          if (['run', 'plan', 'trace'].includes(words[0])) loaded.for(loaded.protocols[0], definitions[0]);
          else loaded.forAll(definitions);
          t.pass();
        } catch (error) {
          if (error instanceof CommanderError && error.exitCode === 0) continue; // it asked for help
          t.fail(`${document}: ${text}: ${(error as Error).message}`);
        }
      }
    }
  });
  t.true(commands > 20, `only ${commands} commands were found`);
});

test('README.md lists every exit code with its name', (t) => {
  const listed = [...read('README.md').matchAll(/^\| (\d+) \| `([\w-]+)` \|/gm)].map(([, code, name]) => `${code} ${name}`);
  t.deepEqual(
    listed,
    Object.entries(EXIT_CODES).map(([name, { code }]) => `${code} ${name}`),
  );
});
