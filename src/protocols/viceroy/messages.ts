/** What Viceroy's peers say besides what peers on any circle say (overlay/circle/messages.ts): all of it is about levels, 1 byte each. */

import {
  ADDRESS_BYTES,
  CIRCLE_MESSAGES,
  type CircleMessage,
  contactBytes,
  HEADER_BYTES,
  identifierBytes,
  sizeOfCircle,
} from '../../overlay/circle/messages.js';
import type { Address, Message } from '../../protocol.js';

/** Passed along the ring, from successor to successor or (`backwards`) from predecessor to predecessor, until a peer has this level. */
export interface ScanMessage extends Message {
  readonly type: 'scan';
  readonly level: number;
  readonly backwards: boolean;
  readonly origin: Address;
  readonly request: number;
  /** How many peers may still be asked, the receiver included. */
  readonly left: number;
}

/** Answers `scan`: I have this level; or, with level 0, none of so many peers has. */
export interface ScannedMessage extends Message {
  readonly type: 'scanned';
  readonly request: number;
  readonly identifier: number;
  readonly level: number;
}

/** I am next to you on this level's ring, as far as I know. */
export interface LevelBesideMessage extends Message {
  readonly type: 'level-beside';
  readonly identifier: number;
  readonly level: number;
}

/** I go, or have another level from now on; these were my neighbours on this level. NOBODY: none. */
export interface LevelLeavingMessage extends Message {
  readonly type: 'level-leaving';
  readonly level: number;
  readonly next: Address;
  readonly nextIdentifier: number;
  readonly previous: Address;
  readonly previousIdentifier: number;
}

export type LevelMessage = ScanMessage | ScannedMessage | LevelBesideMessage | LevelLeavingMessage;
export type ViceroyMessage = CircleMessage | LevelMessage;

export const MESSAGES = {
  ...CIRCLE_MESSAGES,
  scan: ['level', 'backwards', 'origin', 'request', 'left'],
  scanned: ['request', 'identifier', 'level'],
  'level-beside': ['identifier', 'level'],
  'level-leaving': ['level', 'next', 'nextIdentifier', 'previous', 'previousIdentifier'],
} as const;

const LEVEL_BYTES = 1;
const LEFT_BYTES = 2;

/** Payload bytes of a message when identifiers have `idBits` bits. */
export function wireBytes(message: ViceroyMessage, idBits: number): number {
  switch (message.type) {
    case 'scan':
      return HEADER_BYTES + LEVEL_BYTES + ADDRESS_BYTES + LEFT_BYTES;
    case 'scanned':
    case 'level-beside':
      return HEADER_BYTES + identifierBytes(idBits) + LEVEL_BYTES;
    case 'level-leaving':
      return HEADER_BYTES + LEVEL_BYTES + 2 * contactBytes(idBits);
    default:
      return sizeOfCircle(message, idBits);
  }
}
