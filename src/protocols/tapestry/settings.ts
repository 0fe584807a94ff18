/** Tapestry's settings, each with its default, its unit and where the default comes from. */

import { PREFIX_SETTINGS } from '../../overlay/prefix/settings.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  ...PREFIX_SETTINGS,
  backups: {
    default: 2,
    min: 0,
    max: 15,
    integer: true,
    about: 'further peers per cell behind the nearest (the paper: c = 3 links in all)',
  },
  roots: { default: 1, min: 1, max: 16, integer: true, about: 'roots of an object, found by as many salts; asked one after the other' },
  heartbeatMs: { default: 2000, min: 0, about: 'period in which the next peer of the table is asked for a sign of life; 0: never' },
  watchMs: {
    default: 30000,
    min: 0,
    about: 'how long a peer remembers newcomers of whom a multicast told it, to make them known to the next ones',
  },
} satisfies SettingSpecs;

export type TapestrySettings = SettingsOf<typeof SETTINGS>;
