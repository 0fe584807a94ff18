/**
 * KaZaA's messages. The protocol is secret and its connections are encrypted; sizes follow what the authors of giFT-FastTrack found out:
 * a header of 5 bytes ("K", kind 2, length 2) on connections, datagrams that begin with a kind, an encryption type and the network's
 * name, a file as hash (20), size, kind and its tags, of which the name is the longest. They are right in order of magnitude.
 */

import { isTransferMessage, sizeOfTransfer, TRANSFER_MESSAGES, type TransferMessage } from '../../overlay/transfer/messages.js';
import type { Address, Item, Key } from '../../protocol.js';
import type { KazaaSettings } from './settings.js';

/** "Are you a supernode, or whom do you know?" A datagram: its round trip decides. */
export type Ping = { readonly type: 'ping'; readonly request: number };
export type Pong = {
  readonly type: 'pong';
  readonly request: number;
  readonly isSupernode: boolean;
  /** Some that the one who answers knows, its own first. */
  readonly supernodes: readonly Address[];
};

/** "Take me as your descendant": the first on a connection; the files follow. */
export type Register = {
  readonly type: 'register';
  readonly uplinkBitsPerSecond: number;
  readonly reachable: boolean;
  /** How long it has been there. */
  readonly upMs: number;
};
/** "You are, and these are supernodes now." Also a fresh list later. */
export type Accept = { readonly type: 'accept'; readonly supernodes: readonly Address[] };
/** "I am no supernode, but these are": the last on a connection. */
export type Refer = { readonly type: 'refer'; readonly supernodes: readonly Address[] };
/** A descendant has these files. */
export type Share = { readonly type: 'share'; readonly items: readonly Item[] };
/** "Become a supernode, and let me know", to a descendant; the sender is the first named. */
export type Promote = { readonly type: 'promote'; readonly supernodes: readonly Address[] };
/** "That one has more room", to a descendant. */
export type Move = { readonly type: 'move'; readonly supernode: Address };

/** "Who has files with all these words in their names?" From a descendant. */
export type Search = { readonly type: 'search'; readonly search: number; readonly words: readonly Key[] };
/** What was found so far; `hops`: 0 in the supernode's own index, 1 in another's. */
export type Matches = { readonly type: 'matches'; readonly search: number; readonly results: readonly number[]; readonly hops: number };
/** No more will come; `hops`: 1 when others were asked. */
export type Done = { readonly type: 'done'; readonly search: number; readonly hops: number };
/** The question of a descendant, from supernode to supernode, and never further. */
export type Forward = { readonly type: 'forward'; readonly query: number; readonly words: readonly Key[] };
export type Answer = { readonly type: 'answer'; readonly query: number; readonly results: readonly number[] };

/** "I am a supernode too, with so many descendants": the first on a connection, and the answer to it. */
export type Link = { readonly type: 'link'; readonly load: number };
/** Supernodes, each with the seconds since it was heard of, and the sender's load. */
export type News = { readonly type: 'news'; readonly load: number; readonly supernodes: readonly number[] };

/** "Have this provider, a descendant of that supernode, call `to`": from a descendant to its supernode, and on to the provider's. */
export type Push = {
  readonly type: 'push';
  readonly provider: Address;
  readonly supernode: Address;
  readonly to: Address;
  readonly token: number;
  readonly key: Key;
};
/** "Call there, they want this of you", to a descendant that cannot be called. */
export type Callback = { readonly type: 'callback'; readonly to: Address; readonly token: number; readonly key: Key };

export type KazaaMessage =
  | Ping
  | Pong
  | Register
  | Accept
  | Refer
  | Share
  | Promote
  | Move
  | Search
  | Matches
  | Done
  | Forward
  | Answer
  | Link
  | News
  | Push
  | Callback
  | TransferMessage;

/** The wire schema: the fields of each type, in order. */
export const MESSAGES = {
  ping: ['request'],
  pong: ['request', 'isSupernode', 'supernodes'],
  register: ['uplinkBitsPerSecond', 'reachable', 'upMs'],
  accept: ['supernodes'],
  refer: ['supernodes'],
  share: ['items'],
  promote: ['supernodes'],
  move: ['supernode'],
  search: ['search', 'words'],
  matches: ['search', 'results', 'hops'],
  done: ['search', 'hops'],
  forward: ['query', 'words'],
  answer: ['query', 'results'],
  link: ['load'],
  news: ['load', 'supernodes'],
  push: ['provider', 'supernode', 'to', 'token', 'key'],
  callback: ['to', 'token', 'key'],
  ...TRANSFER_MESSAGES,
} as const;

/** Results are numbers in a row: key, provider, and the supernode that has it call back, NOBODY when it can be called itself. */
export const RESULT = 3;
/** News are: address, seconds. */
export const NEWS = 2;
/** No address: 0.0.0.0:0 is nobody's. */
export const NOBODY: Address = 0;

/** Bytes of an entry of a list of supernodes: address 4, port 2, when it was last heard of 1, load 1. */
export const SUPERNODE_BYTES = 8;
const ADDRESS_BYTES = 6;
/** Kind 1, encryption 4, flags 1, "KaZaA" and its NUL 6; a number to tell questions apart goes into the flags. */
const DATAGRAM_BYTES = 12;
const HEADER_BYTES = 5;
/** Own address 6, bandwidth 1, version and network name 16, after an exchange of keys of 20 each way. */
const REGISTER_BYTES = 43;
/** Kind of medium 1, hash 20, checksum 4, size 3, number of tags 2, name tag 2. */
export const FILE_BYTES = 32;
/** Most results 2, number 2, realm 2, number of terms 1, each with comparison, field and length 3. */
const QUERY_BYTES = 10;
/** Supernode 6, number 2, number of results 2. */
const ANSWER_BYTES = 10;
/** Token 4, hash 20. */
const WANTED_BYTES = 24;
/** Address 6, bandwidth 1, name of user and network 10; then the file. */
const RESULT_BYTES = 17 + FILE_BYTES;

/** Bytes of a message without IP and transport headers. */
export function sizeOf(message: KazaaMessage, { nameBytes }: KazaaSettings): number {
  if (isTransferMessage(message)) return sizeOfTransfer(message);
  switch (message.type) {
    case 'ping':
      return DATAGRAM_BYTES;
    case 'pong':
      return DATAGRAM_BYTES + 2 + message.supernodes.length * SUPERNODE_BYTES;
    case 'register':
      return HEADER_BYTES + REGISTER_BYTES;
    case 'accept':
    case 'refer':
    case 'promote':
      return HEADER_BYTES + message.supernodes.length * SUPERNODE_BYTES;
    case 'share':
      return message.items.length * (HEADER_BYTES + FILE_BYTES + nameBytes);
    case 'move':
      return HEADER_BYTES + ADDRESS_BYTES;
    case 'search':
    case 'forward':
      return HEADER_BYTES + QUERY_BYTES + nameBytes;
    case 'matches':
    case 'answer':
      return HEADER_BYTES + ANSWER_BYTES + (message.results.length / RESULT) * (RESULT_BYTES + nameBytes);
    case 'done':
      return HEADER_BYTES + 2;
    case 'link':
      return HEADER_BYTES + REGISTER_BYTES;
    case 'news':
      return HEADER_BYTES + 2 + (message.supernodes.length / NEWS) * SUPERNODE_BYTES;
    case 'push':
      return HEADER_BYTES + 3 * ADDRESS_BYTES + WANTED_BYTES;
    case 'callback':
      return HEADER_BYTES + ADDRESS_BYTES + WANTED_BYTES;
  }
}
