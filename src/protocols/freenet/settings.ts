/** Freenet's settings, each with its default and where it comes from: "PET" is the paper of 2000, "Hong" the chapter of 2001. */

import { Problem } from '../../problem.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  storeItems: {
    default: 50,
    integer: true,
    min: 1,
    max: 1_000_000,
    about: 'keys whose data a peer stores; the least recently used goes (PET: 50)',
  },
  routingEntries: {
    default: 250,
    integer: true,
    min: 1,
    max: 100_000,
    about: 'entries (key, peer) of the routing table, likewise (PET: 250)',
  },
  htl: {
    default: 20,
    integer: true,
    min: 1,
    max: 10_000,
    about: 'hops-to-live of an insert, and of a request unless requestHtl says otherwise (PET: 20)',
  },
  requestHtl: { default: 0, integer: true, min: 0, max: 10_000, about: 'hops-to-live of a request (PET: 500 for probes); 0: as htl' },
  htlSpread: {
    default: 2,
    integer: true,
    min: 0,
    max: 100,
    about: 'by how much a start may fall short of the full hops-to-live, at random; 0: exact',
  },
  htlKeep: {
    default: 0.25,
    min: 0,
    max: 0.95,
    about: 'probability that hops-to-live of 1, or the full ones, pass unchanged, so that neither end of a path shows; 0: never',
  },
  sourceReplaced: {
    default: 0.1,
    min: 0,
    max: 1,
    about: 'probability that a peer on the path names itself as the source of data passing by',
  },
  caching: { default: true, about: 'whether data stay with every peer on their way back to who asked' },
  wiring: {
    default: 'ring-lattice',
    oneOf: ['ring-lattice', 'join'],
    about: 'what a converged start begins with; join: all join in the first second',
  },
  latticeNeighbours: {
    default: 4,
    integer: true,
    min: 2,
    max: 1000,
    about: 'neighbours in the ring lattice, half on either side (PET: 4)',
  },
  links: {
    default: 'learned',
    oneOf: ['learned', 'small-world', 'uniform'],
    about:
      'learned from replies; or fixed from a converged start, by location: ring neighbours and long links with probability 1/d, or to anybody',
  },
  longLinks: { default: 1, integer: true, min: 0, max: 100, about: 'long links per peer, where links are fixed (Kleinberg: q)' },
  announceHtl: { default: 10, integer: true, min: 1, max: 100, about: 'peers that agree on the key of one that joins (PET: 10)' },
  contacts: { default: 3, integer: true, min: 1, max: 100, about: 'peers to which one that joins announces itself' },
  fewPeers: { default: 3, integer: true, min: 1, max: 100, about: 'a peer that knows fewer announces itself once more' },
  natLinks: {
    default: 3,
    integer: true,
    min: 1,
    max: 32,
    about: 'connections that a peer behind NAT keeps open, by which others reach it',
  },
  tendMs: { default: 10_000, min: 0, about: 'period in which a peer looks whether it knows few; 0: never' },
  ackTimeoutMs: { default: 750, min: 1, about: 'how long a peer waits to hear that its neighbour has taken a message up' },
  ackRetries: { default: 1, integer: true, min: 0, max: 10, about: 'how often it sends it again before it takes the neighbour for dead' },
  hopMs: { default: 500, min: 1, about: 'patience with a neighbour that has taken it up, per hop-to-live' },
  retryMs: { default: 4000, min: 0, about: 'who asked asks again, under a new id, when nothing has come by then; 0: never' },
  retries: { default: 2, integer: true, min: 0, max: 100, about: 'how often' },
  republishMs: { default: 240_000, min: 0, about: 'period in which a publisher inserts its items again; 0: never (PET: never)' },
  expiryMs: { default: 600_000, min: 0, about: 'a record not inserted again for so long is void; 0: never (PET: never)' },
  answers: { default: 20, integer: true, min: 1, max: 200, about: 'most records, newest first, under one key' },
  idMemoryMs: { default: 60_000, min: 1, about: 'how long the id of a message is remembered at least, to notice loops' },
} as const satisfies SettingSpecs;

export type FreenetSettings = SettingsOf<typeof SETTINGS>;

/** The full hops-to-live of a request. */
export function requestHtl({ htl, requestHtl }: FreenetSettings): number {
  return requestHtl > 0 ? requestHtl : htl;
}

/** Refuses settings that contradict each other. */
export function checkSettings({ latticeNeighbours, republishMs, expiryMs }: FreenetSettings): void {
  if (latticeNeighbours % 2 !== 0) {
    throw new Problem(`latticeNeighbours: expected an even number (half of them on either side), got ${latticeNeighbours}`);
  }
  if (expiryMs > 0 && republishMs >= expiryMs) {
    throw new Problem(`republishMs: expected less than expiryMs, ${expiryMs}, got ${republishMs}: every record would be void for a while`);
  }
}
