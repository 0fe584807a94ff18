/**
 * What a peer that nobody can call says to the member through which it uses a DHT, and what the member answers; all of it over one
 * connection, which the client has opened. Sizes: a type 1, a search's number 4, a key 6, an address 6, hops 2, a count 2.
 */

import type { Address, Item, Key, Message } from '../../protocol.js';

/** The sender has these items: enter that they are to be had at the address I call from. Said again from time to time. */
export interface ClientPublish extends Message {
  readonly type: 'client-publish';
  readonly items: readonly Item[];
}
/** It has them no longer. */
export interface ClientWithdraw extends Message {
  readonly type: 'client-withdraw';
  readonly keys: readonly Key[];
}
export interface ClientAsk extends Message {
  readonly type: 'client-ask';
  readonly search: number;
  readonly key: Key;
  readonly words: readonly Key[];
}
export interface ClientFound extends Message {
  readonly type: 'client-found';
  readonly search: number;
  readonly provider: Address;
  readonly hops: number;
}
/** No more will come. */
export interface ClientDone extends Message {
  readonly type: 'client-done';
  readonly search: number;
  readonly hops: number;
}
/** A message between a client and whoever serves it. */
export type ClientMessage = ClientPublish | ClientWithdraw | ClientAsk | ClientFound | ClientDone;

/** For a definition to spread among its own. */
export const CLIENT_MESSAGES = {
  'client-publish': ['items'],
  'client-withdraw': ['keys'],
  'client-ask': ['search', 'key', 'words'],
  'client-found': ['search', 'provider', 'hops'],
  'client-done': ['search', 'hops'],
} as const;

const TYPE_BYTES = 1;
const SEARCH_BYTES = 4;
const KEY_BYTES = 6;
const ADDRESS_BYTES = 6;
const HOPS_BYTES = 2;
const COUNT_BYTES = 2;

export function isClientMessage(message: Message): message is ClientMessage {
  return message.type.startsWith('client-');
}

/** Payload bytes. Words travel only where they are more than the key itself. */
export function sizeOfClient(message: ClientMessage): number {
  switch (message.type) {
    case 'client-publish':
      return TYPE_BYTES + COUNT_BYTES + message.items.reduce((sum, { words }) => sum + KEY_BYTES + wordBytes(words), 0);
    case 'client-withdraw':
      return TYPE_BYTES + COUNT_BYTES + message.keys.length * KEY_BYTES;
    case 'client-ask':
      return TYPE_BYTES + SEARCH_BYTES + KEY_BYTES + wordBytes(message.words);
    case 'client-found':
      return TYPE_BYTES + SEARCH_BYTES + ADDRESS_BYTES + HOPS_BYTES;
    case 'client-done':
      return TYPE_BYTES + SEARCH_BYTES + HOPS_BYTES;
  }
}

function wordBytes(words: readonly Key[]): number {
  return words.length > 1 ? COUNT_BYTES + words.length * KEY_BYTES : 0;
}
