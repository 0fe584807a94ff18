/**
 * One place on a Chord ring, as one peer's protocol: joining and leaving, fingers, and which message goes where. Stoica, Morris,
 * Liben-Nowell, Karger, Kaashoek, Dabek, Balakrishnan, "Chord: a scalable peer-to-peer lookup protocol for Internet applications"
 * (IEEE/ACM ToN 11(1), 2003).
 *
 * It stands on three classes, each with one task: ring-place.ts (upkeep of the ring), lookup.ts, key-index.ts.
 */

import { serveClient } from '../../overlay/clients/desk.js';
import type { ClientMessage } from '../../overlay/clients/messages.js';
import { floorLog2 } from '../../overlay/identifiers.js';
import type { Address, Connection, Key, Peer, Protocol } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import { type Lookup, Question } from './calls.js';
import { KeyIndex } from './key-index.js';
import { type AnswerMessage, NOBODY, type PlaceMessage, type PongMessage } from './messages.js';
import { identifierOfPlace } from './placing.js';
import type { ChordSettings } from './settings.js';
import { ENTRY, withFinger } from './table.js';

/** After so many silent candidates a peer begins a ring of its own (which merges with others later). */
const MOST_CONTACTS = 8;
/** After so many candidates that had not joined either, it compares its address with so many others. */
const SURE_CONTACTS = 3;
const HOST_CACHE = 200;

export class Chord extends KeyIndex implements Protocol<PlaceMessage | ClientMessage>, Locate {
  /** Which of its peer's places this is. */
  private readonly place: number;
  /** Raised whenever the identifier turned out to be taken. */
  private attempt = 0;
  /** Candidates in a row that were silent, and that had not joined either. */
  private contactsTried = 0;
  private waits = 0;
  private upkeepStarted = false;
  /** Exponent of the finger to look up next. */
  private nextPower = 0;
  /** True while the fingers are looked up one after the other, right after the join. */
  private filling = false;
  /** Questions asked before this place was part of a ring. */
  private early: [Key, LocateOperation][] | null = null;

  constructor(peer: Peer, settings: ChordSettings, place = 0) {
    super(peer, settings, -1);
    this.place = place;
  }

  // Join and leave.

  join(): void {
    this.identifier = identifierOfPlace(this.peer, this.settings, this.place, 0);
    this.predecessorIdentifier = this.identifier;
    this.enter();
  }

  leave(): void {
    if (!this.joined) return;
    this.withdrawAll();
    this.handOverAll();
    this.sayGoodbye();
  }

  /** Called by `converge` after `settle`. */
  converged(attempt: number): void {
    this.attempt = attempt;
    this.onJoined();
  }

  private drawAgain(): void {
    this.peer.count('chord.identifier-taken');
    this.identifier = identifierOfPlace(this.peer, this.settings, this.place, ++this.attempt);
    this.predecessorIdentifier = this.identifier;
  }

  /** Looks for a peer that is part of a ring. */
  private enter(): void {
    if (this.joined) return;
    const [contact] = this.peer.bootstrap(1);
    if (contact === undefined || this.contactsTried >= MOST_CONTACTS) {
      this.contactsTried = 0;
      this.onJoined(); // a ring of one
    } else {
      this.contactsTried++;
      this.ping(new Question('contact', contact));
    }
  }

  private onPong(message: PongMessage): void {
    const question = this.calls.close(message.request);
    if (question?.kind === 'contact') {
      if (!this.joined) this.onContact(question.to, message.joined);
    } else if ((question?.kind === 'predecessor' || question?.kind === 'suspect') && !message.joined) {
      this.onSilence(question); // it is up, but not (or no longer) part of the ring
    }
  }

  /** When several that have not joined find only each other, the one with the lowest address begins the ring. */
  private onContact(contact: Address, joined: boolean): void {
    if (joined) {
      this.contactsTried = 0; // there is a ring, so a lost lookup is no reason to begin another
      this.find('join', this.ring.keyOf(this.identifier), null, contact);
    } else if (this.waits >= SURE_CONTACTS && this.peer.bootstrap(HOST_CACHE).every((other) => other > this.peer.address)) {
      this.onJoined();
    } else {
      this.contactsTried = 0;
      this.waits++;
      this.peer.after(this.settings.rpcTimeoutMs, this.enter);
    }
  }

  /** The successor is known. Its answer to the first `stabilise` brings its list; the `notify` that follows brings the keys. */
  private onSuccessor(successor: Address, identifier: number): void {
    if (this.joined) return;
    if (identifier === this.identifier) {
      if (successor !== this.peer.address) this.drawAgain(); // else others still hold this peer's former session for alive
      this.enter();
      return;
    }
    this.adopt(identifier, successor, []);
    this.onJoined();
    this.stabilise();
    this.filling = this.settings.fingers;
    if (this.filling) this.fixFinger();
  }

  private onJoined(): void {
    this.joined = true;
    if (!this.upkeepStarted) {
      this.upkeepStarted = true;
      this.startUpkeep();
      if (this.settings.fingers && this.settings.fixFingersMs > 0) this.peer.every(this.settings.fixFingersMs, this.fixFinger);
      if (this.settings.fingers && this.settings.mergeMs > 0) this.peer.every(this.settings.mergeMs, this.merge);
    }
    this.publishPending();
    for (const [key, operation] of this.early ?? []) if (operation.open) this.find('locate', key, operation);
    this.early = null;
  }

  protected onTwin(): void {
    this.drawAgain();
    this.settle(this.identifier, [], 0, NOBODY, this.identifier);
    this.joined = false;
    this.enter();
  }

  protected onIsolated(): void {
    this.joined = false;
    this.peer.count('chord.isolated');
    this.enter();
  }

  /** Looks for its own place through a random peer: the answer differs from its successor when that peer is in another ring. */
  protected merge(): void {
    const [contact] = this.peer.bootstrap(1);
    if (this.joined && contact !== undefined) this.find('merge', this.ring.keyOf(this.ring.plus(this.identifier, 1)), null, contact);
  }

  // Fingers.

  /** Looks up one finger anew: the first peer at or behind the point 2^power away. Those the successor list covers need none. */
  private fixFinger(): void {
    if (!this.joined || this.table.length === 0) return;
    const first = floorLog2(this.table[(this.listed - 1) * ENTRY]) + 1;
    if (this.nextPower < first || this.nextPower >= this.ring.bits) {
      const filled = this.filling && this.nextPower >= this.ring.bits;
      this.nextPower = first;
      if (filled) {
        this.filling = false;
        return;
      }
    }
    if (this.nextPower < this.ring.bits) this.find('finger', this.ring.keyOf(this.ring.plus(this.identifier, 2 ** this.nextPower)));
  }

  private onFinger(point: number, address: Address, identifier: number): void {
    if (this.table.length === 0) return;
    const start = this.ring.distance(this.identifier, point);
    const power = floorLog2(start);
    let distance = this.ring.distance(this.identifier, identifier);
    if (distance < start) distance = Number.POSITIVE_INFINITY; // the first peer behind that point is this one, or lies beyond it
    if (start > this.table[(this.listed - 1) * ENTRY]) this.table = withFinger(this.table, this.listed, power, distance, address);
    this.nextPower = distance < this.ring.size ? floorLog2(distance) + 1 : this.ring.bits;
    if (this.filling) this.fixFinger();
  }

  // Lookups of every purpose.

  locate(key: Key, operation: LocateOperation): void {
    if (this.joined) {
      this.find('locate', key, operation);
    } else {
      this.early ??= [];
      this.early.push([key, operation]);
    }
  }

  protected onFound(lookup: Lookup, owner: Address, answer: Pick<AnswerMessage, 'identifier' | 'hops' | 'providers'>): void {
    switch (lookup.purpose) {
      case 'locate':
        for (const provider of answer.providers) lookup.operation!.found(provider, answer.hops);
        lookup.operation!.finish(answer.hops);
        return;
      case 'publish':
        this.storeAt(owner, lookup);
        return;
      case 'withdraw':
        this.withdrawAt(owner, lookup.key, lookup.provider);
        return;
      case 'finger':
        this.onFinger(this.ring.identifierOf(lookup.key), owner, answer.identifier);
        return;
      case 'join':
        this.onSuccessor(owner, answer.identifier);
        return;
      case 'merge':
        if (owner !== this.peer.address && owner !== this.successor) this.ask('candidate', owner);
    }
  }

  protected onLost(lookup: Lookup): void {
    if (lookup.purpose === 'join') {
      if (!this.joined) this.enter();
    } else if (lookup.purpose === 'finger') {
      this.filling = false;
    } else if (lookup.purpose !== 'merge') {
      this.peer.count('chord.lookups-lost');
    }
  }

  // Messages and timeouts.

  /** Clients connect. */
  onAccept(): void {}

  onMessage(from: Address, message: PlaceMessage | ClientMessage, connection: Connection | null = null): void {
    switch (message.type) {
      case 'lookup':
      case 'last':
        if (this.joined) this.onLookup(from, message);
        return;
      case 'ack':
        this.calls.close(message.request);
        return;
      case 'answer':
        this.onAnswer(from, message);
        return;
      case 'stabilise':
        if (this.joined) this.onStabilise(from, message.request);
        return;
      case 'state':
        if (this.joined) this.onState(from, message);
        return;
      case 'notify':
        if (this.joined) this.onNotify(from, message.identifier);
        return;
      case 'ping':
        this.peer.send(from, { type: 'pong', request: message.request, joined: this.joined } as PongMessage);
        return;
      case 'pong':
        this.onPong(message);
        return;
      case 'next':
        if (this.joined) this.onNext(from, message);
        return;
      case 'step':
        this.onStep(from, message);
        return;
      case 'items':
        if (this.joined) this.onItems(message);
        return;
      case 'store':
        if (this.joined) this.onStore(from, message);
        return;
      case 'stored':
        this.onStored(message.request);
        return;
      case 'withdraw':
        this.onWithdraw(message);
        return;
      case 'leaving':
        if (this.joined) this.onLeaving(from, message);
        return;
      default:
        serveClient(this, message, connection);
    }
  }

  protected onTimeout(number: number): void {
    const call = this.calls.get(number);
    if (call === undefined) return;
    if (call.kind !== 'lookup' && call.repeats < this.settings.rpcRetries) {
      call.repeats++;
      this.calls.rearm(number, this.settings.rpcTimeoutMs);
      this.peer.send(call.to, call.message!);
      return;
    }
    this.calls.close(number);
    switch (call.kind) {
      case 'hop':
        this.onHopSilence(call);
        return;
      case 'lookup':
        this.onLookupTimeout(call);
        return;
      case 'step':
        this.onStepSilence(call);
        return;
      case 'contact':
        this.enter();
        return;
      case 'storing':
        this.onStoreSilence(call);
        return;
      default:
        this.onSilence(call);
    }
  }
}
