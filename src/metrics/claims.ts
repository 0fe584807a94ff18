/** Judges a protocol's own claims (the bounds its paper gives) against what a run measured. */

import type { Claim, ClaimContext, SettingValue } from '../protocol.js';
import type { Scenario } from '../scenario/scenario.js';

/** A claim with what the run made of it. */
export interface JudgedClaim {
  readonly says: string;
  /** The paper. */
  readonly source: string;
  readonly measured: number | null;
  /** The bounds; null where there is none. */
  readonly atLeast: number | null;
  readonly atMost: number | null;
  /** Null: it could not be judged, and `problem` says why. */
  readonly held: boolean | null;
  readonly problem: string | null;
}

export type AnyClaim = Claim<Readonly<Record<string, SettingValue>>>;

/** Judges those claims whose conditions hold in this run. A claim is the author's code: when it throws, that is said, and nothing is lost. */
export function judgeClaims(claims: readonly AnyClaim[], scenario: Scenario, summary: ClaimContext<unknown>['summary']): JudgedClaim[] {
  const hadFaults = Array.isArray(summary.faults) && summary.faults.length > 0;
  const run = { peers: scenario.peers, settings: scenario.protocol.settings, churn: hadFaults || hasChurn(scenario), summary };
  const judged: JudgedClaim[] = [];
  for (const claim of claims) {
    const { says, source } = claim;
    try {
      if (!claim.applies(run)) continue;
      const { measured, atLeast = null, atMost = null } = claim.judge(run);
      if (Number.isFinite(measured)) {
        const held = (atLeast === null || measured >= atLeast) && (atMost === null || measured <= atMost);
        judged.push({ says, source, measured, atLeast, atMost, held, problem: null });
      } else {
        judged.push({ says, source, measured: null, atLeast, atMost, held: null, problem: 'the run has nothing to measure it by' });
      }
    } catch (error) {
      const problem = `judging it threw: ${error instanceof Error ? error.message : String(error)}`;
      judged.push({ says, source, measured: null, atLeast: null, atMost: null, held: null, problem });
    }
  }
  return judged;
}

/** Whether peers come or go while the run lasts. */
export function hasChurn({ population, phases }: Pick<Scenario, 'population' | 'phases'>): boolean {
  const endMs = phases.warmUpMs + phases.measureMs + phases.drainMs;
  const leaving = population.core < 1;
  return (
    population.arrivals.kind !== 'at-once' ||
    (leaving && population.session !== null && population.churnFromMs < endMs) ||
    (leaving && population.massFailures.some((failure) => failure.atMs < endMs))
  );
}
