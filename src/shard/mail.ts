/**
 * The way of a message through a shard (stops 2 to 7): stamped, counted, sent through the network into the queue or an outbox; and when
 * it is due, through the receiver's downlink to its protocol, with the digest and the histograms that it leaves behind.
 */

import {
  CAUSE,
  DESTINATION,
  type EventQueue,
  F64_STRIDE,
  KIND,
  SENT_AT,
  SEQUENCE,
  SIZE,
  SOURCE,
  TIME,
  U32_STRIDE,
} from '../kernel/event-queue.js';
import type { Meter } from '../metrics/meter.js';
import { addressOf, formatAddress, peerAt } from '../network/address.js';
import { DROPPED_NO_SUCH_ADDRESS, DROPPED_PEER_DOWN, Network, PASSES, WAITS } from '../network/network.js';
import { DIGEST_A, DIGEST_B, HANDLED, type PeerTable, SEQUENCE as ROW_SEQUENCE, ROW_U32, shardOf } from '../network/peer-table.js';
import { Problem } from '../problem.js';
import type { Address, Message, Protocol, ProtocolDefinition } from '../protocol.js';
import { blame } from './blame.js';
import type { Chronicle } from './chronicle.js';
import type { Codec } from './codec.js';
import { KIND_BITS, KIND_MASK, MESSAGE_ARRIVING, MESSAGE_DUE } from './event-kinds.js';
import type { ShardConfig } from './messages.js';
import { OUT_U32, Outbox } from './outbox.js';
import type { Session } from './session.js';
import type { Shard } from './shard.js';

/** Largest UDP payload over IPv4 (RFC 768, 791), in bytes. */
const MAX_PAYLOAD_BYTES = 65_507;

/** What mail shares with the rest of its shard. */
interface Shared {
  readonly codec: Codec;
  readonly queue: EventQueue;
  readonly table: PeerTable;
  readonly chronicle: Chronicle;
}

export class Mail {
  /** Messages for each other shard, filled during a window. */
  readonly outboxes: readonly Outbox[];
  readonly codec: Codec;
  /** No message to another shard may be due before this: the end of the current window. */
  windowEndMs = 0;
  inFlight = 0;
  /** 1 during `measure`: what a delivery adds to the load of its receiver. */
  measuring = 0;

  private readonly shard: Shard;
  private readonly number: number;
  private readonly shared: boolean;
  private readonly strict: boolean;
  private readonly tracing: boolean;
  private readonly definition: ProtocolDefinition;
  private readonly settings: never;
  private readonly peers: number;
  private readonly headerBytes: number;
  private readonly clock: Float64Array;
  private readonly queue: EventQueue;
  private readonly table: PeerTable;
  private readonly network: Network;
  private readonly meter: Meter;
  private readonly chronicle: Chronicle;
  private readonly sessions: readonly (Session | undefined)[];
  private readonly protocols: readonly (Protocol | undefined)[];

  constructor(shard: Shard, config: ShardConfig, definition: ProtocolDefinition, { codec, queue, table, chronicle }: Shared) {
    const { scenario } = config;
    this.shard = shard;
    this.number = config.shard;
    this.shared = config.shards > 1;
    this.strict = config.strict;
    this.tracing = config.trace !== null;
    this.definition = definition;
    this.settings = scenario.protocol.settings as never;
    this.peers = scenario.peers;
    this.headerBytes = scenario.topology.headerBytes;
    this.clock = shard.clock;
    this.codec = codec;
    this.queue = queue;
    this.table = table;
    this.network = new Network(scenario.topology, table, shard.clock, scenario.seed);
    this.meter = shard.meter;
    this.chronicle = chronicle;
    this.sessions = shard.residents.sessions;
    this.protocols = shard.residents.protocols;
    this.outboxes = Array.from({ length: config.shards }, () => new Outbox());
  }

  /** A message from another shard: its times at `d` in `f64`, the words of its event at `w` in `u32`; due in a later window. */
  receive(f64: Float64Array, d: number, u32: Uint32Array, w: number, message: Message): void {
    const { queue } = this;
    const id = queue.allocate(message);
    queue.f64[id * F64_STRIDE + TIME] = f64[d];
    queue.f64[id * F64_STRIDE + SENT_AT] = f64[d + 1];
    const at = id * U32_STRIDE + DESTINATION;
    for (let word = 0; word < OUT_U32; word++) queue.u32[at + word] = u32[w + word];
    this.inFlight++;
    queue.enqueue(id);
  }

  send(session: Session, to: Address, message: Message): void {
    if (!session.up) return;
    const type = this.codec.typeOf(message);
    const payload = this.definition.sizeOf ? this.definition.sizeOf(message as never, this.settings) : this.codec.sizeOf(message, type);
    if (!(payload >= 0 && payload <= MAX_PAYLOAD_BYTES && Number.isInteger(payload))) {
      throw new Problem(
        `sizeOf("${message.type}") gave ${payload}: expected a whole number of bytes from 0 to ${MAX_PAYLOAD_BYTES}, what a datagram can carry`,
        'protocol-failed',
      );
    }
    if (this.strict) message = this.codec.throughBytes(message, type);
    const source = session.index;
    const size = payload + this.headerBytes;
    const sequence = this.table.u32[source * ROW_U32 + ROW_SEQUENCE]++;
    this.meter.countSent(type, this.shard.cause, size);
    const destination = peerAt(to);
    if (!(destination >= 0 && destination < this.peers && Number.isInteger(destination))) {
      if (!Number.isInteger(to))
        throw new Problem(`it sent "${message.type}" to ${formatAddress(to)}: expected an address`, 'protocol-failed');
      this.meter.countDropped(DROPPED_NO_SUCH_ADDRESS);
      return;
    }
    const { queue, network } = this;
    const now = this.clock[0];
    const verdict = destination === source ? PASSES : network.depart(source, destination, size);
    if (verdict < 0) {
      this.meter.countDropped(verdict);
      return;
    }
    const time = destination === source ? now : network.due[0];
    const id = queue.allocate(message);
    queue.f64[id * F64_STRIDE + TIME] = time;
    queue.f64[id * F64_STRIDE + SENT_AT] = now;
    const at = id * U32_STRIDE;
    const { u32 } = queue;
    u32[at + DESTINATION] = destination;
    u32[at + SOURCE] = source;
    u32[at + SEQUENCE] = sequence;
    u32[at + CAUSE] = this.shard.cause;
    u32[at + SIZE] = size;
    u32[at + KIND] = MESSAGE_ARRIVING | (type << KIND_BITS);
    if (!this.shared || shardOf(this.table.places[destination]) === this.number) {
      this.inFlight++;
      queue.enqueue(id);
      return;
    }
    if (time < this.windowEndMs) {
      throw new Error(
        `a message to another shard is due at ${time} ms, inside the window that ends at ${this.windowEndMs} (seed ${this.shard.seed})`,
      );
    }
    this.outboxes[shardOf(this.table.places[destination])].add(queue, id, this.codec, message, type);
    queue.release(id);
  }

  /** A message is due here: it passes the downlink, or waits for it, and reaches the protocol. */
  handle(id: number, kind: number): void {
    const { queue } = this;
    const at = id * U32_STRIDE;
    const u32 = queue.u32;
    const destination = u32[at + DESTINATION];
    // What is sent to oneself has no link to pass, nor what comes when nobody is there.
    if ((kind & KIND_MASK) === MESSAGE_ARRIVING && this.protocols[destination] !== undefined && u32[at + SOURCE] !== destination) {
      const verdict = this.network.arrive(destination, u32[at + SIZE]);
      if (verdict === WAITS) {
        queue.f64[id * F64_STRIDE + TIME] = this.network.due[0];
        u32[at + KIND] = kind | MESSAGE_DUE;
        queue.enqueue(id);
        return;
      }
      if (verdict !== PASSES) {
        this.inFlight--;
        this.meter.countDropped(verdict);
        queue.release(id);
        return;
      }
    }
    this.deliver(id);
  }

  private deliver(id: number): void {
    const { queue, meter } = this;
    const at = id * U32_STRIDE;
    const u32 = queue.u32;
    const destination = u32[at + DESTINATION];
    const source = u32[at + SOURCE];
    const message = queue.payloads[id] as Message;
    const protocol = this.protocols[destination];
    this.inFlight--;
    if (protocol === undefined) {
      meter.countDropped(DROPPED_PEER_DOWN);
      queue.release(id);
      return;
    }
    const row = destination * ROW_U32;
    const table = this.table.u32;
    let a = table[row + DIGEST_A];
    let b = table[row + DIGEST_B];
    a = Math.imul(a ^ u32[at], 0x85ebca6b) + (source ^ u32[at + 1]);
    a ^= a >>> 15;
    b = Math.imul(b ^ u32[at + SEQUENCE], 0xc2b2ae35) + (u32[at + SIZE] ^ (u32[at + KIND] >>> KIND_BITS) ^ a);
    b ^= b >>> 13;
    table[row + DIGEST_A] = a;
    table[row + DIGEST_B] = b;
    table[row + HANDLED] += this.measuring;
    meter.checksum += b >>> 0;
    meter.countDelivered(this.clock[0] - queue.f64[id * F64_STRIDE + SENT_AT]);
    if (this.tracing) this.chronicle.record(queue, id);
    this.shard.cause = u32[at + CAUSE];
    queue.release(id);
    try {
      protocol.onMessage(addressOf(source), message);
    } catch (error) {
      throw blame(this.shard, error, this.sessions[destination]!, `onMessage("${message.type}")`);
    }
  }
}
