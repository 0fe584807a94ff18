/** The one line that tells how far a run is. The caller writes it after a carriage return. */

import type { Phase } from '../metrics/measures.js';
import { count, duration, share, whole } from './format.js';
import { cut } from './layout.js';

export interface Progress {
  readonly protocol: string;
  readonly phase: Phase;
  readonly virtualMs: number;
  readonly totalMs: number;
  /** Messages delivered per second of wall time. */
  readonly messagesPerSecond: number;
  readonly peersAlive: number;
  /** Operations so far; absent when the scenario asks nothing. */
  readonly operations?: { readonly started: number; readonly succeeded: number; readonly failed: number };
}

/** Exactly `width` characters, so that a shorter line wipes out a longer one; what does not fit is cut. */
export function progressLine(progress: Progress, width = 79): string {
  const { protocol, phase, virtualMs, totalMs, messagesPerSecond, peersAlive, operations } = progress;
  const done = totalMs > 0 ? Math.min(1, Math.max(0, virtualMs / totalMs)) : 0;
  const parts = [
    `${protocol} ${String(Math.floor(done * 100)).padStart(3)} %`,
    `${phase} ${duration(virtualMs)}`,
    `${whole(peersAlive)} peers`,
    `${count(messagesPerSecond)} messages/s`,
  ];
  if (operations && operations.started > 0) {
    const judged = operations.succeeded + operations.failed;
    parts.push(`${whole(operations.started)} queries${judged ? `, ${share(operations.succeeded / judged)}` : ''}`);
  }
  return cut(parts.join('  '), width).padEnd(width);
}
