/** The milestones of a run in order of time: phases, rows of the time series, mass failures. Every shard passes all of them. */

import type { Phase } from '../metrics/measures.js';
import type { Scenario } from '../scenario/scenario.js';

export type Milestone =
  | { readonly atMs: number; readonly kind: 'phase'; readonly phase: Phase }
  | { readonly atMs: number; readonly kind: 'mass-failure'; readonly index: number }
  | { readonly atMs: number; readonly kind: 'row' };

/** When the phases begin, in ms; `join` is the time until the last planned arrival. */
export function phaseTimes(scenario: Scenario): { warmUpMs: number; measureMs: number; drainMs: number; endMs: number } {
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

export class Timeline {
  readonly endMs: number;
  readonly measureEndMs: number;
  /** Time of the next milestone; Infinity after the last. */
  nextMs: number;
  private readonly milestones: Milestone[];
  private next = 0;

  constructor(scenario: Scenario) {
    const times = phaseTimes(scenario);
    this.endMs = times.endMs;
    this.measureEndMs = times.drainMs;
    const milestones: Milestone[] = [
      { atMs: times.warmUpMs, kind: 'phase', phase: 'warm-up' },
      { atMs: times.measureMs, kind: 'phase', phase: 'measure' },
      { atMs: times.drainMs, kind: 'phase', phase: 'drain' },
      ...scenario.population.massFailures.map(({ atMs }, index): Milestone => ({ atMs, kind: 'mass-failure', index })),
    ];
    const rows = Math.ceil(this.endMs / scenario.measures.intervalMs);
    for (let row = 1; row <= rows; row++) milestones.push({ atMs: Math.min(row * scenario.measures.intervalMs, this.endMs), kind: 'row' });
    // A row ends before what else happens at its end; the sort is stable.
    const rank = (milestone: Milestone) => (milestone.kind === 'row' ? 0 : 1);
    this.milestones = milestones.filter(({ atMs }) => atMs <= this.endMs).sort((a, b) => a.atMs - b.atMs || rank(a) - rank(b));
    this.nextMs = this.milestones[0]?.atMs ?? Infinity;
  }

  take(): Milestone {
    const milestone = this.milestones[this.next++];
    this.nextMs = this.milestones[this.next]?.atMs ?? Infinity;
    return milestone;
  }
}
