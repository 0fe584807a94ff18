/** The settings of the circular DHT: those of every circle, and its shortcuts. */

import { CIRCLE_SETTINGS } from '../../overlay/circle/settings.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  ...CIRCLE_SETTINGS,
  shortcuts: {
    default: 0,
    min: 0,
    max: 48,
    integer: true,
    about: 'how many shortcuts each peer has: to the owners of the points half, a quarter, an eighth ... of the circle away',
  },
  shortcutLinks: {
    default: [] as readonly number[],
    about: 'particular shortcuts, as identifiers from, to, from, to ... (the course example: [3, 12])',
  },
  shortcutMs: { default: 30_000, min: 0, about: 'period in which a peer looks up one of its shortcuts anew; 0: never' },
  lookupTimeoutMs: {
    ...CIRCLE_SETTINGS.lookupTimeoutMs,
    default: 60_000,
    about: 'the origin asks again after this long without an answer (half the circle away is N/2 forwards)',
  },
  lookupRetries: { ...CIRCLE_SETTINGS.lookupRetries, default: 1 },
} satisfies SettingSpecs;

export type RingSettings = SettingsOf<typeof SETTINGS>;
