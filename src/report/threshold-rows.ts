/** The user's bounds as rows of the table: what was asked, and for each run whether it was met and what was measured. */

import type { Summary } from '../metrics/summary.js';
import { NONE } from './format.js';
import { cut } from './layout.js';

export const MET = '\u2713';
export const MISSED = '\u2717';

const LABEL_WIDTH = 36;

/** Nothing without thresholds. Runs of one scenario have the same ones. */
export function thresholdRows(summaries: readonly Summary[]): [string, ...string[]][] {
  const thresholds = summaries[0]?.thresholds ?? [];
  return thresholds.map(({ metric, condition, value }, at) => [
    cut(`${metric.replace(/^operations\./, '')} ${condition} ${value}`, LABEL_WIDTH),
    ...summaries.map(({ thresholds: judged }) => {
      const { met, measured } = judged[at] ?? { met: false, measured: null };
      return `${met ? MET : MISSED} ${measured === null ? NONE : short(measured)}`;
    }),
  ]);
}

function short(value: number): string {
  return String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4)));
}
