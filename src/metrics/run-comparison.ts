/**
 * Two runs, or two sets of runs, compared: which figures changed beyond what chance explains, and whether for the worse. Repetitions tell
 * best: pair by pair where both sides have the same seeds, else by their means. A single run on each side still has its
 * queries; figures that are not made of queries then have no interval.
 */

import { type Change, holm, pairedChange, welchChange } from './change.js';
import { KEY_FIGURES, type KeyFigure } from './key-figures.js';
import { operationChanges } from './operation-changes.js';
import type { OperationTable } from './operations.js';

/** A run to be compared. */
export interface ComparedRun {
  readonly seed: number;
  readonly digest: string | null;
  readonly status: 'completed' | 'interrupted' | 'failed' | 'pending';
  /** By name of KEY_FIGURES. */
  readonly figures: Readonly<Record<string, number | null>>;
  /** Its queries; null when they are not kept. */
  operations(): OperationTable | null;
}

/** The repetitions of one point on both sides. */
export interface PointPair {
  /** What tells it from others, `peers 1,000, chord`; empty when there is only one. */
  readonly name: string;
  readonly baseline: readonly ComparedRun[];
  readonly candidate: readonly ComparedRun[];
}

/** `pairs`: repetitions with the same seeds; `means`: others; `queries`: of a single run on each side. */
export type Basis = 'pairs' | 'means' | 'queries' | 'none';

/**
 * `changed`: of a figure in which neither way is better. `perhaps`: beyond its own interval, but among so many figures one of them would
 * be so by chance. `unknown`: nothing tells how far chance goes.
 */
export type Verdict = 'better' | 'worse' | 'changed' | 'perhaps' | 'same' | 'unknown';

export interface FigureChange {
  readonly figure: KeyFigure;
  /** Means over the repetitions. */
  readonly baseline: number | null;
  readonly candidate: number | null;
  readonly basis: Basis;
  /** Null when nothing tells how far chance goes. */
  readonly change: Change | null;
  /** The chance of a false alarm, corrected for the number of figures judged; null without a change. */
  readonly corrected: number | null;
  readonly verdict: Verdict;
}

export interface PointComparison {
  readonly name: string;
  /** Runs that completed. */
  readonly runs: readonly [baseline: number, candidate: number];
  /** Whether the runs have the same seeds. */
  readonly sameSeeds: boolean;
  /** Whether all of them are the same runs, to the digest. */
  readonly identical: boolean;
  /** Runs of the candidate that failed where the baseline's completed. */
  readonly failures: number;
  /** Runs of either side that were stopped before their end. */
  readonly interrupted: number;
  /** Those that either side measured. */
  readonly figures: readonly FigureChange[];
}

/** A corrected p up to this is no chance. */
export const SIGNIFICANCE = 0.05;

export interface JudgeOptions {
  /** A figure without an interval is judged by this relative change; null: it is not judged. */
  readonly tolerance: number | null;
  /** Names of the figures to judge: the fewer, the smaller a change that is found. Null: all that a run of the same seed repeats. */
  readonly figures: readonly string[] | null;
}

type Unjudged = Omit<FigureChange, 'corrected' | 'verdict'>;

/** All points are judged together: the chance of a false alarm anywhere is at most 5 %. */
export function compareRuns(pairs: readonly PointPair[], { tolerance, figures: names }: JudgeOptions): PointComparison[] {
  const chosen = KEY_FIGURES.filter(({ name, repeatable }) => (names === null ? repeatable : names.includes(name)));
  const points = pairs.map((pair) => measure(pair, chosen));
  const ps = points.flatMap(({ figures }) => figures.flatMap(({ change }) => (change === null ? [] : [change.p])));
  const corrected = holm(ps);
  let next = 0;
  return points.map((point) => ({
    ...point,
    figures: point.figures.map((figure) => {
      const p = figure.change === null ? null : corrected[next++];
      return { ...figure, corrected: p, verdict: point.identical ? 'same' : verdictOf(figure, p, tolerance) };
    }),
  }));
}

function measure({ name, baseline, candidate }: PointPair, chosen: readonly KeyFigure[]) {
  const [a, b] = [baseline, candidate].map((runs) => runs.filter(({ status }) => status === 'completed' || status === 'interrupted'));
  const seedsOf = (runs: readonly ComparedRun[]) => runs.map(({ seed }) => seed).join();
  const pairs = a.flatMap((run) => {
    const other = b.find(({ seed }) => seed === run.seed);
    return other ? [[run, other] as const] : [];
  });
  const sameSeeds = pairs.length === a.length && pairs.length === b.length && pairs.length > 0;
  const identical = sameSeeds && pairs.every(([one, other]) => one.digest !== null && one.digest === other.digest);
  const failed = new Set(candidate.filter(({ status }) => status === 'failed').map(({ seed }) => seed));
  const failures =
    seedsOf(baseline) === seedsOf(candidate) ? a.filter(({ seed }) => failed.has(seed)).length : a.length > 0 ? failed.size : 0;
  const byQueries = a.length === 1 && b.length === 1 && !identical ? queryChanges(a[0], b[0]) : new Map<string, Change>();
  const figures = chosen.flatMap((figure): Unjudged[] => {
    const valuesOf = (runs: readonly ComparedRun[]) => runs.map(({ figures: of }) => of[figure.name] ?? null);
    const [before, after] = [given(valuesOf(a)), given(valuesOf(b))];
    if (before.length === 0 && after.length === 0) return [];
    const both = pairs.map(([one, other]) => [one.figures[figure.name] ?? null, other.figures[figure.name] ?? null] as const);
    const complete = both.filter((pair): pair is readonly [number, number] => pair[0] !== null && pair[1] !== null);
    const resolution = resolutionOf(figure, [...before, ...after]);
    const paired = sameSeeds ? pairedChange(complete, resolution) : null;
    const means = paired ?? welchChange(before, after, resolution);
    const change = means ?? byQueries.get(figure.name) ?? null;
    const basis = paired ? 'pairs' : means ? 'means' : change ? 'queries' : 'none';
    return [{ figure, baseline: meanOf(before), candidate: meanOf(after), basis, change }];
  });
  const interrupted = [...baseline, ...candidate].filter(({ status }) => status === 'interrupted').length;
  return { name, runs: [a.length, b.length] as const, sameSeeds, identical, failures, interrupted, figures };
}

function queryChanges(baseline: ComparedRun, candidate: ComparedRun): Map<string, Change> {
  const [a, b] = [baseline.operations(), candidate.operations()];
  return a === null || b === null ? new Map() : operationChanges(a, b, baseline.seed === candidate.seed);
}

function verdictOf({ figure: { better }, baseline, candidate, change }: Unjudged, p: number | null, tolerance: number | null): Verdict {
  if (baseline === null || candidate === null) return 'unknown';
  const difference = change?.difference ?? candidate - baseline;
  if (difference === 0) return 'same';
  if (change === null || p === null) {
    if (tolerance === null) return 'unknown';
    if (Math.abs(difference) <= tolerance * Math.abs(baseline)) return 'same';
  } else if (p > SIGNIFICANCE) return change.p > SIGNIFICANCE ? 'same' : 'perhaps';
  if (better === null) return 'changed';
  return difference > 0 === (better === 'more') ? 'better' : 'worse';
}

/** What is counted in ones is known to half a one. */
function resolutionOf({ unit }: KeyFigure, values: readonly number[]): number {
  return ['queries', 'peers', 'entries'].includes(unit) && values.every(Number.isInteger) ? 1 : 0;
}

const given = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
const meanOf = (values: readonly number[]) => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);
