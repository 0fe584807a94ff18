/** The settings that all systems on a circle have, for their definitions to spread among their own and to give other defaults. */

import type { SettingSpecs, SettingsOf } from '../../protocol.js';
import { CLIENT_SETTINGS } from '../clients/client.js';

export const CIRCLE_SETTINGS = {
  idBits: { default: 32, min: 2, max: 48, integer: true, about: 'length of an identifier in bits' },
  identifiers: { default: [] as readonly number[], about: 'identifiers of the first peers, in order, instead of hashed ones' },
  successors: { default: 2, min: 1, max: 64, integer: true, about: 'how many successors each peer knows (Kurose and Ross: 2)' },
  pingMs: { default: 10_000, min: 0, about: 'period in which a peer pings its successors and its predecessor; 0: never' },
  mend: { default: true, about: 'a peer whose successors are all dead walks back to the next live one; false: the circle stays broken' },
  mergeMs: {
    default: 60_000,
    min: 0,
    about: 'period in which the peer at 0 looks for itself through a random one, to merge circles; 0: never',
  },
  hopAcks: { default: true, about: 'each hop of a lookup is acknowledged, and goes another way when it is not' },
  rpcTimeoutMs: { default: 750, min: 1, about: 'how long a peer waits for an answer, or for the acknowledgement of a hop' },
  rpcRetries: { default: 1, min: 0, integer: true, about: 'how often it asks again before it takes the other for dead' },
  lookupTimeoutMs: { default: 8000, min: 1, about: 'the origin of a lookup asks again after this long without an answer' },
  lookupRetries: { default: 2, min: 0, integer: true, about: 'how often the origin asks again' },
  expiryMs: { default: 600_000, min: 1, about: 'an index entry not refreshed for this long is forgotten' },
  republishMs: { default: 240_000, min: 0, about: 'period in which a provider refreshes its entries; 0: never' },
  replicas: { default: 2, min: 0, integer: true, about: "how many of the owner's successors keep a copy of its index entries" },
  answers: { default: 20, min: 1, max: 200, integer: true, about: 'most providers named in one answer' },
  ...CLIENT_SETTINGS,
} satisfies SettingSpecs;

export type CircleSettings = SettingsOf<typeof CIRCLE_SETTINGS>;
