/**
 * A shard's sign of life, in shared memory: written before each event, read by the coordinator when the shard no longer answers, so that
 * a handler that never returns can be named.
 */

import { BOUNCE, KIND_BITS, KIND_MASK, LAST_PACKET } from './event-kinds.js';

/** Words per shard in the pulse: see ShardConfig. */
export const PULSE_WORDS = 3;

/** In place of a peer: the shard waits for the others. */
export const WAITING = 0xffffffff;

/** For so many shards, none of which has begun: a thread that is still loading its code is not taken for a peer that does not return. */
export function pulseOf(shards: number): SharedArrayBuffer {
  const pulse = new SharedArrayBuffer(shards * PULSE_WORDS * 4);
  const words = new Uint32Array(pulse);
  for (let shard = 0; shard < shards; shard++) words[shard * PULSE_WORDS] = WAITING;
  return pulse;
}

/** By kind of event, from BOUNCE on; packets come before it. */
const DOINGS = [
  ...['a connection', 'a connection', 'a connection', 'a timer', 'join or leave', 'locate', 'locate', 'join or crash', 'onMessage'],
  ...['create', 'join', 'converge', 'neighbours'],
];

/**
 * A shard's last sign of life: how many events it had begun, and what the last one was, in words; null while it waits for others, or has
 * begun nothing yet.
 */
export function readPulse(pulse: SharedArrayBuffer, shard: number, types: readonly string[]): { events: number; doing: string | null } {
  const [peer, kind, events] = new Uint32Array(pulse, shard * PULSE_WORDS * 4, PULSE_WORDS);
  if (peer === WAITING || events === 0) return { events, doing: null };
  const what = kind & KIND_MASK;
  return { events, doing: `p${peer} in ${what <= LAST_PACKET ? `onMessage("${types[kind >>> KIND_BITS]}")` : DOINGS[what - BOUNCE]}` };
}
