/** A table as HTML: with a caption, heads that can be sorted by, and a button that copies it as tab-separated values. */

import { NONE } from '../format.js';
import type { TableRow } from '../layout.js';
import { escapeText } from './escape.js';

export interface PageTable {
  readonly caption: string;
  /** What its words mean. */
  readonly note?: string;
  /** As for the terminal: the first row is the head, null a gap between groups, a row of one cell a heading within the table. */
  readonly rows: readonly TableRow[];
  /** What each row stands for: the head of the first column, where the terminal leaves it empty. */
  readonly first: string;
  /** Rows are of one kind, so they can be put into another order: those of figures in different units cannot. */
  readonly sortable: boolean;
}

const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  '%': 0.01,
  ms: 1,
  s: 1e3,
  min: 6e4,
  h: 3.6e6,
};

/** The number that a cell shows (format.ts), for sorting: 1230 for "1.23 kB", 123000 for "2 min 3 s"; null for words and for nothing. */
export function magnitude(text: string): number | null {
  if (text === NONE) return null;
  let sum = 0;
  let parts = 0;
  // Of "84.3 ±0.5 %", the mean; of "346 (7.22 kB)", the first.
  for (const [, number, unit, rest] of text
    .replace(/ ±[\d.,<]+| \(.*$/g, '')
    .matchAll(/(?:^|(?<=[a-z] ))[<>]?(-?[\d,]*\.?\d+) ?(%|[A-Za-z]*)(\/s|$| )/g)) {
    const factor = FACTORS[unit];
    if (factor === undefined && rest !== '/s') return null;
    sum += Number(number.replaceAll(',', '')) * (factor ?? 1);
    parts++;
  }
  return parts === 0 ? null : sum;
}

export function tableHtml({ caption, note = '', rows, first, sortable }: PageTable): string {
  const [head, ...body] = rows;
  if (head === undefined || head === null) return '';
  const heads = head.map((text, column) => {
    const shown = escapeText(column === 0 && text === '' ? first : text);
    const inner = sortable ? `<button type="button" class="sort">${shown}</button>` : shown;
    return `<th scope="col"${sortable ? ' aria-sort="none"' : ''}>${inner}</th>`;
  });
  return (
    `<div class="table"><table${sortable ? ' class="sortable"' : ''}><caption><span>${escapeText(caption)}</span>` +
    `<button type="button" class="copy">Copy</button>${note === '' ? '' : `<small>${escapeText(note)}</small>`}</caption>` +
    `<thead><tr>${heads.join('')}</tr></thead>${groups(body)
      .map((group) => bodyHtml(group, head.length))
      .join('')}</table></div>`
  );
}

/** Cut where there is a gap. */
function groups(rows: readonly TableRow[]): Exclude<TableRow, null>[][] {
  const all: Exclude<TableRow, null>[][] = [[]];
  for (const row of rows) {
    if (row === null) all.push([]);
    else all.at(-1)!.push(row);
  }
  return all.filter((group) => group.length > 0);
}

function bodyHtml(rows: readonly Exclude<TableRow, null>[], columns: number): string {
  return `<tbody>${rows.map((row) => rowHtml(row, columns)).join('')}</tbody>`;
}

function rowHtml([name, ...cells]: Exclude<TableRow, null>, columns: number): string {
  const indented = name.startsWith('  ') ? ' class="part"' : '';
  if (cells.length === 0 && columns > 1) return `<tr><th scope="rowgroup" colspan="${columns}">${escapeText(name)}</th></tr>`;
  const shown = cells.map((cell) => {
    const value = magnitude(cell);
    return `<td${value === null ? '' : ` data-value="${value}"`}>${escapeText(cell)}</td>`;
  });
  return `<tr><th scope="row"${indented}>${escapeText(name.trimStart())}</th>${shown.join('')}</tr>`;
}
