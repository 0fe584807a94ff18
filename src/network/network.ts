/**
 * What happens between send and receive (stops 3, 4 and 7 of a packet's way). Each access link is one clock per direction: the time
 * at which it has passed on everything it holds. A packet waits for its sender's uplink, travels the path, and waits for its
 * receiver's downlink; an idle downlink adds nothing beyond its own slowness (cut-through), so an unloaded transfer takes
 * latency + size / min(uplink rate, downlink rate).
 *
 * The uplink's part runs in the sender's shard, in the sender's order of events; the downlink's part in the receiver's.
 */

import { Stream } from '../kernel/random.js';
import { type Disturbances, HELD } from './disturbances.js';
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
import { Underlay } from './underlay.js';

/** A packet goes on: it is due at the time in `due`. */
export const PASSES = 0;
/** It has to wait for the downlink until the time in `due`. */
export const WAITS = 1;
export { HELD };
/** It is at the bottleneck that its site shares with others, at the time in `due`. */
export const AT_BOTTLENECK = 3;
/** It is dropped: -1 - verdict is the index of the reason in DROP_REASONS (metrics/measures.ts). */
export const DROPPED_UPLINK_FULL = -1;
export const DROPPED_LOST = -2;
export const DROPPED_NO_SUCH_ADDRESS = -3;
export const DROPPED_DOWNLINK_FULL = -4;
export const DROPPED_PEER_DOWN = -5;
export const DROPPED_UPLINK_CODEL = -6;
export const DROPPED_DOWNLINK_CODEL = -7;
export const DROPPED_SITE_FULL = -8;
export const DROPPED_PATH_FULL = -9;
export const DROPPED_BY_FAULT = -10;
export const DROPPED_CORRUPTED = -11;
export const DROPPED_DATAGRAMS_BLOCKED = -12;
export const DROPPED_NO_MAPPING = -13;
export const DROPPED_FILTERED = -14;
export const DROPPED_NO_HAIRPIN = -15;
export const DROPPED_PORTS_EXHAUSTED = -16;
/** A segment of a connection that one side has forgotten, or that ended with it. */
export const DROPPED_NO_CONNECTION = -17;

export class Network {
  /**
   * When the packet of the last verdict is due, in ms. It and the clock are arrays of one element because V8 puts a double that
   * crosses a call on the heap, and this is called for every packet.
   */
  readonly due = new Float64Array(1);
  /** What is more than latency, jitter and loss between sites; null when the topology has no such thing. */
  readonly underlay: Underlay | null;
  private readonly clock: Float64Array;
  private readonly table: PeerTable;
  /** By peer: whose record holds its access link; null: everybody has one of their own. */
  private readonly lines: Uint32Array | null;
  private readonly disturbances: Disturbances;
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
  constructor(
    topology: Topology,
    table: PeerTable,
    clock: Float64Array,
    seed: number,
    disturbances: Disturbances,
    lines: Uint32Array | null = null,
  ) {
    this.clock = clock;
    this.table = table;
    this.lines = lines;
    this.disturbances = disturbances;
    this.sites = topology.sites.length;
    this.siteLatencyMs = topology.latencyMs;
    this.accessLatencyMs = Float64Array.from(topology.classes, (access) => access.latencyMs);
    this.downlinkBytesPerMs = Float64Array.from(topology.classes, (access) => access.downlinkBitsPerSecond / 8000);
    this.jitter = topology.jitter;
    this.loss = topology.loss;
    this.seed = seed;
    this.underlay = Underlay.isNeeded(topology) ? new Underlay(topology, table) : null;
  }

  /** Whose record holds the access link of this peer. */
  lineOf(peer: number): number {
    return this.lines === null ? peer : this.lines[peer];
  }

  /**
   * One packet of `size` bytes leaves `source` now. PASSES: its last byte would reach `destination` at `due` over an idle downlink;
   * AT_BOTTLENECK: it goes on with `egress` at `due`; HELD: with `across` when the fault ends; or a reason to drop it. What a
   * connection sends is `patient`: its sender waits instead of overflowing its own queue.
   */
  depart(source: number, destination: number, size: number, patient: boolean): number {
    const now = this.clock[0];
    const f64 = this.table.f64;
    const row = (this.lines === null ? source : this.lines[source]) * ROW_F64;
    const uplink = f64[row + UPLINK_BYTES_PER_MS];
    let start = now;
    let transferMs = 0;
    if (uplink !== Infinity) {
      const free = f64[row + UPLINK_FREE_AT];
      if (free > now) {
        if (!patient && (free - now) * uplink + size > f64[row + QUEUE_BYTES]) return DROPPED_UPLINK_FULL;
        start = free;
      }
      if (!patient && this.underlay?.uplinkDrops(row / ROW_F64, start, start - now, uplink, size)) return DROPPED_UPLINK_CODEL;
      transferMs = size / uplink;
      f64[row + UPLINK_FREE_AT] = start + transferMs;
    }
    if (this.underlay?.hasEgress(source, destination)) {
      this.due[0] = start + transferMs;
      return AT_BOTTLENECK;
    }
    const last = this.lastRate(source, destination);
    if (last < uplink) transferMs = size / last;
    return this.travel(source, destination, start + transferMs);
  }

  /** The packet has reached the bottleneck of its sender's site, or of its pair of sites. As `depart`. */
  egress(source: number, destination: number, size: number): number {
    const uplink = this.table.f64[this.lineOf(source) * ROW_F64 + UPLINK_BYTES_PER_MS];
    const slowest = this.underlay!.egress(source, destination, size, uplink, this.clock[0], this.due);
    if (slowest < 0) return slowest === -1 ? DROPPED_SITE_FULL : DROPPED_PATH_FULL;
    const last = this.lastRate(source, destination);
    return this.travel(source, destination, last < slowest ? this.due[0] + size / last - size / slowest : this.due[0]);
  }

  /** The packet has reached the bottleneck of its receiver's site: passes on to the downlink at `due`, or is dropped. */
  ingress(destination: number, size: number): number {
    return this.underlay!.ingress(destination, size, this.clock[0], this.due) ? PASSES : DROPPED_SITE_FULL;
  }

  /** Rate of the slowest line on the receiver's side, in bytes per ms. */
  private lastRate(source: number, destination: number): number {
    const downlink = this.downlinkBytesPerMs[classOf(this.table.places[destination])];
    return this.underlay?.hasIngress(source, destination) ? Math.min(downlink, this.underlay.intoRate(destination)) : downlink;
  }

  /** A packet that was held goes on now. */
  across(source: number, destination: number): number {
    return this.travel(source, destination, this.clock[0]);
  }

  /** The verdict of the path: chance and faults. `readyMs`: when the packet would arrive if there were no latency. */
  private travel(source: number, destination: number, readyMs: number): number {
    const from = this.table.u32[source * ROW_U32 + PLACE];
    const to = this.table.places[destination];
    let latencyMs =
      this.siteLatencyMs[siteOf(from) * this.sites + siteOf(to)] + this.accessLatencyMs[classOf(from)] + this.accessLatencyMs[classOf(to)];
    if (this.underlay === null) {
      if (this.loss > 0 && this.stream(source).next() < this.loss) return DROPPED_LOST;
      if (this.jitter > 0) latencyMs += latencyMs * this.jitter * this.stream(source).next();
    } else {
      latencyMs = this.underlay.path(source, siteOf(from), siteOf(to), latencyMs, this.stream(source));
      if (latencyMs < 0) return DROPPED_LOST;
    }
    if (this.disturbances.active) {
      const verdict = this.disturbances.judge(source, destination, this.stream(source));
      if (verdict !== PASSES) return verdict;
      latencyMs += this.disturbances.extraMs;
    }
    this.due[0] = readyMs + latencyMs;
    return PASSES;
  }

  /** Whether the packet that `depart`, `egress` or `across` let pass last arrives damaged. */
  get corrupted(): boolean {
    return this.disturbances.active && this.disturbances.corrupted;
  }

  /**
   * The packet's last byte is due at `destination` now. PASSES: the downlink was idle; WAITS: it has passed the packet on at `due`; or
   * DROPPED_DOWNLINK_FULL. What a connection sends is `patient`: it has a queue of its own.
   */
  arrive(destination: number, size: number, patient: boolean): number {
    const now = this.clock[0];
    const f64 = this.table.f64;
    const line = this.lines === null ? destination : this.lines[destination];
    const row = line * ROW_F64;
    const downlink = f64[row + DOWNLINK_BYTES_PER_MS];
    if (downlink === Infinity) return PASSES;
    const free = f64[row + DOWNLINK_FREE_AT];
    let done = free + size / downlink;
    if (this.disturbances.slowedDownlinks) {
      // The sender reckoned with the link as it is without the fault: what it is slower comes on top.
      const usual = this.downlinkBytesPerMs[classOf(this.table.places[line])];
      done = Math.max(done, now + size / downlink - size / usual);
    }
    if (done <= now) {
      f64[row + DOWNLINK_FREE_AT] = now;
      return PASSES;
    }
    if (!patient && (free - now) * downlink + size > f64[row + QUEUE_BYTES]) return DROPPED_DOWNLINK_FULL;
    if (!patient && this.underlay?.downlinkDrops(line, Math.max(free, now), Math.max(free - now, 0), downlink, size))
      return DROPPED_DOWNLINK_CODEL;
    f64[row + DOWNLINK_FREE_AT] = done;
    this.due[0] = done;
    return WAITS;
  }

  /** When the uplink of this line has sent what it holds; in the past when it is idle. */
  uplinkFreeAt(line: number): number {
    const row = line * ROW_F64;
    return this.table.f64[row + UPLINK_BYTES_PER_MS] === Infinity ? 0 : this.table.f64[row + UPLINK_FREE_AT];
  }

  /** The same of its downlink. While segments queue for it, this is not in the past. */
  downlinkFreeAt(line: number): number {
    const row = line * ROW_F64;
    return this.table.f64[row + DOWNLINK_BYTES_PER_MS] === Infinity ? 0 : this.table.f64[row + DOWNLINK_FREE_AT];
  }

  /** Bytes that may wait for the downlink of this line. */
  queueBytes(line: number): number {
    return this.table.f64[line * ROW_F64 + QUEUE_BYTES];
  }

  /** Least time that word of a lost packet takes back to its sender, in ms: the plain latency of the path. */
  latencyMs(source: number, destination: number): number {
    const from = this.table.places[source];
    const to = this.table.places[destination];
    return (
      this.siteLatencyMs[siteOf(from) * this.sites + siteOf(to)] + this.accessLatencyMs[classOf(from)] + this.accessLatencyMs[classOf(to)]
    );
  }

  /** The sender's own stream of chance. */
  stream(source: number): Stream {
    let stream = this.streams[source];
    if (stream === undefined) {
      stream = new Stream(this.seed, source, 'network');
      this.streams[source] = stream;
    }
    return stream;
  }
}

/** Smallest latency in ms that any packet between these two sites can have; added up as `travel` does, so that no rounding undercuts it. */
export function leastLatencyMs(topology: Topology, from: number, to: number): number {
  return topology.latencyMs[from * topology.sites.length + to] + leastAccessMs(topology, from) + leastAccessMs(topology, to);
}

/** Of all access links that a peer of this site may have. */
function leastAccessMs({ classes, sites }: Topology, site: number): number {
  const { accessClass } = sites[site];
  if (accessClass !== null) return classes[accessClass].latencyMs;
  return Math.min(...classes.filter(({ share }) => share > 0).map(({ latencyMs }) => latencyMs));
}
