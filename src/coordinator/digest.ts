/** The digest of a run: every peer's own (order-sensitive) digest of its deliveries, added up so that the order of peers is all one. */

import { mix } from '../kernel/random.js';
import { DIGEST_A, DIGEST_B, type PeerTable, ROW_U32 } from '../network/peer-table.js';

/** 16 hexadecimal digits. */
export function digestOf(table: PeerTable): string {
  let high = 0;
  let low = 0;
  for (let peer = 0; peer < table.peers; peer++) {
    const row = peer * ROW_U32;
    high = (high + mix(table.u32[row + DIGEST_A], peer)) >>> 0;
    low = (low + mix(table.u32[row + DIGEST_B], ~peer)) >>> 0;
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
