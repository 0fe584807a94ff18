/**
 * A finished overlay from global knowledge: every bucket holds k random peers of its subtree, or all there are.
 *
 * Identifiers are sorted once; a subtree is then a range of them. One descent through the tree splits each range into the subtrees of
 * its next digit, and gives every peer of this shard its share of the others: O(N k log N) in all. Each peer draws from its own stream,
 * so nobody needs to draw for peers of other shards.
 */

import { ascending } from '../../overlay/identifiers.js';
import { CONTACT } from '../../overlay/k-buckets.js';
import type { Everyone, Random } from '../../protocol.js';
import { heldBits, identifierFor } from './contacts.js';
import type { Member } from './member.js';
import type { MemberSettings } from './settings.js';

/** What the descent needs of the whole population, in rising order of identifier. */
interface Sorted {
  readonly identifiers: Float64Array;
  readonly addresses: Float64Array;
  readonly members: readonly (Member | undefined)[];
}

export function converge<S extends MemberSettings>(everyone: Everyone<Member, S>): void {
  const { settings, count } = everyone;
  const bits = heldBits(settings);
  const unsorted = Float64Array.from({ length: count }, (_, index) => identifierFor(settings, index, everyone.address(index)));
  const order = ascending(unsorted, bits);
  const here = new Array<Member | undefined>(count);
  for (const { index, protocol } of everyone.local) here[index] = protocol;
  const sorted: Sorted = {
    identifiers: Float64Array.from(order, (index) => unsorted[index]),
    addresses: Float64Array.from(order, (index) => everyone.address(index)),
    members: Array.from(order, (index) => here[index]),
  };
  descend(sorted, settings, bits, 0, count, 0);
  for (const { protocol } of everyone.local) protocol.converged();
}

/** Fills the buckets of level `level` and below of the peers in [from, to), which share all digits above. */
function descend(sorted: Sorted, settings: MemberSettings, bits: number, from: number, to: number, level: number): void {
  const unit = 2 ** Math.max(0, bits - (level + 1) * settings.bitsPerHop);
  const base = 2 ** Math.min(settings.bitsPerHop, bits - level * settings.bitsPerHop);
  if (to - from < 2 || base <= 1) return;
  const { identifiers } = sorted;
  const starts = [from];
  const shared = Math.floor(identifiers[from] / (unit * base)) * base;
  for (let digit = 0, at = from; digit < base; digit++) {
    while (at < to && Math.floor(identifiers[at] / unit) === shared + digit) at++;
    starts.push(at);
  }
  for (let own = 0; own < base; own++) {
    for (let rank = starts[own]; rank < starts[own + 1]; rank++) {
      const member = sorted.members[rank];
      if (member === undefined) continue;
      for (let other = 0; other < base; other++) {
        if (other === own || starts[other] === starts[other + 1]) continue;
        const contacts = sample(sorted, starts[other], starts[other + 1], settings.k, member.peer.random);
        member.buckets.fill(member.buckets.numberOf(level, own ^ other), contacts);
      }
    }
    descend(sorted, settings, bits, starts[own], starts[own + 1], level + 1);
  }
}

const ranks: number[] = [];
const contacts: number[] = [];

/** Up to k of the peers in [from, to), each equally likely, as a bucket (Floyd's sampling without repetition). */
function sample({ identifiers, addresses }: Sorted, from: number, to: number, k: number, random: Random): number[] {
  const size = to - from;
  const wanted = Math.min(size, k);
  ranks.length = 0;
  for (let last = size - wanted; last < size; last++) {
    const drawn = size <= k ? last : random.integer(last + 1);
    ranks.push(ranks.includes(drawn) ? last : drawn);
  }
  contacts.length = 0;
  for (const rank of ranks) contacts.push(identifiers[from + rank], addresses[from + rank]);
  return contacts.slice(0, wanted * CONTACT); // exactly as long as needed: there are millions of them
}
