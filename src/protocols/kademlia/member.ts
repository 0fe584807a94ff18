/**
 * A full peer of the overlay: how it joins, keeps its buckets fresh and leaves, and which message goes where. What is stored and asked
 * for, the protocol upon this says: kademlia.ts, and dht-index.
 */

import { serveClient } from '../../overlay/clients/desk.js';
import type { ClientMessage } from '../../overlay/clients/messages.js';
import type { Address, Connection, Item, Key, Protocol } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import type { Lookup } from './calls.js';
import type { MemberMessage } from './messages.js';
import { CHECKS_PER_PERIOD, Values } from './values.js';

/** After so many lookups of its own identifier that nobody answered, a peer is the first of an overlay. */
const MOST_ATTEMPTS = 5;

export abstract class Member extends Values implements Protocol, Locate {
  protected joined = false;
  private attempts = 0;
  /** The bucket to refresh next, after the join: from the closest outwards. */
  private filling = -1;
  /** Questions asked before this peer was part of the overlay. */
  private early: LocateOperation[] | null = null;

  abstract publish(key: Key, item: Item): void;
  abstract publishFor(provider: Address, item: Item): void;
  abstract withdrawFor(provider: Address, key: Key): void;
  protected abstract seek(operation: LocateOperation): void;

  join(): void {
    this.enter();
  }

  leave(): void {
    if (this.joined && this.settings.goodbye === 'hand-over') this.handOver();
  }

  /** Called by `converge` when the buckets are full. */
  converged(): void {
    this.onJoined();
  }

  private enter(): void {
    if (!this.joined) this.findNode('join', this.identifier);
  }

  /** The lookup of its own identifier is over; without any answer it is tried again, unless there is nobody. */
  private onOwnNeighbourhood(lookup: Lookup): void {
    if (this.joined) return;
    if (lookup.closest.length === 0 && ++this.attempts < MOST_ATTEMPTS && this.peer.bootstrap(1).length > 0) {
      this.peer.after(this.settings.rpcTimeoutMs, this.enter);
      return;
    }
    this.onJoined();
    if (!this.settings.joinRefresh) return;
    this.filling = this.buckets.length - 1; // the closest neighbour's bucket is full of what there is
    this.fill();
  }

  private fill(): void {
    if (--this.filling >= 0) this.refreshBucket(this.filling);
  }

  private onJoined(): void {
    this.joined = true;
    if (this.settings.refreshMs > 0) this.peer.every(this.settings.refreshMs / CHECKS_PER_PERIOD, this.refresh);
    this.publishAll();
    for (const operation of this.early ?? []) if (operation.open) this.seek(operation);
    this.early = null;
  }

  /** Looks for a random identifier in each bucket in whose range nothing was looked up for long. */
  private refresh(): void {
    const { peer, buckets, settings } = this;
    if (buckets.length === 0) this.findNode('refresh', this.identifier);
    for (let number = 0; number < buckets.length; number++) {
      if (peer.now - (this.lookedUpMs?.[number] ?? 0) >= settings.refreshMs) this.refreshBucket(number);
    }
  }

  private refreshBucket(number: number): void {
    this.findNode('refresh', this.buckets.randomIn(number, this.peer.random));
  }

  /** While a peer joins, those it meets have long been there: it is the newcomer, and gives them nothing. */
  protected override onContact(identifier: number, address: Address): void {
    if (this.joined && this.filling < 0) super.onContact(identifier, address);
  }

  locate(_key: Key, operation: LocateOperation): void {
    if (this.joined) {
      this.seek(operation);
    } else {
      this.early ??= [];
      this.early.push(operation);
    }
  }

  protected onClosest(lookup: Lookup): void {
    switch (lookup.purpose) {
      case 'value':
        this.onNoValue(lookup);
        return;
      case 'publish':
      case 'republish':
        this.storeAtClosest(lookup);
        return;
      case 'join':
        this.onOwnNeighbourhood(lookup);
        return;
      case 'refresh':
        if (this.filling >= 0) this.fill();
    }
  }

  /** Nobody has a value of the key. */
  protected abstract onNoValue(lookup: Lookup): void;

  /** Clients connect. */
  onAccept(): void {}

  onMessage(from: Address, message: MemberMessage | ClientMessage, connection: Connection | null = null): void {
    switch (message.type) {
      case 'ping':
        this.onPing(from, message);
        break;
      case 'find-node':
        this.onFindNode(from, message);
        break;
      case 'store':
        this.onStore(from, message);
        break;
      case 'nodes':
        this.onNodes(from, message);
        break;
      case 'pong':
      case 'stored':
        this.onBare(from, message);
        break;
      default:
        serveClient(this, message, connection);
        return;
    }
    this.heard(message.sender, from, message.type !== 'ping');
  }
}
