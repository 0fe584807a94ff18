/**
 * Messages on their way to the root of a key. Each peer decides the next hop by its own table (`next`, which is what the systems differ
 * in), and whoever is asked on the way may answer before the root is reached (`visit`).
 *
 * `hops` counts forwards, the last one to the root included.
 *
 * Dead peers on the way. With `hopAcks` the peer before the dead one notices after `rpcTimeoutMs`, drops it and sends the message
 * another way. Without, it is lost, and only the origin's own retry (`lookupTimeoutMs`) can save it.
 */

import type { Address, Key } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { Hop, type Other, Request } from './calls.js';
import { Contacts } from './contacts.js';
import { type AnswerMessage, type BareMessage, NOBODY, type RequestType, type RoutedMessage } from './messages.js';
import type { PrefixSettings } from './settings.js';

/** More than this and a message is going round in a circle, which tables in the middle of a repair can make. */
const MOST_HOPS = 100;
/** Without `lookupTimeoutMs`, a join is tried again after this many times `rpcTimeoutMs`. */
const JOIN_TIMEOUTS = 8;
/** A request without a timeout that is not a user's is forgotten after this long. */
const FORGET_MS = 60_000;

export abstract class Routing<R extends RoutedMessage, S extends PrefixSettings> extends Contacts<R, S> {
  /** Whom a message goes to from here; the own address: this is its root. `detour`: by another way than the last time. */
  protected abstract next(message: R, detour: boolean): Address;
  /** The message as it leaves for the peer that `next` has just named. */
  protected abstract onward(message: R, ack: number): R;
  /** A request as it begins. */
  protected abstract begin(request: Request, number: number): R;
  /** The message is here; true: it need go no further. */
  protected abstract visit(from: Address, message: R): boolean;
  /** This is the root. */
  protected abstract arrive(message: R): void;
  /** The request was answered; `answer.providers` may be empty. */
  protected abstract onDone(request: Request, from: Address, answer: AnswerMessage): void;
  /** No answer after all retries. */
  protected abstract onLost(request: Request): void;

  /** Asks the root of a key for something. `through`: the first peer to ask, when the own table is not to say. */
  protected seek(
    type: RequestType,
    key: Key,
    operation: LocateOperation | null = null,
    provider: Address = this.peer.address,
    through: Address = NOBODY,
  ): void {
    const { now } = this.peer;
    if (this.settings.lookupTimeoutMs === 0) {
      this.calls.tidy((call) => call.kind === 'request' && (call.operation ? !call.operation.open : now - call.startedMs > FORGET_MS));
    }
    this.send(new Request(type, key, operation, provider, through, now));
  }

  private send(request: Request): void {
    const { lookupTimeoutMs, rpcTimeoutMs } = this.settings;
    const neverGivesUp = lookupTimeoutMs === 0 && request.type === 'join';
    const number = this.calls.open(request, neverGivesUp ? JOIN_TIMEOUTS * rpcTimeoutMs : lookupTimeoutMs);
    const message = this.begin(request, number);
    if (request.through !== NOBODY) this.pass(request.through, message);
    else if (!this.visit(this.peer.address, message)) this.forward(message, request.retries > 0);
  }

  protected forward(message: R, detour = false): void {
    const to = this.next(message, detour);
    if (to === this.peer.address) this.arrive(message);
    else this.pass(to, message);
  }

  /** Sends a message one hop further. */
  protected pass(to: Address, message: R): void {
    if (message.hops >= MOST_HOPS) {
      this.peer.count('circles');
    } else if (this.settings.hopAcks) {
      const hop = new Hop<R>(to, message);
      this.request(hop, this.onward(message, this.number(hop)));
    } else {
      this.peer.send(to, this.onward(message, 0));
    }
  }

  protected onRouted(from: Address, message: R): void {
    this.peer.reach();
    if (message.ack !== 0) this.peer.send(from, { type: 'ack', request: message.ack } as BareMessage);
    this.proceed(from, message);
  }

  private proceed(from: Address, message: R): void {
    if (!this.visit(from, message)) this.forward(message);
  }

  /** The next peer did not acknowledge: it is dead, and the message goes another way from here. */
  protected onHopSilence({ to, routed }: Hop<R>): void {
    this.peer.timedOut();
    this.onSilence(to);
    if (this.joined) {
      this.proceed(this.peer.address, routed);
    } else {
      const request = this.calls.close(routed.request);
      if (request?.kind === 'request') this.onLost(request); // the contact of a join
    }
  }

  /** A hop has arrived. */
  protected onAck(number: number): void {
    this.calls.close(number);
  }

  protected answer(message: RoutedMessage, providers: readonly Address[]): void {
    const { origin, request, hops } = message;
    if (request === 0) return;
    const answer: AnswerMessage = { type: 'answer', request, hops, identifier: this.identifier, providers };
    if (origin === this.peer.address) this.onAnswer(origin, answer);
    else this.peer.send(origin, answer);
  }

  protected onAnswer(from: Address, answer: AnswerMessage): void {
    const request = this.calls.get(answer.request);
    if (request?.kind !== 'request') return; // a second answer, after a retry
    this.calls.close(answer.request);
    this.onDone(request, from, answer);
  }

  protected onRequestTimeout(request: Request): void {
    if (request.operation !== null && !request.operation.open) return;
    const again = this.joined && request.type !== 'join' && request.type !== 'seek' && request.retries < this.settings.lookupRetries;
    if (!again) {
      this.onLost(request);
      return;
    }
    request.retries++;
    this.peer.count('retries');
    this.send(request);
  }

  protected onTimeout(number: number): void {
    const call = this.calls.get(number);
    if (call === undefined) return;
    if (call.kind !== 'request' && call.repeats < this.settings.rpcRetries) {
      call.repeats++;
      this.calls.rearm(number, this.settings.rpcTimeoutMs);
      this.peer.send(call.to, call.message!);
      return;
    }
    this.calls.close(number);
    if (call.kind === 'hop') this.onHopSilence(call);
    else if (call.kind === 'request') this.onRequestTimeout(call);
    else if (call.kind === 'question') this.onQuestionSilence(call);
    else this.onOtherSilence(call);
  }

  /** Whoever was asked what one system alone asks has not answered. */
  protected onOtherSilence(_call: Other): void {}
}
