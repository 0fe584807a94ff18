/**
 * Random faults: from rates to a timeline. Each entry is a Poisson process with a stream of its own, so every thread draws the same
 * faults without a word, and an entry more changes nothing about the others.
 */

import { Stream, WHOLE_RUN } from '../kernel/random.js';
import type { Chaos, Fault } from './plan.js';

/**
 * The faults that begin in [fromMs, toMs), entry by entry, each in order of time. Times are rounded up to whole ms: people read them.
 */
export function drawChaos(chaos: readonly Chaos[], seed: number, fromMs: number, toMs: number): Fault[] {
  return chaos.flatMap(({ says, action, everyMs, lastsMs }, entry) => {
    const random = new Stream(seed, WHOLE_RUN, 'chaos', entry);
    const drawn: Fault[] = [];
    for (let time = fromMs + random.exponential(everyMs); Math.ceil(time) < toMs; time += random.exponential(everyMs)) {
      const atMs = Math.ceil(time);
      const untilMs = lastsMs === null ? null : atMs + Math.max(1, Math.ceil(random.exponential(lastsMs)));
      drawn.push({ atMs, untilMs, says, action });
    }
    return drawn;
  });
}
