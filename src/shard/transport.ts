/**
 * Connections in a shard: how they end, and what their segments mean on arrival. How they begin is `handshake.ts`'s, the bytes in
 * between are `stream.ts`'s, and what is lost of them `recovery.ts`'s.
 *
 * Handshake, reset and simultaneous open are TCP's (RFC 9293); all connections of a peer use its one port, as hole punching asks of
 * applications (RFC 5128, 3.4). Two things are not as in a kernel, to save events, and neither can be seen from outside: a segment that
 * is lost comes back to its sender as a `BOUNCE`, which then waits as long as it would have waited for the acknowledgement (so a
 * segment that arrives needs no timer); and what is small is acknowledged only when half a window of it is out.
 */

import {
  CAUSE,
  DESTINATION,
  END,
  type EventQueue,
  F64_STRIDE,
  FROM_END,
  KIND,
  LENGTH,
  OFFSET,
  PORTS,
  SENT_AT,
  SEQUENCE,
  SIZE,
  SOURCE,
  TIME,
  U32_STRIDE,
} from '../kernel/event-queue.js';
import { FIRST_TIMEOUT_MS, LONGEST_TIMEOUT_MS } from '../network/congestion.js';
import { DROPPED_DOWNLINK_FULL, DROPPED_NO_CONNECTION, DROPPED_PEER_DOWN, type Network } from '../network/network.js';
import { type PeerTable, SEQUENCE as ROW_SEQUENCE, ROW_U32 } from '../network/peer-table.js';
import { Problem } from '../problem.js';
import type { Address, CloseReason, Connection, ConnectOptions, Message, Protocol } from '../protocol.js';
import { Downlinks } from './access-queues.js';
import { blame } from './blame.js';
import { ANSWERED, CLOSING, CONNECTING, End, GONE, OPEN } from './connection.js';
import { ConnectionBooks } from './connection-books.js';
import { Ends } from './ends.js';
import { AT_EGRESS, BOUNCE, CONNECTION_TIMER, KIND_BITS, MESSAGE_ARRIVING, MESSAGE_DUE, SEGMENT, STAGE_MASK } from './event-kinds.js';
import { type Again, Handshake, type Hello } from './handshake.js';
import type { Mail } from './mail.js';
import { Preopened } from './preopened.js';
import { MAINTENANCE } from './residents.js';
import {
  ACK,
  AGAIN,
  CONFIRM,
  CONFIRM_TIMER,
  DATA,
  FIN,
  flagged,
  HANDSHAKE_TIMER,
  isStream,
  KEEP_ALIVE_TIMER,
  PROBE,
  RESEND_TIMER,
  RST,
  SYN,
  SYN_ACK,
  whatOf,
} from './segments.js';
import type { Session } from './session.js';
import type { Shard } from './shard.js';
import { Stream } from './stream.js';
import { type Endpoint, LENGTH_MASK, type Wire } from './wire.js';

/** What a KEEP_ALIVE_TIMER carries. */
interface KeepAlive {
  readonly end: End;
  readonly received: number;
}

export class Transport implements Endpoint {
  readonly books: ConnectionBooks;
  readonly ends = new Ends();
  readonly stream: Stream;
  private readonly handshake: Handshake;
  readonly downlinks: Downlinks;
  private readonly shard: Shard;
  private readonly wire: Wire;
  private readonly mail: Mail;
  private readonly network: Network;
  private readonly queue: EventQueue;
  private readonly table: PeerTable;
  private readonly clock: Float64Array;
  private readonly headerBytes: number;
  private readonly protocols: readonly (Protocol | undefined)[];
  private readonly sessions: readonly (Session | undefined)[];
  private readonly preopened: Preopened;

  constructor(shard: Shard, given: { wire: Wire; mail: Mail; queue: EventQueue; table: PeerTable; headerBytes: number }) {
    this.shard = shard;
    this.books = new ConnectionBooks(shard.addresses.classes);
    this.wire = given.wire;
    this.mail = given.mail;
    this.network = given.wire.network;
    this.queue = given.queue;
    this.table = given.table;
    this.clock = shard.clock;
    this.headerBytes = given.headerBytes;
    this.protocols = shard.residents.protocols;
    this.sessions = shard.residents.sessions;
    this.preopened = new Preopened(this.sessions);
    this.stream = new Stream(this, shard, given);
    this.handshake = new Handshake(this, shard, given.queue);
    this.downlinks = new Downlinks(this.clock, this.network, this.queue, (id) => this.lose(id, DROPPED_DOWNLINK_FULL));
  }

  connect(session: Session, to: Address, options: ConnectOptions | undefined): Connection {
    if (!Number.isInteger(to)) throw new Problem(`it asked for a connection with ${to}: expected an address`, 'protocol-failed');
    const end = new End(session, to, false, options ?? null);
    this.ends.add(end);
    session.link(end);
    this.books.asked++;
    this.countReach(end, 0);
    const { tracer } = this.shard;
    if (tracer !== null) tracer.connects(end, this.shard.cause, this.shard.addresses.peerOf(to));
    if (session.up) this.handshake.ask(end);
    return end;
  }

  /**
   * The end of a connection with peer `other` that is open from the start; `other` makes its own. Neither has heard of the other's number,
   * so each finds its end by the peer until it has. Who is behind a gateway sends the third of the handshake, because only a packet makes
   * the mapping, and tells the other side by which address to answer.
   */
  preopen(session: Session, other: number, options: ConnectOptions | undefined): Connection {
    const { addresses } = this.shard;
    const own = session.index;
    const isHidden = !addresses.reachable(own);
    if (own === other || (isHidden && !addresses.reachable(other))) {
      const why = own === other ? 'with itself' : 'with one that can be called as little as it';
      throw new Problem(`it began with a connection of peer p${own} ${why}, p${other}`, 'protocol-failed');
    }
    const end = new End(session, addresses.outer(other), !isHidden && (own > other || !addresses.reachable(other)), options ?? null);
    end.state = OPEN;
    end.otherPeer = other;
    end.roundTripMs = this.network.latencyMs(own, other) + this.network.latencyMs(other, own);
    this.ends.add(end);
    session.link(end);
    this.keepAlive(end);
    if (isHidden) this.control(own, end.remote, CONFIRM, 0, end.id, 0, 0);
    return end;
  }

  send(end: End, message: Message): boolean {
    return end.state === OPEN ? this.stream.write(end, message) : false;
  }

  close(end: End): void {
    if (end.state === CONNECTING || end.state === ANSWERED) this.forget(end);
    else if (end.state === OPEN) {
      end.state = CLOSING;
      this.books.closed++;
      this.stream.finish(end);
    }
  }

  reset(end: End): void {
    if (end.state === GONE) return;
    if (end.otherPeer >= 0) this.control(end.session.index, end.remote, RST, end.otherId, end.id, 0, 0);
    if (end.state === OPEN) this.books.reset++;
    this.forget(end);
  }

  /** A session ends. What it sent before a polite end still arrives; a crash says nothing. */
  abandon(session: Session, politely: boolean): void {
    for (let end = session.ends, next: End | null; end !== null; end = next) {
      next = end.next;
      if (politely && (end.state === OPEN || end.state === CLOSING)) this.close(end);
      else this.forget(end);
    }
  }

  /** Whether a segment has to wait for the downlink. Only streams queue; what opens and acknowledges goes by the clock. */
  queues(id: number, line: number): boolean {
    const at = id * U32_STRIDE;
    if (isStream(whatOf(this.queue.u32[at + LENGTH]))) return this.downlinks.takes(id, line);
    if (this.network.arrive(this.queue.u32[at + DESTINATION], this.queue.u32[at + SIZE], true) <= 0) return false;
    this.queue.f64[id * F64_STRIDE + TIME] = this.network.due[0];
    this.queue.u32[at + KIND] |= MESSAGE_DUE; // from MESSAGE_ARRIVING, which is 0
    this.queue.enqueue(id);
    return true;
  }

  /** A segment that waited for the downlink is through. */
  through(id: number): void {
    this.downlinks.served(this.network.lineOf(this.queue.u32[id * U32_STRIDE + DESTINATION]));
  }

  take(id: number, receiver: number, from: Address): void {
    const at = id * U32_STRIDE;
    const { u32 } = this.queue;
    const source = u32[at + SOURCE];
    const what = whatOf(u32[at + LENGTH]);
    if (what === SYN) {
      this.handshake.take(id, receiver, from);
      this.queue.release(id);
      return;
    }
    this.shard.cause = u32[at + CAUSE];
    const end = u32[at + END] === 0 ? this.preopened.find(receiver, source, u32[at + FROM_END]) : this.ends.find(u32[at + END]);
    // Only a gateway can bring a segment to a peer that it was not meant for.
    const isStray = end !== undefined && this.wire.nat !== null && end.session.index !== receiver;
    // Whoever has the address of the other side now may say that there is no such connection.
    const isOthers = end !== undefined && end.otherPeer >= 0 && end.otherPeer !== source && !(what === RST && from === end.remote);
    if (end === undefined || isStray || isOthers) {
      this.takeStray(id, receiver, from, what);
      return;
    }
    if (end.otherId === 0 && end.otherPeer >= 0) {
      end.otherId = u32[at + FROM_END];
      end.remote = from;
    }
    switch (what) {
      case DATA:
      case FIN:
      case PROBE:
        if (end.state <= ANSWERED) {
          // It overtook the third of the handshake, or the second.
          end.otherId = u32[at + FROM_END];
          end.otherPeer = source;
          this.handshake.opened(end);
        }
        this.stream.receive(end, id, what, receiver);
        return;
      case ACK: {
        const bytes = u32[at + LENGTH] & LENGTH_MASK;
        const sequence = u32[at + OFFSET];
        const last = (u32[at + LENGTH] & AGAIN) !== 0;
        this.queue.release(id);
        this.stream.acknowledged(end, bytes, sequence);
        if (last && end.state === CLOSING) this.forget(end);
        return;
      }
      case SYN_ACK:
        if (end.otherPeer >= 0 && end.otherId !== u32[at + FROM_END]) {
          this.takeStray(id, receiver, from, what); // this end is joined to another one already
          return;
        }
        end.otherId = u32[at + FROM_END];
        end.otherPeer = source;
        this.queue.release(id);
        this.handshake.confirm(end, FIRST_TIMEOUT_MS);
        if (end.state === CONNECTING) this.handshake.opened(end);
        return;
      case CONFIRM:
        this.queue.release(id);
        if (end.state === ANSWERED || end.state === CONNECTING) this.handshake.opened(end);
        return;
      default:
        this.queue.release(id);
        this.ended(end, end.state === CONNECTING ? 'refused' : 'reset');
    }
  }

  /** A segment will not arrive: known where it left (`depart`, a bottleneck), or where it would have arrived. */
  lose(id: number, verdict: number): void {
    const { queue } = this;
    const at = id * U32_STRIDE;
    const { u32 } = queue;
    this.books.lost[-1 - verdict]++;
    const what = whatOf(u32[at + LENGTH]);
    if (what === SYN || what === SYN_ACK || what === RST) {
      queue.release(id);
      return;
    }
    // Its sender learns of it no sooner than word could come back. At the sender's own bottleneck there is no way to go.
    const here = (u32[at + KIND] & STAGE_MASK) === AT_EGRESS;
    const source = u32[at + SOURCE];
    const destination = u32[at + DESTINATION];
    const by = here ? source : destination;
    queue.f64[id * F64_STRIDE + TIME] = this.clock[0] + (here ? 0 : this.network.latencyMs(destination, source));
    u32[at + DESTINATION] = source;
    u32[at + SOURCE] = by;
    u32[at + PORTS] = u32[at + SEQUENCE];
    u32[at + SEQUENCE] = this.table.u32[by * ROW_U32 + ROW_SEQUENCE]++;
    const own = u32[at + FROM_END];
    u32[at + FROM_END] = u32[at + END];
    u32[at + END] = own;
    u32[at + KIND] = (u32[at + KIND] & ~((1 << KIND_BITS) - 1)) | BOUNCE;
    this.wire.commit(id);
  }

  /** A segment of a peer of this shard came back. */
  bounced(id: number): void {
    const { queue } = this;
    const at = id * U32_STRIDE;
    const { u32 } = queue;
    const end = this.ends.find(u32[at + END]);
    const length = u32[at + LENGTH];
    const what = whatOf(length);
    this.shard.cause = u32[at + CAUSE];
    if (end === undefined) {
      this.discard(id);
      return;
    }
    if (isStream(what)) {
      this.stream.recovery.lost(end, {
        what,
        offset: u32[at + OFFSET],
        length: length & LENGTH_MASK,
        message: queue.payloads[id] as Message | null,
        type: u32[at + KIND] >>> KIND_BITS,
        cause: u32[at + CAUSE],
        writtenMs: queue.f64[id * F64_STRIDE + SENT_AT],
        sequence: u32[at + PORTS],
        sentMs: this.clock[0] - end.roundTripMs,
        later: 0,
      });
    } else if (what === CONFIRM) this.plan(end, FIRST_TIMEOUT_MS, CONFIRM_TIMER, { end, waitMs: FIRST_TIMEOUT_MS } satisfies Again);
    else this.stream.reportAgain(end, length & LENGTH_MASK);
    queue.release(id);
  }

  timer(id: number): void {
    const { queue } = this;
    const purpose = queue.u32[id * U32_STRIDE + SIZE];
    const payload = queue.payloads[id];
    this.shard.cause = queue.u32[id * U32_STRIDE + CAUSE];
    queue.release(id);
    if (purpose === HANDSHAKE_TIMER) this.handshake.notAnswered(payload as Hello);
    else if (purpose === RESEND_TIMER) this.stream.recovery.timer(payload as End);
    else if (purpose === KEEP_ALIVE_TIMER) this.keepAliveTimer(payload as KeepAlive);
    else if (purpose === CONFIRM_TIMER) this.handshake.confirmAgain(payload as Again);
    else this.reportTimer(payload as Again);
  }

  /** Has the peer of this end woken `afterMs` from now. */
  plan(end: End, afterMs: number, purpose: number, payload: unknown, cause = this.shard.cause): void {
    const peer = end.session.index;
    const now = this.clock[0];
    const sequence = this.table.u32[peer * ROW_U32 + ROW_SEQUENCE]++;
    this.queue.push(now + afterMs, peer, peer, sequence, CONNECTION_TIMER, cause, purpose, now, payload);
  }

  /** A segment without payload of its own. Returns the network's verdict; what is lost is lost. */
  control(source: number, to: Address, what: number, endId: number, fromId: number, offset: number, lengthAndFlags: number): number {
    const { queue } = this;
    const id = queue.allocate(null);
    const at = id * U32_STRIDE;
    queue.f64[id * F64_STRIDE + SENT_AT] = this.clock[0];
    const { u32 } = queue;
    u32[at + SOURCE] = source;
    u32[at + SEQUENCE] = this.table.u32[source * ROW_U32 + ROW_SEQUENCE]++;
    u32[at + CAUSE] = this.shard.cause;
    u32[at + SIZE] = this.headerBytes;
    u32[at + KIND] = MESSAGE_ARRIVING | SEGMENT;
    u32[at + PORTS] = 0;
    u32[at + END] = endId;
    u32[at + FROM_END] = fromId;
    u32[at + OFFSET] = offset;
    u32[at + LENGTH] = flagged(what, 0, lengthAndFlags);
    this.books.controls++;
    this.books.wireBytes += this.headerBytes;
    const verdict = this.wire.leave(id, to, -1);
    if (verdict < 0) {
      this.books.lost[-1 - verdict]++;
      queue.release(id);
    }
    return verdict;
  }

  /** An end is over, by no doing of its own peer. */
  ended(end: End, reason: CloseReason): void {
    const told = end.state !== CLOSING && end.state !== GONE;
    const wasOpen = end.state === OPEN;
    if (wasOpen || end.state === CONNECTING) this.books.count(reason);
    this.forget(end);
    if (!told || !end.session.up || (!wasOpen && end.incoming)) return;
    this.call(end, 'onClose', reason);
  }

  /** Lets go of an end and of what it still had to send or to hand over. */
  forget(end: End): void {
    if (end.state === GONE) return;
    if (end.state <= ANSWERED) end.session.connecting--;
    end.state = GONE;
    this.stream.discardAll(end);
    this.ends.remove(end);
    end.session.unlink(end);
  }

  /** A record whose message goes nowhere. */
  discard(id: number): void {
    const word = this.queue.u32[id * U32_STRIDE + LENGTH];
    if (isStream(whatOf(word))) this.books.lostBytes += word & LENGTH_MASK;
    if (this.queue.payloads[id] !== null) this.mail.dropOf(id, DROPPED_NO_CONNECTION);
    this.queue.release(id);
  }

  /** Calls a method that the protocol may have, as the peer. */
  call(end: End, method: 'onOpen' | 'onAccept' | 'onClose' | 'onDrain', reason?: CloseReason): void {
    const { cpu } = this.shard;
    this.shard.tracer?.calls(end, method, this.shard.cause);
    if (cpu === null) this.callNow(end, method, reason);
    else cpu.post(end.session, false, () => this.callNow(end, method, reason));
  }

  private callNow(end: End, method: 'onOpen' | 'onAccept' | 'onClose' | 'onDrain', reason?: CloseReason): void {
    const { protocol } = end.session;
    const callback = protocol[method] as ((connection: Connection, reason?: CloseReason) => void) | undefined;
    try {
      callback?.call(protocol, end, reason);
    } catch (error) {
      throw blame(this.shard, error, end.session, method);
    }
  }

  /** What could not be acknowledged is, unless a later acknowledgement has done so; of a stream's end there is no later one. */
  private reportTimer({ end, waitMs }: Again): void {
    const isLast = end.state === GONE;
    if (isLast ? end.session.up : end.unreported > 0) this.stream.report(end, 0, isLast, Math.min(waitMs * 2, LONGEST_TIMEOUT_MS));
  }

  /** Who could reach whom: told by the address, so that attempts at nobody in particular are left out. */
  countReach({ session, remote }: End, what: 0 | 1): void {
    const { addresses } = this.shard;
    const other = addresses.peerOf(remote);
    if (other >= 0) this.books.reached(addresses.classOf(session.index), addresses.classOf(other), what);
  }

  keepAlive(end: End): void {
    const keepAliveMs = end.options?.keepAliveMs ?? 0;
    if (keepAliveMs > 0) this.plan(end, keepAliveMs, KEEP_ALIVE_TIMER, { end, received: end.received } satisfies KeepAlive);
  }

  /** Nothing came since the last look: the other side has to say something. */
  private keepAliveTimer({ end, received }: KeepAlive): void {
    if (end.state !== OPEN) return;
    const before = this.shard.cause;
    this.shard.cause = MAINTENANCE;
    if (end.received === received) this.stream.probe(end);
    this.keepAlive(end);
    this.shard.cause = before;
  }

  /** A segment for an end that this peer does not have. A peer that is up says so; one that is down says nothing. */
  private takeStray(id: number, receiver: number, from: Address, what: number): void {
    const at = id * U32_STRIDE;
    const otherId = this.queue.u32[at + FROM_END];
    if (this.protocols[receiver] === undefined) {
      this.lose(id, DROPPED_PEER_DOWN);
      return;
    }
    this.books.lost[-1 - DROPPED_NO_CONNECTION]++;
    this.discard(id);
    if (what !== RST && what !== ACK) this.control(receiver, from, RST, otherId, 0, 0, 0);
  }
}
