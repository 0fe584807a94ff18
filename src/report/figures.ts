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

const digestShown = ({ digest }: Summary) => digest.slice(0, DIGEST_SHOWN) || NONE;
const PATH_KINDS = [
  ['direct', 'reached directly'],
  ['punched', 'reached by a punched hole'],
  ['relayed', 'reached by a relay'],
  ['failed', 'not reached'],
] as const;
const pathCount = ({ counters }: Summary, kind: string) => counters[`reach-${kind}`] ?? 0;
const pathsAsked = (summary: Summary) => PATH_KINDS.reduce((sum, [kind]) => sum + pathCount(summary, kind), 0);
/** Drops that gateways are to blame for. */
const NAT_REASONS = DROP_REASONS.filter((reason) => reason.startsWith('nat-'));
const hasLocate = (summary: Summary) => summary.operations.locate !== undefined;
const hasConnections = ({ connections }: Summary) => connections !== null;
const byWallClock = ({ clock }: Summary) => clock.kind === 'wall';
const messagesPerSecond = (load: number | null) => (load === null ? NONE : `${count(load)} msg/s`);
const dropped = (dropped: number, sent: number) => `${count(dropped)} (${share(sent ? dropped / sent : null)})`;
const bytesPerSecond = (rate: number | null) => (rate === null ? NONE : `${bytes(rate)}/s`);

const QUERIES: readonly Figure[] = [
  {
    label: 'searches by',
    show: ({ searchesBy }) => searchesBy ?? NONE,
    when: ({ searchesBy }) => searchesBy === 'words',
  },
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
  {
    label: 'downloaded, of those found',
    show: ({ operations: { locate } }) => share(locate?.obtained.share ?? null),
    when: ({ operations: { locate } }) => locate?.obtained.share != null,
  },
  {
    label: 'time to have it, p50',
    show: ({ operations: { locate } }) => duration(locate?.obtained.ms.p50 ?? null),
    when: ({ operations: { locate } }) => (locate?.obtained.count ?? 0) > 0,
  },
];

const COSTS: readonly Figure[] = [
  { label: 'messages per query', show: ({ operations: { locate } }) => count(locate?.messages.mean ?? null), when: hasLocate },
  { label: 'bytes per query', show: ({ operations: { locate } }) => bytes(locate?.bytes.mean ?? null), when: hasLocate },
  { label: 'peers reached per query', show: ({ operations: { locate } }) => count(locate?.reached.mean ?? null), when: hasLocate },
  {
    label: 'answers from top 1 % of peers',
    show: ({ operations: { locate } }) => share(locate?.fromTopPercent ?? null),
    when: ({ operations: { locate } }) => (locate?.fromTopPercent ?? null) !== null,
  },
  {
    label: 'timeouts per query',
    show: ({ operations: { locate } }) => count(locate?.timeouts.mean ?? null),
    when: ({ operations: { locate } }) => (locate?.timeouts.mean ?? 0) > 0,
  },
  { label: 'maintenance per peer', show: ({ maintenance }) => bytesPerSecond(maintenance.bytesPerPeerSecond) },
  { label: 'load per peer, mean', show: ({ load }) => messagesPerSecond(load.mean) },
  { label: 'load per peer, p99', show: ({ load }) => messagesPerSecond(load.p99) },
  { label: 'load inequality (Gini)', show: ({ load }) => (load.gini === null ? NONE : load.gini.toFixed(2)) },
  { label: 'load per server', show: ({ load }) => messagesPerSecond(load.perServer), when: ({ servers }) => servers > 0 },
  {
    label: 'state per peer, mean',
    show: ({ state }) => (state?.meanEntries == null ? NONE : `${count(state.meanEntries)} (${bytes(state.meanBytes)})`),
    when: ({ state }) => state !== null,
  },
  {
    label: 'state per peer, most',
    show: ({ state }) => (state?.maxEntries == null ? NONE : `${count(state.maxEntries)} (${bytes(state.maxBytes)})`),
    when: ({ state }) => state !== null,
  },
  {
    label: 'state per server',
    show: ({ state }) => (state?.perServer ? `${count(state.perServer.entries)} (${bytes(state.perServer.bytes)})` : NONE),
    when: ({ state }) => (state?.perServer ?? null) !== null,
  },
];

const CLOCK: readonly Figure[] = [
  { label: 'speed, wall clock', show: ({ clock }) => (clock.speed === null ? NONE : `${count(clock.speed)}x`), when: byWallClock },
  ...(['p50', 'p99', 'max'] as const).map((quantile) => ({
    label: `lateness ${quantile}`,
    show: ({ clock }: Summary) => duration(clock.latenessMs[quantile]),
    when: byWallClock,
  })),
  { label: 'late events', show: ({ clock }) => share(clock.lateShare), when: byWallClock },
];

const CONNECTIONS: readonly Figure[] = [
  {
    label: 'connections opened',
    show: ({ connections }) => (connections ? `${count(connections.opened)} of ${count(connections.asked)}` : NONE),
    when: hasConnections,
  },
  ...(
    [
      ['refused', 'refused'],
      ['timedOut', 'timed out'],
      ['reset', 'reset'],
    ] as const
  ).map(([field, label]) => ({
    label: `  ${label}`,
    show: ({ connections }: Summary) => count(connections?.[field] ?? null),
    when: ({ connections }: Summary) => (connections?.[field] ?? 0) > 0,
  })),
  { label: 'carried by connections', show: ({ connections }) => bytes(connections?.bytes.delivered ?? null), when: hasConnections },
  {
    label: '  on the wire',
    show: ({ connections }) => bytes(connections?.segments.wireBytes ?? null),
    when: hasConnections,
  },
  {
    label: '  segments sent again',
    show: ({ connections }) => (connections ? dropped(connections.segments.resent, connections.segments.sent) : NONE),
    when: ({ connections }) => (connections?.segments.resent ?? 0) > 0,
  },
  ...NAT_REASONS.map((reason) => ({
    label: `  segments dropped: ${reason}`,
    show: ({ connections }: Summary) => count(connections?.segmentsLost[reason] ?? null),
    when: ({ connections }: Summary) => (connections?.segmentsLost[reason] ?? 0) > 0,
  })),
];

/** What `overlay/reach` counted, of all attempts to reach a peer, and how long they took on average. */
const PATHS: readonly Figure[] = [
  ...PATH_KINDS.map(([kind, label]) => ({
    label,
    show: (summary: Summary) => dropped(pathCount(summary, kind), pathsAsked(summary)),
    when: (summary: Summary) => pathsAsked(summary) > 0 && (kind !== 'failed' || pathCount(summary, kind) > 0),
  })),
  ...PATH_KINDS.map(([kind, label]) => ({
    label: `  time, ${label}`,
    show: (summary: Summary) => duration(pathCount(summary, kind) > 0 ? pathCount(summary, `${kind}-ms`) / pathCount(summary, kind) : null),
    when: (summary: Summary) => kind !== 'failed' && pathCount(summary, kind) > 0,
  })),
  {
    label: 'carried by relays',
    show: ({ counters }) => bytes(counters['relayed-bytes'] ?? 0),
    when: (summary) => pathCount(summary, 'relayed') > 0,
  },
];

const NETWORK: readonly Figure[] = [
  { label: 'messages sent', show: ({ messages }) => count(messages.sent) },
  ...DROP_REASONS.map((reason) => ({
    label: `  dropped: ${reason}`,
    show: ({ messages }: Summary) => dropped(messages.dropped[reason], messages.sent),
    when: ({ messages }: Summary) => messages.dropped[reason] > 0,
  })),
  { label: 'peers alive at the end', show: ({ peersAlive }) => whole(peersAlive) },
  { label: 'digest', show: digestShown, when: ({ repeatable }) => repeatable },
  { label: 'digest, not repeatable', show: digestShown, when: ({ repeatable }) => !repeatable },
];

/** The groups of the table, each a list of [label, one cell per run]. */
export function figureRows(summaries: readonly Summary[]): [string, ...string[]][][] {
  return [QUERIES, COSTS, PATHS, CLOCK, CONNECTIONS, NETWORK]
    .map((group) => group.filter(({ when }) => !when || summaries.some(when)))
    .filter((group) => group.length > 0)
    .map((group) => group.map(({ label, show }) => [label, ...summaries.map(show)]));
}
