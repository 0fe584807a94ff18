/**
 * Datagrams in a shard (stops 2 and 7 of a message's way), and what datagrams and connections have in common: a message is stamped and
 * counted when it is sent; when it is delivered it leaves its mark in the digest and the histograms, and its cause is the current one.
 */

import {
  CAUSE,
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
  U32_STRIDE,
} from '../kernel/event-queue.js';
import type { Meter } from '../metrics/meter.js';
import { formatAddress } from '../network/address.js';
import { DROPPED_CORRUPTED, DROPPED_PEER_DOWN } from '../network/network.js';
import { DIGEST_A, DIGEST_B, HANDLED, type PeerTable, SEQUENCE as ROW_SEQUENCE, ROW_U32 } from '../network/peer-table.js';
import { Problem } from '../problem.js';
import type { Address, Connection, Message, Protocol, ProtocolDefinition } from '../protocol.js';
import { blame } from './blame.js';
import type { Codec } from './codec.js';
import type { Processors } from './cpu.js';
import { KIND_BITS, MESSAGE_ARRIVING } from './event-kinds.js';
import type { ShardConfig } from './messages.js';
import type { Onlookers } from './onlookers.js';
import type { Session } from './session.js';
import type { Shard } from './shard.js';
import { CORRUPTED, type Endpoint, type Wire } from './wire.js';

/** Largest UDP payload over IPv4 (RFC 768, 791), in bytes. */
const MAX_DATAGRAM_BYTES = 65_507;

/** What mail shares with the rest of its shard. */
interface Shared {
  readonly codec: Codec;
  readonly queue: EventQueue;
  readonly table: PeerTable;
  readonly onlookers: Onlookers | null;
  readonly wire: Wire;
}

export class Mail implements Endpoint {
  readonly codec: Codec;
  /** Messages sent here less those delivered or dropped here: summed over shards, what is in flight. */
  inFlight = 0;
  /** 1 during `measure`: what a delivery adds to the load of its receiver. */
  measuring = 0;

  private readonly shard: Shard;
  private readonly strict: boolean;
  private readonly definition: ProtocolDefinition;
  private readonly settings: never;
  private readonly headerBytes: number;
  private readonly clock: Float64Array;
  private readonly queue: EventQueue;
  private readonly table: PeerTable;
  private readonly wire: Wire;
  private readonly meter: Meter;
  readonly onlookers: Onlookers | null;
  private readonly sessions: readonly (Session | undefined)[];
  private readonly protocols: readonly (Protocol | undefined)[];
  private readonly cpu: Processors | null;

  constructor(shard: Shard, config: ShardConfig, definition: ProtocolDefinition, { codec, queue, table, onlookers, wire }: Shared) {
    const { scenario } = config;
    this.shard = shard;
    this.strict = config.strict;
    this.definition = definition;
    this.settings = scenario.protocol.settings as never;
    this.headerBytes = scenario.topology.headerBytes;
    this.clock = shard.clock;
    this.codec = codec;
    this.queue = queue;
    this.table = table;
    this.wire = wire;
    this.meter = shard.meter;
    this.onlookers = onlookers;
    this.sessions = shard.residents.sessions;
    this.protocols = shard.residents.protocols;
    this.cpu = shard.cpu;
  }

  /** Payload bytes of a message, in the real protocol's format. @throws Problem when that is no size, or more than fits */
  sizeOf(message: Message, type: number, mostBytes: number): number {
    const payload = this.definition.sizeOf ? this.definition.sizeOf(message as never, this.settings) : this.codec.sizeOf(message, type);
    if (payload >= 0 && payload <= mostBytes && Number.isInteger(payload)) return payload;
    throw new Problem(
      `sizeOf("${message.type}") gave ${payload}: expected a whole number of bytes from 0 to ${mostBytes}` +
        (mostBytes === MAX_DATAGRAM_BYTES ? ', what a datagram can carry' : ''),
      'protocol-failed',
    );
  }

  /** The message as it travels: itself, or in strict mode frozen and sent through bytes. */
  seal(message: Message, type: number): Message {
    return this.strict ? this.codec.throughBytes(message, type) : message;
  }

  send(session: Session, to: Address, message: Message): void {
    if (!session.up) return;
    const type = this.codec.typeOf(message);
    const size = this.sizeOf(message, type, MAX_DATAGRAM_BYTES) + this.headerBytes;
    if (!Number.isInteger(to))
      throw new Problem(`it sent "${message.type}" to ${formatAddress(to)}: expected an address`, 'protocol-failed');
    const source = session.index;
    const { cause } = this.shard;
    this.meter.countSent(type, cause, size);
    this.inFlight++;
    const { queue } = this;
    const id = queue.allocate(this.seal(message, type));
    queue.f64[id * F64_STRIDE + SENT_AT] = this.clock[0];
    const at = id * U32_STRIDE;
    const { u32 } = queue;
    u32[at + SOURCE] = source;
    u32[at + SEQUENCE] = this.table.u32[source * ROW_U32 + ROW_SEQUENCE]++;
    u32[at + CAUSE] = cause;
    u32[at + SIZE] = size;
    u32[at + KIND] = MESSAGE_ARRIVING | (type << KIND_BITS);
    u32[at + PORTS] = 0;
    u32[at + LENGTH] = 0;
    if (this.onlookers !== null) this.onlookers.sent(id, this.shard.addresses.peerOf(to));
    const verdict = this.wire.leave(id, to, -1);
    if (verdict >= 0) return;
    // Whom it was for, as far as the address says: it may have got no further than its sender's gateway.
    if (this.onlookers !== null) queue.u32[at + DESTINATION] = this.shard.addresses.peerOf(to);
    this.lose(id, verdict);
  }

  lose(id: number, verdict: number): void {
    this.dropOf(id, verdict);
    this.queue.release(id);
  }

  /** The message of this record is not in flight any more, for this reason. */
  dropOf(id: number, verdict: number): void {
    if (this.onlookers !== null) this.onlookers.dropped(id, verdict);
    this.drop(verdict);
  }

  /** One message fewer in flight, for this reason. */
  drop(verdict: number): void {
    this.inFlight--;
    this.meter.countDropped(verdict);
  }

  take(id: number, receiver: number, from: Address): void {
    const { queue } = this;
    const protocol = this.protocols[receiver];
    if (protocol === undefined) {
      this.lose(id, DROPPED_PEER_DOWN);
      return;
    }
    if (queue.u32[id * U32_STRIDE + LENGTH] & CORRUPTED) {
      this.takeCorrupted(id, receiver, protocol, from);
      return;
    }
    const message = queue.payloads[id] as Message;
    this.mark(id, receiver);
    queue.release(id);
    if (this.cpu === null) this.tell(protocol, receiver, from, message, null);
    else this.cpu.post(this.sessions[receiver]!, true, () => this.tell(protocol, receiver, from, message, null));
  }

  /** A message on a connection is delivered; the caller releases its record. */
  deliver(id: number, receiver: number, connection: Connection): void {
    const message = this.queue.payloads[id] as Message;
    this.mark(id, receiver);
    const protocol = this.protocols[receiver]!;
    const { remote } = connection;
    if (this.cpu === null) this.tell(protocol, receiver, remote, message, connection);
    else this.cpu.post(this.sessions[receiver]!, true, () => this.tell(protocol, receiver, remote, message, connection));
  }

  private tell(protocol: Protocol, receiver: number, from: Address, message: Message, connection: Connection | null): void {
    try {
      protocol.onMessage(from, message, connection);
    } catch (error) {
      throw blame(this.shard, error, this.sessions[receiver]!, `onMessage("${message.type}")`);
    }
  }

  /** What a delivery leaves behind: the digest, the load, the histogram of transit times, the trace, the current cause. */
  private mark(id: number, receiver: number): void {
    const { queue, meter } = this;
    const at = id * U32_STRIDE;
    const u32 = queue.u32;
    const source = u32[at + SOURCE];
    const row = receiver * ROW_U32;
    const table = this.table.u32;
    // The time goes in by its bits, the first two words of the record.
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
    this.inFlight--;
    meter.countDelivered(this.clock[0] - queue.f64[id * F64_STRIDE + SENT_AT]);
    if (this.onlookers !== null) this.onlookers.delivered(id, receiver);
    this.shard.cause = u32[at + CAUSE];
  }

  /** The checksum has a damaged datagram dropped, unless the protocol wants to see it. */
  private takeCorrupted(id: number, receiver: number, protocol: Protocol, from: Address): void {
    const { queue } = this;
    const message = queue.payloads[id] as Message;
    this.shard.cause = queue.u32[id * U32_STRIDE + CAUSE];
    this.lose(id, DROPPED_CORRUPTED);
    try {
      protocol.onCorrupted?.(from, message);
    } catch (error) {
      throw blame(this.shard, error, this.sessions[receiver]!, `onCorrupted("${message.type}")`);
    }
  }
}
