/**
 * The circular DHT of textbooks: peers on a circle, each of which knows who comes before and after it; a key belongs to its immediate
 * successor. Kurose and Ross, "Computer Networking: A Top-Down Approach", 6th edition, section 2.6.2. A question takes (N - 1) / 2 forwards
 * on average; with shortcuts to half, a quarter, an eighth ... of the circle it takes O(log N), and the ring has become Chord.
 *
 * All of it but the way of a question is overlay/circle, which says what was added so that many joins and failures at once do no harm.
 * Added besides: the index that `locate` needs, with copies at the successors; shortcuts that are kept up. Peers behind NAT take no place:
 * they use the ring through a member that can be called (overlay/clients).
 */

import { convergeCircle } from '../../overlay/circle/converge.js';
import { CIRCLE_MESSAGES, type CircleMessage, sizeOfCircle } from '../../overlay/circle/messages.js';
import { Client } from '../../overlay/clients/client.js';
import { convergeClients } from '../../overlay/clients/converge.js';
import { checkIdentifiers, rankAtOrBehind } from '../../overlay/distinct-identifiers.js';
import { Problem } from '../../problem.js';
import { type ClaimContext, defineProtocol } from '../../protocol.js';
import { RingPeer } from './ring.js';
import { type RingSettings, SETTINGS } from './settings.js';

const SOURCE = 'Kurose, Ross, "Computer Networking: A Top-Down Approach", 6th edition, section 2.6.2';

let checked: RingSettings | undefined;

export default defineProtocol<RingPeer | Client, typeof SETTINGS>({
  about: 'circular DHT of textbooks: each peer knows its neighbours on a circle, questions walk around it',
  source: SOURCE,
  settings: SETTINGS,
  messages: CIRCLE_MESSAGES,
  services: ['locate'],
  sizeOf: (message: CircleMessage, { idBits }) => sizeOfCircle(message, idBits),

  create(peer, settings) {
    if (settings !== checked) check(settings);
    checked = settings;
    return peer.reachable ? new RingPeer(peer, settings) : new Client(peer, settings);
  },

  converge(everyone) {
    convergeCircle(convergeClients<RingPeer, RingSettings>(everyone), (peer, _rank, { identifiers, addresses }) => {
      for (const [which, point] of peer.points.entries()) {
        const owner = rankAtOrBehind(identifiers, point);
        peer.setShortcut(which, identifiers[owner], addresses[owner]);
      }
    });
  },

  claims: [
    {
      says: 'without shortcuts and without churn a lookup takes (N - 1) / 2 forwards on average (and 3 standard errors at most)',
      source: SOURCE,
      applies: (run) => quiet(run) && run.settings.shortcuts === 0 && run.settings.shortcutLinks.length === 0,
      judge: ({ peers, summary: { operations } }) => ({
        measured: operations.locate.hops.mean ?? 0,
        // Distances to the owner are uniform: their standard deviation is N / sqrt 12.
        atMost: (peers - 1) / 2 + (3 * peers) / Math.sqrt(12 * Math.max(1, operations.locate.succeeded)),
      }),
    },
    {
      says: 'with log2 N shortcuts and without churn a lookup takes log2 N forwards on average, or fewer',
      source: SOURCE,
      applies: (run) => quiet(run) && run.peers > 1 && run.settings.shortcuts >= Math.log2(run.peers),
      judge: ({ peers, summary }) => ({ measured: summary.operations.locate.hops.mean ?? 0, atMost: Math.log2(peers) }),
    },
    {
      says: 'without churn every lookup succeeds',
      source: SOURCE,
      applies: quiet,
      judge: ({ summary }) => ({ measured: summary.operations.locate.succeeded / summary.operations.locate.started, atLeast: 1 }),
    },
  ],
});

function check(settings: RingSettings): void {
  checkIdentifiers(settings.identifiers, settings.idBits);
  const { shortcutLinks } = settings;
  if (shortcutLinks.length % 2 !== 0) throw new Problem('protocol.shortcutLinks: expected pairs of identifiers, from and to');
  checkIdentifiers([...new Set(shortcutLinks)], settings.idBits, 'shortcutLinks');
}

/** Nobody comes or goes, and there were lookups to judge. */
function quiet(run: ClaimContext<RingSettings>): boolean {
  return !run.churn && (run.summary.operations.locate?.started ?? 0) > 0;
}
