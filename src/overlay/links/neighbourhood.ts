/**
 * The half of a peer of an unstructured overlay that keeps its links: asks candidates in turn, accepts and refuses, notices who is gone
 * and replaces them. A link is a connection over which connect and accept were said. It ends with a bye, with the connection, or when
 * nothing was heard over it for `keepAliveTimeoutMs`: a neighbour that crashed leaves the connection open at this end. So a peer behind
 * NAT or a firewall lives on the links it asked for itself.
 *
 * A protocol's class extends it, hands it the messages about links, and calls `hear` for whatever comes over one.
 */

import type { Address, CloseReason, Connection, Message, Peer } from '../../protocol.js';
import { HostCache, NOBODY } from './host-cache.js';
import { BYE, CONNECT, type Connect, type LinkMessage } from './messages.js';
import type { LinkSettings } from './settings.js';

/** Hosts asked without success before a rest. */
const TRIES_IN_A_ROW = 10;
/** All who join at time 0 of a converged start do so within this time. */
const JOIN_SPREAD_MS = 1000;
/** Most hosts a refusal names. */
const HOSTS_PER_REFUSAL = 5;

export abstract class Neighbourhood<S extends LinkSettings> {
  protected readonly peer: Peer;
  protected readonly settings: S;
  /** The connections that are links. The tag of each is the time it was last heard, in whole ms; no other's is a number. */
  protected links: Connection[] = [];
  /** Neighbours this peer wants: as many as it was wired with, or `desiredNeighbours` when it joined. */
  protected wanted: number;
  private cache: HostCache | null = null;
  /** The address by which others see this peer, if that is not the one it knows as its own. */
  private seenAs: Address | null = null;

  constructor(peer: Peer, settings: S) {
    this.peer = peer;
    this.settings = settings;
    this.wanted = settings.desiredNeighbours;
  }

  abstract join(): void;

  /** The session's first link, or the first after all were lost. */
  protected abstract onFirstLink(): void;

  /** Nobody was left to be asked, or too many refused. */
  protected onRest(_cache: HostCache): void {}

  /** Asks a neighbour that has been silent for a sign of life. */
  protected abstract probe(link: Connection): void;

  /** What is said first on a connection to a candidate. */
  protected greeting(): Message {
    return CONNECT;
  }

  neighbours(): Address[] {
    return this.links.map(({ remote }) => remote);
  }

  protected get hostsKnown(): number {
    return this.cache?.hosts.length ?? 0;
  }

  leave(): void {
    for (const link of this.links) {
      link.send(BYE);
      link.close();
    }
  }

  /** Somebody connected. Who then does not say what for is shown the door. */
  onAccept(connection: Connection): void {
    this.peer.after(this.settings.connectTimeoutMs, this.onNoGreeting, connection);
  }

  onOpen(connection: Connection): void {
    if (connection === this.cache?.asked) connection.send(this.greeting());
  }

  onClose(connection: Connection, reason: CloseReason): void {
    if (this.isLink(connection)) {
      if (reason === 'timed-out') this.peer.count('neighbours-timed-out');
      this.lose(connection);
    } else if (connection === this.cache?.asked) {
      this.noteAnswer(connection);
      this.peer.count(reason === 'timed-out' ? 'connects-timed-out' : 'connects-refused');
      this.seek();
    }
  }

  /**
   * Begins with these links; without any it joins like everybody else.
   * @param wanted how many links it is to have
   * @param address by which others see it
   */
  begin(links: readonly Connection[], wanted: number, address: Address): void {
    if (links.length === 0) {
      this.peer.after(this.peer.random.next() * JOIN_SPREAD_MS, this.join);
      return;
    }
    this.adopt(links, wanted, address);
    this.join();
  }

  /** Takes these connections as links, as they are: the other side does the same. */
  protected adopt(links: readonly Connection[], wanted: number, address: Address): void {
    this.links = links.slice(); // the copy has no spare room
    for (const link of links) this.hear(link);
    this.wanted = wanted;
    this.learnOwn(address);
  }

  /** Starts looking after the links. */
  protected keepLinks(): void {
    const { keepAliveMs, lookAroundMs } = this.settings;
    if (keepAliveMs > 0) this.peer.every(keepAliveMs, this.tend);
    if (lookAroundMs > 0) this.peer.every(lookAroundMs, this.lookAround);
    this.seek();
  }

  protected isLink(connection: Connection): boolean {
    return typeof connection.tag === 'number';
  }

  /** The link with this neighbour, if it is one. */
  protected linkWith(neighbour: Address): Connection | undefined {
    const { links } = this;
    for (let i = 0; i < links.length; i++) if (links[i].remote === neighbour) return links[i];
    return undefined;
  }

  /** Notes a sign of life. */
  protected hear(link: Connection): void {
    link.tag = Math.floor(this.peer.now);
  }

  /** The address by which others may know this peer. */
  protected get ownAddress(): Address {
    return this.seenAs ?? this.peer.address;
  }

  /** Whether it turns to the bootstrap when it knows of nobody to ask. */
  protected get asksBootstrap(): boolean {
    return true;
  }

  /** Whether it accepts one more, or answers who asks for hosts. */
  protected hasRoom(): boolean {
    return this.links.length < Math.max(this.settings.maximumNeighbours, this.wanted);
  }

  /** Whether it accepts who says this. */
  protected takes(_asker: Connect): boolean {
    return this.hasRoom();
  }

  protected get knowsFewHosts(): boolean {
    return this.cache === null || this.cache.hosts.length < this.settings.hostCacheEntries;
  }

  protected learn(host: Address): void {
    if (host === this.peer.address || host === this.seenAs || this.linkWith(host)) return;
    this.hostCache().add(host, this.settings.hostCacheEntries, this.peer.random);
  }

  /** What somebody says about the link there is or is to be; anything else is not for a neighbourhood. */
  protected onLinkMessage(connection: Connection, message: LinkMessage): void {
    switch (message.type) {
      case 'connect':
        this.onConnect(connection, message);
        return;
      case 'accept':
        this.onAccepted(connection, message.seenAs);
        return;
      case 'refuse':
        this.onRefuse(connection, message.hosts);
        return;
      case 'bye':
        this.onBye(connection);
        return;
    }
  }

  protected onConnect(connection: Connection, asker: Connect): void {
    const { remote } = connection;
    this.noteAnswer(connection); // both asked each other at the same time
    const isLink = this.isLink(connection);
    if (isLink || (this.takes(asker) && !this.linkWith(remote))) {
      connection.send({ type: 'accept', seenAs: remote });
      if (!isLink) this.link(connection);
    } else {
      connection.send({ type: 'refuse', hosts: this.hostsFor(remote) });
      connection.close();
    }
  }

  protected onAccepted(connection: Connection, seenAs: Address): void {
    this.noteAnswer(connection);
    this.learnOwn(seenAs);
    if (!this.isLink(connection)) {
      if (this.hasRoom() && !this.linkWith(connection.remote)) this.link(connection);
      else {
        connection.send(BYE);
        connection.close();
      }
    }
    this.seek();
  }

  protected onRefuse(connection: Connection, hosts: readonly Address[]): void {
    this.noteAnswer(connection);
    this.unlink(connection);
    connection.close();
    for (const host of hosts) this.learn(host);
    this.peer.count('connects-refused');
    this.seek();
  }

  protected onBye(connection: Connection): void {
    this.noteAnswer(connection);
    connection.close();
    this.lose(connection);
  }

  /** Asks the next candidate while neighbours are wanted: one at a time, and after many refusals with a rest. */
  protected seek(): void {
    if (this.links.length >= this.wanted) return;
    const cache = this.hostCache();
    if (cache.asked !== null || cache.resting) return;
    const candidate = cache.tries < TRIES_IN_A_ROW ? this.candidate(cache) : NOBODY;
    if (candidate === NOBODY) {
      cache.resting = true;
      this.peer.after(this.settings.retryMs, this.wake);
      this.onRest(cache);
      return;
    }
    cache.tries++;
    this.call(cache, candidate);
  }

  protected call(cache: HostCache, candidate: Address): void {
    cache.asked = this.peer.connect(candidate);
    cache.patience = this.peer.after(this.settings.connectTimeoutMs, this.onSilence);
  }

  /**
   * Asks a host named from outside the overlay for one link more than is wanted. Two halves of an overlay that a partition cut, and that
   * have all the neighbours they want, find together by nothing else.
   */
  protected lookAround(): void {
    const cache = this.hostCache();
    const [host] = cache.asked === null ? this.peer.bootstrap(1) : [];
    if (host === undefined || this.linkWith(host)) return;
    const { extra } = cache;
    if (extra !== null && this.isLink(extra) && this.links.length > this.wanted) {
      this.unlink(extra);
      extra.send(BYE);
      extra.close();
    }
    cache.extra = null;
    if (this.links.length > this.wanted) return;
    this.call(cache, host);
    cache.extra = cache.asked;
  }

  /** A host that is no neighbour yet. The bootstrap fills the cache when it is empty; NOBODY when that does not help. */
  private candidate(cache: HostCache): Address {
    for (let filled = false; ; filled = true) {
      for (let host = cache.take(this.peer.random); host !== NOBODY; host = cache.take(this.peer.random)) {
        if (!this.linkWith(host)) return host;
      }
      if (filled || !this.asksBootstrap) return NOBODY;
      cache.hosts.push(...this.peer.bootstrap(this.settings.bootstrapHosts));
    }
  }

  private wake(): void {
    const cache = this.hostCache();
    cache.resting = false;
    cache.tries = 0;
    this.seek();
  }

  /** No connection, or nothing said on it. */
  private onSilence(): void {
    const cache = this.hostCache();
    cache.asked?.reset();
    cache.asked = null;
    this.peer.count('connects-timed-out');
    this.seek();
  }

  private onNoGreeting(connection: Connection): void {
    if (connection.open && (connection.tag === undefined || connection.tag === null)) connection.reset();
  }

  protected noteAnswer(connection: Connection): void {
    const { cache } = this;
    if (cache === null || connection !== cache.asked) return;
    cache.asked = null;
    this.peer.cancel(cache.patience);
    cache.patience = undefined;
  }

  protected hostsFor(asker: Address): Address[] {
    const hosts = this.neighbours().concat(this.cache?.hosts ?? []);
    return this.peer.random.shuffle(hosts.filter((host) => host !== asker)).slice(0, HOSTS_PER_REFUSAL);
  }

  protected learnOwn(address: Address): void {
    if (address !== this.peer.address) this.seenAs = address;
  }

  protected link(connection: Connection): void {
    this.links.push(connection);
    this.hear(connection);
    if (this.cache !== null) this.cache.tries = 0;
    if (this.links.length === 1) this.onFirstLink();
  }

  protected unlink(connection: Connection): void {
    if (!this.isLink(connection)) return;
    connection.tag = undefined;
    this.links.splice(this.links.indexOf(connection), 1);
  }

  /** A link is gone. The next `tend` replaces it: then as maintenance, not on behalf of the query that found the neighbour gone. */
  protected lose(connection: Connection): void {
    this.unlink(connection);
    if (this.links.length === 0 || this.settings.keepAliveMs === 0) this.seek();
  }

  /** Pings who was silent, drops who was silent too long. */
  protected tend(): void {
    const { links, settings } = this;
    for (let i = links.length - 1; i >= 0; i--) {
      const link = links[i];
      const silentMs = this.peer.now - (link.tag as number);
      if (silentMs >= settings.keepAliveTimeoutMs) {
        this.peer.count('neighbours-timed-out');
        this.unlink(link);
        link.reset();
      } else if (silentMs >= settings.keepAliveMs) {
        this.probe(link);
      }
    }
    this.seek();
  }

  protected hostCache(): HostCache {
    this.cache ??= new HostCache();
    return this.cache;
  }
}
