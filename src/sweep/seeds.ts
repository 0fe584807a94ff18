/** The seeds of repetitions. Every point of a sweep has the same ones, so that points are compared under the same luck. */

import { Stream, WHOLE_RUN } from '../kernel/random.js';

/** Derived seeds are below this: short enough to be read and typed. */
const BELOW = 1e9;

/** The first repetition has the scenario's own seed; the others follow from it, and stay the same when more are asked for. */
export function seedsOf(seed: number, repeat: number): number[] {
  const stream = new Stream(seed, WHOLE_RUN, 'repetition');
  const seeds = new Set([seed]);
  while (seeds.size < repeat) seeds.add(stream.integer(BELOW));
  return [...seeds];
}
