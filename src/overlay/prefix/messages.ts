/**
 * What peers of both prefix systems say to each other, and how long it is on the wire. Neither paper gives a format; this one is plain
 * binary: a header of 8 bytes (type 1, flags 1, hops 2, request number 4), then fields of fixed length: an identifier or key as long as
 * the paper has it (Pastry 16 bytes, Tapestry 20), though held as a number of 48 bits here; an address 6, a round trip 4, a count 1.
 */

import type { Address, Key, Message } from '../../protocol.js';

/** What a peer can want of the root of a key. `seek`: who is it? `join`: I want to be one. */
export type RequestType = 'locate' | 'publish' | 'withdraw' | 'seek' | 'join';

/** What travels from peer to peer towards the root of `key`. `hops` counts forwards, this one included. */
export interface RoutedMessage extends Message {
  /** A `RequestType`, or what one system adds. */
  readonly type: string;
  readonly key: Key;
  readonly origin: Address;
  /** The origin's request number; 0: it wants no answer. */
  readonly request: number;
  readonly hops: number;
  /** The sender's number under which it waits for an `ack`; 0: it does not. */
  readonly ack: number;
  /** `publish`, `withdraw`: whose item it is. */
  readonly provider: Address;
}

/** The root, or whoever had an answer before it, to the origin: who it is, and who has the key. */
export interface AnswerMessage extends Message {
  readonly type: 'answer';
  readonly request: number;
  readonly hops: number;
  readonly identifier: number;
  readonly providers: readonly Address[];
}

/** `ping` asks for a sign of life, `ack` acknowledges a hop. */
export interface BareMessage extends Message {
  readonly type: 'ping' | 'ack';
  readonly request: number;
}

/** Answers `ping`; `joined`: the sender is part of the overlay. */
export interface PongMessage extends Message {
  readonly type: 'pong';
  readonly request: number;
  readonly identifier: number;
  readonly joined: boolean;
}

/** Asks for a row of the receiver's table, or one column of it (-1: all). */
export interface AskRowMessage extends Message {
  readonly type: 'ask-row';
  readonly request: number;
  readonly row: number;
  readonly column: number;
}

/** Peers the sender knows, as [identifier, address, ...]: the answer to `ask-row`. */
export interface RowMessage extends Message {
  readonly type: 'row';
  readonly request: number;
  readonly contacts: readonly number[];
}

/** I am here, so many ms of round trip from you (infinite: not measured): whoever has a place for me may take me. */
export interface AnnounceMessage extends Message {
  readonly type: 'announce';
  readonly identifier: number;
  readonly rttMs: number;
}

export type CommonMessage = AnswerMessage | BareMessage | PongMessage | AskRowMessage | RowMessage | AnnounceMessage;

/** No address: 0.0.0.0, port 0. */
export const NOBODY: Address = 0;

/** The fields of each type, in order. */
export const COMMON_MESSAGES = {
  answer: ['request', 'hops', 'identifier', 'providers'],
  ping: ['request'],
  ack: ['request'],
  pong: ['request', 'identifier', 'joined'],
  'ask-row': ['request', 'row', 'column'],
  row: ['request', 'contacts'],
  announce: ['identifier', 'rttMs'],
} as const;

export const HEADER_BYTES = 8;
export const ADDRESS_BYTES = 6;
export const LIFE_BYTES = 4;
export const COUNT_BYTES = 1;
export const NUMBER_BYTES = 4;
const RTT_BYTES = 4;
const PLACE_BYTES = 1;

/** Payload bytes of a routed message without what one system adds. */
export function routedBytes(message: RoutedMessage, identifierBytes: number): number {
  const its = message.type === 'publish' || message.type === 'withdraw' ? ADDRESS_BYTES : 0;
  return HEADER_BYTES + identifierBytes + ADDRESS_BYTES + its + (message.ack === 0 ? 0 : NUMBER_BYTES);
}

export function contactsBytes(contacts: readonly number[], identifierBytes: number): number {
  return COUNT_BYTES + (contacts.length / 2) * (identifierBytes + ADDRESS_BYTES);
}

/** Payload bytes of the others when an identifier has so many bytes. */
export function commonBytes(message: CommonMessage, identifierBytes: number): number {
  switch (message.type) {
    case 'answer':
      return HEADER_BYTES + identifierBytes + COUNT_BYTES + message.providers.length * ADDRESS_BYTES;
    case 'pong':
      return HEADER_BYTES + identifierBytes;
    case 'ask-row':
      return HEADER_BYTES + 2 * PLACE_BYTES;
    case 'row':
      return HEADER_BYTES + contactsBytes(message.contacts, identifierBytes);
    case 'announce':
      return HEADER_BYTES + identifierBytes + RTT_BYTES;
    default:
      return HEADER_BYTES;
  }
}
