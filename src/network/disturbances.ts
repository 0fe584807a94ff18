/**
 * What faults do to packets: which pairs of peers are apart, held, lossy or late now, and whose links are slow. Every shard follows all
 * faults; while none of them touches packets, `active` is false and nothing else here is looked at.
 */

import type { Stream } from '../kernel/random.js';

/** The path takes no packets now, but will: keep it until the fault ends. */
export const HELD = 2;

/** What the network asks of faults for each packet while `active`. */
export interface Disturbances {
  readonly active: boolean;
  /** Whether a fault slows anybody's downlink now. */
  readonly slowedDownlinks: boolean;
  /** Added to the latency of the packet judged last, in ms. */
  readonly extraMs: number;
  /** Whether the packet judged last arrives damaged. */
  readonly corrupted: boolean;
  /**
   * PASSES, HELD or DROPPED_BY_FAULT (0, 2 or the negative verdict in network.ts) for a packet that leaves now. Chance comes from the
   * sender's stream, drawn only where a fault asks for it.
   */
  judge(source: number, destination: number, random: Stream): number;
}
