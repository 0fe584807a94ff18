/**
 * A Freenet peer at work: requests and inserts go depth first towards the closest key, and answers come back the same way.
 *
 * Who takes a message up hands it to the peer of the closest key in its table. That peer says that it has it, and later how it went:
 * data; or nobody else to try, with the hops-to-live that are left, upon which the next closest key is tried; or hops-to-live spent,
 * which ends the whole. A peer that has seen the id refuses (a loop), one that says nothing is dropped from the table; neither costs
 * hops-to-live. Data are stored by every peer on their way back, and the source they name is entered under their key: so tables come to
 * know who is good for which keys, and peers gather keys close to each other.
 *
 * What a peer sends on behalf of others and of itself is the same, field by field: it does to its own request what it does to one it
 * has taken up.
 */

import { NOT_SEEN } from '../../overlay/seen-cache.js';
import type { Address, Connection, Key, PeerState, Protocol } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import { Datastore } from './datastore.js';
import { Errand } from './errand.js';
import { Membership } from './membership.js';
import {
  ADDRESS_BYTES,
  type Continue,
  type Data,
  type FreenetMessage,
  ID_BYTES,
  type Insert,
  KEY_BYTES,
  NOBODY,
  RECORD_BYTES,
  type Request,
  type Spent,
} from './messages.js';
import { requestHtl } from './settings.js';

export class Freenet extends Membership implements Protocol<FreenetMessage>, Locate {
  readonly store = new Datastore();
  /** By id: what this peer has taken up and not answered yet. */
  private errands: Map<number, Errand> | null = null;
  /** What it publishes, and whether it has been inserted at all. */
  private published: Map<Key, boolean> | null = null;

  state(): PeerState {
    const { table, store, seen } = this;
    return {
      entries: table.size + store.size + seen.size,
      bytes:
        table.size * (KEY_BYTES + ADDRESS_BYTES) +
        store.size * KEY_BYTES +
        store.records * RECORD_BYTES +
        seen.size * (ID_BYTES + ADDRESS_BYTES),
    };
  }

  /** What others wait for goes back to them to be tried elsewhere. */
  override leave(): void {
    for (const errand of this.errands?.values() ?? []) if (errand.upstream !== NOBODY) this.answerContinue(errand);
    super.leave();
  }

  onMessage(from: Address, message: FreenetMessage, connection: Connection | null): void {
    switch (message.type) {
      case 'request':
      case 'insert':
        this.onErrand(from, message);
        return;
      case 'announce':
        this.onAnnounce(from, message, connection);
        return;
      case 'agreed':
        this.onAgreed(from, message);
        return;
      case 'settled':
        this.onSettled(from, message);
        return;
      case 'bye':
        this.onBye(from);
        return;
    }
    const errand = this.errands?.get(message.id);
    if (errand === undefined) return;
    if (message.type === 'data') {
      if (errand.tried.includes(from)) this.onData(errand, message); // also from one given up: it was only late
      return;
    }
    if (errand.downstream !== from) return;
    this.peer.cancel(errand.timer);
    switch (message.type) {
      case 'accepted':
        errand.timer = this.peer.after(this.settings.hopMs * errand.htl, this.onPatienceEnds, errand);
        return;
      case 'looped':
        this.peer.count('freenet.loops');
        this.handOn(errand);
        return;
      case 'continue':
        this.onContinue(errand, message);
        return;
      case 'spent':
        this.onSpent(errand, message);
        return;
    }
  }

  // This peer's own.

  publish(key: Key): void {
    if (this.published === null) {
      this.published = new Map();
      if (this.settings.republishMs > 0) this.peer.every(this.settings.republishMs, this.republish);
    }
    this.published.set(key, false);
    this.insert(key);
  }

  locate(key: Key, operation: LocateOperation): void {
    if (this.published?.has(key)) {
      operation.found(this.ownAddress, 0);
      operation.finish(0);
    } else this.ask(key, operation, 0);
  }

  /** A request of this peer's own. What its own store holds is found without a hop. */
  private ask(key: Key, operation: LocateOperation, attempt: number): void {
    const records = this.store.get(key, this.voidBeforeMs);
    if (records !== undefined) {
      this.deliver(operation, records, 0);
      return;
    }
    const errand = this.newErrand('request', key);
    errand.operation = operation;
    errand.attempt = attempt;
    if (attempt < this.settings.retries && this.settings.retryMs > 0) this.peer.after(this.settings.retryMs, this.askAgain, errand);
    this.handOn(errand);
  }

  private askAgain(errand: Errand): void {
    if (!errand.operation!.open) return;
    this.peer.count('freenet.asked-again');
    this.ask(errand.key, errand.operation!, errand.attempt + 1);
  }

  private insert(key: Key): void {
    if (this.ownAddress === NOBODY || this.table.size === 0) return; // when it knows somebody: onContact
    this.published!.set(key, true);
    const { now } = this.peer;
    const records = this.merge(key, [this.ownAddress, Math.floor(now)]);
    const errand = this.newErrand('insert', key);
    errand.source = this.sourceName();
    errand.records = records;
    this.handOn(errand);
  }

  protected onContact(): void {
    for (const [key, isInserted] of this.published ?? []) if (!isInserted) this.insert(key);
  }

  /** Spread over the period, so that a peer with many files does not send them in one burst. */
  private republish(): void {
    for (const key of this.published!.keys()) this.peer.after(this.peer.random.next() * this.settings.republishMs, this.insert, key);
  }

  /** Starts a little below the full hops-to-live, at random. */
  private newErrand(kind: Errand['kind'], key: Key): Errand {
    const { random, now } = this.peer;
    const id = random.identifier();
    this.seen.add(id, NOBODY, now);
    const { htlSpread } = this.settings;
    const htl = Math.max(1, this.fullHtl(kind) - (htlSpread > 0 ? random.integer(htlSpread + 1) : 0));
    return this.undertake(kind, id, key, NOBODY, htl);
  }

  /** The records are opened: only here, by who asked. */
  private deliver(operation: LocateOperation, records: readonly number[], hops: number): void {
    if (!operation.open) return; // another attempt was quicker
    for (let i = 0; i < records.length; i += 2) operation.found(records[i], hops);
    operation.finish(hops);
  }

  // Errands.

  private onErrand(from: Address, message: Request | Insert): void {
    const sender = this.seen.get(message.id, this.peer.now);
    if (sender === NOT_SEEN) {
      this.seen.add(message.id, from, this.peer.now);
      this.peer.reach();
      this.takeUp(from, message);
    } else if (sender !== from) this.post(from, { type: 'looped', id: message.id });
    else if (this.errands?.has(message.id)) this.post(from, { type: 'accepted', id: message.id });
    else this.takeUp(from, message); // sent again, as the answer was lost
  }

  private takeUp(from: Address, message: Request | Insert): void {
    const { id, key } = message;
    let records: readonly number[] | undefined;
    if (message.type === 'insert') {
      records = this.merge(key, message.records);
      this.learn(key, message.source);
    } else {
      records = this.store.get(key, this.voidBeforeMs);
      if (records !== undefined) {
        this.post(from, { type: 'data', id, hops: 0, source: this.sourceName(), records } satisfies Data);
        return;
      }
    }
    const htl = this.spend(message.htl, this.fullHtl(message.type));
    if (htl === 0) {
      this.post(from, { type: 'spent', id, hops: 0 } satisfies Spent);
      return;
    }
    this.post(from, { type: 'accepted', id });
    const errand = this.undertake(message.type, id, key, from, htl);
    if (message.type === 'insert') {
      errand.source = this.renamed(message.source);
      errand.records = records!;
    }
    this.handOn(errand);
  }

  /** Hands it to the peer of the closest key not tried yet. */
  private handOn(errand: Errand): void {
    const { peer, table } = this;
    const next = peer.now < errand.untilMs ? table.closest(errand.key, errand.tried, errand.upstream) : NOBODY;
    if (next === NOBODY) {
      this.end(errand);
      if (errand.upstream === NOBODY) this.failed(errand);
      else this.answerContinue(errand);
      return;
    }
    errand.tried.push(next);
    errand.repeats = 0;
    this.sendDown(errand);
  }

  private sendDown(errand: Errand): void {
    const { kind, id, key, htl, source, records } = errand;
    if (kind === 'request') this.post(errand.downstream, { type: 'request', id, key, htl } satisfies Request);
    else this.post(errand.downstream, { type: 'insert', id, key, htl, source, records } satisfies Insert);
    errand.timer = this.peer.after(this.settings.ackTimeoutMs, this.onSilence, errand);
  }

  private onSilence(errand: Errand): void {
    if (errand.repeats < this.settings.ackRetries) {
      errand.repeats++;
      this.sendDown(errand);
      return;
    }
    this.peer.timedOut();
    this.giveUp(errand.downstream);
    this.handOn(errand);
  }

  /**
   * It was taken up, and nothing came of it: a hop, and the end. Trying others now would begin another branch at every peer above, as
   * their patience ends one after the other; who asked has asked again long since.
   */
  private onPatienceEnds(errand: Errand): void {
    this.peer.timedOut();
    this.peer.count('freenet.patience-ended');
    errand.hops++;
    this.spent(errand);
  }

  private onContinue(errand: Errand, { htl, hops }: Continue): void {
    errand.hops += 1 + hops;
    errand.htl = Math.min(htl, errand.htl);
    if (errand.htl > 0) this.handOn(errand);
    else this.spent(errand);
  }

  private onSpent(errand: Errand, { hops }: Spent): void {
    errand.hops += 1 + hops;
    this.spent(errand);
  }

  private spent(errand: Errand): void {
    this.end(errand);
    if (errand.upstream === NOBODY) this.failed(errand);
    else this.post(errand.upstream, { type: 'spent', id: errand.id, hops: errand.hops } satisfies Spent);
  }

  private onData(errand: Errand, message: Data): void {
    if (errand.kind !== 'request') return;
    this.end(errand);
    const hops = errand.hops + 1 + message.hops;
    this.learn(errand.key, message.source);
    const records = this.settings.caching ? this.merge(errand.key, message.records) : message.records;
    if (errand.operation !== null) this.deliver(errand.operation, records, hops);
    else if (errand.upstream !== NOBODY) {
      this.post(errand.upstream, { type: 'data', id: errand.id, hops, source: this.renamed(message.source), records } satisfies Data);
    }
  }

  private answerContinue({ upstream, id, htl, hops }: Errand): void {
    this.post(upstream, { type: 'continue', id, htl, hops } satisfies Continue);
  }

  /** One of its own has come to nothing. A request counts as its hops-to-live then, as in the paper; one that nobody took is asked again. */
  private failed({ operation, tried, attempt }: Errand): void {
    if (!operation?.open) return;
    const isAskedAgain = attempt < this.settings.retries && this.settings.retryMs > 0;
    if (tried.length > 0 || !isAskedAgain) operation.finish(this.fullHtl('request'));
  }

  /** It is given up when a neighbour above would lose patience that had handed it over with one hop-to-live more, be there one or not. */
  private undertake(kind: Errand['kind'], id: number, key: Key, upstream: Address, htl: number): Errand {
    const errand = new Errand(kind, id, key, upstream, htl, this.peer.now + this.settings.hopMs * (htl + 1));
    this.errands ??= new Map();
    this.errands.set(id, errand);
    return errand;
  }

  private end(errand: Errand): void {
    this.peer.cancel(errand.timer);
    this.errands!.delete(errand.id);
  }

  // The rules that hide both ends.

  private fullHtl(kind: Errand['kind']): number {
    return kind === 'request' ? requestHtl(this.settings) : this.settings.htl;
  }

  /** One less, but the full hops-to-live, and the last one, may pass unchanged. More than full are cut. */
  private spend(htl: number, full: number): number {
    const { htlKeep } = this.settings;
    const isEnd = htl >= full || htl === 1;
    if (isEnd && htlKeep > 0 && this.peer.random.next() < htlKeep) return Math.min(htl, full);
    return Math.min(htl, full) - 1;
  }

  /** The source to pass on. */
  private renamed(source: Address): Address {
    return this.peer.random.next() < this.settings.sourceReplaced ? this.sourceName() : source;
  }

  // Data.

  private get voidBeforeMs(): number {
    return this.settings.expiryMs > 0 ? this.peer.now - this.settings.expiryMs : Number.NEGATIVE_INFINITY;
  }

  private merge(key: Key, records: readonly number[]): readonly number[] {
    return this.store.put(key, records, this.voidBeforeMs, this.settings.answers, this.settings.storeItems);
  }
}
