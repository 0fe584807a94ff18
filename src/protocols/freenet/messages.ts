/**
 * What Freenet's peers say to each other, and how long it is on the wire. The real messages were lines of text; this is a binary layout
 * of the same fields: a type 1, an id 8 (64 random bits), a key 20 (SHA-1), hops-to-live and hops 2 each, an address 6, a seed or
 * commitment 20, a count 1. Ids, keys, seeds and commitments are held as 48-bit numbers.
 *
 * No message names who asks, who published, or how far it has come. `source` is where the sender would have others look for keys like
 * this one: whoever passes it on may have put itself there. `records` are the content, which only the reader can open: see datastore.ts.
 */

import type { Address, Key, Message } from '../../protocol.js';

/** "Find the data of this key." */
export interface Request extends Message {
  readonly type: 'request';
  readonly id: number;
  readonly key: Key;
  /** Peers that may still take it up, the receiver among them. */
  readonly htl: number;
}
/** "Store these data, and pass them on to where they belong." */
export interface Insert extends Message {
  readonly type: 'insert';
  readonly id: number;
  readonly key: Key;
  readonly htl: number;
  readonly source: Address;
  readonly records: readonly number[];
}
/** "I have taken it up": `accepted`. "I have seen it before, try another": `looped`. */
export interface Notice<T extends 'accepted' | 'looped'> extends Message {
  readonly type: T;
  readonly id: number;
}
/** "Here are the data", passed back along the path; `hops`: peers that took the request up below the sender. */
export interface Data extends Message {
  readonly type: 'data';
  readonly id: number;
  readonly hops: number;
  readonly source: Address;
  readonly records: readonly number[];
}
/** "I know nobody else to try, and so many hops-to-live are left": the receiver tries its next choice. */
export interface Continue extends Message {
  readonly type: 'continue';
  readonly id: number;
  readonly htl: number;
  readonly hops: number;
}
/** "The hops-to-live are spent": of a request, it was not found; of an insert, it is done. */
export interface Spent extends Message {
  readonly type: 'spent';
  readonly id: number;
  readonly hops: number;
}
/** "Somebody at this address (NOBODY: the sender, over this connection) joins, and has committed itself to a seed." */
export interface Announce extends Message {
  readonly type: 'announce';
  readonly id: number;
  readonly htl: number;
  readonly address: Address;
  readonly commitment: number;
}
/** The seeds of those who took it up, nearest first, and their addresses; and the address by which the receiver is seen. */
export interface Agreed extends Message {
  readonly type: 'agreed';
  readonly id: number;
  readonly seeds: readonly number[];
  readonly peers: readonly Address[];
  readonly seenAs: Address;
}
/** All seeds, the newcomer's first: together they are its key. */
export interface Settled extends Message {
  readonly type: 'settled';
  readonly id: number;
  readonly seeds: readonly number[];
}
/** The sender goes. */
export interface Bye extends Message {
  readonly type: 'bye';
}
export type Answer = Notice<'accepted'> | Notice<'looped'> | Data | Continue | Spent;
export type FreenetMessage = Request | Insert | Answer | Announce | Agreed | Settled | Bye;

/** The wire schema: the fields of each type, in order. */
export const MESSAGES = {
  request: ['id', 'key', 'htl'],
  insert: ['id', 'key', 'htl', 'source', 'records'],
  accepted: ['id'],
  looped: ['id'],
  data: ['id', 'hops', 'source', 'records'],
  continue: ['id', 'htl', 'hops'],
  spent: ['id', 'hops'],
  announce: ['id', 'htl', 'address', 'commitment'],
  agreed: ['id', 'seeds', 'peers', 'seenAs'],
  settled: ['id', 'seeds'],
  bye: [],
} as const;

/** No address: 0.0.0.0, port 0. */
export const NOBODY: Address = 0;

export const BYE: Bye = Object.freeze({ type: 'bye' });

const TYPE_BYTES = 1;
export const ID_BYTES = 8;
export const KEY_BYTES = 20;
const HOPS_BYTES = 2;
export const ADDRESS_BYTES = 6;
const SEED_BYTES = 20;
const COUNT_BYTES = 1;
/** The publisher's address 6 and the time 4, sealed; and a DSA signature 40, as Freenet's signed keys had it. */
export const RECORD_BYTES = 50;

/** Payload bytes of a message. */
export function sizeOf(message: FreenetMessage): number {
  switch (message.type) {
    case 'request':
      return TYPE_BYTES + ID_BYTES + KEY_BYTES + HOPS_BYTES;
    case 'insert':
      return TYPE_BYTES + ID_BYTES + KEY_BYTES + HOPS_BYTES + ADDRESS_BYTES + recordBytes(message.records);
    case 'data':
      return TYPE_BYTES + ID_BYTES + HOPS_BYTES + ADDRESS_BYTES + recordBytes(message.records);
    case 'continue':
      return TYPE_BYTES + ID_BYTES + 2 * HOPS_BYTES;
    case 'spent':
      return TYPE_BYTES + ID_BYTES + HOPS_BYTES;
    case 'accepted':
    case 'looped':
      return TYPE_BYTES + ID_BYTES;
    case 'announce':
      return TYPE_BYTES + ID_BYTES + HOPS_BYTES + ADDRESS_BYTES + SEED_BYTES;
    case 'agreed':
      return TYPE_BYTES + ID_BYTES + 2 * COUNT_BYTES + message.seeds.length * SEED_BYTES + (message.peers.length + 1) * ADDRESS_BYTES;
    case 'settled':
      return TYPE_BYTES + ID_BYTES + COUNT_BYTES + message.seeds.length * SEED_BYTES;
    case 'bye':
      return TYPE_BYTES;
  }
}

function recordBytes(records: readonly number[]): number {
  return COUNT_BYTES + (records.length / 2) * RECORD_BYTES;
}
