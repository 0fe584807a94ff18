/**
 * Gnutella's descriptors, and the bytes each takes on the wire ("The Gnutella Protocol Specification v0.4", Clip2, 2000; the goodbye is
 * 0.6's Bye, and the answer to a connect has 0.6's Remote-IP header, with the port). GUIDs are 48 random bits here, counted as the 16
 * bytes they take in the 23-byte descriptor header.
 *
 * Conventions: who starts a flood sends TTL = T and hops = 0; a receiver first decrements the TTL and increments the hops, and forwards
 * only if the TTL is still above 0. So TTL + hops is T on every link, and TTL = T reaches distance T. An answer starts with hops = 0 and
 * just the TTL that takes it home, so that on arrival its hops are the distance of who answered.
 */

import { LINK_MESSAGES, type LinkMessage } from '../../overlay/links/messages.js';
import { isTransferMessage, sizeOfTransfer, TRANSFER_MESSAGES, type TransferMessage } from '../../overlay/transfer/messages.js';
import type { Address, Key } from '../../protocol.js';
import type { GnutellaSettings } from './settings.js';

interface Descriptor {
  readonly guid: number;
  /** Links the descriptor may still travel, counting the one it is sent over. */
  readonly ttl: number;
  /** Links it has travelled before the one it is sent over. */
  readonly hops: number;
}

/** "Who is there?" */
export type Ping = Descriptor & { readonly type: 'ping' };
/** "I am, and share so many files." */
export type Pong = Descriptor & { readonly type: 'pong'; readonly address: Address; readonly files: number };
/** "Who has files with all these words in their names?" */
export type Query = Descriptor & { readonly type: 'query'; readonly words: readonly Key[] };
/** "These files of mine match." */
export type Hit = Descriptor & {
  readonly type: 'hit';
  readonly provider: Address;
  readonly keys: readonly Key[];
  /** By which a push finds the provider; 0: it can be called, as a flag of the trailer says. */
  readonly servent: number;
};
/** "You cannot be called: call this address, which wants that file", to a servent, on the way its hit came. */
export type Push = Descriptor & {
  readonly type: 'push';
  readonly servent: number;
  readonly key: Key;
  /** The asker's number for the file, which the call names again; the real ones use the provider's number for it. */
  readonly token: number;
  readonly address: Address;
};
export type GnutellaMessage = LinkMessage | Ping | Pong | Query | Hit | Push;

/** The wire schema: the fields of each type, in order. */
export const MESSAGES = {
  ...LINK_MESSAGES,
  ping: ['guid', 'ttl', 'hops'],
  pong: ['guid', 'ttl', 'hops', 'address', 'files'],
  query: ['guid', 'ttl', 'hops', 'words'],
  hit: ['guid', 'ttl', 'hops', 'provider', 'keys', 'servent'],
  push: ['guid', 'ttl', 'hops', 'servent', 'key', 'token', 'address'],
  ...TRANSFER_MESSAGES,
} as const;

/** The GUID of a keep-alive: a ping that goes one hop and is answered by a pong that goes one hop, and so needs no route. */
export const NO_FLOOD = 0;

export const KEEP_ALIVE: Ping = Object.freeze({ type: 'ping', guid: NO_FLOOD, ttl: 1, hops: 0 });

export const GUID_BYTES = 16;
export const ADDRESS_BYTES = 6;
/** GUID 16, kind 1, TTL 1, hops 1, payload length 4. */
const HEADER_BYTES = 23;
/** `GNUTELLA CONNECT/0.4` and `GNUTELLA OK`, each followed by two line feeds; between those of the answer a line `Remote-IP: <address>`. */
const CONNECT_BYTES = 22;
const ACCEPT_BYTES = 13 + 33;
/** Port 2, address 4, number of files 4, number of kilobytes 4. */
const PONG_BYTES = 14;
/** Code 2 and an empty text with its NUL. */
const BYE_BYTES = 3;
/** Minimum speed 2, and the NUL that ends the search string. */
const QUERY_BYTES = 3;
/** Number of hits 1, port 2, address 4, speed 4; and at the end the servent's identifier. */
const HIT_BYTES = 11;
const SERVENT_ID_BYTES = 16;
/** Before that: vendor's code 4, size of what follows 1, and two bytes of flags, one of which says that the servent cannot be called. */
const TRAILER_BYTES = 7;
/** Servent's identifier 16, file index 4, address 4, port 2. */
const PUSH_BYTES = 26;
/** File index 4 and size 4 before each name, two NULs after it. */
const RESULT_BYTES = 10;

/** Bytes of a message without IP and transport headers. A refusal is a pong for each host it names, then a goodbye, as busy servents did. */
export function sizeOf(message: GnutellaMessage | TransferMessage, settings: GnutellaSettings): number {
  if (isTransferMessage(message)) return sizeOfTransfer(message);
  switch (message.type) {
    case 'query':
      return HEADER_BYTES + QUERY_BYTES + settings.nameBytes;
    case 'hit':
      return HEADER_BYTES + HIT_BYTES + message.keys.length * (RESULT_BYTES + settings.nameBytes) + TRAILER_BYTES + SERVENT_ID_BYTES;
    case 'push':
      return HEADER_BYTES + PUSH_BYTES;
    case 'ping':
      return HEADER_BYTES;
    case 'pong':
      return HEADER_BYTES + PONG_BYTES;
    case 'connect':
      return CONNECT_BYTES;
    case 'accept':
      return ACCEPT_BYTES;
    case 'bye':
      return HEADER_BYTES + BYE_BYTES;
    case 'refuse':
      return message.hosts.length * (HEADER_BYTES + PONG_BYTES) + HEADER_BYTES + BYE_BYTES;
  }
}
