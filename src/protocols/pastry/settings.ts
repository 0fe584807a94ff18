/** Pastry's settings, each with its default, its unit and where the default comes from. */

import { PREFIX_SETTINGS } from '../../overlay/prefix/settings.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  ...PREFIX_SETTINGS,
  leafSet: { default: 16, min: 2, max: 128, integer: true, about: '|L|: half of them on each side (the paper: 16, or 32)' },
  neighbourhoodSet: { default: 32, min: 0, max: 128, integer: true, about: '|M|: nearest peers by round trip (the paper: 32)' },
  randomness: {
    default: 0,
    min: 0,
    max: 1,
    about: 'chance that a hop takes any of the known peers that are nearer to the key and share as long a prefix, not the best',
  },
  leafProbeMs: {
    default: 10000,
    min: 0,
    about: 'period in which a peer pings its nearest on both sides and compares leaf sets with another; 0: never',
  },
  tableProbeMs: {
    default: 5000,
    min: 0,
    about: 'period in which the next peer of the routing table is pinged (not in the paper; Castro et al., DSN 2004); 0: never',
  },
  neighbourhoodMs: { default: 60000, min: 0, about: 'period in which it does so with one of its neighbourhood set; 0: never' },
  replicas: { default: 2, min: 0, max: 64, integer: true, about: 'how many of the leaf set closest to a key keep a copy of its entries' },
  answers: { default: 20, min: 1, max: 200, integer: true, about: 'most providers named in one answer' },
} satisfies SettingSpecs;

export type PastrySettings = SettingsOf<typeof SETTINGS>;
