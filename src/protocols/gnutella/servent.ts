/**
 * A Gnutella servent: floods queries and pings, answers those it can, and passes answers back the way the question came. Who asks is
 * known only to the asker: everybody else knows the neighbour a GUID first came from.
 */

import { KeywordIndex, type Listed } from '../../overlay/keyword-index.js';
import { NOBODY } from '../../overlay/links/host-cache.js';
import type { LinkMessage } from '../../overlay/links/messages.js';
import { Sharing, type WithChoice } from '../../overlay/links/sharing.js';
import { NOT_SEEN, SeenCache } from '../../overlay/seen-cache.js';
import type { Source } from '../../overlay/transfer/transfers.js';
import type { Address, Connection, Item, Key, Peer, PeerState, Protocol } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import {
  ADDRESS_BYTES,
  type GnutellaMessage,
  GUID_BYTES,
  type Hit,
  KEEP_ALIVE,
  NO_FLOOD,
  type Ping,
  type Pong,
  type Push,
  type Query,
} from './messages.js';
import type { GnutellaSettings } from './settings.js';

/** In the GUID table, the "neighbour" that this peer's own floods came from. */
const OWN = NOBODY;
/** Most files in one hit: their number is one byte. */
const MOST_RESULTS = 255;
const NO_FILES: readonly Listed[] = [];

export class Servent extends Sharing<GnutellaSettings> implements Protocol<GnutellaMessage>, Locate {
  /** GUID -> the neighbour it first came from, by its address: connections come and go. */
  private readonly routes: SeenCache;
  /** What this peer shares; null for the many who share nothing. */
  private files: KeywordIndex | null = null;
  /** GUID -> the search it waits for; null before the first. */
  private searches: Map<number, WithChoice> | null = null;
  /** Servents that cannot be called -> the neighbour a hit of theirs came from last; null where none came by. */
  private pushRoutes: SeenCache | null = null;
  /** By which a push finds this one; 0 until it is needed, and where it can be called. */
  private servent = 0;

  constructor(peer: Peer, settings: GnutellaSettings) {
    super(peer, settings);
    this.routes = new SeenCache(settings.guidExpiryMs, settings.guidTableEntries);
  }

  join(): void {
    if (this.settings.pingMs > 0) this.peer.every(this.settings.pingMs, this.floodPing);
    this.keepLinks();
  }

  publish(_key: Key, item: Item): void {
    this.files ??= new KeywordIndex();
    this.files.add(item, OWN);
    this.share(item);
  }

  locate(_key: Key, operation: LocateOperation): void {
    const guid = this.newGuid();
    this.searches ??= new Map();
    for (const [old, search] of this.searches) if (!search.operation.open) this.searches.delete(old);
    this.searches.set(guid, { operation, choice: null });
    this.sendToAll({ type: 'query', guid, ttl: this.settings.ttl, hops: 0, words: operation.words });
  }

  onMessage(from: Address, message: GnutellaMessage, connection: Connection | null): void {
    if (connection === null) return; // nobody speaks by datagrams
    if (this.isLink(connection)) {
      this.hear(connection);
      switch (message.type) {
        case 'query':
          if (!this.knows(message.guid)) this.onQuery(connection, message);
          return;
        case 'hit':
          this.onHit(connection, message);
          return;
        case 'ping':
          if (!this.knows(message.guid)) this.onPing(connection, message);
          return;
        case 'pong':
          this.onPong(message);
          return;
        case 'push':
          this.onPush(message);
          return;
      }
    }
    if (!this.onTransfer(from, message, connection)) this.onLinkMessage(connection, message as LinkMessage);
  }

  /** Links, hosts known, and routes back and to servents: a GUID or identifier of 16 bytes and the link it came by. */
  state(): PeerState {
    const contacts = this.links.length + this.hostsKnown;
    const routes = this.routes.size + (this.pushRoutes?.size ?? 0);
    return { entries: contacts + routes, bytes: contacts * ADDRESS_BYTES + routes * (GUID_BYTES + ADDRESS_BYTES) };
  }

  /** Whether this is a copy of a flood seen before: most messages are, and end here. */
  private knows(guid: number): boolean {
    return this.routes.get(guid, this.peer.now) !== NOT_SEEN;
  }

  private onQuery(from: Connection, { guid, ttl, hops, words }: Query): void {
    this.routes.add(guid, from.remote, this.peer.now);
    this.peer.reach();
    const matches = this.files?.match(words) ?? NO_FILES;
    if (matches.length > 0) {
      const keys = matches.slice(0, MOST_RESULTS).map(({ item }) => item.key);
      from.send({ type: 'hit', guid, ttl: hops + 1, hops: 0, provider: this.ownAddress, keys, servent: this.serventForPush() });
    }
    if (ttl > 1) this.forward(from, { type: 'query', guid, ttl: ttl - 1, hops: hops + 1, words });
  }

  private onHit(from: Connection, { guid, ttl, hops, provider, keys, servent }: Hit): void {
    const next = this.wayBack(guid, 'hits-without-route');
    if (next === undefined) return;
    if (servent !== 0) this.keepPushRoute(servent, from);
    if (next !== null) {
      if (ttl > 1) next.send({ type: 'hit', guid, ttl: ttl - 1, hops: hops + 1, provider, keys, servent });
      return;
    }
    const search = this.searches?.get(guid);
    if (!search?.operation.open || !keys.includes(search.operation.key)) return;
    search.operation.found(provider, hops + 1);
    this.addSource(search, { address: provider, reachable: servent === 0, via: servent });
  }

  /** A source behind NAT is asked to call, on the way its hit came. */
  askCallback(source: Source, token: number, key: Key): void {
    const servent = source.via as number;
    this.sendPush({ type: 'push', guid: this.newGuid(), ttl: this.settings.ttl, hops: 0, servent, key, token, address: this.ownAddress });
  }

  private onPush(push: Push): void {
    if (push.servent === this.servent) this.transfers.callBack(push.address, push.token, push.key);
    else if (push.ttl > 1) this.sendPush({ ...push, ttl: push.ttl - 1, hops: push.hops + 1 });
  }

  private sendPush(push: Push): void {
    const neighbour = this.pushRoutes?.get(push.servent, this.peer.now) ?? NOT_SEEN;
    const link = neighbour === NOT_SEEN ? undefined : this.linkWith(neighbour);
    if (link === undefined) this.peer.count('pushes-without-route');
    else link.send(push);
  }

  private keepPushRoute(servent: number, from: Connection): void {
    this.pushRoutes ??= new SeenCache(this.settings.guidExpiryMs, this.settings.guidTableEntries);
    this.pushRoutes.set(servent, from.remote, this.peer.now);
  }

  private serventForPush(): number {
    if (this.servent === 0 && !this.peer.reachable) this.servent = this.peer.random.identifier() || 1;
    return this.servent;
  }

  private onPing(from: Connection, { guid, ttl, hops }: Ping): void {
    const isKeepAlive = guid === NO_FLOOD;
    if (!isKeepAlive) this.routes.add(guid, from.remote, this.peer.now);
    // Whoever has no room for another neighbour is of no use to who looks for one, and keeps silent.
    if (isKeepAlive || this.hasRoom()) {
      const files = this.files?.itemCount ?? 0;
      from.send({ type: 'pong', guid, ttl: hops + 1, hops: 0, address: this.ownAddress, files });
    }
    if (ttl > 1) this.forward(from, { type: 'ping', guid, ttl: ttl - 1, hops: hops + 1 });
  }

  private onPong({ guid, ttl, hops, address, files }: Pong): void {
    if (guid === NO_FLOOD) return;
    const next = this.wayBack(guid, 'pongs-without-route');
    if (next === undefined) return;
    if (next === null || this.knowsFewHosts) this.learn(address);
    if (next === null) this.seek();
    else if (ttl > 1) next.send({ type: 'pong', guid, ttl: ttl - 1, hops: hops + 1, address, files });
  }

  /** The link by which an answer goes on; null: it is home; undefined when there is no way back (any more): it is dropped and counted. */
  private wayBack(guid: number, counter: string): Connection | null | undefined {
    const neighbour = this.routes.get(guid, this.peer.now);
    if (neighbour === OWN) return null;
    const link = neighbour === NOT_SEEN ? undefined : this.linkWith(neighbour);
    if (link === undefined) this.peer.count(counter);
    return link;
  }

  protected onFirstLink(): void {
    if (this.settings.pingMs > 0) this.floodPing();
  }

  protected probe(link: Connection): void {
    link.send(KEEP_ALIVE);
  }

  private floodPing(): void {
    if (this.links.length > 0) this.sendToAll({ type: 'ping', guid: this.newGuid(), ttl: this.settings.pingTtl, hops: 0 });
  }

  /** A GUID of this peer's own, which the table knows, so that a copy that comes back is a duplicate. */
  private newGuid(): number {
    const guid = this.peer.random.identifier() || 1; // 0 is NO_FLOOD
    this.routes.add(guid, OWN, this.peer.now);
    return guid;
  }

  private sendToAll(message: GnutellaMessage): void {
    for (const link of this.links) link.send(message);
  }

  /** One object, sent to every neighbour but the one it came from. */
  private forward(from: Connection, message: GnutellaMessage): void {
    for (const link of this.links) if (link !== from) link.send(message);
  }
}
