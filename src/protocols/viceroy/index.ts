/**
 * Viceroy: a distributed hash table that emulates a butterfly network, so that a lookup takes O(log N) hops though each peer has but seven
 * links: successor and predecessor, next and previous on its level, one up and two down. Malkhi, Naor, Ratajczak, PODC 2002.
 *
 * `hops` counts forwards, the last one to the owner included. A key belongs to its immediate successor (the paper: a server stores the
 * keys between its predecessor and itself).
 *
 * The paper assumes that joins and leaves come one at a time and that nobody fails, and only sketches its buckets, which keep the
 * in-degree low. Here are no buckets. Added to it: upkeep and repair of the ring with spare successors (overlay/circle), the periodic
 * search for links (butterfly.ts), ways around missing links (viceroy.ts), the index for `locate` with copies at the successors. Peers
 * behind NAT take no place: they use a member that can be called (overlay/clients).
 */

import { Client } from '../../overlay/clients/client.js';
import { convergeClients } from '../../overlay/clients/converge.js';
import { checkIdentifiers } from '../../overlay/distinct-identifiers.js';
import { Problem } from '../../problem.js';
import { type ClaimContext, defineProtocol } from '../../protocol.js';
import { converge } from './converge.js';
import { MESSAGES, type ViceroyMessage, wireBytes } from './messages.js';
import { SETTINGS, type ViceroySettings } from './settings.js';
import { Viceroy } from './viceroy.js';

const PAPER = 'Malkhi, Naor, Ratajczak, "Viceroy: a scalable and dynamic emulation of the butterfly", PODC 2002';

let checked: ViceroySettings | undefined;

export default defineProtocol<Viceroy | Client, typeof SETTINGS>({
  about: 'butterfly of constant degree: seven links per peer, lookups up to a root, down, and along the ring',
  source: PAPER,
  settings: SETTINGS,
  messages: MESSAGES,
  services: ['locate'],
  sizeOf: (message: ViceroyMessage, { idBits }) => wireBytes(message, idBits),

  create(peer, settings) {
    if (settings !== checked) check(settings);
    checked = settings;
    return peer.reachable ? new Viceroy(peer, settings) : new Client(peer, settings);
  },

  converge(everyone) {
    converge(convergeClients<Viceroy, ViceroySettings>(everyone));
  },

  claims: [
    {
      says: 'without churn the mean lookup takes O(log N) hops: at most 3 log2 N',
      source: PAPER,
      applies: (run) => quiet(run) && run.peers > 1 && run.settings.vicinity === 'hopping',
      judge: ({ peers, summary }) => ({ measured: summary.operations.locate.hops.mean ?? 0, atMost: 3 * Math.log2(peers) }),
    },
    {
      says: 'without churn every lookup succeeds',
      source: PAPER,
      applies: quiet,
      judge: ({ summary }) => ({ measured: summary.operations.locate.succeeded / summary.operations.locate.started, atLeast: 1 }),
    },
  ],
});

function check(settings: ViceroySettings): void {
  checkIdentifiers(settings.identifiers, settings.idBits);
  for (const level of settings.levels) {
    if (!Number.isInteger(level) || level < 1 || level > 48) {
      throw new Problem(`protocol.levels: expected whole numbers from 1 to 48, got ${level}`);
    }
  }
}

/** Nobody comes or goes, and there were lookups to judge. */
function quiet(run: ClaimContext<ViceroySettings>): boolean {
  return !run.churn && (run.summary.operations.locate?.started ?? 0) > 0;
}
