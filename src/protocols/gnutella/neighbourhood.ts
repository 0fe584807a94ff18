/**
 * The half of a servent that keeps its links: asks candidates in turn, accepts and refuses, notices who is gone and replaces them. A
 * link is agreed by connect and accept and lives on both sides until a bye, or until nothing was heard over it for
 * `keepAliveTimeoutMs`. Links are datagram sessions as long as the emulator has no connections; since a side may then lose its half
 * alone (a crash and return, a lost accept), who gets a flood from a stranger tells it bye.
 */

import type { Address, Peer } from '../../protocol.js';
import { HostCache, NOBODY } from './host-cache.js';
import { ACCEPT, BYE, CONNECT, type GnutellaMessage, KEEP_ALIVE } from './messages.js';
import type { GnutellaSettings } from './settings.js';

/** Hosts asked without success before a rest. */
const TRIES_IN_A_ROW = 10;
/** Most hosts a refusal names. */
const HOSTS_PER_REFUSAL = 5;
/** Numbers a link takes in `links`. */
export const LINK = 2;

export abstract class Neighbourhood {
  protected readonly peer: Peer;
  protected readonly settings: GnutellaSettings;
  /** Of each link the neighbour's address and the time it was last heard, in ms: side by side, because every message needs both. */
  protected links: number[] = [];
  /** Neighbours this peer wants: as many as it was wired with, or `desiredNeighbours` when it joined. */
  private wanted: number;
  private cache: HostCache | null = null;

  constructor(peer: Peer, settings: GnutellaSettings) {
    this.peer = peer;
    this.settings = settings;
    this.wanted = settings.desiredNeighbours;
  }

  /** The session's first link, or the first after all were lost. */
  protected abstract onFirstLink(): void;

  neighbours(): Address[] {
    return this.links.filter((_, i) => i % LINK === 0);
  }

  leave(): void {
    for (let i = 0; i < this.links.length; i += LINK) this.send(this.links[i], BYE);
  }

  protected send(to: Address, message: GnutellaMessage): void {
    this.peer.send(to, message);
  }

  /** Takes these neighbours as they are: the other side does the same. */
  protected adopt(neighbours: readonly Address[]): void {
    this.links = neighbours.flatMap((address) => [address, this.peer.now]).slice(); // the copy has no spare room
    this.wanted = neighbours.length;
  }

  /** Starts looking after the links. */
  protected keepLinks(): void {
    if (this.settings.keepAliveMs > 0) this.peer.every(this.settings.keepAliveMs, this.tend);
    this.seek();
  }

  protected isNeighbour(address: Address): boolean {
    return this.indexOf(address) >= 0;
  }

  /** Whether it accepts one more, or answers who asks for hosts. */
  protected hasRoom(): boolean {
    return this.links.length < LINK * Math.max(this.settings.maximumNeighbours, this.wanted);
  }

  /** Notes a sign of life. False: this is no neighbour, and it was told so. */
  protected hears(from: Address): boolean {
    const i = this.indexOf(from);
    if (i < 0) return this.hearsStranger(from);
    this.links[i + 1] = this.peer.now;
    return true;
  }

  private hearsStranger(from: Address): boolean {
    if (from === this.cache?.asked)
      this.onAccept(from); // what it sent overtook its accept
    else this.send(from, BYE);
    return this.isNeighbour(from);
  }

  protected get knowsFewHosts(): boolean {
    return this.cache === null || this.cache.hosts.length < this.settings.hostCacheEntries;
  }

  protected learn(host: Address): void {
    if (host === this.peer.address || this.isNeighbour(host)) return;
    this.hostCache().add(host, this.settings.hostCacheEntries, this.peer.random);
  }

  protected onConnect(from: Address): void {
    if (!this.isNeighbour(from)) {
      if (!this.hasRoom()) {
        this.send(from, { type: 'refuse', hosts: this.hostsFor(from) });
        return;
      }
      this.link(from);
    }
    this.send(from, ACCEPT);
  }

  protected onAccept(from: Address): void {
    this.noteAnswer(from);
    if (!this.isNeighbour(from)) {
      if (this.hasRoom()) this.link(from);
      else this.send(from, BYE);
    }
    this.seek();
  }

  protected onRefuse(from: Address, hosts: readonly Address[]): void {
    this.noteAnswer(from);
    for (const host of hosts) this.learn(host);
    this.peer.count('connects-refused');
    this.seek();
  }

  protected onBye(from: Address): void {
    this.noteAnswer(from);
    const i = this.indexOf(from);
    if (i >= 0) this.links.splice(i, LINK);
    // The next `tend` replaces it: then as maintenance, not on behalf of the query that found the link dead.
    if (this.links.length === 0 || this.settings.keepAliveMs === 0) this.seek();
  }

  /** Asks the next candidate while neighbours are wanted: one at a time, and after many refusals with a rest. */
  protected seek(): void {
    if (this.links.length >= LINK * this.wanted) return;
    const cache = this.hostCache();
    if (cache.asked !== NOBODY || cache.resting) return;
    const candidate = cache.tries < TRIES_IN_A_ROW ? this.candidate(cache) : NOBODY;
    if (candidate === NOBODY) {
      cache.resting = true;
      this.peer.after(this.settings.retryMs, this.wake);
      return;
    }
    cache.tries++;
    cache.asked = candidate;
    cache.patience = this.peer.after(this.settings.connectTimeoutMs, this.onSilence);
    this.send(candidate, CONNECT);
  }

  /** A host that is no neighbour yet. The bootstrap fills the cache when it is empty; NOBODY when that does not help. */
  private candidate(cache: HostCache): Address {
    for (let filled = false; ; filled = true) {
      for (let host = cache.take(this.peer.random); host !== NOBODY; host = cache.take(this.peer.random)) {
        if (!this.isNeighbour(host)) return host;
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

  private onSilence(): void {
    this.hostCache().asked = NOBODY;
    this.peer.count('connects-timed-out');
    this.seek();
  }

  private noteAnswer(from: Address): void {
    const { cache } = this;
    if (cache === null || from !== cache.asked) return;
    cache.asked = NOBODY;
    this.peer.cancel(cache.patience);
    cache.patience = undefined;
  }

  private hostsFor(asker: Address): Address[] {
    const hosts = this.neighbours().concat(this.cache?.hosts ?? []);
    return this.peer.random.shuffle(hosts.filter((host) => host !== asker)).slice(0, HOSTS_PER_REFUSAL);
  }

  private link(neighbour: Address): void {
    this.links.push(neighbour, this.peer.now);
    if (this.cache !== null) this.cache.tries = 0;
    if (this.links.length === LINK) this.onFirstLink();
  }

  /** Pings who was silent, drops who was silent too long. */
  private tend(): void {
    const { links } = this;
    for (let i = links.length - LINK; i >= 0; i -= LINK) {
      const silentMs = this.peer.now - links[i + 1];
      if (silentMs >= this.settings.keepAliveTimeoutMs) {
        this.peer.count('neighbours-timed-out');
        links.splice(i, LINK);
      } else if (silentMs >= this.settings.keepAliveMs) {
        this.send(links[i], KEEP_ALIVE);
      }
    }
    this.seek();
  }

  private indexOf(address: Address): number {
    const { links } = this;
    for (let i = 0; i < links.length; i += LINK) if (links[i] === address) return i;
    return -1;
  }

  private hostCache(): HostCache {
    this.cache ??= new HostCache();
    return this.cache;
  }
}
