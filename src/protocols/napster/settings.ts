/** Napster's settings, each with its default and what it is. */

import { TRANSFER_SETTINGS } from '../../overlay/transfer/settings.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const SETTINGS = {
  ...TRANSFER_SETTINGS,
  servers: { default: 1, integer: true, min: 1, max: 1000, about: 'index servers; a client logs in at one of them' },
  linked: { default: false, about: 'whether a server passes searches on to the others, as in OpenNap; else each knows its own users only' },
  maxResults: { default: 100, integer: true, min: 1, max: 255, about: 'most results of a search' },
  pingCandidates: { default: 20, integer: true, min: 0, max: 255, about: 'how many results are pinged before a download; 0: none' },
  pingWaitMs: { default: 1000, min: 1, about: 'how long their answers are waited for' },
  connectTimeoutMs: { default: 10_000, min: 1, about: 'after which a server that has not answered the login is given up' },
  answerTimeoutMs: { default: 10_000, min: 1, about: 'after which a server that has not answered a search is given up' },
  keepAliveMs: { default: 30_000, min: 0, about: 'silence after which server and client ask each other for a sign of life; 0: never' },
  serverTimeoutMs: { default: 20_000, min: 1, about: 'after which a client gives up a server that does not acknowledge what it sends' },
  retryMs: { default: 2000, min: 1, about: 'mean rest of a client that has tried every server in vain; twice as long every time' },
  retryMostMs: { default: 60_000, min: 1, about: 'the longest such rest' },
  linkTimeoutMs: { default: 2000, min: 1, about: 'linked: how long the answers of other servers are waited for' },
  nameBytes: { default: 24, integer: true, min: 1, max: 150, about: 'mean length of a file name, which is also what a search asks for' },
} as const satisfies SettingSpecs;

export type NapsterSettings = SettingsOf<typeof SETTINGS>;
