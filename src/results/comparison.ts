/**
 * The table of several runs as a file: `<outDir>/<scenario>-comparison-<date>-<id>/` with `comparison.csv`, a row for each run,
 * `comparison.json`, which runs they are, and `comparison.txt`, what the terminal showed. The runs' own folders lie beside it.
 */

import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { KEY_FIGURES } from '../metrics/key-figures.js';
import type { Summary } from '../metrics/summary.js';
import type { Cell } from './csv.js';
import { writeFolder, writeTable } from './folder.js';
import { readJson } from './json-file.js';

export interface ComparedRun {
  readonly summary: Summary;
  /** The value of what was varied; null when nothing was. */
  readonly value: string | null;
  /** Its result folder; null when none was written. */
  readonly folder: string | null;
}

/** The columns of comparison.csv, each with where its value comes from. docs/results.md defines them. */
export const COMPARISON_COLUMNS: readonly (readonly [name: string, of: (run: ComparedRun) => Cell])[] = [
  ['protocol', ({ summary }) => summary.protocol],
  ['value', ({ value }) => value],
  ['status', ({ summary }) => summary.status],
  ['searchesBy', ({ summary }) => summary.searchesBy],
  ...KEY_FIGURES.map(({ name, of }) => [name, ({ summary }: ComparedRun) => of(summary)] as const),
  ['digest', ({ summary }) => summary.digest],
  ['folder', ({ folder }) => folder],
];

/** Raised when a field is renamed, removed or redefined. */
export const COMPARISON_SCHEMA = 1;
export const COMPARISON_FILE = 'comparison.json';

/** What a comparison's folder says of itself. */
export interface Comparison {
  readonly schema: typeof COMPARISON_SCHEMA;
  readonly scenario: string;
  /** What repeats it. */
  readonly command: string;
  /** The setting that was varied; null when none was. */
  readonly varied: string | null;
  /** In the order in which they ran. `folder` is the run's, as seen from this one, with slashes; null when none was written. */
  readonly runs: readonly { readonly protocol: string; readonly value: string | null; readonly folder: string | null }[];
}

/**
 * Returns the folder.
 * @param text what the terminal showed
 * @param outDir where the runs' folders are
 * @throws Problem when it cannot be written; nothing is left behind then
 */
export function writeComparison(
  { scenario, command, varied }: Pick<Comparison, 'scenario' | 'command' | 'varied'>,
  runs: readonly ComparedRun[],
  text: string,
  outDir: string,
): string {
  const which = runs.map(({ summary: { protocol }, value, folder }) => ({
    protocol,
    value,
    folder: folder === null ? null : `../${basename(folder)}`,
  }));
  const comparison: Comparison = { schema: COMPARISON_SCHEMA, scenario, command, varied, runs: which };
  return writeFolder(outDir, `${scenario}-comparison`, (partial) => {
    const rows = runs.map((run) => COMPARISON_COLUMNS.map(([, of]) => of(run)));
    writeTable(
      join(partial, 'comparison.csv'),
      COMPARISON_COLUMNS.map(([name]) => name),
      rows,
    );
    writeFileSync(join(partial, COMPARISON_FILE), `${JSON.stringify(comparison, null, 2)}\n`);
    writeFileSync(join(partial, 'comparison.txt'), text);
  });
}

/** @throws Problem when there is no comparison, or it is not one this version reads */
export function readComparison(folder: string): Comparison {
  return readJson(folder, { file: COMPARISON_FILE, schema: COMPARISON_SCHEMA, holds: 'a comparison', folder: "a comparison's folder" });
}
