/**
 * Finding the owner of a key on a circle: the first peer at or behind the key's identifier. A lookup is passed on from peer to peer, and the
 * owner answers the origin directly. Which way it goes is the system's: `step` names the next peer.
 *
 * `hops` counts forwards, the last one to the owner included.
 *
 * With `hopAcks` a peer notices after `rpcTimeoutMs` that the next one is dead, drops it, and sends the lookup another way; without them it
 * is lost, and the origin asks again after `lookupTimeoutMs`.
 *
 * `seek` goes the same way to the peer that precedes an identifier, and is answered by it: how a newcomer finds its place.
 */

import type { Address, Key } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { Hop, Lookup, type Purpose } from './calls.js';
import { type AnswerMessage, type BareMessage, type LookupMessage, NOBODY, type WelcomeMessage } from './messages.js';
import { Neighbours } from './neighbours.js';

/** The hop counter has 16 bits on the wire. */
const MOST_HOPS = 65_535;

/** Where a lookup goes next, and on which leg of its way it is then. */
export interface Step {
  readonly to: Address;
  readonly leg: number;
}

export abstract class Lookups extends Neighbours {
  /** The next peer on the way to the owner of `identifier`, which is neither this peer nor its immediate successor. Null: it knows none. */
  protected abstract step(identifier: number, leg: number): Step | null;
  /** Who has the key, as far as this peer knows. */
  protected abstract providersOf(key: Key): readonly Address[];
  protected abstract onFound(lookup: Lookup, owner: Address, answer: AnswerMessage): void;
  protected abstract onWelcome(from: Address, welcome: WelcomeMessage): void;
  /** No answer after all retries. */
  protected abstract onLost(lookup: Lookup): void;

  /** Looks up the owner of a key. `about`: see `Lookup`; `retries`: how often this was tried before. */
  protected find(purpose: Purpose, key: Key, about = 0, operation: LocateOperation | null = null, retries = 0): void {
    this.begin(new Lookup(purpose, key, operation, about, retries));
  }

  private begin(lookup: Lookup): void {
    const request = this.calls.open(lookup, this.settings.lookupTimeoutMs);
    this.route('lookup', lookup.key, this.peer.address, request, 0, 0);
  }

  protected seekPlace(through: Address): void {
    const key = this.ring.keyOf(this.identifier);
    const request = this.calls.open(new Lookup('seek', key, null, 0, 0), this.settings.lookupTimeoutMs);
    this.pass(through, 'seek', key, this.peer.address, request, 1, 0);
  }

  /** Sends a lookup on its way from here. */
  private route(type: LookupMessage['type'], key: Key, origin: Address, request: number, hops: number, leg: number): void {
    const identifier = this.ring.identifierOf(key);
    if (type === 'seek') {
      this.routeSeek(key, identifier, origin, request, hops, leg);
    } else if (this.owns(identifier)) {
      this.answer(key, origin, request, hops);
    } else if (this.successors.length === 0) {
      this.peer.count('circle.lookups-stuck');
    } else if (this.ring.within(identifier, this.identifier, this.successors[0])) {
      this.pass(this.successor, 'last', key, origin, request, hops + 1, leg);
    } else {
      this.stepOn('lookup', key, identifier, origin, request, hops, leg);
    }
  }

  private routeSeek(key: Key, identifier: number, origin: Address, request: number, hops: number, leg: number): void {
    const isHere = this.successors.length === 0 || this.ring.within(identifier, this.identifier, this.successors[0]);
    if (isHere || identifier === this.identifier) {
      if (origin === this.peer.address) this.calls.close(request);
      else this.peer.send(origin, { type: 'welcome', request, identifier: this.identifier, successors: this.successors } as WelcomeMessage);
    } else if (this.predecessor !== NOBODY && this.owns(identifier)) {
      this.pass(this.predecessor, 'seek', key, origin, request, hops + 1, leg);
    } else {
      this.stepOn('seek', key, identifier, origin, request, hops, leg);
    }
  }

  private stepOn(type: 'lookup' | 'seek', key: Key, identifier: number, origin: Address, request: number, hops: number, leg: number): void {
    const next = this.step(identifier, leg);
    if (next === null) this.peer.count('circle.lookups-stuck');
    else this.pass(next.to, type, key, origin, request, hops + 1, next.leg);
  }

  private pass(to: Address, type: LookupMessage['type'], key: Key, origin: Address, request: number, hops: number, leg: number): void {
    if (hops > MOST_HOPS) return;
    if (this.settings.hopAcks) {
      const hop = new Hop(to);
      this.request(hop, { type, key, origin, request, hops, leg, ack: this.number(hop) } as LookupMessage);
    } else {
      this.peer.send(to, { type, key, origin, request, hops, leg, ack: 0 } as LookupMessage);
    }
  }

  /** The next peer did not acknowledge: it is dead, and the lookup goes another way from here. */
  protected onHopSilence(hop: Hop): void {
    this.peer.count('circle.timeouts');
    this.peer.timedOut();
    const wasPassedBack = hop.to === this.predecessor;
    this.drop(hop.to);
    if (!this.joined) return;
    const { type, key, origin, request, hops, leg } = hop.message as LookupMessage;
    if (type === 'last' && wasPassedBack) this.arrive(key, origin, request, hops - 1, leg);
    else this.route(type === 'seek' ? 'seek' : 'lookup', key, origin, request, hops - 1, leg);
  }

  protected onLookup(from: Address, { type, key, origin, request, hops, leg, ack }: LookupMessage): void {
    this.peer.reach();
    if (ack !== 0) this.peer.send(from, { type: 'ack', request: ack } as BareMessage);
    if (type === 'last') this.arrive(key, origin, request, hops, leg);
    else this.route(type, key, origin, request, hops, leg);
  }

  /**
   * The peer before takes this one for the owner. It is not when a nearer predecessor has joined of which the sender has not heard yet: then
   * the lookup goes back to that one, unless this peer has the key all the same.
   */
  private arrive(key: Key, origin: Address, request: number, hops: number, leg: number): void {
    const owned = this.predecessor === NOBODY || this.owns(this.ring.identifierOf(key));
    if (owned || this.providersOf(key).length > 0) this.answer(key, origin, request, hops);
    else this.pass(this.predecessor, 'last', key, origin, request, hops + 1, leg);
  }

  private answer(key: Key, origin: Address, request: number, hops: number): void {
    const message: AnswerMessage = { type: 'answer', request, hops, identifier: this.identifier, providers: this.providersOf(key) };
    if (origin === this.peer.address) this.onAnswer(origin, message);
    else this.peer.send(origin, message);
  }

  protected onAnswer(from: Address, answer: AnswerMessage): void {
    if (this.calls.get(answer.request)?.kind !== 'lookup') return; // a second answer, after a retry
    this.onFound(this.calls.close(answer.request) as Lookup, from, answer);
  }

  protected onLookupTimeout(lookup: Lookup): void {
    if (lookup.operation !== null && !lookup.operation.open) return;
    if (!this.joined || lookup.purpose === 'seek' || lookup.retries >= this.settings.lookupRetries) {
      this.onLost(lookup);
      return;
    }
    lookup.retries++;
    this.peer.count('circle.retries');
    this.begin(lookup);
  }
}
