/**
 * How work is spread over peers: mean, p99 and Gini coefficient of the messages each peer handled. A mean alone would hide the one
 * thing that tells a hub from a ring.
 */

/** The load of the peers during `measure`, in messages handled per second that a peer was up. Null: nothing to measure it by. */
export interface Load {
  readonly mean: number | null;
  readonly p99: number | null;
  /** 0: all alike; towards 1: one peer does everything. It has no unit. */
  readonly gini: number | null;
  /** Mean of the system's servers, which the other figures leave out but for the Gini coefficient; null without servers. */
  readonly perServer: number | null;
}

/**
 * A peer's load is what it handled during `measure`, divided by the mean time a peer was up then. So the mean is exactly all messages
 * handled / all peer-seconds, and p99 / mean compares peers as they are, short sessions included.
 * @param handled messages handled by each peer, then by each server; a peer that was never up counts with 0
 * @param peerSeconds sum over the peers of the time they were up, in seconds
 * @param servers how many of them at the end are servers, which were up for `measuredMs`
 */
export function loadOf(handled: Float64Array, peerSeconds: number, servers = 0, measuredMs = 0): Load {
  const peers = handled.subarray(0, handled.length - servers);
  const meanUpSeconds = peerSeconds / peers.length;
  if (!(meanUpSeconds > 0)) return { mean: null, p99: null, gini: null, perServer: null };
  return {
    mean: sum(peers) / peerSeconds,
    p99: quantile(peers, 0.99)! / meanUpSeconds,
    gini: gini(handled),
    perServer: servers > 0 && measuredMs > 0 ? sum(handled.subarray(peers.length)) / servers / (measuredMs / 1000) : null,
  };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** A point of the curve by which load is spread: the least busy `percent` of the machines. */
export interface LoadPoint {
  readonly percent: number;
  /** Messages that the busiest of them handled. */
  readonly handled: number;
  /** What they handled together, as a share of all. */
  readonly handledShare: number;
}

/** Every percent, and finer where the few stand that do most. */
const PERCENTS = [...Array.from({ length: 100 }, (_, percent) => percent), 99.5, 99.9, 99.95, 99.99, 100];

/** How many messages machines handled, from the least busy to the busiest: as many points for a million of them. Empty: nobody handled any. */
export function loadCurve(handled: Iterable<number>): LoadPoint[] {
  const sorted = Float64Array.from(handled).sort();
  const total = sum(sorted);
  if (!(total > 0)) return [];
  let counted = 0;
  let below = 0;
  return PERCENTS.map((percent) => {
    const machines = (percent / 100) * sorted.length;
    while (counted + 1 <= machines) below += sorted[counted++];
    const part = (machines - counted) * (sorted[counted] ?? 0);
    return { percent, handled: sorted[Math.max(0, Math.ceil(machines) - 1)], handledShare: Math.min(1, (below + part) / total) };
  });
}

/** The arithmetic mean; null of nothing. Adds in the order given. */
export function mean(values: ArrayLike<number> & Iterable<number>): number | null {
  return values.length === 0 ? null : sum(values) / values.length;
}

/** The smallest value that at least this share of the values does not exceed (nearest rank); null of nothing. */
export function quantile(values: Iterable<number>, share: number): number | null {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return null;
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/**
 * The Gini coefficient: half the mean absolute difference between two values, relative to the mean. Null when there is nothing to
 * share out. For n values it is at most 1 - 1/n.
 */
export function gini(values: Iterable<number>): number | null {
  const sorted = Float64Array.from(values).sort();
  const total = sum(sorted);
  if (!(total > 0)) return null;
  const count = sorted.length;
  let weighted = 0;
  for (let rank = 0; rank < count; rank++) weighted += (2 * rank + 1 - count) * sorted[rank];
  return weighted / (count * total);
}
