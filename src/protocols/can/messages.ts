/**
 * What CAN peers say to each other, and how long it is on the wire. The paper leaves the format open; this one is a plain binary layout:
 * a header of 8 bytes (type 1, reality and flags 1, hops 2, request number 4), then fields of fixed length: a key 6, a coordinate 4, an
 * address 6 (IPv4 and port), a volume 4, a remaining life 4, a count 1. A zone is its depth and its number in the partition tree, 7
 * bytes, which say as much as 2d coordinates. A lookup carries its key alone: `point` follows from it.
 */

import { type ClientMessage, sizeOfClient } from '../../overlay/clients/messages.js';
import type { Address, Key, Message } from '../../protocol.js';
import type { Point, Zone } from './zones.js';

/** On its way to the owner of `point`: a question about a key, or a newcomer's for half a zone. `hops` counts forwards, this one included. */
export interface RoutedMessage extends Message {
  readonly type: 'lookup' | 'join';
  /** 0 when it is about a point alone. */
  readonly key: Key;
  readonly point: Point;
  /** In which reality; ANY_REALITY: whichever is nearest. */
  readonly reality: number;
  readonly origin: Address;
  /** The origin's request number. */
  readonly request: number;
  readonly hops: number;
  /** The sender's number under which it waits for an `ack`; 0: it does not. */
  readonly ack: number;
  /** A detour: whom it has passed since it got no nearer, and how near (squared) that was. Empty while the way is free. */
  readonly visited: readonly Address[];
  readonly nearest: number;
  /** For `join` after the volume check: the receiver splits its zone, wherever the point is. */
  readonly handed: boolean;
}

/** The owner to the origin: it is mine, and these have the key (most recently heard of first). */
export interface AnswerMessage extends Message {
  readonly type: 'answer';
  readonly request: number;
  readonly hops: number;
  readonly providers: readonly Address[];
}

/** What needs no more than a number: `ping` asks, `ack` and `stored` answer, `decline` refuses what `welcome` offered. */
export interface BareMessage extends Message {
  readonly type: 'ack' | 'ping' | 'stored' | 'decline';
  readonly request: number;
}

/** Answers `ping`; `joined`: the sender is part of a space. */
export interface PongMessage extends Message {
  readonly type: 'pong';
  readonly request: number;
  readonly joined: boolean;
}

/** The sender holds these zones, and these are its neighbours: [address, zone, ...], one pair for each of a neighbour's zones. */
export interface UpdateMessage extends Message {
  readonly type: 'update';
  readonly reality: number;
  readonly zones: readonly Zone[];
  readonly neighbours: readonly number[];
}

/** The same, and it has just taken over zones of a dead peer, when its own volume was this. */
export interface TakeoverMessage extends Message {
  readonly type: 'takeover';
  readonly reality: number;
  readonly zones: readonly Zone[];
  readonly neighbours: readonly number[];
  readonly taken: readonly Zone[];
  readonly volume: number;
}

/** This zone is yours now, and these are neighbours: to a newcomer (`welcome`) or to another member. `request` 0: no answer wanted. */
export interface GiveMessage extends Message {
  readonly type: 'welcome' | 'handover';
  readonly request: number;
  readonly reality: number;
  readonly zone: Zone;
  readonly neighbours: readonly number[];
}

/** The sender goes; its zones are others' now: [heir, zone, ...]. */
export interface LeavingMessage extends Message {
  readonly type: 'leaving';
  readonly reality: number;
  readonly heirs: readonly number[];
}

/** `reassign`: `holder` has a zone too many; find siblings of which one could come and take it. `want`: I could. */
export interface ReassignMessage extends Message {
  readonly type: 'reassign' | 'want';
  readonly reality: number;
  readonly zone: Zone;
  readonly holder: Address;
  readonly hops: number;
}

/** `provider` has the key (`store`), or has it no longer (`withdraw`, which nobody answers). */
export interface StoreMessage extends Message {
  readonly type: 'store' | 'withdraw';
  readonly request: number;
  readonly reality: number;
  readonly key: Key;
  readonly provider: Address;
}

/** A part of an index, as [key, provider, remaining life in ms, ...]; `copy`: for a replica, else for the owner in this reality. */
export interface ItemsMessage extends Message {
  readonly type: 'items';
  readonly reality: number;
  readonly items: readonly number[];
  readonly copy: boolean;
}

export type CanMessage =
  | RoutedMessage
  | AnswerMessage
  | BareMessage
  | PongMessage
  | UpdateMessage
  | TakeoverMessage
  | GiveMessage
  | LeavingMessage
  | ReassignMessage
  | StoreMessage
  | ItemsMessage;

export const ANY_REALITY = -1;

const ROUTED = ['key', 'point', 'reality', 'origin', 'request', 'hops', 'ack', 'visited', 'nearest', 'handed'] as const;

/** The fields of each type, in order. */
export const MESSAGES = {
  lookup: ROUTED,
  join: ROUTED,
  answer: ['request', 'hops', 'providers'],
  ack: ['request'],
  ping: ['request'],
  pong: ['request', 'joined'],
  update: ['reality', 'zones', 'neighbours'],
  takeover: ['reality', 'zones', 'neighbours', 'taken', 'volume'],
  welcome: ['request', 'reality', 'zone', 'neighbours'],
  handover: ['request', 'reality', 'zone', 'neighbours'],
  decline: ['request'],
  leaving: ['reality', 'heirs'],
  reassign: ['reality', 'zone', 'holder', 'hops'],
  want: ['reality', 'zone', 'holder', 'hops'],
  store: ['request', 'reality', 'key', 'provider'],
  stored: ['request'],
  withdraw: ['request', 'reality', 'key', 'provider'],
  items: ['reality', 'items', 'copy'],
} as const;

const HEADER_BYTES = 8;
const KEY_BYTES = 6;
const COORDINATE_BYTES = 4;
const ADDRESS_BYTES = 6;
export const ZONE_BYTES = 7;
const VOLUME_BYTES = 4;
const LIFE_BYTES = 4;
const COUNT_BYTES = 1;

/** Bytes of an index entry: a key, who has it, and how long it is good for. */
export const ITEM_BYTES = KEY_BYTES + ADDRESS_BYTES + LIFE_BYTES;
/** Bytes of a peer's address and one of its zones. */
export const CONTACT_BYTES = ADDRESS_BYTES + ZONE_BYTES;

/** Payload bytes of a message in a space of so many dimensions. */
export function wireBytes(message: CanMessage | ClientMessage, dimensions: number): number {
  switch (message.type) {
    case 'lookup':
    case 'join': {
      const where = message.type === 'join' || message.key === 0 ? dimensions * COORDINATE_BYTES : KEY_BYTES;
      const detour = message.visited.length === 0 ? 0 : COORDINATE_BYTES + COUNT_BYTES + message.visited.length * ADDRESS_BYTES;
      return HEADER_BYTES + where + ADDRESS_BYTES + (message.ack === 0 ? 0 : 4) + detour;
    }
    case 'answer':
      return HEADER_BYTES + COUNT_BYTES + message.providers.length * ADDRESS_BYTES;
    case 'update':
      return HEADER_BYTES + listBytes(message);
    case 'takeover':
      return HEADER_BYTES + listBytes(message) + VOLUME_BYTES + COUNT_BYTES + message.taken.length * ZONE_BYTES;
    case 'welcome':
    case 'handover':
      return HEADER_BYTES + ZONE_BYTES + COUNT_BYTES + (message.neighbours.length / 2) * CONTACT_BYTES;
    case 'leaving':
      return HEADER_BYTES + COUNT_BYTES + (message.heirs.length / 2) * CONTACT_BYTES;
    case 'reassign':
    case 'want':
      return HEADER_BYTES + CONTACT_BYTES;
    case 'store':
    case 'withdraw':
      return HEADER_BYTES + KEY_BYTES + ADDRESS_BYTES;
    case 'items':
      return HEADER_BYTES + COUNT_BYTES + (message.items.length / 3) * ITEM_BYTES;
    case 'ack':
    case 'ping':
    case 'pong':
    case 'stored':
    case 'decline':
      return HEADER_BYTES;
    default:
      return sizeOfClient(message);
  }
}

function listBytes({ zones, neighbours }: Pick<UpdateMessage, 'zones' | 'neighbours'>): number {
  return 2 * COUNT_BYTES + zones.length * ZONE_BYTES + (neighbours.length / 2) * CONTACT_BYTES;
}
