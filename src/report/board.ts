/**
 * Many runs at a glance: a row each, in three tables that fit 80 columns. Side by side, as for a few runs
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
  {
    label: 'timeouts',
    show: (summary) => count(locate(summary)?.timeouts.mean ?? null),
    when: (summary) => (locate(summary)?.timeouts.mean ?? 0) > 0,
  },
  {
    label: 'got it',
    show: (summary) => share(locate(summary)?.obtained.count ? (locate(summary)?.obtained.share ?? null) : null),
    when: (summary) => locate(summary)?.obtained.share != null,
  },
];

const COST: readonly Column[] = [
  { label: 'messages', show: (summary) => count(locate(summary)?.messages.mean ?? null) },
  { label: 'bytes', show: (summary) => bytes(locate(summary)?.bytes.mean ?? null) },
  {
    label: 'upkeep',
    show: ({ maintenance: { bytesPerPeerSecond } }) => (bytesPerPeerSecond === null ? NONE : `${bytes(bytesPerPeerSecond)}/s`),
  },
  { label: 'load', show: ({ load }) => count(load.mean) },
  { label: 'p99', show: ({ load }) => count(load.p99) },
  { label: 'server', show: ({ load }) => count(load.perServer), when: ({ servers }) => servers > 0 },
  { label: 'Gini', show: ({ load }) => (load.gini === null ? NONE : load.gini.toFixed(2)) },
];

const STATE: readonly Column[] = [
  { label: 'entries', show: ({ state }) => count(state?.meanEntries ?? null) },
  { label: 'most', show: ({ state }) => count(state?.maxEntries ?? null) },
  { label: 'bytes', show: ({ state }) => bytes(state?.meanBytes ?? null) },
];

/** What the tables show, in a line each. */
export const BOARD_LEGEND = [
  'Found: until the first live provider is known. Timeouts: silent peers met, per query.',
  'Cost: sent per query by anybody; upkeep is what a live peer sends for no query; load is messages that a live peer, or a server, handles per second.',
  'State: what a live peer keeps in mind for the overlay at the end.',
];

const TABLES = [
  { title: 'found', columns: FOUND },
  { title: 'cost', columns: COST },
  { title: 'state', columns: STATE },
];

/** The tables, for `alignTable`. Entries with one heading stand together, in the order given. */
export function boardTables(entries: readonly Entry[]): TableRow[][] {
  return TABLES.map(({ title, columns }) => {
    const shown = columns.filter(({ when }) => !when || entries.some(({ summary }) => when(summary)));
    const rows: TableRow[] = [[title, ...shown.map(({ label }) => label)]];
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
