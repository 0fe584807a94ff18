/**
 * What a downloader and a source say to each other: over a connection of its own, in the manner of HTTP with byte ranges. Blocks declare
 * their size and carry no bytes, only a mark of their content, by which a wrong block can be told.
 */

import type { Key, Message } from '../../protocol.js';

/** "These bytes of that item." Each message names the downloader's number for the source. */
export interface TransferGet extends Message {
  readonly type: 'transfer-get';
  readonly token: number;
  readonly key: Key;
  readonly at: number;
  readonly bytes: number;
  /** What the downloader says of itself, by which a source may put others before or behind it; 0 in systems without. */
  readonly rank: number;
}
/** "Here are some of them": the next ones, in order. */
export interface TransferBlock extends Message {
  readonly type: 'transfer-block';
  readonly token: number;
  readonly at: number;
  readonly bytes: number;
  /** `contentMark(key, at)`, if the bytes are the genuine ones. */
  readonly mark: number;
}
/** "All slots are taken, and you are number `queued` of those who wait." 0: the queue is full as well. */
export interface TransferBusy extends Message {
  readonly type: 'transfer-busy';
  readonly token: number;
  readonly queued: number;
}
/** "It is your turn: what do you want?" To one that has waited. */
export interface TransferReady extends Message {
  readonly type: 'transfer-ready';
  readonly token: number;
}
/** "I do not share that." */
export interface TransferNone extends Message {
  readonly type: 'transfer-none';
  readonly token: number;
}
/** "You had me asked for this: ask me." The first on a connection that a source has opened because it cannot be called. */
export interface TransferHere extends Message {
  readonly type: 'transfer-here';
  readonly token: number;
}
/** A message of `Transfers`. */
export type TransferMessage = TransferGet | TransferBlock | TransferBusy | TransferReady | TransferNone | TransferHere;

/** For a definition to spread among its own. */
export const TRANSFER_MESSAGES = {
  'transfer-get': ['token', 'key', 'at', 'bytes', 'rank'],
  'transfer-block': ['token', 'at', 'bytes', 'mark'],
  'transfer-busy': ['token', 'queued'],
  'transfer-ready': ['token'],
  'transfer-none': ['token'],
  'transfer-here': ['token'],
} as const;

/** Bytes of a block, but for a part's last one. */
export const BLOCK_BYTES = 16 * 1024;

/** A request with its path and range, and an answer without content: lines of text, about so long. */
const GET_BYTES = 120;
const ANSWER_BYTES = 40;

export function isTransferMessage(message: Message): message is TransferMessage {
  return message.type.startsWith('transfer-');
}

/** Payload bytes. Blocks are the bytes themselves, one after the other. */
export function sizeOfTransfer(message: TransferMessage): number {
  switch (message.type) {
    case 'transfer-get':
      return GET_BYTES;
    case 'transfer-block':
      return message.bytes;
    default:
      return ANSWER_BYTES;
  }
}

/** Stands for the content of the block that begins at byte `at` of an item: 32 bits, as if it had been hashed. */
export function contentMark(key: Key, at: number): number {
  let mark = (key >>> 0) ^ Math.imul(Math.floor(key / 2 ** 32) + 1, 0x9e3779b1);
  mark = Math.imul(mark ^ (mark >>> 15), 0x85ebca6b) ^ (at >>> 0) ^ Math.imul(Math.floor(at / 2 ** 32), 0xc2b2ae35);
  mark = Math.imul(mark ^ (mark >>> 13), 0xc2b2ae35);
  mark = Math.imul(mark ^ (mark >>> 16), 0x27d4eb2f);
  return (mark ^ (mark >>> 15)) >>> 0;
}
