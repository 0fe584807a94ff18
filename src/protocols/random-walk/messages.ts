/**
 * What peers say to each other, and the bytes of it. The paper gives no format; this is Gnutella's descriptor header of 23 bytes with
 * two bytes each for TTL and hops instead of one. GUIDs are 48 random bits here, counted as 16 bytes.
 *
 * TTL and hops as in Gnutella: who starts sends TTL = T and hops = 0, and the question reaches distance T exactly.
 */

import { LINK_MESSAGES, type LinkMessage } from '../../overlay/links/messages.js';
import { isTransferMessage, sizeOfTransfer, TRANSFER_MESSAGES, type TransferMessage } from '../../overlay/transfer/messages.js';
import type { Address, Key } from '../../protocol.js';
import type { WalkSettings } from './settings.js';

interface Question {
  readonly search: number;
  /** Whom to tell of a match: the one who asks, or a neighbour that stands in for it. */
  readonly origin: Address;
  /** Links it may still travel, counting the one it is sent over. */
  readonly ttl: number;
  /** Links it has travelled before that one. */
  readonly hops: number;
  readonly words: readonly Key[];
}

/** One walker. */
export type Walk = Question & { readonly type: 'walk' };
/** A flood, or the ring of that number of an expanding one. */
export type Query = Question & { readonly type: 'query'; readonly ring: number };

interface ReportMessage {
  readonly search: number;
  /** The reporter's number for it. */
  readonly call: number;
  /** The way back to the reporter, when others passed it on: the address of each but the last, the first one first. */
  readonly back: readonly Address[];
}
/** "I have a walker of yours: shall it go on?" */
export type Check = ReportMessage & { readonly type: 'check' };
/** "These files match." Whoever brought a walker there asks the same by it. */
export type Hit = ReportMessage & {
  readonly type: 'hit';
  readonly provider: Address;
  /** Whether the provider can be called by anybody. */
  readonly reachable: boolean;
  readonly hops: number;
  readonly keys: readonly Key[];
};
/** The answer to either; it takes the last address of the way back off, and goes there. */
export type Answer = { readonly type: 'answer'; readonly call: number; readonly goOn: boolean; readonly back: readonly Address[] };
/** "You cannot be called: call this address, which wants that file", the way that a report came. */
export type Push = {
  readonly type: 'push';
  readonly key: Key;
  /** The asker's number for the file, which the call names again. */
  readonly token: number;
  readonly address: Address;
  readonly back: readonly Address[];
};
/** "Nobody can answer me by datagram: pass this report on to its origin." */
export type Forward = { readonly type: 'forward'; readonly origin: Address; readonly report: Check | Hit };
/** "Nobody can call me: take the reports on this search for me." */
export type StandIn = { readonly type: 'stand-in'; readonly search: number };
/** "Are you there?" and "I am", over a link. */
export type Ping = { readonly type: 'ping' };
export type Pong = { readonly type: 'pong' };

/** Gnutella's `connect`, with whether the asker has no neighbour at all. */
export type Connect = { readonly type: 'connect'; readonly alone: boolean };

export type WalkMessage = LinkMessage | Connect | Walk | Query | Check | Hit | Answer | Push | Forward | StandIn | Ping | Pong;

/** The wire schema: the fields of each type, in order. */
export const MESSAGES = {
  ...LINK_MESSAGES,
  connect: ['alone'],
  walk: ['search', 'origin', 'ttl', 'hops', 'words'],
  query: ['search', 'origin', 'ttl', 'hops', 'words', 'ring'],
  check: ['search', 'call', 'back'],
  hit: ['search', 'call', 'back', 'provider', 'reachable', 'hops', 'keys'],
  answer: ['call', 'goOn', 'back'],
  push: ['key', 'token', 'address', 'back'],
  ...TRANSFER_MESSAGES,
  forward: ['origin', 'report'],
  'stand-in': ['search'],
  ping: [],
  pong: [],
} as const;

export const PING: Ping = Object.freeze({ type: 'ping' });
export const PONG: Pong = Object.freeze({ type: 'pong' });

export const GUID_BYTES = 16;
export const ADDRESS_BYTES = 6;
/** Kind 1, payload length 4. */
const FRAME_BYTES = 5;
/** TTL 2, hops 2. */
const HOPS_BYTES = 4;
/** NUL at the end of the search string. */
const STRING_END_BYTES = 1;
const RING_BYTES = 1;
const CALL_BYTES = 4;
const FLAG_BYTES = 1;
const KEY_BYTES = 6;
/** Number of hits, of hosts, or of addresses on the way back. */
const COUNT_BYTES = 1;
/** Before each name file index 4 and size 4, two NULs after it. */
const RESULT_BYTES = 10;

/** Bytes of a message without IP and transport headers. */
export function sizeOf(message: WalkMessage | TransferMessage, settings: WalkSettings): number {
  if (isTransferMessage(message)) return sizeOfTransfer(message);
  const { nameBytes } = settings;
  switch (message.type) {
    case 'walk':
      return FRAME_BYTES + GUID_BYTES + ADDRESS_BYTES + HOPS_BYTES + nameBytes + STRING_END_BYTES;
    case 'query':
      return FRAME_BYTES + GUID_BYTES + ADDRESS_BYTES + HOPS_BYTES + nameBytes + STRING_END_BYTES + RING_BYTES;
    case 'check':
      return FRAME_BYTES + GUID_BYTES + CALL_BYTES + wayBackBytes(message);
    case 'hit':
      return (
        FRAME_BYTES +
        GUID_BYTES +
        CALL_BYTES +
        wayBackBytes(message) +
        ADDRESS_BYTES +
        FLAG_BYTES +
        HOPS_BYTES +
        COUNT_BYTES +
        message.keys.length * (RESULT_BYTES + nameBytes)
      );
    case 'answer':
      return FRAME_BYTES + CALL_BYTES + FLAG_BYTES + wayBackBytes(message);
    case 'push':
      return FRAME_BYTES + KEY_BYTES + CALL_BYTES + ADDRESS_BYTES + wayBackBytes(message);
    case 'forward':
      return FRAME_BYTES + ADDRESS_BYTES + sizeOf(message.report, settings);
    case 'connect':
      return FRAME_BYTES + FLAG_BYTES;
    case 'stand-in':
      return FRAME_BYTES + GUID_BYTES;
    case 'accept':
      return FRAME_BYTES + ADDRESS_BYTES;
    case 'refuse':
      return FRAME_BYTES + COUNT_BYTES + message.hosts.length * ADDRESS_BYTES;
    default:
      return FRAME_BYTES;
  }
}

function wayBackBytes({ back }: { readonly back: readonly Address[] }): number {
  return COUNT_BYTES + back.length * ADDRESS_BYTES;
}
