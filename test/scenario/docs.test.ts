/** The pages on scenarios and topologies say what is so: their examples load, and their tables are complete and right. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { loadScenario, scenarioToYaml } from '../../src/scenario/load.js';
import { packageRoot, shippedNames } from '../../src/scenario/package-files.js';
import { scenarioSchema } from '../../src/scenario/scenario-schema.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const page = (name: string) => readFileSync(join(packageRoot(), 'docs', name), 'utf8');
const examples = (text: string) => [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, code]) => code);
/** key -> default, of every table row that begins with a key in backquotes. */
const rows = (text: string) => new Map([...text.matchAll(/^\| `([\w.<>]+)` +\| +([^|]*?) +\|/gm)].map(([, key, value]) => [key, value]));

test('every example of docs/scenario.md is a scenario', async (t) => {
  const found = examples(page('scenario.md'));
  t.true(found.length >= 3);
  for (const code of found) {
    const loaded = loadScenario(folder.write('s.yaml', code.includes('protocols:') ? code : `protocols: [chord]\n${code}`));
    t.is(loaded.forAll(await Promise.all(loaded.protocols.map(loadProtocol))).length, loaded.protocols.length);
  }
});

test('every command of docs/scenario.md is one', async (t) => {
  const commands = [...page('scenario.md').matchAll(/^peerage (run|compare) (\S+) (.*?)(?: +# .*)?$/gm)];
  t.true(commands.length >= 6);
  for (const [, verb, scenario, rest] of commands) {
    const protocol = /--protocol (\S+)/.exec(rest)?.[1] ?? (verb === 'run' && rest.includes('protocol.') ? 'chord' : undefined);
    const set = [...rest.matchAll(/--set (?:'([^']*)'|(\S+))/g)].map(([, quoted, bare]) => quoted ?? bare);
    t.true(set.length > 0);
    const loaded = loadScenario(scenario, { set, protocol });
    t.is(loaded.forAll(await Promise.all(loaded.protocols.map(loadProtocol))).length, loaded.protocols.length);
  }
});

test('the table of docs/scenario.md has every setting with its default', (t) => {
  const table = rows(page('scenario.md'));
  const written = (text: string) => parse(scenarioToYaml(loadScenario(folder.write('d.yaml', text)).for('x', { services: ['locate'] })));
  const withLocate = written('protocols: [x]\nworkload: {locate: {}}');
  const defaults: Record<string, unknown> = { ...withLocate, workload: 'none', topology: 'planet' };
  const leaves = (value: unknown, path: string): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
      ? Object.entries(value).flatMap(([key, part]) => leaves(part, `${path}.${key}`))
      : [[path, value]];
  const spoken = ['name', 'about', 'protocols', 'settings'];
  for (const key of Object.keys(scenarioSchema.shape).filter((each) => !spoken.includes(each))) {
    for (const [path, value] of leaves(defaults[key], key)) {
      const nothing = typeof value === 'object';
      t.is(table.get(path), nothing ? 'nothing' : `\`${value}\``, path);
    }
  }
  for (const [path, value] of leaves(withLocate.workload.locate, 'workload.locate')) t.is(table.get(path), `\`${value}\``, path);
  for (const key of ['name', 'about', 'protocols', 'settings.<protocol>', 'workload.locate.perPeer']) t.true(table.has(key), key);
});

test('every example of docs/topologies.md is a topology', (t) => {
  folder.write('hosts-rtt-ms.tsv', 'a\tb\tc\n0\t10\t20\n11\t0\t30\n21\t31\t0\n');
  const found = examples(page('topologies.md'));
  t.true(found.length >= 5);
  for (const code of found) t.true(loadTopology(folder.write('t.yaml', code)).about.endsWith('.'));
});

test('every shipped topology and scenario is on its page', (t) => {
  for (const name of shippedNames('topologies')) t.true(page('topologies.md').includes(`\`${name}\``), name);
  for (const name of shippedNames('scenarios')) t.true(page('scenario.md').includes(`\`${name}\``), name);
});

test('the table of docs/topologies.md has the defaults of a topology', (t) => {
  const table = rows(page('topologies.md'));
  const yaml = scenarioToYaml(
    loadScenario(folder.write('e.yaml', 'protocols: [x]\ntopology: { latency: 0ms, access: { only: {} } }')).for('x', {
      services: ['locate'],
    }),
  );
  const { headers, jitter, loss, access } = parse(yaml).topology;
  t.deepEqual([table.get('headers'), table.get('jitter'), table.get('loss')], [`\`${headers}\``, `\`${jitter}\``, `\`${loss}\``]);
  for (const key of ['uplink', 'downlink', 'queue']) t.is(table.get(key), `\`${access.only[key]}\``);
});
