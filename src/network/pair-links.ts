/**
 * Finds what is peculiar about a pair of sites: the few links that differ from the topology's rule, without a table of all pairs, which
 * would be 100 MB for 5,000 sites. The overrides of a sender's site lie together, in the order of the receivers' sites.
 */

import type { LinkOverride } from './topology.js';

export class PairLinks {
  /** Where the links of each sending site begin in `to`; one more for the end. */
  private readonly starts: Uint32Array;
  private readonly to: Uint32Array;
  private readonly indices: Uint32Array;

  constructor(links: readonly LinkOverride[], sites: number) {
    const sorted = links.map((_, index) => index).sort((a, b) => links[a].from - links[b].from || links[a].to - links[b].to);
    this.indices = Uint32Array.from(sorted);
    this.to = Uint32Array.from(sorted, (index) => links[index].to);
    this.starts = new Uint32Array(sites + 1);
    for (const { from } of links) this.starts[from + 1]++;
    for (let site = 0; site < sites; site++) this.starts[site + 1] += this.starts[site];
  }

  /** The index in the topology's `links` of the one from a site to another, -1 for none. */
  find(from: number, to: number): number {
    let low = this.starts[from];
    let high = this.starts[from + 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.to[middle] < to) low = middle + 1;
      else high = middle;
    }
    return low < this.starts[from + 1] && this.to[low] === to ? this.indices[low] : -1;
  }
}
