/**
 * What peers on a circle say to each other, and how long it is on the wire: a plain binary layout, since neither the textbook nor the
 * papers define one. A header of 8 bytes (type 1, flags and leg 1, hops 2, request number 4), then fields of fixed length: a key 6, an
 * identifier as many whole bytes as it needs, an address 6 (IPv4 and port), a remaining life 4, a count 1.
 */

import type { Address, Key, Message } from '../../protocol.js';
import { CLIENT_MESSAGES, type ClientMessage, sizeOfClient } from '../clients/messages.js';

/**
 * `lookup`: on its way to the owner of `key`; `last`: the sender takes the receiver for the owner. `seek`: on its way to the peer that
 * precedes the key's identifier, which is the origin's own: where is my place?
 */
export interface LookupMessage extends Message {
  readonly type: 'lookup' | 'last' | 'seek';
  readonly key: Key;
  readonly origin: Address;
  /** The origin's request number. */
  readonly request: number;
  /** Forwards so far, this one included. */
  readonly hops: number;
  /** Which part of its way it is on, for systems whose routes have several. */
  readonly leg: number;
  /** The sender's number under which it waits for an `ack`; 0: it does not. */
  readonly ack: number;
}

/** The owner to the origin of a lookup: who it is, and who has the key (most recently heard of first). */
export interface AnswerMessage extends Message {
  readonly type: 'answer';
  readonly request: number;
  readonly hops: number;
  readonly identifier: number;
  readonly providers: readonly Address[];
}

/** Answers `seek`: your place is behind me, before my successors; those are [identifier, address, ...]. */
export interface WelcomeMessage extends Message {
  readonly type: 'welcome';
  readonly request: number;
  readonly identifier: number;
  readonly successors: readonly number[];
}

/** What needs no more than a number. */
export interface BareMessage extends Message {
  readonly type: 'ack' | 'ping' | 'stored';
  readonly request: number;
}

/** Answers `ping`: I am alive, and these are my neighbours; `joined` is false when the sender is not, or no longer, on the circle. */
export interface PongMessage extends Message {
  readonly type: 'pong';
  readonly request: number;
  readonly joined: boolean;
  readonly identifier: number;
  /** NOBODY when unknown. */
  readonly predecessor: Address;
  readonly predecessorIdentifier: number;
  readonly successors: readonly number[];
}

/** I come immediately before you (`precede`), or behind you (`follow`), as far as I know. */
export interface BesideMessage extends Message {
  readonly type: 'precede' | 'follow';
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

export type CircleMessage =
  | LookupMessage
  | AnswerMessage
  | WelcomeMessage
  | BareMessage
  | PongMessage
  | BesideMessage
  | LeavingMessage
  | StoreMessage
  | ItemsMessage
  | ClientMessage;

/** No address: 0.0.0.0, port 0. */
export const NOBODY: Address = 0;

/** The fields of each type, in order, for a definition to spread among its own. */
export const CIRCLE_MESSAGES = {
  lookup: ['key', 'origin', 'request', 'hops', 'leg', 'ack'],
  last: ['key', 'origin', 'request', 'hops', 'leg', 'ack'],
  seek: ['key', 'origin', 'request', 'hops', 'leg', 'ack'],
  answer: ['request', 'hops', 'identifier', 'providers'],
  welcome: ['request', 'identifier', 'successors'],
  ack: ['request'],
  ping: ['request'],
  pong: ['request', 'joined', 'identifier', 'predecessor', 'predecessorIdentifier', 'successors'],
  precede: ['identifier'],
  follow: ['identifier'],
  leaving: ['predecessor', 'predecessorIdentifier', 'successors'],
  store: ['request', 'key', 'provider'],
  stored: ['request'],
  withdraw: ['request', 'key', 'provider'],
  items: ['items', 'copy'],
  ...CLIENT_MESSAGES,
} as const;

export const HEADER_BYTES = 8;
export const ADDRESS_BYTES = 6;
const KEY_BYTES = 6;
const LIFE_BYTES = 4;
const COUNT_BYTES = 1;
const ACK_BYTES = 4;

/** Bytes of an index entry: a key, who has it, and how long it is good for. */
export const ITEM_BYTES = KEY_BYTES + ADDRESS_BYTES + LIFE_BYTES;

export function identifierBytes(idBits: number): number {
  return Math.ceil(idBits / 8);
}

/** Bytes of an identifier of `idBits` bits with its address. */
export function contactBytes(idBits: number): number {
  return identifierBytes(idBits) + ADDRESS_BYTES;
}

/** Payload bytes of a message when identifiers have `idBits` bits. */
export function sizeOfCircle(message: CircleMessage, idBits: number): number {
  switch (message.type) {
    case 'lookup':
    case 'last':
    case 'seek':
      return HEADER_BYTES + KEY_BYTES + ADDRESS_BYTES + (message.ack === 0 ? 0 : ACK_BYTES);
    case 'answer':
      return HEADER_BYTES + identifierBytes(idBits) + COUNT_BYTES + message.providers.length * ADDRESS_BYTES;
    case 'welcome':
      return HEADER_BYTES + identifierBytes(idBits) + COUNT_BYTES + contacts(message.successors.length, idBits);
    case 'pong':
      return HEADER_BYTES + identifierBytes(idBits) + COUNT_BYTES + contacts(2 + message.successors.length, idBits);
    case 'leaving':
      return HEADER_BYTES + COUNT_BYTES + contacts(2 + message.successors.length, idBits);
    case 'precede':
    case 'follow':
      return HEADER_BYTES + identifierBytes(idBits);
    case 'store':
    case 'withdraw':
      return HEADER_BYTES + KEY_BYTES + ADDRESS_BYTES;
    case 'items':
      return HEADER_BYTES + COUNT_BYTES + (message.items.length / 3) * ITEM_BYTES;
    case 'ack':
    case 'ping':
    case 'stored':
      return HEADER_BYTES;
    default:
      return sizeOfClient(message);
  }
}

/** Bytes of a list that holds `numbers` numbers, two of them a contact. */
function contacts(numbers: number, idBits: number): number {
  return (numbers / 2) * contactBytes(idBits);
}
