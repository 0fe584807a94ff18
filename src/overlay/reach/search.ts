/** One search for a way to another peer, as one side of it remembers it: which rung of the ladder it is on, and what it waits for. */

import type { Address, Timer } from '../../protocol.js';
import type { Link } from './links.js';
import { DIRECT } from './messages.js';
import type { Path, Way } from './path.js';
import type { Searches } from './searches.js';

export const WAITING = 0; // for its turn, or for the link to the rendezvous
export const ASKING = 1; // the rendezvous
export const PROBING = 2; // the other side's addresses, or being probed

/** Looking for a way to the other side, which may be the one that asked. */
export class Search {
  readonly path: Path;
  readonly owner: Searches;
  /** Rendezvous of the target that have not failed yet. */
  readonly at: Address[];
  step = DIRECT;
  state = WAITING;
  link: Link | null = null;
  tries = 0;
  addresses: Address[] = [];
  untilMs = 0;
  askAgainMs = 0;
  timer: Timer | undefined;
  /** Connections that are tried. */
  ways: Way[] = [];

  constructor(owner: Searches, path: Path, at: Address[]) {
    this.owner = owner;
    this.path = path;
    this.at = at;
  }
}
