/**
 * What a summary says of time: which clock paced the run, and, by the wall clock, how late events were handled. Lateness is the
 * emulator's own: when there is much of it, it and not the protocol was what the run measured.
 */

import type { Scenario } from '../scenario/scenario.js';
import type { Measures } from './measures.js';

/** Above this share of late events the run was not what the scenario asked for; so their p99 is then above the bound. */
export const LATE_SHARE = 0.01;

export interface ClockSummary {
  readonly kind: 'virtual' | 'wall';
  /** Virtual time per wall time that was asked for. This and all below: null by virtual time. */
  readonly speed: number | null;
  /** How late an event may be, in wall ms. */
  readonly boundMs: number | null;
  /** From when an event was due until it was handled, in wall ms. */
  readonly latenessMs: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null };
  /** Share of the events that were handled later than the bound. */
  readonly lateShare: number | null;
}

export function summariseClock({ clock }: Pick<Scenario, 'clock'>, { histograms, late }: Measures): ClockSummary {
  const { lateness } = histograms;
  if (clock.kind === 'virtual' || lateness === undefined || lateness.totalCount === 0) {
    const nothing = { latenessMs: { p50: null, p99: null, max: null }, lateShare: null };
    if (clock.kind === 'virtual') return { kind: 'virtual', speed: null, boundMs: null, ...nothing };
    return { kind: 'wall', speed: clock.speed, boundMs: clock.latenessMs, ...nothing };
  }
  // A bucket answers with its upper end, which must not exceed the largest value there was.
  const ms = (percentile: number) => Math.min(lateness.getValueAtPercentile(percentile), lateness.maxValue) / 1000;
  return {
    kind: 'wall',
    speed: clock.speed,
    boundMs: clock.latenessMs,
    latenessMs: { p50: ms(50), p99: ms(99), max: lateness.maxValue / 1000 },
    lateShare: late / lateness.totalCount,
  };
}

/** Whether the same scenario, seed and version give the same run again. */
export function isRepeatable({ clock, cpu }: Pick<Scenario, 'clock' | 'cpu'>): boolean {
  return clock.kind === 'virtual' && cpu?.kind !== 'measured';
}

/** Why it is not, in a sentence's end. */
export function whyNotRepeatable({ clock }: Pick<Scenario, 'clock'>): string {
  return clock.kind === 'wall'
    ? 'a run by the wall clock (clock: wall) is never the same twice'
    : 'handlers whose time is measured (cpu: measured) never take the same time twice';
}

/** What to be warned of; null when the emulator kept up. */
export function latenessWarning({ boundMs, latenessMs: { p99, max }, lateShare }: ClockSummary): string | null {
  if (lateShare === null || lateShare <= LATE_SHARE) return null;
  const ms = (value: number | null) => `${Number((value ?? 0).toPrecision(3))} ms`;
  return (
    `the emulator, not the protocol, was the limit: ${(lateShare * 100).toPrecision(2)} % of the events were handled more than ` +
    `${ms(boundMs)} late (p99 ${ms(p99)}, worst ${ms(max)}): try fewer peers, a lower speed or more shards`
  );
}
