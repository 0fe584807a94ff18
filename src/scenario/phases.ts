/** When the phases of a run begin and end. */

import type { Phase } from '../metrics/measures.js';
import { timeAfter } from '../population/diurnal.js';
import type { Scenario } from './scenario.js';

/** When the phases begin, in ms; `join` is the time until the last planned arrival (of a Poisson process: when it is expected). */
export function phaseTimes(scenario: Pick<Scenario, 'peers' | 'population' | 'phases'>): {
  warmUpMs: number;
  measureMs: number;
  drainMs: number;
  endMs: number;
} {
  const warmUpMs = joinMs(scenario);
  const measureMs = warmUpMs + scenario.phases.warmUpMs;
  const drainMs = measureMs + scenario.phases.measureMs;
  return { warmUpMs, measureMs, drainMs, endMs: drainMs + scenario.phases.drainMs };
}

function joinMs({ peers, population }: Pick<Scenario, 'peers' | 'population'>): number {
  const { arrivals, diurnal } = population;
  if (arrivals.kind === 'ramp') return arrivals.overMs;
  if (arrivals.kind === 'poisson') {
    const waitMs = (peers / arrivals.ratePerSecond) * 1000;
    return diurnal === null ? waitMs : timeAfter(diurnal, 0, waitMs);
  }
  // A flash crowd and a trace are what happens during the run, at times of their own, and not a way to begin it.
  return 0;
}

/** The phase that a moment of virtual time belongs to. */
export function phaseAt(scenario: Scenario, nowMs: number): Phase {
  const { warmUpMs, measureMs, drainMs } = phaseTimes(scenario);
  if (nowMs < warmUpMs) return 'join';
  if (nowMs < measureMs) return 'warm-up';
  return nowMs < drainMs ? 'measure' : 'drain';
}
