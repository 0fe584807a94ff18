/**
 * A figure: one line of the table that `npm run bench` prints. It names its contestants, and says how their samples become a number.
 */

import type { Contestant, Sample } from './child.js';

/** The samples that a contestant gave, one per round. */
export type SamplesOf = (contestant: Contestant) => readonly Sample[];

export interface Line {
  readonly value: string;
  /** What lies behind the value: rates, times, spread. */
  readonly detail: string;
  /** Null when there is no goal. */
  readonly reached: boolean | null;
}

export interface Figure {
  readonly title: string;
  /** In words, '' for none. */
  readonly goal: string;
  readonly contestants: readonly Contestant[];
  line(samplesOf: SamplesOf): Line;
}

/** How many times the rate of `over` `of` reaches: the median over rounds of the ratio within a round. */
export function ratioOf(title: string, of: Contestant, over: Contestant, atLeast: number): Figure {
  return {
    title,
    goal: `at least ${atLeast.toFixed(atLeast * 10 === Math.round(atLeast * 10) ? 1 : 2)} x`,
    contestants: [over, of],
    line(samplesOf) {
      const rates = samplesOf(of).map((sample) => sample.messagesPerSecond);
      const bases = samplesOf(over).map((sample) => sample.messagesPerSecond);
      const ratios = rates.map((rate, round) => rate / bases[round]);
      const ratio = median(ratios);
      const spread = ratios.length > 1 ? `, rounds ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}` : '';
      return {
        value: `${ratio.toFixed(2)} x`,
        detail: `${perSecond(median(bases))} -> ${perSecond(median(rates))} messages/s${spread}`,
        reached: ratio >= atLeast,
      };
    },
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** 2,345,678 as `2.35 M`. */
export function perSecond(rate: number): string {
  return rate >= 1e6 ? `${(rate / 1e6).toFixed(2)} M` : `${(rate / 1e3).toFixed(0)} k`;
}

/** 2,345,678,901 as `2.35 GB`. */
export function bytes(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(2)} GB`;
  return count >= 1e6 ? `${(count / 1e6).toFixed(0)} MB` : `${(count / 1e3).toFixed(2)} KB`;
}

/** Lines up the columns: text, two spaces between. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
