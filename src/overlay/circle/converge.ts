/** A finished circle from global knowledge: what joins and pings would reach in the end. */

import type { Everyone } from '../../protocol.js';
import type { CircleMember } from './member.js';
import { NOBODY } from './messages.js';
import { type CircleOrder, circleOrder } from './placing.js';
import type { CircleSettings } from './settings.js';

/** Gives all local peers their neighbours, hands each to `link` for the system's own links, and has it begin. O(N log N) for the sorting. */
export function convergeCircle<P extends CircleMember, S extends CircleSettings>(
  everyone: Everyone<P, S>,
  link: (peer: P, rank: number, circle: CircleOrder) => void,
): void {
  const circle = circleOrder(everyone);
  const { order, identifiers, addresses, attempts } = circle;
  const { count } = everyone;
  const local = new Map<number, P>();
  for (const { index, protocol } of everyone.local) local.set(index, protocol);
  const listed = Math.min(everyone.settings.successors, count - 1);
  for (let rank = 0; rank < count; rank++) {
    const peer = local.get(order[rank]);
    if (peer === undefined) continue;
    const successors: number[] = [];
    for (let i = 1; i <= listed; i++) successors.push(identifiers[(rank + i) % count], addresses[(rank + i) % count]);
    const before = (rank + count - 1) % count;
    peer.settle(identifiers[rank], successors.slice(), count > 1 ? addresses[before] : NOBODY, identifiers[before]);
    link(peer, rank, circle);
    peer.converged(attempts[order[rank]]);
  }
}
