/**
 * The figures by which runs are compared, each with its name, unit and the direction that is better: the columns of comparison.csv and
 * sweep.csv, the axes of charts, the rows of a comparison of two runs. docs/results.md defines them.
 */

import type { Summary } from './summary.js';

export type FigureUnit = 'share' | 'ms' | 'bytes' | 'bytes/s' | 'messages' | 'messages/s' | 'hops' | 'peers' | 'queries' | 'entries' | '';

export interface KeyFigure {
  readonly name: string;
  /** In words, for a title or the head of a row. */
  readonly label: string;
  readonly unit: FigureUnit;
  /** Which way is better; null when neither is. */
  readonly better: 'more' | 'less' | null;
  /** Whether the same scenario, seed and version give it again. */
  readonly repeatable: boolean;
  /** Null when the run had nothing to measure it by. */
  of(summary: Summary): number | null;
}

const locate = ({ operations }: Summary) => operations.locate;

const figure = (
  name: string,
  label: string,
  unit: FigureUnit,
  better: KeyFigure['better'],
  of: (summary: Summary) => number | null | undefined,
  repeatable = true,
): KeyFigure => ({ name, label, unit, better, repeatable, of: (summary) => of(summary) ?? null });

/** Upkeep and queries together: what taking part costs. Of queries, those that came to an end. */
function trafficPerPeer({ maintenance, operations, measure }: Summary): number | null {
  const { bytesPerPeerSecond } = maintenance;
  const asked = operations.locate;
  if (bytesPerPeerSecond === null || asked === undefined || asked.bytes.mean === null) return bytesPerPeerSecond;
  return bytesPerPeerSecond + (asked.bytes.mean * (asked.succeeded + asked.failed + asked.unanswerable)) / measure.peerSeconds;
}

/** By name: what `estimateOf` can be asked for, and the columns of comparison.csv and sweep.csv. */
export const KEY_FIGURES: readonly KeyFigure[] = [
  figure('queries', 'queries asked', 'queries', null, (summary) => locate(summary)?.started),
  figure('success', 'success of queries', 'share', 'more', (summary) => locate(summary)?.success),
  figure('recall', 'recall', 'share', 'more', (summary) => locate(summary)?.recall),
  figure('stale', 'stale answers', 'share', 'less', (summary) => locate(summary)?.stale),
  figure('latencyP50Ms', 'latency of a query, median', 'ms', 'less', (summary) => locate(summary)?.latencyMs.p50),
  figure('latencyP90Ms', 'latency of a query, p90', 'ms', 'less', (summary) => locate(summary)?.latencyMs.p90),
  figure('latencyP99Ms', 'latency of a query, p99', 'ms', 'less', (summary) => locate(summary)?.latencyMs.p99),
  figure('hopsMean', 'hops per query', 'hops', 'less', (summary) => locate(summary)?.hops.mean),
  figure('timeoutsPerQuery', 'timeouts per query', '', 'less', (summary) => locate(summary)?.timeouts.mean),
  figure('messagesPerQuery', 'messages per query', 'messages', 'less', (summary) => locate(summary)?.messages.mean),
  figure('bytesPerQuery', 'bytes per query', 'bytes', 'less', (summary) => locate(summary)?.bytes.mean),
  figure('reachedPerQuery', 'peers reached per query', 'peers', null, (summary) => locate(summary)?.reached.mean),
  figure('obtained', 'downloaded, of those found', 'share', 'more', (summary) => locate(summary)?.obtained.share),
  figure('obtainedP50Ms', 'time to have it, median', 'ms', 'less', (summary) => locate(summary)?.obtained.ms.p50),
  figure('maintenanceBytesPerPeerSecond', 'maintenance per peer', 'bytes/s', 'less', ({ maintenance }) => maintenance.bytesPerPeerSecond),
  figure('trafficBytesPerPeerSecond', 'traffic per peer', 'bytes/s', 'less', trafficPerPeer),
  figure('loadMean', 'load per peer, mean', 'messages/s', 'less', ({ load }) => load.mean),
  figure('loadP99', 'load per peer, p99', 'messages/s', 'less', ({ load }) => load.p99),
  figure('loadGini', 'load inequality (Gini)', '', 'less', ({ load }) => load.gini),
  figure('loadPerServer', 'load per server', 'messages/s', 'less', ({ load }) => load.perServer),
  figure('stateMeanEntries', 'state per peer, mean', 'entries', 'less', ({ state }) => state?.meanEntries),
  figure('stateMaxEntries', 'state per peer, most', 'entries', 'less', ({ state }) => state?.maxEntries),
  figure('stateMeanBytes', 'state per peer, in bytes', 'bytes', 'less', ({ state }) => state?.meanBytes),
  figure('memoryBytesPerPeer', 'memory per peer', 'bytes', 'less', ({ memory }) => memory.bytesPerPeer, false),
  figure('peersAlive', 'peers alive at the end', 'peers', null, ({ peersAlive }) => peersAlive),
];

/** All of them, by name. */
export function figuresOf(summary: Summary): Record<string, number | null> {
  return Object.fromEntries(KEY_FIGURES.map(({ name, of }) => [name, of(summary)]));
}
