/** The schema of a scenario file: every section, its defaults filled in, its units resolved. The topology is read by topology-file.ts. */

import { z } from 'zod';
import { clockKeys } from './clock-section.js';
import { SCENARIO_DEFAULTS as DEFAULTS } from './defaults.js';
import { faultKeys } from './faults-section.js';
import { count, duration, field, flag, name, number, oneOf, section, text } from './fields.js';
import { populationSection } from './population-section.js';
import { sweepSection } from './sweep-section.js';
import { thresholdsSection } from './thresholds.js';
import { unexpected } from './units.js';
import { workloadSection } from './workload-section.js';

/** More than fits any machine this runs on; `plan` says what fits this one. */
const MOST_PEERS = 100_000_000;
const LATER = ['machines'];

const isMap = (given: unknown): given is Record<string, unknown> => typeof given === 'object' && given !== null && !Array.isArray(given);

/** protocol -> setting -> value; the protocol's definition says later which settings there are. */
const settings = z.unknown().transform((given, context): Record<string, Record<string, unknown>> => {
  const complain = (path: string[], part: unknown) => {
    const message = unexpected(path.length > 0 ? 'a map from settings to values' : 'a map from protocols to their settings', part).message;
    context.issues.push({ code: 'custom', message, input: part, path });
    return z.NEVER;
  };
  if (!isMap(given)) return complain([], given);
  for (const [protocol, part] of Object.entries(given)) if (!isMap(part)) complain([protocol], part);
  return given as Record<string, Record<string, unknown>>;
});

const protocols = field((given): string[] => {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0 || !list.every((each) => typeof each === 'string' && each !== '')) {
    throw unexpected('a list of protocols, such as [gnutella, chord]', given);
  }
  return list as string[];
});

export const scenarioSchema = section(
  {
    name: name().optional(),
    about: text().default(''),
    seed: count().default(DEFAULTS.seed),
    /** Not given: as many as the population's trace has, else the default. */
    peers: count({ min: 1, max: MOST_PEERS }).optional(),
    topology: z.unknown().default(DEFAULTS.topology),
    protocols: protocols.optional(),
    settings: settings.default({}),
    phases: section({
      start: oneOf(['converge', 'join']).default(DEFAULTS.phases.start),
      warmUp: duration().default(DEFAULTS.phases.warmUpMs),
      measure: duration({ above: 0 }).default(DEFAULTS.phases.measureMs),
      drain: duration().default(DEFAULTS.phases.drainMs),
    }).prefault({}),
    ...clockKeys,
    population: populationSection,
    ...faultKeys,
    workload: workloadSection.default({ locate: null }),
    measures: section({
      interval: duration({ above: 0 }).default(DEFAULTS.intervalMs),
      paths: flag().default(DEFAULTS.paths),
      thresholds: thresholdsSection.default([]),
    }).prefault({}),
    limits: section({
      pendingEvents: count({ min: 1 }).default(DEFAULTS.limits.pendingEvents),
      eventsPerInstant: count({ min: 1 }).default(DEFAULTS.limits.eventsPerInstant),
      stallSeconds: number({ above: 0 }).default(DEFAULTS.limits.stallSeconds),
    }).prefault({}),
    /** What `peerage sweep` makes of the scenario; a single run does not look at it. */
    sweep: sweepSection.optional(),
  },
  LATER,
);

export type ScenarioSettings = z.output<typeof scenarioSchema>;
