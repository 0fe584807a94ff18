/**
 * Writes the folder of a sweep, `<outDir>/<scenario>-sweep-<hash of its grid>/`. It has one name however often the sweep is taken up again,
 * so its files are replaced one by one, each of them whole.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile, writeTable } from './folder.js';
import { parquetBytes } from './parquet.js';
import { runColumns, runRows, SWEEP_FILE, type Sweep, sweepColumns, sweepRows } from './sweep.js';

export const SWEEP_TABLE = 'sweep.csv';
export const RUNS_TABLE = 'runs.csv';
export const SWEEP_PARQUET = 'sweep.parquet';

/** @throws Problem when it cannot be written; the files that were there are whole then */
export function writeSweep(folder: string, sweep: Sweep, parquet: boolean): void {
  replaceFile(join(folder, SWEEP_TABLE), (path) => writeTable(path, sweepColumns(sweep), sweepRows(sweep)));
  replaceFile(join(folder, RUNS_TABLE), (path) => writeTable(path, runColumns(sweep), runRows(sweep)));
  if (parquet) {
    const bytes = parquetBytes(sweepColumns(sweep), [...sweepRows(sweep)]);
    replaceFile(join(folder, SWEEP_PARQUET), (path) => writeFileSync(path, bytes));
  }
  // Last: whoever finds it finds the others as well.
  replaceFile(join(folder, SWEEP_FILE), (path) => writeFileSync(path, `${JSON.stringify(sweep, null, 1)}\n`));
}
