/**
 * Keyword search over a DHT: an inverted index whose lists lie, each under its word, with the k peers closest to the word's hash, on
 * Kademlia's members (../kademlia). So a search costs a few lookups, where flooding asks everybody: but a query of several words must
 * bring lists together that lie at different peers, and the bytes of hot words are what it is judged by.
 * Under churn holders differ in what they have: several of each word are asked how long their lists are (`holders`).
 *
 * `hops`: referrals to the farthest of the words' holders, as of a Kademlia lookup, and the steps from holder to holder after the first.
 *
 * Without a vocabulary a name is one word, and this is Kademlia with longer records.
 */

import { Client } from '../../overlay/clients/client.js';
import { convergeClients } from '../../overlay/clients/converge.js';
import { CLIENT_MESSAGES, type ClientMessage } from '../../overlay/clients/messages.js';
import { defineProtocol } from '../../protocol.js';
import { converge } from '../kademlia/converge.js';
import { DhtIndex } from './dht-index.js';
import { type IndexMessage, MESSAGES, wireBytes } from './messages.js';
import { type IndexSettings, SETTINGS } from './settings.js';

export default defineProtocol<DhtIndex | Client, typeof SETTINGS>({
  about: 'keyword search over a DHT: the list of each word lies with the peers closest to its hash, and lists are intersected there',
  source:
    'Reynolds and Vahdat, "Efficient peer-to-peer keyword searching", Middleware 2003; Maymounkov and Mazières, "Kademlia", IPTPS 2002',
  settings: SETTINGS,
  messages: { ...MESSAGES, ...CLIENT_MESSAGES },
  services: ['locate'],
  locatesBy: 'words',
  sizeOf: (message: IndexMessage | ClientMessage, settings) => wireBytes(message, settings.idBits),
  create: (peer, settings) => (peer.reachable ? new DhtIndex(peer, settings) : new Client(peer, settings)),
  converge: (everyone) => converge(convergeClients<DhtIndex, IndexSettings>(everyone)),
  claims: [
    {
      says: 'without churn whatever has all the words is found',
      source: 'Reynolds and Vahdat, "Efficient peer-to-peer keyword searching", Middleware 2003',
      applies: (run) => !run.churn && (run.summary.operations.locate?.started ?? 0) > 0,
      judge: ({ summary }) => ({ measured: summary.operations.locate.succeeded / summary.operations.locate.started, atLeast: 1 }),
    },
  ],
});
