/** What the paper says of lookups, judged in every run in which nobody comes or goes. */

import type { Claim, ClaimContext } from '../../protocol.js';
import type { KademliaSettings } from './settings.js';

const PAPER = 'Maymounkov and Mazières, "Kademlia", IPTPS 2002';

export const claims: readonly Claim<KademliaSettings>[] = [
  {
    says: 'without churn a lookup takes at most log2 N / b hops on average, rounded up',
    source: `${PAPER}, sections 3 and 4.2`,
    applies: quiet,
    judge: ({ summary, peers, settings }) => ({
      measured: summary.operations.locate.hops.mean ?? 0,
      atMost: Math.max(1, Math.ceil(Math.log2(peers) / settings.bitsPerHop)),
    }),
  },
  {
    says: 'without churn a value that was stored is always found',
    source: `${PAPER}, section 3`,
    applies: quiet,
    judge: ({ summary }) => ({ measured: summary.operations.locate.succeeded / summary.operations.locate.started, atLeast: 1 }),
  },
];

/** Nobody comes or goes, and there were lookups to judge. */
function quiet(run: ClaimContext<KademliaSettings>): boolean {
  return !run.churn && (run.summary.operations.locate?.started ?? 0) > 0;
}
