/** Chord's settings, each with its default, its unit and where the default comes from. */

import { CLIENT_SETTINGS } from '../../overlay/clients/client.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  idBits: { default: 32, min: 2, max: 48, integer: true, about: 'length of an identifier in bits' },
  successors: { default: 8, min: 1, max: 64, integer: true, about: 'length of the successor list (the paper: about log2 N)' },
  fingers: { default: true, about: 'false: a plain ring in which every lookup walks from successor to successor' },
  virtualNodes: { default: 1, min: 1, max: 32, integer: true, about: 'places on the ring held by each peer' },
  lookup: {
    default: 'recursive',
    oneOf: ['recursive', 'iterative'],
    about: 'forwarded from peer to peer, or asked step by step by the origin',
  },
  hopAcks: {
    default: true,
    about: 'recursive lookups: each hop is acknowledged, and goes another way when it is not; false: lost at a dead peer until retried',
  },
  rpcTimeoutMs: { default: 750, min: 1, about: 'how long a peer waits for an answer, or for the acknowledgement of a hop' },
  rpcRetries: { default: 1, min: 0, integer: true, about: 'how often it asks again before it takes the other for dead' },
  lookupTimeoutMs: { default: 8000, min: 0, about: 'the origin asks again after this long without an answer; 0: it waits for ever' },
  lookupRetries: { default: 2, min: 0, integer: true, about: 'how often the origin asks again' },
  stabiliseMs: { default: 10000, min: 0, about: 'period in which a peer compares notes with its successor; 0: never' },
  stabiliseTiming: {
    default: 'fixed',
    oneOf: ['fixed', 'exponential'],
    about: 'stabilise at a fixed period, or after exponential times with this mean (the assumption of the analytical papers)',
  },
  fixFingersMs: { default: 10000, min: 0, about: 'period in which one finger is looked up anew; 0: never' },
  checkPredecessorMs: { default: 10000, min: 0, about: 'period in which the predecessor is pinged; 0: never' },
  mergeMs: {
    default: 60000,
    min: 0,
    about: 'period in which a peer looks for itself through a random one, by which split rings find together (with fingers only); 0: never',
  },
  expiryMs: { default: 600000, min: 1, about: 'an index entry not refreshed for this long is forgotten' },
  republishMs: { default: 240000, min: 0, about: 'period in which a provider refreshes its entries; 0: never' },
  replicas: { default: 2, min: 0, integer: true, about: "how many of the owner's successors keep a copy of its index entries" },
  answers: { default: 20, min: 1, max: 200, integer: true, about: 'most providers named in one answer' },
  identifiers: { default: [] as readonly number[], about: 'identifiers of the first places, peer by peer, instead of hashed ones' },
  ...CLIENT_SETTINGS,
  messageBytes: { default: 0, min: 0, integer: true, about: 'payload bytes of every message; 0: the stated wire format' },
} satisfies SettingSpecs;

export type ChordSettings = SettingsOf<typeof SETTINGS>;
