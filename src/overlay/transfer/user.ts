/** What a protocol tells `Transfers`, and what it is asked. */

import type { Address, Key } from '../../protocol.js';
import type { Download } from './download.js';

/** Somebody who has an item. */
export interface Source {
  readonly address: Address;
  /** Whether it can be called by anybody. */
  readonly reachable: boolean;
  /** What the protocol needs to ask it to call back: a route, a server, a supernode. */
  readonly via?: unknown;
}

/** The protocol's side. Only the first is not optional. */
export interface TransferUser {
  /**
   * The source cannot be called: ask it, by the system's own way, to call here with this token; there, `callBack` does it. Never asked
   * of a peer that cannot be called itself.
   */
  askCallback(source: Source, token: number, key: Key): void;
  /**
   * Whether the bytes [at, at + ...) of an item are genuine, given the marks of its blocks; if not, they are fetched again, from another
   * source if there is one. Without this method the client believes what it gets.
   */
  verifyPart?(key: Key, at: number, marks: readonly number[]): boolean;
  /** The mark that this peer sends for a block: a poisoner's is not `contentMark`. */
  markOf?(key: Key, at: number): number;
  /** What this peer says of itself when it asks for a part (its participation level, say). */
  rank?(): number;
  /** On the source's side: those with a higher figure are served before others, whoever has waited longest among the same. */
  priorityOf?(downloader: Address, rank: number): number;
  /** Every source of this download is lost or has refused: the last chance to `addSource`, within `downloadPatienceMs`. */
  onNobodyLeft?(download: Download): void;
  /** The item is here, or will not be. */
  onEnd?(download: Download): void;
}
