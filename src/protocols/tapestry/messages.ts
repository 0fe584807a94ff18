/** What Tapestry peers say to each other beyond what all prefix overlays do (overlay/prefix/messages.ts). Identifiers have 160 bits. */

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
import type { Address, Message } from '../../protocol.js';

/**
 * `key` is the identifier that is routed to: an object's, salted for its second and later roots. `divert`: from a peer that has a pointer
 * to the provider; `gone`: back from there, it has it no longer.
 */
export interface TapestryRouted extends RoutedMessage {
  readonly type: RequestType | 'divert' | 'gone';
  /** How many digits of the path are resolved. */
  readonly level: number;
  /** `publish`: half the round trips of the way so far, in ms, and how long the pointer is good for. */
  readonly distanceMs: number;
  readonly lifeMs: number;
}

/** The surrogate to a newcomer: a row of its table. */
export interface CopyMessage extends Message {
  readonly type: 'copy';
  readonly contacts: readonly number[];
}

/** Acknowledged multicast: a newcomer shares prefixes with all who share `level` digits with the receiver. Pass it on, and report. */
export interface MulticastMessage extends Message {
  readonly type: 'multicast';
  readonly request: number;
  readonly level: number;
  readonly identifier: number;
  readonly address: Address;
}

/** All of the receiver's part of a multicast have been reached. */
export interface ReportMessage extends Message {
  readonly type: 'report';
  readonly request: number;
}

/** To a newcomer, from who was reached by its multicast: the sender, and newcomers it has heard of lately. */
export interface HelloMessage extends Message {
  readonly type: 'hello';
  readonly contacts: readonly number[];
}

/** The surrogate to a newcomer: everybody who has to know has been told. With its own identifier: that one is taken. */
export interface InsertedMessage extends Message {
  readonly type: 'inserted';
  readonly request: number;
  readonly identifier: number;
}

/** You are in my table: are you there? */
export interface HeartbeatMessage extends Message {
  readonly type: 'heartbeat';
  readonly request: number;
}

/** The sender goes; these may take its place, row by row. */
export interface LeavingMessage extends Message {
  readonly type: 'leaving';
  readonly contacts: readonly number[];
}

/** Pointers of a peer that leaves, as [key, provider, remaining life in ms, ...]: find them their new root. */
export interface PointersMessage extends Message {
  readonly type: 'pointers';
  readonly items: readonly number[];
}

export type TapestryMessage =
  | TapestryRouted
  | CommonMessage
  | CopyMessage
  | MulticastMessage
  | ReportMessage
  | HelloMessage
  | InsertedMessage
  | HeartbeatMessage
  | LeavingMessage
  | PointersMessage;

const ROUTED = ['key', 'origin', 'request', 'hops', 'ack', 'provider', 'level', 'distanceMs', 'lifeMs'] as const;

/** The fields of each type, in order. */
export const MESSAGES = {
  locate: ROUTED,
  publish: ROUTED,
  withdraw: ROUTED,
  seek: ROUTED,
  join: ROUTED,
  divert: ROUTED,
  gone: ROUTED,
  ...COMMON_MESSAGES,
  copy: ['contacts'],
  multicast: ['request', 'level', 'identifier', 'address'],
  report: ['request'],
  hello: ['contacts'],
  inserted: ['request', 'identifier'],
  heartbeat: ['request'],
  leaving: ['contacts'],
  pointers: ['items'],
} as const;

const IDENTIFIER_BYTES = 20;
const LEVEL_BYTES = 1;
const DISTANCE_BYTES = 4;

/** A contact in a table. */
export const CONTACT_BYTES = IDENTIFIER_BYTES + ADDRESS_BYTES;
/** A pointer: object, provider, expiry, and distance. */
export const POINTER_BYTES = IDENTIFIER_BYTES + ADDRESS_BYTES + LIFE_BYTES + DISTANCE_BYTES;

/** Payload bytes of a message. */
export function wireBytes(message: TapestryMessage | ClientMessage): number {
  switch (message.type) {
    case 'locate':
    case 'withdraw':
    case 'seek':
    case 'join':
    case 'divert':
    case 'gone':
      return routedBytes(message, IDENTIFIER_BYTES) + LEVEL_BYTES;
    case 'publish':
      return routedBytes(message, IDENTIFIER_BYTES) + LEVEL_BYTES + DISTANCE_BYTES + LIFE_BYTES;
    case 'copy':
    case 'hello':
    case 'leaving':
      return HEADER_BYTES + contactsBytes(message.contacts, IDENTIFIER_BYTES);
    case 'multicast':
      return HEADER_BYTES + LEVEL_BYTES + CONTACT_BYTES;
    case 'inserted':
      return HEADER_BYTES + IDENTIFIER_BYTES;
    case 'report':
    case 'heartbeat':
      return HEADER_BYTES;
    case 'pointers':
      return HEADER_BYTES + COUNT_BYTES + (message.items.length / 3) * (IDENTIFIER_BYTES + ADDRESS_BYTES + LIFE_BYTES);
    default:
      return message.type.startsWith('client-')
        ? sizeOfClient(message as ClientMessage)
        : commonBytes(message as CommonMessage, IDENTIFIER_BYTES);
  }
}
