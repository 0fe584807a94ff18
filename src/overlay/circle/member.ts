/**
 * A peer on a circle, whole but for the way its lookups go (`step`): joining and leaving, and which message goes where. A system on a
 * circle (`ring`, `viceroy`) extends it.
 *
 * The join is that of Kurose and Ross: a newcomer asks any peer who would come before and after it; the question goes around to the peer
 * that precedes it, which answers; the newcomer takes both for its neighbours and tells them.
 */

import type { Address, Connection, Key, Message, Peer, PeerState, Protocol } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import { serveClient } from '../clients/desk.js';
import { type Lookup, Ping } from './calls.js';
import { KeyIndex } from './key-index.js';
import {
  type AnswerMessage,
  type CircleMessage,
  contactBytes,
  ITEM_BYTES,
  NOBODY,
  type PongMessage,
  type WelcomeMessage,
} from './messages.js';
import { CONTACT } from './neighbours.js';
import { identifierOfPeer } from './placing.js';
import type { CircleSettings } from './settings.js';

/** After so many silent contacts a peer begins a circle of its own (which merges with others later). */
const MOST_CONTACTS = 8;
/** After so many contacts that had not joined either, it compares its address with so many others. */
const SURE_CONTACTS = 3;
const HOST_CACHE = 200;

export abstract class CircleMember extends KeyIndex implements Protocol<CircleMessage>, Locate {
  /** Raised whenever the identifier turned out to be taken. */
  private attempt = 0;
  /** Contacts in a row that were silent, and that had not joined either. */
  private contactsTried = 0;
  private waits = 0;
  private upkeepStarted = false;
  /** Questions asked before this peer was part of a circle. */
  private early: [Key, LocateOperation][] | null = null;

  constructor(peer: Peer, settings: CircleSettings) {
    super(peer, settings);
    this.draw();
  }

  /** A lookup of the system's own has found its peer. */
  protected onLink(_about: number, _owner: Address, _identifier: number): void {}
  /** Any other message. */
  protected onOther(_from: Address, _message: Message): void {}
  /** Starts the system's own upkeep; once per session. */
  protected startOwnUpkeep(): void {}
  /** The peer has become part of a circle, for the first time or again. */
  protected onPlace(): void {}

  // Join and leave.

  join(): void {
    this.enter();
  }

  /** Called by a definition's `converge` after `settle`. */
  converged(attempt: number): void {
    this.attempt = attempt;
    this.onJoined();
  }

  leave(): void {
    if (!this.joined) return;
    this.withdrawAll();
    this.handOverAll();
    this.sayGoodbye();
  }

  private draw(): void {
    this.identifier = identifierOfPeer(this.peer, this.settings, this.attempt);
    this.predecessorIdentifier = this.identifier;
  }

  private drawAgain(): void {
    this.peer.count('circle.identifier-taken');
    this.attempt++;
    this.draw();
  }

  /** Looks for a peer that is part of a circle. */
  private enter(): void {
    if (this.joined) return;
    const [contact] = this.peer.bootstrap(1);
    if (contact === undefined || this.contactsTried >= MOST_CONTACTS) {
      this.contactsTried = 0;
      this.joined = true; // a circle of one
      this.onJoined();
    } else {
      this.contactsTried++;
      this.ping(new Ping('contact', contact));
    }
  }

  /** When several that have not joined find only each other, the one with the lowest address begins the circle. */
  private onContact(contact: Address, joined: boolean): void {
    if (joined) {
      this.contactsTried = 0; // there is a circle, so a lost question is no reason to begin another
      this.seekPlace(contact);
    } else if (this.waits >= SURE_CONTACTS && this.peer.bootstrap(HOST_CACHE).every((other) => other > this.peer.address)) {
      this.joined = true;
      this.onJoined();
    } else {
      this.contactsTried = 0;
      this.waits++;
      this.peer.after(this.settings.rpcTimeoutMs, this.enter);
    }
  }

  protected onWelcome(from: Address, { identifier, successors }: WelcomeMessage): void {
    const [next, nextAddress] = successors.length > 0 ? successors : [identifier, from];
    if (this.joined) {
      if (identifier === this.identifier || next === this.identifier) return; // its own neighbours
      if (this.ring.between(next, this.identifier, this.successors[0] ?? this.identifier)) this.ping(new Ping('candidate', nextAddress));
      this.onPrecede(from, identifier);
      this.sayFollow(from);
    } else if (identifier === this.identifier || next === this.identifier) {
      // Somebody has the identifier; or others still hold this peer's former session for alive.
      if ((identifier === this.identifier ? from : nextAddress) !== this.peer.address) this.drawAgain();
      this.peer.after(this.settings.rpcTimeoutMs, this.enter);
    } else {
      this.settle(this.identifier, [], from, identifier);
      this.adopt(next, nextAddress, successors.slice(CONTACT));
      this.onJoined();
      this.sayPrecede();
      this.sayFollow(from);
    }
  }

  private onJoined(): void {
    if (!this.upkeepStarted) {
      this.upkeepStarted = true;
      this.startUpkeep();
      this.startOwnUpkeep();
    }
    this.onPlace();
    this.publishPending();
    for (const [key, operation] of this.early ?? []) if (operation.open) this.find('locate', key, 0, operation);
    this.early = null;
  }

  protected onTwin(): void {
    this.drawAgain();
    this.startAnew();
  }

  protected onIsolated(): void {
    this.peer.count('circle.isolated');
    this.startAnew();
  }

  private startAnew(): void {
    this.settle(this.identifier, [], NOBODY, this.identifier);
    this.joined = false;
    this.enter();
  }

  // The service.

  locate(key: Key, operation: LocateOperation): void {
    if (this.joined) {
      this.find('locate', key, 0, operation);
    } else {
      this.early ??= [];
      this.early.push([key, operation]);
    }
  }

  protected onFound({ purpose, key, operation, about, retries }: Lookup, owner: Address, answer: AnswerMessage): void {
    if (purpose === 'locate') {
      for (const provider of answer.providers) operation!.found(provider, answer.hops);
      operation!.finish(answer.hops);
    } else if (purpose === 'publish') {
      this.storeAt(owner, key, about, retries);
    } else if (purpose === 'withdraw') {
      this.withdrawAt(owner, key, about);
    } else {
      this.onLink(about, owner, answer.identifier);
    }
  }

  protected onLost({ purpose }: Lookup): void {
    if (purpose === 'seek') this.enter();
    else this.peer.count('circle.lookups-lost');
  }

  /** Successors and predecessor, and the part of the index held for others. */
  state(): PeerState {
    const contacts = this.successors.length / CONTACT + (this.predecessor === NOBODY ? 0 : 1);
    const items = this.heldEntries;
    return { entries: contacts + items, bytes: contacts * contactBytes(this.ring.bits) + items * ITEM_BYTES };
  }

  // Messages and timeouts.

  /** Clients connect. */
  onAccept(): void {}

  onMessage(from: Address, message: CircleMessage, connection: Connection | null = null): void {
    switch (message.type) {
      case 'lookup':
      case 'last':
      case 'seek':
        if (this.joined) this.onLookup(from, message);
        return;
      case 'ack':
        this.calls.close(message.request);
        return;
      case 'answer':
        this.onAnswer(from, message);
        return;
      case 'welcome':
        if (this.calls.close(message.request)?.kind === 'lookup') this.onWelcome(from, message);
        return;
      case 'ping':
        this.onPing(from, message.request);
        return;
      case 'pong':
        this.onAlive(from, message);
        return;
      case 'precede':
        if (this.joined) this.onPrecede(from, message.identifier);
        return;
      case 'follow':
        if (this.joined) this.onFollow(from, message.identifier);
        return;
      case 'leaving':
        if (this.joined) this.onLeaving(from, message);
        return;
      case 'store':
        if (this.joined) this.onStore(from, message);
        return;
      case 'stored': {
        const call = this.calls.close(message.request);
        if (call?.kind === 'storing') this.onStored(call);
        return;
      }
      case 'withdraw':
        this.onWithdraw(message);
        return;
      case 'items':
        if (this.joined) this.onItems(message);
        return;
      default:
        if (!serveClient(this, message, connection)) this.onOther(from, message);
    }
  }

  private onAlive(from: Address, pong: PongMessage): void {
    const ping = this.calls.close(pong.request);
    if (ping?.kind !== 'ping') return;
    if (ping.role !== 'contact') this.onPong(from, ping, pong);
    else if (!this.joined) this.onContact(from, pong.joined);
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
      case 'storing':
        this.onStoreSilence(call);
        return;
      case 'ping':
        if (call.role === 'contact') this.enter();
        else this.onSilence(call);
    }
  }
}
