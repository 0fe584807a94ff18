/** Queues as they are written: how long (a size, or a time of the line before them) and what is dropped when they get long. */

import type { QueueDiscipline } from '../network/topology.js';
import { TOPOLOGY_DEFAULTS as DEFAULTS } from './defaults.js';
import { duration, field, oneOf, section, wordsOr } from './fields.js';
import { formatDuration, isUnlimited, parseDuration, parseSize, unexpected } from './units.js';

/** A length: so many bytes, or what the line sends in so many ms. */
export type QueueLength = { readonly bytes: number } | { readonly ms: number };

export const queueLength = () => field(readQueueLength);

function readQueueLength(given: unknown): QueueLength {
  if (isUnlimited(given)) return { bytes: Number.POSITIVE_INFINITY };
  for (const read of [() => ({ bytes: parseSize(given, { above: 0 }) }), () => ({ ms: parseDuration(given, { above: 0 }) })]) {
    try {
      return read();
    } catch {}
  }
  throw unexpected('a size such as 64 KiB, a time of the line such as 200ms, or unlimited', given);
}

/** The length in bytes before a line of this rate; `fail` says that a time needs a limited one. */
export function queueBytes(length: QueueLength, bitsPerSecond: number, fail: () => never): number {
  if ('bytes' in length) return length.bytes;
  return bitsPerSecond === Infinity ? fail() : Math.round((length.ms * bitsPerSecond) / 8000);
}

const codel = section({
  target: duration({ above: 0 }).default(DEFAULTS.codel.targetMs),
  interval: duration({ above: 0 }).default(DEFAULTS.codel.intervalMs),
}).transform(({ target, interval }): QueueDiscipline => ({ kind: 'codel', targetMs: target, intervalMs: interval }));

/** `drop-tail`, `codel`, or a map with CoDel's target and interval. */
export const discipline = () =>
  wordsOr(
    (words): QueueDiscipline => {
      const kind = oneOf(['drop-tail', 'codel']).safeParse(words);
      if (!kind.success) throw unexpected('drop-tail, codel or { codel: { target: 5ms, interval: 100ms } }', words);
      return kind.data === 'codel' ? codel.parse({}) : { kind: 'drop-tail' };
    },
    section({ codel }).transform((given) => given.codel),
  );

export function writeDiscipline(given: QueueDiscipline): unknown {
  if (given.kind === 'drop-tail') return given.kind;
  return { codel: { target: formatDuration(given.targetMs), interval: formatDuration(given.intervalMs) } };
}
