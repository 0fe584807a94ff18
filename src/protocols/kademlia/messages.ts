/**
 * What Kademlia peers say to each other, and how long it is on the wire. The paper gives the content, not the layout: every message has
 * a type (1 byte), the number of its request (160 bits, echoed by the answer) and the sender's identifier; a contact is <IP address, UDP
 * port, identifier>, so 26 bytes with 160 bits. A value says that a provider has the key: its address (6) and the rest of its life (4).
 */

import { type ClientMessage, sizeOfClient } from '../../overlay/clients/messages.js';
import type { Address, Key, Message } from '../../protocol.js';

/** In every message. */
export interface KademliaMessage extends Message {
  /** The sender's identifier. */
  readonly sender: number;
  readonly request: number;
}

/** `ping` asks; `pong` and `stored` answer. */
export interface BareMessage extends KademliaMessage {
  readonly type: 'ping' | 'pong' | 'stored';
}

/** Whom do you know that is close to this identifier? Answered by `nodes`. */
export interface FindNodeMessage extends KademliaMessage {
  readonly type: 'find-node';
  readonly target: number;
}

/** The same about a key. Who has values of it answers with them instead. */
export interface FindValueMessage extends KademliaMessage {
  readonly type: 'find-value';
  readonly key: Key;
}

export interface NodesMessage extends KademliaMessage {
  readonly type: 'nodes';
  /** [identifier, address, ...], the closest first. */
  readonly contacts: readonly number[];
}

export interface ValueMessage extends KademliaMessage {
  readonly type: 'value';
  readonly key: Key;
  /** [...record, life in ms, ...]; a record of Kademlia's own is a provider's address. */
  readonly items: readonly number[];
}

export interface StoreMessage extends KademliaMessage {
  readonly type: 'store';
  readonly key: Key;
  readonly items: readonly number[];
  /** For the cache of who is on the way to the key: it shortens their life. */
  readonly isCopy: boolean;
}

/** What every member says, whatever it stores. */
export type MemberMessage = BareMessage | FindNodeMessage | NodesMessage | StoreMessage;
export type RpcMessage = MemberMessage | FindValueMessage | ValueMessage;

/** No address: 0.0.0.0, port 0. */
export const NOBODY: Address = 0;

/** The fields of each type, in order. */
export const MEMBER_MESSAGES = {
  ping: ['sender', 'request'],
  pong: ['sender', 'request'],
  'find-node': ['sender', 'request', 'target'],
  nodes: ['sender', 'request', 'contacts'],
  store: ['sender', 'request', 'key', 'items', 'isCopy'],
  stored: ['sender', 'request'],
} as const;
export const MESSAGES = {
  ...MEMBER_MESSAGES,
  'find-value': ['sender', 'request', 'key'],
  value: ['sender', 'request', 'key', 'items'],
} as const;

const TYPE_BYTES = 1;
const REQUEST_BYTES = 20;
export const COUNT_BYTES = 2;
export const ADDRESS_BYTES = 6;
export const LIFE_BYTES = 4;

/** What an identifier of `idBits` bits takes, a key's included. */
export function identifierBytes(idBits: number): number {
  return Math.ceil(idBits / 8);
}

export function contactBytes(idBits: number): number {
  return identifierBytes(idBits) + ADDRESS_BYTES;
}

/** Type, request and sender: what every message begins with. */
export function headerBytes(idBits: number): number {
  return TYPE_BYTES + REQUEST_BYTES + identifierBytes(idBits);
}

/** Bytes of `numbers` numbers of records with their lives, when a record has `width` numbers and `recordBytes`. */
function itemBytes(numbers: number, width: number, recordBytes: number): number {
  return COUNT_BYTES + (numbers / (width + 1)) * (recordBytes + LIFE_BYTES);
}

/** Payload bytes of what every member says, and of what it says to clients. */
export function memberBytes(message: MemberMessage | ClientMessage, idBits: number, width: number, recordBytes: number): number {
  const header = headerBytes(idBits);
  switch (message.type) {
    case 'ping':
    case 'pong':
    case 'stored':
      return header;
    case 'find-node':
      return header + identifierBytes(idBits);
    case 'nodes':
      return header + COUNT_BYTES + (message.contacts.length / 2) * contactBytes(idBits);
    case 'store':
      return header + identifierBytes(idBits) + itemBytes(message.items.length, width, recordBytes);
    default:
      return sizeOfClient(message);
  }
}

/** Payload bytes of any of Kademlia's messages. */
export function wireBytes(message: RpcMessage | ClientMessage, idBits: number): number {
  switch (message.type) {
    case 'find-value':
      return headerBytes(idBits) + identifierBytes(idBits);
    case 'value':
      return headerBytes(idBits) + identifierBytes(idBits) + itemBytes(message.items.length, 1, ADDRESS_BYTES);
    default:
      return memberBytes(message, idBits, 1, ADDRESS_BYTES);
  }
}
