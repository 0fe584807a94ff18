/**
 * Which level a peer has: uniform from 1 to the logarithm of the number of peers, which it estimates as one
 * over the part of the circle that lies between it and its successor.
 */

import { floorLog2, type Ring } from '../../overlay/identifiers.js';
import type { Random } from '../../protocol.js';

/** The whole part of log2 (circle / distance), and at least 1. `distance`: to the successor; the whole circle when alone. */
export function highestLevel(ring: Ring, distance: number): number {
  const ceiling = distance > 1 ? floorLog2(distance - 1) + 1 : 0;
  return Math.max(1, ring.bits - ceiling);
}

/** `draw` is uniform in [0, 1). */
export function levelOf(draw: number, highest: number): number {
  return 1 + Math.floor(draw * highest);
}

/**
 * The level of a peer whose highest possible level has changed. It stays uniform from 1 to the highest, and changes as seldom as it can:
 * when it is too high now; or, in as many cases as there are new levels among all, to one of the new ones.
 */
export function levelAgain(random: Random, level: number, before: number, highest: number): number {
  if (level > highest) return levelOf(random.next(), highest);
  if (highest <= before || random.next() * highest < before) return level;
  return before + levelOf(random.next(), highest - before);
}
