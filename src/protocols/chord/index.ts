/**
 * Chord: a distributed hash table on a ring of identifiers. Each peer has a place; a key belongs to the first peer at or behind it; and
 * fingers to the peers half, a quarter, an eighth ... of the ring away halve the distance with every hop. With `fingers: false` and a
 * successor list of two it is the circular DHT of textbooks, which has a protocol of its own (`ring`).
 *
 * Peers behind NAT take no place: they use the ring through a member that can be called (overlay/clients).
 *
 * chord.ts is the protocol of one place on the ring, many-places.ts that of a peer with several.
 */

import { Client } from '../../overlay/clients/client.js';
import { convergeClients } from '../../overlay/clients/converge.js';
import { CLIENT_MESSAGES, type ClientMessage } from '../../overlay/clients/messages.js';
import { checkIdentifiers } from '../../overlay/distinct-identifiers.js';
import { type ClaimContext, defineProtocol } from '../../protocol.js';
import { Chord } from './chord.js';
import { converge } from './converge.js';
import { ManyPlaces } from './many-places.js';
import { type ChordMessage, MESSAGES, wireBytes } from './messages.js';
import { type ChordSettings, SETTINGS } from './settings.js';

const PAPER = 'Stoica et al., "Chord", IEEE/ACM ToN 11(1), 2003';

let checked: ChordSettings | undefined;

export default defineProtocol<Chord | ManyPlaces | Client, typeof SETTINGS>({
  about: 'distributed hash table on a ring: lookups in about half log2 N hops through fingers',
  source: `${PAPER}; stabilise and rectify as in Zave, IEEE TSE 43(12), 2017`,
  settings: SETTINGS,
  messages: { ...MESSAGES, ...CLIENT_MESSAGES },
  services: ['locate'],
  sizeOf: (message: ChordMessage | ClientMessage, settings) => settings.messageBytes || wireBytes(message, settings.idBits),

  create(peer, settings) {
    if (settings !== checked) checkIdentifiers(settings.identifiers, settings.idBits);
    checked = settings;
    if (!peer.reachable) return new Client(peer, settings);
    return settings.virtualNodes === 1 ? new Chord(peer, settings) : new ManyPlaces(peer, settings);
  },

  converge(everyone) {
    const members = convergeClients<Chord | ManyPlaces, ChordSettings>(everyone);
    converge(members, (protocol) => (protocol instanceof ManyPlaces ? protocol.places : [protocol]));
  },

  claims: [
    {
      says: 'without churn the mean lookup takes about 1/2 log2 N hops to the predecessor, and one more to the owner',
      source: PAPER,
      applies: (run) => quiet(run) && run.settings.fingers,
      judge: (run) => ({
        measured: run.summary.operations.locate.hops.mean ?? 0,
        atMost: 0.5 * Math.log2(run.peers * run.settings.virtualNodes) + 1.5,
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

/** Nobody comes or goes, and there were lookups to judge. */
function quiet(run: ClaimContext<ChordSettings>): boolean {
  return !run.churn && (run.summary.operations.locate?.started ?? 0) > 0;
}
