/** Reads result folders back: what reports and sweeps work from. */

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultRecord } from '../faults/plan.js';
import type { LedgerRow, SeriesRow } from '../metrics/measures.js';
import { OperationTable } from '../metrics/operations.js';
import { SUMMARY_SCHEMA, type Summary } from '../metrics/summary.js';
import { Problem } from '../problem.js';
import { readText } from './csv.js';
import { faults, ledger, operations, timeseries } from './tables.js';

/** A result folder in memory. */
export interface Results {
  readonly folder: string;
  /** The scenario with every default filled in, as YAML. */
  readonly scenarioYaml: string;
  readonly summary: Summary;
  readonly series: readonly SeriesRow[];
  readonly ledger: readonly LedgerRow[];
  /** As measured, times rounded to us; the column `number` counts the rows from 1. Empty where a sweep left them out. */
  readonly operations: OperationTable;
  readonly faults: readonly FaultRecord[];
  readonly log: readonly string[];
}

/** @throws Problem when the folder is not a result folder, or a file in it is broken */
export function readResults(folder: string): Results {
  const summary = readSummary(folder);
  return {
    folder,
    summary,
    scenarioYaml: readText(join(folder, 'scenario.yaml')),
    series: timeseries.read(join(folder, timeseries.file)),
    ledger: ledger.read(join(folder, ledger.file)),
    operations: existsSync(join(folder, operations.file))
      ? operations.read(join(folder, operations.file))
      : new OperationTable(new Float64Array(0)),
    faults: existsSync(join(folder, faults.file)) ? faults.read(join(folder, faults.file)) : [],
    log: existsSync(join(folder, 'log.txt')) ? readText(join(folder, 'log.txt')).trimEnd().split('\n') : [],
  };
}

/** Only `summary.json`. @throws Problem when there is none, or it is not one this version reads */
export function readSummary(folder: string): Summary {
  const path = join(folder, 'summary.json');
  if (!existsSync(path)) {
    throw new Problem(`${folder}: expected a result folder, got ${existsSync(folder) ? 'one without summary.json' : 'no such folder'}`);
  }
  let summary: unknown;
  try {
    summary = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(`${path}: expected JSON: ${(error as Error).message}`);
  }
  const schema = (summary as Partial<Summary> | null)?.schema;
  if (schema !== SUMMARY_SCHEMA) {
    throw new Problem(`${path}: expected a summary with schema ${SUMMARY_SCHEMA}, got schema ${JSON.stringify(schema) ?? 'none'}`);
  }
  return summary as Summary;
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
