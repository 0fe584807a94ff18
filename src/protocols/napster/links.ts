/**
 * What linked servers do for each other, in OpenNap's way: a search goes on to every other server, and what it finds there comes back
 * before the user gets an answer. Of each two, the one with the lower number keeps the connection. OpenNap's servers also tell each other
 * who is logged in where; here a result says so.
 */

import { Call, Calls } from '../../overlay/rpc.js';
import type { Connection, Key, Peer } from '../../protocol.js';
import type { LinkHello, LinkSearch, Result } from './messages.js';
import type { NapsterSettings } from './settings.js';

/** A search that other servers were asked, too. */
export class Gathering extends Call {
  readonly results: Result[];
  readonly most: number;
  /** Where the answer goes, and the user's number for it. */
  readonly user: Connection;
  readonly userNumber: number;
  awaited: number;

  constructor(user: Connection, userNumber: number, results: Result[], most: number, awaited: number) {
    super();
    this.user = user;
    this.userNumber = userNumber;
    this.results = results;
    this.most = most;
    this.awaited = awaited;
  }
}

export class Links {
  /** This server's number. */
  readonly number: number;
  private readonly peer: Peer;
  private readonly settings: NapsterSettings;
  private readonly gatherings: Calls<Gathering>;
  private readonly done: (gathering: Gathering) => void;
  /** By server number; open or being opened. */
  private readonly links: (Connection | undefined)[] = [];

  /** @param onTimeout the protocol's method: it hands the number to `onTimeout` here */
  constructor(peer: Peer, settings: NapsterSettings, onTimeout: (number: number) => void, done: (gathering: Gathering) => void) {
    this.peer = peer;
    this.settings = settings;
    this.number = peer.servers.indexOf(peer.address);
    this.gatherings = new Calls(peer, onTimeout);
    this.done = done;
  }

  /** Asks every server with a higher number, of those it has no connection with, for one. */
  connect(): void {
    for (let other = this.number + 1; other < this.peer.servers.length; other++) {
      if (this.links[other] !== undefined) continue;
      const { connectTimeoutMs: timeoutMs, serverTimeoutMs: writeTimeoutMs, keepAliveMs } = this.settings;
      this.links[other] = this.peer.connect(this.peer.servers[other], { timeoutMs, writeTimeoutMs, keepAliveMs });
    }
  }

  /** The link with that server, which is open. A former one is of no use: that server has forgotten it. */
  adopt(other: number, link: Connection): void {
    const former = this.links[other];
    this.links[other] = link;
    if (former !== link) former?.reset();
  }

  owns(connection: Connection): boolean {
    return this.links.includes(connection);
  }

  to(server: number): Connection | undefined {
    const link = this.links[server];
    return link?.open ? link : undefined;
  }

  onOpen(link: Connection): void {
    link.send({ type: 'link-hello', server: this.number } satisfies LinkHello);
  }

  onClose(link: Connection): void {
    this.links[this.links.indexOf(link)] = undefined;
  }

  /** Asks the other servers; `done` gets what they and this one have found. */
  search(user: Connection, userNumber: number, words: readonly Key[], most: number, results: Result[]): void {
    const open = this.links.filter((link) => link?.open);
    const gathering = new Gathering(user, userNumber, results, most, open.length);
    if (open.length === 0) {
      this.done(gathering);
      return;
    }
    const number = this.gatherings.open(gathering, this.settings.linkTimeoutMs);
    for (const link of open) link?.send({ type: 'link-search', number, words, most } satisfies LinkSearch);
  }

  onResults(number: number, results: readonly Result[]): void {
    const gathering = this.gatherings.get(number);
    if (gathering === undefined) return;
    gathering.results.push(...results);
    gathering.awaited--;
    if (gathering.awaited > 0 && gathering.results.length < gathering.most) return;
    this.gatherings.close(number);
    this.done(gathering);
  }

  /** A server has not answered: the user gets what there is. */
  onTimeout(number: number): void {
    const gathering = this.gatherings.close(number);
    if (gathering === undefined) return;
    this.peer.timedOut();
    this.done(gathering);
  }
}
