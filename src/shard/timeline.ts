/** The milestones of a run in order of time: phases, rows of the time series, mass failures, faults. Every shard passes all of them. */

import type { Fault } from '../faults/plan.js';
import type { Phase } from '../metrics/measures.js';
import { phaseTimes } from '../scenario/phases.js';
import type { Scenario } from '../scenario/scenario.js';

export type Milestone =
  | { readonly atMs: number; readonly kind: 'phase'; readonly phase: Phase }
  | { readonly atMs: number; readonly kind: 'mass-failure'; readonly index: number }
  /** A fault by its number. */
  | { readonly atMs: number; readonly kind: 'fault-ends' | 'fault-begins'; readonly number: number }
  | { readonly atMs: number; readonly kind: 'row' };

/** Of what is at one time: a row ends before anything else happens, and what was broken is mended before something else breaks. */
const RANKS = { row: 0, phase: 1, 'mass-failure': 1, 'fault-ends': 2, 'fault-begins': 3 } as const;

export class Timeline {
  readonly endMs: number;
  readonly measureEndMs: number;
  /** Time of the next milestone; Infinity after the last. */
  nextMs = Infinity;
  private milestones: Milestone[];
  private next = 0;

  /** @param faults by number */
  constructor(scenario: Scenario, faults: readonly Fault[] = []) {
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
    this.milestones = milestones.filter(({ atMs }) => atMs <= this.endMs);
    this.add(faults.flatMap((fault, number) => [...this.beginOf(number, fault), ...this.endOf(number, fault)]));
  }

  /** A fault was injected, or one that had no end got one; both lie ahead. */
  inject(number: number, fault: Fault, isNew: boolean): void {
    this.add([...(isNew ? this.beginOf(number, fault) : []), ...this.endOf(number, fault)]);
  }

  take(): Milestone {
    const milestone = this.milestones[this.next++];
    this.nextMs = this.milestones[this.next]?.atMs ?? Infinity;
    return milestone;
  }

  private beginOf(number: number, { atMs }: Fault): Milestone[] {
    return atMs < this.endMs ? [{ atMs, kind: 'fault-begins', number }] : [];
  }

  /** A fault that outlasts the run has no end in it: nothing may be sent any more when the run is over. */
  private endOf(number: number, { untilMs }: Fault): Milestone[] {
    return untilMs !== null && untilMs < this.endMs ? [{ atMs: untilMs, kind: 'fault-ends', number }] : [];
  }

  private add(milestones: readonly Milestone[]): void {
    const numberOf = (milestone: Milestone) => ('number' in milestone ? milestone.number : 0);
    // The sort is stable: what is alike comes as it was listed.
    this.milestones = [...this.milestones.slice(this.next), ...milestones].sort(
      (a, b) => a.atMs - b.atMs || RANKS[a.kind] - RANKS[b.kind] || numberOf(a) - numberOf(b),
    );
    this.next = 0;
    this.nextMs = this.milestones[0]?.atMs ?? Infinity;
  }
}
