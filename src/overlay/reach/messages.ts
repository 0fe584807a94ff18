/**
 * What peers and rendezvous say to each other to reach somebody behind a NAT, and what that weighs. Sizes are those of the real
 * protocols that do the same: STUN (RFC 8489) for who am I and are you there, ICE (RFC 8445) for checks, TURN (RFC 8656) for what is
 * relayed. A protocol that uses `Reach` puts `REACH_MESSAGES` among its own.
 */

import type { Address, Message } from '../../protocol.js';

/** To be spread into the `messages` of a definition that uses `Reach`. */
export const REACH_MESSAGES = {
  'reach-bind': ['id', 'own', 'mapped', 'at', 'stay'],
  'reach-bound': ['seen'],
  'reach-who': ['count'],
  'reach-here': ['ids', 'at'],
  'reach-ask': ['path', 'step', 'id', 'own', 'mapped', 'target'],
  'reach-told': ['path', 'step', 'known', 'addresses'],
  'reach-call': ['path', 'step', 'id', 'addresses'],
  'reach-probe': ['path', 'what', 'id'],
  'reach-data': ['path', 'message'],
  'reach-end': ['path'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The rungs of the ladder, in order. */
export const DIRECT = 0;
export const PUNCH = 1;
export const RELAY = 2;

/** How long a registration is meant to last: it ends; until its peer is silent for long; likewise, and others may hear of it. */
export const LEAVING = 0;
export const PASSING = 1;
export const LISTED = 2;

/** To a rendezvous: this is me. `own` is the peer's address as it knows it, `mapped` what its gateway granted (0: nothing). */
export interface Bind {
  readonly type: 'reach-bind';
  readonly id: number;
  readonly own: Address;
  readonly mapped: Address;
  /** Other rendezvous it is registered with. */
  readonly at: readonly Address[];
  readonly stay: number;
}

/** The answer: by this address I see you. 0: I do not know you any more. */
export interface Bound {
  readonly type: 'reach-bound';
  readonly seen: Address;
}

/** To a rendezvous: who is there? So many at most. */
export interface Who {
  readonly type: 'reach-who';
  readonly count: number;
}

/** Some who are registered, and for each the rendezvous where it is. */
export interface Here {
  readonly type: 'reach-here';
  readonly ids: readonly number[];
  readonly at: readonly (readonly Address[])[];
}

/** To a rendezvous: I want to reach `target`; this is my path's number and the rung I am on. */
export interface Ask {
  readonly type: 'reach-ask';
  readonly path: number;
  readonly step: number;
  readonly id: number;
  readonly own: Address;
  readonly mapped: Address;
  readonly target: number;
}

/** The answer: whether it is here (and, on the last rung, may be relayed to), and its addresses. */
export interface Told {
  readonly type: 'reach-told';
  readonly path: number;
  readonly step: number;
  readonly known: boolean;
  readonly addresses: readonly Address[];
}

/** To the target, at the same time: `id` wants to reach you, and these are its addresses. */
export interface Call {
  readonly type: 'reach-call';
  readonly path: number;
  readonly step: number;
  readonly id: number;
  readonly addresses: readonly Address[];
}

/** Is this a way to `id`? It is. Then let us use it. Agreed. I am still here. */
export const CHECK = 0;
export const ANSWER = 1;
export const USE = 2;
export const AGREE = 3;
export const KEEP = 4;

export interface Probe {
  readonly type: 'reach-probe';
  readonly path: number;
  readonly what: number;
  /** Who it is meant for. */
  readonly id: number;
}

/** A message of the protocol's on a path that is not a connection of its own: so both sides know which path it belongs to. */
export interface Data {
  readonly type: 'reach-data';
  readonly path: number;
  readonly message: Message;
}

/** The path is over. */
export interface End {
  readonly type: 'reach-end';
  readonly path: number;
}

/** A message of `Reach`. */
export type ReachMessage = Bind | Bound | Who | Here | Ask | Told | Call | Probe | Data | End;

/** A STUN header; an attribute with an IPv4 address and port, or with a number of up to 64 bits; one of 32 bits (RFC 8489, 5 and 14). */
const HEADER_BYTES = 20;
const WIDE_BYTES = 12;
const NARROW_BYTES = 8;
/** MESSAGE-INTEGRITY with SHA-1, and FINGERPRINT. */
const INTEGRITY_BYTES = 24;
const FINGERPRINT_BYTES = 8;
/** USERNAME of two fragments of ICE, and the attributes of a check: PRIORITY, ICE-CONTROLLING, USE-CANDIDATE (RFC 8445, 7.1.1). */
const USERNAME_BYTES = 16;
const CHECK_BYTES = HEADER_BYTES + USERNAME_BYTES + WIDE_BYTES + NARROW_BYTES + WIDE_BYTES + INTEGRITY_BYTES + FINGERPRINT_BYTES;
const USE_CANDIDATE_BYTES = 4;
/** A TURN ChannelData header: channel and length (RFC 8656, 12.4). */
export const DATA_HEADER_BYTES = 4;
const SIGNED_BYTES = HEADER_BYTES + INTEGRITY_BYTES;

export function isReachMessage(message: Message): message is ReachMessage {
  return message.type in REACH_MESSAGES;
}

/** @param sizeOf bytes of one of the protocol's own messages */
export function sizeOfReach(message: ReachMessage, sizeOf: (message: Message) => number): number {
  switch (message.type) {
    case 'reach-bind':
      return SIGNED_BYTES + WIDE_BYTES * (message.mapped === 0 ? 2 : 3) + WIDE_BYTES * message.at.length + NARROW_BYTES;
    case 'reach-bound':
      return SIGNED_BYTES + WIDE_BYTES + NARROW_BYTES;
    case 'reach-who':
      return SIGNED_BYTES + NARROW_BYTES;
    case 'reach-here':
      return SIGNED_BYTES + message.at.reduce((sum, { length }) => sum + WIDE_BYTES * (1 + length), 0);
    case 'reach-ask':
      return SIGNED_BYTES + WIDE_BYTES * (message.mapped === 0 ? 4 : 5);
    case 'reach-told':
      return SIGNED_BYTES + WIDE_BYTES * (1 + message.addresses.length);
    case 'reach-call':
      return SIGNED_BYTES + WIDE_BYTES * (2 + message.addresses.length);
    case 'reach-probe':
      if (message.what === CHECK) return CHECK_BYTES;
      if (message.what === USE) return CHECK_BYTES + USE_CANDIDATE_BYTES;
      if (message.what === ANSWER || message.what === AGREE) return SIGNED_BYTES + WIDE_BYTES + FINGERPRINT_BYTES;
      return HEADER_BYTES + WIDE_BYTES + FINGERPRINT_BYTES;
    case 'reach-data':
      return DATA_HEADER_BYTES + (isReachMessage(message.message) ? sizeOfReach(message.message, sizeOf) : sizeOf(message.message));
    case 'reach-end':
      return SIGNED_BYTES + WIDE_BYTES;
  }
}
