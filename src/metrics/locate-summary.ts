/** The figures of the service `locate`, from the table of its operations and the histogram of their latencies. */

import type { Histogram } from 'hdr-histogram-js';
import { quantile } from './load.js';
import { type OperationTable, OUTCOMES, type Outcome } from './operations.js';

/** How a population of queries fared. Null: no query to measure it by. */
export interface LocateSummary {
  /** Queries asked. started = succeeded + failed + unanswerable + abandoned + pending. */
  readonly started: number;
  /** Queries that found a live provider; in a scenario without files, those of which the protocol said that nobody has the item. */
  readonly succeeded: number;
  /** Queries for an item with a live provider that ended without finding one. */
  readonly failed: number;
  /** Queries for items no live peer had: neither success nor failure. */
  readonly unanswerable: number;
  /** Queries whose asker went down before it knew: neither success nor failure. */
  readonly abandoned: number;
  /** Queries still open when the run ended: neither success nor failure. */
  readonly pending: number;
  /** succeeded / (succeeded + failed), a share. */
  readonly success: number | null;
  /** Mean, over judged queries for items with a live provider, of live providers found / live providers there were, a share. */
  readonly recall: number | null;
  /** Providers reported that were not live providers / providers reported, a share. */
  readonly stale: number | null;
  /** Share of all live providers found that were one of the 1 % of the peers most often found. */
  readonly fromTopPercent: number | null;
  /** Time from question to first right answer, in ms; quantiles to 3 digits, max and mean exact. */
  readonly latencyMs: {
    readonly p50: number | null;
    readonly p90: number | null;
    readonly p99: number | null;
    readonly max: number | null;
    readonly mean: number | null;
  };
  /** Overlay hops to that answer. */
  readonly hops: { readonly mean: number | null; readonly max: number | null };
  /** Messages sent on behalf of a query, mean over all that ended (succeeded, failed or unanswerable). */
  readonly messages: { readonly mean: number | null };
  /** Bytes sent on behalf of a query, headers included, mean over all that ended. */
  readonly bytes: { readonly mean: number | null };
  /** Peers a query reached, mean over all that ended. */
  readonly reached: { readonly mean: number | null };
  /** Peers a query ran into that did not answer, mean over all that ended. */
  readonly timeouts: { readonly mean: number | null };
  /** Downloads of what was found: how many came to their end, their share of the queries that succeeded, and from question to last byte, in ms. */
  readonly obtained: {
    readonly count: number;
    readonly share: number | null;
    readonly ms: { readonly p50: number | null; readonly p90: number | null };
  };
}

/**
 * @param latencies succeeded queries' latencies in us
 * @param downloads whether what was found was to be downloaded
 * @param answers by peer, how often it was a live provider found
 */
export function summariseLocate(
  table: OperationTable,
  latencies: Histogram | undefined,
  downloads = false,
  answers: Float64Array = new Float64Array(0),
): LocateSummary {
  const ended = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  const latencyUs = new Tally();
  const hops = new Tally();
  const messages = new Tally();
  const bytes = new Tally();
  const reached = new Tally();
  const recall = new Tally();
  const timeouts = new Tally();
  const obtainedMs: number[] = [];
  let foundLive = 0;
  let foundStale = 0;

  for (let row = 0; row < table.length; row++) {
    const outcome = table.outcome(row);
    ended[outcome]++;
    // Answered is answered, even if the run broke off while the query waited for more answers.
    if (table.at(row, 'latencyMs') >= 0) {
      latencyUs.add(Math.round(table.at(row, 'latencyMs') * 1000));
      hops.add(table.at(row, 'hops'));
    }
    if (table.at(row, 'obtainedMs') >= 0) obtainedMs.push(table.at(row, 'obtainedMs'));
    // What an open or abandoned query would have cost and found in the end, nobody knows.
    if (outcome === 'pending' || outcome === 'abandoned') continue;
    messages.add(table.at(row, 'messages'));
    bytes.add(table.at(row, 'bytes'));
    reached.add(table.at(row, 'reached'));
    timeouts.add(table.at(row, 'timeouts'));
    foundLive += table.at(row, 'foundLive');
    foundStale += table.at(row, 'foundStale');
    const liveReplicas = table.at(row, 'liveReplicas');
    if (liveReplicas > 0) recall.add(table.at(row, 'foundLive') / liveReplicas);
  }

  return {
    started: table.length,
    ...ended,
    success: ratio(ended.succeeded, ended.succeeded + ended.failed),
    recall: recall.mean,
    stale: ratio(foundStale, foundLive + foundStale),
    fromTopPercent: topShare(answers),
    latencyMs: {
      p50: quantileMs(latencies, 50, latencyUs.max),
      p90: quantileMs(latencies, 90, latencyUs.max),
      p99: quantileMs(latencies, 99, latencyUs.max),
      max: latencyUs.max === null ? null : latencyUs.max / 1000,
      mean: latencyUs.mean === null ? null : latencyUs.mean / 1000,
    },
    hops: { mean: hops.mean, max: hops.max },
    messages: { mean: messages.mean },
    bytes: { mean: bytes.mean },
    reached: { mean: reached.mean },
    timeouts: { mean: timeouts.mean },
    obtained: {
      count: obtainedMs.length,
      share: downloads ? ratio(obtainedMs.length, latencyUs.count) : null,
      ms: { p50: quantile(obtainedMs, 0.5), p90: quantile(obtainedMs, 0.9) },
    },
  };
}

/** Share of the sum that the largest hundredth of the values has (at least one value); null of nothing. */
function topShare(values: Float64Array): number | null {
  const descending = values.slice().sort().reverse();
  const sum = (of: Float64Array) => of.reduce((total, value) => total + value, 0);
  return ratio(sum(descending.subarray(0, Math.max(1, Math.round(values.length / 100)))), sum(descending));
}

/** a / b, or null when there is nothing to divide by. */
export function ratio(a: number, b: number): number | null {
  return b > 0 ? a / b : null;
}

/** A quantile in ms. A bucket answers with its upper end, which must not exceed the largest latency there was. */
function quantileMs(latenciesUs: Histogram | undefined, percentile: number, largestUs: number | null): number | null {
  if (!latenciesUs || latenciesUs.totalCount === 0) return null;
  return Math.min(latenciesUs.getValueAtPercentile(percentile), largestUs ?? Number.POSITIVE_INFINITY) / 1000;
}

/** Count, sum and maximum of numbers in the order they come. */
class Tally {
  count = 0;
  private sum = 0;
  private largest = Number.NEGATIVE_INFINITY;

  add(value: number): void {
    this.count++;
    this.sum += value;
    if (value > this.largest) this.largest = value;
  }

  get mean(): number | null {
    return ratio(this.sum, this.count);
  }

  get max(): number | null {
    return this.count ? this.largest : null;
  }
}
