/** CAN's settings, each with its default, its unit and where the default comes from. The paper gives no periods: those are ours. */

import { CLIENT_SETTINGS } from '../../overlay/clients/client.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  dimensions: { default: 2, min: 1, max: 10, integer: true, about: 'dimensions of the space, d (section 3.1; the figures have 2 to 10)' },
  realities: {
    default: 1,
    min: 1,
    max: 8,
    integer: true,
    about: 'independent coordinate spaces, in each of which every peer has a zone and the whole index is kept (section 3.2)',
  },
  routing: {
    default: 'greedy',
    oneOf: ['greedy', 'rtt'],
    about: 'to the neighbour nearest to the point, or the one with the most progress per round-trip time (section 3.3)',
  },
  volumeCheck: {
    default: false,
    about: 'a peer asked for half its zone passes the newcomer on to the neighbour with the largest zone, if that is larger (section 3.7)',
  },
  zones: {
    default: 'random',
    oneOf: ['random', 'equal'],
    about: 'converge: the partition that joins at random points leave, or as equal zones as can be (all equal for a power of two)',
  },
  points: {
    default: [] as readonly number[],
    about: 'points at which the first peers join, d coordinates each, peer by peer, instead of random ones',
  },
  side: { default: 1, min: 1e-6, max: 1e9, about: 'length of the space in each dimension, in the unit of `points`' },
  hopAcks: {
    default: true,
    about: 'each hop is acknowledged, and goes another way when it is not; false: lost at a dead peer until the origin asks again',
  },
  rpcTimeoutMs: { default: 750, min: 1, about: 'how long a peer waits for an answer, or for the acknowledgement of a hop' },
  rpcRetries: { default: 1, min: 0, integer: true, about: 'how often it asks again before it takes the other for dead' },
  lookupTimeoutMs: { default: 8000, min: 0, about: 'the origin asks again after this long without an answer; 0: it waits for ever' },
  lookupRetries: { default: 2, min: 0, integer: true, about: 'how often the origin asks again' },
  updateMs: {
    default: 10_000,
    min: 0,
    about: 'period in which a peer tells its neighbours its zones and its neighbours (section 2.3); 0: never',
  },
  missedUpdates: { default: 3, min: 1, integer: true, about: 'a neighbour silent for so many periods is dead' },
  takeoverMs: {
    default: 500,
    min: 1,
    about: "wait before taking over a dead neighbour's zone of one's own volume; in proportion to the own volume (section 2.3)",
  },
  reassignMs: {
    default: 30_000,
    min: 0,
    about: 'period in which a peer with several zones tries to give one away, so that each has one again (appendix A); 0: never',
  },
  mergeMs: {
    default: 60_000,
    min: 0,
    about: 'period in which a peer looks for its own zone through a random one, by which split spaces find together; 0: never',
  },
  expiryMs: { default: 600_000, min: 1, about: 'an index entry not refreshed for this long is forgotten' },
  republishMs: { default: 240_000, min: 0, about: 'period in which a provider refreshes its entries; 0: never' },
  replicas: {
    default: 2,
    min: 0,
    integer: true,
    about: "how many of the owner's neighbours, those with the smallest zones first, keep a copy of its index entries",
  },
  answers: { default: 20, min: 1, max: 200, integer: true, about: 'most providers named in one answer' },
  ...CLIENT_SETTINGS,
} satisfies SettingSpecs;

export type CanSettings = SettingsOf<typeof SETTINGS>;
