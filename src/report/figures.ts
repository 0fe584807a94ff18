/** The rows of the terminal table: which figures of a summary it shows, under which name, in which unit. */

import { DROP_REASONS } from '../metrics/measures.js';
import type { Summary } from '../metrics/summary.js';
import { bytes, count, duration, NONE, share, whole } from './format.js';

interface Figure {
  readonly label: string;
  show(summary: Summary): string;
  /** Shown only when one of the runs meets this. */
  when?(summary: Summary): boolean;
}

/** Characters of a digest that are enough to tell two runs apart by eye; summary.json has all. */
const DIGEST_SHOWN = 12;

const hasLocate = (summary: Summary) => summary.operations.locate !== undefined;
const messagesPerSecond = (load: number | null) => (load === null ? NONE : `${count(load)} msg/s`);
const dropped = (dropped: number, sent: number) => `${count(dropped)} (${share(sent ? dropped / sent : null)})`;
const bytesPerSecond = (rate: number | null) => (rate === null ? NONE : `${bytes(rate)}/s`);

const QUERIES: readonly Figure[] = [
  { label: 'queries', show: ({ operations: { locate } }) => whole(locate?.started ?? null), when: hasLocate },
  { label: 'success', show: ({ operations: { locate } }) => share(locate?.success ?? null), when: hasLocate },
  { label: 'recall', show: ({ operations: { locate } }) => share(locate?.recall ?? null), when: hasLocate },
  {
    label: 'stale answers',
    show: ({ operations: { locate } }) => share(locate?.stale ?? null),
    when: ({ operations: { locate } }) => (locate?.stale ?? 0) > 0,
  },
  ...(['unanswerable', 'abandoned', 'pending'] as const).map((outcome) => ({
    label: `not judged: ${outcome}`,
    show: ({ operations: { locate } }: Summary) => whole(locate?.[outcome] ?? null),
    when: ({ operations: { locate } }: Summary) => (locate?.[outcome] ?? 0) > 0,
  })),
  ...(['p50', 'p90', 'p99'] as const).map((quantile) => ({
    label: `latency ${quantile}`,
    show: ({ operations: { locate } }: Summary) => duration(locate?.latencyMs[quantile] ?? null),
    when: hasLocate,
  })),
  { label: 'hops, mean', show: ({ operations: { locate } }) => count(locate?.hops.mean ?? null), when: hasLocate },
];

const COSTS: readonly Figure[] = [
  { label: 'messages per query', show: ({ operations: { locate } }) => count(locate?.messages.mean ?? null), when: hasLocate },
  { label: 'bytes per query', show: ({ operations: { locate } }) => bytes(locate?.bytes.mean ?? null), when: hasLocate },
  { label: 'peers reached per query', show: ({ operations: { locate } }) => count(locate?.reached.mean ?? null), when: hasLocate },
  { label: 'maintenance per peer', show: ({ maintenance }) => bytesPerSecond(maintenance.bytesPerPeerSecond) },
  { label: 'load per peer, mean', show: ({ load }) => messagesPerSecond(load.mean) },
  { label: 'load per peer, p99', show: ({ load }) => messagesPerSecond(load.p99) },
  { label: 'load inequality (Gini)', show: ({ load }) => (load.gini === null ? NONE : load.gini.toFixed(2)) },
];

const NETWORK: readonly Figure[] = [
  { label: 'messages sent', show: ({ messages }) => count(messages.sent) },
  ...DROP_REASONS.map((reason) => ({
    label: `  dropped: ${reason}`,
    show: ({ messages }: Summary) => dropped(messages.dropped[reason], messages.sent),
    when: ({ messages }: Summary) => messages.dropped[reason] > 0,
  })),
  { label: 'peers alive at the end', show: ({ peersAlive }) => whole(peersAlive) },
  { label: 'digest', show: ({ digest }) => digest.slice(0, DIGEST_SHOWN) || NONE },
];

/** The groups of the table, each a list of [label, one cell per run]. */
export function figureRows(summaries: readonly Summary[]): [string, ...string[]][][] {
  return [QUERIES, COSTS, NETWORK]
    .map((group) => group.filter(({ when }) => !when || summaries.some(when)))
    .filter((group) => group.length > 0)
    .map((group) => group.map(({ label, show }) => [label, ...summaries.map(show)]));
}
