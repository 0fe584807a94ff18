/**
 * Pastry: a distributed hash table that routes by prefixes. Each hop goes to a peer whose identifier shares one more digit with the key,
 * chosen among all such peers because it is near; the last goes to the numerically closest, by the leaf set.
 *
 * Peers behind NAT take no place: they use the overlay through a member that can be called (overlay/clients).
 *
 * Hops are forwards, the one to the root included, as in the paper; a peer on the way that keeps a copy of the entry answers before. Of two
 * identifiers as close to a key the smaller is its root. Identifiers have 128 bits on the wire and 48 in the emulator.
 *
 * Where it goes beyond the paper: a leaving peer says goodbye; nobody is entered in a table unpinged, so a dead peer is not passed on; its
 * entries are pinged in turn;
 * tables are compared row by row from time to time (Castro et al., "Exploiting network proximity in peer-to-peer overlay networks",
 * 2002), in place of the second stage of a join. And the first contact is the nearest of a few drawn at random.
 */

import { Client } from '../../overlay/clients/client.js';
import { convergeClients } from '../../overlay/clients/converge.js';
import { CLIENT_MESSAGES, type ClientMessage } from '../../overlay/clients/messages.js';
import { type ClaimContext, defineProtocol } from '../../protocol.js';
import { converge } from './converge.js';
import { MESSAGES, type PastryMessage, wireBytes } from './messages.js';
import { Pastry } from './pastry.js';
import { type PastrySettings, SETTINGS } from './settings.js';

const PAPER = 'Rowstron and Druschel, "Pastry", Middleware 2001';

export default defineProtocol<Pastry | Client, typeof SETTINGS>({
  about: 'distributed hash table by prefixes: near peers first, log16 N hops, and a leaf set that makes the last one right',
  source: PAPER,
  settings: SETTINGS,
  messages: { ...MESSAGES, ...CLIENT_MESSAGES },
  services: ['locate'],
  sizeOf: (message: PastryMessage | ClientMessage) => wireBytes(message),

  create: (peer, settings) => (peer.reachable ? new Pastry(peer, settings) : new Client(peer, settings)),

  converge: (everyone) => converge(convergeClients<Pastry, PastrySettings>(everyone)),

  claims: [
    {
      says: 'without churn a lookup takes fewer than ceil(log_2^b N) hops on average',
      source: PAPER,
      applies: (run) => quiet(run) && withoutClients(run) && run.settings.randomness === 0 && run.peers > 2 ** run.settings.b,
      judge: (run) => ({
        measured: run.summary.operations.locate.hops.mean ?? 0,
        atMost: rows(run.peers, run.settings.b),
      }),
    },
    {
      says: 'without churn every lookup succeeds',
      source: PAPER,
      applies: quiet,
      judge: ({ summary }) => ({ measured: summary.operations.locate.succeeded / summary.operations.locate.started, atLeast: 1 }),
    },
  ],
});

/** ceil(log_2^b N). */
function rows(peers: number, b: number): number {
  let rows = 0;
  for (let covered = 1; covered < peers; covered *= 2 ** b) rows++;
  return rows;
}

/** Peers behind NAT are no members, and their way to one is a hop more. */
function withoutClients({ summary }: ClaimContext<PastrySettings>): boolean {
  return summary.nat === null;
}

/** Nobody comes or goes, and there were lookups to judge. */
function quiet(run: ClaimContext<PastrySettings>): boolean {
  return !run.churn && (run.summary.operations.locate?.started ?? 0) > 0;
}
