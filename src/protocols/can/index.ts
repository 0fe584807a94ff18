/**
 * CAN, a content-addressable network: a distributed hash table in a d-dimensional torus. Each peer holds a zone of the space, a key
 * belongs to the peer whose zone holds the key's point, and a lookup goes from zone to neighbouring zone, always nearer to that point. A
 * peer knows O(d) others, however many there are.
 *
 * Peers behind NAT hold no zone: they use the space through a member that can be called (overlay/clients).
 *
 * Left out of the paper: overloaded zones (several peers to one, section 3.4), several hash functions (3.5; a reality does the same and
 * more), landmarks (3.6), copies that follow popularity (3.8).
 */

import { Client } from '../../overlay/clients/client.js';
import { convergeClients } from '../../overlay/clients/converge.js';
import { CLIENT_MESSAGES, type ClientMessage } from '../../overlay/clients/messages.js';
import { type ClaimContext, defineProtocol } from '../../protocol.js';
import { Can } from './can.js';
import { converge } from './converge.js';
import { type CanMessage, MESSAGES, wireBytes } from './messages.js';
import { checkPoints } from './points.js';
import { type CanSettings, SETTINGS } from './settings.js';

const PAPER = 'Ratnasamy et al., "A scalable content-addressable network", SIGCOMM 2001';

let checked: CanSettings | undefined;

export default defineProtocol<Can | Client, typeof SETTINGS>({
  about: 'distributed hash table in a d-dimensional torus: lookups in about (d/4) N^(1/d) hops, each peer knows O(d) others',
  source: PAPER,
  settings: SETTINGS,
  messages: { ...MESSAGES, ...CLIENT_MESSAGES },
  services: ['locate'],
  sizeOf: (message: CanMessage | ClientMessage, settings) => wireBytes(message, settings.dimensions),

  create(peer, settings) {
    if (settings !== checked) checkPoints(settings);
    checked = settings;
    return peer.reachable ? new Can(peer, settings) : new Client(peer, settings);
  },

  converge(everyone) {
    converge(convergeClients<Can, CanSettings>(everyone));
  },

  claims: [
    {
      says: 'without churn every lookup succeeds',
      source: PAPER,
      applies: quiet,
      judge: ({ summary }) => ({ measured: summary.operations.locate.succeeded / summary.operations.locate.started, atLeast: 1 }),
    },
    {
      says: 'without churn the mean lookup takes about (d/4) N^(1/d) hops, the last one to the owner included',
      source: `${PAPER}, section 2.1`,
      applies: (run) => quiet(run) && isPlain(run.settings),
      // A tenth more: when N is no d-th power the space is longer in some dimensions. One more: the hop of a client to its member.
      judge: (run) => ({
        measured: run.summary.operations.locate.hops.mean ?? 0,
        atMost: 1.1 * (run.settings.dimensions / 4) * root(run) + 1,
      }),
    },
    {
      says: 'without churn no lookup takes more than d N^(1/d) hops',
      source: 'Joseph and Stoica, CS162, spring 2012, lecture 23',
      applies: (run) => quiet(run) && isPlain(run.settings),
      judge: (run) => ({ measured: run.summary.operations.locate.hops.max ?? 0, atMost: run.settings.dimensions * root(run) + 1 }),
    },
  ],
});

/** Nobody comes or goes, and there were lookups to judge. */
function quiet(run: ClaimContext<CanSettings>): boolean {
  return !run.churn && (run.summary.operations.locate?.started ?? 0) > 0;
}

/** By hops alone, in one space: with more realities paths are shorter, by round trips they are longer. */
function isPlain({ realities, routing }: CanSettings): boolean {
  return realities === 1 && routing === 'greedy';
}

/** How many zones the space is long. */
function root({ peers, settings }: ClaimContext<CanSettings>): number {
  return peers ** (1 / settings.dimensions);
}
