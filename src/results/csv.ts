/** Comma-separated values as RFC 4180 has them: written in chunks, so that a million rows need no million strings; read with file and line. */

import { readFileSync, writeSync } from 'node:fs';
import { Problem } from '../problem.js';

export type Cell = string | number | null;

/** Characters gathered before they are written. */
const CHUNK = 1 << 18;

/** Writes a header and rows to an open file. Null and NaN become empty cells. */
export function writeCsv(file: number, columns: readonly string[], rows: Iterable<readonly Cell[]>): void {
  let text = `${columns.join(',')}\n`;
  for (const row of rows) {
    for (let column = 0; column < row.length; column++) {
      if (column > 0) text += ',';
      text += cellText(row[column]);
    }
    text += '\n';
    if (text.length >= CHUNK) {
      writeAll(file, text);
      text = '';
    }
  }
  writeAll(file, text);
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Number.isNaN(cell) ? '' : String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/**
 * Reads a file that `writeCsv` wrote.
 * @returns each row's cells as text, and the line it stands in
 * @throws Problem when the file is missing, its header is not `columns`, or a row has another number of cells
 */
export function* readCsv(path: string, columns: readonly string[]): Generator<{ line: number; cells: string[] }> {
  const lines = logicalLines(readText(path));
  const header = lines.next().value?.text ?? '';
  if (header !== columns.join(','))
    throw new Problem(`${path}:1: expected the columns ${columns.join(',')}, got "${header.slice(0, 200)}"`);
  for (const { text, line } of lines) {
    const cells = split(text);
    if (cells.length !== columns.length) throw new Problem(`${path}:${line}: expected ${columns.length} cells, got ${cells.length}`);
    yield { line, cells };
  }
}

/** A file's text. @throws Problem when it cannot be read */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Problem(`${path}: ${code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`}`);
  }
}

/** Lines, except that a line break within quotes does not end one. */
function* logicalLines(text: string): Generator<{ text: string; line: number }> {
  let line = 1;
  let start = 0;
  while (start < text.length) {
    let logical = lineFrom(text, start);
    let breaks = 1;
    for (; isOpen(logical) && start + logical.length < text.length; breaks++) {
      logical += `\n${lineFrom(text, start + logical.length + 1)}`;
    }
    yield { text: logical, line };
    line += breaks;
    start += logical.length + 1;
  }
}

function lineFrom(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.slice(start) : text.slice(start, end);
}

/** Whether a quoted cell is still open at the end: an odd number of quotes. */
function isOpen(line: string): boolean {
  return line.includes('"') && line.split('"').length % 2 === 0;
}

function split(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gy;
  for (let match = cell.exec(line); match; match = cell.exec(line)) {
    cells.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
    if (match[3] === '') break;
  }
  return cells;
}
