/** A request or an insert that a peer has taken up, and what it remembers of it until it has answered. */

import type { Address, Key, Timer } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { NOBODY } from './messages.js';

export class Errand {
  readonly kind: 'request' | 'insert';
  readonly id: number;
  readonly key: Key;
  /** Who handed it over; NOBODY: it is this peer's own. */
  readonly upstream: Address;
  /** Hops-to-live for the next to take it up. */
  htl: number;
  /** After which it is given up: whoever handed it over waits no longer. */
  readonly untilMs: number;
  /** For an insert. */
  source: Address = NOBODY;
  records: readonly number[] = NONE;
  /** For a request of this peer's own; and how often it was asked before. */
  operation: LocateOperation | null = null;
  attempt = 0;
  /** Peers below that took it up so far. */
  hops = 0;
  /** Whom it was handed to, the last of whom has not answered yet; how often it was sent again; what ends the waiting. */
  readonly tried: Address[] = [];
  repeats = 0;
  timer: Timer | undefined = undefined;

  constructor(kind: Errand['kind'], id: number, key: Key, upstream: Address, htl: number, untilMs: number) {
    this.kind = kind;
    this.id = id;
    this.key = key;
    this.upstream = upstream;
    this.htl = htl;
    this.untilMs = untilMs;
  }

  /** Who has it now. */
  get downstream(): Address {
    return this.tried.length === 0 ? NOBODY : this.tried[this.tried.length - 1];
  }
}

const NONE: readonly number[] = [];
