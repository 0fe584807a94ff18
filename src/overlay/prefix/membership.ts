/**
 * Becoming and staying part of a prefix overlay, and what a member does for those who share and search: the part of the two protocols
 * that does not depend on which of them it is.
 *
 * A peer that joins asks several contacts at once and joins through the first that answers, which is the nearest of them.
 */

import type { Address, Item, Key, Message, Peer } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import type { Member } from '../clients/desk.js';
import { PointerStore } from '../pointer-store.js';
import { ENTRY, IDENTIFIER_BITS, PrefixTable } from '../prefix-table.js';
import type { Request } from './calls.js';
import { identifierFor } from './contacts.js';
import type { AnnounceMessage, AnswerMessage, CommonMessage, RoutedMessage } from './messages.js';
import { Routing } from './routing.js';
import type { PrefixSettings } from './settings.js';

/** After so many rounds of silent contacts a peer begins an overlay of its own (which merges with others later). */
const MOST_ROUNDS = 4;
/** After so many rounds in which nobody had joined either, it compares its address with so many others. */
const SURE_ROUNDS = 3;
const HOST_CACHE = 200;

export abstract class Membership<R extends RoutedMessage, S extends PrefixSettings> extends Routing<R, S> implements Locate, Member {
  private store: PointerStore | null = null;
  /** What this peer provides: key -> whether its root has acknowledged it. */
  protected published: Map<Key, boolean> | null = null;
  /** Questions asked before this peer was part of the overlay. */
  private early: [Key, LocateOperation][] | null = null;
  private upkeepStarted = false;
  /** Contacts of this round that have not answered yet; of those that have, whether any was up. */
  private contactsOut = 0;
  private someUp = false;
  private silentRounds = 0;
  private waits = 0;
  /** How often the identifier turned out to be taken. */
  private attempt = 0;

  constructor(peer: Peer, settings: S, perCell: number) {
    super(peer, settings, identifierFor(settings, indexOf(peer), peer.address, 0), perCell);
  }

  /** Takes another identifier, and forgets whom it knew. */
  identify(attempt: number): void {
    this.attempt = attempt;
    const identifier = identifierFor(this.settings, indexOf(this.peer), this.peer.address, attempt);
    this.table = new PrefixTable(identifier, this.settings.b, this.table.perCell);
  }

  /** Another peer has this identifier. */
  protected onTwin(): void {
    this.peer.count('identifier-taken');
    this.identify(this.attempt + 1);
    this.enter();
  }

  /** Begins the protocol's own way of joining through a member. */
  protected abstract joinThrough(contact: Address): void;
  /** The protocol's own periodic tasks. */
  protected abstract startUpkeep(): void;
  /** Where a key is to be entered and looked for: one identifier, or several. */
  protected abstract targetsOf(key: Key): readonly Key[];

  // Joining.

  join(): void {
    this.enter();
  }

  /** Looks for a peer that is part of the overlay. */
  protected enter(): void {
    if (this.joined || this.contactsOut > 0) return;
    const contacts = this.peer.bootstrap(this.settings.contacts);
    if (contacts.length === 0 || this.silentRounds >= MOST_ROUNDS) {
      this.silentRounds = 0;
      this.onJoined(); // an overlay of one
      return;
    }
    this.contactsOut = contacts.length;
    this.someUp = false;
    for (const contact of contacts) this.ping('contact', contact);
  }

  /** When several that have not joined find only each other, the one with the lowest address begins. */
  protected onContact(address: Address, answer: 'joined' | 'not-joined' | 'silent'): void {
    if (this.joined || this.contactsOut === 0) return;
    this.contactsOut--;
    if (answer === 'joined') {
      this.contactsOut = 0; // the others are farther
      this.silentRounds = 0;
      this.joinThrough(address);
      return;
    }
    if (answer === 'not-joined') this.someUp = true;
    if (this.contactsOut > 0) return;
    if (!this.someUp) {
      this.silentRounds++;
      this.enter();
      return;
    }
    this.silentRounds = 0;
    this.waits++;
    if (this.waits >= SURE_ROUNDS && this.peer.bootstrap(HOST_CACHE).every((other) => other > this.peer.address)) this.onJoined();
    else this.peer.after(this.settings.rpcTimeoutMs, this.enter);
  }

  /** From now on this peer is a member. */
  protected onJoined(): void {
    this.joined = true;
    if (!this.upkeepStarted) {
      this.upkeepStarted = true;
      if (this.settings.tableMs > 0) this.peer.every(this.settings.tableMs, this.refreshRow);
      if (this.settings.mergeMs > 0) this.peer.every(this.settings.mergeMs, this.merge);
      this.startUpkeep();
    }
    for (const [key, acknowledged] of this.published ?? []) if (!acknowledged) this.enterItem(key);
    for (const [key, operation] of this.early ?? []) if (operation.open) this.locate(key, operation);
    this.early = null;
  }

  /** Nobody is known any more: it joins anew. */
  protected onIsolated(): void {
    this.joined = false;
    this.peer.count('isolated');
    this.enter();
  }

  /** Looks for its own place through a random peer: the answer comes from another when that peer is in another overlay. */
  private merge(): void {
    const [contact] = this.peer.bootstrap(1);
    if (this.joined && contact !== undefined) this.seek('seek', this.identifier, null, undefined, contact);
  }

  // Sharing and searching.

  publish(key: Key): void {
    if (this.published === null) {
      this.published = new Map();
      if (this.settings.republishMs > 0) this.peer.every(this.settings.republishMs, this.republish);
    }
    this.published.set(key, false);
    if (this.joined) this.enterItem(key);
  }

  /** Spread over the period, so that a peer with many files does not send them in one burst. */
  private republish(): void {
    for (const key of this.published!.keys()) this.peer.after(this.peer.random.next() * this.settings.republishMs, this.enterItem, key);
  }

  private enterItem(key: Key): void {
    if (this.joined) for (const target of this.targetsOf(key)) this.seek('publish', target);
  }

  /** A client's item: it says it again itself. */
  publishFor(provider: Address, { key }: Item): void {
    if (this.joined) for (const target of this.targetsOf(key)) this.seek('publish', target, null, provider);
  }

  withdrawFor(provider: Address, key: Key): void {
    if (this.joined) for (const target of this.targetsOf(key)) this.seek('withdraw', target, null, provider);
  }

  protected withdrawAll(): void {
    for (const key of this.published?.keys() ?? []) this.withdrawFor(this.peer.address, key);
  }

  locate(key: Key, operation: LocateOperation): void {
    if (this.joined) {
      this.seek('locate', this.targetsOf(key)[0], operation);
    } else {
      this.early ??= [];
      this.early.push([key, operation]);
    }
  }

  /** A request was answered; a definite answer, even when it names nobody. */
  protected onDone(request: Request, from: Address, answer: AnswerMessage): void {
    const { operation } = request;
    if (operation !== null) {
      for (const provider of answer.providers) operation.found(provider, answer.hops);
      operation.finish(answer.hops);
    } else if (request.type === 'publish' && request.provider === this.peer.address && this.published?.has(request.key)) {
      this.published.set(request.key, true);
    } else if (request.type === 'seek' && from !== this.peer.address) {
      this.hear([answer.identifier, from], 1);
    }
  }

  protected onLost(request: Request): void {
    if (request.type === 'join') {
      if (!this.joined) this.enter();
    } else if (request.type !== 'seek') {
      this.peer.count('lookups-lost');
    }
  }

  // The part of the index kept here.

  protected get index(): PointerStore {
    if (this.store === null) {
      this.store = new PointerStore();
      this.peer.every(this.settings.expiryMs, this.sweep);
    }
    return this.store;
  }

  /** The same, null when there is nothing yet. */
  protected get indexIfAny(): PointerStore | null {
    return this.store;
  }

  private sweep(): void {
    this.store!.sweep(this.peer.now);
  }

  // Messages that both systems have.

  /** Clients connect. */
  onAccept(): void {}

  /** Handles what both have in common; false: it was something else. */
  protected onCommon(from: Address, message: Message): boolean {
    const common = message as CommonMessage;
    switch (common.type) {
      case 'ping':
        this.onPing(from, common.request);
        return true;
      case 'pong':
        this.onPong(from, common);
        return true;
      case 'ack':
        this.onAck(common.request);
        return true;
      case 'answer':
        this.onAnswer(from, common);
        return true;
      case 'ask-row':
        if (this.joined) this.onAskRow(from, common);
        return true;
      case 'row':
        this.onRow(from, common);
        return true;
      case 'announce':
        this.onAnnounce(from, common);
        return true;
      default:
        return false;
    }
  }

  protected onAnnounce(from: Address, { identifier, rttMs }: AnnounceMessage): void {
    if (this.joined) this.learn(identifier, from, rttMs);
  }

  *neighbours(): Iterable<Address> {
    const { entries } = this.table;
    for (let i = 2; i < entries.length; i += ENTRY) yield entries[i];
  }

  /** On the circle of identifiers. */
  position(): readonly number[] {
    return [this.identifier / 2 ** IDENTIFIER_BITS];
  }
}

/** A peer's name is `p` and its index. */
function indexOf(peer: Peer): number {
  return Number(peer.name.slice(1));
}
