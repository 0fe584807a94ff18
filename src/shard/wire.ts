/**
 * The way of a packet, whatever it carries: out through the sender's gateway and uplink and over the path, into this shard's queue or
 * another's outbox; and when it is due, through the receiver's downlink and gateway. A packet is a record of the event queue. What it
 * means is for `Mail` (datagrams) and `Transport` (segments of connections).
 */

import {
  DESTINATION,
  type EventQueue,
  F64_STRIDE,
  KIND,
  LENGTH,
  PORTS,
  SENT_AT,
  SEQUENCE,
  SIZE,
  SOURCE,
  TIME,
  U32_STRIDE,
} from '../kernel/event-queue.js';
import { addressOf, peerAt } from '../network/address.js';
import { CONNECTION, DATAGRAM, type Translation } from '../network/nat.js';
import { AT_BOTTLENECK, DROPPED_CORRUPTED, DROPPED_NO_SUCH_ADDRESS, HELD, type Network, PASSES } from '../network/network.js';
import { type PeerTable, SEQUENCE as ROW_SEQUENCE, ROW_U32, shardOf } from '../network/peer-table.js';
import type { Address, Message } from '../protocol.js';
import type { Codec } from './codec.js';
import { AT_EGRESS, AT_INGRESS, MESSAGE_ARRIVING, MESSAGE_DUE, SEGMENT, STAGE_MASK, WAITED } from './event-kinds.js';
import { OUT_U32, Outbox } from './outbox.js';

/** Flags in a packet's LENGTH word, above the 24 bits of the length. */
export const LENGTH_MASK = 0xffffff;
const REALM_SHIFT = 24; // 2 bits: see nat.ts
const REALM_MASK = 3 << REALM_SHIFT;
export const CORRUPTED = 1 << 26;
/** Between two peers behind one gateway, both ways of the local network together, in ms. */
const HOME_LATENCY_MS = 1;

/** Who takes packets that are through, and hears of those that are not. The record is theirs then. */
export interface Endpoint {
  /** @param receiver the peer it is for; @param from its sender's address as the receiver sees it */
  take(id: number, receiver: number, from: Address): void;
  /** A packet is not going to arrive, for this reason: seen on its way, or where it would have arrived. */
  lose(id: number, verdict: number): void;
}

export class Wire {
  /** Packets for each other shard, filled during a window. */
  readonly outboxes: readonly Outbox[];
  /** No packet to another shard may be due before this: the end of the current window. */
  windowEndMs = 0;
  readonly network: Network;
  readonly nat: Translation | null;
  /** By peer: 0 for those with no gateway before them; null when there are no gateways. */
  private readonly homes: Uint32Array | null;
  /** Takes datagrams, and segments; set once, by whoever makes them. */
  mail!: Endpoint;
  transport!: Endpoint & {
    /** Whether the segment has to queue for the downlink: then the record is the transport's. */
    queues(id: number, line: number): boolean;
    /** A segment that queued is through. */
    through(id: number): void;
  };
  /** Copies of datagrams that the network made on its own. */
  duplicated = 0;

  private readonly clock: Float64Array;
  private readonly queue: EventQueue;
  private readonly table: PeerTable;
  private readonly codec: Codec;
  private readonly peers: number;
  private readonly shard: number;
  private readonly shared: boolean;
  private readonly seed: number;
  private readonly duplicate: number;
  /** Records that a fault holds. */
  private held: number[] = [];

  constructor(given: {
    readonly clock: Float64Array;
    readonly queue: EventQueue;
    readonly table: PeerTable;
    readonly codec: Codec;
    readonly network: Network;
    readonly nat: Translation | null;
    readonly homes: Uint32Array | null;
    readonly shard: number;
    readonly shards: number;
    readonly seed: number;
    readonly duplicate: number;
  }) {
    this.clock = given.clock;
    this.queue = given.queue;
    this.table = given.table;
    this.codec = given.codec;
    this.network = given.network;
    this.nat = given.nat;
    this.homes = given.homes;
    this.peers = given.table.peers;
    this.shard = given.shard;
    this.shared = given.shards > 1;
    this.seed = given.seed;
    this.duplicate = given.duplicate;
    this.outboxes = Array.from({ length: given.shards }, () => new Outbox());
  }

  /**
   * A packet leaves for `to`; its record is filled but for TIME, DESTINATION and PORTS. PASSES: it is on its way; otherwise it is lost,
   * and the record still the caller's. An address that is no number is the caller's to refuse.
   * @param peer who has that address on the open network, if the caller knows; else -1
   */
  leave(id: number, to: Address, peer: number): number {
    const at = id * U32_STRIDE;
    const { u32 } = this.queue;
    const source = u32[at + SOURCE];
    const segment = u32[at + KIND] & SEGMENT;
    const { homes } = this;
    let destination = peer >= 0 ? peer : peerAt(to);
    const exists = destination >= 0 && destination < this.peers && Number.isInteger(destination);
    // Most pairs of peers, even where there are gateways, have none between them.
    if (homes === null || (exists && homes[source] === 0 && homes[destination] === 0)) {
      if (!exists) return DROPPED_NO_SUCH_ADDRESS;
      u32[at + DESTINATION] = destination;
      if (destination === source) return this.toOneself(id);
    } else {
      const nat = this.nat!;
      const verdict = nat.outbound(source, to, segment === 0 ? DATAGRAM : CONNECTION);
      if (verdict !== PASSES) return verdict;
      destination = nat.destination;
      u32[at + DESTINATION] = destination;
      u32[at + PORTS] = nat.ports;
      u32[at + LENGTH] = (u32[at + LENGTH] & ~REALM_MASK) | (nat.realm << REALM_SHIFT);
      if (this.network.lineOf(destination) === this.network.lineOf(source)) return this.withinTheHome(id);
    }
    return this.send(id, this.network.depart(source, destination, u32[at + SIZE], segment !== 0));
  }

  /** A packet event is due. Either it goes on to the next stop, or it has arrived, or it is lost. */
  handle(id: number, kind: number): void {
    const { queue, network } = this;
    const at = id * U32_STRIDE;
    const { u32 } = queue;
    const destination = u32[at + DESTINATION];
    switch (kind & STAGE_MASK) {
      case AT_EGRESS: {
        const verdict = this.send(id, network.egress(u32[at + SOURCE], destination, u32[at + SIZE]));
        if (verdict !== PASSES) this.endpoint(kind).lose(id, verdict);
        return;
      }
      case AT_INGRESS: {
        const verdict = network.ingress(destination, u32[at + SIZE]);
        if (verdict === PASSES) this.enqueue(id, network.due[0], MESSAGE_ARRIVING);
        else this.endpoint(kind).lose(id, verdict);
        return;
      }
      case MESSAGE_ARRIVING: {
        if (kind & SEGMENT) {
          if (this.transport.queues(id, network.lineOf(destination))) return;
        } else {
          const verdict = network.arrive(destination, u32[at + SIZE], false);
          if (verdict > PASSES) {
            this.enqueue(id, network.due[0], MESSAGE_DUE);
            return;
          }
          if (verdict < PASSES) {
            this.mail.lose(id, verdict);
            return;
          }
        }
        this.enter(id, kind);
        return;
      }
      default:
        if (kind & WAITED) this.transport.through(id);
        this.enter(id, kind);
    }
  }

  /** A packet is through the downlink: through the gateways, if there are any, to whom it is for. */
  enter(id: number, kind: number): void {
    const at = id * U32_STRIDE;
    const { u32 } = this.queue;
    const source = u32[at + SOURCE];
    let receiver = u32[at + DESTINATION];
    const endpoint = this.endpoint(kind);
    if (u32[at + LENGTH] & CORRUPTED && kind & SEGMENT) {
      endpoint.lose(id, DROPPED_CORRUPTED);
      return;
    }
    const ports = u32[at + PORTS];
    if (ports === 0) {
      endpoint.take(id, receiver, addressOf(source));
      return;
    }
    const nat = this.nat!;
    const realm = (u32[at + LENGTH] & REALM_MASK) >>> REALM_SHIFT;
    if (this.homes![receiver] !== 0) {
      const verdict = nat.inbound(source, receiver, ports, realm, kind & SEGMENT ? CONNECTION : DATAGRAM);
      if (verdict !== PASSES) {
        endpoint.lose(id, verdict);
        return;
      }
      receiver = nat.receiver;
    }
    endpoint.take(id, receiver, nat.seenAs(source, ports, realm));
  }

  /** A packet from another shard: its times at `d` in `f64`, the words of its event at `w` in `u32`; due in a later window. */
  receive(f64: Float64Array, d: number, u32: Uint32Array, w: number, message: Message | null): void {
    const { queue } = this;
    const id = queue.allocate(message);
    queue.f64[id * F64_STRIDE + TIME] = f64[d];
    queue.f64[id * F64_STRIDE + SENT_AT] = f64[d + 1];
    const at = id * U32_STRIDE + DESTINATION;
    for (let word = 0; word < OUT_U32; word++) queue.u32[at + word] = u32[w + word];
    queue.enqueue(id);
  }

  /** A fault that held packets is over: they go on, in the order they came. Those still held by another stay. */
  releaseHeld(): void {
    const held = this.held;
    this.held = [];
    for (const id of held) {
      const at = id * U32_STRIDE;
      const { u32 } = this.queue;
      const verdict = this.send(id, this.network.across(u32[at + SOURCE], u32[at + DESTINATION]));
      if (verdict === PASSES) continue;
      u32[at + KIND] = (u32[at + KIND] & ~STAGE_MASK) | AT_EGRESS; // it has not left its sender's shard
      this.endpoint(u32[at + KIND]).lose(id, verdict);
    }
  }

  /** Records of packets that are in no queue: for the books. */
  forEachHeld(visit: (id: number) => void): void {
    this.held.forEach(visit);
  }

  /** Puts a record into the queue of the shard that its DESTINATION lives in; its TIME is set. */
  commit(id: number): void {
    const { queue } = this;
    const shard = shardOf(this.table.places[queue.u32[id * U32_STRIDE + DESTINATION]]);
    if (!this.shared || shard === this.shard) {
      queue.enqueue(id);
      return;
    }
    const time = queue.f64[id * F64_STRIDE + TIME];
    if (time < this.windowEndMs) {
      throw new Error(
        `a packet to another shard is due at ${time} ms, inside the window that ends at ${this.windowEndMs} (seed ${this.seed})`,
      );
    }
    this.outboxes[shard].add(queue, id, this.codec);
    queue.release(id);
  }

  private send(id: number, verdict: number): number {
    if (verdict === PASSES) {
      const at = id * U32_STRIDE;
      const { u32 } = this.queue;
      if (this.network.corrupted) u32[at + LENGTH] |= CORRUPTED;
      const stage = this.network.underlay?.hasIngress(u32[at + SOURCE], u32[at + DESTINATION]) ? AT_INGRESS : MESSAGE_ARRIVING;
      u32[at + KIND] = (u32[at + KIND] & ~STAGE_MASK) | stage;
      this.queue.f64[id * F64_STRIDE + TIME] = this.network.due[0];
      if (this.duplicate > 0 && !(u32[at + KIND] & SEGMENT)) this.perhapsTwice(id);
      this.commit(id);
      return PASSES;
    }
    if (verdict === AT_BOTTLENECK) {
      this.enqueue(id, this.network.due[0], AT_EGRESS);
      return PASSES;
    }
    if (verdict === HELD) {
      this.held.push(id);
      return PASSES;
    }
    return verdict;
  }

  /** The network itself sends some datagrams twice: the copy is one more packet, with a number of its own. */
  private perhapsTwice(id: number): void {
    const { queue } = this;
    const source = queue.u32[id * U32_STRIDE + SOURCE];
    if (this.network.stream(source).next() >= this.duplicate) return;
    const copy = queue.allocate(queue.payloads[id]);
    queue.f64.copyWithin(copy * F64_STRIDE, id * F64_STRIDE, (id + 1) * F64_STRIDE);
    queue.u32[copy * U32_STRIDE + SEQUENCE] = this.table.u32[source * ROW_U32 + ROW_SEQUENCE]++;
    this.duplicated++;
    this.commit(copy);
  }

  /** What is sent to oneself has no link to pass. */
  private toOneself(id: number): number {
    this.enqueue(id, this.clock[0], MESSAGE_DUE);
    return PASSES;
  }

  /** Between peers behind one gateway nothing passes the access link. */
  private withinTheHome(id: number): number {
    this.enqueue(id, this.clock[0] + HOME_LATENCY_MS, MESSAGE_DUE);
    return PASSES;
  }

  private enqueue(id: number, time: number, stage: number): void {
    const { queue } = this;
    queue.f64[id * F64_STRIDE + TIME] = time;
    const at = id * U32_STRIDE + KIND;
    queue.u32[at] = (queue.u32[at] & ~STAGE_MASK) | stage;
    queue.enqueue(id);
  }

  private endpoint(kind: number): Endpoint {
    return kind & SEGMENT ? this.transport : this.mail;
  }
}
