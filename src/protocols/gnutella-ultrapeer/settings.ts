/** Settings of Gnutella 0.6 with ultrapeers, each with its default, what it is, and where the default comes from. */

import { LINK_SETTINGS } from '../../overlay/links/settings.js';
import { CHOICE_SETTINGS } from '../../overlay/transfer/choice.js';
import { TRANSFER_SETTINGS } from '../../overlay/transfer/settings.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  ttl: {
    default: 4,
    integer: true,
    min: 1,
    max: 7,
    about: "hops a query may go, counting a leaf's to its ultrapeer (0.6: at most 7; 4 with ultrapeers of high degree)",
  },
  leafUltrapeers: { default: 3, integer: true, min: 1, max: 100, about: 'ultrapeers that a leaf keeps a link to' },
  leaves: { default: 30, integer: true, min: 1, max: 10_000, about: 'most leaves of an ultrapeer' },
  ask: {
    default: 'in-turn',
    oneOf: ['in-turn', 'all'],
    about: 'a leaf asks its ultrapeers one after the other until there is an answer, or all of them at once',
  },
  nextUltrapeerMs: { default: 3000, min: 1, about: 'ask in-turn: after which without an answer it asks the next' },
  answersWanted: {
    default: 1,
    integer: true,
    min: 1,
    max: 100_000,
    about: 'an ultrapeer that finds so many providers in its own index does not flood the query of a leaf, or of its own',
  },
  ...LINK_SETTINGS,
  desiredNeighbours: { default: 28, integer: true, min: 1, max: 1000, about: 'other ultrapeers that an ultrapeer looks for' },
  maximumNeighbours: { default: 32, integer: true, min: 1, max: 1000, about: 'other ultrapeers above which it accepts no more' },
  retryMs: { ...LINK_SETTINGS.retryMs, default: 5000 },
  lookAroundMs: { ...LINK_SETTINGS.lookAroundMs, default: 60_000 },
  minimumUplinkBitsPerSecond: { default: 80_000, min: 0, about: 'uplink below which nobody volunteers as an ultrapeer (0.6: 10 KB/s)' },
  minimumDownlinkBitsPerSecond: { default: 120_000, min: 0, about: 'the same of the downlink (0.6: 15 KB/s)' },
  volunteers: {
    default: 0.25,
    min: 0,
    max: 1,
    about: 'of those who are capable and hear in a period that more are needed, the share that volunteers',
  },
  fullUptimeMs: {
    default: 60_000,
    min: 0,
    about: 'time since its join up to which a leaf is the less likely to volunteer the shorter it is (0.6: some hours)',
  },
  electMs: {
    default: 10_000,
    min: 0,
    about: 'period in which a peer considers whether there are too few ultrapeers, or too many; 0: never',
  },
  fullShare: {
    default: 0.95,
    min: 0,
    max: 1,
    about: 'share of leaf slots taken, here and at its neighbours, above which more ultrapeers are needed',
  },
  emptyShare: { default: 0.4, min: 0, max: 1, about: 'the same share below which there are too many' },
  guidExpiryMs: { default: 60_000, min: 1, about: 'how long a GUID and the way back are remembered at least (at most twice that)' },
  guidTableEntries: { default: 32_768, integer: true, min: 1, max: 4_194_304, about: 'GUIDs after which the oldest are forgotten early' },
  nameBytes: { default: 24, min: 1, max: 1000, about: 'mean length of a file name, which is also what a query searches for' },
  degree: {
    default: 30,
    integer: true,
    min: 2,
    max: 1000,
    about: 'converged start: ultrapeers that each ultrapeer is linked to, at random',
  },
  ...CHOICE_SETTINGS,
  ...TRANSFER_SETTINGS,
} as const satisfies SettingSpecs;

export type UltrapeerSettings = SettingsOf<typeof SETTINGS>;
