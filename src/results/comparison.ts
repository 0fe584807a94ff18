/**
 * The table of several runs as a file: `<outDir>/<scenario>-comparison-<date>-<id>/` with `comparison.csv`, a row for each run, and
 * `comparison.txt`, what the terminal showed. The runs' own folders lie beside it and are named in it.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  ['queries', ({ summary }) => summary.operations.locate?.started ?? null],
  ['success', ({ summary }) => summary.operations.locate?.success ?? null],
  ['recall', ({ summary }) => summary.operations.locate?.recall ?? null],
  ['stale', ({ summary }) => summary.operations.locate?.stale ?? null],
  ['latencyP50Ms', ({ summary }) => summary.operations.locate?.latencyMs.p50 ?? null],
  ['latencyP90Ms', ({ summary }) => summary.operations.locate?.latencyMs.p90 ?? null],
  ['latencyP99Ms', ({ summary }) => summary.operations.locate?.latencyMs.p99 ?? null],
  ['hopsMean', ({ summary }) => summary.operations.locate?.hops.mean ?? null],
  ['timeoutsPerQuery', ({ summary }) => summary.operations.locate?.timeouts.mean ?? null],
  ['messagesPerQuery', ({ summary }) => summary.operations.locate?.messages.mean ?? null],
  ['bytesPerQuery', ({ summary }) => summary.operations.locate?.bytes.mean ?? null],
  ['reachedPerQuery', ({ summary }) => summary.operations.locate?.reached.mean ?? null],
  ['obtained', ({ summary }) => summary.operations.locate?.obtained.share ?? null],
  ['obtainedP50Ms', ({ summary }) => summary.operations.locate?.obtained.ms.p50 ?? null],
  ['maintenanceBytesPerPeerSecond', ({ summary }) => summary.maintenance.bytesPerPeerSecond],
  ['loadMean', ({ summary }) => summary.load.mean],
  ['loadP99', ({ summary }) => summary.load.p99],
  ['loadGini', ({ summary }) => summary.load.gini],
  ['loadPerServer', ({ summary }) => summary.load.perServer],
  ['stateMeanEntries', ({ summary }) => summary.state?.meanEntries ?? null],
  ['stateMaxEntries', ({ summary }) => summary.state?.maxEntries ?? null],
  ['stateMeanBytes', ({ summary }) => summary.state?.meanBytes ?? null],
  ['memoryBytesPerPeer', ({ summary }) => summary.memory.bytesPerPeer],
  ['peersAlive', ({ summary }) => summary.peersAlive],
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
