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

export type RpcMessage = BareMessage | FindNodeMessage | FindValueMessage | NodesMessage | ValueMessage | StoreMessage;

/** No address: 0.0.0.0, port 0. */
export const NOBODY: Address = 0;

/** The fields of each type, in order. */
export const MESSAGES = {
  ping: ['sender', 'request'],
  pong: ['sender', 'request'],
  'find-node': ['sender', 'request', 'target'],
  'find-value': ['sender', 'request', 'key'],
  nodes: ['sender', 'request', 'contacts'],
  value: ['sender', 'request', 'key', 'items'],
  store: ['sender', 'request', 'key', 'items', 'isCopy'],
  stored: ['sender', 'request'],
} as const;

const TYPE_BYTES = 1;
const REQUEST_BYTES = 20;
const COUNT_BYTES = 2;
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

/** Bytes of records with their lives: `stride` numbers each, of which the record has `recordBytes`. */
export function itemBytes(items: readonly number[], stride: number, recordBytes: number): number {
  return COUNT_BYTES + (items.length / stride) * (recordBytes + LIFE_BYTES);
}

/** Payload bytes of a message; a record is `width` numbers of `recordBytes` in all. */
export function wireBytes(message: RpcMessage | ClientMessage, idBits: number, width = 1, recordBytes = ADDRESS_BYTES): number {
  const header = headerBytes(idBits);
  switch (message.type) {
    case 'ping':
    case 'pong':
    case 'stored':
      return header;
    case 'find-node':
    case 'find-value':
      return header + identifierBytes(idBits);
    case 'nodes':
      return header + COUNT_BYTES + (message.contacts.length / 2) * contactBytes(idBits);
    case 'value':
    case 'store':
      return header + identifierBytes(idBits) + itemBytes(message.items, width + 1, recordBytes);
    default:
      return sizeOfClient(message);
  }
}
