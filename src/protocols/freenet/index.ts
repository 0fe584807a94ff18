/**
 * Freenet: data are stored wherever they are asked for, requests find their way by the likeness of keys, and nobody learns who published
 * or who asks. Clarke, Sandberg, Wiley, Hong, "Freenet: a distributed anonymous information storage and retrieval system" (Designing
 * Privacy Enhancing Technologies, LNCS 2009, 2000), as it was before version 0.7; measured there, and by Hong in "Peer-to-Peer" (ed.
 * Oram, O'Reilly 2001), chapter 14. With `links: small-world` or `uniform` tables are fixed, and show why it works (Kleinberg, STOC 2000;
 * Sandberg, "Searching in a small world", 2005).
 *
 * What it comes to in the service `locate`, which asks who has an item. Freenet has no such question: it brings the data, from anywhere,
 * and hides who put them there. Here the data are sealed records of the publishers' addresses, which the reader opens and forwarders
 * cannot (datastore.ts); no header names origin or destination. So an answer means what it means in other systems, and what the paper
 * promises is kept towards everybody but the reader. Publishing inserts a record; publishing again renews it; one that is not renewed is
 * void in the end, because unlike a file a pointer goes stale. Nothing can be taken back: the record of a publisher that left remains.
 *
 * Hops: peers that took the request up until one had the data, side tracks counted (the paper's request pathlength); of a failed request,
 * its full hops-to-live.
 *
 * Differs from the original: datagrams, with acknowledgement and one repeat, instead of TCP; an insert carries its data from the start
 * (two passes fewer), so peers on its side tracks store them as well, and does not end where it meets its key, since the records of
 * several publishers belong together; answers count their hops exactly, where the paper's depth is blurred: who gets one learns how far
 * away a copy was, not the publisher. Requests and inserts have no depth, because answers need no hops-to-live: each goes one hop, to who
 * asked. Files themselves, encryption and the kinds of keys are left out.
 */

import { defineProtocol } from '../../protocol.js';
import { converge } from './converge.js';
import { Freenet } from './freenet.js';
import { MESSAGES, sizeOf } from './messages.js';
import { checkSettings, type FreenetSettings, requestHtl, SETTINGS } from './settings.js';

const PAPER = 'Clarke, Sandberg, Wiley, Hong, "Freenet", LNCS 2009, 2000';

let checked: FreenetSettings | undefined;

export default defineProtocol<Freenet, typeof SETTINGS>({
  about: 'Freenet: requests follow the likeness of keys, data stay where they pass, nobody learns who asks or who published',
  source: PAPER,
  settings: SETTINGS,
  messages: MESSAGES,
  services: ['locate'],
  sizeOf,
  create(peer, settings) {
    if (settings !== checked) checkSettings(settings);
    checked = settings;
    return new Freenet(peer, settings);
  },
  converge,
  claims: [
    {
      says: 'a request is taken up by no more peers than its hops-to-live, on average',
      source: `${PAPER}, section 4`,
      applies: ({ summary }) => summary.operations.locate?.hops.mean != null,
      judge: ({ settings, summary }) => ({ measured: summary.operations.locate.hops.mean ?? 0, atMost: requestHtl(settings) }),
    },
  ],
});
