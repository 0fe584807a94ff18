/**
 * The half of a servent that keeps its links: asks candidates in turn, accepts and refuses, notices who is gone and replaces them. A
 * link is a connection over which connect and accept were said. It ends with a bye, with the connection, or when nothing was heard over
 * it for `keepAliveTimeoutMs`: a neighbour that crashed leaves the connection open at this end.
 */

import type { Address, CloseReason, Connection, Peer } from '../../protocol.js';
import { HostCache, NOBODY } from './host-cache.js';
import { BYE, CONNECT, KEEP_ALIVE } from './messages.js';
import type { GnutellaSettings } from './settings.js';

/** Hosts asked without success before a rest. */
const TRIES_IN_A_ROW = 10;
/** Most hosts a refusal names. */
const HOSTS_PER_REFUSAL = 5;

export abstract class Neighbourhood {
  protected readonly peer: Peer;
  protected readonly settings: GnutellaSettings;
  /** The connections that are links. The tag of each is the time it was last heard, in whole ms; other connections have none. */
  protected links: Connection[] = [];
  /** Neighbours this peer wants: as many as it was wired with, or `desiredNeighbours` when it joined. */
  private wanted: number;
  private cache: HostCache | null = null;
  /** The address by which others see this peer, if that is not the one it knows as its own. */
  private seenAs: Address | null = null;

  constructor(peer: Peer, settings: GnutellaSettings) {
    this.peer = peer;
    this.settings = settings;
    this.wanted = settings.desiredNeighbours;
  }

  /** The session's first link, or the first after all were lost. */
  protected abstract onFirstLink(): void;

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
    connection.send(CONNECT);
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

  /** Takes these connections as links, as they are: the other side does the same. */
  protected adopt(links: readonly Connection[], wanted: number, address: Address): void {
    this.links = links.slice(); // the copy has no spare room
    for (const link of links) this.hear(link);
    this.wanted = wanted;
    this.learnOwn(address);
  }

  /** Starts looking after the links. */
  protected keepLinks(): void {
    if (this.settings.keepAliveMs > 0) this.peer.every(this.settings.keepAliveMs, this.tend);
    this.seek();
  }

  protected isLink(connection: Connection): boolean {
    return connection.tag !== undefined;
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

  /** Whether it accepts one more, or answers who asks for hosts. */
  protected hasRoom(): boolean {
    return this.links.length < Math.max(this.settings.maximumNeighbours, this.wanted);
  }

  protected get knowsFewHosts(): boolean {
    return this.cache === null || this.cache.hosts.length < this.settings.hostCacheEntries;
  }

  protected learn(host: Address): void {
    if (host === this.peer.address || host === this.seenAs || this.linkWith(host)) return;
    this.hostCache().add(host, this.settings.hostCacheEntries, this.peer.random);
  }

  protected onConnect(connection: Connection): void {
    const { remote } = connection;
    this.noteAnswer(connection); // both asked each other at the same time
    const isLink = this.isLink(connection);
    if (isLink || (this.hasRoom() && !this.linkWith(remote))) {
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
      return;
    }
    cache.tries++;
    cache.asked = this.peer.connect(candidate);
    cache.patience = this.peer.after(this.settings.connectTimeoutMs, this.onSilence);
  }

  /** A host that is no neighbour yet. The bootstrap fills the cache when it is empty; NOBODY when that does not help. */
  private candidate(cache: HostCache): Address {
    for (let filled = false; ; filled = true) {
      for (let host = cache.take(this.peer.random); host !== NOBODY; host = cache.take(this.peer.random)) {
        if (!this.linkWith(host)) return host;
      }
      if (filled) return NOBODY;
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
    if (connection.open && !this.isLink(connection)) connection.reset();
  }

  private noteAnswer(connection: Connection): void {
    const { cache } = this;
    if (cache === null || connection !== cache.asked) return;
    cache.asked = null;
    this.peer.cancel(cache.patience);
    cache.patience = undefined;
  }

  private hostsFor(asker: Address): Address[] {
    const hosts = this.neighbours().concat(this.cache?.hosts ?? []);
    return this.peer.random.shuffle(hosts.filter((host) => host !== asker)).slice(0, HOSTS_PER_REFUSAL);
  }

  private learnOwn(address: Address): void {
    if (address !== this.peer.address) this.seenAs = address;
  }

  private link(connection: Connection): void {
    this.links.push(connection);
    this.hear(connection);
    if (this.cache !== null) this.cache.tries = 0;
    if (this.links.length === 1) this.onFirstLink();
  }

  private unlink(connection: Connection): void {
    if (!this.isLink(connection)) return;
    connection.tag = undefined;
    this.links.splice(this.links.indexOf(connection), 1);
  }

  /** A link is gone. The next `tend` replaces it: then as maintenance, not on behalf of the query that found the neighbour gone. */
  private lose(connection: Connection): void {
    this.unlink(connection);
    if (this.links.length === 0 || this.settings.keepAliveMs === 0) this.seek();
  }

  /** Pings who was silent, drops who was silent too long. */
  private tend(): void {
    const { links, settings } = this;
    for (let i = links.length - 1; i >= 0; i--) {
      const link = links[i];
      const silentMs = this.peer.now - (link.tag as number);
      if (silentMs >= settings.keepAliveTimeoutMs) {
        this.peer.count('neighbours-timed-out');
        this.unlink(link);
        link.reset();
      } else if (silentMs >= settings.keepAliveMs) {
        link.send(KEEP_ALIVE);
      }
    }
    this.seek();
  }

  private hostCache(): HostCache {
    this.cache ??= new HostCache();
    return this.cache;
  }
}
