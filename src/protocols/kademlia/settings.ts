/** Kademlia's settings, each with its default, its unit and where the default comes from: the paper, where nothing else is said. */

import { CLIENT_SETTINGS } from '../../overlay/clients/client.js';
import { MOST_UNANSWERED } from '../../overlay/k-buckets.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

const HOUR_MS = 3_600_000;

/** Those of a member, whatever it stores. */
export const MEMBER_SETTINGS = {
  idBits: { default: 160, min: 2, max: 160, integer: true, about: 'length of an identifier in bits; beyond 48 it only counts on the wire' },
  k: { default: 20, min: 1, max: 200, integer: true, about: 'contacts in a bucket, named in an answer, and wanted by a lookup' },
  alpha: { default: 3, min: 1, max: 200, integer: true, about: 'questions a lookup has under way at once' },
  bitsPerHop: {
    default: 1,
    min: 1,
    max: 8,
    integer: true,
    about: 'b: bits of the distance settled by a hop, with 2^b - 1 buckets a level (section 4.2)',
  },
  replicas: {
    default: 0,
    min: 0,
    max: 200,
    integer: true,
    about: 'how many of the closest peers a value is stored at; 0: k, as in the paper',
  },
  rpcTimeoutMs: { default: 750, min: 1, about: 'how long a peer waits for an answer before it passes the other over' },
  rpcRetries: { default: 1, min: 0, integer: true, about: 'how often a request is sent again before the other counts as silent' },
  staleAfter: {
    default: 5,
    min: 1,
    max: MOST_UNANSWERED,
    integer: true,
    about: 'requests in a row a contact leaves unanswered, repetitions counted, before it is replaced or named no more (section 4.1)',
  },
  evictionPing: {
    default: false,
    about:
      'a newcomer has the contact least recently heard of pinged at once (section 2.2); false: not before that one is used (section 4.1)',
  },
  replacementCache: {
    default: 20,
    min: 0,
    max: 200,
    integer: true,
    about: 'newcomers remembered for each full bucket (section 4.1); 0: none',
  },
  bootstrapContacts: {
    default: 3,
    min: 1,
    max: 50,
    integer: true,
    about: 'peers a newcomer begins its first lookup with (the paper: one)',
  },
  joinRefresh: {
    default: true,
    about: 'after the lookup of its own identifier a newcomer refreshes all buckets farther than its closest neighbour',
  },
  refreshMs: { default: HOUR_MS, min: 0, about: 'a bucket in whose range nothing was looked up for so long is refreshed; 0: never' },
  republishMs: { default: HOUR_MS, min: 0, about: 'a holder stores a value again that was not stored with it for so long; 0: never' },
  publishMs: { default: 24 * HOUR_MS, min: 0, about: 'period in which a provider publishes what it has again; 0: never' },
  expiryMs: { default: 24 * HOUR_MS, min: 1, about: 'life of a value that is not published again' },
  restore: { default: true, about: 'a peer gives a newly met one the values that this one is closer to (section 2.5)' },
  goodbye: {
    default: 'none',
    oneOf: ['none', 'hand-over'],
    about: 'what a leaving peer does: nothing, as in the paper, or it stores each of its values with the peer that is next closest',
  },
  identifiers: { default: [] as readonly number[], about: 'identifiers of the first peers, instead of hashed ones' },
  ...CLIENT_SETTINGS,
} satisfies SettingSpecs;

export type MemberSettings = SettingsOf<typeof MEMBER_SETTINGS>;

export const SETTINGS = {
  ...MEMBER_SETTINGS,
  caching: {
    default: true,
    about: 'a lookup that found a value stores it with the closest peer it asked that did not have it (section 2.3)',
  },
  answers: { default: 50, min: 1, max: 100, integer: true, about: 'most providers named in one answer, those heard of last' },
} satisfies SettingSpecs;
export type KademliaSettings = SettingsOf<typeof SETTINGS>;
