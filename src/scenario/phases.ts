/** When the phases of a run begin and end. */

import type { Phase } from '../metrics/measures.js';
import type { Scenario } from './scenario.js';

/** When the phases begin, in ms; `join` is the time until the last planned arrival. */
export function phaseTimes(scenario: Pick<Scenario, 'peers' | 'population' | 'phases'>): {
  warmUpMs: number;
  measureMs: number;
  drainMs: number;
  endMs: number;
} {
  const { arrivals } = scenario.population;
  let warmUpMs = 0;
  if (arrivals.kind === 'ramp') warmUpMs = arrivals.overMs;
  if (arrivals.kind === 'poisson') warmUpMs = (scenario.peers / arrivals.ratePerSecond) * 1000;
  const measureMs = warmUpMs + scenario.phases.warmUpMs;
  const drainMs = measureMs + scenario.phases.measureMs;
  return { warmUpMs, measureMs, drainMs, endMs: drainMs + scenario.phases.drainMs };
}

/** The phase that a moment of virtual time belongs to. */
export function phaseAt(scenario: Scenario, nowMs: number): Phase {
  const { warmUpMs, measureMs, drainMs } = phaseTimes(scenario);
  if (nowMs < warmUpMs) return 'join';
  if (nowMs < measureMs) return 'warm-up';
  return nowMs < drainMs ? 'measure' : 'drain';
}
