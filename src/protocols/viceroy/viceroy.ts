/**
 * The way of a lookup through the butterfly, in three legs: up to a peer of level 1; down, halving the
 * distance at each level by going either right or left; and when there is no link down, or one has led past the target, through its vicinity,
 * on the ring and on level rings, whichever leads further without passing it, and whichever way is shorter. A link that would lead past the
 * target, and further away than it is now, is not taken: those between levels above log N, which few peers have, may be long.
 *
 * Where a link that ought to be there is not (its peer has died, or it is not found yet), a lookup goes to a neighbour that has one like
 * it: on its way up to the successor, on its way down to the next on the level. The paper knows no failures.
 */

import type { Step } from '../../overlay/circle/lookups.js';
import { NOBODY } from '../../overlay/circle/messages.js';
import type { Address } from '../../protocol.js';
import { Butterfly, LEFT, NEXT, PREVIOUS, RIGHT, UP } from './butterfly.js';

/** The leg of a lookup: how many steps up it has taken, or one of these. It has a byte on the wire. */
const DOWN = 254;
const VICINITY = 255;
/** The way up is given up after this many times log N steps: levels change, so links up may for a while lead in a circle. */
const MOST_CLIMBS = 2;

export class Viceroy extends Butterfly {
  protected step(identifier: number, leg: number): Step | null {
    if (leg < MOST_CLIMBS * this.highest && this.level > 1) {
      const up = this.linkTo(UP);
      return { to: up === NOBODY ? this.successor : up, leg: leg + 1 };
    }
    const distance = this.ring.distance(this.identifier, identifier);
    if (leg !== VICINITY) {
      const link = distance >= 2 ** (this.ring.bits - this.level) ? RIGHT : LEFT;
      const which = this.linkTo(link) === NOBODY ? NEXT : link;
      const reach = this.linkTo(which) === NOBODY ? Number.POSITIVE_INFINITY : this.reachOf(which);
      if (reach < 2 * distance) return { to: this.linkTo(which), leg: reach <= distance ? DOWN : VICINITY };
    }
    const to = 2 * distance <= this.ring.size ? this.clockwise(distance) : this.counterclockwise(this.ring.size - distance);
    return to === NOBODY ? null : { to, leg: VICINITY };
  }

  /** The target is so far ahead, and behind the successor. */
  private clockwise(distance: number): Address {
    const hops = this.settings.vicinity === 'hopping' && this.linkTo(NEXT) !== NOBODY;
    return hops && this.reachOf(NEXT) <= distance && this.isFurther(NEXT) ? this.linkTo(NEXT) : this.successor;
  }

  /**
   * The target is so far behind; its owner is the first peer at or clockwise of it, which is not this one. While no predecessor is known,
   * the way leads over the previous peer on the level, and from there clockwise.
   */
  private counterclockwise(distance: number): Address {
    const previous = this.linkTo(PREVIOUS);
    const hops = this.settings.vicinity === 'hopping' && previous !== NOBODY && this.ring.size - this.reachOf(PREVIOUS) <= distance;
    return hops || this.predecessor === NOBODY ? previous : this.predecessor;
  }

  /** Whether a link leads further than the successor does; just after a join it may not. */
  private isFurther(which: number): boolean {
    return this.reachOf(which) > this.ring.distance(this.identifier, this.successors[0]);
  }
}
