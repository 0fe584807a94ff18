/** How the same run would have been faster. It says nothing about what was measured, so it stands apart from the warnings. */

import type { Measures } from './measures.js';

/**
 * Between two meetings a shard should have more to do than to wait: at a microsecond or so an event, fewer than these take less time than
 * the meeting itself. Measured with ping on two cores: 75 gained a little, 16 and fewer took two to three times as long as one shard.
 */
const ENOUGH_PER_WINDOW = 25;
/** Runs of fewer events are over before anybody waits. */
const LONG_RUN = 200_000;

export function adviceOf({
  shards,
  windows,
  events,
  lookaheadMs,
}: Pick<Measures, 'shards' | 'windows' | 'events' | 'lookaheadMs'>): string[] {
  if (shards === 1 || windows === 0 || events < LONG_RUN) return [];
  const each = events / windows / shards;
  if (each >= ENOUGH_PER_WINDOW) return [];
  const short = (value: number) => Number(value.toPrecision(2));
  const lookahead = lookaheadMs === null ? '' : `, ${short(lookaheadMs)} ms of virtual time apart,`;
  return [
    `${shards} shards mostly waited for each other: between two meetings${lookahead} each handled ${short(each)} events: --shards 1 may well ` +
      'be faster, or a topology whose near peers are farther apart',
  ];
}
