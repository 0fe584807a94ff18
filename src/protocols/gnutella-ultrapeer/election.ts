/**
 * Who is an ultrapeer ("Ultrapeer Election Principles", RFC-Gnutella 0.6 draft; Singla and Rohrs, "Ultrapeers: Another Step Towards
 * Gnutella Scalability", 2002). Nobody decides for others: a peer that can be called, has bandwidth, and has been there for a while is
 * capable, and becomes one when it hears that more are needed. Chance keeps all who hear it from doing so at once.
 */

import type { Peer } from '../../protocol.js';
import type { UltrapeerSettings } from './settings.js';

/** Whether its line would do. */
export function hasBandwidth({ uplinkBitsPerSecond, downlinkBitsPerSecond }: Peer, settings: UltrapeerSettings): boolean {
  return uplinkBitsPerSecond >= settings.minimumUplinkBitsPerSecond && downlinkBitsPerSecond >= settings.minimumDownlinkBitsPerSecond;
}

/** Share of its leaf slots that are taken at an ultrapeer on the mean, when there are as many as there should be. */
const TAKEN = 0.9;

/** Of all peers, the share that is to be ultrapeers: with so many every leaf has its own, and some slots stay free. */
export function ultrapeerShare({ leaves, leafUltrapeers }: UltrapeerSettings): number {
  const leavesEach = Math.max(1, leaves * TAKEN) / leafUltrapeers;
  return 1 / (1 + leavesEach);
}
