/** KaZaA's settings, each with its default, its unit and where the default comes from. */

import { TRANSFER_SETTINGS } from '../../overlay/transfer/settings.js';
import { Problem } from '../../problem.js';
import type { ConnectOptions, SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  descendants: {
    default: 100,
    integer: true,
    min: 1,
    max: 100_000,
    about: 'descendants per supernode that the population aims at (Liang et al. 2006 measured 55 to 160; courses guess 200 to 500)',
  },
  splitFactor: { default: 5 / 3, min: 1, max: 100, about: 'a supernode with more than so many times `descendants` promotes one of them' },
  mergeFactor: { default: 2 / 3, min: 0, max: 1, about: 'one with fewer than so many times `descendants` retires; 0: never' },
  fewest: {
    default: 2,
    integer: true,
    min: 1,
    max: 1000,
    about: 'supernodes below which none retires, and one promotes another before it is overfull: lest the death of one leave nobody',
  },
  roleMs: { default: 60_000, min: 0, about: 'period in which a supernode looks at its load, to promote or retire; 0: never' },
  termMs: { default: 600_000, min: 0, about: 'a supernode is one for so long at least' },
  minimumUplink: { default: 1e6, min: 0, about: 'bit/s that a supernode must be able to send (fewer will do when there is nobody else)' },
  minimumUptimeMs: { default: 60_000, min: 0, about: 'how long it must have been there to be promoted' },

  pings: { default: 5, integer: true, min: 1, max: 50, about: 'supernodes pinged to take the one with the smallest round trip' },
  pingTimeoutMs: { default: 1000, min: 1, about: 'after which those that were pinged and are silent are given up' },
  listEntries: { default: 200, integer: true, min: 1, max: 1000, about: 'most supernodes on the list a descendant gets' },
  listMs: { default: 600_000, min: 0, about: 'period in which descendants get a fresh list; 0: when they register only' },
  connectTimeoutMs: { default: 5000, min: 1, about: 'after which a supernode that does not accept is given up' },
  retryMs: { default: 2000, min: 1, about: 'rest before the next attempt when no supernode was found' },
  patience: {
    default: 3,
    integer: true,
    min: 1,
    max: 100,
    about: 'attempts in vain after which a peer that can becomes a supernode itself',
  },
  keepAliveMs: { default: 30_000, min: 0, about: 'silence after which the other side is asked for a sign of life; 0: never' },
  writeTimeoutMs: { default: 20_000, min: 1, about: 'a connection on which so long nothing is acknowledged has failed' },

  links: { default: 40, integer: true, min: 0, max: 1000, about: 'other supernodes a supernode looks for (Liang et al. 2006: 40 to 50)' },
  newsMs: { default: 60_000, min: 0, about: 'period in which linked supernodes tell each other of supernodes, and seek more; 0: never' },
  supernodeExpiryMs: { default: 300_000, min: 1, about: 'a supernode that nobody has heard of for so long is off the list' },

  enough: {
    default: 20,
    integer: true,
    min: 1,
    max: 10_000,
    about: 'matches with which a query is answered (x): no further supernodes are asked',
  },
  subset: { default: 10, integer: true, min: 0, max: 1000, about: 'supernodes asked at a time when there are too few matches; 0: none' },
  rounds: { default: 4, integer: true, min: 0, max: 100, about: 'how many times a supernode asks another subset' },
  answerTimeoutMs: { default: 3000, min: 1, about: 'after which a supernode that does not answer a query is given up' },
  mostResults: { default: 200, integer: true, min: 1, max: 1000, about: 'most results in one answer' },
  chooseMs: { default: 1000, min: 0, about: 'how long after the first source is found others are waited for before a download begins' },
  participation: { default: true, about: 'uploads are given first to those with the higher participation level' },
  spoofers: { default: 0, min: 0, max: 1, about: 'share of the peers whose client reports the highest level, 1000, whatever it does' },
  poisoners: { default: 0, min: 0, max: 1, about: 'share of the peers that send bad blocks wherever the hash of a file does not look' },
  ...TRANSFER_SETTINGS,
  sourcesPerDownload: { ...TRANSFER_SETTINGS.sourcesPerDownload, default: 4 },
  partBytes: { ...TRANSFER_SETTINGS.partBytes, default: 1_048_576 },
  nameBytes: { default: 24, min: 0, max: 1000, about: 'mean length of a file name, which is also what a query searches for' },
} as const satisfies SettingSpecs;

export type KazaaSettings = SettingsOf<typeof SETTINGS>;

/** Refuses settings that contradict each other. */
export function checkSettings({ splitFactor, mergeFactor }: KazaaSettings): void {
  if (mergeFactor > 0 && splitFactor / 2 < mergeFactor) {
    throw new Problem(
      `splitFactor: expected at least twice mergeFactor, ${2 * mergeFactor}, got ${splitFactor}: the halves of a split would retire at once`,
    );
  }
}

/** How connections with supernodes are made. */
export function lineOptions({ connectTimeoutMs: timeoutMs, writeTimeoutMs, keepAliveMs }: KazaaSettings): ConnectOptions {
  return keepAliveMs > 0 ? { timeoutMs, writeTimeoutMs, keepAliveMs } : { timeoutMs, writeTimeoutMs };
}
