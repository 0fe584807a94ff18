/**
 * The service `locate`: find who has an item. This file is the contract seen from a protocol; `locate-workload.ts` asks the questions,
 * `catalogue.ts` says who shares what, and the shard judges each answer against the oracle (which replicas were live when the
 * question was asked).
 */

import type { Address, Key } from '../protocol.js';

/** One search in progress, handed to `protocol.locate`. */
export interface LocateOperation {
  readonly key: Key;
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
}

/** What a protocol's class implements to offer the service; the workload calls it. */
export interface Locate {
  /** This peer has the item from now on; others shall find it. Called once per item and session, some time after `join`. */
  publish(key: Key): void;
  /** Finds peers that have the item: `operation.found(...)` for each, `operation.finish()` when no more will come. */
  locate(key: Key, operation: LocateOperation): void;
}
