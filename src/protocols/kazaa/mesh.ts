/**
 * A supernode among supernodes: connections with some forty others, over which it forwards its descendants' queries, and the list of
 * those it has heard of, which it gives to descendants. Linked supernodes tell each other from time to time whom they know and how long
 * ago each was heard of; who is not heard of any more falls off everybody's list.
 */

import type { Address, Connection, Peer, Timer } from '../../protocol.js';
import { type Link, NEWS, type News } from './messages.js';
import { type KazaaSettings, lineOptions } from './settings.js';

/** Supernodes named in one piece of news. */
const NEWS_ENTRIES = 50;
/** A supernode accepts links up to so many times those it looks for, so that those that come later find some. */
const ROOM = 2;
/** Links asked for at a time. */
const SEEK_AT_ONCE = 10;
/** The list for descendants is made anew when it is older than this, in ms; until then all get the same one. */
const LIST_AGE_MS = 10_000;

/** The tag of a connection with another supernode. */
export class MeshLink {
  readonly connection: Connection;
  /** Descendants that it has, as it said last. */
  load = 0;
  /** Whether both have said what they are. */
  up = false;

  constructor(connection: Connection) {
    this.connection = connection;
  }
}

const tellNews = (mesh: Mesh) => mesh.tellNews();

export class Mesh {
  private readonly peer: Peer;
  private readonly settings: KazaaSettings;
  private readonly loadNow: () => number;
  private readonly links = new Map<Address, MeshLink>();
  /** When each was last heard of, in ms. */
  private readonly known = new Map<Address, number>();
  private listed: readonly Address[] | null = null;
  private listedMs = 0;
  private readonly timer: Timer | undefined;

  /** @param load tells how many descendants this supernode has */
  constructor(peer: Peer, settings: KazaaSettings, load: () => number) {
    this.peer = peer;
    this.settings = settings;
    this.loadNow = load;
    if (settings.newsMs > 0) this.timer = peer.every(settings.newsMs, tellNews, this);
  }

  /** Supernodes that can be asked, in the order in which the links came up. */
  up(): MeshLink[] {
    const up: MeshLink[] = [];
    for (const link of this.links.values()) if (link.up && link.connection.open) up.push(link);
    return up;
  }

  linkWith(address: Address): MeshLink | undefined {
    const link = this.links.get(address);
    return link?.up ? link : undefined;
  }

  get addresses(): Address[] {
    return this.up().map(({ connection }) => connection.remote);
  }

  get knownCount(): number {
    return this.known.size;
  }

  hear(address: Address, ageMs = 0): void {
    if (address === this.peer.address) return;
    const heardMs = this.peer.now - ageMs;
    if (heardMs > (this.known.get(address) ?? Number.NEGATIVE_INFINITY)) this.known.set(address, heardMs);
  }

  /** Up to `listEntries` supernodes, this one first, then those it is linked with. One array for all who ask within a while. */
  list(): readonly Address[] {
    const { peer, settings } = this;
    if (this.listed !== null && peer.now - this.listedMs < LIST_AGE_MS) return this.listed;
    this.forgetOld();
    const others = [...this.known.keys()].filter((address) => !this.linkWith(address));
    this.listed = [peer.address, ...this.addresses, ...peer.random.shuffle(others)].slice(0, settings.listEntries);
    this.listedMs = peer.now;
    return this.listed;
  }

  /** A converged start: these links are up, and this is the list that everybody has. */
  adopt(connections: readonly Connection[], list: readonly Address[], load: (address: Address) => number): void {
    for (const connection of connections) {
      const link = new MeshLink(connection);
      link.up = true;
      link.load = load(connection.remote);
      connection.tag = link;
      this.links.set(connection.remote, link);
    }
    for (const address of list) this.hear(address);
    this.listed = list;
    this.listedMs = this.peer.now;
  }

  /** Asks supernodes it has heard of for links, while it wants some. */
  seek(): void {
    const { peer, settings, links } = this;
    const strangers = [...this.known.keys()].filter((address) => !links.has(address));
    const wanted = Math.min(settings.links - links.size, SEEK_AT_ONCE);
    for (const address of peer.random.shuffle(strangers).slice(0, Math.max(0, wanted))) this.linkTo(address);
  }

  /** Asks this one for a link. */
  linkTo(address: Address): void {
    const connection = this.peer.connect(address, lineOptions(this.settings));
    const link = new MeshLink(connection);
    connection.tag = link;
    this.links.set(address, link);
  }

  onOpen(link: MeshLink): void {
    link.connection.send({ type: 'link', load: this.loadNow() } satisfies Link);
  }

  /** Another supernode wants a link: false when there is no room. */
  onLink(connection: Connection, { load }: Link): boolean {
    const { remote } = connection;
    this.hear(remote);
    let link = connection.tag instanceof MeshLink ? connection.tag : undefined;
    if (link === undefined) {
      // When both asked for one, that of the lower address is kept, by both.
      const own = this.links.get(remote);
      if (own !== undefined && (own.up || this.peer.address < remote)) return false;
      if (own === undefined && this.links.size >= ROOM * this.settings.links) return false;
      own?.connection.reset();
      link = new MeshLink(connection);
      connection.tag = link;
      this.links.set(remote, link);
      this.onOpen(link);
    }
    link.load = load;
    if (!link.up) {
      link.up = true;
      link.connection.send(this.news());
    }
    return true;
  }

  onNews(link: MeshLink, { load, supernodes }: News): void {
    link.load = load;
    this.hear(link.connection.remote);
    for (let i = 0; i < supernodes.length; i += NEWS) this.hear(supernodes[i], supernodes[i + 1] * 1000);
  }

  /** It is gone, or is no supernode any more, or has no room. */
  drop(link: MeshLink, isGone: boolean): void {
    const { remote } = link.connection;
    if (this.links.get(remote) !== link) return;
    this.links.delete(remote);
    if (!isGone) return;
    this.known.delete(remote);
    this.listed = null;
  }

  /** It did not answer in time. */
  giveUp(link: MeshLink): void {
    link.connection.reset();
    this.drop(link, true);
  }

  tellNews(): void {
    this.forgetOld();
    const news = this.news();
    for (const link of this.up()) link.connection.send(news);
    this.seek();
  }

  end(): void {
    this.peer.cancel(this.timer);
    for (const { connection } of this.links.values()) connection.close();
    this.links.clear();
  }

  private news(): News {
    const { peer, known } = this;
    const supernodes: number[] = [];
    const chosen = known.size <= NEWS_ENTRIES ? [...known.keys()] : peer.random.shuffle([...known.keys()]).slice(0, NEWS_ENTRIES);
    for (const address of chosen) {
      const ageMs = this.linkWith(address) ? 0 : peer.now - known.get(address)!;
      supernodes.push(address, Math.ceil(ageMs / 1000));
    }
    return { type: 'news', load: this.loadNow(), supernodes };
  }

  private forgetOld(): void {
    const { peer, settings, known } = this;
    for (const link of this.up()) known.set(link.connection.remote, peer.now);
    for (const [address, heardMs] of known) if (peer.now - heardMs > settings.supernodeExpiryMs) known.delete(address);
    while (known.size > settings.listEntries) known.delete(known.keys().next().value as Address);
  }
}
