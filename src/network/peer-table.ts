/**
 * What the network keeps per peer, in shared memory: one record of 64 bytes, a cache line, holding all that one packet touches, and a
 * word that says where the peer is. All threads see the whole table, each writes only the records of the peers in its shard.
 */

import type { GatewayTable } from './gateways.js';
import type { Topology } from './topology.js';

export const ROW_F64 = 8;
export const ROW_U32 = 16;
/** Offsets in a record: doubles first, then words. */
export const UPLINK_FREE_AT = 0; // ms: when the uplink has sent what it holds
export const DOWNLINK_FREE_AT = 1;
export const UPLINK_BYTES_PER_MS = 2;
export const DOWNLINK_BYTES_PER_MS = 3;
export const QUEUE_BYTES = 4;
export const SEQUENCE = 10; // counts what the peer sent or scheduled
export const HANDLED = 11; // messages handled during `measure`
export const DIGEST_A = 12;
export const DIGEST_B = 13;
export const PLACE = 14; // a copy of the peer's word in `places`, beside its clocks
export const GATEWAY = 15; // its home gateway's number + 1; 0 on the open network

/** Where a peer is, in one word: site in the low 16 bits, access class in the next 8, shard in the high 8. */
export const MAX_SITES = 1 << 16;
export const MAX_CLASSES = 1 << 8;
export const MAX_SHARDS = 1 << 8;
export const siteOf = (place: number) => place & 0xffff;
export const classOf = (place: number) => (place >>> 16) & 0xff;
export const shardOf = (place: number) => place >>> 24;
export const placeOf = (site: number, accessClass: number, shard: number) => ((shard << 24) | (accessClass << 16) | site) >>> 0;

export class PeerTable {
  readonly f64: Float64Array;
  readonly u32: Uint32Array;
  readonly places: Uint32Array;

  constructor(rows: SharedArrayBuffer, places: SharedArrayBuffer) {
    this.f64 = new Float64Array(rows);
    this.u32 = new Uint32Array(rows);
    this.places = new Uint32Array(places);
  }

  get peers(): number {
    return this.places.length;
  }

  /** An empty table; `places` is filled by placement, then `settle` writes the records. */
  static create(peers: number): PeerTable {
    return new PeerTable(new SharedArrayBuffer(peers * ROW_F64 * 8), new SharedArrayBuffer(peers * 4));
  }

  /** Writes each peer's link rates, place and gateway into its record. */
  settle(topology: Topology, gateways: GatewayTable | null = null): void {
    for (let peer = 0; peer < this.peers; peer++) {
      const access = topology.classes[classOf(this.places[peer])];
      const row = peer * ROW_F64;
      this.f64[row + UPLINK_BYTES_PER_MS] = access.uplinkBitsPerSecond / 8000;
      this.f64[row + DOWNLINK_BYTES_PER_MS] = access.downlinkBitsPerSecond / 8000;
      this.f64[row + QUEUE_BYTES] = access.queueBytes;
      this.u32[peer * ROW_U32 + PLACE] = this.places[peer];
      this.u32[peer * ROW_U32 + GATEWAY] = gateways === null ? 0 : gateways.ofPeers[peer];
    }
  }
}
