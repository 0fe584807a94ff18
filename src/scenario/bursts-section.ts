/**
 * Loss in bursts, in either of two wordings: as the chain of Gilbert and Elliott has it (the probabilities that a packet enters and
 * leaves the bad state), or as it is measured (how many packets are lost in all, and how many the bad state lasts for).
 */

import type { BurstLoss } from '../network/topology.js';
import { Problem } from '../problem.js';
import { TOPOLOGY_DEFAULTS as DEFAULTS } from './defaults.js';
import { built, number, section, share } from './fields.js';
import { formatShare, show } from './units.js';

const keys = section({
  enter: share({ above: 0 }).optional(),
  leave: share({ above: 0 }).optional(),
  loss: share({ above: 0, below: 1 }).optional(),
  length: number({ min: 1 }).optional(),
  lossGood: share().default(DEFAULTS.bursts.lossGood),
  lossBad: share().default(DEFAULTS.bursts.lossBad),
});

export const burstsMap = built(keys, ({ enter, leave, loss, length, lossGood, lossBad }): BurstLoss => {
  if (lossGood >= lossBad) throw new Problem(`expected a lossBad above lossGood (${formatShare(lossGood)}), got ${formatShare(lossBad)}`);
  const given = Object.entries({ enter, leave, loss, length }).filter(([, value]) => value !== undefined);
  const words = given.map(([key]) => key).join(' and ');
  if (words === 'enter and leave') return { enter: enter!, leave: leave!, lossGood, lossBad };
  if (words !== 'loss and length') throw new Problem(`expected either enter and leave or loss and length, got ${words || 'neither'}`);
  return { enter: enterFor(loss!, length!, lossGood, lossBad), leave: 1 / length!, lossGood, lossBad };
});

/** The probability of entering the bad state with which the chain loses the share `loss` in the long run. */
function enterFor(loss: number, length: number, lossGood: number, lossBad: number): number {
  const bad = (loss - lossGood) / (lossBad - lossGood);
  const enter = bad / (1 - bad) / length;
  if (loss > lossGood && loss < lossBad && enter <= 1) return enter;
  // At least one packet passes between two bursts.
  const most = lossGood + ((lossBad - lossGood) * length) / (length + 1);
  const range = `above ${formatShare(lossGood)} and at most ${formatShare(Number(most.toPrecision(6)))}`;
  throw new Problem(`expected a loss ${range} for bursts of ${length} packets, got ${show(formatShare(loss))}`);
}

export function writeBursts({ enter, leave, lossGood, lossBad }: BurstLoss): Record<string, unknown> {
  return { enter: formatShare(enter), leave: formatShare(leave), lossGood: formatShare(lossGood), lossBad: formatShare(lossBad) };
}
