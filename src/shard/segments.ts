/** What the words of a segment's record say: what it is for, its flags, and what the timers of connections are for. */

/** What segments are for, in three bits. */
export const DATA = 0;
export const ACK = 1;
export const SYN = 2;
export const SYN_ACK = 3;
export const CONFIRM = 4; // the third of the handshake
export const FIN = 5;
export const RST = 6;
export const PROBE = 7; // keep-alive

/** Segments that are part of the stream, and are sent again when they are lost. */
export function isStream(what: number): boolean {
  return what === DATA || what === FIN || what === PROBE;
}

/** Flags in a segment's LENGTH word, besides those of wire.ts. */
const WHAT_SHIFT = 28;
const WHAT_MASK = 7;
/** The sender wants to be told. */
export const ACK_ME = 1 << 27;
/** A SYN that was sent before; an ACK of a FIN. */
export const AGAIN = 1 << 31;
export const whatOf = (length: number) => (length >>> WHAT_SHIFT) & WHAT_MASK;
export const flagged = (what: number, length: number, flags: number) => (what << WHAT_SHIFT) | length | flags;

/** What a CONNECTION_TIMER is for, in its SIZE word. */
export const HANDSHAKE_TIMER = 0;
export const RESEND_TIMER = 1;
export const REPORT_TIMER = 2;
export const KEEP_ALIVE_TIMER = 3;
export const CONFIRM_TIMER = 4;

export const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;
export const DEFAULT_WRITE_TIMEOUT_MS = 100_000;
