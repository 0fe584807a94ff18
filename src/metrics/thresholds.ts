/**
 * Thresholds: the user's own bounds on a run, `locate.success: '>= 0.95'`. A metric is a path into the summary;
 * `operations.` may be left out. `known-metrics.ts` refuses a metric that does not exist before the run begins.
 */

import { didYouMean } from '../problem.js';
import type { Threshold } from '../scenario/scenario.js';

/** A threshold with what the run made of it. */
export interface JudgedThreshold extends Threshold {
  /** What was measured; null: nothing, and then it is not met. */
  readonly measured: number | null;
  readonly met: boolean;
}

/** A summary, or a part of one, as plain data. */
export type Tree = Readonly<Record<string, unknown>>;

/** Metrics may be named without this. */
const IMPLIED = 'operations.';

/** Every number in a summary by its path, `operations.locate.latencyMs.p99`. A metric without a value is there with null. */
export function metricsOf(summary: object): Map<string, number | null> {
  const metrics = new Map<string, number | null>();
  collect(summary as Tree, '', metrics);
  return metrics;
}

function collect(tree: Tree, prefix: string, into: Map<string, number | null>): void {
  for (const [name, value] of Object.entries(tree)) {
    const path = prefix + name;
    if (typeof value === 'number' || (value === null && path !== 'reason')) into.set(path, value);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value)) collect(value as Tree, `${path}.`, into);
  }
}

/** The full path of a metric as a user writes it, or undefined when there is none of that name. */
export function findMetric(metric: string, metrics: ReadonlyMap<string, unknown>): string | undefined {
  return [metric, IMPLIED + metric].find((path) => metrics.has(path));
}

/** ` (did you mean ...?)` with the nearest metric, written as short as the user may write it. */
export function nearestMetric(metric: string, metrics: ReadonlyMap<string, unknown>): string {
  const names = [...metrics.keys()].map((path) => (path.startsWith(IMPLIED) ? path.slice(IMPLIED.length) : path));
  return didYouMean(metric.startsWith(IMPLIED) ? metric.slice(IMPLIED.length) : metric, names);
}

/** Judges each threshold; one whose metric has no value, or does not exist, is not met. */
export function judgeThresholds(thresholds: readonly Threshold[], summary: object): JudgedThreshold[] {
  const metrics = metricsOf(summary);
  return thresholds.map(({ metric, condition, value }) => {
    const path = findMetric(metric, metrics);
    const measured = path === undefined ? null : metrics.get(path)!;
    return { metric, condition, value, measured, met: measured !== null && holds(measured, condition, value) };
  });
}

function holds(measured: number, condition: Threshold['condition'], value: number): boolean {
  switch (condition) {
    case '>=':
      return measured >= value;
    case '>':
      return measured > value;
    case '<=':
      return measured <= value;
    case '<':
      return measured < value;
    case '==':
      return measured === value;
  }
}

/** A judged threshold in words: `locate.success was 0.843, not >= 0.95`. */
export function thresholdSentence({ metric, condition, value, measured, met }: JudgedThreshold): string {
  if (measured !== null) return `${metric} was ${Number(measured.toPrecision(6))}, ${met ? 'and so' : 'not'} ${condition} ${value}`;
  if (metric.startsWith('counters.')) {
    const counter = metric.slice('counters.'.length);
    return `${metric} has no value: nothing was counted under "${counter}" (peer.count('${counter}', 0) makes it known)`;
  }
  return `${metric} has no value: the run has nothing to measure it by, so ${condition} ${value} is not met`;
}
