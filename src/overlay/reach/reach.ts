/**
 * A part of a protocol that reaches peers wherever they are: directly, through a hole punched with a rendezvous' help, or relayed. Every
 * peer is registered with a few rendezvous (peers that anybody can call), and known to others by that registration, not by an address:
 * behind a NAT it has none that others could use.
 *
 * The protocol makes one `Reach` per instance, declares `REACH_MESSAGES` and `REACH_SETTINGS` among its own, forwards what happens to
 * it (`onMessage`, `onOpen`, `onClose`; it must have an `onAccept`, or nobody could connect), and gets paths. `protocols/rendezvous.ts`
 * shows it. Counted are `reach-direct`, `reach-punched`, `reach-relayed`, `reach-failed`, each also with `-ms` for the time it took in
 * all, and `relayed-bytes`.
 */

import type { Address, CloseReason, Connection, Message, Peer } from '../../protocol.js';
import { Link, Links, type Mapping } from './links.js';
import { type Data, isReachMessage, KEEP, type Probe } from './messages.js';
import { Path, type PathKind, Way } from './path.js';
import { Rendezvous } from './rendezvous.js';
import { Searches } from './searches.js';
import { type ReachSettings, SILENT_PERIODS } from './settings.js';

/** By which a peer is known to others: a number of its own, and where it is registered. */
export interface Identity {
  readonly id: number;
  readonly at: readonly Address[];
}

/** What the protocol hears. */
export interface ReachUser {
  /** A path this peer asked for is open, or (`path.how`) the attempt failed. */
  onReached(path: Path): void;
  /** Somebody reached this peer. */
  onPath(path: Path): void;
  onPathMessage(path: Path, message: Message): void;
  /** A path ended, not by this side's own `close`. */
  onPathEnd(path: Path, reason: CloseReason): void;
  /** The answer of `who`. */
  onWho?(identities: readonly Identity[]): void;
}

/** The connection's own way, unless it has become another's because both sides asked for one at the same time. */
const wayOf = (path: number, from: Address, connection: Connection | null) =>
  connection?.tag instanceof Way && connection.tag.path === path ? connection.tag : new Way(path, from, connection, null);

const refresh = (reach: Reach) => reach.refresh();
const keepAlive = (reach: Reach) => reach.keepAlive();

/** Finds and keeps ways to peers behind NAT, for one peer. */
export class Reach {
  readonly peer: Peer;
  readonly settings: ReachSettings;
  readonly id: number;
  /** Paths that are open, by number. */
  readonly paths = new Map<number, Path>();
  readonly links: Links;
  readonly searches: Searches;
  /** What this peer is to others; null until one asks. */
  private service: Rendezvous | null = null;
  private readonly sizeOf: (message: Message) => number;
  private readonly user: ReachUser;

  /** @param sizeOf bytes of a message of the protocol's, for what is relayed */
  constructor(peer: Peer, settings: ReachSettings, user: ReachUser, sizeOf: (message: Message) => number) {
    this.peer = peer;
    this.settings = settings;
    this.user = user;
    this.id = peer.random.identifier();
    this.links = new Links(this);
    this.searches = new Searches(this);
    this.sizeOf = sizeOf;
  }

  /** Registers this peer; call it in `join`. */
  start(): void {
    const { peer, settings } = this;
    if (settings.mapPort) this.links.mapped = peer.mapPort() ?? 0;
    this.links.register();
    peer.every(settings.refreshMs, refresh, this as Reach);
    if (settings.keepAliveMs > 0) peer.every(settings.keepAliveMs / 2, keepAlive, this as Reach);
  }

  /** Says goodbye where nobody would notice; call it in `leave`. */
  leave(): void {
    for (const path of this.paths.values()) if (path.way!.connection === null) path.way!.end(this.peer);
    this.links.leave();
    this.service?.leave();
  }

  /** What others need to reach this peer; nobody can while `at` is empty. */
  get identity(): Identity {
    return { id: this.id, at: this.links.registrations };
  }

  /** By which address others see this peer; null while nobody has said. */
  get publicAddress(): Address | null {
    return this.links.publicAddress;
  }

  /** What this peer's gateway does to its address, as far as two rendezvous can tell. */
  get mapping(): Mapping {
    return this.links.mapping;
  }

  /** Looks for a way to this peer. `onReached` follows, later, with the path that is returned here. */
  to(target: Identity, tag?: unknown): Path {
    return this.searches.begin(target, tag);
  }

  /** Asks a rendezvous for up to `count` of those registered with it. `onWho` follows, unless something is lost. */
  who(rendezvous: Address, count: number): void {
    const link = this.links.to(rendezvous);
    if (link.up) link.send({ type: 'reach-who', count });
    else link.curious = count;
  }

  /** True: the message was for this part. */
  onMessage(from: Address, message: Message, connection: Connection | null): boolean {
    if (!isReachMessage(message)) {
      const path = connection?.tag;
      if (!(path instanceof Path)) return false;
      this.user.onPathMessage(path, message);
      return true;
    }
    switch (message.type) {
      case 'reach-bind':
        this.rendezvous.onBind(from, connection, message);
        return true;
      case 'reach-who':
        this.rendezvous.onWho(from, connection, message);
        return true;
      case 'reach-ask':
        this.rendezvous.onAsk(from, connection, message);
        return true;
      case 'reach-probe':
        this.searches.onProbe(wayOf(message.path, from, connection), message);
        return true;
      case 'reach-data':
        if (!this.service?.onData(from, connection, message)) this.onData(from, connection, message);
        return true;
      case 'reach-end':
        if (!this.service?.onEnd(from, connection, message.path)) this.ended(this.paths.get(message.path), 'closed');
        return true;
    }
    const link = this.links.by(from, connection);
    if (link === undefined) return true;
    this.links.heard(link);
    if (message.type === 'reach-bound') this.links.onBound(link, message);
    else if (message.type === 'reach-told') this.searches.onTold(link, message);
    else if (message.type === 'reach-call') this.searches.onCall(link, message);
    else this.user.onWho?.(message.ids.map((id, place) => ({ id, at: message.at[place] })));
    return true;
  }

  /** True: the connection was for this part. */
  onOpen({ tag }: Connection): boolean {
    if (tag instanceof Link) this.links.onOpen(tag);
    else if (tag instanceof Way) this.searches.onOpen(tag);
    else return false;
    return true;
  }

  /** True: the connection was for this part. */
  onClose(connection: Connection, reason: CloseReason): boolean {
    const { tag } = connection;
    const wasClient = this.service?.onClose(connection) ?? false;
    if (tag instanceof Link) this.links.lose(tag);
    else if (tag instanceof Way) this.searches.onClose(tag);
    else if (tag instanceof Path) this.ended(tag, reason);
    else return wasClient;
    return true;
  }

  /** For the parts of this part. */
  opened(path: Path, way: Way, how: PathKind): void {
    const { now } = this.peer;
    path.way = way;
    path.how = how;
    path.open = true;
    path.tookMs = now - path.startedMs;
    path.sentMs = now;
    path.heardMs = now;
    if (way.connection !== null) way.connection.tag = path;
    this.paths.set(path.number, path);
    if (path.incoming) {
      this.user.onPath(path);
      return;
    }
    this.searches.nominate(path);
    this.count(path);
    this.user.onReached(path);
  }

  failed(path: Path): void {
    path.how = 'failed';
    path.tookMs = this.peer.now - path.startedMs;
    this.count(path);
    this.user.onReached(path);
  }

  forget(path: Path): void {
    path.open = false;
    this.paths.delete(path.number);
  }

  onLinkUp(link: Link): void {
    if (link.curious > 0) link.send({ type: 'reach-who', count: link.curious });
    link.curious = 0;
    this.searches.onLinkUp(link);
  }

  onLinkGone(link: Link): void {
    for (const path of this.paths.values()) if (path.way!.relay === link) this.ended(path, 'timed-out');
    this.searches.onLinkGone(link);
  }

  refresh(): void {
    this.links.refresh();
    this.service?.tidy();
  }

  keepAlive(): void {
    const { peer } = this;
    const { keepAliveMs } = this.settings;
    for (const path of this.paths.values()) {
      if (path.way!.connection !== null) continue;
      if (peer.now - path.heardMs > SILENT_PERIODS * keepAliveMs) this.ended(path, 'timed-out');
      else if (peer.now - path.sentMs >= keepAliveMs / 2) path.way!.probe(peer, KEEP, 0);
    }
  }

  private get rendezvous(): Rendezvous {
    this.service ??= new Rendezvous(this.peer, this.settings, this.id, this.sizeOf);
    return this.service;
  }

  private onData(from: Address, connection: Connection | null, { path: number, message }: Data): void {
    const link = this.links.by(from, connection);
    if (message.type === 'reach-probe') {
      if (link !== undefined) this.searches.onProbe(new Way(number, from, null, link), message as Probe);
      return;
    }
    const path = this.paths.get(number) ?? this.searches.onData(number, from, link ?? null);
    if (path === undefined) return;
    path.heardMs = this.peer.now;
    path.agreed = true;
    this.user.onPathMessage(path, message);
  }

  private ended(path: Path | undefined, reason: CloseReason): void {
    if (!path?.open) return;
    this.forget(path);
    this.user.onPathEnd(path, reason);
  }

  private count({ how, tookMs }: Path): void {
    this.peer.count(`reach-${how}`);
    this.peer.count(`reach-${how}-ms`, Math.round(tookMs));
  }
}
