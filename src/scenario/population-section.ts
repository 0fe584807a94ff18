/**
 * Reads and writes the section `population`: who comes and goes by chance, as stated in words (`over 60s`, `at 60s crash 30%`) or as maps;
 * the name of a preset; or a trace, whose table `trace-file.ts` reads later, when it is known how many peers there are. Times are exact both ways.
 */

import { z } from 'zod';
import { meanMs } from '../population/durations.js';
import type { Diurnal, MassFailure, PopulationPlan } from '../population/plan.js';
import { presetsWith } from '../population/presets.js';
import { didYouMean, Problem } from '../problem.js';
import { arrivals, writeArrivals } from './arrivals.js';
import { SCENARIO_DEFAULTS } from './defaults.js';
import { distribution, writeDistribution } from './distribution.js';
import { built, delegate, duration, section, share, text, wordsOr } from './fields.js';
import { writeTrace } from './trace-file.js';
import { formatDuration, formatShare, parseDuration, parseShare, unexpected } from './units.js';

const DEFAULTS = SCENARIO_DEFAULTS.population;
const LATER_EVENTS = ['leave', 'join'];
const FAULTS = ['partition', 'repair', 'hold', 'release', 'restart', 'flap', 'churn'];

const eventMap = built(
  section({ at: duration(), crash: share({ above: 0 }) }, LATER_EVENTS),
  ({ at, crash }): MassFailure => ({ atMs: at, share: crash }),
);

function readEvent(words: unknown): MassFailure {
  const [, at, verb, amount] = /^at\s+(.+?)\s+([a-z]{4,})\s*(.*)$/.exec(String(words).trim()) ?? [];
  if (verb !== undefined && LATER_EVENTS.includes(verb)) throw new Problem(`"${verb}" is not supported yet`);
  if (verb !== undefined && FAULTS.includes(verb)) throw new Problem(`"${verb}" is said in the scenario's list faults, not here`);
  if (verb !== 'crash') throw unexpected('at <time> crash <share>, such as at 60s crash 30%', words);
  return { atMs: parseDuration(at), share: parseShare(amount, { above: 0 }) };
}

const events = z.array(wordsOr(readEvent, eventMap), { error: (issue) => unexpected('a list of events', issue.input).message }).default([]);

const diurnal = () =>
  wordsOr(
    (words): Diurnal | null => {
      if (words === 'none') return null;
      throw unexpected('none, or a map such as { amplitude: 60%, period: 24h, peakAt: 20h }', words);
    },
    section({
      amplitude: share({ above: 0 }),
      period: duration({ above: 0 }).default(DEFAULTS.diurnalPeriodMs),
      peakAt: duration().optional(),
    }).transform(
      // A run that does not say when the peak is begins in the trough.
      ({ amplitude, period, peakAt }): Diurnal | null => ({ amplitude, periodMs: period, peakAtMs: peakAt ?? period / 2 }),
    ) as z.ZodType<Diurnal | null>,
  );

/** A trace as it is referred to; `load.ts` reads it. */
export interface TraceReference {
  /** As written; null when the table itself is. */
  readonly file: string | null;
  readonly table: string | null;
  readonly fromMs: number;
}

const trace = wordsOr(
  (file): TraceReference => {
    if (typeof file !== 'string' || file === '') throw unexpected('the file of a trace, or a map with file or table', file);
    return { file, table: null, fromMs: 0 };
  },
  built(
    section({ file: text().optional(), table: text().optional(), from: duration().default(0) }),
    ({ file = null, table = null, from }): TraceReference => {
      if ((file === null) === (table === null)) throw new Problem('expected either file or table');
      return { file, table, fromMs: from };
    },
  ),
);

/** The section as read: a plan, and the trace that is still to be put into it. */
export interface PopulationSettings {
  readonly plan: PopulationPlan;
  readonly trace: TraceReference | null;
}

const drawn = built(
  section(
    {
      arrivals: arrivals().default({ kind: 'at-once' }),
      diurnal: diurnal().default(null),
      core: share().default(DEFAULTS.core),
      session: distribution('session').optional(),
      downtime: distribution('downtime').default(null),
      crash: share().default(DEFAULTS.crashShare),
      churnFrom: duration().default(DEFAULTS.churnFromMs),
      events,
      trace: z.undefined().optional(),
    },
    [],
  ),
  (given): PopulationSettings => {
    if (given.session === undefined && given.downtime !== null)
      throw new Problem('expected a session time beside the downtime, because without one nobody leaves');
    if (given.session === undefined && given.churnFrom > 0)
      throw new Problem('expected a session time beside churnFrom, because without one there is no churn');
    // Who says `never` means it, whatever else stands there for the runs of a comparison in which sessions end.
    const session = given.session ?? null;
    const downtime = session === null ? null : given.downtime;
    const churnFrom = session === null ? 0 : given.churnFrom;
    const plan: PopulationPlan = {
      arrivals: given.arrivals,
      diurnal: given.diurnal,
      core: given.core,
      session,
      downtime,
      crashShare: given.crash,
      churnFromMs: churnFrom,
      massFailures: inOrder(given.events),
    };
    mustMakeSense(plan);
    return { plan, trace: null };
  },
);

/** A steady population has lived long before the run; and the time of day must have something to act on. */
function mustMakeSense({ arrivals, diurnal, session, downtime, churnFromMs }: PopulationPlan): void {
  if (arrivals.kind === 'steady') {
    if (session === null || downtime === null)
      throw new Problem('expected a session time and a downtime beside arrivals: steady, because they say how many are up');
    if (churnFromMs > 0) throw new Problem('expected no churnFrom beside arrivals: steady, because the churn has begun long before');
    for (const [what, given] of Object.entries({ 'session time': session, downtime }))
      if (!(meanMs(given) < Infinity)) throw new Problem(`expected a ${what} with a finite mean beside arrivals: steady`);
  }
  if (diurnal !== null && arrivals.kind !== 'poisson' && downtime === null)
    throw new Problem('expected Poisson arrivals or a downtime beside diurnal, because otherwise nobody joins by chance');
}

const traced = section({ trace, events }).transform(
  (given): PopulationSettings => ({
    plan: {
      arrivals: { kind: 'at-once' },
      diurnal: null,
      core: DEFAULTS.core,
      session: null,
      downtime: null,
      crashShare: DEFAULTS.crashShare,
      churnFromMs: DEFAULTS.churnFromMs,
      massFailures: inOrder(given.events),
    },
    trace: given.trace,
  }),
);

/** What a trace says, nothing else may say too. */
const SAID_BY_TRACE = ['arrivals', 'diurnal', 'core', 'session', 'downtime', 'crash', 'churnFrom'];

const map = z.unknown().transform((given, context): PopulationSettings => {
  const isTraced = Object.hasOwn(given as object, 'trace');
  const twice = isTraced ? SAID_BY_TRACE.find((key) => Object.hasOwn(given as object, key)) : undefined;
  let result = z.NEVER as PopulationSettings;
  if (twice !== undefined) {
    const message = `expected no ${twice} beside a trace, which says who comes and goes`;
    context.issues.push({ code: 'custom', message, input: given, path: [twice] });
  } else
    delegate<z.ZodType<PopulationSettings>>(isTraced ? traced : drawn, given, context, [], (read) => {
      result = read;
    });
  return result;
});

/** A whole population by the name of a preset (those whose sessions and downtimes were both measured), spelt out; null: it is none. */
export function presetPopulation(words: unknown): Record<string, string> | null {
  const name = presetsWith('downtime').find((each) => each === words);
  return name === undefined ? null : { arrivals: 'steady', session: name, downtime: name };
}

function readPreset(words: unknown): PopulationSettings {
  const names = presetsWith('downtime');
  const preset = presetPopulation(words);
  if (preset !== null) return drawn.parse(preset);
  const keys = [...SAID_BY_TRACE, 'events', 'trace'].join(', ');
  throw new Problem(unexpected(`a map with ${keys}, or ${names.join(' or ')}`, words).message + didYouMean(String(words), names));
}

export const populationSection = wordsOr(readPreset, map).prefault({});

function inOrder(failures: readonly MassFailure[]): MassFailure[] {
  return failures.toSorted((a, b) => a.atMs - b.atMs);
}

export function writePopulation(plan: PopulationPlan): Record<string, unknown> {
  const events = plan.massFailures.map(({ atMs, share }) => `at ${formatDuration(atMs)} crash ${formatShare(share)}`);
  if (plan.arrivals.kind === 'trace') return { trace: { table: writeTrace(plan.arrivals.trace) }, events };
  return {
    arrivals: writeArrivals(plan.arrivals),
    diurnal: writeDiurnal(plan.diurnal),
    core: formatShare(plan.core),
    session: writeDistribution(plan.session),
    downtime: writeDistribution(plan.downtime),
    crash: formatShare(plan.crashShare),
    churnFrom: formatDuration(plan.churnFromMs),
    events,
  };
}

function writeDiurnal(diurnal: Diurnal | null): unknown {
  if (diurnal === null) return 'none';
  const { amplitude, periodMs, peakAtMs } = diurnal;
  return { amplitude: formatShare(amplitude), period: formatDuration(periodMs), peakAt: formatDuration(peakAtMs) };
}
