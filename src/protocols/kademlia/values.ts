/**
 * What is stored: under a key, records (in Kademlia: who has the item), each with k of the peers closest to the key.
 *
 * They are soft state. Their publisher stores them again every `publishMs`, a holder every `republishMs` unless somebody else has
 * stored them with it meanwhile, and they end at `expiryMs` (section 2.5). Who meets a peer closer to one of its keys gives it a copy.
 * A lookup leaves a copy with the closest peer on its way that had none; its life halves with every k peers between that one and the key
 * (the paper: "exponentially inversely proportional" to their number, without a constant).
 *
 * What a record is, and how many numbers it has, the protocol upon this says.
 */

import { partsOf, RecordStore } from '../../overlay/record-store.js';
import { xorDistance } from '../../overlay/xor.js';
import type { Address, Key, Peer, PeerState } from '../../protocol.js';
import { type Lookup, Request } from './calls.js';
import { Lookups } from './lookups.js';
import { type BareMessage, contactBytes, identifierBytes, LIFE_BYTES, type StoreMessage } from './messages.js';
import type { MemberSettings } from './settings.js';

/** Upkeep looks for what is due so many times a period. */
export const CHECKS_PER_PERIOD = 4;
/** Bytes of records in one message: with headers they stay below an Ethernet frame. */
export const ITEMS_BYTES = 1200;

export abstract class Values extends Lookups {
  protected store: RecordStore | null = null;
  /** What this peer provides: key -> records without their life. */
  private published: Map<Key, number[]> | null = null;
  /** Numbers and bytes of a record. */
  protected readonly width: number;
  protected readonly recordBytes: number;

  constructor(peer: Peer, settings: MemberSettings, width: number, recordBytes: number) {
    super(peer, settings);
    this.width = width;
    this.recordBytes = recordBytes;
  }

  get replicas(): number {
    const { replicas, k } = this.settings;
    return replicas === 0 ? k : Math.min(replicas, k);
  }

  protected get itemsPerMessage(): number {
    return Math.floor(ITEMS_BYTES / (this.recordBytes + LIFE_BYTES));
  }

  /** Whether this peer has values of a key, in a cache or for good. */
  holds(key: Key): boolean {
    return (this.store?.find(key, this.peer.now, 1).length ?? 0) > 0;
  }

  /** Contacts, and the values held for others. */
  state(): PeerState {
    const contacts = this.buckets.size;
    const entries = this.store?.entries ?? 0;
    const { idBits } = this.settings;
    return {
      entries: contacts + entries,
      bytes: contacts * contactBytes(idBits) + entries * (identifierBytes(idBits) + this.recordBytes + LIFE_BYTES),
    };
  }

  // As a provider.

  /** This peer's own record, published now and again until the session ends. */
  protected provide(key: Key, record: readonly number[]): void {
    if (this.published === null) {
      this.published = new Map();
      if (this.settings.publishMs > 0) this.peer.every(this.settings.publishMs, this.publishAgain);
    }
    const records = this.published.get(key);
    if (records === undefined) this.published.set(key, [...record]);
    else records.push(...record);
    this.publishRecords(key, record);
  }

  /** Stores records with the closest peers, once. */
  protected publishRecords(key: Key, records: readonly number[]): void {
    const items: number[] = [];
    for (let i = 0; i < records.length; i += this.width) items.push(...records.slice(i, i + this.width), this.settings.expiryMs);
    this.findKey('publish', key, null, items);
  }

  private publishAgain(): void {
    for (const key of this.published!.keys()) this.peer.after(this.peer.random.next() * this.settings.publishMs, this.publishOne, key);
  }

  private publishOne(key: Key): void {
    this.publishRecords(key, this.published!.get(key)!);
  }

  /** What was provided before there was anybody to publish it with. */
  protected publishAll(): void {
    for (const key of this.published?.keys() ?? []) this.publishOne(key);
  }

  /** The closest peers are known: they get the records, and so does this peer if it is one of them. */
  protected storeAtClosest({ closest, target, key, items }: Pick<Lookup, 'closest' | 'target' | 'key' | 'items'>): void {
    let places = this.replicas;
    const own = xorDistance(this.identifier, target);
    let kept = false;
    for (const { distance, address, identifier } of closest) {
      if (!kept && own < distance) {
        kept = true;
        this.keep(key, items, false);
        if (--places === 0) return;
      }
      this.storeAt(address, identifier, key, items, false);
      if (--places === 0) return;
    }
    if (!kept) this.keep(key, items, false);
  }

  protected storeAt(address: Address, identifier: number, key: Key, items: readonly number[], isCopy: boolean): void {
    for (const part of partsOf(items, this.width + 1, this.itemsPerMessage)) {
      const request = new Request(address, identifier);
      this.request(request, {
        type: 'store',
        sender: this.identifier,
        request: this.number(request),
        key,
        items: part,
        isCopy,
      } as StoreMessage);
    }
  }

  // As a holder.

  protected onStore(from: Address, { request, key, items, isCopy }: StoreMessage): void {
    this.peer.send(from, { type: 'stored', sender: this.identifier, request } as BareMessage);
    this.keep(key, items, isCopy);
  }

  private keep(key: Key, items: readonly number[], isCopy: boolean): void {
    if (this.store === null) {
      const { republishMs, expiryMs } = this.settings;
      this.store = new RecordStore(this.width);
      this.peer.every((republishMs > 0 ? Math.min(republishMs, expiryMs) : expiryMs) / CHECKS_PER_PERIOD, this.keepUp);
    }
    const { expiryMs } = this.settings;
    this.store.put(key, items, this.peer.now, isCopy ? this.cacheLifeMs(key) : expiryMs, isCopy);
  }

  private cacheLifeMs(key: Key): number {
    return this.settings.expiryMs * 2 ** -(this.buckets.countCloser(this.identifierOf(key)) / this.settings.k);
  }

  private keepUp(): void {
    const { peer, settings, store } = this;
    store!.sweep(peer.now);
    if (settings.republishMs === 0) return;
    const spreadMs = settings.republishMs / CHECKS_PER_PERIOD;
    for (const key of store!.keys) if (this.isDue(key)) peer.after(peer.random.next() * spreadMs, this.republish, key);
  }

  private isDue(key: Key): boolean {
    return !this.store!.isCopy(key) && this.peer.now - this.store!.storedMs(key) >= this.settings.republishMs;
  }

  private republish(key: Key): void {
    if (!this.store!.has(key) || !this.isDue(key)) return; // another holder was first
    this.peer.count('kademlia.republished');
    this.findKey('republish', key, null, this.store!.find(key, this.peer.now));
  }

  /** A newly met peer gets the values for which it is one of the closest, from the one of the others that is closest of all. */
  protected onContact(identifier: number, address: Address): void {
    if (this.store === null || !this.settings.restore) return;
    for (const key of this.store.keys) {
      if (this.store.isCopy(key)) continue;
      const target = this.identifierOf(key);
      const own = xorDistance(this.identifier, target);
      const [nearest] = this.buckets.closest(target, 1, address);
      if (nearest !== undefined && xorDistance(nearest, target) < own) continue;
      const contacts = this.buckets.closest(target, this.replicas);
      if (contacts.includes(address)) this.storeAt(address, identifier, key, this.store.find(key, this.peer.now), false);
    }
  }

  /** What this peer holds goes to those that are the k-th closest without it. */
  protected handOver(): void {
    if (this.store === null) return;
    for (const key of this.store.keys) {
      if (this.store.isCopy(key)) continue;
      const contacts = this.buckets.closest(this.identifierOf(key), this.replicas);
      if (contacts.length > 0) {
        const [identifier, address] = contacts.slice(-2);
        this.storeAt(address, identifier, key, this.store.find(key, this.peer.now), false);
      }
    }
  }
}
