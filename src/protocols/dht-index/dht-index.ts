/**
 * One peer of the index, as provider, holder and origin.
 *
 * A provider stores a posting under each word of an item's name. An origin looks up the holders of all words at once. Who came lately, or
 * is farther from the word than the k closest, holds only what was stored since, and does not know that it lacks the rest: so the origin
 * asks several holders of each word and turns to the one with the longest list.
 *
 * With `origin` it fetches these lists and intersects them itself. With `chain` it asks only how long they are, and sends the question to
 * the holder of the shortest; that one passes its list to the holder of the next, which keeps what its own has as well, and so on;
 * the last one sends the origin what is left. With `bloom` the first holder passes on a Bloom filter of its list instead, and is visited
 * again at the end, to take out what the filter has claimed wrongly (Reynolds and Vahdat, section 3.2).
 *
 * Whoever falls silent on the way breaks the query, and the origin begins it again.
 */

import { bloomFilter, claims } from '../../overlay/bloom-filter.js';
import type { ClientMessage } from '../../overlay/clients/messages.js';
import { UNKNOWN } from '../../overlay/iterative-lookup.js';
import { Calls } from '../../overlay/rpc.js';
import { SeenCache } from '../../overlay/seen-cache.js';
import type { Address, Connection, Item, Key, Peer } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { type Lookup, Request } from '../kademlia/calls.js';
import { Query, type Use, type Word, WordLookup } from './calls.js';
import { Lists } from './lists.js';
import {
  type AcceptedMessage,
  type FindListMessage,
  type IndexMessage,
  type IntersectMessage,
  type List,
  type ListMessage,
  type Offer,
  POSTING,
  postingBytes,
  type ResultMessage,
  STEP,
} from './messages.js';
import type { IndexSettings } from './settings.js';

const NOTHING: readonly number[] = [];
/** Steps of queries remembered, so that one that was sent twice is done once, and for how long in ms. */
const MOST_STEPS = 1000;
const STEP_EXPIRY_MS = 30_000;
/** Words of a query at most: a step is told from another by the words left. */
const MOST_WORDS = 64;

export class DhtIndex extends Lists {
  private queries: Calls<Query> | null = null;
  private steps: SeenCache | null = null;

  constructor(peer: Peer, settings: IndexSettings) {
    super(peer, settings, POSTING, postingBytes(settings.idBits));
  }

  // As a provider.

  publish(key: Key, item: Item): void {
    for (const word of item.words) this.provide(word, [key, this.peer.address]);
  }

  /** A client's item: it says it again itself. */
  publishFor(provider: Address, item: Item): void {
    if (this.joined) for (const word of item.words) this.publishRecords(word, [item.key, provider]);
  }

  /** Postings are never taken back: they expire. */
  withdrawFor(): void {}

  // As an origin.

  protected seek(operation: LocateOperation): void {
    this.launch(new Query(operation, 0));
  }

  private launch(query: Query): void {
    this.queries ??= new Calls<Query>(this.peer, this.onQueryTimeout);
    this.queries.tidy(({ operation }) => !operation.open);
    this.queries.open(query, this.settings.queryTimeoutMs);
    const countOnly = this.settings.intersect !== 'origin' && query.words.length > 1;
    for (const word of query.words) {
      const lookup = new WordLookup(this.settings, this.identifierOf(word.word), query, word, countOnly);
      const own = this.postingsOf(word.word);
      if (own.length > 0) this.compare(word, this.peer.address, this.identifier, 0, { total: own.length, ticket: 0, part: own });
      if (word.holders >= this.settings.holders) this.onHolders(lookup);
      else this.begin(lookup);
    }
  }

  protected valueQuestion(lookup: Lookup, request: number): FindListMessage {
    const { key, countOnly } = lookup as WordLookup;
    return { type: 'find-list', sender: this.identifier, request, key, countOnly };
  }

  private onListMessage(from: Address, message: ListMessage): void {
    const lookup = this.answeredBy(from, message.request) as WordLookup | undefined;
    if (lookup === undefined) return;
    this.compare(lookup.word, from, message.sender, lookup.depthOf(from), message);
    if (lookup.word.holders >= this.settings.holders) {
      lookup.over = true;
      this.onHolders(lookup);
    } else {
      this.advance(lookup);
    }
  }

  /** One more holder of a word: the one to turn to, if it has more than those before. */
  private compare(word: Word, holder: Address, identifier: number, hops: number, offer: Offer): void {
    word.holders++;
    if (word.offer === null || offer.total > word.offer.total) Object.assign(word, { holder, identifier, hops, offer });
  }

  /** Enough holders of a word are known, or all there are. */
  private onHolders({ query, word, countOnly }: WordLookup): void {
    query.hops = Math.max(query.hops, word.hops);
    if (countOnly) this.onWord(query);
    else this.accept(word.holder, word.identifier, word.offer!, { kind: 'word', query, word });
  }

  /** All is known of one more word that there is to know. */
  private onWord(query: Query): void {
    if (--query.missing > 0 || !this.isWaiting(query)) return;
    const { words } = query;
    words.sort((a, b) => a.offer!.total - b.offer!.total);
    if (words.every((each) => each.list !== null)) {
      let common = words[0].list as readonly number[];
      for (const each of words.slice(1)) common = intersection(common, each.list as readonly number[]);
      this.answer(query, common, query.hops);
    } else {
      const steps = words.flatMap((each) => [each.word, each.holder, each.identifier]);
      this.passOn({ origin: this.peer.address, query: query.number, words: steps, begins: true, hops: query.hops }, NOTHING);
    }
  }

  /** All of the closest have answered. If nobody has a posting of one of the words, nothing has all of them. */
  protected onNoValue(lookup: Lookup): void {
    const { query, word, depth } = lookup as WordLookup;
    if (word.holders > 0) this.onHolders(lookup as WordLookup);
    else if (this.isWaiting(query)) this.answer(query, NOTHING, depth);
  }

  private answer(query: Query, matching: List, hops: number): void {
    const { operation } = query;
    this.queries!.close(query.number);
    for (let i = 0; i < matching.length; i += POSTING) if (matching[i] === operation.key) operation.found(matching[i + 1], hops);
    operation.finish(hops);
  }

  private isWaiting(query: Query): boolean {
    return this.queries!.get(query.number) === query && query.operation.open;
  }

  private onQueryTimeout(number: number): void {
    const query = this.queries!.close(number)!;
    if (!query.operation.open || query.retries >= this.settings.queryRetries) return;
    this.peer.count('dht-index.retries');
    this.launch(new Query(query.operation, query.retries + 1));
  }

  private onResult(from: Address, message: ResultMessage): void {
    this.acknowledge(from, message.request);
    const query = this.queries?.get(message.query);
    if (query === undefined || query.hasResult) return; // it was sent twice
    query.hasResult = true;
    query.hops = message.hops;
    this.accept(from, message.sender, message, { kind: 'result', query });
  }

  // As a holder.

  private onFindList(from: Address, { request, key, countOnly }: FindListMessage): void {
    this.peer.reach();
    const list = this.postingsOf(key);
    if (list.length === 0) {
      this.sendNodes(from, request, this.identifierOf(key));
    } else {
      const offer = countOnly ? { total: list.length, ticket: 0, part: NOTHING } : this.offer(list);
      this.peer.send(from, { type: 'list', sender: this.identifier, request, ...offer } as ListMessage);
    }
  }

  private onIntersect(from: Address, message: IntersectMessage): void {
    this.acknowledge(from, message.request);
    this.steps ??= new SeenCache(STEP_EXPIRY_MS, MOST_STEPS);
    if (!this.steps.add(message.query * MOST_WORDS + message.words.length / STEP, 0, this.peer.now)) return;
    this.peer.reach();
    this.accept(from, message.sender, message, { kind: 'intersect', message });
  }

  /** The list that others have left is here: it is narrowed and passed on. */
  private narrow(message: IntersectMessage, list: List): void {
    const [word, , ...rest] = message.words;
    const words = rest.slice(1);
    const own = this.postingsOf(word);
    let next: List = own;
    if (message.begins) {
      if (this.settings.intersect === 'bloom' && words.length > 0) {
        const items = itemsOf(own);
        next = bloomFilter(items, items.size, this.settings.bitsPerKey);
        words.push(word, this.peer.address, this.identifier);
      }
    } else if (list instanceof Uint8Array) {
      next = keep(own, (item) => claims(list, item, this.settings.bitsPerKey));
    } else {
      next = intersection(list, own);
    }
    this.passOn({ ...message, words: next.length === 0 ? NOTHING : words, begins: false }, next);
  }

  /** To the holder of the next word, or to the origin. */
  private passOn(step: Pick<IntersectMessage, 'origin' | 'query' | 'words' | 'begins' | 'hops'>, list: List): void {
    const { origin, query, words, begins } = step;
    if (words.length > 0) {
      const [, to, identifier] = words;
      const hops = to === this.peer.address ? step.hops : step.hops + (begins ? 0 : 1); // the lookup's hops led to the first holder
      this.hand(to, identifier, { type: 'intersect', origin, query, words, begins, hops }, list);
    } else {
      this.hand(origin, UNKNOWN, { type: 'result', query, hops: step.hops }, list);
    }
  }

  /** Sends a step or a result, or takes it over when it is for this peer itself. */
  private hand(
    to: Address,
    identifier: number,
    step:
      | Pick<IntersectMessage, 'type' | 'origin' | 'query' | 'words' | 'begins' | 'hops'>
      | Pick<ResultMessage, 'type' | 'query' | 'hops'>,
    list: List,
  ): void {
    if (to === this.peer.address) {
      if (step.type === 'intersect') this.narrow(step as IntersectMessage, list);
      else this.onOwnResult(step.query, list, step.hops);
      return;
    }
    const call = new Request(to, identifier);
    this.request(call, { ...step, sender: this.identifier, request: this.number(call), ...this.offer(list) } as
      | IntersectMessage
      | ResultMessage);
  }

  private onOwnResult(number: number, list: List, hops: number): void {
    const query = this.queries?.get(number);
    if (query !== undefined) this.answer(query, list, hops);
  }

  protected onList(use: Use, list: List): void {
    switch (use.kind) {
      case 'word':
        use.word.list = list;
        this.onWord(use.query);
        return;
      case 'intersect':
        this.narrow(use.message, list);
        return;
      case 'result':
        if (this.isWaiting(use.query)) this.answer(use.query, list, use.query.hops);
    }
  }

  private acknowledge(to: Address, request: number): void {
    this.peer.send(to, { type: 'accepted', sender: this.identifier, request } as AcceptedMessage);
  }

  override onMessage(from: Address, message: IndexMessage | ClientMessage, connection: Connection | null = null): void {
    switch (message.type) {
      case 'find-list':
        this.onFindList(from, message);
        break;
      case 'list':
        this.onListMessage(from, message);
        break;
      case 'find-part':
        this.onFindPart(from, message);
        break;
      case 'part':
        this.onPart(from, message);
        break;
      case 'intersect':
        this.onIntersect(from, message);
        break;
      case 'result':
        this.onResult(from, message);
        break;
      case 'accepted':
        this.onBare(from, message);
        break;
      default:
        super.onMessage(from, message, connection);
        return;
    }
    this.heard(message.sender, from, true);
  }
}

/** The postings of `list` whose items `other` has as well. */
function intersection(list: readonly number[], other: readonly number[]): number[] {
  const items = itemsOf(other);
  return keep(list, (item) => items.has(item));
}

function itemsOf(list: readonly number[]): Set<Key> {
  const items = new Set<Key>();
  for (let i = 0; i < list.length; i += POSTING) items.add(list[i]);
  return items;
}

function keep(list: readonly number[], isWanted: (item: Key) => boolean): number[] {
  const kept: number[] = [];
  for (let i = 0; i < list.length; i += POSTING) if (isWanted(list[i])) kept.push(list[i], list[i + 1]);
  return kept;
}
