/**
 * Many runs at a glance: a row each, in two tables that fit 80 columns, what was found and what it cost. Side by side, as for a few runs
 * (figures.ts), fourteen columns would fit no terminal.
 */

import type { Summary } from '../metrics/summary.js';
import { bytes, count, duration, NONE, share } from './format.js';
import type { TableRow } from './layout.js';

/** A run in a board: what it is called there, and under which heading it stands. */
export interface Entry {
  readonly heading: string;
  readonly name: string;
  readonly summary: Summary;
}

interface Column {
  readonly label: string;
  show(summary: Summary): string;
  /** Left out unless one of the runs meets this. */
  when?(summary: Summary): boolean;
}

const locate = ({ operations }: Summary) => operations.locate;

const FOUND: readonly Column[] = [
  { label: 'by', show: ({ searchesBy }) => searchesBy ?? NONE },
  { label: 'success', show: (summary) => share(locate(summary)?.success ?? null) },
  { label: 'recall', show: (summary) => share(locate(summary)?.recall ?? null) },
  { label: 'p50', show: (summary) => duration(locate(summary)?.latencyMs.p50 ?? null) },
  { label: 'p99', show: (summary) => duration(locate(summary)?.latencyMs.p99 ?? null) },
  { label: 'hops', show: (summary) => count(locate(summary)?.hops.mean ?? null) },
  { label: 'messages', show: (summary) => count(locate(summary)?.messages.mean ?? null) },
  { label: 'bytes', show: (summary) => bytes(locate(summary)?.bytes.mean ?? null) },
  {
    label: 'got it',
    show: (summary) => share(locate(summary)?.obtained.count ? (locate(summary)?.obtained.share ?? null) : null),
    when: (summary) => locate(summary)?.obtained.share != null,
  },
];

const COST: readonly Column[] = [
  {
    label: 'upkeep',
    show: ({ maintenance: { bytesPerPeerSecond } }) => (bytesPerPeerSecond === null ? NONE : `${bytes(bytesPerPeerSecond)}/s`),
  },
  { label: 'load', show: ({ load }) => count(load.mean) },
  { label: 'p99', show: ({ load }) => count(load.p99) },
  { label: 'server', show: ({ load }) => count(load.perServer), when: ({ servers }) => servers > 0 },
  { label: 'Gini', show: ({ load }) => (load.gini === null ? NONE : load.gini.toFixed(2)) },
  { label: 'entries', show: ({ state }) => count(state?.meanEntries ?? null) },
  { label: 'most', show: ({ state }) => count(state?.maxEntries ?? null) },
  { label: 'state', show: ({ state }) => bytes(state?.meanBytes ?? null) },
];

/** What each column of both tables is, in a line each. */
export const BOARD_LEGEND = [
  'messages, bytes: sent per query by anybody. upkeep: bytes that a live peer sends for no query.',
  'load: messages handled per second by a live peer; its p99; by a server; how unequal (Gini).',
  'entries, most, state: what a live peer keeps in mind at the end, mean and most, and its bytes.',
];

/** The two tables, for `alignTable`. Entries with one heading stand together, in the order given. */
export function boardTables(entries: readonly Entry[]): TableRow[][] {
  return [FOUND, COST].map((columns) => {
    const shown = columns.filter(({ when }) => !when || entries.some(({ summary }) => when(summary)));
    const rows: TableRow[] = [['', ...shown.map(({ label }) => label)]];
    let heading = '';
    for (const entry of entries) {
      if (entry.heading !== heading) {
        heading = entry.heading;
        if (rows.length > 1) rows.push(null);
        rows.push([heading]);
      }
      rows.push([heading === '' ? entry.name : `  ${entry.name}`, ...shown.map(({ show }) => show(entry.summary))]);
    }
    return rows;
  });
}
