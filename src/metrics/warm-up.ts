/** The warning that a run was measured before it had settled, unless its scenario meant it to change. */

import type { Scenario } from '../scenario/scenario.js';
import type { Measures, SeriesRow } from './measures.js';
import { driftOf } from './settling.js';

/** Relative drifts from which on figures of `measure` are a mixture of two. */
const MATTERS = 0.1;
const SUCCESS_MATTERS = 0.05;
/** Under churn the number of peers wanders by itself; so many of its standard deviations are no wandering. */
const DEVIATIONS = 4;

interface Series {
  readonly name: string;
  readonly matters: number;
  /** Null: the row has none. */
  of(row: SeriesRow): number | null;
}

/** Null: it had settled; it was meant to change; or its series is too short to tell. */
export function warmUpWarning(scenario: Scenario, measures: Measures): string | null {
  if (measures.status !== 'completed' || isMeantToChange(scenario, measures)) return null;
  const { measureMs, drainMs, warmUpMs } = scenario.phases;
  const untilMs = measures.virtualMs - drainMs;
  const rows = measures.series.filter(({ startMs, endMs }) => startMs >= untilMs - measureMs && endMs <= untilMs && endMs > startMs);
  const wandering = scenario.population.session === null ? 0 : DEVIATIONS * wanderingOf(rows, scenario.peers);
  const series: readonly Series[] = [
    {
      name: 'messages per second',
      matters: Math.max(MATTERS, wandering),
      of: ({ sent, startMs, endMs }) => (1000 * sent) / (endMs - startMs),
    },
    { name: 'peers up', matters: Math.max(MATTERS, wandering), of: ({ peersAlive }) => peersAlive },
    { name: 'success', matters: SUCCESS_MATTERS, of: successOf },
  ];
  const drifts = series.flatMap(({ name, matters, of }) => {
    const drift = driftOf(
      rows.map(of).filter((value) => value !== null),
      matters,
    );
    return drift === null ? [] : [`${name} went from ${short(drift.first)} to ${short(drift.last)}`];
  });
  if (drifts.length === 0) return null;
  return `not settled when it was measured: ${drifts.join(', ')}: lengthen the warm-up (now ${short(warmUpMs / 1000)} s)`;
}

/** Whoever has peers crash, come at night or come in a crowd wants to see what that does. */
function isMeantToChange({ population: { arrivals, diurnal, massFailures }, chaos }: Scenario, { faults }: Measures): boolean {
  const comes = arrivals.kind === 'flash-crowd' || arrivals.kind === 'trace';
  return comes || diurnal !== null || massFailures.length > 0 || chaos.length > 0 || faults.length > 0;
}

/** Standard deviation of the difference of two counts of peers up, relative to them, when each is up or down by itself. */
function wanderingOf(rows: readonly SeriesRow[], peers: number): number {
  const up = rows.reduce((sum, { peersAlive }) => sum + peersAlive, 0) / rows.length / peers;
  return up > 0 ? Math.sqrt((2 * Math.max(0, 1 - up)) / (peers * up)) : 0;
}

function successOf({ operationsSucceeded, operationsFailed }: SeriesRow): number | null {
  const judged = operationsSucceeded + operationsFailed;
  return judged > 0 ? operationsSucceeded / judged : null;
}

const short = (value: number) => Number(value.toPrecision(3));
