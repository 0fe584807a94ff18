/**
 * What a peer does for the searches of others: takes in walkers and floods, looks whether it has what is asked for, tells the origin, and
 * sends them on. A walker waits where it is while it asks its origin whether to go on; when nobody answers the walk ends there.
 */

import { KeywordIndex, type Listed } from '../../overlay/keyword-index.js';
import { NOBODY } from '../../overlay/links/host-cache.js';
import { Sharing } from '../../overlay/links/sharing.js';
import { Call, Calls } from '../../overlay/rpc.js';
import { NOT_SEEN, SeenCache } from '../../overlay/seen-cache.js';
import type { Address, Connection, Item, Key, Peer, PeerState } from '../../protocol.js';
import { ADDRESS_BYTES, type Check, GUID_BYTES, type Hit, PING, type Query, type Walk } from './messages.js';
import type { WalkSettings } from './settings.js';
import { Trails } from './trails.js';

/** Most files in one hit: their number is one byte. */
const MOST_RESULTS = 255;
const NO_FILES: readonly Listed[] = [];
const DIRECT: readonly Address[] = [];
const NO_TRAIL: readonly Address[] = [];

/** A report to an origin that is not answered yet, and the walker that waits for the answer; null: a flood's, which waits for nothing. */
class Report extends Call {
  readonly origin: Address;
  readonly walk: Walk | null;
  /** Where the walker came from. */
  readonly from: Connection;
  message: Check | Hit | null = null;
  tries = 0;

  constructor(origin: Address, walk: Walk | null, from: Connection) {
    super();
    this.origin = origin;
    this.walk = walk;
    this.from = from;
  }
}

export abstract class Carrier extends Sharing<WalkSettings> {
  /** Searches seen (of an expanding ring: search + ring) -> the neighbour each first came from. */
  protected readonly seen: SeenCache;
  private trails: Trails | null = null;
  private waiting: Calls<Report> | null = null;
  /** What this peer shares; null for the many who share nothing. */
  private files: KeywordIndex | null = null;

  constructor(peer: Peer, settings: WalkSettings) {
    super(peer, settings);
    this.seen = new SeenCache(settings.guidExpiryMs, settings.guidTableEntries);
  }

  /** Whether one of its walkers shall go on; undefined when the search is not this peer's own. */
  protected abstract isWanted(search: number): boolean | undefined;

  /** A report arrived, or is to be made by this peer itself, whose business it may be. */
  protected abstract onReport(from: Address, report: Check | Hit): void;

  publish(_key: Key, item: Item): void {
    this.files ??= new KeywordIndex();
    this.files.add(item, NOBODY);
    this.share(item);
  }

  /** Links, hosts known, and searches seen: a GUID and the link it came by, and what is kept of their walkers. */
  state(): PeerState {
    const contacts = this.links.length + this.hostsKnown;
    const searches = this.seen.size + (this.trails?.size ?? 0);
    return { entries: contacts + searches, bytes: contacts * ADDRESS_BYTES + searches * (GUID_BYTES + ADDRESS_BYTES) };
  }

  protected probe(link: Connection): void {
    link.send(PING);
  }

  protected onWalk(from: Connection, walk: Walk): void {
    const isNew = this.seen.add(walk.search, from.remote, this.peer.now);
    if (isNew) this.peer.reach();
    const wanted = this.isWanted(walk.search);
    if (wanted !== undefined) {
      if (wanted) this.pass(from, walk); // it came by where it began
      return;
    }
    const hops = walk.hops + 1;
    const matches = isNew ? this.match(walk.words) : NO_FILES; // at the second visit the origin has been told
    if (matches.length > 0) this.report(walk, walk, from, matches);
    else if (walk.ttl > 1 && hops % this.settings.checkEvery === 0) this.report(walk, walk, from, NO_FILES);
    else this.pass(from, walk);
  }

  protected onQuery(from: Connection, query: Query): void {
    const { search, ring, origin, ttl, hops, words } = query;
    if (!this.seen.add(search + ring, from.remote, this.peer.now)) return;
    const wasHere = ring > 0 && this.seen.get(search + ring - 1, this.peer.now) !== NOT_SEEN;
    if (!wasHere) {
      this.peer.reach();
      const matches = this.match(words);
      if (matches.length > 0) this.report(query, null, from, matches);
    }
    if (ttl > 1) this.flood(from, { type: 'query', search, ring, origin, ttl: ttl - 1, hops: hops + 1, words });
  }

  /** The origin has answered. */
  protected onAnswer(call: number, goOn: boolean): void {
    const report = this.waiting?.close(call);
    if (report === undefined || report.walk === null) return;
    if (goOn) this.pass(report.from, report.walk);
    else this.peer.count('walks-called-off');
  }

  /** One object to every neighbour but the one it came from. */
  protected flood(from: Connection | null, query: Query): void {
    for (const link of this.links) if (link !== from) link.send(query);
  }

  /** Sends a walker that has come here one step on. */
  private pass(from: Connection, walk: Walk): void {
    const { search, ttl, hops } = walk;
    const way = ttl > 1 ? this.way(from, search) : undefined;
    if (way === undefined) this.peer.count(ttl > 1 ? 'walks-stranded' : 'walks-expired');
    else this.step(way, { ...walk, ttl: ttl - 1, hops: hops + 1 });
  }

  protected step(way: Connection, walk: Walk): void {
    if (this.settings.keepState) {
      this.trails ??= new Trails(this.settings.guidExpiryMs);
      this.trails.add(walk.search, way.remote, this.peer.now);
    }
    way.send(walk);
  }

  /** A random neighbour, not the one it came from, and none that other walkers of the search went to, if that can be had. */
  private way(from: Connection, search: number): Connection | undefined {
    const used = this.trails?.of(search, this.peer.now) ?? NO_TRAIL;
    return this.draw(from, used) ?? (used.length > 0 ? this.draw(from, NO_TRAIL) : undefined) ?? (from.open ? from : undefined);
  }

  private draw(from: Connection, used: readonly Address[]): Connection | undefined {
    const isFree = (link: Connection) => link !== from && link.open && !used.includes(link.remote);
    let free = 0;
    for (const link of this.links) if (isFree(link)) free++;
    if (free === 0) return undefined;
    let chosen = this.peer.random.integer(free);
    return this.links.find((link) => isFree(link) && chosen-- === 0);
  }

  private match(words: readonly Key[]): readonly Listed[] {
    return this.files?.match(words) ?? NO_FILES;
  }

  /** Tells the origin of matches, or without any asks it whether the walker shall go on. */
  private report({ search, origin, hops }: Walk | Query, walk: Walk | null, from: Connection, matches: readonly Listed[]): void {
    this.waiting ??= new Calls(this.peer, this.onNoAnswer);
    const report = new Report(origin, walk, from);
    const call = this.waiting.open(report, this.settings.checkTimeoutMs);
    const keys = matches.slice(0, MOST_RESULTS).map(({ item }) => item.key);
    report.message =
      keys.length > 0
        ? { type: 'hit', search, call, back: DIRECT, provider: this.ownAddress, reachable: this.peer.reachable, hops: hops + 1, keys }
        : { type: 'check', search, call, back: DIRECT };
    this.tell(report);
  }

  /** A peer that cannot be called may not get datagrams either; it lets the neighbour speak for it from whom the walker came. */
  private tell({ origin, from, message }: Report): void {
    const report = message as Check | Hit;
    if (this.peer.reachable) this.send(origin, report);
    else (from.open ? from : this.links[0])?.send({ type: 'forward', origin, report });
  }

  /** By datagram, to an origin that may be this peer. */
  protected send(origin: Address, report: Check | Hit): void {
    if (origin === this.peer.address) this.onReport(NOBODY, report);
    else this.peer.send(origin, report);
  }

  private onNoAnswer(call: number): void {
    const report = this.waiting?.get(call);
    if (report === undefined) return;
    if (report.tries++ < this.settings.checkRetries) {
      this.waiting?.rearm(call, this.settings.checkTimeoutMs);
      this.tell(report);
      return;
    }
    this.waiting?.close(call);
    this.peer.timedOut();
    this.peer.count(report.walk === null ? 'hits-unanswered' : 'walks-orphaned');
  }
}
