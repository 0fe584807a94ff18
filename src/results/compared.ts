/** Reads one side of a comparison as points with their repetitions: the folder of a run, of a comparison, of a sweep, or of several runs. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { KEY_FIGURES } from '../metrics/key-figures.js';
import type { ComparedRun } from '../metrics/run-comparison.js';
import { Problem } from '../problem.js';
import { COMPARISON_COLUMNS } from './comparison.js';
import { readCsv, readText } from './csv.js';
import { readSummary } from './read.js';
import { isSweep, readSweep, type Sweep, type SweepPoint } from './sweep.js';
import { operations } from './tables.js';

export interface ComparedPoint {
  /** What tells it from the other points of its side, the same on both sides: `peers 1000, chord`. */
  readonly name: string;
  readonly runs: readonly ComparedRun[];
  /** Of its first run, with every default filled in, as YAML; null when it is not kept. */
  scenarioYaml(): string | null;
}

export interface ComparedSide {
  readonly folder: string;
  readonly kind: 'run' | 'runs' | 'comparison' | 'sweep';
  /** Of Peerage. */
  readonly version: string;
  readonly points: readonly ComparedPoint[];
}

const COMPARISON_FILE = 'comparison.csv';

/** @throws Problem when the folder is none of these, or a file in it is broken */
export function readSide(folder: string): ComparedSide {
  if (isSweep(folder)) return sweepSide(folder);
  if (existsSync(join(folder, COMPARISON_FILE))) return comparisonSide(folder);
  if (existsSync(folder) && !existsSync(join(folder, 'summary.json'))) return directorySide(folder);
  const { version } = readSummary(folder);
  return { folder, kind: 'run', version, points: [{ name: '', runs: [runOf(folder)], scenarioYaml: () => yamlOf(folder) }] };
}

/** A directory into which `--out` put results: the one sweep or comparison in it, or its runs, those with other seeds as repetitions. */
function directorySide(directory: string): ComparedSide {
  const within = foldersIn(directory);
  const wholes = within.filter((folder) => isSweep(folder) || existsSync(join(folder, COMPARISON_FILE)));
  if (wholes.length === 1) return readSide(wholes[0]);
  if (wholes.length > 1)
    throw new Problem(`${directory}: expected one sweep or comparison in it, got ${wholes.length}, such as ${wholes.at(-1)}`);
  const points = new Map<string, { folder: string; run: ComparedRun; version: string }[]>();
  for (const folder of within.filter((each) => existsSync(join(each, 'summary.json')))) {
    const { scenario, protocol, version } = readSummary(folder);
    const name = `${scenario}, ${protocol}`;
    const others = points.get(name) ?? [];
    const run = runOf(folder);
    const twin = others.find(({ run: { seed } }) => seed === run.seed);
    if (twin) {
      throw new Problem(
        `${directory}: expected repetitions with seeds of their own, got seed ${run.seed} twice: ${twin.folder} and ${folder}`,
      );
    }
    points.set(name, [...others, { folder, run, version }]);
  }
  const [first] = points.values();
  if (first === undefined) {
    throw new Problem(`${directory}: expected the folder of a run, a comparison or a sweep, or one with results in it, got none`);
  }
  return {
    folder: directory,
    kind: 'runs',
    version: first[0].version,
    points: [...points].map(([name, members]) => ({
      name,
      runs: members.map(({ run }) => run).sort((a, b) => a.seed - b.seed),
      scenarioYaml: () => yamlOf(members[0].folder),
    })),
  };
}

/** By name; hidden ones are not whole. */
function foldersIn(directory: string): string[] {
  if (!statSync(directory).isDirectory()) throw new Problem(`${directory}: expected a folder, got a file`);
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(directory, name))
    .sort();
}

function runOf(folder: string): ComparedRun {
  const summary = readSummary(folder);
  return {
    seed: summary.seed,
    digest: summary.digest,
    status: summary.status,
    figures: Object.fromEntries(KEY_FIGURES.map(({ name, of }) => [name, of(summary)])),
    operations: () => operationsOf(folder),
  };
}

function operationsOf(folder: string) {
  const file = join(folder, operations.file);
  return existsSync(file) ? operations.read(file) : null;
}

function yamlOf(folder: string): string | null {
  const file = join(folder, 'scenario.yaml');
  return existsSync(file) ? readText(file) : null;
}

function comparisonSide(folder: string): ComparedSide {
  const columns = COMPARISON_COLUMNS.map(([name]) => name);
  const file = join(folder, COMPARISON_FILE);
  const [protocol, value, where] = ['protocol', 'value', 'folder'].map((name) => columns.indexOf(name));
  const rows = [...readCsv(file, columns)].map(({ line, cells }) => {
    // Paths are as they were when it was written; the runs lie beside it, even when all of them were moved.
    const places = cells[where] === '' ? [] : [cells[where], join(dirname(folder), basename(cells[where]))];
    const own = places.find((path) => existsSync(join(path, 'summary.json')));
    if (own === undefined)
      throw new Problem(`${file}:${line}: folder: expected the results of a run, got "${cells[where]}", which is not there`);
    return { own, name: [cells[value], cells[protocol]].filter((part) => part !== '').join(', ') };
  });
  if (rows.length === 0) throw new Problem(`${file}: expected a run, got none`);
  const points = rows.map(({ own, name }) => ({ name, runs: [runOf(own)], scenarioYaml: () => yamlOf(own) }));
  return { folder, kind: 'comparison', version: readSummary(rows[0].own).version, points };
}

function sweepSide(folder: string): ComparedSide {
  const sweep = readSweep(folder);
  const points = sweep.points.map((point): ComparedPoint => {
    const own = point.runs.flatMap((run) => (run.folder === null ? [] : [join(folder, run.folder)]));
    return {
      name: nameOf(sweep, point),
      runs: point.runs.map((run) => ({
        seed: run.seed,
        digest: run.digest,
        status: run.status,
        figures: run.figures,
        operations: () => (run.folder === null ? null : operationsOf(join(folder, run.folder))),
      })),
      scenarioYaml: () => (own.length === 0 ? null : yamlOf(own[0])),
    };
  });
  return { folder, kind: 'sweep', version: sweep.version, points };
}

/** By what was varied, in base units: 1k peers are 1000 peers. */
function nameOf({ axes }: Sweep, { at, protocol }: SweepPoint): string {
  const parts = axes.map(({ path, values }, axis) => {
    const { number, text } = values[at[axis]];
    return path === 'protocol' ? text : `${path} ${number ?? text}`;
  });
  return (axes.some(({ path }) => path === 'protocol') ? parts : [...parts, protocol]).join(', ');
}
