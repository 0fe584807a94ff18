/**
 * Gnutella 0.6 with ultrapeers: peers with good lines, reachable and long there, become ultrapeers; all others are leaves of a few of
 * them. Only ultrapeers flood queries and are reached by them, so a hundred thousand peers become ten thousand that search, and modems
 * are left alone. RFC-Gnutella 0.6 (draft, Klingberg and Manfredi, 2002); Singla and Rohrs, "Ultrapeers: Another Step Towards Gnutella
 * Scalability" (2002).
 *
 * What differs from the real ones: an ultrapeer knows the names of its leaves' files, where they sent it a table of hashed words (QRP);
 * so no query ever reaches a leaf. And it does not flood what its own index answers (`answersWanted`), which the real ones did with a
 * limit of some 150 results ("dynamic querying").
 *
 * Hops: links from who asks to the ultrapeer that has it in its index; a leaf's own ultrapeer is one hop away.
 */

import { checkLinks } from '../../overlay/links/settings.js';
import { defineProtocol } from '../../protocol.js';
import { converge } from './converge.js';
import { MESSAGES, sizeOf } from './messages.js';
import { UltrapeerServent } from './servent.js';
import { SETTINGS } from './settings.js';

export default defineProtocol({
  about: 'Gnutella 0.6: leaves hang on ultrapeers, which index them and flood queries among themselves',
  source: 'RFC-Gnutella 0.6 (draft), 2002; Singla and Rohrs, "Ultrapeers: Another Step Towards Gnutella Scalability", 2002',
  settings: SETTINGS,
  messages: MESSAGES,
  services: ['locate'],
  locatesBy: 'words',
  sizeOf,
  create(peer, settings) {
    checkLinks(settings);
    return new UltrapeerServent(peer, settings);
  },
  converge,
  claims: [
    {
      says: 'no answer comes from farther than the TTL, and only from ultrapeers',
      source: 'RFC-Gnutella 0.6, message header',
      applies: ({ summary }) => summary.operations.locate?.hops.max != null,
      judge: ({ settings, summary }) => ({ measured: summary.operations.locate.hops.max ?? 0, atMost: settings.ttl }),
    },
  ],
});
