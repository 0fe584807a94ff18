/** What a reader of a summary should know before trusting its numbers. Sentences, in a fixed order. */

import type { Scenario } from '../scenario/scenario.js';
import { type ClockSummary, latenessWarning } from './clock-summary.js';
import type { LocateSummary } from './locate-summary.js';
import type { Measures } from './measures.js';
import { warmUpWarning } from './warm-up.js';

/** With fewer answers the 95 % interval of their p99 has no upper end: with chance 0.99^n all of them lie below the true one. */
export const ENOUGH_FOR_P99 = Math.ceil(Math.log(0.025) / Math.log(0.99));
/** Share of messages that a full queue may drop before the links, not the protocol, are what was measured. */
const DROPS_WORTH_SAYING = 0.001;
/** Share of queries for items nobody had from which on a reader should be told. */
const UNANSWERABLE_WORTH_SAYING = 0.1;

export function warningsOf(scenario: Scenario, measures: Measures, locate: LocateSummary | undefined, clock: ClockSummary): string[] {
  const { traffic, overlay } = measures;
  const warnings: string[] = [];
  const late = latenessWarning(clock);
  if (late !== null) warnings.push(late);
  const unsettled = warmUpWarning(scenario, measures);
  if (unsettled !== null) warnings.push(unsettled);

  if (locate) {
    if (locate.started === 0) warnings.push('no query was asked: success, latency and hops have no value');
    else if (locate.succeeded < ENOUGH_FOR_P99) {
      const answers = locate.succeeded === 1 ? '1 answer' : `${locate.succeeded} answers`;
      warnings.push(`p99 is of ${answers}: the true one may be far above; ${ENOUGH_FOR_P99} would bound it`);
    }
    if (locate.unanswerable > UNANSWERABLE_WORTH_SAYING * locate.started) {
      warnings.push(`${locate.unanswerable} of ${locate.started} queries sought what no live peer had (not judged)`);
    }
    if (locate.pending > 0 && measures.status === 'completed') {
      warnings.push(`${locate.pending} of ${locate.started} queries still open at the end: lengthen the drain phase`);
    }
  }
  for (const link of ['uplink', 'downlink'] as const) {
    const lost = traffic.dropped[`${link}-full`] / traffic.sent;
    if (lost > DROPS_WORTH_SAYING) warnings.push(`full ${link} queues dropped ${(lost * 100).toPrecision(2)} % of all messages`);
  }
  if (traffic.dropped['no-such-address'] > 0) {
    warnings.push(`${traffic.dropped['no-such-address']} of ${traffic.sent} messages were sent to addresses nobody has`);
  }
  if (overlay && overlay.largestComponentShare < 1) {
    const percent = (Math.floor(overlay.largestComponentShare * 1000) / 10).toFixed(1);
    warnings.push(`overlay in pieces: the largest has ${percent} % of the live peers`);
  }
  if (measures.peersAlive === 0 && measures.status === 'completed') warnings.push('no peer was up at the end');
  return warnings;
}
