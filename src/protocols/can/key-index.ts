/**
 * The index of keys that the service `locate` asks for: in each reality the entry of a key lies with the peer whose zone holds the key's
 * point, and copies of it with `replicas` of that peer's neighbours, those with the smallest zones first, since one of them takes the
 * zone over when the owner dies. (The paper has copies at neighbours for popular keys, section 3.8; here it is for all of them.)
 *
 * Entries are soft state: the provider says its own again every `republishMs`, and an entry ends at `expiryMs`; so a lost message, or a
 * crash of all holders at once, is mended by the next republish.
 */

import { PointerStore } from '../../overlay/pointer-store.js';
import type { Address, Item, Key, PeerState } from '../../protocol.js';
import { Lookup, type Purpose, Storing } from './calls.js';
import { type BareMessage, CONTACT_BYTES, ITEM_BYTES, type ItemsMessage, type StoreMessage, ZONE_BYTES } from './messages.js';
import type { Place } from './place.js';
import { Routing } from './routing.js';
import type { Zone } from './zones.js';

const NO_PROVIDERS: readonly Address[] = [];

export abstract class KeyIndex extends Routing {
  private store: PointerStore | null = null;
  /** What this peer provides: key -> the owner in each reality that has acknowledged it. */
  private published: Map<Key, Address[]> | null = null;

  /** Neighbours with their zones, their neighbours, the own zones, and the part of the index held for others. */
  state(): PeerState {
    let contacts = 0;
    let zones = 0;
    for (const place of this.places) {
      zones += place.zones.length;
      contacts += place.list.length / 2;
      for (const { neighbours } of place.neighbours) contacts += neighbours.length / 2;
    }
    const items = this.store?.entries ?? 0;
    return { entries: contacts + zones + items, bytes: contacts * CONTACT_BYTES + zones * ZONE_BYTES + items * ITEM_BYTES };
  }

  // As a provider.

  publish(key: Key): void {
    if (this.published === null) {
      this.published = new Map();
      if (this.settings.republishMs > 0) this.peer.every(this.settings.republishMs, this.republish);
    }
    if (!this.published.has(key)) this.published.set(key, []);
    this.enterEverywhere('publish', key, this.peer.address);
  }

  /** A client's item: it says it again itself. */
  publishFor(provider: Address, { key }: Item): void {
    this.enterEverywhere('publish', key, provider);
  }

  withdrawFor(provider: Address, key: Key): void {
    this.enterEverywhere('withdraw', key, provider);
  }

  private enterEverywhere(purpose: Purpose, key: Key, provider: Address): void {
    for (const place of this.places) if (place.joined) this.enterIn(place, purpose, key, provider);
  }

  private enterIn({ reality }: Place, purpose: Purpose, key: Key, provider: Address): void {
    this.begin(new Lookup(purpose, this.torus.pointOf(key), reality, this.peer.now, { key, provider }));
  }

  /** Spread over the period, so that a peer with many files does not send them in one burst. */
  private republish(): void {
    for (const key of this.published!.keys()) this.peer.after(this.peer.random.next() * this.settings.republishMs, this.republishOne, key);
  }

  private republishOne(key: Key): void {
    this.enterEverywhere('publish', key, this.peer.address);
  }

  /** A place was joined: what this peer provides is entered there as well. */
  protected publishAllIn(place: Place): void {
    for (const key of this.published?.keys() ?? []) this.enterIn(place, 'publish', key, this.peer.address);
  }

  /** One who leaves takes its entries out where they were acknowledged. */
  protected withdrawAll(): void {
    for (const [key, owners] of this.published ?? []) {
      for (const [reality, owner] of owners.entries()) if (owner !== undefined) this.withdrawAt(owner, reality, key, this.peer.address);
    }
  }

  private withdrawAt(owner: Address, reality: number, key: Key, provider: Address): void {
    const message: StoreMessage = { type: 'withdraw', request: 0, reality, key, provider };
    if (owner === this.peer.address) this.onWithdraw(message);
    else this.peer.send(owner, message);
  }

  protected storeAt(owner: Address, lookup: Lookup): void {
    const { key, provider, reality } = lookup;
    if (lookup.purpose === 'withdraw') {
      this.withdrawAt(owner, reality, key, provider);
    } else if (owner === this.peer.address) {
      this.noteOwner(lookup, owner);
      this.keep(reality, key, provider);
    } else {
      this.request(new Storing(owner, lookup), (request) => ({ type: 'store', request, reality, key, provider }));
    }
  }

  private noteOwner({ key, reality, provider }: Lookup, owner: Address): void {
    const owners = provider === this.peer.address ? this.published?.get(key) : undefined;
    if (owners !== undefined) owners[reality] = owner;
  }

  protected onStored(request: number): void {
    const call = this.calls.close(request);
    if (call?.kind === 'storing') this.noteOwner(call.lookup, call.to);
  }

  protected onStoreSilence({ lookup }: Storing): void {
    this.peer.count('can.timeouts');
    if (lookup.retries >= this.settings.lookupRetries) return;
    const { purpose, point, reality, key, provider, retries } = lookup;
    this.begin(new Lookup(purpose, point, reality, this.peer.now, { key, provider, retries: retries + 1 }));
  }

  // As an owner.

  protected providersOf(key: Key): readonly Address[] {
    return this.store === null ? NO_PROVIDERS : this.store.find(key, this.peer.now, this.settings.answers);
  }

  protected onStore(from: Address, { request, reality, key, provider }: StoreMessage): void {
    this.peer.send(from, { type: 'stored', request } as BareMessage);
    this.keep(reality, key, provider);
  }

  private keep(reality: number, key: Key, provider: Address): void {
    const { expiryMs } = this.settings;
    this.index().put(key, provider, this.peer.now + expiryMs);
    const place = this.places[reality];
    if (place !== undefined) this.copy(place, [key, provider, expiryMs]);
  }

  /** Sends entries of this peer's own to those who keep copies. */
  private copy(place: Place, items: readonly number[]): void {
    const message: ItemsMessage = { type: 'items', reality: place.reality, items, copy: true };
    for (const address of this.keepers(place)) this.peer.send(address, message);
  }

  private keepers(place: Place): Address[] {
    const { replicas } = this.settings;
    if (replicas === 0) return [];
    const alive = place.neighbours.filter(({ suspect }) => !suspect);
    if (alive.length > replicas) alive.sort((a, b) => b.zones[0] - a.zones[0]); // the larger the number, the smaller the zone
    return alive.slice(0, replicas).map(({ address }) => address);
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

  /** Keeps what it was sent; what is meant for an owner that this peer is not goes on to a neighbour that is. */
  protected onItems({ reality, items, copy }: ItemsMessage): void {
    const place = this.places[reality];
    if (place === undefined) return;
    const index = this.index();
    const onward = new Map<Address, number[]>();
    for (let i = 0; i < items.length; i += 3) {
      const [key, provider, lifeMs] = [items[i], items[i + 1], items[i + 2]];
      index.put(key, provider, this.peer.now + lifeMs);
      const point = this.torus.pointOf(key);
      if (copy || place.owns(point)) continue;
      const owner = place.neighbours.find(({ zones }) => this.torus.anyHolds(zones, point));
      if (owner === undefined) continue;
      const list = onward.get(owner.address) ?? [];
      list.push(key, provider, lifeMs);
      onward.set(owner.address, list);
    }
    for (const [to, list] of onward) this.peer.send(to, { type: 'items', reality, items: list, copy: true } as ItemsMessage);
  }

  protected handItems({ reality }: Place, to: Address, zones: readonly Zone[]): void {
    for (const items of this.itemsIn(zones)) this.peer.send(to, { type: 'items', reality, items, copy: false } as ItemsMessage);
  }

  /** The entries this peer had copies of are its own now. */
  protected onTakenOver(place: Place, zones: readonly Zone[]): void {
    for (const items of this.itemsIn(zones)) this.copy(place, items);
  }

  private itemsIn(zones: readonly Zone[]): number[][] {
    return this.store?.select((key) => this.torus.anyHolds(zones, this.torus.pointOf(key)), this.peer.now) ?? [];
  }

  protected onWithdraw(message: StoreMessage): void {
    const { reality, key, provider } = message;
    this.store?.remove(key, provider);
    const place = this.places[reality];
    if (place === undefined || !place.owns(this.torus.pointOf(key))) return;
    for (const address of this.keepers(place)) this.peer.send(address, message);
  }
}
