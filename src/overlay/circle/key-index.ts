/**
 * The index of keys that the service `locate` asks for, spread over a circle.
 *
 * The entry of a key lies with the key's owner, and copies of it with `replicas` of the owner's successors, each of which would be the owner
 * if those before it died; when these change, the owner sends copies to the new ones at the next ping. Entries are soft state: the provider says its own again every `republishMs`, and an entry ends at `expiryMs`; so
 * a lost message, or a crash of all holders at once, is mended by the next republish.
 */

import type { Address, Item, Key } from '../../protocol.js';
import { PointerStore } from '../pointer-store.js';
import { Storing } from './calls.js';
import { Lookups } from './lookups.js';
import { type BareMessage, type ItemsMessage, NOBODY, type StoreMessage } from './messages.js';
import { CONTACT } from './neighbours.js';

const NO_PROVIDERS: readonly Address[] = [];

export abstract class KeyIndex extends Lookups {
  private store: PointerStore | null = null;
  /** What this peer provides: key -> the owner that has acknowledged it, NOBODY until then. */
  private published: Map<Key, Address> | null = null;
  /** The successors that were sent copies of what this peer owned, when that began behind this identifier. */
  private copiesAt: readonly Address[] = NO_PROVIDERS;
  private copiedFrom = -1;

  /** Entries of the index held for others, copies included. */
  get heldEntries(): number {
    return this.store?.entries ?? 0;
  }

  // As a provider.

  publish(key: Key): void {
    if (this.published === null) {
      this.published = new Map();
      if (this.settings.republishMs > 0) this.peer.every(this.settings.republishMs, this.republish);
    }
    this.published.set(key, NOBODY);
    this.publishOne(key);
  }

  /** A client's item: it says it again itself. */
  publishFor(provider: Address, { key }: Item): void {
    if (this.joined) this.find('publish', key, provider);
  }

  withdrawFor(provider: Address, key: Key): void {
    if (this.joined) this.find('withdraw', key, provider);
  }

  /** Spread over the period, so that a peer with many files does not send them in one burst. */
  private republish(): void {
    for (const key of this.published!.keys()) this.peer.after(this.peer.random.next() * this.settings.republishMs, this.publishOne, key);
  }

  private publishOne(key: Key): void {
    if (this.joined) this.find('publish', key, this.peer.address);
  }

  /** What could not be published before this peer was part of a circle. */
  protected publishPending(): void {
    for (const [key, owner] of this.published ?? []) if (owner === NOBODY) this.publishOne(key);
  }

  protected withdrawAll(): void {
    for (const [key, owner] of this.published ?? []) if (owner !== NOBODY) this.withdrawAt(owner, key, this.peer.address);
  }

  protected withdrawAt(owner: Address, key: Key, provider: Address): void {
    if (owner === this.peer.address) this.store?.remove(key, provider);
    else this.peer.send(owner, { type: 'withdraw', request: 0, key, provider } as StoreMessage);
  }

  protected storeAt(owner: Address, key: Key, provider: Address, retries: number): void {
    if (owner === this.peer.address) {
      this.noteOwner(key, provider, owner);
      this.keep(key, provider);
    } else {
      const storing = new Storing(owner, key, provider, retries);
      this.request(storing, { type: 'store', request: this.number(storing), key, provider } as StoreMessage);
    }
  }

  private noteOwner(key: Key, provider: Address, owner: Address): void {
    if (provider === this.peer.address && this.published?.has(key)) this.published.set(key, owner);
  }

  protected onStored({ key, provider, to }: Storing): void {
    this.noteOwner(key, provider, to);
  }

  protected onStoreSilence({ key, provider, to, retries }: Storing): void {
    this.peer.count('circle.timeouts');
    this.drop(to);
    if (this.joined && retries < this.settings.lookupRetries) this.find('publish', key, provider, null, retries + 1);
  }

  // As an owner.

  protected providersOf(key: Key): readonly Address[] {
    return this.store === null ? NO_PROVIDERS : this.store.find(key, this.peer.now, this.settings.answers);
  }

  protected onStore(from: Address, { request, key, provider }: StoreMessage): void {
    this.peer.send(from, { type: 'stored', request } as BareMessage);
    this.keep(key, provider);
  }

  protected onWithdraw({ key, provider }: StoreMessage): void {
    this.store?.remove(key, provider);
  }

  /** Enters a provider, and has the first successors enter it too; or passes it on towards the owner that this peer is not. */
  private keep(key: Key, provider: Address): void {
    const { expiryMs, replicas } = this.settings;
    this.index().put(key, provider, this.peer.now + expiryMs);
    const items = [key, provider, expiryMs];
    if (!this.isOwn(key)) {
      this.peer.send(this.predecessor, { type: 'items', items, copy: false } as ItemsMessage);
    } else if (replicas > 0) {
      const message: ItemsMessage = { type: 'items', items, copy: true };
      const end = Math.min(replicas * CONTACT, this.successors.length);
      for (let i = 1; i < end; i += CONTACT) this.peer.send(this.successors[i], message);
    }
  }

  private index(): PointerStore {
    if (this.store === null) {
      this.store = new PointerStore();
      this.peer.every(this.settings.expiryMs, this.sweep);
    }
    return this.store;
  }

  private sweep(): void {
    this.store!.sweep(this.peer.now);
  }

  /** Keeps what it was sent. Items meant for the owner go on to the predecessor when they are not this peer's: two circles have met. */
  protected onItems({ items, copy }: ItemsMessage): void {
    const index = this.index();
    const foreign: number[] = [];
    for (let i = 0; i < items.length; i += 3) {
      index.put(items[i], items[i + 1], this.peer.now + items[i + 2]);
      if (!copy && !this.isOwn(items[i])) foreign.push(items[i], items[i + 1], items[i + 2]);
    }
    if (foreign.length > 0) this.peer.send(this.predecessor, { type: 'items', items: foreign, copy: false } as ItemsMessage);
  }

  private isOwn(key: Key): boolean {
    return this.predecessor === NOBODY || this.owns(this.ring.identifierOf(key));
  }

  private sendItems(to: Address, wanted: (key: Key) => boolean, copy = false): void {
    for (const items of this.store?.select(wanted, this.peer.now) ?? []) this.peer.send(to, { type: 'items', items, copy } as ItemsMessage);
  }

  /** What this peer owns goes to the successor. */
  protected handOverAll(): void {
    if (this.successors.length > 0) this.sendItems(this.successor, (key) => this.isOwn(key));
  }

  protected handOver(to: Address, after: number, upTo: number): void {
    if (this.store === null) return;
    const passesOn = (key: Key) => this.ring.within(this.ring.identifierOf(key), after, upTo);
    this.sendItems(to, passesOn);
    if (this.settings.replicas === 0) this.store.drop(passesOn);
  }

  protected handCopies(to: Address, upTo: number): void {
    this.sendItems(to, (key) => this.ring.within(this.ring.identifierOf(key), this.identifier, upTo), true);
  }

  /** A successor that is new among the first `replicas` gets copies; all of them do when more keys have become this peer's. */
  protected renewCopies(): void {
    if (this.store === null || this.predecessor === NOBODY || this.settings.replicas === 0) return;
    const bound = this.predecessorIdentifier;
    const hasGrown = bound !== this.copiedFrom && !this.ring.between(bound, this.copiedFrom, this.identifier);
    const holders: Address[] = [];
    const end = Math.min(this.settings.replicas * CONTACT, this.successors.length);
    for (let i = 1; i < end; i += CONTACT) {
      const holder = this.successors[i];
      holders.push(holder);
      if (hasGrown || !this.copiesAt.includes(holder)) this.sendItems(holder, (key) => this.isOwn(key), true);
    }
    this.copiesAt = holders;
    this.copiedFrom = bound;
  }
}
