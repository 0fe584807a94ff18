/**
 * Ends of connections that are open from the start of a run. Neither side has heard of the other's number then, so until one has, what
 * comes is for the end that this peer has with the peer it comes from. Most peers have a few ends and are searched through; one with
 * very many, a server say, gets an index when first searched for long.
 */

import { type End, GONE } from './connection.js';
import type { Session } from './session.js';

/** Ends that are looked through before an index is made. */
const FEW = 32;

export class Preopened {
  private readonly sessions: readonly (Session | undefined)[];
  /** By receiver: its ends by the peer at the other side, the oldest of each. */
  private readonly indexed = new Map<number, ReadonlyMap<number, End>>();

  constructor(sessions: readonly (Session | undefined)[]) {
    this.sessions = sessions;
  }

  /** The end that `receiver` has with that peer, whose end is `otherId`. */
  find(receiver: number, otherPeer: number, otherId: number): End | undefined {
    const isIt = (end: End) => end.otherPeer === otherPeer && (end.otherId === 0 || end.otherId === otherId);
    let index = this.indexed.get(receiver);
    if (index === undefined) {
      let end = this.sessions[receiver]?.ends ?? null;
      for (let looked = 0; end !== null && looked < FEW; looked++, end = end.next) if (isIt(end)) return end;
      if (end === null) return undefined;
      index = indexOf(this.sessions[receiver] as Session);
      this.indexed.set(receiver, index);
    }
    // Nothing is open from the start in a later session, so an index that is there stays good.
    const end = index.get(otherPeer);
    return end !== undefined && end.state !== GONE && isIt(end) ? end : undefined;
  }
}

function indexOf({ ends }: Session): Map<number, End> {
  const index = new Map<number, End>();
  for (let end = ends; end !== null; end = end.next) if (end.otherPeer >= 0) index.set(end.otherPeer, end);
  return index;
}
