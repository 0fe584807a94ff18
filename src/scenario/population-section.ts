/**
 * Reads and writes the section `population`: arrivals and events in words (`over 60s`, `at 60s crash 30%`) or as maps, session times
 * and downtimes by `distribution.ts`. Times are exact both ways.
 */

import { z } from 'zod';
import type { Arrivals, MassFailure, PopulationPlan } from '../population/plan.js';
import { Problem } from '../problem.js';
import { SCENARIO_DEFAULTS } from './defaults.js';
import { distribution, writeDistribution } from './distribution.js';
import { built, duration, frequency, section, share, wordsOr } from './fields.js';
import { formatDuration, formatFrequency, formatShare, parseDuration, parseFrequency, parseShare, unexpected } from './units.js';

const DEFAULTS = SCENARIO_DEFAULTS.population;
const LATER_EVENTS = ['partition', 'repair', 'hold', 'release', 'restart', 'flap', 'leave', 'join', 'churn'];

const arrivalsMap = built(
  section({ over: duration({ above: 0 }).optional(), poisson: frequency({ above: 0 }).optional() }),
  (given): Arrivals => {
    if ((given.over === undefined) === (given.poisson === undefined)) throw new Problem('expected either over or poisson');
    if (given.over !== undefined) return { kind: 'ramp', overMs: given.over };
    return { kind: 'poisson', ratePerSecond: given.poisson! };
  },
);

function readArrivals(words: unknown): Arrivals {
  if (/^\s*at[ -]once\s*$/.test(String(words))) return { kind: 'at-once' };
  const [, kind, amount] = /^(over|poisson)\s+(.+)$/.exec(String(words).trim()) ?? [];
  if (kind === 'over') return { kind: 'ramp', overMs: parseDuration(amount, { above: 0 }) };
  if (kind === 'poisson') return { kind: 'poisson', ratePerSecond: parseFrequency(amount, { above: 0 }) };
  throw unexpected('at once, over 60s or poisson 10/s', words);
}

const eventMap = built(
  section({ at: duration(), crash: share({ above: 0 }) }, LATER_EVENTS),
  ({ at, crash }): MassFailure => ({ atMs: at, share: crash }),
);

function readEvent(words: unknown): MassFailure {
  const [, at, verb, amount] = /^at\s+(.+?)\s+([a-z]{4,})\s*(.*)$/.exec(String(words).trim()) ?? [];
  if (verb !== undefined && LATER_EVENTS.includes(verb)) throw new Problem(`"${verb}" is not supported yet`);
  if (verb !== 'crash') throw unexpected('at <time> crash <share>, such as at 60s crash 30%', words);
  return { atMs: parseDuration(at), share: parseShare(amount, { above: 0 }) };
}

export const populationSection = built(
  section(
    {
      arrivals: wordsOr(readArrivals, arrivalsMap).default({ kind: 'at-once' }),
      core: share().default(DEFAULTS.core),
      session: distribution().default(null),
      downtime: distribution().default(null),
      crash: share().default(DEFAULTS.crashShare),
      churnFrom: duration().default(DEFAULTS.churnFromMs),
      events: z.array(wordsOr(readEvent, eventMap), { error: (issue) => unexpected('a list of events', issue.input).message }).default([]),
    },
    ['trace', 'traces', 'diurnal', 'faults'],
  ),
  (given): PopulationPlan => {
    const { session, downtime, churnFrom } = given;
    if (session === null && downtime !== null)
      throw new Problem('expected a session time beside the downtime, because without one nobody leaves');
    if (session === null && churnFrom > 0)
      throw new Problem('expected a session time beside churnFrom, because without one there is no churn');
    return {
      arrivals: given.arrivals,
      core: given.core,
      session,
      downtime,
      crashShare: given.crash,
      churnFromMs: churnFrom,
      massFailures: given.events.toSorted((a, b) => a.atMs - b.atMs),
    };
  },
).prefault({});

export function writePopulation(plan: PopulationPlan): Record<string, unknown> {
  return {
    arrivals: writeArrivals(plan.arrivals),
    core: formatShare(plan.core),
    session: writeDistribution(plan.session),
    downtime: writeDistribution(plan.downtime),
    crash: formatShare(plan.crashShare),
    churnFrom: formatDuration(plan.churnFromMs),
    events: plan.massFailures.map(({ atMs, share }) => `at ${formatDuration(atMs)} crash ${formatShare(share)}`),
  };
}

function writeArrivals(given: Arrivals): string {
  if (given.kind === 'at-once') return 'at once';
  if (given.kind === 'ramp') return `over ${formatDuration(given.overMs)}`;
  return `poisson ${formatFrequency(given.ratePerSecond)}`;
}
