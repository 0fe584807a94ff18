/**
 * Writes the folder a run leaves behind. Everything goes into a hidden sibling, `.<name>.partial`, which gets its name only when it is
 * whole: a folder with a plain name is complete, whatever ended the process. Writing is synchronous, so no signal handler runs halfway.
 */

import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Measures } from '../metrics/measures.js';
import type { Summary } from '../metrics/summary.js';
import { Problem } from '../problem.js';
import type { Scenario } from '../scenario/scenario.js';
import { type Cell, writeCsv } from './csv.js';
import { histogramText } from './histogram-file.js';
import { faults, ledger, operations, timeseries } from './tables.js';

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
  try {
    mkdirSync(outDir, { recursive: true });
    const { folder, partial } = reserve(outDir, `${fileName(scenario.name)}-${fileName(scenario.protocol.name)}`);
    try {
      fill(partial, scenarioYaml, measures, summary);
      renameSync(partial, folder);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      throw error;
    }
    return folder;
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Problem(`cannot write the results into ${outDir}: ${REASONS[code] ?? code}${path ? ` (${path})` : ''}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'there is a file of that name',
};

/** Makes the hidden folder under a name that is free; `mkdir` fails when another process was first. */
function reserve(outDir: string, stem: string): { folder: string; partial: string } {
  const date = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  for (let attempt = 1; ; attempt++) {
    const name = `${stem}-${date}-${randomBytes(3).toString('hex')}`;
    const folder = join(outDir, name);
    const partial = join(outDir, `.${name}.partial`);
    if (existsSync(folder)) continue;
    try {
      mkdirSync(partial);
      return { folder, partial };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === 10) throw error;
    }
  }
}

/** A name fit for a folder on any system: letters, digits, dot, dash and underscore, and no dot in front. */
function fileName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '') || 'run';
}

function fill(folder: string, scenarioYaml: string, measures: Measures, summary: Summary): void {
  writeFileSync(join(folder, 'scenario.yaml'), scenarioYaml);
  table(folder, timeseries, timeseries.rows(measures.series));
  table(folder, ledger, ledger.rows(measures.ledger));
  table(folder, operations, operations.rows(measures.operations));
  if (summary.faults.length > 0) table(folder, faults, faults.rows(summary.faults));
  for (const [name, histogram] of Object.entries(measures.histograms)) {
    if (histogram.totalCount > 0) writeFileSync(join(folder, `${fileName(name)}.hgrm`), histogramText(name, histogram));
  }
  if (measures.log.length > 0) writeFileSync(join(folder, 'log.txt'), `${measures.log.join('\n')}\n`);
  writeFileSync(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
}

function table(folder: string, { file, columns }: { file: string; columns: readonly string[] }, rows: Iterable<readonly Cell[]>): void {
  const descriptor = openSync(join(folder, file), 'wx');
  try {
    writeCsv(descriptor, columns, rows);
  } finally {
    closeSync(descriptor);
  }
}
