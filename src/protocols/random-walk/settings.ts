/** Settings of search by random walks, each with its default and what it is. */

import { WIRING_SETTINGS } from '../../overlay/initial-wiring.js';
import { LINK_SETTINGS } from '../../overlay/links/settings.js';
import { CHOICE_SETTINGS } from '../../overlay/transfer/choice.js';
import { TRANSFER_SETTINGS } from '../../overlay/transfer/settings.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  search: {
    default: 'random-walk',
    oneOf: ['random-walk', 'expanding-ring', 'flood'],
    about: 'how an item is looked for; flood is what the other two are compared with',
  },
  walkers: { default: 32, integer: true, min: 1, max: 10_000, about: 'walkers sent out for a question (the paper: 16 to 64)' },
  ttl: { default: 1024, integer: true, min: 1, max: 65_535, about: 'steps a walker may take' },
  checkEvery: {
    default: 4,
    integer: true,
    min: 0,
    max: 65_535,
    about: 'steps after which a walker asks the origin whether to go on; 0: never, it walks until it finds something or its TTL ends',
  },
  checkTimeoutMs: { default: 2000, min: 1, about: 'how long whoever has a walker waits for the answer of its origin' },
  checkRetries: { default: 1, integer: true, min: 0, max: 100, about: 'how often it asks again before it ends the walk' },
  keepState: { default: false, about: 'a peer does not send two walkers of one question to the same neighbour while there are others' },
  results: { default: 1, integer: true, min: 1, max: 1000, about: 'different providers with which a question is satisfied' },
  floodTtl: { default: 7, integer: true, min: 1, max: 255, about: 'search flood: hops the question may go' },
  ringStartTtl: { default: 1, integer: true, min: 1, max: 255, about: 'search expanding-ring: TTL of the first flood' },
  ringStep: { default: 2, integer: true, min: 1, max: 255, about: 'by how much the TTL grows with each further flood' },
  ringGiveUpTtl: { default: 9, integer: true, min: 1, max: 255, about: 'TTL of the last flood' },
  ringHopMs: { default: 400, min: 1, about: 'time per hop of its TTL after which a ring without an answer is followed by the next' },
  ...LINK_SETTINGS,
  // A walker sent to a neighbour that has crashed is lost, so it is noticed sooner than in a flood, which has other ways.
  keepAliveMs: { ...LINK_SETTINGS.keepAliveMs, default: 5000 },
  keepAliveTimeoutMs: { ...LINK_SETTINGS.keepAliveTimeoutMs, default: 12_000 },
  guidExpiryMs: { default: 60_000, min: 1, about: 'how long a question seen is remembered at least (at most twice that)' },
  guidTableEntries: {
    default: 32_768,
    integer: true,
    min: 1,
    max: 4_194_304,
    about: 'questions after which the oldest are forgotten early',
  },
  nameBytes: { default: 24, min: 1, max: 1000, about: 'mean length of a file name, which is also what a question searches for' },
  ...WIRING_SETTINGS,
  ...CHOICE_SETTINGS,
  ...TRANSFER_SETTINGS,
} as const satisfies SettingSpecs;

export type WalkSettings = SettingsOf<typeof SETTINGS>;
