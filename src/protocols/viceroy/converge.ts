/** A finished butterfly from global knowledge, in O(N log N): each level's peers in the order of the circle, and binary searches in them. */

import { convergeCircle } from '../../overlay/circle/converge.js';
import type { CircleOrder } from '../../overlay/circle/placing.js';
import { rankAtOrBehind } from '../../overlay/distinct-identifiers.js';
import { ringOf } from '../../overlay/identifiers.js';
import type { Everyone } from '../../protocol.js';
import { LEFT, NEXT, PREVIOUS, RIGHT, UP } from './butterfly.js';
import { highestLevel, levelOf } from './levels.js';
import type { ViceroySettings } from './settings.js';
import type { Viceroy } from './viceroy.js';

export function converge(everyone: Everyone<Viceroy, ViceroySettings>): void {
  const { random, count, settings } = everyone;
  const ring = ringOf(settings.idBits);
  const draws = Float64Array.from({ length: count }, () => random.next());
  let plan: LevelPlan | undefined;
  convergeCircle(everyone, (peer, rank, circle) => {
    plan ??= new LevelPlan(circle, settings, draws);
    const level = plan.levels[rank];
    const { identifiers, addresses } = circle;
    peer.setLevel(level, plan.highest[rank]);
    const link = (which: number, to: number) => {
      if (to >= 0) peer.setLink(which, identifiers[to], addresses[to]);
    };
    link(UP, plan.behind(level - 1, rank + 1));
    link(LEFT, plan.behind(level + 1, rank + 1));
    const far = 2 ** (ring.bits - Math.min(level, ring.bits));
    link(RIGHT, plan.behind(level + 1, rankAtOrBehind(identifiers, ring.plus(identifiers[rank], far))));
    link(NEXT, plan.behind(level, rank + 1));
    link(PREVIOUS, plan.before(level, rank));
  });
}

/** Who has which level. */
class LevelPlan {
  /** Level by rank, and the highest there was to draw. */
  readonly levels: Uint8Array;
  readonly highest: Uint8Array;
  /** The ranks of each level's peers, ascending. */
  private readonly ranks: number[][] = [];

  constructor({ order, identifiers }: CircleOrder, settings: ViceroySettings, draws: Float64Array) {
    const count = order.length;
    const ring = ringOf(settings.idBits);
    this.levels = new Uint8Array(count);
    this.highest = new Uint8Array(count);
    for (let rank = 0; rank < count; rank++) {
      const distance = count > 1 ? ring.distance(identifiers[rank], identifiers[(rank + 1) % count]) : ring.size;
      const highest = settings.levelCount || highestLevel(ring, distance);
      const level = settings.levels[order[rank]] ?? levelOf(draws[order[rank]], highest);
      this.highest[rank] = highest;
      this.levels[rank] = level;
      this.ranks[level] ??= [];
      this.ranks[level].push(rank);
    }
  }

  /** The rank of the first peer of a level at or behind a rank, around the circle; -1 when nobody has the level. */
  behind(level: number, rank: number): number {
    const ranks = this.ranks[level] ?? [];
    if (ranks.length === 0) return -1;
    const at = this.placeOf(ranks, rank);
    return at < ranks.length ? ranks[at] : ranks[0];
  }

  /** The rank of the last one before a rank. */
  before(level: number, rank: number): number {
    const ranks = this.ranks[level] ?? [];
    return ranks.length === 0 ? -1 : ranks[(this.placeOf(ranks, rank) + ranks.length - 1) % ranks.length];
  }

  /** The place of the first of `ranks` that is at or behind a rank. */
  private placeOf(ranks: readonly number[], rank: number): number {
    let low = 0;
    let high = ranks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ranks[middle] < rank) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
