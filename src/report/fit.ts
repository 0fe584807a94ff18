/**
 * By which law a figure grows with size: not at all, as the logarithm, or as a power. Each law is fitted by least squares of *relative* errors,
 * so that small sizes count as much as large ones, and the better one is named only when the points decide between them.
 *
 * - constant: y = c
 * - logarithm: y = a + b log2 N
 * - power: y = c N^a
 */

import { studentQuantile, studentTail } from '../metrics/student.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Law {
  readonly kind: 'constant' | 'logarithm' | 'power';
  /** The power, or for a logarithm what is added with each doubling; 0 for a constant. */
  readonly growth: number;
  /** Of `growth`, with 95 % confidence; null for a constant. */
  readonly growthCi95: number | null;
  /** How far the points lie from it: root mean square of the relative errors, by the degrees of freedom. */
  readonly error: number;
  at(x: number): number;
}

export interface Fit {
  readonly law: Law;
  /** `decided`: this law and no other; `undecided`: `other` is about as good; `poor`: none is good, this is the least bad. */
  readonly verdict: 'decided' | 'undecided' | 'poor';
  readonly other: Law | null;
}

/** Fewer sizes than this say nothing about a law: two parameters go through any two points. */
export const FEWEST_POINTS = 3;
/** Errors below this are of no account: both laws hold. */
const NEGLIGIBLE = 0.005;
/** A figure that shows no growth is constant when its points scatter less than this; when they scatter more, nobody can say. */
const CALM = 0.05;
/** A law that errs more than this is none. */
const POOR = 0.2;
/** A figure that changes less than this over all sizes is constant, however surely it does. */
const FLAT = 0.03;
/** How likely chance alone may show as much growth: less where there is so little that a constant is near anyway. */
const SIGNIFICANT = 0.05;
const SURE = 0.001;

/** Null with fewer than three sizes, or with values at or below 0, of which no relative error is known. */
export function fitLaw(points: readonly Point[]): Fit | null {
  const sizes = new Set(points.map(({ x }) => x));
  if (sizes.size < FEWEST_POINTS || points.some(({ x, y }) => !(x > 0 && y > 0 && Number.isFinite(x) && Number.isFinite(y)))) return null;
  const constant = constantLaw(points);
  const [better, worse] = [logarithm(points), power(points)].sort((a, b) => a.law.error - b.law.error);
  const [least, most] = [Math.min(...points.map(({ y }) => y)), Math.max(...points.map(({ y }) => y))];
  if (most / least - 1 < FLAT) return { law: constant, verdict: 'decided', other: null };
  if (better.chance > (constant.error <= CALM ? SURE : SIGNIFICANT)) {
    // It may grow, but the points scatter too much to say so.
    if (constant.error > POOR) return { law: better.law, verdict: 'poor', other: null };
    return constant.error <= CALM
      ? { law: constant, verdict: 'decided', other: null }
      : { law: constant, verdict: 'undecided', other: better.law };
  }
  if (better.law.error > POOR) return { law: better.law, verdict: 'poor', other: null };
  // With few points, errors say little about which law is the better: then the other must err many times as much (12.7 times with three).
  const clearly = studentQuantile(0.95, points.length - 2);
  const isClear = worse.law.error > NEGLIGIBLE && worse.law.error >= clearly * better.law.error;
  return { law: better.law, verdict: isClear ? 'decided' : 'undecided', other: isClear ? null : worse.law };
}

/** A line y = a + b u through weighted points, and how sure it is that b is not 0. */
interface Line {
  readonly a: number;
  readonly b: number;
  readonly bCi95: number;
  readonly chance: number;
}

function line(us: readonly number[], ys: readonly number[], weights: readonly number[]): Line {
  const total = (of: (at: number) => number) => weights.reduce((sum, weight, at) => sum + weight * of(at), 0);
  const weight = total(() => 1);
  const [uMean, yMean] = [total((at) => us[at]) / weight, total((at) => ys[at]) / weight];
  const spread = total((at) => (us[at] - uMean) ** 2);
  const b = total((at) => (us[at] - uMean) * (ys[at] - yMean)) / spread;
  const a = yMean - b * uMean;
  const freedom = us.length - 2;
  const deviation = Math.sqrt(total((at) => (ys[at] - a - b * us[at]) ** 2) / freedom / spread);
  return {
    a,
    b,
    bCi95: studentQuantile(0.95, freedom) * deviation,
    chance: deviation > 0 ? studentTail(b / deviation, freedom) : 0,
  };
}

function constantLaw(points: readonly Point[]): Law {
  // The value from which relative errors are least: as for the others, but with one parameter.
  const weights = points.map(({ y }) => 1 / y ** 2);
  const value = points.reduce((sum, { y }, at) => sum + weights[at] * y, 0) / weights.reduce((sum, weight) => sum + weight, 0);
  return law('constant', points, 1, 0, null, () => value);
}

function logarithm(points: readonly Point[]): { law: Law; chance: number } {
  const { a, b, bCi95, chance } = line(
    points.map(({ x }) => Math.log2(x)),
    points.map(({ y }) => y),
    points.map(({ y }) => 1 / y ** 2),
  );
  return { law: law('logarithm', points, 2, b, bCi95, (x) => a + b * Math.log2(x)), chance };
}

function power(points: readonly Point[]): { law: Law; chance: number } {
  const { a, b, bCi95, chance } = line(
    points.map(({ x }) => Math.log(x)),
    points.map(({ y }) => Math.log(y)),
    points.map(() => 1),
  );
  return { law: law('power', points, 2, b, bCi95, (x) => Math.exp(a) * x ** b), chance };
}

function law(
  kind: Law['kind'],
  points: readonly Point[],
  parameters: number,
  growth: number,
  growthCi95: number | null,
  at: Law['at'],
): Law {
  const squares = points.reduce((sum, { x, y }) => sum + (at(x) / y - 1) ** 2, 0);
  return { kind, growth, growthCi95, error: Math.sqrt(squares / (points.length - parameters)), at };
}

/** As in "grows as ...": log N, N^0.52. */
export function formula({ kind, growth }: Law, variable: string): string {
  if (kind === 'constant') return 'a constant';
  return kind === 'logarithm' ? `log ${variable}` : `${variable}^${exponent(growth)}`;
}

const exponent = (value: number) => String(Number(value.toFixed(2)));

/** How far the points lie from a law, as people say it. */
export const offBy = ({ error }: Law): string => (error < 0.01 ? 'under 1 %' : `${Math.round(error * 100)} %`);

/** What was found, to stand behind a name: "grows as log N (fit off by 3 %)". */
export function fitSentence({ law, verdict, other }: Fit, variable: string): string {
  if (verdict === 'poor') return `follows no simple law (the nearest, ${formula(law, variable)}, is off by ${offBy(law)})`;
  if (law.kind === 'constant') {
    return other === null
      ? `stays the same (within ${offBy(law)})`
      : `may stay the same: its points scatter by ${offBy(law)}, too much to see growth`;
  }
  const verb = law.growth > 0 ? 'grows' : 'falls';
  if (other !== null) {
    return `${verb} as ${formula(law, variable)} or ${formula(other, variable)}: the points do not decide (fits off by ${offBy(law)} and ${offBy(other)})`;
  }
  return `${verb} as ${formula(law, variable)} (fit off by ${offBy(law)})`;
}
