/**
 * The service `locate`: find who has an item. This file is the contract seen from a protocol; `locate-workload.ts` asks the questions,
 * `catalogue.ts` says who shares what, and the shard judges each answer against the oracle (which replicas were live when the
 * question was asked).
 */

import type { Address, Item, Key } from '../protocol.js';

/** One search in progress, handed to `protocol.locate`. */
export interface LocateOperation {
  /** What is wanted. A system that searches by words sends only `words`, and picks out of the answers those that name this key. */
  readonly key: Key;
  /** The words that the one who asks knows of its name: some of the item's, at least one. */
  readonly words: readonly Key[];
  /** Bytes of the item, when it is to be downloaded once it is found; 0: knowing where it is will do. */
  readonly downloadBytes: number;
  /** False once finished or timed out; a protocol may then forget the request. */
  readonly open: boolean;
  /**
   * A provider was found, `hops` overlay hops away (requests forwarded until it, or the index that knows it, was reached). May be
   * called several times; the first live provider decides success, latency and hops. The same provider twice counts once.
   */
  found(provider: Address, hops: number): void;
  /**
   * No more answers will come. Without any `found` it is a definite "nobody has it", after `hops` hops. A search that cannot know
   * (a flood) never calls it and ends by the workload's timeout.
   */
  finish(hops?: number): void;
  /**
   * The download begins: what this handler sends from here on, and all that follows from it, is charged to the cause `download` instead
   * of the query. Works after `finish` as well.
   */
  downloading(): void;
  /** The whole item is here, and is what was asked for. May come long after the query has ended. */
  obtained(): void;
}

/** What a protocol's class implements to offer the service; the workload calls it. */
export interface Locate {
  /** This peer has the item from now on; others shall find it. Called once per item and session, some time after `join`. */
  publish(key: Key, item: Item): void;
  /** Finds peers that have the item: `operation.found(...)` for each, `operation.finish()` when no more will come. */
  locate(key: Key, operation: LocateOperation): void;
}
