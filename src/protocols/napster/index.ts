/**
 * Napster (Fanning, 1999): a central index. Clients log in at a server, over a connection that stays, and say what they share; the server
 * answers searches by itself, in one message; the client pings those who have the file, takes the best, and gets it from there. So a
 * search costs two messages whatever the size of the system, the server's load grows with peers x rate, and without the server nobody
 * finds anything. "Napster messages", the OpenNap project's specification of the protocol, 2000 and 2001.
 *
 * With several servers, each knows the users who are logged in with it and no others, as Napster's did; `linked` servers ask each other,
 * as OpenNap's do. Clients know the servers' addresses: the redirector that gave them out is left out, and so are accounts, chat, hot
 * lists and browsing. A client that shares a file behind NAT is had called by its server (the "alternate download"). A download is from
 * one source; `sourcesPerDownload` and `partBytes` make it several. The notices of beginning and end of a transfer are left out.
 */

import { type ClaimContext, defineProtocol } from '../../protocol.js';
import { Client } from './client.js';
import { converge } from './converge.js';
import { MESSAGES, sizeOf } from './messages.js';
import { Server } from './server.js';
import { type NapsterSettings, SETTINGS } from './settings.js';

const SOURCE = '"Napster messages", OpenNap, 2001';

export default defineProtocol<Client | Server, typeof SETTINGS>({
  about: 'Napster: a central index at a server, downloads from peer to peer',
  source: SOURCE,
  settings: SETTINGS,
  messages: MESSAGES,
  services: ['locate'],
  locatesBy: 'words',
  servers: ({ servers }) => servers,
  sizeOf,
  create: (peer, settings) => (peer.isServer ? new Server(peer, settings) : new Client(peer, settings)),
  converge,
  claims: [
    {
      says: 'a search is two messages, to the server and back; linked servers add two for each other server',
      source: SOURCE,
      applies: quiet,
      judge: ({ settings, summary }) => ({
        measured: summary.operations.locate.messages.mean ?? 0,
        atMost: 2 + (settings.linked ? 2 * (settings.servers - 1) : 0),
      }),
    },
    {
      says: 'whatever is shared is found: the index is complete',
      source: SOURCE,
      applies: (run) => quiet(run) && (run.settings.linked || run.settings.servers === 1),
      judge: ({ summary }) => ({ measured: summary.operations.locate.succeeded / summary.operations.locate.started, atLeast: 0.99 }),
    },
  ],
});

/** Nobody comes or goes, and there were searches to judge. */
function quiet(run: ClaimContext<NapsterSettings>): boolean {
  return !run.churn && (run.summary.operations.locate?.started ?? 0) > 0;
}
