/**
 * A place on the ring and its upkeep: the routing table, successor list and predecessor, stabilise, notify and check predecessor.
 *
 * The paper's own stabilise can adopt a dead peer, and leaves a dead predecessor in place; so this follows Zave, "Reasoning about
 * identifier spaces: how to make Chord correct" (IEEE TSE 2017): a new successor is asked before it is adopted and its whole list is
 * taken over with it, and a peer that is notified by somebody other than its predecessor checks whether the predecessor is alive.
 */

import { type Ring, ringOf } from '../../overlay/identifiers.js';
import { Calls } from '../../overlay/rpc.js';
import type { Address, Peer, Timer } from '../../protocol.js';
import { type ChordCall, type Hop, Question, type Request, type Storing } from './calls.js';
import { type LeavingMessage, NOBODY, type NotifyMessage, type PlaceMessage, type StateMessage } from './messages.js';
import type { ChordSettings } from './settings.js';
import { beginsWith, ENTRY, without, withSuccessors } from './table.js';

const EMPTY: number[] = [];
const HALF = 2 ** 24;

export abstract class RingPlace {
  readonly peer: Peer;
  readonly settings: ChordSettings;
  readonly ring: Ring;
  /**
   * The identifier's upper and lower 24 bits. V8 keeps small integers in the object but a double in a box of its own, a cache
   * miss away, and every hop of a lookup reads this.
   */
  private upper = 0;
  private lower = 0;
  /** Successor list, then fingers: see table.ts. */
  protected table: number[] = EMPTY;
  /** How many entries of `table` are the successor list. */
  protected listed = 0;
  protected predecessor: Address = NOBODY;
  /** Kept when the predecessor dies: the bound up to which this place has had its keys. */
  protected predecessorIdentifier: number;
  /** False before the place is part of a ring, and when it has lost it. It is silent then. */
  protected joined = false;
  private waiting: Calls<ChordCall> | undefined = undefined;
  private stabiliseTimer: Timer | undefined = undefined;

  constructor(peer: Peer, settings: ChordSettings, identifier: number) {
    this.peer = peer;
    this.settings = settings;
    this.ring = ringOf(settings.idBits);
    this.identifier = identifier;
    this.predecessorIdentifier = identifier;
  }

  get identifier(): number {
    return this.upper * HALF + this.lower;
  }

  set identifier(identifier: number) {
    this.upper = Math.floor(identifier / HALF);
    this.lower = identifier % HALF;
  }

  /** A request was not answered in time; `number` is its number in `calls`. */
  protected abstract onTimeout(number: number): void;
  /** Another peer with this place's identifier joined in the same moment, and the successor holds it for the true one. */
  protected abstract onTwin(): void;
  /** No known successor is left. */
  protected abstract onIsolated(): void;
  /** The keys in (after, upTo] belong to this new predecessor now. */
  protected abstract handOver(to: Address, after: number, upTo: number): void;
  /** This new predecessor comes where a dead one was: copies of keys up to there may be all it can get. */
  protected abstract handCopies(to: Address, upTo: number): void;
  /** The successors are as they are known now. */
  protected abstract renewCopies(): void;
  /** Nothing to do while alone, except to look for others. */
  protected abstract merge(): void;

  /** Requests that wait for an answer; made when first needed. */
  protected get calls(): Calls<ChordCall> {
    this.waiting ??= new Calls<ChordCall>(this.peer, this.onTimeout);
    return this.waiting;
  }

  /** A number under which the answer is waited for. */
  protected number(request: Question | Hop | Storing): number {
    return this.calls.open(request, this.settings.rpcTimeoutMs);
  }

  /** Sends a message that has such a number, to be sent again when there is no answer. */
  protected request(request: Request, message: PlaceMessage): void {
    request.message = message;
    this.peer.send(request.to, message);
  }

  /** Takes a finished place in the ring. `table` is as in table.ts. */
  settle(identifier: number, table: number[], listed: number, predecessor: Address, predecessorIdentifier: number): void {
    this.identifier = identifier;
    this.table = table;
    this.listed = listed;
    this.predecessor = predecessor;
    this.predecessorIdentifier = predecessorIdentifier;
    this.joined = true;
  }

  /** The first successor; itself when alone. */
  get successor(): Address {
    return this.table.length > 0 ? this.table[1] : this.peer.address;
  }

  /** The successor list as [identifier, address, ...]: for others, and for tests. */
  get successors(): number[] {
    return this.entries(0, this.listed);
  }

  /** The other known peers as [identifier, address, ...]. */
  get fingers(): number[] {
    return this.entries(this.listed, this.table.length / ENTRY);
  }

  /** The predecessor, NOBODY when not known. */
  get before(): Address {
    return this.predecessor;
  }

  private entries(from: number, to: number): number[] {
    const entries: number[] = [];
    for (let i = from * ENTRY; i < to * ENTRY; i += ENTRY) entries.push(this.ring.plus(this.identifier, this.table[i]), this.table[i + 1]);
    return entries;
  }

  /** Whether an identifier belongs to this place, as far as it knows its predecessor. */
  owns(identifier: number): boolean {
    if (this.table.length === 0) return this.joined;
    return this.predecessor !== NOBODY && this.ring.within(identifier, this.predecessorIdentifier, this.identifier);
  }

  protected startUpkeep(): void {
    const { stabiliseMs, stabiliseTiming, checkPredecessorMs } = this.settings;
    if (stabiliseMs > 0) {
      if (stabiliseTiming === 'fixed') this.peer.every(stabiliseMs, this.stabilise);
      else this.stabiliseLater();
    }
    if (checkPredecessorMs > 0) this.peer.every(checkPredecessorMs, this.checkPredecessor);
  }

  private stabiliseLater(): void {
    const { stabiliseMs } = this.settings;
    this.stabiliseTimer = this.peer.every(stabiliseMs, this.stabiliseAtRandom, undefined, this.peer.random.exponential(stabiliseMs));
  }

  private stabiliseAtRandom(): void {
    this.peer.cancel(this.stabiliseTimer);
    this.stabiliseLater();
    this.stabilise();
  }

  /** Asks the successor whom it takes for its predecessor, and for its successors. */
  protected stabilise(): void {
    if (!this.joined) return;
    if (this.table.length > 0) this.ask('successor', this.table[1]);
    else if (this.predecessor !== NOBODY) this.adopt(this.predecessorIdentifier, this.predecessor, EMPTY);
    else this.merge();
  }

  /** `candidate`: a peer that may be a nearer successor. `dead`: who was found dead just before. */
  protected ask(kind: 'successor' | 'candidate', to: Address, dead: Address = NOBODY): void {
    const question = new Question(kind, to, dead);
    this.request(question, { type: 'stabilise', request: this.number(question) });
  }

  protected onStabilise(from: Address, request: number): void {
    const { identifier, predecessor, predecessorIdentifier, successors } = this;
    this.peer.send(from, { type: 'state', request, identifier, predecessor, predecessorIdentifier, successors } as StateMessage);
  }

  /**
   * A successor, or a candidate, has answered. When it names a nearer peer still, that one is asked next: so one round finds the true
   * successor however many have joined in between.
   */
  protected onState(from: Address, state: StateMessage): void {
    const call = this.calls.close(state.request);
    if (call?.kind !== 'successor' && call?.kind !== 'candidate') return;
    if (call.kind === 'candidate' ? !this.isNearer(state.identifier) : this.successor !== from) return;
    this.adopt(state.identifier, from, state.successors);
    this.renewCopies();
    const { predecessor, predecessorIdentifier } = state;
    if (predecessor !== NOBODY && predecessor !== this.peer.address && predecessor !== call.about) {
      if (predecessorIdentifier === this.identifier) {
        this.onTwin();
        return;
      }
      if (this.isNearer(predecessorIdentifier)) {
        this.ask('candidate', predecessor, call.about);
        return;
      }
      this.guessPredecessor(predecessor, predecessorIdentifier);
    }
    this.notifySuccessor();
  }

  /** A newcomer takes over its successor's predecessor. Should it be dead, the first live one to notify this place replaces it. */
  private guessPredecessor(address: Address, identifier: number): void {
    if (this.predecessorIdentifier !== this.identifier) return;
    this.predecessor = address;
    this.predecessorIdentifier = identifier;
    this.handOver(address, this.identifier, identifier); // it may have been a ring of its own until now
  }

  protected notifySuccessor(): void {
    if (this.table.length > 0) this.peer.send(this.table[1], { type: 'notify', identifier: this.identifier } as NotifyMessage);
  }

  private isNearer(identifier: number): boolean {
    const distance = this.ring.distance(this.identifier, identifier);
    return distance > 0 && (this.table.length === 0 || distance < this.table[0]);
  }

  /** Makes a live peer the successor, and its successors the rest of the list. */
  protected adopt(identifier: number, address: Address, itsSuccessors: readonly number[]): void {
    let last = this.ring.distance(this.identifier, identifier);
    if (last === 0) return;
    const list = [last, address];
    let wholeRing = false;
    for (let i = 0; i < itsSuccessors.length && list.length < this.settings.successors * ENTRY; i += 2) {
      const distance = this.ring.distance(this.identifier, itsSuccessors[i]);
      wholeRing = distance <= last; // the list has come round to this place
      if (wholeRing) break;
      list.push(distance, itsSuccessors[i + 1]);
      last = distance;
    }
    if (this.listed * ENTRY === list.length && beginsWith(this.table, list) && !(wholeRing && this.table.length > list.length)) return;
    this.listed = list.length / ENTRY;
    this.table = wholeRing || !this.settings.fingers ? list.slice() : withSuccessors(this.table, list);
  }

  protected onNotify(from: Address, identifier: number): void {
    if (from === this.predecessor) return;
    if (identifier === this.identifier) return; // its identifier is taken; it will find out by its own lookup
    const nearer = this.ring.between(identifier, this.predecessorIdentifier, this.identifier);
    if (this.predecessor === NOBODY || nearer) {
      const after = this.predecessorIdentifier;
      this.predecessor = from;
      this.predecessorIdentifier = identifier;
      if (nearer) this.handOver(from, after, identifier);
      else this.handCopies(from, identifier);
      if (this.table.length === 0) this.adopt(identifier, from, EMPTY);
    } else {
      this.pingPredecessor(from, identifier);
    }
  }

  protected checkPredecessor(): void {
    if (this.joined && this.predecessor !== NOBODY) this.pingPredecessor();
  }

  private pingPredecessor(replacement: Address = NOBODY, identifier = 0): void {
    this.ping(new Question('predecessor', this.predecessor, replacement, identifier));
  }

  protected ping(question: Question): void {
    this.request(question, { type: 'ping', request: this.number(question) });
  }

  /** A peer did not answer: what this place knew it for passes to the next. */
  protected onSilence(question: Question): void {
    this.peer.count('chord.timeouts');
    this.drop(question.to);
    if (question.kind === 'predecessor' && question.about !== NOBODY && this.predecessor === NOBODY) {
      this.onNotify(question.about, question.second);
    } else if (question.kind === 'candidate') {
      this.notifySuccessor();
    } else if (question.kind === 'successor' && this.table.length > 0) {
      this.ask('successor', this.table[1], question.to);
    }
  }

  /** Forgets a peer that is dead or gone. */
  protected drop(address: Address): void {
    if (this.predecessor === address) this.predecessor = NOBODY;
    const table = without(this.table, address);
    if (table.length === this.table.length) return;
    for (let i = 0; i < this.listed * ENTRY; i += ENTRY) {
      if (this.table[i + 1] !== address) continue;
      this.listed--;
      break;
    }
    this.table = table;
    if (this.listed === 0 && table.length > 0) this.listed = 1; // the nearest finger will do until stabilise has walked back from it
    if (table.length === 0 && this.joined) this.onIsolated();
  }

  protected onLeaving(from: Address, message: LeavingMessage): void {
    const { predecessor, predecessorIdentifier, successors } = message;
    const wasPredecessor = from === this.predecessor;
    const wasSuccessor = this.table.length > 0 && from === this.table[1];
    if (wasSuccessor && successors.length > 0) this.adopt(successors[0], successors[1], successors.slice(2));
    this.drop(from);
    if (wasPredecessor && predecessor !== NOBODY && predecessor !== this.peer.address) {
      this.predecessor = predecessor;
      this.predecessorIdentifier = predecessorIdentifier;
    }
  }

  protected sayGoodbye(): void {
    const { predecessor, predecessorIdentifier, successors } = this;
    const message: LeavingMessage = { type: 'leaving', predecessor, predecessorIdentifier, successors };
    if (this.table.length > 0) this.peer.send(this.table[1], message);
    if (predecessor !== NOBODY && predecessor !== this.successor) this.peer.send(predecessor, message);
  }

  /** Addresses of successors, fingers and predecessor. */
  *neighbours(): Iterable<Address> {
    for (let i = 1; i < this.table.length; i += ENTRY) yield this.table[i];
    if (this.predecessor !== NOBODY) yield this.predecessor;
  }

  /** On the circle of identifiers. */
  position(): readonly number[] {
    return [this.identifier / this.ring.size];
  }
}
