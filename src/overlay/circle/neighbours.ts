/**
 * A peer's neighbours on a circle of identifiers, and their upkeep: the circular DHT of Kurose and Ross ("Computer Networking", section
 * 2.6). Each peer knows its predecessor and its next few successors, and pings them periodically; a dead successor is replaced by the next.
 *
 * The textbook tells of one join or failure at a time. So that many at once do no harm, each peer also sees to it that its neighbours
 * agree with it. What its successor says of its own predecessor shows a newcomer in between, which is asked before it is adopted; and a
 * peer that somebody else claims to precede first finds out whether its old predecessor is alive (both as in Zave, "How to make Chord
 * correct", IEEE TSE 43(12), 2017). And when its predecessor says that somebody else comes next, the peer looks for its place anew, from
 * that one on (`seekPlace`), and so closes up with those in between.
 *
 * A peer that has lost all its successors (two adjacent peers died at once, when it knows two) takes its predecessor for its successor, as
 * it is the one furthest ahead, and walks back from it, from predecessor to predecessor, to the first live peer behind the gap. In the
 * textbook the circle stays broken; `mend: false` leaves it so.
 */

import type { Address, Message, Peer } from '../../protocol.js';
import { type Ring, ringOf } from '../identifiers.js';
import { Calls } from '../rpc.js';
import { type CircleCall, type CircleRequest, Ping } from './calls.js';
import { type BareMessage, type BesideMessage, type LeavingMessage, NOBODY, type PongMessage } from './messages.js';
import type { CircleSettings } from './settings.js';

const NONE: readonly number[] = [];
/** Numbers per contact in a list: identifier and address. */
export const CONTACT = 2;

export abstract class Neighbours {
  readonly peer: Peer;
  readonly settings: CircleSettings;
  readonly ring: Ring;
  identifier: number;
  /** The next peers clockwise, as [identifier, address, ...]; empty when alone. Replaced, never changed. */
  successors: readonly number[] = NONE;
  /** NOBODY when not known. */
  predecessor: Address = NOBODY;
  /** Kept when the predecessor dies: the bound up to which this peer has had its keys. */
  predecessorIdentifier: number;
  /** False before the peer is part of a circle, and when it has lost it. It does no work for others then. */
  joined = false;
  private waiting: Calls<CircleCall> | undefined = undefined;

  constructor(peer: Peer, settings: CircleSettings) {
    this.peer = peer;
    this.settings = settings;
    this.ring = ringOf(settings.idBits);
    this.identifier = 0;
    this.predecessorIdentifier = 0;
  }

  /** A request was not answered in time; `number` is its number in `calls`. */
  protected abstract onTimeout(number: number): void;
  /** Another peer has this one's identifier. */
  protected abstract onTwin(): void;
  /** No neighbour is left. */
  protected abstract onIsolated(): void;
  /** The keys in (after, upTo] belong to this new predecessor now. */
  protected abstract handOver(to: Address, after: number, upTo: number): void;
  /** A peer further back than the dead predecessor has become it; it may have joined since, and own keys of which copies are here. */
  protected abstract handCopies(to: Address, upTo: number): void;
  /** Sees to it that the successors have the copies they should have. */
  protected abstract renewCopies(): void;
  /** Finds this peer's place on the circle anew, beginning at `through`. */
  protected abstract seekPlace(through: Address): void;

  /** Requests that wait for an answer; made when first needed. */
  protected get calls(): Calls<CircleCall> {
    this.waiting ??= new Calls<CircleCall>(this.peer, this.onTimeout);
    return this.waiting;
  }

  /** A number under which the answer is waited for. */
  protected number(request: CircleRequest): number {
    return this.calls.open(request, this.settings.rpcTimeoutMs);
  }

  /** Sends a message that has such a number, to be sent again when there is no answer. */
  protected request(request: CircleRequest, message: Message): void {
    request.message = message;
    this.peer.send(request.to, message);
  }

  /** The immediate successor; itself when alone. */
  get successor(): Address {
    return this.successors.length > 0 ? this.successors[1] : this.peer.address;
  }

  /** Whether an identifier belongs to this peer, as far as it knows its predecessor, or knew it before it died. */
  owns(identifier: number): boolean {
    if (this.successors.length === 0 && this.predecessor === NOBODY) return this.joined;
    const hasBound = this.predecessor !== NOBODY || this.predecessorIdentifier !== this.identifier;
    return hasBound && this.ring.within(identifier, this.predecessorIdentifier, this.identifier);
  }

  /** Takes a place on the circle. */
  settle(identifier: number, successors: readonly number[], predecessor: Address, predecessorIdentifier: number): void {
    this.identifier = identifier;
    this.successors = successors;
    this.predecessor = predecessor;
    this.predecessorIdentifier = predecessorIdentifier;
    this.joined = true;
  }

  // Who comes next.

  private isNearer(identifier: number): boolean {
    return (
      identifier !== this.identifier && (this.successors.length === 0 || this.ring.between(identifier, this.identifier, this.successors[0]))
    );
  }

  /** Makes a live peer the immediate successor, and its successors the further ones, up to where they come round to this peer. */
  protected adopt(identifier: number, address: Address, its: readonly number[]): void {
    const list = [identifier, address];
    let last = this.ring.distance(this.identifier, identifier);
    if (last === 0) return;
    for (let i = 0; i < its.length && list.length < this.settings.successors * CONTACT; i += CONTACT) {
      const distance = this.ring.distance(this.identifier, its[i]);
      if (distance <= last) break;
      list.push(its[i], its[i + 1]);
      last = distance;
    }
    if (list.length !== this.successors.length || list.some((number, i) => number !== this.successors[i])) this.successors = list;
  }

  /** Forgets a peer that is dead or gone. The next successor, if it was the first, is asked at once who comes after. */
  protected drop(address: Address): void {
    if (this.predecessor === address) this.predecessor = NOBODY;
    const wasFirst = this.successors.length > 0 && this.successors[1] === address;
    const rest: number[] = [];
    for (let i = 0; i < this.successors.length; i += CONTACT) {
      if (this.successors[i + 1] !== address) rest.push(this.successors[i], this.successors[i + 1]);
    }
    if (rest.length < this.successors.length) this.successors = rest;
    if (!this.joined) return;
    if (this.successors.length > 0) {
      if (wasFirst) this.ping(new Ping('successor', this.successor, address));
    } else if (this.predecessor === NOBODY) {
      this.onIsolated();
    } else if (wasFirst) {
      this.peer.count('circle.broken');
      if (this.settings.mend) this.walkBack(address);
    }
  }

  private walkBack(dead: Address): void {
    this.adopt(this.predecessorIdentifier, this.predecessor, NONE);
    this.ping(new Ping('successor', this.predecessor, dead));
    const [contact] = this.peer.bootstrap(1);
    if (contact !== undefined) this.seekPlace(contact); // several gaps leave several circles
  }

  // Pings, and what their answers show.

  protected startUpkeep(): void {
    const { pingMs, mergeMs } = this.settings;
    if (pingMs > 0) this.peer.every(pingMs, this.pingAll);
    if (mergeMs > 0) this.peer.every(mergeMs, this.merge);
  }

  private pingAll(): void {
    if (!this.joined) return;
    this.renewCopies();
    for (let i = 0; i < this.successors.length; i += CONTACT) {
      this.ping(new Ping(i === 0 ? 'successor' : 'spare', this.successors[i + 1]));
    }
    if (this.predecessor !== NOBODY && this.predecessor !== this.successor) this.ping(new Ping('predecessor', this.predecessor));
    else if (this.successors.length === 0) this.meetOthers();
  }

  /** Circles that do not know of each other find together: of each, the one peer that owns identifier 0 does the looking. */
  private merge(): void {
    if (this.joined && this.owns(0)) this.meetOthers();
  }

  private meetOthers(): void {
    const [contact] = this.peer.bootstrap(1);
    if (contact !== undefined) this.seekPlace(contact);
  }

  protected ping(ping: Ping): void {
    this.request(ping, { type: 'ping', request: this.number(ping) } as BareMessage);
  }

  protected onPing(from: Address, request: number): void {
    const { joined, identifier, predecessor, predecessorIdentifier, successors } = this;
    this.peer.send(from, { type: 'pong', request, joined, identifier, predecessor, predecessorIdentifier, successors } as PongMessage);
  }

  /** A neighbour is alive, and says who its neighbours are. */
  protected onPong(from: Address, ping: Ping, pong: PongMessage): void {
    if (!this.joined) return;
    if (!pong.joined) this.onSilence(ping);
    else if (ping.role === 'predecessor') this.agreeWithPredecessor(from, pong);
    else if (ping.role === 'successor' ? from === this.successor : ping.role === 'candidate' && this.isNearer(pong.identifier)) {
      this.adopt(pong.identifier, from, pong.successors);
      this.agreeWithSuccessor(pong, ping.about);
    }
  }

  private agreeWithSuccessor({ predecessor, predecessorIdentifier }: PongMessage, dead: Address): void {
    if (predecessor === this.peer.address) return;
    if (predecessor === NOBODY || predecessor === dead) this.sayPrecede();
    else if (predecessorIdentifier === this.identifier) this.onTwin();
    else if (this.isNearer(predecessorIdentifier)) this.ping(new Ping('candidate', predecessor, dead));
    else this.sayPrecede();
  }

  private agreeWithPredecessor(from: Address, { identifier, successors }: PongMessage): void {
    if (from !== this.predecessor) return;
    if (successors.length === 0 || !this.ring.within(successors[0], identifier, this.identifier)) this.sayFollow(from);
    else if (successors[1] !== this.peer.address && successors[0] !== this.identifier) this.seekPlace(successors[1]); // there are others between
  }

  protected sayPrecede(): void {
    if (this.successors.length > 0) this.peer.send(this.successor, { type: 'precede', identifier: this.identifier } as BesideMessage);
  }

  protected sayFollow(to: Address): void {
    this.peer.send(to, { type: 'follow', identifier: this.identifier } as BesideMessage);
  }

  protected onFollow(from: Address, identifier: number): void {
    if (this.isNearer(identifier)) this.adopt(identifier, from, this.successors);
  }

  protected onPrecede(from: Address, identifier: number): void {
    if (from === this.predecessor || identifier === this.identifier) return; // a twin finds out by its own ping
    const nearer = this.ring.between(identifier, this.predecessorIdentifier, this.identifier);
    if (this.predecessor === NOBODY || nearer) {
      const after = this.predecessorIdentifier;
      this.predecessor = from;
      this.predecessorIdentifier = identifier;
      if (nearer) this.handOver(from, after, identifier);
      else this.handCopies(from, identifier);
      if (this.successors.length === 0) this.adopt(identifier, from, NONE);
    } else {
      this.ping(new Ping('predecessor', this.predecessor, from, identifier));
    }
  }

  /** A peer did not answer: what this peer knew it for passes to the next. */
  protected onSilence(ping: Ping): void {
    this.peer.count('circle.timeouts');
    this.drop(ping.to);
    if (ping.role === 'candidate') this.sayPrecede();
    else if (ping.role === 'predecessor' && ping.about !== NOBODY && this.predecessor === NOBODY)
      this.onPrecede(ping.about, ping.identifier);
  }

  // Goodbye.

  protected sayGoodbye(): void {
    const { predecessor, predecessorIdentifier, successors } = this;
    const message: LeavingMessage = { type: 'leaving', predecessor, predecessorIdentifier, successors };
    if (successors.length > 0) this.peer.send(this.successor, message);
    if (predecessor !== NOBODY && predecessor !== this.successor) this.peer.send(predecessor, message);
  }

  protected onLeaving(from: Address, { predecessor, predecessorIdentifier, successors }: LeavingMessage): void {
    const wasPredecessor = from === this.predecessor;
    if (from === this.successor && successors.length > 0) this.adopt(successors[0], successors[1], successors.slice(CONTACT));
    this.drop(from);
    if (!wasPredecessor || predecessor === NOBODY || predecessor === this.peer.address || this.predecessor !== NOBODY) return;
    this.predecessor = predecessor;
    this.predecessorIdentifier = predecessorIdentifier;
  }

  /** Addresses of successors and predecessor. */
  *neighbours(): Iterable<Address> {
    for (let i = 1; i < this.successors.length; i += CONTACT) yield this.successors[i];
    if (this.predecessor !== NOBODY) yield this.predecessor;
  }

  /** On the circle of identifiers. */
  position(): readonly number[] {
    return [this.identifier / this.ring.size];
  }
}
