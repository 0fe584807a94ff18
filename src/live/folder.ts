/** A finished run, from its result folder or from memory, as the page is told it: the time series as samples, faults and drops. */

import { type OperationTable, OUTCOMES } from '../metrics/operations.js';
import type { Results } from '../results/read.js';
import type { Drops, FaultLine, Sample } from './feed.js';

export interface Recorded {
  readonly samples: readonly Sample[];
  readonly faults: readonly FaultLine[];
  readonly drops: Drops;
}

export function recordedIn({ series, operations, summary }: Pick<Results, 'series' | 'operations' | 'summary'>): Recorded {
  const latencies = latenciesBy(
    operations,
    series.map(({ endMs }) => endMs),
  );
  const totals = [0, 0, 0, 0, 0, 0, 0];
  const samples: Sample[] = [[0, 0, 0, 0, 0, 0, 0, 0, series[0]?.peersAlive ?? 0, null, null]];
  series.forEach((row, at) => {
    const { sent, bytes, delivered, dropped, operationsStarted, operationsSucceeded, operationsFailed } = row;
    [sent, bytes, delivered, dropped, operationsStarted, operationsSucceeded, operationsFailed].forEach((value, column) => {
      totals[column] += value;
    });
    const [p50, p90] = latencies[at];
    samples.push([row.endMs, totals[0], totals[1], totals[2], totals[3], totals[4], totals[5], totals[6], row.peersAlive, p50, p90]);
  });
  return { samples, faults: summary.faults, drops: summary.messages.dropped };
}

/** Median and ninetieth percentile of the answers that came in each interval. */
function latenciesBy(table: OperationTable, ends: readonly number[]): (readonly [number | null, number | null])[] {
  const answers: number[][] = ends.map(() => []);
  for (let row = 0; row < table.length; row++) {
    const latencyMs = table.at(row, 'latencyMs');
    if (OUTCOMES[table.at(row, 'outcome')] !== 'succeeded' || latencyMs < 0) continue;
    const at = intervalOf(table.at(row, 'startMs') + latencyMs, ends);
    answers[at]?.push(latencyMs);
  }
  return answers.map((each) => {
    const sorted = Float64Array.from(each).sort();
    const quantile = (share: number) => (sorted.length === 0 ? null : sorted[Math.ceil(share * sorted.length) - 1]);
    return [quantile(0.5), quantile(0.9)];
  });
}

/** The first interval that ends after this; they are in order. */
function intervalOf(ms: number, ends: readonly number[]): number {
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}
