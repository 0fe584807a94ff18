/**
 * eDonkey's messages (Kulbak and Bickson, "The eMule Protocol Specification", 2005) with their sizes: on connections a header of 6 bytes
 * (protocol, length, opcode), in datagrams of 2 (protocol, opcode). Lists of tags are approximated: those of a file are name and size,
 * in results also the number of sources. A file's hash of 16 bytes is a key of 48 bits here, and a request has a number, 4 bytes, by which
 * its answer is known, where eDonkey goes by the hash, or by there being one search at a time.
 *
 * Sources are numbers in a row. The real ones are an identifier and a port, where a LowID client's identifier says nothing of its
 * address; here the address goes along all the same, because the measures must know whom it is about.
 */

import { isTransferMessage, sizeOfTransfer, TRANSFER_MESSAGES, type TransferMessage } from '../../overlay/transfer/messages.js';
import type { Address, Item, Key } from '../../protocol.js';
import { HASH_BYTES } from './ed2k-hash.js';
import type { EdonkeySettings } from './settings.js';

// Client and server, over the client's connection.

/** "Let me in"; `listens`: whether its user says it can be called, which counts when no other server is there to find out. */
export type Login = { readonly type: 'login'; readonly listens: boolean };
/** "You are in": with a LowID from 1, or with a HighID, 0 here, which is one's address. */
export type IdChange = { readonly type: 'id-change'; readonly lowId: number };
export type Offer = { readonly type: 'offer'; readonly items: readonly Item[] };
/** "Which files have all these words in their names?" */
export type Search = { readonly type: 'search'; readonly request: number; readonly words: readonly Key[] };
export type Results = { readonly type: 'results'; readonly request: number; readonly keys: readonly Key[] };
/** "Who has this file?" */
export type GetSources = { readonly type: 'get-sources'; readonly request: number; readonly key: Key };
/** Each: address, LowID. */
export type Sources = { readonly type: 'sources'; readonly request: number; readonly key: Key; readonly sources: readonly number[] };
/** "Have your client with this LowID call me." Token and key go along here; in eDonkey they follow when it has called. */
export type CallbackRequest = {
  readonly type: 'callback-request';
  readonly lowId: number;
  readonly to: Address;
  readonly token: number;
  readonly key: Key;
};
/** "Call there, they want this of you." */
export type CallbackRequested = { readonly type: 'callback-requested'; readonly to: Address; readonly token: number; readonly key: Key };

// The same by datagrams, to and from other servers.

export type GlobalSearch = Omit<Search, 'type'> & { readonly type: 'global-search' };
export type GlobalResults = Omit<Results, 'type'> & { readonly type: 'global-results' };
export type GlobalGetSources = Omit<GetSources, 'type'> & { readonly type: 'global-get-sources' };
export type GlobalSources = Omit<Sources, 'type'> & { readonly type: 'global-sources' };
export type GlobalCallback = Omit<CallbackRequest, 'type'> & { readonly type: 'global-callback' };

// Server and server, by datagrams.

/** "Can you call this address?" */
export type TryClient = { readonly type: 'try-client'; readonly request: number; readonly client: Address };
export type Tried = { readonly type: 'tried'; readonly request: number; readonly reached: boolean };

// Client and client: on a transfer's connection, or by datagrams.

/** "I am downloading this: which sources do you know?" `reachable`: whether others may ask the sender the same. */
export type AskSources = { readonly type: 'ask-sources'; readonly key: Key; readonly reachable: boolean };
/** Sources, each: address, LowID, server; and others who are downloading it. */
export type ExchangeSources = {
  readonly type: 'exchange-sources';
  readonly key: Key;
  readonly sources: readonly number[];
  readonly fellows: readonly Address[];
};

export type ServerMessage =
  | Login
  | Offer
  | Search
  | GetSources
  | CallbackRequest
  | GlobalSearch
  | GlobalGetSources
  | GlobalCallback
  | TryClient
  | Tried;
export type ClientMessage =
  | IdChange
  | Results
  | Sources
  | CallbackRequested
  | GlobalResults
  | GlobalSources
  | AskSources
  | ExchangeSources
  | TransferMessage;
export type EdonkeyMessage = ServerMessage | ClientMessage;

/** The wire schema: the fields of each type, in order. */
export const MESSAGES = {
  login: ['listens'],
  'id-change': ['lowId'],
  offer: ['items'],
  search: ['request', 'words'],
  results: ['request', 'keys'],
  'get-sources': ['request', 'key'],
  sources: ['request', 'key', 'sources'],
  'callback-request': ['lowId', 'to', 'token', 'key'],
  'callback-requested': ['to', 'token', 'key'],
  'global-search': ['request', 'words'],
  'global-results': ['request', 'keys'],
  'global-get-sources': ['request', 'key'],
  'global-sources': ['request', 'key', 'sources'],
  'global-callback': ['lowId', 'to', 'token', 'key'],
  'try-client': ['request', 'client'],
  tried: ['request', 'reached'],
  'ask-sources': ['key', 'reachable'],
  'exchange-sources': ['key', 'sources', 'fellows'],
  ...TRANSFER_MESSAGES,
} as const;

/** Numbers of a source as servers name it, and as clients do. */
export const SOURCE = 2;
export const EXCHANGED = 3;

const TCP_HEADER_BYTES = 6;
const UDP_HEADER_BYTES = 2;
const NUMBER_BYTES = 4;
/** An identifier (an IPv4 address, or a LowID) and a port. */
export const ENDPOINT_BYTES = 6;
/** User hash 16, identifier and port 6, number of tags 4, nickname, version, port and flags some 48. */
const LOGIN_BYTES = 74;
/** Hash 16, identifier and port 6, number of tags 4; a tag has 6 bytes besides its text, and 8 with a number. */
export const FILE_BYTES = 40;
const RESULT_BYTES = FILE_BYTES + 8;
/** How often it is searched for: a type 1, a length 2. */
const TEXT_BYTES = 3;
/** Number of what follows. */
const COUNT_BYTES = 4;
/** Source, its server, its user's hash. */
const EXCHANGED_BYTES = 28;

/** Bytes of a message without IP and transport headers. */
export function sizeOf(message: EdonkeyMessage, { nameBytes }: EdonkeySettings): number {
  if (isTransferMessage(message)) return sizeOfTransfer(message);
  switch (message.type) {
    case 'login':
      return TCP_HEADER_BYTES + LOGIN_BYTES;
    case 'id-change':
      return TCP_HEADER_BYTES + 4;
    case 'offer':
      return TCP_HEADER_BYTES + COUNT_BYTES + message.items.length * (FILE_BYTES + nameBytes);
    case 'search':
      return TCP_HEADER_BYTES + NUMBER_BYTES + TEXT_BYTES + nameBytes;
    case 'global-search':
      return UDP_HEADER_BYTES + NUMBER_BYTES + TEXT_BYTES + nameBytes;
    case 'results':
      return TCP_HEADER_BYTES + NUMBER_BYTES + COUNT_BYTES + message.keys.length * (RESULT_BYTES + nameBytes);
    case 'global-results':
      return UDP_HEADER_BYTES + NUMBER_BYTES + message.keys.length * (RESULT_BYTES + nameBytes);
    case 'get-sources':
      return TCP_HEADER_BYTES + NUMBER_BYTES + HASH_BYTES;
    case 'global-get-sources':
      return UDP_HEADER_BYTES + NUMBER_BYTES + HASH_BYTES;
    case 'sources':
      return TCP_HEADER_BYTES + NUMBER_BYTES + HASH_BYTES + 1 + (message.sources.length / SOURCE) * ENDPOINT_BYTES;
    case 'global-sources':
      return UDP_HEADER_BYTES + NUMBER_BYTES + HASH_BYTES + 1 + (message.sources.length / SOURCE) * ENDPOINT_BYTES;
    case 'callback-request':
      return TCP_HEADER_BYTES + 4;
    case 'global-callback':
      return UDP_HEADER_BYTES + ENDPOINT_BYTES + 4;
    case 'callback-requested':
      return TCP_HEADER_BYTES + ENDPOINT_BYTES;
    case 'try-client':
      return UDP_HEADER_BYTES + NUMBER_BYTES + ENDPOINT_BYTES;
    case 'tried':
      return UDP_HEADER_BYTES + NUMBER_BYTES + 1;
    case 'ask-sources':
      return TCP_HEADER_BYTES + HASH_BYTES;
    case 'exchange-sources': {
      const entries = message.sources.length / EXCHANGED + message.fellows.length;
      return TCP_HEADER_BYTES + HASH_BYTES + 2 + entries * EXCHANGED_BYTES;
    }
  }
}
