/**
 * Zipf's law: the item of rank r (1 = the first) has a weight of r^-exponent. And draws by weight in constant time, by the alias method
 * (Walker 1977, built in O(n) as in Vose 1991), because a run draws millions of times from catalogues of up to a million items.
 */

import type { Random } from '../protocol.js';

/** Weights of the ranks 1 .. count, descending, the first 1. With exponent 0 all are 1. */
export function zipfWeights(count: number, exponent: number): Float64Array {
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) weights[i] = (i + 1) ** -exponent;
  return weights;
}

/** Draws an index with a probability proportional to its weight; each draw takes two numbers from the stream. */
export class WeightedDraw {
  /** Index i is kept with this probability when its column is hit, otherwise its alias is taken. */
  private readonly keep: Float64Array;
  private readonly alias: Uint32Array;

  /** @param weights at least one, none negative, not all 0 */
  constructor(weights: Float64Array) {
    const count = weights.length;
    let total = 0;
    for (let i = 0; i < count; i++) total += weights[i];
    this.keep = new Float64Array(count);
    this.alias = new Uint32Array(count);
    // Both work lists live in one array: columns with too little from the left, those with too much from the right.
    const work = new Uint32Array(count);
    let little = 0;
    let much = count;
    for (let i = 0; i < count; i++) {
      this.keep[i] = (weights[i] * count) / total;
      this.alias[i] = i;
      if (this.keep[i] < 1) work[little++] = i;
      else work[--much] = i;
    }
    while (little > 0 && much < count) {
      const poor = work[--little];
      const rich = work[much];
      this.alias[poor] = rich;
      this.keep[rich] -= 1 - this.keep[poor];
      if (this.keep[rich] < 1) {
        much++;
        work[little++] = rich;
      }
    }
    // What is left is 1 apart from rounding: its column is its own.
    while (little > 0) this.keep[work[--little]] = 1;
  }

  draw(random: Random): number {
    const column = random.integer(this.keep.length);
    return random.next() < this.keep[column] ? column : this.alias[column];
  }
}
