/**
 * Reads a plain matrix of measured latencies: one row per host, cells parted by tabs, commas, semicolons or blanks; full, or one
 * triangle with or without its diagonal; with or without names above or before it. What had to be guessed or filled in is said in
 * `notes`, never silently done.
 */

import { basename } from 'node:path';
import { Problem } from '../problem.js';
import { fillGaps } from './matrix-gaps.js';
import { show } from './units.js';
import { displayPath, readText } from './yaml-source.js';

export interface MatrixOptions {
  /** Unit of the cells; by default from the file's name (`-ms`, `-s`), else guessed by their size. */
  readonly unit?: 'ms' | 's';
  /** What the cells are; round-trip times, the default, are halved. */
  readonly values?: 'rtt' | 'one-way';
}

export interface LatencyMatrix {
  readonly hosts: readonly string[];
  /** One-way latency in ms, row = source. The diagonal is NaN where the file has none. */
  readonly latencyMs: Float64Array;
  readonly notes: readonly string[];
}

interface Row {
  readonly line: number;
  readonly cells: string[];
}

/** A median below this is taken for seconds: no network of hosts has a median RTT of 5 ms, nor one of 5 s. */
const GUESS_SECONDS_BELOW = 5;
/** Words for "not measured"; a zero off the diagonal means the same. */
const MISSING = new Set(['', '-', '?', 'x', 'na', 'n/a', 'nan', 'null', 'none']);

/** Reads a file; anything but a matrix is a Problem with file and line. */
export function readLatencyMatrix(file: string, options: MatrixOptions = {}): LatencyMatrix {
  return parseLatencyMatrix(readText(file), displayPath(file), options);
}

export function parseLatencyMatrix(text: string, name: string, options: MatrixOptions = {}): LatencyMatrix {
  const rows = readRows(text);
  if (rows.length === 0) throw new Problem(`${name}: expected a matrix of latencies, got an empty file`);
  const { header, labels } = takeNames(rows);
  const shape = shapeOf(rows, header, labels, name);
  const { n } = shape;
  const values = new Float64Array(n * n).fill(Number.NaN);
  for (let index = 0; index < rows.length; index++) {
    const { line, cells } = rows[index];
    const firstCell = labels ? 2 : 1;
    for (let cell = 0; cell < cells.length; cell++) {
      const from = index + shape.rowShift;
      const to = cell + shape.columnShift(from);
      const value = readCell(cells[cell], () => `${name}:${line}: cell ${cell + firstCell}`);
      values[from * n + to] = value;
      if (shape.triangle) values[to * n + from] = value;
    }
  }
  const notes = [shape.note];
  const toMs = scale(values, name, options, notes);
  const gaps = fillGaps(values, n);
  if (gaps === null) throw new Problem(`${name}: expected latencies, got a matrix without a single one`);
  if (gaps !== '') notes.push(gaps);
  return { hosts: namesOf(header, labels, n, name), latencyMs: values.map((value) => value * toMs), notes };
}

function readRows(text: string): Row[] {
  const lines = text.split(/\r?\n/);
  const sample = lines.filter((line) => line.trim() !== '' && !line.startsWith('#')).slice(0, 5);
  const delimiter = ['\t', ';', ','].find((each) => sample.some((line) => line.includes(each)));
  const rows: Row[] = [];
  lines.forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const cells =
      delimiter === undefined ? line.trim().split(/\s+/) : line.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    rows.push({ line: index + 1, cells });
  });
  // A square may have empty cells anywhere; where lengths differ, or each line ends in a delimiter, empty cells at the end are nothing.
  const width = rows[0]?.cells.length ?? 0;
  const square = rows.every(({ cells }) => cells.length === width) && !rows.every(({ cells }) => cells.at(-1) === '');
  if (!square) for (const { cells } of rows) while (cells.length > 1 && cells.at(-1) === '') cells.pop();
  return rows;
}

/** Whether a cell is the name of a host rather than a number or a word for a missing one. */
export const isHostName = (cell: string) => !MISSING.has(cell.toLowerCase()) && Number.isNaN(Number(cell));

/** Takes the names above the matrix and before it off the rows, where there are any. */
function takeNames(rows: Row[]): { header: string[] | null; labels: string[] | null } {
  const width = rows[0].cells.length;
  const numbered = rows[0].cells[0] === '' && isCounted(rows[0].cells.slice(1)) && isCounted(rows.slice(1).map(({ cells }) => cells[0]));
  const numberedAbove = rows.length === width + 1 && isCounted(rows[0].cells);
  let header: string[] | null = null;
  // One name among numbers would be a slip: a header has nothing but names, apart from its corner.
  if (numbered || numberedAbove || (width > 1 && rows[0].cells.slice(1).every(isHostName))) header = rows.shift()!.cells;
  let labels: string[] | null = null;
  if (rows.length > 0 && (numbered || rows.every(({ cells }) => isHostName(cells[0])))) labels = rows.map(({ cells }) => cells.shift()!);
  const longest = Math.max(...rows.map(({ cells }) => cells.length));
  if (header && labels && (header[0] === '' || header.length === longest + 1)) header.shift();
  return { header, labels };
}

/** Whether these cells just count the hosts: 0, 1, 2, ... or 1, 2, 3, ... */
function isCounted(cells: readonly string[]): boolean {
  const first = cells[0] === '0' ? 0 : 1;
  return cells.length > 1 && cells.every((cell, index) => cell === String(first + index));
}

interface Shape {
  readonly n: number;
  readonly triangle: boolean;
  readonly note: string;
  /** Host of the first row, and host of the first cell of a row. */
  readonly rowShift: number;
  columnShift(from: number): number;
}

function shapeOf(rows: readonly Row[], header: readonly string[] | null, labels: readonly string[] | null, name: string): Shape {
  const count = rows.length;
  const lengths = rows.map(({ cells }) => cells.length);
  const all = (length: (row: number) => number) => lengths.every((each, row) => each === length(row));
  const shape = (n: number, kind: string, rowShift: number, columnShift: (from: number) => number): Shape => {
    if (n < 2) throw new Problem(`${name}: expected latencies between at least 2 hosts, got ${n}`);
    return { n, triangle: kind !== 'full matrix', note: `${n} hosts, ${kind}`, rowShift, columnShift };
  };
  if (count > 1 && all(() => count)) return shape(count, 'full matrix', 0, () => 0);
  // The lengths alone do not say whether a triangle has its diagonal; zeros do, and so do the names of all hosts.
  const hasDiagonal = (cellOf: (row: Row) => string) => {
    const zeros = rows.filter((row) => isZeroOrMissing(cellOf(row)));
    if (zeros.length === count) return true;
    if (zeros.length === 0 && (header ?? labels)?.length !== count) return false;
    const odd = rows.find((row) => !isZeroOrMissing(cellOf(row)))!;
    throw new Problem(`${name}:${odd.line}: expected a triangle with zeros on its diagonal or without a diagonal, got ${cellOf(odd)}`);
  };
  if (all((row) => row + 1)) {
    if (hasDiagonal(({ cells }) => cells[cells.length - 1])) return shape(count, 'lower triangle with diagonal', 0, () => 0);
    return shape(count + 1, 'lower triangle without diagonal', 1, () => 0);
  }
  if (all((row) => count - row)) {
    if (hasDiagonal(({ cells }) => cells[0])) return shape(count, 'upper triangle with diagonal', 0, (from) => from);
    return shape(count + 1, 'upper triangle without diagonal', 0, (from) => from + 1);
  }
  if (all((row) => row)) return shape(count, 'lower triangle without diagonal', 0, () => 0);
  if (all((row) => count - 1 - row)) return shape(count, 'upper triangle without diagonal', 0, (from) => from + 1);
  const odd = lengths.findIndex((length) => length !== count);
  throw new Problem(
    `${name}:${rows[odd].line}: expected a square matrix or a triangle, got ${count} rows and here ${lengths[odd]} cells (a header or label column is recognised when it holds names, not numbers)`,
  );
}

function isZeroOrMissing(cell: string): boolean {
  return MISSING.has(cell.toLowerCase()) || Number(cell) === 0;
}

/** The cell's number; NaN for one that was not measured. */
function readCell(cell: string, where: () => string): number {
  if (isZeroOrMissing(cell)) return Number.NaN;
  const value = Number(cell);
  if (!Number.isFinite(value)) throw new Problem(`${where()}: expected a number, got ${show(cell)}`);
  if (value < 0) throw new Problem(`${where()}: expected a latency of at least 0, got ${cell}`);
  return value;
}

/** The factor from a cell to one-way ms, and how it was found. */
function scale(values: Float64Array, name: string, options: MatrixOptions, notes: string[]): number {
  let unit = options.unit;
  let how = 'as stated';
  if (unit === undefined) {
    const inName = /[-_](ms|s)(?=[-_.]|$)/i.exec(basename(name))?.[1].toLowerCase();
    unit = inName as 'ms' | 's' | undefined;
    how = "by the file's name";
  }
  if (unit === undefined) {
    const known = values.filter((value) => !Number.isNaN(value)).sort();
    const median = known[known.length >> 1];
    unit = median < GUESS_SECONDS_BELOW ? 's' : 'ms';
    how = `a guess, because the median is ${median}`;
  }
  const oneWay = options.values === 'one-way';
  notes.push(`${oneWay ? 'one-way latencies' : 'round-trip times, halved,'} in ${unit} (${how})`);
  return (unit === 's' ? 1000 : 1) * (oneWay ? 1 : 0.5);
}

function namesOf(header: readonly string[] | null, labels: readonly string[] | null, n: number, name: string): string[] {
  const above = header?.length === n ? header : null;
  const before = labels?.length === n ? labels : null;
  if (header && !above) throw new Problem(`${name}: expected a header of ${n} names, got ${header.length}`);
  if (above && before) {
    const odd = above.findIndex((each, index) => each !== before[index]);
    if (odd >= 0) {
      throw new Problem(`${name}: expected the same hosts above and before the matrix, got ${show(above[odd])} and ${show(before[odd])}`);
    }
  }
  const names = [...(above ?? before ?? Array.from({ length: n }, (_, host) => `host-${host + 1}`))];
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined) throw new Problem(`${name}: expected different names, got ${show(twice)} twice`);
  return names;
}
