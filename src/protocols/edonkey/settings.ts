/** eDonkey's settings, each with its default, its unit and where the default comes from. */

import { TRANSFER_SETTINGS } from '../../overlay/transfer/settings.js';
import type { ConnectOptions, SettingSpecs, SettingsOf } from '../../protocol.js';
import { PART_BYTES } from './ed2k-hash.js';

export const SETTINGS = {
  servers: { default: 3, integer: true, min: 1, max: 100, about: 'servers that index' },
  loginTimeoutMs: { default: 15_000, min: 1, about: 'after which a server that does not let in is given up, and the next one tried' },
  loginRetryMs: { default: 20_000, min: 1, about: 'rest before the next round when no server lets in' },
  testTimeoutMs: { default: 3000, min: 1, about: 'how long a server tries to call a client before it gets a LowID' },
  keepAliveMs: { default: 60_000, min: 0, about: 'silence after which server or client is asked for a sign of life; 0: never' },
  writeTimeoutMs: { default: 20_000, min: 1, about: 'a connection on which so long nothing is acknowledged has failed' },

  enoughResults: {
    default: 20,
    integer: true,
    min: 0,
    max: 10_000,
    about: 'files found with which no other server is asked; 0: never one',
  },
  globalPauseMs: { default: 750, min: 0, about: 'time between two other servers that are asked (eMule: 750 ms)' },
  answerTimeoutMs: { default: 3000, min: 1, about: 'after which a server that does not answer is asked again, or given up' },
  datagramRetries: { default: 1, integer: true, min: 0, max: 10, about: 'how often another server is asked again' },
  mostResults: { default: 200, integer: true, min: 1, max: 1000, about: 'most files in one answer (eMule: about 200)' },
  mostSources: { default: 200, integer: true, min: 1, max: 255, about: 'most sources in one answer: their number is one byte' },

  globalCallbacks: {
    default: false,
    about: "a LowID client may be called back through a server that is not one's own (forbidden in time, for the load)",
  },
  sourceExchange: { default: true, about: 'clients that download a file tell each other of its sources' },
  mostExchanged: { default: 50, integer: true, min: 0, max: 500, about: 'most sources in one answer of a client (eMule: 500)' },
  chooseMs: { default: 1000, min: 0, about: 'how long after the first source is found others are waited for before a download begins' },
  shareDownloads: {
    default: false,
    about: 'who has downloaded a file offers it, as users did; measures then take those who have it since for no holders',
  },
  poisoners: { default: 0, min: 0, max: 1, about: 'share of the peers that send bad blocks' },
  ...TRANSFER_SETTINGS,
  uploadQueue: { ...TRANSFER_SETTINGS.uploadQueue, default: 1000 },
  sourcesPerDownload: { ...TRANSFER_SETTINGS.sourcesPerDownload, default: 10 },
  partBytes: { ...TRANSFER_SETTINGS.partBytes, default: PART_BYTES },
  nameBytes: { default: 24, min: 0, max: 1000, about: 'mean length of a file name, which is also what a query searches for' },
} as const satisfies SettingSpecs;

export type EdonkeySettings = SettingsOf<typeof SETTINGS>;

/** How a client's connection with its server is made. */
export function lineOptions({ loginTimeoutMs: timeoutMs, writeTimeoutMs, keepAliveMs }: EdonkeySettings): ConnectOptions {
  return keepAliveMs > 0 ? { timeoutMs, writeTimeoutMs, keepAliveMs } : { timeoutMs, writeTimeoutMs };
}
