/** The index's settings: those of a Kademlia member, and how words are intersected. */

import type { SettingSpecs, SettingsOf } from '../../protocol.js';
import { MEMBER_SETTINGS } from '../kademlia/settings.js';

export const SETTINGS = {
  ...MEMBER_SETTINGS,
  intersect: {
    default: 'chain',
    oneOf: ['chain', 'origin', 'bloom'],
    about:
      'chain: the list of the rarest word goes from holder to holder; bloom: a Bloom filter of it goes first; origin: all lists are fetched',
  },
  bitsPerKey: { default: 10, min: 1, max: 64, integer: true, about: 'size of a Bloom filter, in bits for each item in it' },
  holders: {
    default: 3,
    min: 1,
    max: 200,
    integer: true,
    about: 'holders of a word that are asked: the longest list counts, as a newcomer lacks what was stored before; 1: the first to answer',
  },
  pageWindow: { default: 4, min: 1, max: 64, integer: true, about: 'parts of a long list asked for at once' },
  holdMs: { default: 30_000, min: 1, about: 'how long a holder keeps a long list ready for who is fetching it' },
  queryTimeoutMs: { default: 8000, min: 0, about: 'after which the origin begins a query again; 0: it waits for ever' },
  queryRetries: { default: 2, min: 0, integer: true, about: 'how often it does' },
} satisfies SettingSpecs;

export type IndexSettings = SettingsOf<typeof SETTINGS>;
