/**
 * Finding the owner of a key: recursive (passed on through the closest preceding finger, the owner answers the origin directly) and
 * iterative (the origin asks each step itself).
 *
 * `hops` counts forwards, the last one to the owner included; the paper's 1/2 log2 N counts up to the predecessor, one less.
 *
 * Dead peers on the way. Iterative: the origin asks its next candidate after `rpcTimeoutMs`. Recursive with `hopAcks`: the peer before
 * the dead one notices after `rpcTimeoutMs`, drops it and sends the lookup another way. Recursive without: the lookup is lost, and only
 * the origin's own retry (`lookupTimeoutMs`), which leaves by another finger, can save it.
 *
 * Passing on is the path that a benchmark of millions of messages runs: one message object per hop, no closure, no Map.
 */

import type { Address, Key } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { Hop, Lookup, type Purpose, Question } from './calls.js';
import { type AnswerMessage, type BareMessage, type LookupMessage, type NextMessage, NOBODY, type StepMessage } from './messages.js';
import { hostOf } from './placing.js';
import { RingPlace } from './ring-place.js';
import { closestPreceding, ENTRY, without } from './table.js';

/** The hop counter has 16 bits on the wire. */
const MOST_HOPS = 65535;
/** Candidates named in one step of an iterative lookup, and kept by the origin. */
const CANDIDATES = 3;
const QUEUE = 16;
/** Numbers per candidate in a lookup's queue. */
const CANDIDATE = 3;
/** Without `lookupTimeoutMs`, a join is tried again after this many times `rpcTimeoutMs`. */
const JOIN_TIMEOUTS = 8;
/** A lookup without a timeout that is not a user's is forgotten after this long. */
const FORGET_MS = 60_000;

export abstract class Lookups extends RingPlace {
  /** The lookup has found its owner. */
  protected abstract onFound(lookup: Lookup, owner: Address, answer: Pick<AnswerMessage, 'identifier' | 'hops' | 'providers'>): void;
  /** No answer after all retries. */
  protected abstract onLost(lookup: Lookup): void;
  /** Who has the key, as far as this place knows. */
  protected abstract providersOf(key: Key): readonly Address[];

  /**
   * Looks up the owner of a key; `through` is the first peer to ask, when it is not for this place's own table to say. `retries`: how
   * often this was tried before; `provider`: whose item it is about.
   */
  protected find(
    purpose: Purpose,
    key: Key,
    operation: LocateOperation | null = null,
    through?: Address,
    retries = 0,
    provider: Address = hostOf(this.peer.address),
  ): void {
    const lookup = new Lookup(purpose, key, operation, this.peer.now, retries, provider);
    if (this.settings.lookupTimeoutMs === 0) {
      this.calls.tidy(
        (call) => call.kind === 'lookup' && (call.operation ? !call.operation.open : this.peer.now - call.startedMs > FORGET_MS),
      );
    }
    this.begin(lookup, through);
  }

  private begin(lookup: Lookup, through?: Address): void {
    const { lookupTimeoutMs, rpcTimeoutMs } = this.settings;
    const neverGivesUp = lookupTimeoutMs === 0 && lookup.purpose === 'join';
    const request = this.calls.open(lookup, neverGivesUp ? JOIN_TIMEOUTS * rpcTimeoutMs : lookupTimeoutMs);
    if (this.settings.lookup === 'iterative') {
      lookup.hops = 0;
      lookup.dead = NOBODY;
      lookup.queue = through === undefined ? this.ownCandidates(lookup.key) : [through, 0, this.peer.address];
      this.askNext(lookup, request);
    } else if (through !== undefined) {
      this.pass(through, 'lookup', lookup.key, this.peer.address, request, 1);
    } else if (this.owns(this.ring.identifierOf(lookup.key))) {
      this.answer(lookup.key, this.peer.address, request, 0);
    } else {
      this.route(lookup.key, this.peer.address, request, 0, lookup.retries);
    }
  }

  /** Sends a lookup on its way from here; `detour`: through the so-many-th best finger instead of the best. */
  private route(key: Key, origin: Address, request: number, hops: number, detour = 0): void {
    const table = this.table;
    const distance = this.ring.distance(this.identifier, this.ring.identifierOf(key));
    if (distance === 0 || table.length === 0) {
      this.answer(key, origin, request, hops);
      return;
    }
    const best = this.settings.fingers ? closestPreceding(table, distance, this.ring.bits) : distance <= table[0] ? -1 : 0;
    if (best < 0) this.pass(table[1], 'last', key, origin, request, hops + 1);
    else this.pass(table[Math.max(0, best - detour * ENTRY) + 1], 'lookup', key, origin, request, hops + 1);
  }

  private pass(to: Address, type: 'lookup' | 'last', key: Key, origin: Address, request: number, hops: number): void {
    if (this.settings.hopAcks) {
      this.passWithAck(to, type, key, origin, request, hops);
    } else if (hops <= MOST_HOPS) {
      this.peer.send(to, { type, key, origin, request, hops, ack: 0 } as LookupMessage);
    }
  }

  private passWithAck(to: Address, type: 'lookup' | 'last', key: Key, origin: Address, request: number, hops: number): void {
    if (hops > MOST_HOPS) return;
    const hop = new Hop(to);
    this.request(hop, { type, key, origin, request, hops, ack: this.number(hop) });
  }

  /** The next peer did not acknowledge: it is dead, and the lookup goes another way from here. */
  protected onHopSilence(hop: Hop): void {
    const wasPassedBack = hop.to === this.predecessor && hop.to !== this.successor;
    this.peer.count('chord.timeouts');
    this.peer.timedOut();
    this.drop(hop.to);
    if (!this.joined) return;
    const { key, origin, request, hops } = hop.message as LookupMessage;
    if (wasPassedBack) this.arrive(key, origin, request, hops - 1);
    else this.route(key, origin, request, hops - 1);
  }

  protected onLookup(from: Address, message: LookupMessage): void {
    this.peer.reach();
    if (message.ack !== 0) this.peer.send(from, { type: 'ack', request: message.ack } as BareMessage);
    if (message.type === 'lookup') this.route(message.key, message.origin, message.request, message.hops);
    else this.arrive(message.key, message.origin, message.request, message.hops);
  }

  /**
   * The peer before takes this place for the owner. It is not when a nearer predecessor has joined of which the sender has not heard
   * yet: then the lookup goes back to that one, unless this place has the key all the same.
   */
  private arrive(key: Key, origin: Address, request: number, hops: number): void {
    const owned = this.predecessor === NOBODY || this.owns(this.ring.identifierOf(key));
    if (owned || this.providersOf(key).length > 0) this.answer(key, origin, request, hops);
    else this.pass(this.predecessor, 'last', key, origin, request, hops + 1);
  }

  private answer(key: Key, origin: Address, request: number, hops: number): void {
    const message: AnswerMessage = { type: 'answer', request, hops, identifier: this.identifier, providers: this.providersOf(key) };
    if (origin === this.peer.address) this.onAnswer(origin, message);
    else this.peer.send(origin, message);
  }

  protected onAnswer(from: Address, answer: AnswerMessage): void {
    const lookup = this.calls.get(answer.request);
    if (lookup?.kind !== 'lookup') return; // a second answer, after a retry
    this.calls.close(answer.request);
    if (lookup.question !== 0) this.calls.close(lookup.question);
    this.onFound(lookup, from, answer);
  }

  protected onLookupTimeout(lookup: Lookup): void {
    if (lookup.question !== 0) this.calls.close(lookup.question);
    lookup.question = 0;
    if (lookup.operation !== null && !lookup.operation.open) return;
    const again = this.joined && lookup.purpose !== 'join' && lookup.purpose !== 'merge' && lookup.retries < this.settings.lookupRetries;
    if (!again) {
      this.onLost(lookup);
      return;
    }
    lookup.retries++;
    this.peer.count('chord.retries');
    this.begin(lookup);
  }

  // Iterative: the origin asks one peer after the other.

  private ownCandidates(key: Key): number[] {
    return this.owns(this.ring.identifierOf(key)) ? [this.peer.address, 1, this.peer.address] : this.candidates(key, NOBODY);
  }

  /** Whom to ask next about a key, best first, but not `dead`: as in `Lookup.queue`. */
  private candidates(key: Key, dead: Address): number[] {
    const queue: number[] = [];
    const self = this.peer.address;
    const table = dead === NOBODY ? this.table : without(this.table, dead);
    const distance = this.ring.distance(this.identifier, this.ring.identifierOf(key));
    if (distance === 0 || table.length === 0) {
      queue.push(self, 1, self);
    } else if (distance <= table[0]) {
      const successors = Math.max(ENTRY, Math.min(this.listed * ENTRY - (this.table.length - table.length), CANDIDATES * ENTRY));
      for (let i = 0; i < successors; i += ENTRY) queue.push(table[i + 1], 1, self);
    } else if (this.settings.fingers) {
      const best = closestPreceding(table, distance, this.ring.bits);
      for (let i = best; i >= 0 && i > best - CANDIDATES * ENTRY; i -= ENTRY) queue.push(table[i + 1], 0, self);
    } else {
      queue.push(table[1], 0, self);
    }
    return queue;
  }

  private askNext(lookup: Lookup, request: number): void {
    const queue = lookup.queue!;
    lookup.question = 0;
    if (queue.length === 0 || lookup.hops >= MOST_HOPS) {
      if (this.settings.lookupTimeoutMs > 0) return; // the retry will begin again
      this.calls.close(request);
      this.onLost(lookup);
      return;
    }
    const [to, isOwner, namedBy] = queue.splice(0, CANDIDATE);
    const { key, dead } = lookup;
    lookup.dead = NOBODY;
    if (to === this.peer.address) {
      this.answer(key, to, request, lookup.hops);
      return;
    }
    lookup.hops++;
    const question = new Question('step', to, request, namedBy);
    lookup.question = this.number(question);
    if (isOwner) this.request(question, { type: 'last', key, origin: this.peer.address, request, hops: lookup.hops, ack: 0 });
    else this.request(question, { type: 'next', request: lookup.question, key, dead });
  }

  protected onNext(from: Address, message: NextMessage): void {
    const { request, key, dead } = message;
    if (dead === NOBODY) this.peer.reach();
    else this.ping(new Question('suspect', dead)); // hearsay does not empty a table, silence does
    const queue = this.candidates(key, dead);
    const peers = queue.filter((_, i) => i % CANDIDATE === 0);
    this.peer.send(from, { type: 'step', request, last: queue[1] === 1, peers } as StepMessage);
  }

  protected onStep(from: Address, step: StepMessage): void {
    const question = this.calls.close(step.request);
    if (question?.kind !== 'step') return;
    const lookup = this.calls.get(question.about);
    if (lookup?.kind !== 'lookup') return;
    const queue: number[] = [];
    for (const peer of step.peers) if (peer !== from || step.last) queue.push(peer, step.last ? 1 : 0, from);
    lookup.queue = queue.concat(lookup.queue!).slice(0, QUEUE * CANDIDATE);
    this.askNext(lookup, question.about);
  }

  /** A peer is dead. Who named it is asked for another: nobody else may know who comes after it. */
  protected onStepSilence(question: Question): void {
    this.peer.count('chord.timeouts');
    this.peer.timedOut();
    this.drop(question.to);
    const lookup = this.calls.get(question.about);
    if (lookup?.kind !== 'lookup' || lookup.question === 0) return;
    const rest = lookup.queue!.filter((_, i, queue) => queue[i - (i % CANDIDATE)] !== question.to);
    const namedBy = question.second;
    lookup.dead = namedBy === this.peer.address ? NOBODY : question.to;
    lookup.queue = (lookup.dead === NOBODY ? this.ownCandidates(lookup.key) : [namedBy, 0, this.peer.address]).concat(rest);
    this.askNext(lookup, question.about);
  }
}
