/**
 * One Pastry node as one peer's protocol: routing, joining, leaving, and the index of keys. Rowstron and Druschel, "Pastry: scalable,
 * decentralized object location and routing for large-scale peer-to-peer systems" (Middleware 2001).
 *
 * It stands on node-state.ts (the three sets and their upkeep) and on overlay/prefix (requests, hops, members).
 */

import { serveClient } from '../../overlay/clients/desk.js';
import type { ClientMessage } from '../../overlay/clients/messages.js';
import { isCloser } from '../../overlay/leaf-set.js';
import type { Request } from '../../overlay/prefix/calls.js';
import { NOBODY } from '../../overlay/prefix/messages.js';
import { digitAt, ENTRY, sharedDigits } from '../../overlay/prefix-table.js';
import type { Address, Connection, Key, PeerState, Protocol } from '../../protocol.js';
import {
  CONTACT_BYTES,
  type ForgetMessage,
  ITEM_BYTES,
  type ItemsMessage,
  type LeavesMessage,
  type LeavingMessage,
  type PastryMessage,
  type PastryRouted,
  type RowsMessage,
} from './messages.js';
import { NodeState } from './node-state.js';

/** Items in one message: 50 x 26 bytes stay below an Ethernet frame. */
const ITEMS_PER_MESSAGE = 50;

export class Pastry extends NodeState implements Protocol<PastryMessage | ClientMessage> {
  // Routing (section 2.3 of the paper).

  protected next(message: PastryRouted, detour: boolean): Address {
    const { key, origin } = message;
    const { leaves, table, peer, settings } = this;
    let to = this.chosen(key, detour || (settings.randomness > 0 && peer.random.next() < settings.randomness));
    if (message.type === 'join' && to === origin) {
      // Known from a former session. It is nobody's root before it has joined anew.
      leaves.remove(origin);
      table.remove(origin);
      to = this.chosen(key, false);
    }
    return to;
  }

  /** The numerically closest of the leaf set when the key is in its range, else who shares one digit more, else the rare case. */
  private chosen(key: Key, randomised: boolean): Address {
    const { leaves, table, peer, settings } = this;
    if (leaves.covers(key)) return leaves.closest(key, peer.address);
    const row = table.rowOf(key);
    if (randomised) {
      const nearer = this.nearer(key, row);
      if (nearer.length > 0) return peer.random.pick(nearer.filter((_, i) => i % 2 === 1));
    }
    const at = table.find(row, digitAt(key, row, settings.b));
    return at >= 0 ? table.entries[at + 2] : this.rareCase(key, row);
  }

  /** Of all it knows, who shares as long a prefix with the key and is numerically closest to it; itself when none is closer. */
  private rareCase(key: Key, row: number): Address {
    let best = this.identifier;
    let to = this.peer.address;
    const nearer = this.nearer(key, row);
    for (let i = 0; i < nearer.length; i += 2) {
      if (!isCloser(nearer[i], best, key)) continue;
      best = nearer[i];
      to = nearer[i + 1];
    }
    return to;
  }

  /** All that share at least `row` digits with the key and are numerically closer than this node, as [identifier, address, ...]. */
  private nearer(key: Key, row: number): number[] {
    const { settings, identifier } = this;
    const nearer: number[] = [];
    const consider = (list: readonly number[], from: number, entry: number) => {
      for (let i = from; i < list.length; i += entry) {
        if (sharedDigits(list[i], key, settings.b) >= row && isCloser(list[i], identifier, key)) nearer.push(list[i], list[i + 1]);
      }
    };
    consider(this.leaves.all(), 0, 2);
    consider(this.table.entries, 1, ENTRY);
    consider(this.neighbourhood, 1, 3);
    return nearer;
  }

  protected onward(message: PastryRouted, ack: number): PastryRouted {
    const { type, key, origin, request, hops, provider } = message;
    // Where a join comes by, `visit` has sent the rows up to what this node shares with the newcomer.
    const rows = type === 'join' && origin !== this.peer.address ? Math.max(message.rows, this.table.rowOf(key) + 1) : message.rows;
    return { type, key, origin, request, hops: hops + 1, ack, provider, rows };
  }

  protected begin({ type, key, provider }: Request, request: number): PastryRouted {
    return { type, key, origin: this.peer.address, request, hops: 0, ack: 0, provider, rows: 0 };
  }

  protected visit(_from: Address, message: PastryRouted): boolean {
    if (message.type === 'join') {
      if (message.origin !== this.peer.address) this.sendRows(message);
    } else if (message.type === 'locate') {
      const providers = this.providersOf(message.key);
      if (providers.length > 0) this.answer(message, providers);
      return providers.length > 0;
    }
    return false;
  }

  protected arrive(message: PastryRouted): void {
    const { type, key, provider } = message;
    switch (type) {
      case 'join':
        this.welcome(message);
        return;
      case 'locate':
        this.answer(message, this.providersOf(key));
        return;
      case 'publish':
        this.keep(key, provider);
        break;
      case 'withdraw':
        this.forget(key, provider);
    }
    this.answer(message, []);
  }

  // Joining and leaving (section 2.4).

  protected joinThrough(contact: Address): void {
    this.seek('join', this.identifier, null, this.peer.address, contact);
  }

  /** The rows that fit the newcomer's table and that it has not been sent yet; from the first node on the path also whom that has near. */
  private sendRows({ key, origin, rows, hops }: PastryRouted): void {
    const { table } = this;
    const contacts: number[] = [this.identifier, this.peer.address];
    for (let row = rows; row <= table.rowOf(key); row++) contacts.push(...table.row(row));
    if (hops === 1) contacts.push(...this.neighbourhood.filter((_, i) => i % 3 !== 0));
    this.peer.send(origin, { type: 'rows', contacts } as RowsMessage);
  }

  /** The numerically closest node has the leaf set that the newcomer needs. */
  private welcome({ origin, request }: PastryRouted): void {
    if (origin === this.peer.address) return;
    const contacts = this.leaves.all();
    this.peer.send(origin, { type: 'leaves', request, identifier: this.identifier, contacts } as LeavesMessage);
  }

  protected override onLeaves(from: Address, message: LeavesMessage): void {
    const call = this.calls.get(message.request);
    if (call?.kind !== 'request') {
      if (this.joined) super.onLeaves(from, message);
      return;
    }
    this.calls.close(message.request);
    if (!this.joined) this.settleIn(from, message);
  }

  /** Takes over the leaf set, shows itself to all in it, and compares with theirs: others may have joined in the same moment. */
  private settleIn(from: Address, { identifier, contacts }: LeavesMessage): void {
    const { leaves, peer } = this;
    if (identifier === this.identifier) {
      this.onTwin();
      return;
    }
    leaves.insert(identifier, from);
    for (let i = 0; i < contacts.length; i += 2) if (contacts[i + 1] !== peer.address) leaves.insert(contacts[i], contacts[i + 1]);
    this.onJoined();
    for (const address of leaves.addresses()) this.askLeaves(address);
    this.announceToTable();
  }

  leave(): void {
    if (!this.joined) return;
    this.withdrawAll();
    this.handOverAll();
    this.toLeaves({ type: 'leaving', contacts: this.leaves.all() });
    const goodbye: LeavingMessage = { type: 'leaving', contacts: [] };
    const leaves = new Set(this.leaves.addresses());
    for (let i = 2; i < this.table.entries.length; i += ENTRY) {
      if (!leaves.has(this.table.entries[i])) this.peer.send(this.table.entries[i], goodbye);
    }
  }

  // The index: a key lies with its root, and copies of it with those of the root's leaf set that are closest to it.

  protected targetsOf(key: Key): readonly Key[] {
    return [key];
  }

  private providersOf(key: Key): readonly Address[] {
    return this.indexIfAny?.find(key, this.peer.now, this.settings.answers) ?? [];
  }

  private keep(key: Key, provider: Address): void {
    const { expiryMs } = this.settings;
    this.index.put(key, provider, this.peer.now + expiryMs);
    this.toCopies(key, { type: 'items', items: [key, provider, expiryMs] });
  }

  private forget(key: Key, provider: Address): void {
    this.indexIfAny?.remove(key, provider);
    this.toCopies(key, { type: 'forget', key, provider });
  }

  private toCopies(key: Key, message: ItemsMessage | ForgetMessage): void {
    for (const address of this.leaves.nearestTo(key, this.settings.replicas)) this.peer.send(address, message);
  }

  private onItems({ items }: ItemsMessage): void {
    for (let i = 0; i < items.length; i += 3) this.index.put(items[i], items[i + 1], this.peer.now + items[i + 2]);
  }

  private isRoot(key: Key): boolean {
    return this.leaves.closest(key, this.peer.address) === this.peer.address;
  }

  protected beforeLeaf(identifier: number, address: Address): void {
    if (this.indexIfAny === null || !this.joined) return;
    const items: number[] = [];
    for (const key of this.index.keys()) {
      if (isCloser(identifier, this.identifier, key) && this.isRoot(key)) items.push(...this.index.of(key, this.peer.now));
    }
    this.sendItems(address, items);
  }

  private handOverAll(): void {
    if (this.indexIfAny === null) return;
    const heirs = new Map<Address, number[]>();
    for (const key of this.index.keys()) {
      const [heir] = this.leaves.nearestTo(key, 1);
      if (heir === undefined || !this.isRoot(key)) continue;
      const items = heirs.get(heir) ?? [];
      items.push(...this.index.of(key, this.peer.now));
      heirs.set(heir, items);
    }
    for (const [heir, items] of heirs) this.sendItems(heir, items);
  }

  private sendItems(to: Address, items: readonly number[]): void {
    for (let i = 0; i < items.length; i += 3 * ITEMS_PER_MESSAGE) {
      this.peer.send(to, { type: 'items', items: items.slice(i, i + 3 * ITEMS_PER_MESSAGE) } as ItemsMessage);
    }
  }

  // Messages.

  onMessage(from: Address, message: PastryMessage | ClientMessage, connection: Connection | null = null): void {
    switch (message.type) {
      case 'locate':
      case 'publish':
      case 'withdraw':
      case 'seek':
      case 'join':
        if (this.joined) this.onRouted(from, message);
        return;
      case 'rows':
        this.hear(message.contacts);
        return;
      case 'leaves':
        this.onLeaves(from, message);
        return;
      case 'ask-leaves':
        if (this.joined) this.onAskLeaves(from, message);
        return;
      case 'ask-neighbours':
        if (this.joined) this.onAskNeighbours(from, message);
        return;
      case 'failed':
        if (this.joined) this.onFailed(message);
        return;
      case 'leaving':
        if (this.joined) this.onLeaving(from, message);
        return;
      case 'items':
        if (this.joined) this.onItems(message);
        return;
      case 'forget':
        this.indexIfAny?.remove(message.key, message.provider);
        return;
      default:
        if (!this.onCommon(from, message)) serveClient(this, message, connection);
    }
  }

  // For others to look at.

  /** Called by `converge` when all three sets are filled. */
  converged(): void {
    this.onJoined();
  }

  /** Addresses in the routing table and the leaf set. */
  override neighbours(): Iterable<Address> {
    return new Set([...super.neighbours(), ...this.leaves.addresses()]);
  }

  /** Routing table, leaf set and neighbourhood set, and the part of the index held for others. */
  state(): PeerState {
    const contacts = this.table.size + this.leaves.size + this.neighbourhood.length / 3;
    const items = this.indexIfAny?.entries ?? 0;
    return { entries: contacts + items, bytes: contacts * CONTACT_BYTES + items * ITEM_BYTES };
  }

  /** Whom a message with this key would go to from here; NOBODY: this is its root. For tests. */
  nextHop(key: Key): Address {
    const to = this.chosen(key, false);
    return to === this.peer.address ? NOBODY : to;
  }
}
