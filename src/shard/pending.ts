/** What is on its way in a shard, counted one by one wherever it may be. */

import { type EventQueue, KIND, U32_STRIDE } from '../kernel/event-queue.js';
import { BOUNCE, KIND_BITS, KIND_MASK, SEGMENT } from './event-kinds.js';
import type { Stream } from './stream.js';
import type { Wire } from './wire.js';

/** Messages, and bytes of connections, found one by one wherever they may be: independent of the other counts. */
export function countInFlight(queue: EventQueue, wire: Wire, stream: Stream): { messages: number; bytes: number } {
  const sum = stream.countKept();
  const count = (message: unknown, bytes: number) => {
    if (message !== null) sum.messages++;
    sum.bytes += bytes;
  };
  const look = (id: number) => {
    const kind = queue.u32[id * U32_STRIDE + KIND] & KIND_MASK;
    if (kind > BOUNCE) return;
    if (kind === BOUNCE || kind & SEGMENT) stream.countRecord(id, count);
    else count(queue.payloads[id], 0);
  };
  queue.forEach(look);
  wire.forEachHeld(look);
  return sum;
}

/** What is pending, by name: for who is told that it is too much. */
export function countPending(queue: EventQueue, types: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  queue.forEach((id) => {
    const kind = queue.u32[id * U32_STRIDE + KIND];
    const isPacket = (kind & KIND_MASK) <= BOUNCE;
    const carries = queue.payloads[id] !== null;
    const what = !isPacket ? 'timers' : carries ? `"${types[kind >>> KIND_BITS]}" messages` : 'segments';
    counts.set(what, (counts.get(what) ?? 0) + 1);
  });
  return counts;
}
