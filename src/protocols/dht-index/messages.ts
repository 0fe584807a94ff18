/**
 * What peers of the index say to each other beyond Kademlia's messages, with the same header. A posting says that an item with the word
 * in its name is to be had somewhere: the item's key (20 bytes with 160 bits) and the provider's address (6).
 *
 * A list that is longer than a datagram is sent in parts: the first in the message itself, with a ticket for the others.
 */

import type { ClientMessage } from '../../overlay/clients/messages.js';
import type { Address, Key } from '../../protocol.js';
import {
  ADDRESS_BYTES,
  COUNT_BYTES,
  headerBytes,
  identifierBytes,
  type KademliaMessage,
  MEMBER_MESSAGES,
  type MemberMessage,
  memberBytes,
} from '../kademlia/messages.js';

/** Postings as [item, provider, ...], or a Bloom filter of the items. */
export type List = readonly number[] | Uint8Array;

/** A list, or its first part: the others are to be had from the sender for the ticket. */
export interface Offer {
  /** Length of the whole list: numbers, or the filter's bytes. */
  readonly total: number;
  /** 0: this is all. */
  readonly ticket: number;
  readonly part: List;
}

/** Who has the list of this word, and what is in it; or, `countOnly`, how long is it? Answered by `list`, or by `nodes`. */
export interface FindListMessage extends KademliaMessage {
  readonly type: 'find-list';
  readonly key: Key;
  readonly countOnly: boolean;
}

export interface ListMessage extends KademliaMessage, Offer {
  readonly type: 'list';
}

/** The part of a list from number (or byte) `from` on. */
export interface FindPartMessage extends KademliaMessage {
  readonly type: 'find-part';
  readonly ticket: number;
  readonly from: number;
}

/** Answers `find-part`; empty when the ticket has run out. */
export interface PartMessage extends KademliaMessage {
  readonly type: 'part';
  readonly part: List;
}

/**
 * Keep of this list what your own list of the first word has as well, and pass it on to the holder of the next word; the last one sends
 * it to the origin. `begins`: there is no list yet, so it is your own.
 */
export interface IntersectMessage extends KademliaMessage, Offer {
  readonly type: 'intersect';
  readonly origin: Address;
  readonly query: number;
  /** [word, holder's address, holder's identifier, ...]: the receiver's first. */
  readonly words: readonly number[];
  readonly begins: boolean;
  /** Hops so far. */
  readonly hops: number;
}

/** What matches all words, to the origin. */
export interface ResultMessage extends KademliaMessage, Offer {
  readonly type: 'result';
  readonly query: number;
  readonly hops: number;
}

/** Answers `intersect` and `result`. */
export interface AcceptedMessage extends KademliaMessage {
  readonly type: 'accepted';
}

export type OwnMessage = FindListMessage | ListMessage | FindPartMessage | PartMessage | IntersectMessage | ResultMessage | AcceptedMessage;
export type IndexMessage = MemberMessage | OwnMessage;

/** Numbers in a posting, and per word in `intersect`. */
export const POSTING = 2;
export const STEP = 3;

export const MESSAGES = {
  ...MEMBER_MESSAGES,
  'find-list': ['sender', 'request', 'key', 'countOnly'],
  list: ['sender', 'request', 'total', 'ticket', 'part'],
  'find-part': ['sender', 'request', 'ticket', 'from'],
  part: ['sender', 'request', 'part'],
  intersect: ['sender', 'request', 'origin', 'query', 'words', 'begins', 'hops', 'total', 'ticket', 'part'],
  result: ['sender', 'request', 'query', 'hops', 'total', 'ticket', 'part'],
  accepted: ['sender', 'request'],
} as const;

const TOTAL_BYTES = 4;
const TICKET_BYTES = 4;
const QUERY_BYTES = 4;
const OFFSET_BYTES = 4;
const HOPS_BYTES = 1;
const FLAG_BYTES = 1;

export function postingBytes(idBits: number): number {
  return identifierBytes(idBits) + ADDRESS_BYTES;
}

function listBytes(list: List, idBits: number): number {
  return COUNT_BYTES + (list instanceof Uint8Array ? list.length : (list.length / POSTING) * postingBytes(idBits));
}

function offerBytes({ part }: Offer, idBits: number): number {
  return TOTAL_BYTES + TICKET_BYTES + listBytes(part, idBits);
}

/** Payload bytes of any of the index's messages. */
export function wireBytes(message: IndexMessage | ClientMessage, idBits: number): number {
  const header = headerBytes(idBits);
  switch (message.type) {
    case 'find-list':
      return header + identifierBytes(idBits) + FLAG_BYTES;
    case 'list':
      return header + offerBytes(message, idBits);
    case 'find-part':
      return header + TICKET_BYTES + OFFSET_BYTES;
    case 'part':
      return header + listBytes(message.part, idBits);
    case 'intersect': {
      const step = 2 * identifierBytes(idBits) + ADDRESS_BYTES;
      const words = COUNT_BYTES + (message.words.length / STEP) * step;
      return header + ADDRESS_BYTES + QUERY_BYTES + FLAG_BYTES + HOPS_BYTES + words + offerBytes(message, idBits);
    }
    case 'result':
      return header + QUERY_BYTES + HOPS_BYTES + offerBytes(message, idBits);
    case 'accepted':
      return header;
    default:
      return memberBytes(message, idBits, POSTING, postingBytes(idBits));
  }
}
