/** Reads result folders back: what reports and sweeps work from. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultRecord } from '../faults/plan.js';
import type { LoadPoint } from '../metrics/load.js';
import type { LedgerRow, SeriesRow } from '../metrics/measures.js';
import { OperationTable } from '../metrics/operations.js';
import { SUMMARY_SCHEMA, type Summary } from '../metrics/summary.js';
import { Problem } from '../problem.js';
import { readText } from './csv.js';
import { type Percentiles, readPercentiles } from './histogram-file.js';
import { readJson } from './json-file.js';
import { faults, ledger, load, operations, timeseries } from './tables.js';

/** A result folder without its queries, one by one: bounded in size, however large the run was. What reports are made of. */
export interface Overview {
  readonly folder: string;
  /** The scenario with every default filled in, as YAML. */
  readonly scenarioYaml: string;
  readonly summary: Summary;
  readonly series: readonly SeriesRow[];
  readonly ledger: readonly LedgerRow[];
  readonly faults: readonly FaultRecord[];
  /** How the messages handled are spread over the machines; empty when nobody handled any, or a version before wrote the folder. */
  readonly load: readonly LoadPoint[];
  /** By name: `locate-latency`, `locate-hops`, `transit`, `lateness`. */
  readonly percentiles: Readonly<Record<string, Percentiles>>;
}

/** A result folder in memory. */
export interface Results extends Overview {
  /** As measured, times rounded to us; the column `number` counts the rows from 1. Empty where a sweep did not keep them. */
  readonly operations: OperationTable;
  readonly log: readonly string[];
}

/** @throws Problem when the folder is not a result folder, or a file in it is broken */
export function readResults(folder: string): Results {
  return {
    ...readOverview(folder),
    operations: existsSync(join(folder, operations.file))
      ? operations.read(join(folder, operations.file))
      : new OperationTable(new Float64Array(0)),
    log: existsSync(join(folder, 'log.txt')) ? readText(join(folder, 'log.txt')).trimEnd().split('\n') : [],
  };
}

/** @throws Problem when the folder is not a result folder, or a file in it is broken */
export function readOverview(folder: string): Overview {
  const summary = readSummary(folder);
  const files = readdirSync(folder).sort();
  return {
    folder,
    summary,
    scenarioYaml: readText(join(folder, 'scenario.yaml')),
    series: timeseries.read(join(folder, timeseries.file)),
    ledger: ledger.read(join(folder, ledger.file)),
    faults: files.includes(faults.file) ? faults.read(join(folder, faults.file)) : [],
    load: files.includes(load.file) ? load.read(join(folder, load.file)) : [],
    percentiles: Object.fromEntries(
      files.filter((file) => file.endsWith(HGRM)).map((file) => [file.slice(0, -HGRM.length), readPercentiles(join(folder, file))]),
    ),
  };
}

const HGRM = '.hgrm';

/** Only `summary.json`. @throws Problem when there is none, or it is not one this version reads */
export function readSummary(folder: string): Summary {
  return readJson(folder, { file: 'summary.json', schema: SUMMARY_SCHEMA, holds: 'a summary', folder: 'a result folder' });
}

/** The result folders in a directory, by name. Unfinished ones (`.*.partial`, left by a process that was killed) are not among them. */
export function listResults(directory: string): string[] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new Problem(
      `${directory}: expected a directory of result folders, got ${existsSync(directory) ? 'a file' : 'no such directory'}`,
    );
  }
  return readdirSync(directory)
    .filter((name) => !name.startsWith('.') && existsSync(join(directory, name, 'summary.json')))
    .sort()
    .map((name) => join(directory, name));
}
