/** The tables of a result folder: for each its file, its columns, and its rows to and from text. */

import type { FaultOrigin, FaultRecord } from '../faults/plan.js';
import type { LoadPoint } from '../metrics/load.js';
import { CAUSES, type LedgerRow, PHASES, type SeriesRow } from '../metrics/measures.js';
import { OPERATION_COLUMNS, OPERATION_STRIDE, OperationTable, OUTCOMES } from '../metrics/operations.js';
import { Problem } from '../problem.js';
import { type Cell, readCsv } from './csv.js';

interface Table<T> {
  readonly file: string;
  readonly columns: readonly string[];
  rows(data: T): Iterable<readonly Cell[]>;
  /** @throws Problem with file and line */
  read(path: string): T;
}

/** Every field of a row, in the order of the columns; a new field that is missing here does not compile. */
const SERIES_FIELDS = Object.keys({
  startMs: 0,
  endMs: 0,
  peersAlive: 0,
  sent: 0,
  bytes: 0,
  delivered: 0,
  dropped: 0,
  operationsStarted: 0,
  operationsSucceeded: 0,
  operationsFailed: 0,
  checksum: 0,
} satisfies Record<keyof SeriesRow, 0>) as (keyof SeriesRow)[];

export const timeseries: Table<readonly SeriesRow[]> = {
  file: 'timeseries.csv',
  columns: [...SERIES_FIELDS, 'success'],

  *rows(series) {
    for (const row of series) {
      const judged = row.operationsSucceeded + row.operationsFailed;
      yield [...SERIES_FIELDS.map((field) => row[field]), judged ? row.operationsSucceeded / judged : null];
    }
  },

  read(path) {
    const series: SeriesRow[] = [];
    for (const { line, cells } of readCsv(path, this.columns)) {
      const numbers = SERIES_FIELDS.map((field, column) => [field, numberAt(cells[column], path, line, field)]);
      series.push(Object.fromEntries(numbers) as SeriesRow);
    }
    return series;
  },
};

export const ledger: Table<readonly LedgerRow[]> = {
  file: 'messages.csv',
  columns: ['phase', 'type', 'cause', 'messages', 'bytes'],

  *rows(rows) {
    for (const { phase, type, cause, messages, bytes } of rows) yield [phase, type, cause, messages, bytes];
  },

  read(path) {
    const rows: LedgerRow[] = [];
    for (const { line, cells } of readCsv(path, this.columns)) {
      rows.push({
        phase: wordAt(cells[0], PHASES, path, line, 'phase'),
        type: cells[1],
        cause: wordAt(cells[2], CAUSES, path, line, 'cause'),
        messages: numberAt(cells[3], path, line, 'messages'),
        bytes: numberAt(cells[4], path, line, 'bytes'),
      });
    }
    return rows;
  },
};

/** All columns but the first, the number by which shards add up: it means nothing afterwards. */
const SHOWN_COLUMNS = OPERATION_COLUMNS.slice(1);

export const operations: Table<OperationTable> = {
  file: 'operations.csv',
  columns: [...SHOWN_COLUMNS, 'path'],

  *rows(table) {
    // One array for all rows: the writer is done with it before it asks for the next.
    const cells: Cell[] = new Array(SHOWN_COLUMNS.length + 1);
    for (let row = 0; row < table.length; row++) {
      for (let column = 0; column < SHOWN_COLUMNS.length; column++) {
        const name = SHOWN_COLUMNS[column];
        const value = table.at(row, name);
        if (name === 'outcome') cells[column] = OUTCOMES[value];
        else if (value === -1) cells[column] = null;
        else if (name === 'origin') cells[column] = `p${value}`;
        else cells[column] = name.endsWith('Ms') ? Math.round(value * 1000) / 1000 : value;
      }
      cells[SHOWN_COLUMNS.length] = table.paths[row] ?? null;
      yield cells;
    }
  },

  read(path) {
    const values: number[] = [];
    const paths: string[] = [];
    for (const { line, cells } of readCsv(path, this.columns)) {
      values.push(values.length / OPERATION_STRIDE + 1);
      for (let column = 0; column < SHOWN_COLUMNS.length; column++) {
        const name = SHOWN_COLUMNS[column];
        const cell = cells[column];
        if (name === 'outcome') values.push(OUTCOMES.indexOf(wordAt(cell, OUTCOMES, path, line, name)));
        else if (cell === '') values.push(-1);
        else values.push(numberAt(name === 'origin' ? cell.replace(/^p/, '') : cell, path, line, name));
      }
      paths.push(cells[SHOWN_COLUMNS.length]);
    }
    return new OperationTable(Float64Array.from(values), paths.some((each) => each !== '') ? paths : []);
  },
};

const ORIGINS: readonly FaultOrigin[] = ['scenario', 'chaos', 'injected'];

/** In order of time, as in the summary. */
export const faults: Table<readonly FaultRecord[]> = {
  file: 'faults.csv',
  columns: ['atMs', 'untilMs', 'says', 'origin', 'peersHit'],

  *rows(records) {
    for (const { atMs, untilMs, says, origin, peersHit } of records) yield [atMs, untilMs, says, origin, peersHit];
  },

  read(path) {
    const records: FaultRecord[] = [];
    for (const { line, cells } of readCsv(path, this.columns)) {
      records.push({
        atMs: numberAt(cells[0], path, line, 'atMs'),
        untilMs: cells[1] === '' ? null : numberAt(cells[1], path, line, 'untilMs'),
        says: cells[2],
        origin: wordAt(cells[3], ORIGINS, path, line, 'origin'),
        peersHit: cells[4] === '' ? null : numberAt(cells[4], path, line, 'peersHit'),
      });
    }
    return records;
  },
};

/** From the least busy to the busiest. */
export const load: Table<readonly LoadPoint[]> = {
  file: 'load.csv',
  columns: ['percent', 'handled', 'handledShare'],

  *rows(points) {
    for (const { percent, handled, handledShare } of points) yield [percent, handled, handledShare];
  },

  read(path) {
    const points: LoadPoint[] = [];
    for (const { line, cells } of readCsv(path, this.columns)) {
      points.push({
        percent: numberAt(cells[0], path, line, 'percent'),
        handled: numberAt(cells[1], path, line, 'handled'),
        handledShare: numberAt(cells[2], path, line, 'handledShare'),
      });
    }
    return points;
  },
};

function numberAt(cell: string, path: string, line: number, column: string): number {
  const value = Number(cell);
  if (cell.trim() === '' || Number.isNaN(value)) throw new Problem(`${path}:${line}: ${column}: expected a number, got "${cell}"`);
  return value;
}

function wordAt<W extends string>(cell: string, words: readonly W[], path: string, line: number, column: string): W {
  if (!(words as readonly string[]).includes(cell)) {
    throw new Problem(`${path}:${line}: ${column}: expected one of ${words.join(', ')}, got "${cell}"`);
  }
  return cell as W;
}
