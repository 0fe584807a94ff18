/**
 * The import rule, drawn from the sources: which part may know which. A new edge fails here, and is then either a mistake or a decision
 * to be written down in ALLOWED. `(types)` is knowledge of a shape only: `import type`, nothing at run time.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import test from 'ava';

let root = import.meta.dirname;
while (!existsSync(join(root, 'package.json'))) root = dirname(root);

/** Files directly in src stand for themselves; `problem.ts`, which everybody may throw, is left out. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  // What an author reads, and the ground: nothing of ours.
  'protocol.ts': [],
  kernel: [],
  // Parts of the emulator, each upon those before it.
  population: ['kernel', 'protocol.ts (types)'],
  network: ['kernel', 'protocol.ts (types)'],
  faults: ['kernel', 'network'],
  scenario: [
    'faults (types)',
    'kernel',
    'network (types)',
    'overlay',
    'population',
    'protocol-catalog.ts',
    'protocol.ts (types)',
    'metrics (types)',
  ],
  metrics: ['checkers', 'faults (types)', 'protocol.ts (types)', 'scenario (types)'],
  checkers: ['metrics (types)'],
  services: ['kernel', 'metrics', 'network', 'population (types)', 'protocol.ts (types)', 'scenario (types)'],
  shard: ['faults', 'kernel', 'metrics', 'network', 'population', 'protocol-catalog.ts', 'protocol.ts (types)', 'scenario', 'services'],
  coordinator: [
    'checkers',
    'faults (types)',
    'kernel',
    'metrics',
    'network',
    'protocol-catalog.ts',
    'protocol.ts (types)',
    'results',
    'scenario',
    'shard',
    'version.ts',
  ],
  results: ['faults (types)', 'metrics', 'scenario (types)'],
  report: ['faults (types)', 'metrics', 'results'],
  // Many runs: plans them, has the coordinator carry them out, and keeps what comes of them.
  sweep: [
    'coordinator',
    'kernel',
    'metrics',
    'network (types)',
    'protocol-catalog.ts',
    'protocol.ts (types)',
    'results',
    'scenario',
    'shard',
    'version.ts',
  ],
  // A run on a page: what viewers are told, and the server that tells them.
  live: ['coordinator (types)', 'faults (types)', 'metrics', 'report', 'results (types)', 'scenario'],
  cli: [
    'coordinator',
    'faults',
    'live',
    'metrics',
    'network',
    'protocol-catalog.ts',
    'report',
    'results',
    'scenario',
    'shard (types)',
    'sweep',
    'version.ts',
  ],
  // The zoo: protocols see what an author sees, and nothing of the machine.
  overlay: ['protocol.ts', 'services (types)'],
  protocols: ['overlay', 'protocol.ts', 'services (types)'],
  'protocol-catalog.ts': ['protocol.ts (types)'],
  'version.ts': ['scenario'],
  // The library: what it shows of each part.
  library: ['coordinator', 'metrics', 'network', 'protocol-catalog.ts', 'protocol.ts (types)', 'results (types)', 'scenario', 'sweep'],
  'index.ts': [
    'coordinator (types)',
    'library',
    'metrics',
    'network (types)',
    'overlay',
    'protocol-catalog.ts',
    'protocol.ts',
    'report',
    'results',
    'scenario',
    'services (types)',
    'sweep (types)',
  ],
};

interface Edge {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly typesOnly: boolean;
}

const partOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file);

/** Every import of one part of src by another. */
function edges(): Edge[] {
  const found: Edge[] = [];
  for (const file of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).sort()) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join(root, 'src', file), 'utf8');
    const imports = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'(\.[^']+)'/gm)].map(([, type, path]) => ({
      type,
      path,
    }));
    const atRuntime = [...text.matchAll(/\bimport\(\s*'(\.[^']+)'\s*\)|^import\s+'(\.[^']+)'/gm)].map(([, a, b]) => ({
      type: undefined,
      path: a ?? b,
    }));
    for (const { type, path } of [...imports, ...atRuntime]) {
      const target = posix.normalize(posix.join(posix.dirname(file), path)).replace(/\.js$/, '.ts');
      if (target === 'problem.ts' || partOf(target) === partOf(file)) continue;
      found.push({ file, from: partOf(file), to: partOf(target), typesOnly: type !== undefined });
    }
  }
  return found;
}

const isAllowed = ({ from, to, typesOnly }: Edge) => {
  const allowed = ALLOWED[from] ?? [];
  return allowed.includes(to) || (typesOnly && allowed.includes(`${to} (types)`));
};

test('every import between parts is one that the rule allows', (t) => {
  const all = edges();
  t.true(all.length > 100, `${all.length} imports found`);
  const wrong = all
    .filter((edge) => !isAllowed(edge))
    .map(({ file, to, typesOnly }) => `src/${file} imports ${to}${typesOnly ? ' (types)' : ''}`);
  t.deepEqual([...new Set(wrong)], []);
});

test('every part is in the rule, and no part in it is gone', (t) => {
  const parts = readdirSync(join(root, 'src')).filter((part) => part !== 'problem.ts');
  t.deepEqual(
    parts.filter((part) => !(part in ALLOWED)),
    [],
  );
  t.deepEqual(
    Object.keys(ALLOWED).filter((part) => !parts.includes(part) && part !== 'index.ts'),
    [],
  );
});

test('problem.ts, which everybody imports, imports nothing', (t) => {
  t.false(/^import/m.test(readFileSync(join(root, 'src/problem.ts'), 'utf8')));
});

test('at run time no two parts import each other, directly or around corners', (t) => {
  const graph = new Map<string, Set<string>>();
  for (const { from, to, typesOnly } of edges()) if (!typesOnly) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean => {
    for (const next of graph.get(from) ?? []) {
      if (next === goal) return true;
      if (!seen.has(next)) {
        seen.add(next);
        if (reaches(next, goal, seen)) return true;
      }
    }
    return false;
  };
  t.deepEqual(
    [...graph.keys()].filter((part) => reaches(part, part)),
    [],
  );
});

/** What lies behind each door: a shard, or, for a sweep, a whole run. */
const DOORS: Readonly<Record<string, string>> = { 'shard.ts': '../src/shard/', 'run.ts': '../src/sweep/task.js' };

test('the threads\u2019 doors know what lies behind them and nothing else', (t) => {
  t.deepEqual(readdirSync(join(root, 'workers')).sort(), Object.keys(DOORS).sort());
  for (const [file, behind] of Object.entries(DOORS)) {
    const imports = [...readFileSync(join(root, 'workers', file), 'utf8').matchAll(/from '(\.[^']+)'/g)].map(([, path]) => path);
    t.true(
      imports.every((path) => path.startsWith(behind)),
      `${file}: ${imports}`,
    );
  }
});
