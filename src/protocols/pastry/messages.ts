/** What Pastry peers say to each other beyond what all prefix overlays do (overlay/prefix/messages.ts). Identifiers have 128 bits. */

import { type ClientMessage, sizeOfClient } from '../../overlay/clients/messages.js';
import {
  ADDRESS_BYTES,
  COMMON_MESSAGES,
  COUNT_BYTES,
  type CommonMessage,
  commonBytes,
  contactsBytes,
  HEADER_BYTES,
  LIFE_BYTES,
  type RequestType,
  type RoutedMessage,
  routedBytes,
} from '../../overlay/prefix/messages.js';
import type { Address, Key, Message } from '../../protocol.js';

/** `rows`: `join` only, how many rows of its table the joining peer has been sent already. */
export interface PastryRouted extends RoutedMessage {
  readonly type: RequestType;
  readonly rows: number;
}

/** To a joining peer, from one on the path of its `join`: rows that fit its table (from the first also its neighbourhood set). */
export interface RowsMessage extends Message {
  readonly type: 'rows';
  readonly contacts: readonly number[];
}

/** Here are the sender's identifier and leaf set. `request`: the number of the `join` whose path ends there, or of the `ask-leaves`. */
export interface LeavesMessage extends Message {
  readonly type: 'leaves';
  readonly request: number;
  readonly identifier: number;
  readonly contacts: readonly number[];
}

/** Whom have you in your leaf set (or your neighbourhood set)? I am a member myself. */
export interface AskSetMessage extends Message {
  readonly type: 'ask-leaves' | 'ask-neighbours';
  readonly request: number;
  readonly identifier: number;
}

/** This peer did not answer me. */
export interface FailedMessage extends Message {
  readonly type: 'failed';
  readonly address: Address;
}

/** The sender goes; this was its leaf set (told to those in it alone). */
export interface LeavingMessage extends Message {
  readonly type: 'leaving';
  readonly contacts: readonly number[];
}

/** A part of an index, as [key, provider, remaining life in ms, ...]. */
export interface ItemsMessage extends Message {
  readonly type: 'items';
  readonly items: readonly number[];
}

/** To those who keep a copy: `provider` has the key no longer. */
export interface ForgetMessage extends Message {
  readonly type: 'forget';
  readonly key: Key;
  readonly provider: Address;
}

export type PastryMessage =
  | PastryRouted
  | CommonMessage
  | RowsMessage
  | LeavesMessage
  | AskSetMessage
  | FailedMessage
  | LeavingMessage
  | ItemsMessage
  | ForgetMessage;

const ROUTED = ['key', 'origin', 'request', 'hops', 'ack', 'provider', 'rows'] as const;

/** The fields of each type, in order. */
export const MESSAGES = {
  locate: ROUTED,
  publish: ROUTED,
  withdraw: ROUTED,
  seek: ROUTED,
  join: ROUTED,
  ...COMMON_MESSAGES,
  rows: ['contacts'],
  leaves: ['request', 'identifier', 'contacts'],
  'ask-leaves': ['request', 'identifier'],
  'ask-neighbours': ['request', 'identifier'],
  failed: ['address'],
  leaving: ['contacts'],
  items: ['items'],
  forget: ['key', 'provider'],
} as const;

const IDENTIFIER_BYTES = 16;
const ROW_BYTES = 1;

/** A contact in a table. */
export const CONTACT_BYTES = IDENTIFIER_BYTES + ADDRESS_BYTES;
/** Bytes of an index entry: a key, who has it, and how long it is good for. */
export const ITEM_BYTES = IDENTIFIER_BYTES + ADDRESS_BYTES + LIFE_BYTES;

/** Payload bytes of a message. */
export function wireBytes(message: PastryMessage | ClientMessage): number {
  switch (message.type) {
    case 'locate':
    case 'publish':
    case 'withdraw':
    case 'seek':
      return routedBytes(message, IDENTIFIER_BYTES);
    case 'join':
      return routedBytes(message, IDENTIFIER_BYTES) + ROW_BYTES;
    case 'rows':
    case 'leaving':
      return HEADER_BYTES + contactsBytes(message.contacts, IDENTIFIER_BYTES);
    case 'leaves':
      return HEADER_BYTES + IDENTIFIER_BYTES + contactsBytes(message.contacts, IDENTIFIER_BYTES);
    case 'ask-leaves':
    case 'ask-neighbours':
      return HEADER_BYTES + IDENTIFIER_BYTES;
    case 'failed':
      return HEADER_BYTES + ADDRESS_BYTES;
    case 'items':
      return HEADER_BYTES + COUNT_BYTES + (message.items.length / 3) * ITEM_BYTES;
    case 'forget':
      return HEADER_BYTES + IDENTIFIER_BYTES + ADDRESS_BYTES;
    default:
      return message.type.startsWith('client-')
        ? sizeOfClient(message as ClientMessage)
        : commonBytes(message as CommonMessage, IDENTIFIER_BYTES);
  }
}
