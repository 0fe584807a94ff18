/**
 * A servent of Gnutella 0.6: asks, answers and routes. A leaf sends its query to an ultrapeer, which looks into the index of its own
 * leaves, and if that is not enough floods the query among ultrapeers as 0.4 floods among all. Whoever has a match in its index answers
 * in the name of its leaves; the hit goes back the way the query came. No query is ever sent to a leaf.
 */

import type { Listed } from '../../overlay/keyword-index.js';
import type { WithChoice } from '../../overlay/links/sharing.js';
import { NOT_SEEN, SeenCache } from '../../overlay/seen-cache.js';
import type { Source } from '../../overlay/transfer/transfers.js';
import type { Address, Connection, Item, Key, Peer, PeerState, Protocol } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import { Leaf, OWN } from './leaf-desk.js';
import { ADDRESS_BYTES, type Files, GUID_BYTES, type Hit, type Push, type Query, type UltrapeerMessage } from './messages.js';
import { Roles } from './roles.js';
import type { UltrapeerSettings } from './settings.js';

/** Most results in one hit: their number is one byte. */
const MOST_RESULTS = 255;
/** Files in one message. */
const FILES_PER_MESSAGE = 100;
/** A key and a file's number, as an index entry holds them. */
const ENTRY_BYTES = 10;

/** One search of this peer. */
interface Search extends WithChoice {
  /** Ultrapeers asked so far. */
  asked: Address[];
  answered: boolean;
}

export class UltrapeerServent extends Roles implements Protocol<UltrapeerMessage>, Locate {
  /** GUID -> the neighbour or leaf it first came from, by its address; OWN: this peer. */
  private readonly routes: SeenCache;
  /** GUID -> the search it waits for; null before the first. */
  private searches: Map<number, Search> | null = null;
  /** Servents that cannot be called -> the neighbour a hit of theirs came from last; null where none came by. */
  private pushRoutes: SeenCache | null = null;
  /** Asked by a peer that had no ultrapeer yet. */
  private early: Search[] | null = null;

  constructor(peer: Peer, settings: UltrapeerSettings) {
    super(peer, settings);
    this.routes = new SeenCache(settings.guidExpiryMs, settings.guidTableEntries);
  }

  publish(_key: Key, item: Item): void {
    this.items ??= [];
    this.items.push(item);
    this.share(item);
    if (this.desk !== null) this.desk.index.add(item, OWN);
    else for (const link of this.links) link.send({ type: 'files', items: [item] });
  }

  locate(_key: Key, operation: LocateOperation): void {
    this.searches ??= new Map();
    for (const [old, search] of this.searches) if (!search.operation.open) this.searches.delete(old);
    const search: Search = { operation, choice: null, asked: [], answered: false };
    if (this.links.length === 0) {
      this.early ??= [];
      this.early.push(search);
    }
    this.ask(search);
  }

  onMessage(from: Address, message: UltrapeerMessage, connection: Connection | null): void {
    if (connection === null) return; // nobody speaks by datagrams
    const { tag } = connection;
    if (this.isLink(connection)) {
      this.hear(connection);
      switch (message.type) {
        case 'query':
          if (this.desk !== null && !this.knows(message.guid)) this.onQuery(connection, message);
          return;
        case 'hit':
          this.onHit(connection, message);
          return;
        case 'ping':
          connection.send(this.pongFor(connection.remote));
          return;
        case 'pong':
          this.onPong(connection, message);
          return;
        case 'push':
          this.onPush(message);
          return;
      }
    } else if (tag instanceof Leaf) {
      tag.heardMs = this.peer.now;
      switch (message.type) {
        case 'query':
          if (!this.knows(message.guid)) this.onQuery(connection, message);
          return;
        case 'push':
          this.onPush(message);
          return;
        case 'files':
          this.onFiles(tag, message);
          return;
        case 'ping':
          connection.send(this.pongFor(connection.remote));
          return;
      }
    }
    if (!this.onTransfer(from, message, connection)) this.onHandshake(connection, message);
  }

  /** Links, hosts known, leaves and what they share, and routes back: a GUID of 16 bytes and the link it came by. */
  state(): PeerState {
    const contacts = this.links.length + this.hostsKnown + (this.desk?.leaves.size ?? 0);
    const indexed = this.desk === null ? 0 : this.desk.index.size - (this.items?.length ?? 0);
    const routes = this.routes.size + (this.pushRoutes?.size ?? 0);
    return {
      entries: contacts + routes + indexed,
      bytes: contacts * ADDRESS_BYTES + routes * (GUID_BYTES + ADDRESS_BYTES) + indexed * (ENTRY_BYTES + this.settings.nameBytes),
    };
  }

  protected onFirstLink(): void {
    for (const search of this.early ?? []) if (search.operation.open) this.ask(search);
    this.early = null;
  }

  protected onLinked(link: Connection): void {
    if (this.desk !== null || this.items === null) return;
    for (let from = 0; from < this.items.length; from += FILES_PER_MESSAGE) {
      link.send({ type: 'files', items: this.items.slice(from, from + FILES_PER_MESSAGE) });
    }
  }

  private onFiles({ connection }: Leaf, { items }: Files): void {
    for (const item of items) this.desk?.index.add(item, connection.remote);
  }

  private ask(search: Search): void {
    if (this.desk !== null) this.askAsUltrapeer(search);
    else if (this.settings.ask === 'all') this.sendQuery(search, this.links);
    else this.askNext(search);
  }

  /** What its own leaves have costs nothing. */
  private askAsUltrapeer(search: Search): void {
    const { operation } = search;
    const matches = this.desk!.index.match(operation.words);
    let found = 0;
    for (const { item, providers } of matches) {
      if (item.key !== operation.key) continue;
      for (const provider of providers)
        if (provider !== OWN) this.found(search, provider, this.desk!.leaves.get(provider)?.servent ?? 0, 0);
      found += providers.length;
    }
    if (found < this.settings.answersWanted) this.sendQuery(search, this.links);
  }

  /** The next of its ultrapeers, if no answer came from those before. */
  private askNext(search: Search): void {
    if (!search.operation.open || search.answered) return;
    if (this.desk !== null) {
      this.askAsUltrapeer(search); // it has become one
      return;
    }
    const next = this.links.find(({ remote }) => !search.asked.includes(remote));
    if (next === undefined) return;
    search.asked.push(next.remote);
    this.sendQuery(search, [next]);
    if (search.asked.length < this.settings.leafUltrapeers) this.peer.after(this.settings.nextUltrapeerMs, this.askNext, search);
  }

  /** Under a GUID of its own, which the table knows, so that a copy that comes back is a duplicate. */
  private sendQuery(search: Search, links: readonly Connection[]): void {
    if (links.length === 0) return;
    const guid = this.peer.random.identifier();
    this.routes.add(guid, OWN, this.peer.now);
    this.searches?.set(guid, search);
    const query: Query = { type: 'query', guid, ttl: this.settings.ttl, hops: 0, words: search.operation.words };
    for (const link of links) link.send(query);
  }

  private knows(guid: number): boolean {
    return this.routes.get(guid, this.peer.now) !== NOT_SEEN;
  }

  private onQuery(from: Connection, { guid, ttl, hops, words }: Query): void {
    this.routes.add(guid, from.remote, this.peer.now);
    this.peer.reach();
    const matches = this.desk!.index.match(words);
    const found = matches.length === 0 ? 0 : this.answer(from, guid, hops + 1, matches);
    const isEnough = from.tag instanceof Leaf && found >= this.settings.answersWanted;
    if (ttl <= 1 || isEnough) return;
    const query: Query = { type: 'query', guid, ttl: ttl - 1, hops: hops + 1, words };
    for (const link of this.links) if (link !== from) link.send(query);
  }

  /** In the name of those who have it, but the one who asks. Returns how many there are. */
  private answer(to: Connection, guid: number, ttl: number, matches: readonly Listed[]): number {
    const keys: Key[] = [];
    const providers: Address[] = [];
    const servents: number[] = [];
    for (const { item, providers: having } of matches) {
      for (const provider of having) {
        if (provider === to.remote || keys.length === MOST_RESULTS) continue;
        keys.push(item.key);
        providers.push(provider === OWN ? this.ownAddress : provider);
        servents.push(provider === OWN ? 0 : (this.desk!.leaves.get(provider)?.servent ?? 0));
      }
    }
    if (keys.length > 0) to.send({ type: 'hit', guid, ttl, hops: 0, keys, providers, servents });
    return keys.length;
  }

  private onHit(link: Connection, { guid, ttl, hops, keys, providers, servents }: Hit): void {
    for (const servent of servents) if (servent !== 0) this.keepPushRoute(servent, link);
    const from = this.routes.get(guid, this.peer.now);
    if (from !== OWN) {
      const next = from === NOT_SEEN ? undefined : (this.linkWith(from) ?? this.desk?.leaves.get(from)?.connection);
      if (next === undefined) this.peer.count('hits-without-route');
      else if (ttl > 1) next.send({ type: 'hit', guid, ttl: ttl - 1, hops: hops + 1, keys, providers, servents });
      return;
    }
    const search = this.searches?.get(guid);
    if (!search?.operation.open) return;
    for (let i = 0; i < keys.length; i++) if (keys[i] === search.operation.key) this.found(search, providers[i], servents[i], hops + 1);
  }

  private found(search: Search, provider: Address, servent: number, hops: number): void {
    search.answered = true;
    search.operation.found(provider, hops);
    this.addSource(search, { address: provider, reachable: servent === 0, via: servent });
  }

  // Pushes.

  /** A source behind NAT is asked to call, on the way its hit came, and in the end by its ultrapeer. */
  askCallback(source: Source, token: number, key: Key): void {
    const { peer, settings, ownAddress: address } = this;
    const servent = source.via as number;
    this.sendPush({ type: 'push', guid: peer.random.identifier(), ttl: settings.ttl + 1, hops: 0, servent, key, token, address });
  }

  private onPush(push: Push): void {
    if (push.servent === this.servent) this.transfers.callBack(push.address, push.token, push.key);
    else if (push.ttl > 1) this.sendPush({ ...push, ttl: push.ttl - 1, hops: push.hops + 1 });
  }

  /** To its own leaf, if the servent is one; else to whom the last hit in its name came from. */
  private sendPush(push: Push): void {
    const neighbour = this.pushRoutes?.get(push.servent, this.peer.now) ?? NOT_SEEN;
    const link = this.desk?.byServent(push.servent)?.connection ?? (neighbour === NOT_SEEN ? undefined : this.linkWith(neighbour));
    if (link === undefined) this.peer.count('pushes-without-route');
    else link.send(push);
  }

  private keepPushRoute(servent: number, from: Connection): void {
    this.pushRoutes ??= new SeenCache(this.settings.guidExpiryMs, this.settings.guidTableEntries);
    this.pushRoutes.set(servent, from.remote, this.peer.now);
  }
}
