/**
 * What Chord peers say to each other, and how long it is on the wire. Chord has no standard wire format (the papers leave it open); this
 * one is a plain binary layout: a header of 8 bytes (type 1, flags 1, hops 2, request number 4), then fields of fixed length: a key 6, an
 * identifier as many whole bytes as it needs, an address 6 (IPv4 and port), a remaining life 4, a count 1.
 */

import { type ClientMessage, sizeOfClient } from '../../overlay/clients/messages.js';
import type { Address, Key, Message } from '../../protocol.js';

/** On its way to the owner of `key`; `last`: the sender takes the receiver for the owner. `hops` counts forwards, this one included. */
export interface LookupMessage extends Message {
  readonly type: 'lookup' | 'last';
  readonly key: Key;
  readonly origin: Address;
  /** The origin's request number. */
  readonly request: number;
  readonly hops: number;
  /** The sender's number under which it waits for an `ack`; 0: it does not. */
  readonly ack: number;
}

/** The owner to the origin: who it is, and who has the key (most recently heard of first). */
export interface AnswerMessage extends Message {
  readonly type: 'answer';
  readonly request: number;
  readonly hops: number;
  readonly identifier: number;
  readonly providers: readonly Address[];
}

/** What needs no more than a number: `ping` and `stabilise` ask, `ack` and `stored` answer. */
export interface BareMessage extends Message {
  readonly type: 'ack' | 'ping' | 'stored' | 'stabilise';
  readonly request: number;
}

/** Answers `ping`; `joined`: the sender is part of a ring. */
export interface PongMessage extends Message {
  readonly type: 'pong';
  readonly request: number;
  readonly joined: boolean;
}

/** Iterative lookup: whom shall I ask next? `dead`: not this one, whom you named and who does not answer (NOBODY: none). */
export interface NextMessage extends Message {
  readonly type: 'next';
  readonly request: number;
  readonly key: Key;
  readonly dead: Address;
}

/** Answers `next`: peers to ask, best first; `last`: they are the owner and, in case it is gone, its successors. */
export interface StepMessage extends Message {
  readonly type: 'step';
  readonly request: number;
  readonly last: boolean;
  readonly peers: readonly Address[];
}

/** Answers `stabilise`: the receiver's neighbours; `predecessor` is NOBODY when unknown, `successors` is [identifier, address, ...]. */
export interface StateMessage extends Message {
  readonly type: 'state';
  readonly request: number;
  readonly identifier: number;
  readonly predecessor: Address;
  readonly predecessorIdentifier: number;
  readonly successors: readonly number[];
}

/** I think I am your predecessor. */
export interface NotifyMessage extends Message {
  readonly type: 'notify';
  readonly identifier: number;
}

/** The sender goes; these were its neighbours. */
export interface LeavingMessage extends Message {
  readonly type: 'leaving';
  readonly predecessor: Address;
  readonly predecessorIdentifier: number;
  readonly successors: readonly number[];
}

/** `provider` has the key (`store`), or has it no longer (`withdraw`, which nobody answers). */
export interface StoreMessage extends Message {
  readonly type: 'store' | 'withdraw';
  readonly request: number;
  readonly key: Key;
  readonly provider: Address;
}

/** A part of an index, as [key, provider, remaining life in ms, ...]; `copy`: for a replica, else for the owner. */
export interface ItemsMessage extends Message {
  readonly type: 'items';
  readonly items: readonly number[];
  readonly copy: boolean;
}

/** Between peers with several places on the ring: from the sender's place `by` to the receiver's place `to`. */
export interface AtMessage extends Message {
  readonly type: 'at';
  readonly to: number;
  readonly by: number;
  readonly body: PlaceMessage;
}

export type PlaceMessage =
  | LookupMessage
  | AnswerMessage
  | BareMessage
  | PongMessage
  | NextMessage
  | StepMessage
  | StateMessage
  | NotifyMessage
  | LeavingMessage
  | StoreMessage
  | ItemsMessage;
export type ChordMessage = PlaceMessage | AtMessage;

/** No address: 0.0.0.0, port 0. */
export const NOBODY: Address = 0;

/** The fields of each type, in order. */
export const MESSAGES = {
  lookup: ['key', 'origin', 'request', 'hops', 'ack'],
  last: ['key', 'origin', 'request', 'hops', 'ack'],
  answer: ['request', 'hops', 'identifier', 'providers'],
  ack: ['request'],
  next: ['request', 'key', 'dead'],
  step: ['request', 'last', 'peers'],
  stabilise: ['request'],
  state: ['request', 'identifier', 'predecessor', 'predecessorIdentifier', 'successors'],
  notify: ['identifier'],
  ping: ['request'],
  pong: ['request', 'joined'],
  store: ['request', 'key', 'provider'],
  stored: ['request'],
  withdraw: ['request', 'key', 'provider'],
  items: ['items', 'copy'],
  leaving: ['predecessor', 'predecessorIdentifier', 'successors'],
  at: ['to', 'by', 'body'],
} as const;

const HEADER_BYTES = 8;
const KEY_BYTES = 6;
const ADDRESS_BYTES = 6;
const LIFE_BYTES = 4;
const COUNT_BYTES = 1;

/** Bytes of an index entry: a key, who has it, and how long it is good for. */
export const ITEM_BYTES = KEY_BYTES + ADDRESS_BYTES + LIFE_BYTES;

/** Bytes of an identifier of `idBits` bits with its address. */
export function contactBytes(idBits: number): number {
  return Math.ceil(idBits / 8) + ADDRESS_BYTES;
}

/** Payload bytes of a message when identifiers have `idBits` bits. */
export function wireBytes(message: ChordMessage | ClientMessage, idBits: number): number {
  const identifierBytes = Math.ceil(idBits / 8);
  switch (message.type) {
    case 'lookup':
    case 'last':
      return HEADER_BYTES + KEY_BYTES + ADDRESS_BYTES + (message.ack === 0 ? 0 : 4);
    case 'answer':
      return HEADER_BYTES + identifierBytes + COUNT_BYTES + message.providers.length * ADDRESS_BYTES;
    case 'next':
      return HEADER_BYTES + KEY_BYTES + (message.dead === NOBODY ? 0 : ADDRESS_BYTES);
    case 'store':
    case 'withdraw':
      return HEADER_BYTES + KEY_BYTES + ADDRESS_BYTES;
    case 'step':
      return HEADER_BYTES + COUNT_BYTES + message.peers.length * ADDRESS_BYTES;
    case 'state':
      return HEADER_BYTES + identifierBytes + COUNT_BYTES + (1 + message.successors.length / 2) * contactBytes(idBits);
    case 'leaving':
      return HEADER_BYTES + COUNT_BYTES + (1 + message.successors.length / 2) * contactBytes(idBits);
    case 'notify':
      return HEADER_BYTES + identifierBytes;
    case 'items':
      return HEADER_BYTES + COUNT_BYTES + (message.items.length / 3) * ITEM_BYTES;
    case 'at':
      return 1 + wireBytes(message.body, idBits); // two places of five bits each fit the flags and one byte more
    case 'ack':
    case 'ping':
    case 'pong':
    case 'stored':
    case 'stabilise':
      return HEADER_BYTES;
    default:
      return sizeOfClient(message);
  }
}
