/** What only an ultrapeer has: its leaves, what they share and it itself, and what it has heard of its neighbours' leaves. */

import { KeywordIndex } from '../../overlay/keyword-index.js';
import type { Address, Connection } from '../../protocol.js';

/** In an index, the provider that stands for the ultrapeer itself. */
export const OWN: Address = 0;

/** A leaf: the tag of the connection with it. */
export class Leaf {
  readonly connection: Connection;
  /** By which a push finds it; 0: it can be called by anybody. */
  readonly servent: number;
  heardMs: number;

  constructor(connection: Connection, servent: number, nowMs: number) {
    this.connection = connection;
    this.servent = servent;
    this.heardMs = nowMs;
  }
}

export class LeafDesk {
  readonly leaves = new Map<Address, Leaf>();
  readonly index = new KeywordIndex();
  /** What share of its leaf slots each neighbour said is taken. */
  readonly taken = new Map<Address, number>();

  add(leaf: Leaf): void {
    leaf.connection.tag = leaf;
    this.leaves.set(leaf.connection.remote, leaf);
  }

  /** Forgets a leaf with all it shares. */
  remove(leaf: Leaf): void {
    const { connection } = leaf;
    connection.tag = undefined;
    if (this.leaves.get(connection.remote) !== leaf) return;
    this.leaves.delete(connection.remote);
    this.index.removeProvider(connection.remote);
  }

  /** The leaf that a push is for. */
  byServent(servent: number): Leaf | undefined {
    for (const leaf of this.leaves.values()) if (leaf.servent === servent) return leaf;
    return undefined;
  }

  /** The share of leaf slots taken, at this ultrapeer and those neighbours that have told it. */
  takenAround(slots: number): number {
    let sum = this.leaves.size / slots;
    for (const share of this.taken.values()) sum += share;
    return sum / (1 + this.taken.size);
  }
}
