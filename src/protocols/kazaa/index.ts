/**
 * KaZaA (FastTrack, 2001): a cross between Napster and Gnutella. Peers with bandwidth that stay are supernodes; everybody else is the
 * descendant of one, the nearest of a few it has pinged. A supernode indexes what its descendants share and answers their queries; when
 * it has too few matches it asks a subset of the other supernodes, itself. So a query costs a handful of messages, weak peers carry
 * none of it, and no machine is needed by all.
 *
 * KaZaA's protocol is secret. This one follows what courses and measurements say: Liang, Kumar, Ross, "The FastTrack overlay: a
 * measurement study" (Computer Networks 50, 2006), and giFT-FastTrack's authors. Not known, and designed here: how a peer becomes a
 * supernode. Here an overfull supernode promotes its best descendant and hands half of the others over, and one that has few retires.
 * Left out: keys and encryption, the login server, the profile of a query (kind of medium, size, bit rate).
 *
 * Hops count requests forwarded until an index that knows: 1 to the own supernode, 2 to another; one less for a supernode's own user.
 */

import { type ClaimContext, defineProtocol } from '../../protocol.js';
import { converge } from './converge.js';
import { Kazaa } from './kazaa.js';
import { MESSAGES, sizeOf } from './messages.js';
import { checkSettings, type KazaaSettings, SETTINGS } from './settings.js';

const MEASURED = 'Liang, Kumar, Ross, "The FastTrack overlay: a measurement study", Computer Networks 50(6), 2006';

const sentOf = ({ summary }: ClaimContext<KazaaSettings>, type: string): number =>
  (summary.messagesByType as Record<string, { messages: number }> | undefined)?.[type]?.messages ?? 0;

export default defineProtocol({
  about: 'KaZaA: supernodes index what their descendants share, and ask each other',
  source: MEASURED,
  settings: SETTINGS,
  messages: MESSAGES,
  services: ['locate'],
  locatesBy: 'words',
  sizeOf,
  create(peer, settings) {
    checkSettings(settings);
    return new Kazaa(peer, settings);
  },
  converge,
  claims: [
    {
      says: 'a query goes to the own supernode and from there to others, never further',
      source: MEASURED,
      applies: ({ summary }) => summary.operations.locate?.hops.max != null,
      judge: ({ summary }) => ({ measured: summary.operations.locate.hops.max ?? 0, atMost: 2 }),
    },
    {
      says: 'a query is forwarded to as many supernodes as the settings allow at most',
      source: MEASURED,
      applies: (run) => !run.churn && run.summary.operations.locate?.started > 0,
      judge: (run) => ({
        measured: sentOf(run, 'forward') / run.summary.operations.locate.started,
        atMost: run.settings.subset * run.settings.rounds,
      }),
    },
  ],
});
