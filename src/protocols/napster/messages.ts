/**
 * Napster's messages, and the bytes each takes on the wire: length and type, two bytes each, then fields of text with a space between
 * them ("Napster messages", the OpenNap project's specification, 2000 and 2001; its numbers stand below). Nicknames are addresses here,
 * counted as the text they were. Numbers by which an answer is matched with its question cost nothing: the real ones come in order.
 */

import { sizeOfTransfer, TRANSFER_MESSAGES, type TransferMessage } from '../../overlay/transfer/messages.js';
import type { Address, Item, Key } from '../../protocol.js';
import type { NapsterSettings } from './settings.js';

/** One who has a file that matches. */
export interface Result {
  readonly key: Key;
  readonly provider: Address;
  /** Its line, as it has said: 0 to 10, see `lineTypeOf`. */
  readonly line: number;
  /** Number of the server where it is logged in. */
  readonly home: number;
}

/** 2: "Let me in." `open` is false where the real one gives port 0: nobody can call me. */
export type Login = { readonly type: 'login'; readonly line: number; readonly open: boolean };
/** 3: "You are in." */
export type LoginAck = { readonly type: 'login-ack' };
/** 100: "I share these." One for each file; here they travel together. */
export type Share = { readonly type: 'share'; readonly items: readonly Item[] };
/** 200: "Who has files with all these words in their names?" */
export type Search = { readonly type: 'search'; readonly number: number; readonly words: readonly Key[]; readonly most: number };
/** 201 for each result, and 202, the end of them, as one. */
export type Results = { readonly type: 'results'; readonly number: number; readonly results: readonly Result[] };
/** 203: "I want to have this from that one." */
export type Get = {
  readonly type: 'get';
  readonly number: number;
  readonly provider: Address;
  readonly home: number;
  readonly key: Key;
};
/** 204: "It is there, and shares it." With its port, by which one knows whether it can be called. */
export type GetAck = { readonly type: 'get-ack'; readonly number: number; readonly open: boolean };
/** 206: "It is not." */
export type GetError = { readonly type: 'get-error'; readonly number: number };
/** 500: "It cannot be called: have it call me." */
export type Push = {
  readonly type: 'push';
  readonly provider: Address;
  readonly home: number;
  readonly key: Key;
  readonly token: number;
};
/** 501: "Call that one, who wants this from you." */
export type Pushed = { readonly type: 'pushed'; readonly to: Address; readonly key: Key; readonly token: number };
/** The real client had the system send ICMP echoes; here it is a datagram of the same size. */
export type Ping = { readonly type: 'ping'; readonly number: number };
export type Pong = { readonly type: 'pong'; readonly number: number };

/** Between linked servers, about users of theirs: who says so first, and then the same. */
export type LinkHello = { readonly type: 'link-hello'; readonly server: number };
export type LinkSearch = { readonly type: 'link-search'; readonly number: number; readonly words: readonly Key[]; readonly most: number };
export type LinkResults = { readonly type: 'link-results'; readonly number: number; readonly results: readonly Result[] };
export type LinkGet = {
  readonly type: 'link-get';
  readonly asker: Address;
  readonly number: number;
  readonly provider: Address;
  readonly key: Key;
};
/** 204 or 206: `found` tells which. */
export type LinkAck = {
  readonly type: 'link-ack';
  readonly asker: Address;
  readonly number: number;
  readonly found: boolean;
  readonly open: boolean;
};
export type LinkPush = {
  readonly type: 'link-push';
  readonly asker: Address;
  readonly provider: Address;
  readonly key: Key;
  readonly token: number;
};

export type LinkMessage = LinkHello | LinkSearch | LinkResults | LinkGet | LinkAck | LinkPush;
export type NapsterMessage =
  | Login
  | LoginAck
  | Share
  | Search
  | Results
  | Get
  | GetAck
  | GetError
  | Push
  | Pushed
  | Ping
  | Pong
  | LinkMessage
  | TransferMessage;

/** The wire schema: the fields of each type, in order. */
export const MESSAGES = {
  login: ['line', 'open'],
  'login-ack': [],
  share: ['items'],
  search: ['number', 'words', 'most'],
  results: ['number', 'results'],
  get: ['number', 'provider', 'home', 'key'],
  'get-ack': ['number', 'open'],
  'get-error': ['number'],
  push: ['provider', 'home', 'key', 'token'],
  pushed: ['to', 'key', 'token'],
  ping: ['number'],
  pong: ['number'],
  'link-hello': ['server'],
  'link-search': ['number', 'words', 'most'],
  'link-results': ['number', 'results'],
  'link-get': ['asker', 'number', 'provider', 'key'],
  'link-ack': ['asker', 'number', 'found', 'open'],
  'link-push': ['asker', 'provider', 'key', 'token'],
  ...TRANSFER_MESSAGES,
} as const;

/** Uplinks in bit/s from which on a line is of type 1, 2 ...: 14.4k, 28.8k, 33.6k, 56.7k, ISDN one and two channels, cable, DSL, T1, T3. */
const LINE_TYPES = [14_400, 28_800, 33_600, 56_700, 64_000, 128_000, 128_001, 512_000, 1_544_000, 44_736_000];

/** What a client says of its line: 0 (unknown, or slower than any) to 10. */
export function lineTypeOf(uplinkBitsPerSecond: number): number {
  let type = 0;
  while (type < LINE_TYPES.length && uplinkBitsPerSecond >= LINE_TYPES[type]) type++;
  return type;
}

const HEADER_BYTES = 4;
const NICK_BYTES = 9; // 8 and a space, as all of these
const IP_BYTES = 11;
const PORT_BYTES = 5;
const LINE_BYTES = 2;
const PASSWORD_BYTES = 9;
const CLIENT_BYTES = 11;
const EMAIL_BYTES = 16;
const MD5_BYTES = 33;
/** Size 8, bit rate 4, frequency 6, seconds 4. */
const FILE_BYTES = 22;
/** `FILENAME CONTAINS ""` and ` MAX_RESULTS 100`. */
const SEARCH_BYTES = 36;
/** What Windows's `ping` sends. An ICMP header is as long as a UDP header. */
const PING_BYTES = 32;

/** Bytes of a message without IP and transport headers. */
export function sizeOf(message: NapsterMessage, { nameBytes }: NapsterSettings): number {
  const name = nameBytes + 3; // quotes and a space
  const file = name + MD5_BYTES + FILE_BYTES;
  const request = HEADER_BYTES + NICK_BYTES + name;
  const acknowledgement = request + IP_BYTES + PORT_BYTES + MD5_BYTES + LINE_BYTES;
  switch (message.type) {
    case 'login':
      return HEADER_BYTES + NICK_BYTES + PASSWORD_BYTES + PORT_BYTES + CLIENT_BYTES + LINE_BYTES;
    case 'login-ack':
      return HEADER_BYTES + EMAIL_BYTES;
    case 'share':
      return message.items.length * (HEADER_BYTES + file);
    case 'search':
    case 'link-search':
      return HEADER_BYTES + SEARCH_BYTES + nameBytes;
    case 'results':
    case 'link-results':
      return message.results.length * (HEADER_BYTES + file + NICK_BYTES + IP_BYTES + LINE_BYTES) + HEADER_BYTES;
    case 'get':
    case 'push':
    case 'get-error':
      return request;
    case 'get-ack':
    case 'pushed':
      return acknowledgement;
    case 'link-get':
    case 'link-push':
      return NICK_BYTES + request;
    case 'link-ack':
      return NICK_BYTES + acknowledgement;
    case 'link-hello':
      return HEADER_BYTES + NICK_BYTES;
    case 'ping':
    case 'pong':
      return PING_BYTES;
    default:
      return sizeOfTransfer(message);
  }
}
