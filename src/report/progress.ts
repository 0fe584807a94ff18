/** The one line that tells how far a run is. The caller writes it after a carriage return. */

import type { Phase } from '../metrics/measures.js';
import { count, duration, share, whole } from './format.js';
import { cut } from './layout.js';

const GAP = '  ';

export interface Progress {
  readonly protocol: string;
  readonly phase: Phase;
  readonly virtualMs: number;
  readonly totalMs: number;
  /** Messages delivered per second of wall time, lately; null while nothing tells. */
  readonly messagesPerSecond: number | null;
  /** Wall time until the end, in ms; null while nothing tells. */
  readonly leftMs: number | null;
  readonly peersAlive: number;
  /** Operations so far; absent when the scenario asks nothing. */
  readonly operations?: { readonly started: number; readonly succeeded: number; readonly failed: number };
}

/** Exactly `width` characters, so that a shorter line wipes out a longer one; what does not fit is left out. */
export function progressLine(progress: Progress, width = 79): string {
  const { protocol, phase, virtualMs, totalMs, messagesPerSecond, leftMs, peersAlive, operations } = progress;
  const done = totalMs > 0 ? Math.min(1, Math.max(0, virtualMs / totalMs)) : 0;
  const parts = [
    `${protocol} ${String(Math.floor(done * 100)).padStart(3)} %`,
    ...(leftMs === null ? [] : [`${roughly(leftMs)} left`]),
    `${phase} ${duration(virtualMs)}`,
    `${whole(peersAlive)} peers`,
    ...(messagesPerSecond === null ? [] : [`${count(messagesPerSecond)} msg/s`]),
  ];
  if (operations && operations.started > 0) {
    const judged = operations.succeeded + operations.failed;
    parts.push(`${whole(operations.started)} queries${judged ? `, ${share(operations.succeeded / judged)}` : ''}`);
  }
  // What comes last is missed least.
  while (parts.length > 1 && parts.join(GAP).length > width) parts.pop();
  return cut(parts.join(GAP), width).padEnd(width);
}

/** To whole seconds, and from two minutes on to whole minutes: it is a guess. */
function roughly(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return duration(1000 * (seconds < 120 ? seconds : 60 * Math.round(seconds / 60)));
}
