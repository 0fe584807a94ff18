/** The pages on scenarios and topologies say what is so: their examples load, and their tables are complete and right. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { meanMs, medianMs } from '../../src/population/durations.js';
import type { Duration } from '../../src/population/plan.js';
import { PRESETS } from '../../src/population/presets.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { distribution } from '../../src/scenario/distribution.js';
import { loadScenario, scenarioToYaml } from '../../src/scenario/load.js';
import { isNatKind, NAT_KINDS, NAT_PATTERNS } from '../../src/scenario/nat-kinds.js';
import { writeNat } from '../../src/scenario/nat-section.js';
import { packageRoot, shippedNames } from '../../src/scenario/package-files.js';
import { scenarioSchema } from '../../src/scenario/scenario-schema.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { check } from '../../src/scenario/yaml-source.js';
import { filesOf } from '../helpers/documents.js';
import { temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const page = (name: string) => readFileSync(join(packageRoot(), 'docs', name), 'utf8');
const examples = (text: string) => [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, code]) => code);
/** key -> default, of every table row that begins with a key in backquotes. */
const rows = (text: string) => new Map([...text.matchAll(/^\| `([\w.<>]+)` +\| +([^|]*?) +\|/gm)].map(([, key, value]) => [key, value]));

test('every example of docs/scenario.md is a scenario', async (t) => {
  const found = examples(page('scenario.md'));
  t.true(found.length >= 5);
  const tables = [...page('scenario.md').matchAll(/```csv\n(.*?)```/gs)].map(([, table]) => table);
  for (const name of ['crawl.csv', 'queries.csv']) folder.write(name, tables.shift()!);
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
  const byWallClock = written('protocols: [x]\nclock: wall');
  const defaults: Record<string, unknown> = { ...byWallClock, ...withLocate, workload: 'none', topology: 'planet' };
  const leaves = (value: unknown, path: string): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
      ? Object.entries(value).flatMap(([key, part]) => leaves(part, `${path}.${key}`))
      : [[path, value]];
  const spoken = ['name', 'about', 'protocols', 'settings', 'sweep'];
  for (const key of Object.keys(scenarioSchema.shape).filter((each) => !spoken.includes(each))) {
    for (const [path, value] of leaves(defaults[key], key)) {
      const nothing = typeof value === 'object';
      t.is(table.get(path), nothing ? 'nothing' : `\`${value}\``, path);
    }
  }
  for (const [path, value] of leaves(withLocate.workload.locate, 'workload.locate')) t.is(table.get(path), `\`${value}\``, path);
  for (const key of [
    'name',
    'about',
    'protocols',
    'settings.<protocol>',
    'workload.locate.perPeer',
    'workload.locate.trace',
    'population.trace',
  ])
    t.true(table.has(key), key);
});

test('docs/scenario.md has every preset as it is', (t) => {
  const table = [...page('scenario.md').matchAll(/^\| `(\w+)` +\| (\w+, shape [^|]*?) +\| ([^|]*?) +\| ([^|]*?) +\| ([^|]*?) +\|$/gm)];
  t.deepEqual(
    table.map(([, name]) => name),
    Object.keys(PRESETS),
  );
  const read = (words: string) => check(distribution(), { value: words.replaceAll(',', ''), where: () => 'table' });
  const minutes = (duration: Duration) => [medianMs(duration), meanMs(duration)].map((ms) => `${Math.round(ms / 60_000)} min`).join(', ');
  for (const [, name, session, times, downtime, source] of table) {
    t.deepEqual(read(session), PRESETS[name].session, name);
    t.deepEqual(downtime === 'none published' ? null : read(downtime), PRESETS[name].downtime, name);
    t.is(times, minutes(PRESETS[name].session), name);
    t.is(source.includes('**synthetic**'), PRESETS[name].synthetic, name);
  }
});

test('every example of docs/topologies.md is a topology', (t) => {
  folder.write('hosts-rtt-ms.tsv', 'a\tb\tc\n0\t10\t20\n11\t0\t30\n21\t31\t0\n');
  for (const [name, text] of filesOf(page('topologies.md'))) folder.write(name, text);
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
  const { access, ...topology } = parse(yaml).topology;
  for (const key of ['headers', 'segmentHeaders', 'jitter', 'loss', 'bursts', 'reorder', 'duplicate', 'nat']) {
    t.is(table.get(key), `\`${topology[key]}\``, key);
  }
  for (const key of ['uplink', 'downlink', 'queue', 'discipline', 'latency']) t.is(table.get(key), `\`${access.only[key]}\``, key);
});

test('the tables of docs/topologies.md have the kinds of NAT and the defaults of a gateway', (t) => {
  const text = page('topologies.md');
  const kinds = [...text.matchAll(/^\| `([\w-]+)` +\| ([\w -]+?) +\| ([\w-]*) +\| /gm)].filter(([, kind]) => isNatKind(kind));
  const said = ([, kind, mapping, filtering]: RegExpMatchArray) => [kind, mapping, filtering];
  const found = NAT_KINDS.map((kind) => {
    const { gateway } = NAT_PATTERNS[kind];
    return gateway ? [kind, gateway.mapping ?? 'none', gateway.filtering ?? 'none'] : [kind, 'no gateway', ''];
  });
  t.deepEqual(kinds.map(said), found);
  const defaults = writeNat([loadTopology(folder.write('n.yaml', 'latency: 0ms\nnat: full-cone')).nat[0]])['full-cone'] as Record<
    string,
    unknown
  >;
  const table = rows(text);
  for (const [key, value] of Object.entries(defaults)) {
    if (!['share', 'mapping', 'filtering'].includes(key)) t.is(table.get(key), `\`${value}\``, key);
  }
});
