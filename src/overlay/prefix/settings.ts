/** The settings that Pastry and Tapestry share, each with its default, its unit and where the default comes from. */

import type { SettingSpecs, SettingsOf } from '../../protocol.js';
import { CLIENT_SETTINGS } from '../clients/client.js';

export const PREFIX_SETTINGS = {
  b: { default: 4, min: 1, max: 8, integer: true, about: 'bits per digit: identifiers are read in base 2^b (both papers: 4)' },
  proximity: {
    default: true,
    about: 'prefers near peers in the routing table, by round trips it measures itself; false: the first one heard of stays',
  },
  candidates: {
    default: 16,
    min: 1,
    max: 256,
    integer: true,
    about:
      'converged start: of so many peers that fit a cell the nearest are taken (16 is nearly as good as all: Gummadi et al., SIGCOMM 2003)',
  },
  hopAcks: {
    default: true,
    about: 'each hop is acknowledged, and goes another way when it is not; false: lost at a dead peer until retried',
  },
  rpcTimeoutMs: { default: 750, min: 1, about: 'how long a peer waits for an answer, or for the acknowledgement of a hop' },
  rpcRetries: { default: 1, min: 0, integer: true, about: 'how often it asks again before it takes the other for dead' },
  lookupTimeoutMs: { default: 8000, min: 0, about: 'the origin asks again after this long without an answer; 0: it waits for ever' },
  lookupRetries: { default: 2, min: 0, integer: true, about: 'how often the origin asks again' },
  contacts: {
    default: 3,
    min: 1,
    max: 50,
    integer: true,
    about: 'peers asked when joining, of which the first that answers is joined through',
  },
  tableMs: {
    default: 60000,
    min: 0,
    about: 'period in which a peer asks one of a random row of its table for its own row, and takes what is missing or nearer; 0: never',
  },
  mergeMs: {
    default: 60000,
    min: 0,
    about: 'period in which a peer looks for itself through a random one, by which split overlays find together; 0: never',
  },
  expiryMs: { default: 600000, min: 1, about: 'an index entry not refreshed for this long is forgotten' },
  republishMs: { default: 240000, min: 0, about: 'period in which a provider refreshes its entries; 0: never' },
  identifiers: { default: [] as readonly number[], about: 'identifiers of the first peers (48 bits), instead of hashed ones' },
  ...CLIENT_SETTINGS,
} satisfies SettingSpecs;

export type PrefixSettings = SettingsOf<typeof PREFIX_SETTINGS>;
