/**
 * A peer's links to rendezvous: a few at which it is registered, so that others can find it, and for a while those it asks for others.
 * What rendezvous see tells the peer its public address (as by STUN, RFC 8489), and whether its gateway has the same one for all
 * destinations (as by RFC 5780, 4.3). Who gets no answer by datagrams, because they are blocked, links up by connections.
 */

import type { Address, Connection, Message } from '../../protocol.js';
import { type Bound, LEAVING, LISTED, PASSING } from './messages.js';
import { tell } from './path.js';
import type { Reach } from './reach.js';

/** A question that gets no answer is asked again after so long, then twice that (RFC 8489, 6.2.1), and so often in all. */
export const RETRY_MS = 500;
export const TRIES = 3;
/** How long a connection to a rendezvous is tried, in ms. */
const CONNECT_MS = 10_000;
/** Refreshes that may go unanswered. */
const SILENT_REFRESHES = 2.5;

/** What a gateway does to the peer's address: nothing; one outer address for all destinations; different ones; not known. */
export type Mapping = 'none' | 'endpoint-independent' | 'dependent' | 'unknown';

export class Link {
  readonly address: Address;
  connection: Connection | null = null;
  /** Whether something can be sent over it. */
  up = true;
  gone = false;
  /** Registered there for others to find, not only passing. */
  listed = false;
  /** By which address the rendezvous sees this peer; 0: it has not said. */
  seen: Address = 0;
  heardMs: number;
  usedMs: number;
  tries = 0;
  /** How many of those registered there this peer wants to hear of, once the link is up. */
  curious = 0;
  private readonly links: Links;

  constructor(links: Links, address: Address, now: number) {
    this.links = links;
    this.address = address;
    this.heardMs = now;
    this.usedMs = now;
  }

  send<M extends Message>(message: M): boolean {
    return tell(this.links.reach.peer, this.address, this.connection, message);
  }

  /** The answer to the registration has not come. */
  retry(): void {
    if (!this.gone && this.seen === 0) this.links.retry(this);
  }
}

const retry = (link: Link) => link.retry();

export class Links {
  readonly reach: Reach;
  /** What the gateway granted; 0: nothing. */
  mapped: Address = 0;
  private heardByDatagram = false;
  private heardByConnection = false;
  private readonly links = new Map<Address, Link>();

  constructor(reach: Reach) {
    this.reach = reach;
  }

  /** Whether paths are of datagrams, and nobody answers those, but somebody did by a connection. */
  get blocked(): boolean {
    return this.heardByConnection && !this.heardByDatagram && this.reach.settings.transport === 'datagram';
  }

  /** The link to this rendezvous, made if there is none. It may not be up yet. */
  to(address: Address): Link {
    const { now } = this.reach.peer;
    let link = this.links.get(address);
    if (link === undefined) {
      link = new Link(this, address, now);
      this.links.set(address, link);
      const isOwn = address === this.reach.peer.address;
      if (!isOwn && (this.blocked || this.reach.settings.transport === 'connection')) this.connect(link);
    }
    link.usedMs = now;
    return link;
  }

  /** The link by which this came; undefined when it did not come by one. */
  by(from: Address, connection: Connection | null): Link | undefined {
    const link = this.links.get(from);
    return link?.connection === connection ? link : undefined;
  }

  /** A rendezvous has said something. */
  heard(link: Link): void {
    link.heardMs = this.reach.peer.now;
    const wasBlocked = this.blocked;
    if (link.connection === null) this.heardByDatagram = true;
    else this.heardByConnection = true;
    if (!wasBlocked || this.blocked) return;
    // Datagrams pass after all; only some were lost.
    for (const other of this.links.values()) if (other.connection !== null) this.lose(other);
  }

  /** Where others can find this peer. */
  get registrations(): Address[] {
    const at: Address[] = [];
    for (const link of this.links.values()) if (link.listed && link.seen !== 0) at.push(link.address);
    return at;
  }

  /** The public address that was seen last by the paths' own transport; null when none was. */
  get publicAddress(): Address | null {
    let latest: Link | null = null;
    for (const link of this.links.values()) {
      if (this.isTelling(link) && (latest === null || link.heardMs > latest.heardMs)) latest = link;
    }
    return latest === null ? null : latest.seen;
  }

  get mapping(): Mapping {
    const seen = [...this.links.values()].filter((link) => this.isTelling(link)).map((link) => link.seen);
    if (seen.some((address) => address !== seen[0])) return 'dependent';
    if (seen[0] === this.reach.peer.address) return 'none';
    return seen.length > 1 ? 'endpoint-independent' : 'unknown';
  }

  /** Registers with as many rendezvous as are wanted and can be had. */
  register(): void {
    const { peer, settings } = this.reach;
    let listed = 0;
    for (const link of this.links.values()) if (link.listed) listed++;
    if (listed >= settings.rendezvous) return;
    for (const address of peer.bootstrap(settings.rendezvous + listed)) {
      if (listed >= settings.rendezvous) return;
      if (this.links.get(address)?.listed) continue;
      const link = this.to(address);
      link.listed = true;
      listed++;
      if (link.up) this.begin(link);
    }
  }

  /** A sign of life to every rendezvous that matters; those that give none are let go. */
  refresh(): void {
    const { peer, settings } = this.reach;
    for (const link of this.links.values()) {
      const isUsed = link.listed || this.reach.searches.isUsing(link);
      if (!isUsed && peer.now - link.usedMs > settings.refreshMs) this.drop(link);
      else if (!isUsed || !link.up) continue;
      else if (peer.now - link.heardMs > SILENT_REFRESHES * settings.refreshMs) this.lose(link);
      else this.bind(link, link.listed ? LISTED : PASSING);
    }
    this.register();
  }

  onBound(link: Link, { seen }: Bound): void {
    if (seen === 0) {
      this.lose(link);
      return;
    }
    const isNew = link.listed && link.seen === 0;
    link.seen = seen;
    if (!isNew) return;
    // The others tell where else this peer is to be found.
    for (const other of this.links.values()) if (other !== link && other.listed && other.seen !== 0) this.bind(other, LISTED);
  }

  onOpen(link: Link): void {
    if (link.gone) return;
    link.up = true;
    this.heard(link);
    if (link.listed) this.begin(link);
    this.reach.onLinkUp(link);
  }

  /** The rendezvous is no longer there for this peer. */
  lose(link: Link): void {
    if (link.gone) return;
    this.drop(link);
    this.reach.onLinkGone(link);
    if (link.listed) this.register();
  }

  leave(): void {
    for (const link of this.links.values()) if (link.up && link.connection === null) this.bind(link, LEAVING);
  }

  retry(link: Link): void {
    if (!link.up) return;
    if (++link.tries < TRIES) this.begin(link);
    else if (link.connection === null && !this.heardByDatagram) this.connect(link);
    else this.lose(link);
  }

  private begin(link: Link): void {
    this.bind(link, LISTED);
    this.reach.peer.after(RETRY_MS * 2 ** link.tries, retry, link);
  }

  private bind(link: Link, stay: number): void {
    const { id, peer } = this.reach;
    const at = this.registrations.filter((address) => address !== link.address);
    link.send({ type: 'reach-bind', id, own: peer.address, mapped: this.mapped, at, stay });
  }

  private connect(link: Link): void {
    link.up = false;
    link.tries = 0;
    const writeTimeoutMs = 3 * this.reach.settings.refreshMs;
    link.connection = this.reach.peer.connect(link.address, { timeoutMs: CONNECT_MS, writeTimeoutMs, tag: link });
  }

  private drop(link: Link): void {
    link.gone = true;
    this.links.delete(link.address);
    link.connection?.close();
  }

  /** What is seen by another transport than that of the paths says nothing about them. */
  private isTelling(link: Link): boolean {
    return link.seen !== 0 && (link.connection !== null) === (this.reach.settings.transport === 'connection');
  }
}
