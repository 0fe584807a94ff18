/** Puts text in columns and paragraphs, by character cells. Everything here is measured before it is coloured. */

import type { Paint } from './paint.js';

/** Between two columns. */
const GAP = '  ';

/** A label and one cell per column; null stands for an empty line. */
export type TableRow = readonly [label: string, ...cells: string[]] | null;

/** Labels to the left, cells to the right, the first row as a heading. */
export function alignTable(rows: readonly TableRow[], style: Paint): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    if (row?.length === 1) continue; // a heading within the table runs on over its cells
    for (const [column, cell] of (row ?? []).entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row, at) => {
    if (row === null) return '';
    const [label, ...cells] = row;
    const line = [label.padEnd(widths[0]), ...cells.map((cell, column) => cell.padStart(widths[column + 1]))].join(GAP).trimEnd();
    return at === 0 ? style.bold(line) : line;
  });
}

/** Breaks a text into lines of at most `width` characters; `indent` precedes all but the first. A longer word gets its own line. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    if (line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent + word;
    } else line += line === '' || line === indent ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** A text cut to `width`, with `...` in place of the rest. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 3))}...`;
}
