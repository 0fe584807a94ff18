/** What a reader of a run's figures must not miss: what is broken, missed, or to be taken with care, in a sentence each. */

import type { Summary } from '../metrics/summary.js';
import { thresholdSentence } from '../metrics/thresholds.js';
import { duration } from './format.js';

export interface Remark {
  /** `BUG`: Peerage's own; `missed`: the user's bound; `claim`: the paper's. */
  readonly kind: 'BUG' | 'missed' | 'claim' | 'warning';
  readonly text: string;
}

export function remarksOf(summary: Summary): Remark[] {
  const about = (kind: Remark['kind'], text: string): Remark => ({ kind, text: `${summary.protocol}: ${text}` });
  return [
    ...summary.checks.filter(({ held }) => !held).map(({ name, says }) => about('BUG', `the books do not balance (${name}): ${says}`)),
    ...summary.thresholds.filter(({ met }) => !met).map((threshold) => about('missed', thresholdSentence(threshold))),
    ...summary.claims.filter(({ held }) => held !== true).map((claim) => about('claim', claimSentence(claim))),
    ...summary.warnings.map((warning) => about('warning', warning)),
  ];
}

/** Why a run did not complete; nothing for one that did. */
export function brokenOff({ protocol, status, reason, virtualMs, measure }: Summary): string[] {
  if (status === 'completed') return [];
  const reached = `after ${duration(virtualMs)} of virtual time, ${duration(measure.lastedMs)} of ${duration(measure.plannedMs)} measured`;
  const why = reason ? `: ${reason.replace(/\.$/, '')}` : '';
  return [`${status.toUpperCase()}: ${protocol} ${reached}${why}. Its figures cover only that.`];
}

function claimSentence({ says, source, measured, atLeast, atMost, problem }: Summary['claims'][number]): string {
  if (problem !== null) return `"${says}" (${source}) could not be judged: ${problem}`;
  const bounds = [atLeast === null ? '' : `at least ${short(atLeast)}`, atMost === null ? '' : `at most ${short(atMost)}`].filter(Boolean);
  return `"${says}" (${source}) is broken: measured ${short(measured!)}, claimed ${bounds.join(' and ')}`;
}

function short(value: number): number {
  return Number(value.toPrecision(4));
}
