/**
 * `population.session.mean=10m` (or `.median`, or of the downtime): the distribution that the scenario states keeps its kind and its
 * shape and gets another mean. So one setting sweeps through session times whatever the scenario says in words.
 */

import type { Duration } from '../population/plan.js';
import { Problem } from '../problem.js';
import { distribution } from './distribution.js';
import { presetPopulation } from './population-section.js';
import { parseDuration } from './units.js';
import { check, type Override, partOf, type Source, withOverrides } from './yaml-source.js';

const OF = ['session', 'downtime'] as const;
const MOMENTS = ['mean', 'median'] as const;

/** Those overrides that state a mean or a median, turned into the distributions that have it; the others as they are. */
export function statedMoments(source: Source, overrides: readonly Override[]): Override[] {
  const done: Override[] = [];
  for (const override of overrides) {
    const [section, what, moment, ...more] = override.path;
    const isMoment =
      section === 'population' && more.length === 0 && OF.some((each) => each === what) && MOMENTS.some((each) => each === moment);
    if (!isMoment) done.push(override);
    else done.push(...withMoment(withOverrides(source, done), override));
  }
  return done;
}

function withMoment(source: Source, { path, value, label }: Override): Override[] {
  const what = path[1] as (typeof OF)[number];
  const moment = path[2] as (typeof MOMENTS)[number];
  const isNever = value === 'never';
  if (!isNever) mustBeTime(value, label);
  const population = partOf(source, ['population']);
  // A population by the name of a preset is spelt out first.
  const spelt = typeof population.value === 'string' ? presetPopulation(population.value) : null;
  const before: Override[] = spelt === null ? [] : [{ path: ['population'], value: spelt, label }];
  const given = partOf(withOverrides(source, before), ['population', what]);
  const now = given.value === undefined || given.value === null ? null : check(distribution(what), given);
  return [...before, { path: ['population', what], value: isNever ? 'never' : replaced(now, moment, value), label }];
}

function mustBeTime(value: unknown, label: string): void {
  try {
    parseDuration(value, { above: 0 });
  } catch (error) {
    throw error instanceof Problem ? new Problem(`${label}: ${error.message}, or never`) : error;
  }
}

function replaced(now: Duration | null, moment: (typeof MOMENTS)[number], value: unknown): Record<string, unknown> {
  if (now === null || now.kind === 'exponential') return { exponential: { [moment]: value } };
  if (now.kind === 'fixed') return { fixed: { value } };
  if (now.kind === 'lognormal') return { lognormal: { sigma: now.sigma, [moment]: value } };
  return { [now.kind]: { shape: now.shape, [moment]: value } };
}
