/**
 * To whom a peer has sent walkers of a search already (the paper's "state keeping"), for a while: two generations, as in a SeenCache.
 */

import type { Address } from '../../protocol.js';

const NOBODY_YET: readonly Address[] = [];

export class Trails {
  private readonly expiryMs: number;
  private period = 0;
  private young = new Map<number, Address[]>();
  private old = new Map<number, Address[]>();

  constructor(expiryMs: number) {
    this.expiryMs = expiryMs;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  /** The neighbours that walkers of this search were sent to. */
  of(search: number, nowMs: number): readonly Address[] {
    this.turn(nowMs);
    return this.young.get(search) ?? this.old.get(search) ?? NOBODY_YET;
  }

  add(search: number, neighbour: Address, nowMs: number): void {
    this.turn(nowMs);
    let used = this.young.get(search);
    if (used === undefined) {
      used = this.old.get(search) ?? [];
      this.old.delete(search);
      this.young.set(search, used);
    }
    if (!used.includes(neighbour)) used.push(neighbour);
  }

  /** Forgets what is due. */
  private turn(nowMs: number): void {
    const period = Math.floor(nowMs / this.expiryMs);
    if (period === this.period) return;
    this.old = period === this.period + 1 ? this.young : new Map();
    this.young = new Map();
    this.period = period;
  }
}
