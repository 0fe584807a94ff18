/** Settings of `Transfers`, for protocols to spread among their own. */

import type { SettingSpecs, SettingsOf } from '../../protocol.js';

/** To be spread into the `settings` of a definition that uses `Transfers`. */
export const TRANSFER_SETTINGS = {
  uploadSlots: { default: 4, integer: true, min: 1, max: 10_000, about: 'uploads at a time' },
  uploadQueue: { default: 50, integer: true, min: 0, max: 100_000, about: 'how many may wait for a slot; more are refused' },
  sourcesPerDownload: { default: 1, integer: true, min: 1, max: 1000, about: 'sources a download is fetched from at a time' },
  partBytes: { default: 0, integer: true, min: 0, about: 'what is asked of one source at a time; 0: all that is missing' },
  // A block over a modem of 33.6 kbit/s, on which three other uploads go on, takes 16 s.
  transferTimeoutMs: { default: 30_000, min: 1, about: 'silence after which the other side of a transfer is given up' },
  transferRetries: { default: 5, integer: true, min: 0, max: 1000, about: 'how often a source that refused is asked again' },
  transferRetryMs: { default: 30_000, min: 1, about: 'after which it is' },
  downloadPatienceMs: { default: 60_000, min: 0, about: 'how long a download with no source left waits for another' },
} as const satisfies SettingSpecs;

/** Their values. */
export type TransferSettings = SettingsOf<typeof TRANSFER_SETTINGS>;
