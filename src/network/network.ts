/**
 * What happens between send and receive (stops 3, 4 and 7 of a message's way). Each access link is one clock per direction: the time
 * at which it has passed on everything it holds. A packet waits for its sender's uplink, travels the path, and waits for its
 * receiver's downlink; an idle downlink adds nothing beyond its own slowness (cut-through), so an unloaded transfer takes
 * latency + size / min(uplink rate, downlink rate).
 *
 * The uplink's part runs in the sender's shard, in the sender's order of events; the downlink's part in the receiver's.
 */

import { Stream } from '../kernel/random.js';
import {
  classOf,
  DOWNLINK_BYTES_PER_MS,
  DOWNLINK_FREE_AT,
  type PeerTable,
  PLACE,
  QUEUE_BYTES,
  ROW_F64,
  ROW_U32,
  siteOf,
  UPLINK_BYTES_PER_MS,
  UPLINK_FREE_AT,
} from './peer-table.js';
import type { Topology } from './topology.js';

/** A packet goes on: it is due at the time in `due`. */
export const PASSES = 0;
/** It has to wait for the downlink until the time in `due`. */
export const WAITS = 1;
/** It is dropped: -1 - verdict is the index of the reason in DROP_REASONS (metrics/measures.ts). */
export const DROPPED_UPLINK_FULL = -1;
export const DROPPED_LOST = -2;
export const DROPPED_NO_SUCH_ADDRESS = -3;
export const DROPPED_DOWNLINK_FULL = -4;
export const DROPPED_PEER_DOWN = -5;

export class Network {
  /**
   * When the packet of the last verdict is due, in ms. It and the clock are arrays of one element because V8 puts a double that
   * crosses a call on the heap, and this is called for every packet.
   */
  readonly due = new Float64Array(1);
  private readonly clock: Float64Array;
  private readonly table: PeerTable;
  private readonly sites: number;
  private readonly siteLatencyMs: Float64Array;
  private readonly accessLatencyMs: Float64Array;
  private readonly downlinkBytesPerMs: Float64Array;
  private readonly jitter: number;
  private readonly loss: number;
  private readonly seed: number;
  /** Chance comes from the sender's own stream, so that it does not depend on who else sends. */
  private readonly streams: Stream[] = [];

  /** @param clock one element: the time now, in ms */
  constructor(topology: Topology, table: PeerTable, clock: Float64Array, seed: number) {
    this.clock = clock;
    this.table = table;
    this.sites = topology.sites.length;
    this.siteLatencyMs = topology.latencyMs;
    this.accessLatencyMs = Float64Array.from(topology.classes, (access) => access.latencyMs);
    this.downlinkBytesPerMs = Float64Array.from(topology.classes, (access) => access.downlinkBitsPerSecond / 8000);
    this.jitter = topology.jitter;
    this.loss = topology.loss;
    this.seed = seed;
  }

  /**
   * One packet of `size` bytes leaves `source` now. PASSES: its last byte would reach `destination` at `due` over an idle downlink; or
   * a reason to drop it.
   */
  depart(source: number, destination: number, size: number): number {
    const now = this.clock[0];
    const f64 = this.table.f64;
    const row = source * ROW_F64;
    const uplink = f64[row + UPLINK_BYTES_PER_MS];
    let start = now;
    let transferMs = 0;
    if (uplink !== Infinity) {
      const free = f64[row + UPLINK_FREE_AT];
      if (free > now) {
        if ((free - now) * uplink + size > f64[row + QUEUE_BYTES]) return DROPPED_UPLINK_FULL;
        start = free;
      }
      transferMs = size / uplink;
      f64[row + UPLINK_FREE_AT] = start + transferMs;
    }
    const from = this.table.u32[source * ROW_U32 + PLACE];
    const to = this.table.places[destination];
    const downlink = this.downlinkBytesPerMs[classOf(to)];
    if (downlink < uplink) transferMs = size / downlink;
    let latencyMs =
      this.siteLatencyMs[siteOf(from) * this.sites + siteOf(to)] + this.accessLatencyMs[classOf(from)] + this.accessLatencyMs[classOf(to)];
    if (this.loss > 0 && this.stream(source).next() < this.loss) return DROPPED_LOST;
    if (this.jitter > 0) latencyMs += latencyMs * this.jitter * this.stream(source).next();
    this.due[0] = start + latencyMs + transferMs;
    return PASSES;
  }

  /**
   * The packet's last byte is due at `destination` now. PASSES: the downlink was idle; WAITS: it has passed the packet on at `due`; or
   * DROPPED_DOWNLINK_FULL.
   */
  arrive(destination: number, size: number): number {
    const now = this.clock[0];
    const f64 = this.table.f64;
    const row = destination * ROW_F64;
    const downlink = f64[row + DOWNLINK_BYTES_PER_MS];
    if (downlink === Infinity) return PASSES;
    const free = f64[row + DOWNLINK_FREE_AT];
    const done = free + size / downlink;
    if (done <= now) {
      f64[row + DOWNLINK_FREE_AT] = now;
      return PASSES;
    }
    if ((free - now) * downlink + size > f64[row + QUEUE_BYTES]) return DROPPED_DOWNLINK_FULL;
    f64[row + DOWNLINK_FREE_AT] = done;
    this.due[0] = done;
    return WAITS;
  }

  private stream(source: number): Stream {
    let stream = this.streams[source];
    if (stream === undefined) {
      stream = new Stream(this.seed, source, 'network');
      this.streams[source] = stream;
    }
    return stream;
  }
}

/** Smallest latency in ms that any packet between these two sites can have; added up as `depart` does, so that no rounding undercuts it. */
export function leastLatencyMs(topology: Topology, from: number, to: number): number {
  const access = Math.min(...topology.classes.map((each) => each.latencyMs));
  return topology.latencyMs[from * topology.sites.length + to] + access + access;
}
