/** A query at the supernode that serves it, and who wants the answer. */

import { Call } from '../../overlay/rpc.js';
import type { Connection, Key } from '../../protocol.js';
import type { MeshLink } from './mesh.js';
import { type Done, type Matches, RESULT } from './messages.js';

/** Who is told what a query finds: a descendant, or the user at the supernode itself. */
export interface Asker {
  /** False when nobody wants to know any more. */
  readonly waiting: boolean;
  /** @param hops 0: in this supernode's own index; 1: in another's */
  matches(results: readonly number[], hops: number): void;
  done(hops: number): void;
}

/** A descendant that asked, under a number of its own. */
export class DescendantAsker implements Asker {
  private readonly connection: Connection;
  private readonly search: number;

  constructor(connection: Connection, search: number) {
    this.connection = connection;
    this.search = search;
  }

  get waiting(): boolean {
    return this.connection.open;
  }

  matches(results: readonly number[], hops: number): void {
    this.connection.send({ type: 'matches', search: this.search, results, hops } satisfies Matches);
  }

  done(hops: number): void {
    this.connection.send({ type: 'done', search: this.search, hops } satisfies Done);
  }
}

/** One that other supernodes are asked, one subset after another. */
export class Query extends Call {
  readonly asker: Asker;
  readonly words: readonly Key[];
  /** Those that may still be asked. */
  readonly targets: MeshLink[];
  /** Matches so far. */
  found: number;
  rounds = 0;
  /** Asked in this round and not heard of. */
  waiting: MeshLink[] = [];

  constructor(asker: Asker, words: readonly Key[], targets: MeshLink[], found: number) {
    super();
    this.asker = asker;
    this.words = words;
    this.targets = targets;
    this.found = found;
  }

  take(from: MeshLink, results: readonly number[]): void {
    this.found += results.length / RESULT;
    this.waiting = this.waiting.filter((link) => link !== from);
    if (results.length > 0) this.asker.matches(results, 1);
  }
}
