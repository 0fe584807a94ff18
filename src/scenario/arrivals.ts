/** Reads and writes how peers arrive: `at once`, `over 60s`, `poisson 10/s`, `flash crowd at 2m decay 5m`, `steady`, or the first four as maps. */

import type { Arrivals } from '../population/plan.js';
import { Problem } from '../problem.js';
import { built, duration, frequency, section, share, wordsOr } from './fields.js';
import { formatDuration, formatFrequency, formatShare, parseDuration, parseFrequency, parseShare, unexpected } from './units.js';

/** All but a trace, which is a section of its own. */
export type DrawnArrivals = Exclude<Arrivals, { kind: 'trace' }>;

const flashCrowd = section({ share: share({ above: 0 }).default(1), at: duration(), decay: duration({ above: 0 }) });

const arrivalsMap = built(
  section({
    over: duration({ above: 0 }).optional(),
    poisson: frequency({ above: 0 }).optional(),
    flashCrowd: flashCrowd.optional(),
  }),
  (given): DrawnArrivals => {
    const { over, poisson, flashCrowd } = given;
    if ([over, poisson, flashCrowd].filter((each) => each !== undefined).length !== 1) {
      throw new Problem('expected either over, poisson or flashCrowd');
    }
    if (over !== undefined) return { kind: 'ramp', overMs: over };
    if (poisson !== undefined) return { kind: 'poisson', ratePerSecond: poisson };
    const { share, at, decay } = flashCrowd!;
    return { kind: 'flash-crowd', share, atMs: at, decayMs: decay };
  },
);

function readArrivals(given: unknown): DrawnArrivals {
  const words = String(given).trim();
  if (/^at[ -]once$/.test(words)) return { kind: 'at-once' };
  if (words === 'steady') return { kind: 'steady' };
  const [, kind, amount] = /^(over|poisson)\s+(.+)$/.exec(words) ?? [];
  if (kind === 'over') return { kind: 'ramp', overMs: parseDuration(amount, { above: 0 }) };
  if (kind === 'poisson') return { kind: 'poisson', ratePerSecond: parseFrequency(amount, { above: 0 }) };
  const [, part, at, decay] = /^flash[ -]crowd(?:\s+of\s+(.+?))?\s+at\s+(.+?)\s+decay\s+(.+)$/.exec(words) ?? [];
  if (at === undefined) throw unexpected('at once, over 60s, poisson 10/s, flash crowd at 2m decay 5m or steady', given);
  return {
    kind: 'flash-crowd',
    share: part === undefined ? 1 : parseShare(part, { above: 0 }),
    atMs: parseDuration(at),
    decayMs: parseDuration(decay, { above: 0 }),
  };
}

export const arrivals = () => wordsOr(readArrivals, arrivalsMap);

export function writeArrivals(given: DrawnArrivals): string {
  switch (given.kind) {
    case 'at-once':
      return 'at once';
    case 'ramp':
      return `over ${formatDuration(given.overMs)}`;
    case 'poisson':
      return `poisson ${formatFrequency(given.ratePerSecond)}`;
    case 'flash-crowd':
      return `flash crowd of ${formatShare(given.share)} at ${formatDuration(given.atMs)} decay ${formatDuration(given.decayMs)}`;
    case 'steady':
      return 'steady';
  }
}
