/**
 * Gnutella 0.4 (Frankel and Pepper, 2000): no server, no structure. A peer finds a few neighbours through a host cache, floods its
 * queries over them, and answers come back the way the question went. Simple and robust, and every query costs a message on nearly every
 * link within its reach. "The Gnutella Protocol Specification v0.4" (Clip2, 2000); measured by Ripeanu and Foster (IPTPS 2002).
 *
 * Links are connections, as the real ones were over TCP; nobody speaks by datagrams. Pings go two hops by default, not seven as
 * specified: from 2,000 peers of degree 4, one flood of seven hops a minute each is some 28 million messages a minute (two hops:
 * 88,000). `pingTtl: 7` shows it. Downloads go from peer to peer, over connections of their own. A provider that cannot be called says so
 * in its hit, and is asked by a push, which goes the way of the hit backwards, to call the one who wants the file.
 */

import { wireUp } from '../../overlay/initial-wiring.js';
import { checkLinks } from '../../overlay/links/settings.js';
import { type ClaimContext, defineProtocol } from '../../protocol.js';
import { MESSAGES, sizeOf } from './messages.js';
import { Servent } from './servent.js';
import { type GnutellaSettings, SETTINGS } from './settings.js';

/** Most query messages of one flood when nobody has more than `degree` neighbours: on a tree, and when everybody is reached. */
export function floodBound(degree: number, ttl: number, peers = Number.POSITIVE_INFINITY): number {
  let onTree = 0;
  for (let hop = 0, width = degree; hop < ttl; hop++, width *= degree - 1) onTree += width;
  return Math.min(onTree, degree + (peers - 1) * (degree - 1));
}

const queriesSent = ({ summary }: ClaimContext<GnutellaSettings>): number | undefined =>
  (summary.messagesByType as Record<string, { messages: number }> | undefined)?.query?.messages;

export default defineProtocol({
  about: 'Gnutella 0.4: queries flooded over a random overlay, hits on the way back',
  source: 'The Gnutella Protocol Specification v0.4, Clip2, 2000',
  settings: SETTINGS,
  messages: MESSAGES,
  services: ['locate'],
  locatesBy: 'words',
  sizeOf,
  create(peer, settings) {
    checkLinks(settings);
    return new Servent(peer, settings);
  },
  /** A peer that gets no link joins in the first second. */
  converge: wireUp,
  claims: [
    {
      says: 'no answer comes from farther than the TTL',
      source: 'The Gnutella Protocol Specification v0.4, descriptor header',
      applies: ({ summary }) => summary.operations.locate?.hops.max != null,
      judge: ({ settings, summary }) => ({ measured: summary.operations.locate.hops.max ?? 0, atMost: settings.ttl }),
    },
    {
      says: 'a flood sends at most d (d-1)^i queries over hop i + 1, and every peer forwards it once',
      source: 'Ritter, "Why Gnutella can\'t scale. No, really", 2001',
      applies: (run) =>
        !run.churn &&
        !['barabasi-albert', 'tree', 'file'].includes(run.settings.wiring) &&
        queriesSent(run) !== undefined &&
        run.summary.operations.locate?.started > 0,
      judge: (run) => ({
        measured: (queriesSent(run) as number) / run.summary.operations.locate.started,
        atMost: floodBound(Math.max(run.settings.degree, run.settings.maximumNeighbours), run.settings.ttl, run.peers),
      }),
    },
  ],
});
