/**
 * The half of a Freenet peer that knows others: it announces itself when it joins, helps others to, and looks for more peers when few
 * are left.
 *
 * A newcomer announces itself to a contact, which passes the announcement to a random peer it knows, and so on for `announceHtl` peers;
 * together they draw the newcomer's key (commitment.ts), under which all of them enter it. Three passes: announce, agreed, settled.
 * Simplified: the newcomer learns the peers of the chain, entered under hashes of their addresses (the paper gives it its contact only);
 * and who breaks a commitment is ignored, not hunted.
 *
 * A peer behind NAT or firewall is one like all others. It can send to whoever can be called, and is answered; so that others may send
 * to it unasked it keeps connections open to a few, each of which enters it under a key agreed on between the two. It never names itself
 * as a source. To a client that leaves its searches to one access peer that peer would know who asks; here each of these neighbours knows
 * as little as any neighbour of any peer.
 */

import { ringOf } from '../../overlay/identifiers.js';
import { NOT_SEEN, SeenCache } from '../../overlay/seen-cache.js';
import { type Address, type CloseReason, type Connection, KEY_BITS, type Peer, type Timer } from '../../protocol.js';
import { commit, isKept, keyOf, NO_COMMITMENT } from './commitment.js';
import { type Agreed, type Announce, BYE, type FreenetMessage, NOBODY, type Settled } from './messages.js';
import { RoutingTable } from './routing-table.js';
import type { FreenetSettings } from './settings.js';

/** All who join at time 0 of a converged start do so within this time. */
const JOIN_SPREAD_MS = 1000;
/** Most ids of one generation. */
const IDS = 16_384;
const CONNECT_TIMEOUT_MS = 5000;
const KEEP_ALIVE = { timeoutMs: CONNECT_TIMEOUT_MS, writeTimeoutMs: 20_000, keepAliveMs: 30_000 };
/** A connection's tag when its other end is a peer behind NAT that has announced itself, or this peer is one and has. */
const LINK = 'link';

/** The key under which a peer is known that has agreed on none: the hash of its address. */
export const locationOf = (address: Address) => ringOf(KEY_BITS).identifierAt(address);

/** An announcement this peer has a part in. */
interface Announcement {
  readonly upstream: Address;
  readonly newcomer: Address;
  /** What it was sent; and its own seed. */
  readonly commitment: number;
  readonly seed: number;
  downstream: Address;
  timer: Timer | undefined;
}

export abstract class Membership {
  readonly table = new RoutingTable();
  protected readonly peer: Peer;
  readonly settings: FreenetSettings;
  /** Ids of messages -> who sent them. */
  protected readonly seen: SeenCache;
  private announcements: Map<number, Announcement> | null = null;
  /** Connections with peers behind NAT, or of this one if it is one, by the other's address. */
  private links: Map<Address, Connection> | null = null;
  /** The address by which others see this peer, if that is not the one it knows as its own. */
  private seenAs: Address = NOBODY;

  constructor(peer: Peer, settings: FreenetSettings) {
    this.peer = peer;
    this.settings = settings;
    this.seen = new SeenCache(settings.idMemoryMs, IDS);
  }

  /** This peer knows somebody, and the address by which others know it. */
  protected abstract onContact(): void;

  join(): void {
    this.upkeep();
    if (this.peer.reachable)
      for (const contact of this.peer.bootstrap(this.settings.contacts)) this.announce(contact, this.settings.announceHtl);
    else this.seekLinks();
  }

  /**
   * Begins with these pairs and connections, or joins like everybody else when there are none.
   * @param address by which others see it
   */
  begin(pairs: readonly number[], links: readonly Connection[], address: Address): void {
    if (pairs.length === 0) {
      this.peer.after(this.peer.random.next() * JOIN_SPREAD_MS, this.join);
      return;
    }
    this.table.fill(pairs);
    if (address !== this.peer.address) this.seenAs = address;
    for (const link of links) this.keepLink(link);
    this.upkeep();
  }

  leave(): void {
    for (const address of this.table.peers()) this.post(address, BYE);
    for (const link of this.links?.values() ?? []) link.close();
  }

  neighbours(): Iterable<Address> {
    return this.table.peers();
  }

  /** Its location on the circle of keys, as others work it out. */
  position(): readonly number[] | null {
    return this.ownAddress === NOBODY ? null : [locationOf(this.ownAddress) / 2 ** KEY_BITS];
  }

  onOpen(connection: Connection): void {
    this.keepLink(connection);
    this.announce(connection.remote, 1);
  }

  /** Somebody connected. Who then does not announce itself is shown the door. */
  onAccept(connection: Connection): void {
    this.peer.after(CONNECT_TIMEOUT_MS, this.onNoGreeting, connection);
  }

  onClose(connection: Connection, _reason: CloseReason): void {
    if (this.links?.get(connection.remote) !== connection) return;
    this.links.delete(connection.remote);
    this.table.drop(connection.remote);
  }

  /** By which a publisher is known to readers; NOBODY while it does not know. */
  protected get ownAddress(): Address {
    return this.seenAs !== NOBODY || !this.peer.reachable ? this.seenAs : this.peer.address;
  }

  /** Whom this peer names as a source: itself, or any other if nobody can call it. */
  protected sourceName(): Address {
    return this.peer.reachable ? this.peer.address : this.anybody(NOBODY, NOBODY);
  }

  /** Enters a pair, where tables learn. */
  protected learn(key: number, address: Address): void {
    if (address === NOBODY || address === this.peer.address || this.settings.links !== 'learned') return;
    this.table.put(key, address, this.settings.routingEntries);
  }

  protected post(to: Address, message: FreenetMessage): void {
    const link = this.links?.get(to);
    if (link?.open) link.send(message);
    else this.peer.send(to, message);
  }

  /** A peer gave no sign of life: it is nobody's neighbour any more here. */
  protected giveUp(address: Address): void {
    this.peer.count('freenet.neighbours-lost');
    this.table.drop(address);
  }

  protected onBye(from: Address): void {
    this.table.drop(from);
  }

  // As a newcomer.

  private announce(contact: Address, htl: number): void {
    const id = this.peer.random.identifier();
    const seed = this.peer.random.identifier();
    this.seen.add(id, NOBODY, this.peer.now);
    this.remember(id, { upstream: NOBODY, newcomer: NOBODY, commitment: NO_COMMITMENT, seed, downstream: contact, timer: undefined });
    const address = this.peer.reachable ? this.peer.address : NOBODY;
    this.post(contact, { type: 'announce', id, htl, address, commitment: commit(NO_COMMITMENT, seed) } satisfies Announce);
  }

  private onOwnAgreed(contact: Address, id: number, own: Announcement, { seeds, peers, seenAs }: Agreed): void {
    if (seeds.length === 0) return;
    if (seenAs !== this.peer.address) this.seenAs = seenAs;
    for (const address of peers) this.table.put(locationOf(address), address, this.settings.routingEntries);
    this.post(contact, { type: 'settled', id, seeds: [own.seed, ...seeds] } satisfies Settled);
    this.peer.count('freenet.announced');
    this.onContact();
  }

  // As a peer of the chain.

  protected onAnnounce(from: Address, message: Announce, connection: Connection | null): void {
    const { id, htl, commitment } = message;
    if (this.seen.get(id, this.peer.now) !== NOT_SEEN) {
      this.post(from, { type: 'agreed', id, seeds: [], peers: [], seenAs: from } satisfies Agreed);
      return;
    }
    if (message.address === NOBODY && connection === null) return; // nobody could call it
    this.seen.add(id, from, this.peer.now);
    if (connection !== null) this.keepLink(connection);
    const newcomer = message.address === NOBODY ? from : message.address;
    const seed = this.peer.random.identifier();
    const downstream = htl > 1 ? this.anybody(from, newcomer) : NOBODY;
    const announcement: Announcement = { upstream: from, newcomer, commitment, seed, downstream, timer: undefined };
    this.remember(id, announcement);
    if (downstream === NOBODY) this.agree(id, announcement, [], []);
    else {
      this.post(downstream, { ...message, htl: Math.min(htl, this.settings.announceHtl) - 1, commitment: commit(commitment, seed) });
      announcement.timer = this.peer.after(htl * this.settings.ackTimeoutMs, this.onNoAgreement, id);
    }
  }

  /** Nothing from below: the chain ends here. */
  private onNoAgreement(id: number): void {
    const announcement = this.announcements?.get(id);
    if (announcement === undefined) return;
    announcement.downstream = NOBODY;
    this.agree(id, announcement, [], []);
  }

  private agree(id: number, { upstream, seed }: Announcement, seeds: readonly number[], peers: readonly Address[]): void {
    const named = this.peer.reachable ? [this.peer.address, ...peers] : peers;
    this.post(upstream, { type: 'agreed', id, seeds: [seed, ...seeds], peers: named, seenAs: upstream } satisfies Agreed);
  }

  protected onAgreed(from: Address, message: Agreed): void {
    const announcement = this.announcements?.get(message.id);
    if (announcement === undefined || announcement.downstream !== from) return;
    if (announcement.upstream === NOBODY) {
      this.announcements!.delete(message.id);
      this.onOwnAgreed(from, message.id, announcement, message);
      return;
    }
    if (announcement.timer === undefined) return;
    this.peer.cancel(announcement.timer);
    announcement.timer = undefined;
    if (message.seeds.length === 0) announcement.downstream = NOBODY;
    this.agree(message.id, announcement, message.seeds, message.peers);
  }

  protected onSettled(from: Address, message: Settled): void {
    const announcement = this.announcements?.get(message.id);
    if (announcement === undefined || announcement.upstream !== from) return;
    this.announcements!.delete(message.id);
    if (!isKept(message.seeds, announcement.commitment, announcement.seed)) {
      this.peer.count('freenet.commitments-broken');
      return;
    }
    this.table.put(keyOf(message.seeds), announcement.newcomer, this.settings.routingEntries);
    if (announcement.downstream !== NOBODY) this.post(announcement.downstream, message);
    this.onContact();
  }

  /** Until it is settled, or must have been. */
  private remember(id: number, announcement: Announcement): void {
    this.announcements ??= new Map();
    this.announcements.set(id, announcement);
    this.peer.after(2 * (this.settings.announceHtl + 1) * this.settings.ackTimeoutMs, this.forget, id);
  }

  private forget(id: number): void {
    this.announcements?.delete(id);
  }

  /** Some peer it knows, other than these two. */
  private anybody(except: Address, other: Address): Address {
    const peers = [...this.table.peers()].filter((address) => address !== except && address !== other && !this.isHidden(address));
    return peers.length === 0 ? NOBODY : this.peer.random.pick(peers);
  }

  // Upkeep.

  private upkeep(): void {
    if (this.settings.tendMs > 0) this.peer.every(this.settings.tendMs, this.tend);
  }

  private tend(): void {
    if (!this.peer.reachable) this.seekLinks();
    else if (this.table.peers().size < this.settings.fewPeers) {
      for (const contact of this.peer.bootstrap(1)) this.announce(contact, this.settings.announceHtl);
    }
  }

  /** A peer behind NAT looks for those who are to keep it reachable. */
  private seekLinks(): void {
    const missing = this.settings.natLinks - (this.links?.size ?? 0);
    if (missing <= 0) return;
    for (const contact of this.peer.bootstrap(missing)) if (!this.links?.has(contact)) this.peer.connect(contact, KEEP_ALIVE);
  }

  private keepLink(connection: Connection): void {
    this.links ??= new Map();
    this.links.set(connection.remote, connection);
    connection.tag = LINK;
  }

  /** Whether this is a peer behind NAT, which only those can reach with whom it has a connection. */
  private isHidden(address: Address): boolean {
    return this.peer.reachable && (this.links?.has(address) ?? false);
  }

  private onNoGreeting(connection: Connection): void {
    if (connection.open && connection.tag !== LINK) connection.reset();
  }
}
