/**
 * The handshake of a connection (RFC 9293, 3.5): who asks sends a SYN, again and again until it is answered; who is asked answers with
 * a SYN-ACK, or with a reset when nobody listens; and who asked confirms. Two that ask each other at the same time get one connection.
 */

import { CAUSE, type EventQueue, FROM_END, LENGTH, OFFSET, SOURCE, U32_STRIDE } from '../kernel/event-queue.js';
import { FIRST_TIMEOUT_MS, LONGEST_TIMEOUT_MS } from '../network/congestion.js';
import { DROPPED_PEER_DOWN } from '../network/network.js';
import type { Address, Protocol } from '../protocol.js';
import { ANSWERED, CONNECTING, End, GONE, OPEN } from './connection.js';
import { AGAIN, CONFIRM, CONFIRM_TIMER, DEFAULT_CONNECT_TIMEOUT_MS, HANDSHAKE_TIMER, RST, SYN, SYN_ACK } from './segments.js';
import type { Session } from './session.js';
import type { Shard } from './shard.js';
import type { Transport } from './transport.js';

/** An answer that nobody confirmed is kept so long, in ms. */
const LINGER_MS = 120_000;

/** A question that is not answered yet: what HANDSHAKE_TIMER carries. */
export interface Hello {
  readonly end: End;
  readonly startedMs: number;
  readonly waitMs: number;
}
/** Something is tried again, after twice as long each time. */
export interface Again {
  readonly end: End;
  readonly waitMs: number;
}

export class Handshake {
  private readonly transport: Transport;
  private readonly shard: Shard;
  private readonly queue: EventQueue;
  private readonly clock: Float64Array;
  private readonly protocols: readonly (Protocol | undefined)[];
  private readonly sessions: readonly (Session | undefined)[];

  constructor(transport: Transport, shard: Shard, queue: EventQueue) {
    this.transport = transport;
    this.shard = shard;
    this.queue = queue;
    this.clock = shard.clock;
    this.protocols = shard.residents.protocols;
    this.sessions = shard.residents.sessions;
  }

  /** This end asks for the first time. */
  ask(end: End): void {
    this.sayHello(end, { end, startedMs: this.clock[0], waitMs: FIRST_TIMEOUT_MS });
  }

  /** Somebody asks for a connection. */
  take(id: number, receiver: number, from: Address): void {
    const at = id * U32_STRIDE;
    const { u32 } = this.queue;
    const otherId = u32[at + FROM_END];
    const otherPeer = u32[at + SOURCE];
    const keepAliveMs = u32[at + OFFSET];
    this.shard.cause = u32[at + CAUSE];
    const protocol = this.protocols[receiver];
    if (protocol === undefined) {
      this.transport.books.lost[-1 - DROPPED_PEER_DOWN]++;
      return;
    }
    let end = this.asked(receiver, from, otherId, otherPeer, (u32[at + LENGTH] & AGAIN) !== 0);
    if (end === null) {
      if (!protocol.onAccept) {
        this.transport.control(receiver, from, RST, otherId, 0, 0, 0);
        return;
      }
      const session = this.sessions[receiver]!;
      end = new End(session, from, true, keepAliveMs > 0 ? { keepAliveMs } : null);
      end.startTiming(this.clock[0]);
      this.transport.ends.add(end);
      this.forgetUnconfirmed(session);
      session.link(end);
    } else if (end.state === ANSWERED) end.roundTripMs = 0; // which of the answers will have got through, nobody can tell (Karn)
    end.otherId = otherId;
    end.otherPeer = otherPeer;
    this.transport.control(receiver, from, SYN_ACK, otherId, end.id, 0, 0);
  }

  /** The end that this question is for already: this peer asked the same of the other, or has answered before. */
  private asked(receiver: number, from: Address, otherId: number, otherPeer: number, again: boolean): End | null {
    const session = this.sessions[receiver]!;
    let oldest: End | null = null;
    // The newest come first, and those that wait for an answer are new.
    for (let end = session.ends, waiting = session.connecting; end !== null && (waiting > 0 || again); end = end.next) {
      if (end.state === CONNECTING && end.remote === from && (end.otherPeer < 0 || end.otherId === otherId)) oldest = end;
      if (again && end.incoming && end.otherId === otherId && end.otherPeer === otherPeer) return end;
      if (end.state <= ANSWERED) waiting--;
    }
    return oldest;
  }

  /** It is agreed: this end is open, and its protocol hears of it. */
  opened(end: End): void {
    end.state = OPEN;
    end.session.connecting--;
    end.stopTiming(this.clock[0]);
    if (!end.session.up) return;
    this.transport.keepAlive(end);
    if (end.incoming) this.transport.books.accepted++;
    else {
      this.transport.books.opened++;
      this.transport.countReach(end, 1);
    }
    this.transport.call(end, end.incoming ? 'onAccept' : 'onOpen');
  }

  private sayHello(end: End, hello: Hello): void {
    const again = hello.startedMs === this.clock[0] ? 0 : AGAIN;
    const keepAliveMs = Math.min(end.options?.keepAliveMs ?? 0, 0xffffffff);
    this.transport.control(end.session.index, end.remote, SYN, 0, end.id, keepAliveMs, again);
    const giveUpMs = hello.startedMs + (end.options?.timeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
    const waitMs = Math.max(0, Math.min(hello.waitMs, giveUpMs - this.clock[0]));
    if (again) end.roundTripMs = 0;
    else end.startTiming(this.clock[0]); // the answer to a repeated question says nothing
    this.transport.plan(end, waitMs, HANDSHAKE_TIMER, { ...hello, waitMs: Math.min(hello.waitMs * 2, LONGEST_TIMEOUT_MS) });
  }

  /** HANDSHAKE_TIMER: no answer so far. */
  notAnswered(hello: Hello): void {
    const { end } = hello;
    if (end.state !== CONNECTING) return;
    if (this.clock[0] >= hello.startedMs + (end.options?.timeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS)) this.transport.ended(end, 'timed-out');
    else this.sayHello(end, hello);
  }

  /**
   * The third of the handshake: tells the other side that its answer has arrived. Repeated when it is lost, as the answer would be, in
   * case the other side is to speak first.
   */
  confirm(end: End, waitMs: number): void {
    if (end.state === GONE || end.received !== 0) return;
    const verdict = this.transport.control(end.session.index, end.remote, CONFIRM, end.otherId, end.id, 0, 0);
    if (verdict < 0) this.transport.plan(end, waitMs, CONFIRM_TIMER, { end, waitMs } satisfies Again);
  }

  /** CONFIRM_TIMER. */
  confirmAgain({ end, waitMs }: Again): void {
    this.confirm(end, Math.min(waitMs * 2, LONGEST_TIMEOUT_MS));
  }

  /** Those who asked and did not hear the answer, or did not live to: looked for when somebody else asks, so that no answer needs a timer. */
  private forgetUnconfirmed(session: Session): void {
    for (let end = session.ends, waiting = session.connecting, next: End | null; end !== null && waiting > 0; end = next) {
      next = end.next;
      if (end.state > ANSWERED) continue;
      waiting--;
      if (end.state === ANSWERED && end.isTimed && end.timedMs(this.clock[0]) > LINGER_MS) this.transport.forget(end);
    }
  }
}
