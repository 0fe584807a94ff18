/**
 * The ends of connections in a shard, by number. A number is a place, in the low 24 bits, and how often that place has been used, above:
 * a segment for an end that is gone does not find the next one there. Numbers depend on the number of shards, so they only ever serve
 * to find, never to order. No end has the number 0, which stands for one that is not known yet.
 */

import type { End } from './connection.js';

const PLACE_BITS = 24;
const PLACE_MASK = (1 << PLACE_BITS) - 1;
/** A number of 31 bits takes no object of its own. */
const USES_MASK = 0x7f;

export class Ends {
  private readonly ends: (End | undefined)[] = [undefined];
  private uses = new Uint8Array(1024);
  /** Places to be used again, the longest free first. */
  private readonly free: number[] = [];
  private freeFrom = 0;
  count = 0;

  add(end: End): void {
    let place: number;
    // Not the place that was freed last: its number should come again as late as possible.
    if (this.free.length - this.freeFrom > 1024) {
      place = this.free[this.freeFrom++];
      if (this.freeFrom > 4096) {
        this.free.splice(0, this.freeFrom);
        this.freeFrom = 0;
      }
    } else {
      place = this.ends.length;
      if (place > PLACE_MASK) throw new Error(`more than ${PLACE_MASK} ends of connections in one shard`);
      if (place === this.uses.length) this.grow();
    }
    this.ends[place] = end;
    end.id = ((this.uses[place] & USES_MASK) << PLACE_BITS) | place;
    this.count++;
  }

  find(id: number): End | undefined {
    const end = this.ends[id & PLACE_MASK];
    return end !== undefined && end.id === id ? end : undefined;
  }

  remove(end: End): void {
    const place = end.id & PLACE_MASK;
    this.ends[place] = undefined;
    this.uses[place]++;
    this.free.push(place);
    this.count--;
  }

  private grow(): void {
    const uses = new Uint8Array(this.uses.length * 2);
    uses.set(this.uses);
    this.uses = uses;
  }

  *[Symbol.iterator](): Generator<End> {
    for (const end of this.ends) if (end !== undefined) yield end;
  }
}
