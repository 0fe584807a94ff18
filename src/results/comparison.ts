/**
 * The table of several runs as a file: `<outDir>/<scenario>-comparison-<date>-<id>/` with `comparison.csv`, a row for each run, and
 * `comparison.txt`, what the terminal showed. The runs' own folders lie beside it and are named in it.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_FIGURES } from '../metrics/key-figures.js';
import type { Summary } from '../metrics/summary.js';
import type { Cell } from './csv.js';
import { writeFolder, writeTable } from './folder.js';

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

/** Returns the folder. @throws Problem when it cannot be written; nothing is left behind then */
export function writeComparison(scenario: string, runs: readonly ComparedRun[], text: string, outDir: string): string {
  return writeFolder(outDir, `${scenario}-comparison`, (partial) => {
    const rows = runs.map((run) => COMPARISON_COLUMNS.map(([, of]) => of(run)));
    writeTable(
      join(partial, 'comparison.csv'),
      COMPARISON_COLUMNS.map(([name]) => name),
      rows,
    );
    writeFileSync(join(partial, 'comparison.txt'), text);
  });
}
