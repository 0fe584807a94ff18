/**
 * The supernode's part: a Napster in small for its descendants. It indexes their files, answers their queries out of its index, and when
 * that has too few matches asks a subset of the supernodes it is linked with, then another subset: itself, and those it asks do not ask
 * further. It also keeps the ratio of supernodes to descendants: with too many descendants it hands half of them over to a supernode that
 * has few, or promotes the best one for that; with too few, and others to take them, it retires.
 */

import { KeywordIndex } from '../../overlay/keyword-index.js';
import { Calls } from '../../overlay/rpc.js';
import type { Address, Connection, Item, Key, Peer, PeerState, Timer } from '../../protocol.js';
import { Descendant } from './descendant.js';
import { Mesh, type MeshLink } from './mesh.js';
import {
  type Accept,
  type Answer,
  type Callback,
  FILE_BYTES,
  type Forward,
  type Move,
  NOBODY,
  type Promote,
  type Push,
  RESULT,
  type Register,
  SUPERNODE_BYTES,
} from './messages.js';
import { type Asker, DescendantAsker, Query } from './query.js';
import type { KazaaSettings } from './settings.js';

/** Address and bandwidth of a descendant. */
const DESCENDANT_BYTES = 7;

/** What the peer does when its supernode part comes to an end. */
export interface Officer {
  onQueryTimeout(number: number): void;
  /** There are others who can take its descendants. */
  retire(): void;
}

const review = (supernode: Supernode) => supernode.review();
const sendLists = (supernode: Supernode) => supernode.sendLists();
const endPromotion = ([supernode, promoted]: readonly [Supernode, Address]) => supernode.endPromotion(promoted);

export class Supernode {
  readonly index = new KeywordIndex();
  readonly mesh: Mesh;
  readonly descendants = new Map<Address, Descendant>();
  private readonly peer: Peer;
  private readonly settings: KazaaSettings;
  private readonly officer: Officer;
  private readonly sinceMs: number;
  private readonly queries: Calls<Query>;
  private readonly timers: (Timer | undefined)[] = [];
  /** The descendant that was promoted and is to take half of the others; NOBODY: none. */
  private promoted: Address = NOBODY;

  constructor(peer: Peer, settings: KazaaSettings, officer: Officer) {
    this.peer = peer;
    this.settings = settings;
    this.officer = officer;
    this.sinceMs = peer.now;
    this.mesh = new Mesh(peer, settings, () => this.descendants.size);
    this.queries = new Calls<Query>(peer, officer.onQueryTimeout);
    if (settings.roleMs > 0) this.timers.push(peer.every(settings.roleMs, review, this));
    if (settings.listMs > 0) this.timers.push(peer.every(settings.listMs, sendLists, this));
  }

  /** Descendants, links, the list, and the index. */
  state(): PeerState {
    const { descendants, mesh, index, settings } = this;
    return {
      entries: descendants.size + mesh.knownCount + index.size,
      bytes: descendants.size * DESCENDANT_BYTES + mesh.knownCount * SUPERNODE_BYTES + index.size * (FILE_BYTES + settings.nameBytes),
    };
  }

  // Descendants.

  /** Takes one as a descendant, whose connection this is. */
  adopt(connection: Connection, claims: Omit<Register, 'type'>): Descendant {
    const descendant = new Descendant(connection, claims, this.peer.now);
    connection.tag = descendant;
    this.descendants.set(descendant.address, descendant);
    return descendant;
  }

  onRegister(connection: Connection, claims: Register): void {
    const former = this.descendants.get(connection.remote);
    if (former !== undefined) this.drop(former); // it comes back before its former session was missed
    this.adopt(connection, claims);
    connection.send({ type: 'accept', supernodes: this.mesh.list() } satisfies Accept);
    this.relieve();
  }

  /** Of a connection that was open from the start, the other side's address is a guess until something comes from there. */
  hear(descendant: Descendant): void {
    const { remote } = descendant.connection;
    if (descendant.address === remote) return;
    this.descendants.delete(descendant.address);
    descendant.address = remote;
    this.descendants.set(remote, descendant);
  }

  onShare({ address }: Descendant, items: readonly Item[]): void {
    for (const item of items) this.index.add(item, address);
  }

  drop(descendant: Descendant): void {
    const { address } = descendant;
    if (this.descendants.get(address) !== descendant) return;
    this.descendants.delete(address);
    this.index.removeProvider(address);
  }

  /** Has a descendant call, or the supernode whose descendant it is have it called. */
  push(push: Push): void {
    const { provider, supernode, to, token, key } = push;
    if (supernode !== this.peer.address) {
      const link = this.mesh.linkWith(supernode);
      if (link === undefined) this.peer.send(supernode, push);
      else link.connection.send(push);
    } else this.descendants.get(provider)?.connection.send({ type: 'callback', to, token, key } satisfies Callback);
  }

  // Queries.

  onSearch(from: Descendant, search: number, words: readonly Key[]): void {
    this.peer.reach();
    this.ask(words, from.address, new DescendantAsker(from.connection, search));
  }

  /** Answers out of the index at once, and asks others when that is too little. */
  ask(words: readonly Key[], asking: Address, asker: Asker): void {
    const results = this.match(words, asking);
    const found = results.length / RESULT;
    const { enough, subset, rounds } = this.settings;
    const targets = found < enough && subset > 0 && rounds > 0 ? this.peer.random.shuffle(this.mesh.up()) : [];
    asker.matches(results, 0);
    if (targets.length === 0) asker.done(0);
    else this.askSubset(new Query(asker, words, targets, found));
  }

  /** Another supernode asks on behalf of a descendant of its own. */
  onForward(from: Connection, { query, words }: Forward): void {
    this.peer.reach();
    from.send({ type: 'answer', query, results: this.match(words, NOBODY) } satisfies Answer);
  }

  onAnswer(from: MeshLink, { query: number, results }: Answer): void {
    const query = this.queries.get(number);
    if (query === undefined) return;
    query.take(from, results);
    if (query.waiting.length > 0) return;
    this.queries.close(number);
    this.askSubset(query);
  }

  /** Some of this round's have not answered: they are links no longer. */
  onTimeout(number: number): void {
    const query = this.queries.close(number);
    if (query === undefined) return;
    for (const link of query.waiting) {
      this.peer.timedOut();
      this.mesh.giveUp(link);
    }
    this.askSubset(query);
  }

  private askSubset(query: Query): void {
    const { enough, subset, rounds, answerTimeoutMs } = this.settings;
    const isOver = query.found >= enough || query.rounds >= rounds || !query.asker.waiting;
    const asked = isOver ? [] : query.targets.splice(0, subset).filter(({ connection }) => connection.open);
    if (asked.length === 0) {
      query.asker.done(query.rounds > 0 ? 1 : 0);
      return;
    }
    query.rounds++;
    query.waiting = asked;
    const forward: Forward = { type: 'forward', query: this.queries.open(query, answerTimeoutMs), words: query.words };
    for (const { connection } of asked) connection.send(forward);
  }

  /** What matches here, as it travels, without the asker's own. */
  private match(words: readonly Key[], asking: Address): number[] {
    const results: number[] = [];
    const most = RESULT * this.settings.mostResults;
    for (const { item, providers } of this.index.match(words)) {
      for (const provider of providers) {
        if (results.length >= most) return results;
        if (provider === asking) continue;
        const canBeCalled = this.descendants.get(provider)?.reachable ?? true; // or it is this peer itself
        results.push(item.key, provider, canBeCalled ? NOBODY : this.peer.address);
      }
    }
    return results;
  }

  // Keeping the ratio.

  /** A look at the load, every `roleMs`. */
  review(): void {
    const { peer, settings, descendants, mesh } = this;
    this.relieve();
    const few = descendants.size < settings.mergeFactor * settings.descendants;
    if (!few || this.promoted !== NOBODY || peer.now - this.sinceMs < settings.termMs) return;
    // Somebody who stays must have more, so that not all retire: of two alike the one with the higher address goes.
    const stays = ({ load, connection }: { load: number; connection: Connection }) =>
      load > descendants.size || (load === descendants.size && connection.remote < peer.address);
    const others = mesh.up();
    if (others.length >= settings.fewest && others.some(stays)) this.officer.retire();
  }

  sendLists(): void {
    const accept: Accept = { type: 'accept', supernodes: this.mesh.list() };
    for (const { connection } of this.descendants.values()) connection.send(accept);
  }

  /** The one that was promoted is a supernode now: every second descendant is sent there. */
  onPromoted(address: Address): void {
    if (address !== this.promoted) return;
    this.promoted = NOBODY;
    this.peer.count('supernode-splits');
    this.sendHalfTo(address);
  }

  private sendHalfTo(supernode: Address): void {
    const move: Move = { type: 'move', supernode };
    let stays = true;
    for (const { connection } of this.descendants.values()) {
      if (!stays) connection.send(move);
      stays = !stays;
    }
  }

  /** The one that was promoted has not come back by now. */
  endPromotion(promoted: Address): void {
    if (promoted === this.promoted) this.promoted = NOBODY;
  }

  end(): void {
    for (const timer of this.timers) this.peer.cancel(timer);
    this.mesh.end();
    for (const { connection } of this.descendants.values()) connection.close();
    this.descendants.clear();
  }

  /** With too many descendants half go to a supernode that has few; if none has, or there are too few others, the best becomes one. */
  private relieve(): void {
    const { peer, settings, descendants, mesh } = this;
    const isOverfull = descendants.size > settings.splitFactor * settings.descendants;
    const isLonely = descendants.size > 1 && mesh.up().length + 1 < settings.fewest;
    if (this.promoted !== NOBODY || !(isOverfull || isLonely)) return;
    const half = descendants.size / 2;
    const taker = mesh.up().find(({ load }) => load + half <= settings.descendants);
    if (isOverfull && taker !== undefined) {
      taker.load += half; // until it says what it has
      peer.count('supernode-handovers');
      this.sendHalfTo(taker.connection.remote);
      return;
    }
    let best: Descendant | null = null;
    for (const candidate of descendants.values()) {
      const mayBe = candidate.reachable && peer.now - candidate.sinceMs >= settings.minimumUptimeMs;
      if (mayBe && candidate.uplinkBitsPerSecond >= settings.minimumUplink && (best === null || candidate.betterThan(best)))
        best = candidate;
    }
    if (best === null) return; // it carries them all, and looks again
    this.promoted = best.address;
    peer.count('promotions');
    best.connection.send({ type: 'promote', supernodes: this.mesh.list() } satisfies Promote);
    peer.after(2 * settings.connectTimeoutMs, endPromotion, [this, this.promoted] as const);
  }
}
