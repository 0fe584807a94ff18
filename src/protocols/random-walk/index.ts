/**
 * Search by random walks in an unstructured overlay: Lv, Cao, Cohen, Li and Shenker, "Search and replication in unstructured
 * peer-to-peer networks" (ICS 2002). Instead of asking everybody near at once, a question sends out k walkers, each of which goes from
 * neighbour to neighbour, one random step at a time and not straight back. Every fourth step a walker asks the origin whether to go on,
 * so that the others stop soon after one has found something, and the TTL (1,024) is only a last resort.
 *
 * `search` chooses the paper's other proposal, floods of growing TTL until one is answered, or a plain flood to compare both with; all
 * three on the same overlay and the same links (overlay/links), which are connections as in Gnutella. Walkers go over links, which lose
 * nothing unless a neighbour crashes with a walker in hand; checks, hits and their answers are datagrams, repeated if need be. Hits go
 * straight to the origin as well: with its address in the question there is no reason to retrace a thousand steps. The paper's
 * replication strategies are the workload's business, not the protocol's.
 *
 * Hops: steps of the walker, or links of the flood, to the provider.
 */

import { wireUp } from '../../overlay/initial-wiring.js';
import { checkLinks } from '../../overlay/links/settings.js';
import { defineProtocol } from '../../protocol.js';
import { MESSAGES, sizeOf } from './messages.js';
import { Searcher } from './searcher.js';
import { SETTINGS, type WalkSettings } from './settings.js';

const PAPER = 'Lv, Cao, Cohen, Li, Shenker, "Search and replication in unstructured peer-to-peer networks", ICS 2002';

export default defineProtocol({
  about: 'random walks: walkers look for the item, one step at a time, and ask every fourth step whether to go on',
  source: PAPER,
  settings: SETTINGS,
  messages: MESSAGES,
  services: ['locate'],
  locatesBy: 'words',
  sizeOf,
  create(peer, settings) {
    checkLinks(settings);
    return new Searcher(peer, settings);
  },
  /** A peer that gets no link joins in the first second. */
  converge: wireUp,
  claims: [
    {
      says: 'no answer comes from farther than the TTL of a walker, a flood or the last ring',
      source: PAPER,
      applies: ({ summary }) => summary.operations.locate?.hops.max != null,
      judge: ({ settings, summary }) => ({ measured: summary.operations.locate.hops.max ?? 0, atMost: reach(settings) }),
    },
    {
      says: 'a question costs at most k walkers times TTL steps, each fourth with a check and its answer',
      source: PAPER,
      applies: ({ settings, summary, churn }) =>
        !churn && settings.search === 'random-walk' && summary.operations.locate?.messages.mean != null,
      judge: ({ settings, summary }) => ({ measured: summary.operations.locate.messages.mean ?? 0, atMost: mostMessages(settings) }),
    },
  ],
});

function reach({ search, ttl, floodTtl, ringGiveUpTtl }: WalkSettings): number {
  return search === 'random-walk' ? ttl : search === 'flood' ? floodTtl : ringGiveUpTtl;
}

/** A report takes two messages, and four through a stand-in; one may be repeated, and every walker may find something. */
function mostMessages({ walkers, ttl, checkEvery, checkRetries }: WalkSettings): number {
  const checks = checkEvery === 0 ? 0 : Math.floor(ttl / checkEvery);
  return 1 + walkers * (ttl + (checks + 1) * 4 * (1 + checkRetries));
}
