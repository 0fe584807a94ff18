/**
 * Gnutella 0.6 between leaves and ultrapeers, and the bytes of each message (RFC-Gnutella 0.6, draft of Klingberg and Manfredi, 2002).
 * The handshake has three steps, each a block of headers; only with the third is the link made, and by it a newcomer says which of the
 * two it will be. Descriptors are those of 0.4; a pong carries the GGEP extensions UP (free slots) and IPP (other ultrapeers).
 *
 * A leaf tells its ultrapeers what it shares, file by file. The real ones send a table of hashed words instead (QRP), and the ultrapeer
 * then forwards a query to leaves that may match; here it knows and answers itself.
 *
 * TTL and hops as in 0.4: who starts sends TTL = T and hops = 0, a receiver decrements and increments.
 */

import { isTransferMessage, sizeOfTransfer, TRANSFER_MESSAGES, type TransferMessage } from '../../overlay/transfer/messages.js';
import type { Address, Item, Key } from '../../protocol.js';
import type { UltrapeerSettings } from './settings.js';

interface Descriptor {
  readonly guid: number;
  /** Links the descriptor may still travel, counting the one it is sent over. */
  readonly ttl: number;
  /** Links it has travelled before the one it is sent over. */
  readonly hops: number;
}

/** "Let us connect; I am an ultrapeer, or a leaf." */
export type Connect = { readonly type: 'connect'; readonly ultrapeer: boolean };
/** "Good: I am an ultrapeer, and see you under this address. More ultrapeers are needed, or not. Here are others." */
export type Accept = { readonly type: 'accept'; readonly seenAs: Address; readonly needed: boolean; readonly hosts: readonly Address[] };
/** "No, but try these ultrapeers": the last on a connection. */
export type Refuse = { readonly type: 'refuse'; readonly hosts: readonly Address[] };
/** "Then we are connected, and I am an ultrapeer, or a leaf." `servent`: by which a push finds it; 0: it can be called. */
export type Agree = { readonly type: 'agree'; readonly ultrapeer: boolean; readonly servent: number };
/** "We are connected no longer": the last on a connection. */
export type Bye = { readonly type: 'bye' };
/** "I share these as well", of a leaf to its ultrapeers. */
export type Files = { readonly type: 'files'; readonly items: readonly Item[] };
export type Ping = { readonly type: 'ping' };
/** "I am here, with so many slots for leaves left of so many; more ultrapeers are needed, or not. Here are others." */
export type Pong = { readonly type: 'pong'; readonly taken: number; readonly needed: boolean; readonly hosts: readonly Address[] };
/** "Who has files with all these words in their names?" */
export type Query = Descriptor & { readonly type: 'query'; readonly words: readonly Key[] };
/** "These have: in each place a file, who has it, and by what identifier a push finds that one (0: it can be called)." */
export type Hit = Descriptor & {
  readonly type: 'hit';
  readonly keys: readonly Key[];
  readonly providers: readonly Address[];
  readonly servents: readonly number[];
};
/** "You cannot be called: call this address, which wants that file", to a servent, on the way a hit named it. */
export type Push = Descriptor & {
  readonly type: 'push';
  readonly servent: number;
  readonly key: Key;
  /** The asker's number for the file, which the call names again. */
  readonly token: number;
  readonly address: Address;
};
export type UltrapeerMessage = Connect | Accept | Refuse | Agree | Bye | Files | Ping | Pong | Query | Hit | Push;

/** The wire schema: the fields of each type, in order. */
export const MESSAGES = {
  connect: ['ultrapeer'],
  accept: ['seenAs', 'needed', 'hosts'],
  refuse: ['hosts'],
  agree: ['ultrapeer', 'servent'],
  bye: [],
  files: ['items'],
  ping: [],
  pong: ['taken', 'needed', 'hosts'],
  query: ['guid', 'ttl', 'hops', 'words'],
  hit: ['guid', 'ttl', 'hops', 'keys', 'providers', 'servents'],
  push: ['guid', 'ttl', 'hops', 'servent', 'key', 'token', 'address'],
  ...TRANSFER_MESSAGES,
} as const;

export const PING: Ping = Object.freeze({ type: 'ping' });

export const GUID_BYTES = 16;
export const ADDRESS_BYTES = 6;
/** GUID 16, kind 1, TTL 1, hops 1, payload length 4. */
export const HEADER_BYTES = 23;
/** An address and port as text at its longest, and what parts it from the next. */
const TRY_BYTES = 22;
/** `GNUTELLA CONNECT/0.6`, `X-Ultrapeer: False`, `X-Query-Routing: 0.1`, each with CR and LF, and an empty line. */
const CONNECT_BYTES = 22 + 20 + 22 + 2;
/** `GNUTELLA/0.6 200 OK`, `X-Ultrapeer: True`, `X-Ultrapeer-Needed: False`, `Remote-IP: <address>`, `X-Try-Ultrapeers: `, an empty line. */
const ACCEPT_BYTES = 21 + 19 + 27 + 34 + 20 + 2;
/** `GNUTELLA/0.6 503 Service unavailable`, `X-Try-Ultrapeers: `, an empty line. */
const REFUSE_BYTES = 38 + 20 + 2;
/** `GNUTELLA/0.6 200 OK`, `X-Ultrapeer: False`, `Listen-IP: <address>` of one who can be called, an empty line. */
const AGREE_BYTES = 21 + 20 + 34 + 2;
/** Code 2 and an empty text with its NUL. */
const BYE_BYTES = 3;
/** Port 2, address 4, number of files 4, number of kilobytes 4; GGEP: magic 1, UP with 3 bytes 7, IPP 5 and its addresses. */
const PONG_BYTES = 14 + 1 + 7 + 5;
/** Minimum speed 2, and the NUL that ends the search string. */
const QUERY_BYTES = 3;
/** Number of results 1. */
const COUNT_BYTES = 1;
/** File index 4 and size 4 before each name, two NULs after it. */
const RESULT_BYTES = 10;
/** Of who has it: port 2, address 4, speed 4, flags 1, servent's identifier 16. */
const PROVIDER_BYTES = 27;
/** Servent's identifier 16, file index 4, address 4, port 2. */
const PUSH_BYTES = 26;

/** Bytes of a message without IP and transport headers. */
export function sizeOf(message: UltrapeerMessage | TransferMessage, { nameBytes }: UltrapeerSettings): number {
  if (isTransferMessage(message)) return sizeOfTransfer(message);
  switch (message.type) {
    case 'query':
      return HEADER_BYTES + QUERY_BYTES + nameBytes;
    case 'hit':
      return HEADER_BYTES + COUNT_BYTES + message.keys.length * (RESULT_BYTES + nameBytes + PROVIDER_BYTES);
    case 'push':
      return HEADER_BYTES + PUSH_BYTES;
    case 'ping':
      return HEADER_BYTES;
    case 'pong':
      return HEADER_BYTES + PONG_BYTES + message.hosts.length * ADDRESS_BYTES;
    case 'files':
      return HEADER_BYTES + COUNT_BYTES + message.items.length * (RESULT_BYTES + nameBytes);
    case 'connect':
      return CONNECT_BYTES;
    case 'accept':
      return ACCEPT_BYTES + message.hosts.length * TRY_BYTES;
    case 'refuse':
      return REFUSE_BYTES + message.hosts.length * TRY_BYTES;
    case 'agree':
      return AGREE_BYTES;
    case 'bye':
      return HEADER_BYTES + BYE_BYTES;
  }
}
