import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import { nothingMeasured } from '../../src/metrics/nothing-measured.js';
import { EFFORT_FIELDS, summarise } from '../../src/metrics/summary.js';
import { COMPARISON_COLUMNS } from '../../src/results/comparison.js';
import { faults, ledger, operations, timeseries } from '../../src/results/tables.js';
import { measuresWith, scenarioWith } from '../helpers/measures.js';

let root = import.meta.dirname;
while (!existsSync(join(root, 'package.json'))) root = dirname(root);
const text = readFileSync(join(root, 'docs/results.md'), 'utf8');

/** The text under a heading of level 2. */
function section(title: string): string {
  const parts = text.split(/^## /m).filter((part) => part.startsWith(`${title}\n`));
  return parts.length === 1 ? parts[0] : '';
}

/** What stands in backquotes at the beginning of each row of a section's tables. */
const documented = (title: string) => [...section(title).matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);

/** Paths of all values, as the document writes them: `claims[].says`, `counters.<name>`. */
function paths(value: unknown, prefix = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((each) => paths(each, `${prefix}[]`)))];
  if (typeof value !== 'object' || value === null) return [prefix];
  const open = { counters: '<name>', messagesByType: '<type>', 'connections.segmentsLost': '<reason>', 'nat.peers': '<class>' }[prefix];
  return Object.entries(value).flatMap(([name, each]) => paths(each, prefix ? `${prefix}.${open ?? name}` : name));
}

const NAT = { peers: { open: 1 }, mappingsMade: 1, bytes: 1, reach: [{ from: 'open', to: 'open', asked: 1, opened: 1 }] };

test('docs/results.md defines every field of a summary, and no other', (t) => {
  const claim = { says: 'x', source: 'y', applies: () => true, judge: () => ({ measured: 1, atMost: 2 }) };
  const thresholds = [{ metric: 'peersAlive', condition: '>', value: 1 }] as const;
  const find = { phase: 'measure', type: 'find', cause: 'locate', messages: 1, bytes: 1 } as const;
  const measures = measuresWith([{}], [find], {
    counters: { oops: 1 },
    ...{ shards: 2, windows: 100_000, events: 1_000_000 },
    connections: { ...nothingMeasured().connections, asked: 1 },
    nat: NAT,
    state: { meanEntries: 1, maxEntries: 2, meanBytes: 3, maxBytes: 4, perServer: { entries: 5, bytes: 6 } },
  });
  const summary = summarise(scenarioWith({ measures: { intervalMs: 1, paths: false, thresholds } }), measures, '1', [claim]);
  t.true(summary.warnings.length > 0);
  const fault = { atMs: 1, untilMs: 2, says: 'loss 1%', origin: 'chaos', peersHit: 4 } as const;
  // Where something was broken on purpose no claim is judged.
  const broken = summarise(scenarioWith(), { ...measures, faults: [fault] }, '1', [claim]);
  t.deepEqual(broken.claims, []);
  t.deepEqual(documented('summary.json').sort(), [...new Set([...paths(summary), ...paths(broken.faults, 'faults')])].sort());
});

test('docs/results.md names the fields that depend on how the run was done', (t) => {
  const sentence = /All fields but (.*) are the same/.exec(section('summary.json'))?.[1] ?? '';
  t.deepEqual([...sentence.matchAll(/`(\w+)`/g)].map(([, field]) => field).sort(), [...EFFORT_FIELDS].sort());
});

test('docs/results.md defines every column of every table, in order', (t) => {
  for (const { file, columns } of [timeseries, ledger, operations, faults]) t.deepEqual(documented(file), [...columns], file);
  t.deepEqual(
    documented('comparison.csv'),
    COMPARISON_COLUMNS.map(([name]) => name),
  );
});
