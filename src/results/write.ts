/** Writes the folder that a run leaves behind. A folder with a plain name is complete (folder.ts). */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCurve } from '../metrics/load.js';
import type { Measures } from '../metrics/measures.js';
import type { Summary } from '../metrics/summary.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Cell } from './csv.js';
import { fileName, writeFolder, writeFolderOnce, writeTable } from './folder.js';
import { histogramText } from './histogram-file.js';
import { faults, ledger, load, operations, timeseries } from './tables.js';

/** Where result folders go when nobody says otherwise, below the current directory. */
export const RESULTS_DIRECTORY = 'results';

/**
 * Writes `<outDir>/<scenario>-<protocol>-<date>-<short id>/` and returns its path.
 * @param scenarioYaml the scenario with every default filled in
 * @throws Problem when it cannot be written; nothing is left behind then
 */
export function writeResults(
  scenario: Scenario,
  scenarioYaml: string,
  measures: Measures,
  summary: Summary,
  outDir: string = RESULTS_DIRECTORY,
): string {
  const stem = `${fileName(scenario.name)}-${fileName(scenario.protocol.name)}`;
  return writeFolder(outDir, stem, (partial) => fill(partial, scenarioYaml, measures, summary));
}

/**
 * The same as `<outDir>/<key>/`, for a run that a sweep knows by its key; when it is there already, that one stays.
 * @param keepOperations whether with operations.csv, which is larger than all the rest
 */
export function writeResultsOnce(
  outDir: string,
  key: string,
  scenarioYaml: string,
  measures: Measures,
  summary: Summary,
  keepOperations: boolean,
): string {
  return writeFolderOnce(outDir, key, (partial) => fill(partial, scenarioYaml, measures, summary, keepOperations));
}

function fill(folder: string, scenarioYaml: string, measures: Measures, summary: Summary, keepOperations = true): void {
  writeFileSync(join(folder, 'scenario.yaml'), scenarioYaml);
  const table = ({ file, columns }: { file: string; columns: readonly string[] }, rows: Iterable<readonly Cell[]>) =>
    writeTable(join(folder, file), columns, rows);
  table(timeseries, timeseries.rows(measures.series));
  table(ledger, ledger.rows(measures.ledger));
  if (keepOperations) table(operations, operations.rows(measures.operations));
  const spread = loadCurve(measures.handled);
  if (spread.length > 0) table(load, load.rows(spread));
  if (summary.faults.length > 0) table(faults, faults.rows(summary.faults));
  for (const [name, histogram] of Object.entries(measures.histograms)) {
    if (histogram.totalCount > 0) writeFileSync(join(folder, `${fileName(name)}.hgrm`), histogramText(name, histogram));
  }
  if (measures.log.length > 0) writeFileSync(join(folder, 'log.txt'), `${measures.log.join('\n')}\n`);
  writeFileSync(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
}
