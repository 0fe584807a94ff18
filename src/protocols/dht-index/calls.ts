/** What a peer of the index remembers: a query of its own, and a long list that it is fetching. */

import { Call } from '../../overlay/rpc.js';
import type { Address, Key } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { Lookup, Request } from '../kademlia/calls.js';
import type { IntersectMessage, List, Offer } from './messages.js';

/** A word of a query, and what is known of its list. */
export interface Word {
  readonly word: Key;
  /** Holders that have said what they have; the one with the longest list counts. */
  holders: number;
  holder: Address;
  identifier: number;
  hops: number;
  /** What it offers, without postings when only their number was asked for. */
  offer: Offer | null;
  /** The list, when it was fetched. */
  list: List | null;
}

/** A query of this peer's own, under the number that its result will name. */
export class Query extends Call {
  readonly operation: LocateOperation;
  readonly words: Word[];
  /** Words whose holder, or whose list, is still awaited. */
  missing: number;
  hops = 0;
  /** Its result is here, or being fetched. */
  hasResult = false;
  readonly retries: number;

  constructor(operation: LocateOperation, retries: number) {
    super();
    this.operation = operation;
    this.words = [...new Set(operation.words)].map((word) => ({
      word,
      holders: 0,
      holder: 0,
      identifier: 0,
      hops: 0,
      offer: null,
      list: null,
    }));
    this.missing = this.words.length;
    this.retries = retries;
  }
}

/** The lookup of a word's holders. */
export class WordLookup extends Lookup {
  readonly query: Query;
  readonly word: Word;
  readonly countOnly: boolean;

  constructor(settings: { readonly k: number; readonly alpha: number }, target: number, query: Query, word: Word, countOnly: boolean) {
    super(settings, 'value', target, word.word, query.operation, []);
    this.query = query;
    this.word = word;
    this.countOnly = countOnly;
  }
}

/** What to do with a list once it is here: it is a word's, what others have left for this peer to intersect, or a result. */
export type Use =
  | { readonly kind: 'word'; readonly query: Query; readonly word: Word }
  | { readonly kind: 'intersect'; readonly message: IntersectMessage }
  | { readonly kind: 'result'; readonly query: Query };

/** A list longer than a datagram, of which the parts after the first are fetched. */
export class Fetch {
  readonly holder: Address;
  readonly identifier: number;
  readonly ticket: number;
  readonly total: number;
  readonly use: Use;
  /** By their first number (or byte). */
  readonly parts = new Map<number, List>();
  arrived = 0;
  /** Where the next part to ask for begins. */
  next = 0;
  failed = false;

  constructor(holder: Address, identifier: number, ticket: number, total: number, use: Use) {
    this.holder = holder;
    this.identifier = identifier;
    this.ticket = ticket;
    this.total = total;
    this.use = use;
  }

  add(from: number, part: List): void {
    if (this.parts.has(from)) return;
    this.parts.set(from, part);
    this.arrived += part.length;
  }

  /** All parts in one. */
  whole(): List {
    const parts = [...this.parts].sort(([a], [b]) => a - b);
    if (parts[0][1] instanceof Uint8Array) {
      const bytes = new Uint8Array(this.total);
      for (const [from, part] of parts) bytes.set(part as Uint8Array, from);
      return bytes;
    }
    return parts.flatMap(([, part]) => part as readonly number[]);
  }
}

/** A part that was asked for. */
export class PartRequest extends Request {
  readonly fetch: Fetch;
  readonly from: number;

  constructor(fetch: Fetch, from: number) {
    super(fetch.holder, fetch.identifier);
    this.fetch = fetch;
    this.from = from;
  }
}
