/**
 * Tapestry: object location by prefix routing. Every identifier has one root, found digit by digit from anywhere; a provider leaves
 * pointers on the way to it, and a query that meets one turns off to the provider. So what is near is found near.
 *
 * Peers behind NAT take no place: they use the mesh through a member that can be called (overlay/clients).
 *
 * Hops are forwards: to where a pointer was found and one more from there to the provider; of a search in vain, to the root. Identifiers
 * have 160 bits on the wire and 48 in the emulator.
 */

import { Client } from '../../overlay/clients/client.js';
import { convergeClients } from '../../overlay/clients/converge.js';
import { CLIENT_MESSAGES, type ClientMessage } from '../../overlay/clients/messages.js';
import { digitsOf } from '../../overlay/prefix-table.js';
import { type ClaimContext, defineProtocol } from '../../protocol.js';
import { converge } from './converge.js';
import { MESSAGES, type TapestryMessage, wireBytes } from './messages.js';
import { SETTINGS, type TapestrySettings } from './settings.js';
import { Tapestry } from './tapestry.js';

const PAPER = 'Zhao et al., "Tapestry", IEEE JSAC 22(1), 2004';

export default defineProtocol<Tapestry | Client, typeof SETTINGS>({
  about: 'object location by prefixes: pointers on the way to a root, so that a near replica is found before it',
  source: `${PAPER}; insertion after Hildrum et al., SPAA 2002`,
  settings: SETTINGS,
  messages: { ...MESSAGES, ...CLIENT_MESSAGES },
  services: ['locate'],
  sizeOf: (message: TapestryMessage | ClientMessage) => wireBytes(message),

  create: (peer, settings) => (peer.reachable ? new Tapestry(peer, settings) : new Client(peer, settings)),

  converge: (everyone) => converge(convergeClients<Tapestry, TapestrySettings>(everyone)),

  claims: [
    {
      says: 'without churn no lookup takes more hops than an identifier has digits, and one more to the provider',
      source: PAPER,
      applies: (run) => quiet(run) && withoutClients(run) && run.settings.roots === 1,
      judge: ({ summary, settings }) => ({ measured: summary.operations.locate.hops.max ?? 0, atMost: digitsOf(settings.b) + 1 }),
    },
    {
      says: 'without churn the mean lookup takes log_2^b N hops, and one more to the provider',
      source: PAPER,
      applies: (run) => quiet(run) && withoutClients(run) && run.settings.roots === 1,
      judge: ({ summary, settings, peers }) => ({
        measured: summary.operations.locate.hops.mean ?? 0,
        atMost: Math.log2(peers) / settings.b + 1,
      }),
    },
    {
      says: 'without churn every lookup succeeds',
      source: PAPER,
      applies: (run) => quiet(run) && withoutClients(run), // a client may be known by an address that no longer leads to it
      judge: ({ summary }) => ({ measured: summary.operations.locate.succeeded / summary.operations.locate.started, atLeast: 1 }),
    },
  ],
});

/** Peers behind NAT are no members, and their way to one is a hop more. */
function withoutClients({ summary }: ClaimContext<TapestrySettings>): boolean {
  return summary.nat === null;
}

/** Nobody comes or goes, and there were lookups to judge. */
function quiet(run: ClaimContext<TapestrySettings>): boolean {
  return !run.churn && (run.summary.operations.locate?.started ?? 0) > 0;
}
