/**
 * A shard's sign of life, in shared memory: written before each event, read by the coordinator when the shard no longer answers, so that
 * a handler that never returns can be named.
 */

import { KIND_BITS, KIND_MASK, MESSAGE_DUE } from './event-kinds.js';

/** Words per shard in the pulse: see ShardConfig. */
export const PULSE_WORDS = 3;

/** In place of a peer: the shard waits for the others. */
export const WAITING = 0xffffffff;

/** By kind of event. */
const DOINGS = ['onMessage', 'onMessage', 'a timer', 'join or leave', 'locate', 'locate', 'create', 'join', 'converge', 'neighbours'];

/** A shard's last sign of life: how many events it had begun, and what the last one was, in words; null while it waits for others. */
export function readPulse(pulse: SharedArrayBuffer, shard: number, types: readonly string[]): { events: number; doing: string | null } {
  const [peer, kind, events] = new Uint32Array(pulse, shard * PULSE_WORDS * 4, PULSE_WORDS);
  if (peer === WAITING) return { events, doing: null };
  const what = DOINGS[kind & KIND_MASK];
  const message = (kind & KIND_MASK) <= MESSAGE_DUE ? `("${types[kind >>> KIND_BITS]}")` : '';
  return { events, doing: `p${peer} in ${what}${message}` };
}
