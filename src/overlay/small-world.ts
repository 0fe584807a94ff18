/**
 * Long links of a ring, after Kleinberg ("The small-world phenomenon: an algorithmic perspective", STOC 2000; here in one dimension, as
 * Sandberg has it for Freenet): everybody knows its neighbours on the ring and a few peers farther away. If a peer `d` steps away is
 * chosen with probability proportional to 1/d, going always to whom is closest takes O(log^2 n) steps; with any other exponent, so also
 * when all are equally likely, some power of n.
 */

import type { Random } from '../protocol.js';

/** Draws how far away, in steps on a ring of `count` peers, long links lead. */
export class LinkLengths {
  private readonly count: number;
  /** Sum of 1/1 .. 1/d at place d; divisions and sums only, so the same on every machine. Null: all peers are equally likely. */
  private readonly sums: Float64Array | null = null;

  constructor(count: number, links: 'small-world' | 'uniform') {
    this.count = count;
    if (links === 'uniform') return;
    this.sums = new Float64Array(Math.floor(count / 2) + 1);
    for (let steps = 1; steps < this.sums.length; steps++) this.sums[steps] = this.sums[steps - 1] + 1 / steps;
  }

  /** Steps clockwise, in [1, count). There must be two peers at least. */
  draw(random: Random): number {
    const { count, sums } = this;
    if (sums === null) return 1 + random.integer(count - 1);
    const target = random.next() * sums[sums.length - 1];
    let low = 1;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > target) high = middle;
      else low = middle + 1;
    }
    return random.integer(2) === 0 ? low : count - low;
  }
}
