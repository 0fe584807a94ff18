/** Gnutella's settings, each with its default and what it is. */

import { WIRING_SETTINGS } from '../../overlay/initial-wiring.js';
import { LINK_SETTINGS } from '../../overlay/links/settings.js';
import { CHOICE_SETTINGS } from '../../overlay/transfer/choice.js';
import { TRANSFER_SETTINGS } from '../../overlay/transfer/settings.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  ttl: { default: 7, integer: true, min: 1, max: 255, about: 'hops a query may go' },
  ...LINK_SETTINGS,
  pingMs: { default: 60_000, min: 0, about: 'period of the ping flood that learns hosts; the first is sent over the first link; 0: none' },
  pingTtl: { default: 2, integer: true, min: 1, max: 255, about: 'hops a ping may go: 7 in 1999, which is what choked the network' },
  guidExpiryMs: { default: 60_000, min: 1, about: 'how long a GUID and the way back are remembered at least (at most twice that)' },
  guidTableEntries: { default: 32_768, integer: true, min: 1, max: 4_194_304, about: 'GUIDs after which the oldest are forgotten early' },
  nameBytes: { default: 24, min: 1, max: 1000, about: 'mean length of a file name, which is also what a query searches for' },
  ...WIRING_SETTINGS,
  ...CHOICE_SETTINGS,
  ...TRANSFER_SETTINGS,
} as const satisfies SettingSpecs;

export type GnutellaSettings = SettingsOf<typeof SETTINGS>;
