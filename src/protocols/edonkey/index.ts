/**
 * eDonkey (2000; its most used client became eMule): a few servers that index, of which every client is logged in to one and may ask all;
 * files named by their hash, so that a file is the same whatever it is called; and downloads from many sources at once, part by part,
 * each part verified. Kulbak and Bickson, "The eMule Protocol Specification", 2005.
 *
 * server.ts is the servers' side; client.ts, login.ts, searches.ts and downloads.ts are the clients'. A client that nobody can call gets
 * a LowID, and is called by having its server ask it to call.
 *
 * Left out: Kad, which eMule added; status pings of servers and their lists of each other (a client knows all); credits, which put an
 * uploader's creditors first; queries with AND, OR and NOT. Hops: every server is asked by the client itself, so they are 1.
 */

import { type ClaimContext, defineProtocol } from '../../protocol.js';
import { Client } from './client.js';
import { converge } from './converge.js';
import { MESSAGES, sizeOf } from './messages.js';
import { Server } from './server.js';
import { type EdonkeySettings, SETTINGS } from './settings.js';

const SPECIFICATION = 'Kulbak, Bickson, "The eMule Protocol Specification", 2005';
/** What a search is made of. */
const OF_A_SEARCH = ['search', 'get-sources', 'global-search', 'global-get-sources'];

function questionsSent({ summary }: ClaimContext<EdonkeySettings>): number {
  const byType = (summary.messagesByType ?? {}) as Record<string, { messages: number } | undefined>;
  return OF_A_SEARCH.reduce((sum, type) => sum + (byType[type]?.messages ?? 0), 0);
}

export default defineProtocol<Client | Server, typeof SETTINGS>({
  about: 'eDonkey: servers that index, files named by hash, downloads from many sources in verified parts',
  source: SPECIFICATION,
  settings: SETTINGS,
  messages: MESSAGES,
  services: ['locate'],
  locatesBy: 'words',
  servers: (settings) => settings.servers,
  sizeOf,
  create: (peer, settings) => (peer.isServer ? new Server(peer, settings) : new Client(peer, settings)),
  converge,
  claims: [
    {
      says: 'no search goes further than to the servers',
      source: SPECIFICATION,
      applies: ({ summary }) => summary.operations.locate?.hops.max != null,
      judge: ({ summary }) => ({ measured: summary.operations.locate.hops.max ?? 0, atMost: 1 }),
    },
    {
      says: 'a search asks each server two questions at most: which files, and who has the one that is wanted',
      source: SPECIFICATION,
      applies: (run) => !run.churn && run.summary.operations.locate?.started > 0,
      judge: (run) => ({
        measured: questionsSent(run) / run.summary.operations.locate.started,
        // What is lost is asked again.
        atMost: 2 * run.settings.servers * (1 + run.settings.datagramRetries),
      }),
    },
  ],
});
