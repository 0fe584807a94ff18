/**
 * Reads a table of places: comma-separated, or by tabs or semicolons, its first line naming the columns. `name`, `latitude` and `longitude` must
 * be there; `weight` and `region` may.
 */

import { didYouMean, Problem } from '../../problem.js';
import { show } from '../units.js';

export interface ListedPlace {
  readonly name: string;
  /** Degrees, north and east positive. */
  readonly latitude: number;
  readonly longitude: number;
  readonly weight: number;
  readonly region: string | null;
}

const COLUMNS = ['name', 'latitude', 'longitude', 'weight', 'region'] as const;
type Column = (typeof COLUMNS)[number];

/** Whether a table's first line is that of a list of places rather than of a matrix. */
export function looksLikePlaces(text: string): boolean {
  const header = cellsOf(firstLine(text)).map((cell) => cell.toLowerCase());
  return header.includes('latitude') && header.includes('longitude');
}

/** @throws Problem with `name` and line at the first thing that is wrong */
export function parsePlaces(text: string, name: string): ListedPlace[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line, number: index + 1 }));
  const [header, ...rows] = lines.filter(({ line }) => line.trim() !== '' && !line.startsWith('#'));
  if (!header || rows.length === 0)
    throw new Problem(`${name}: expected a line that names the columns and a line for each place, got nothing`);
  const columns = cellsOf(header.line).map((cell): Column => {
    const column = COLUMNS.find((each) => each === cell.toLowerCase());
    return column ?? fail(header.number, `expected the columns ${COLUMNS.join(', ')}, got ${show(cell)}${didYouMean(cell, COLUMNS)}`);
  });
  for (const needed of ['name', 'latitude', 'longitude'] as const) {
    if (columns.filter((each) => each === needed).length !== 1) fail(header.number, `expected one column "${needed}"`);
  }
  const seen = new Set<string>();
  return rows.map(({ line, number }) => {
    const cells = cellsOf(line);
    if (cells.length !== columns.length) fail(number, `expected ${columns.length} cells, as in the first line, got ${cells.length}`);
    const cell = (column: Column) => cells[columns.indexOf(column)] ?? '';
    const degrees = (column: Column, most: number) => {
      const value = Number(cell(column));
      if (cell(column) === '' || !(Math.abs(value) <= most))
        fail(number, `${column}: expected degrees from -${most} to ${most}, got ${show(cell(column))}`);
      return value;
    };
    const weight = columns.includes('weight') ? Number(cell('weight')) : 1;
    if (!(weight > 0 && weight < Infinity)) fail(number, `weight: expected a number above 0, got ${show(cell('weight'))}`);
    if (cell('name') === '') fail(number, 'name: expected a name, got nothing');
    if (seen.has(cell('name'))) fail(number, `name: expected another name, got ${show(cell('name'))} twice`);
    seen.add(cell('name'));
    return {
      name: cell('name'),
      latitude: degrees('latitude', 90),
      longitude: degrees('longitude', 180),
      weight,
      region: cell('region') || null,
    };
  });

  function fail(line: number, message: string): never {
    throw new Problem(`${name}:${line}: ${message}`);
  }
}

function firstLine(text: string): string {
  return text.split(/\r?\n/).find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
}

/** Cells may stand in quotes, with the delimiter in them and quotes doubled (RFC 4180). */
function cellsOf(line: string): string[] {
  const delimiter = ['\t', ';'].find((each) => line.includes(each)) ?? ',';
  const cells: string[] = [];
  for (let at = 0; at <= line.length; ) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*/.exec(line.slice(at));
    const end = line.indexOf(delimiter, at + (quoted ? quoted[0].length : 0));
    const stop = end < 0 ? line.length : end;
    cells.push(quoted ? quoted[1].replaceAll('""', '"') : line.slice(at, stop).trim());
    at = stop + 1;
  }
  return cells;
}
