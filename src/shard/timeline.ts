/** The milestones of a run in order of time: phases, rows of the time series, mass failures. Every shard passes all of them. */

import type { Phase } from '../metrics/measures.js';
import { phaseTimes } from '../scenario/phases.js';
import type { Scenario } from '../scenario/scenario.js';

export type Milestone =
  | { readonly atMs: number; readonly kind: 'phase'; readonly phase: Phase }
  | { readonly atMs: number; readonly kind: 'mass-failure'; readonly index: number }
  | { readonly atMs: number; readonly kind: 'row' };

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
