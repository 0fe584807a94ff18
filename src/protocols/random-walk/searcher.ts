/**
 * The side of the one who asks: sends out walkers, floods or ever wider rings, takes in what others report, and tells walkers whether to
 * go on. Reports and their answers are datagrams, straight to the origin: a check every fourth step must not cost the way back.
 *
 * Nobody can send one to an origin behind NAT. It asks a neighbour to stand in for it, whose address the question then carries; the
 * stand-in passes reports on over its link. Who reports from behind NAT does so through a neighbour as well, and the answer comes back
 * the way the report went.
 */

import { NOBODY } from '../../overlay/links/host-cache.js';
import type { LinkMessage } from '../../overlay/links/messages.js';
import type { WithChoice } from '../../overlay/links/sharing.js';
import { NOT_SEEN, SeenCache } from '../../overlay/seen-cache.js';
import type { Source } from '../../overlay/transfer/transfers.js';
import type { Address, Connection, Key, Protocol } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import { Carrier } from './carrier.js';
import { type Answer, type Check, type Connect, type Hit, PONG, type Push, type WalkMessage } from './messages.js';

/** How long a search that has ended still tells its walkers so. */
const REMEMBER_ENDED_MS = 60_000;

/** One search of this peer. */
interface Search extends WithChoice {
  readonly number: number;
  readonly sinceMs: number;
  readonly providers: Address[];
  /** Number of the last ring of an expanding one. */
  ring: number;
}

export class Searcher extends Carrier implements Protocol<WalkMessage>, Locate {
  /** By number; null before the first. */
  private searches: Map<number, Search> | null = null;
  /** Searches of neighbours that this peer stands in for -> the neighbour; null for the many who never did. */
  private standsIn: SeenCache | null = null;
  /** Asked before this peer had a neighbour. */
  private early: Search[] | null = null;

  join(): void {
    this.keepLinks();
  }

  protected onFirstLink(): void {
    for (const search of this.early ?? []) if (search.operation.open) this.start(search);
    this.early = null;
  }

  locate(_key: Key, operation: LocateOperation): void {
    const { now, random } = this.peer;
    this.searches ??= new Map();
    for (const [old, { sinceMs, operation }] of this.searches) {
      if (!operation.open && now - sinceMs > REMEMBER_ENDED_MS) this.searches.delete(old);
    }
    const search: Search = { number: random.identifier(), operation, choice: null, sinceMs: now, providers: [], ring: 0 };
    this.searches.set(search.number, search);
    if (this.links.length > 0) this.start(search);
    else {
      this.early ??= [];
      this.early.push(search);
    }
  }

  onMessage(from: Address, message: WalkMessage, connection: Connection | null): void {
    if (connection === null) {
      this.onDatagram(from, message);
      return;
    }
    if (!this.isLink(connection)) {
      if (!this.onTransfer(from, message, connection)) this.onLinkMessage(connection, message as LinkMessage);
      return;
    }
    this.hear(connection);
    switch (message.type) {
      case 'walk':
        this.onWalk(connection, message);
        return;
      case 'query':
        this.onQuery(connection, message);
        return;
      case 'check':
      case 'hit': {
        const answer = this.answerTo(message);
        if (answer !== undefined) connection.send(answer);
        return;
      }
      case 'answer':
      case 'push':
        this.sendBack(message);
        return;
      case 'forward': {
        const { origin, report } = message;
        this.send(origin, { ...report, back: [...report.back, connection.remote] });
        return;
      }
      case 'stand-in':
        this.standsIn ??= new SeenCache(this.settings.guidExpiryMs, this.settings.guidTableEntries);
        this.standsIn.add(message.search, connection.remote, this.peer.now);
        return;
      case 'ping':
        connection.send(PONG);
        return;
      case 'pong':
        return;
      default:
        this.onLinkMessage(connection, message);
    }
  }

  protected isWanted(number: number): boolean | undefined {
    return this.searches?.get(number)?.operation.open;
  }

  protected override greeting(): Connect {
    return { type: 'connect', alone: this.links.length === 0 };
  }

  /**
   * Somebody without any neighbour is taken in when there is no room as well: otherwise there is none left for the last behind NAT. Who is
   * behind NAT takes nobody in, even if somebody should get through: its neighbours must be able to stand in for it.
   */
  protected override takes(asker: Connect): boolean {
    if (!this.peer.reachable) return false;
    return this.hasRoom() || (asker.alone && this.links.length < 2 * this.settings.maximumNeighbours);
  }

  private start(search: Search): void {
    if (this.settings.search === 'random-walk') this.sendWalkers(search);
    else if (this.settings.search === 'flood') this.sendRing(search, this.settings.floodTtl);
    else this.widen(search);
  }

  /** Dealt out to the neighbours in turn. */
  private sendWalkers({ number: search, operation: { words } }: Search): void {
    const { links, settings, peer } = this;
    const origin = this.originFor(search);
    const walk = { type: 'walk', search, origin, ttl: settings.ttl, hops: 0, words } as const;
    this.seen.add(search, NOBODY, peer.now);
    const first = peer.random.integer(links.length);
    for (let walker = 0; walker < settings.walkers; walker++) this.step(links[(first + walker) % links.length], walk);
  }

  /** The next ring of an expanding one, unless it has been answered or was the last. */
  private widen(search: Search): void {
    const { ringStartTtl, ringStep, ringGiveUpTtl, ringHopMs } = this.settings;
    const ttl = Math.min(ringStartTtl + search.ring * ringStep, ringGiveUpTtl);
    this.sendRing(search, ttl);
    if (ttl < ringGiveUpTtl) this.peer.after(ttl * ringHopMs, this.onRingOver, search.number);
  }

  private onRingOver(number: number): void {
    const search = this.searches?.get(number);
    if (!search?.operation.open) return;
    search.ring++;
    this.widen(search);
  }

  private sendRing({ number: search, ring, operation: { words } }: Search, ttl: number): void {
    this.seen.add(search + ring, NOBODY, this.peer.now);
    this.flood(null, { type: 'query', search, ring, origin: this.originFor(search), ttl, hops: 0, words });
  }

  /** Where reports are to go: here, or to a neighbour that is asked to take them. */
  private originFor(search: number): Address {
    if (this.peer.reachable || this.links.length === 0) return this.peer.address;
    const standIn = this.peer.random.pick(this.links);
    standIn.send({ type: 'stand-in', search });
    return standIn.remote;
  }

  private onDatagram(from: Address, message: WalkMessage): void {
    if (message.type === 'check' || message.type === 'hit') this.onReport(from, message);
    else if (message.type === 'answer' || message.type === 'push') this.sendBack(message);
  }

  /** A report for this peer, or for one it stands in for. What it does not know (any more) it leaves unanswered. */
  protected onReport(from: Address, given: Check | Hit): void {
    const report = from === NOBODY ? given : { ...given, back: [...given.back, from] };
    const answer = this.answerTo(report);
    if (answer !== undefined) {
      this.sendBack(answer);
      return;
    }
    const asker = this.standsIn?.get(report.search, this.peer.now) ?? NOT_SEEN;
    if (asker !== NOT_SEEN) this.linkWith(asker)?.send(report);
  }

  /** The answer goes on to the last on its way back; there is nobody left when it was for this peer. */
  private sendBack(answer: Answer | Push): void {
    const back = answer.back.slice();
    const next = back.pop();
    if (next === undefined) {
      if (answer.type === 'answer') this.onAnswer(answer.call, answer.goOn);
      else this.transfers.callBack(answer.address, answer.token, answer.key);
      return;
    }
    const rest = { ...answer, back };
    const link = this.linkWith(next);
    if (link === undefined) this.peer.send(next, rest);
    else link.send(rest);
  }

  /** What the asker says to a report on one of its searches. */
  private answerTo(report: Check | Hit): Answer | undefined {
    const search = this.searches?.get(report.search);
    if (search === undefined) return undefined;
    if (report.type === 'hit') this.onHit(search, report);
    return { type: 'answer', call: report.call, goOn: search.operation.open, back: report.back };
  }

  /** A source behind NAT is asked to call, the way its hit came: its gateway lets in what answers it. */
  askCallback(source: Source, token: number, key: Key): void {
    this.sendBack({ type: 'push', key, token, address: this.peer.address, back: source.via as readonly Address[] });
  }

  private onHit(search: Search, { provider, reachable, hops, keys, back }: Hit): void {
    const { operation, providers } = search;
    if (!operation.open || !keys.includes(operation.key) || providers.includes(provider)) return;
    providers.push(provider);
    operation.found(provider, hops);
    this.addSource(search, { address: provider, reachable, via: back });
    if (providers.length >= this.settings.results) operation.finish(hops);
  }
}
