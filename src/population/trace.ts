/**
 * Follows a trace, peer by peer. Faults may take a peer down, or bring it up, against its trace; the trace then goes on with its next
 * entry that would change something: who crashed by a fault stays down until its next join.
 */

import type { Trace } from './plan.js';

export class TraceFollower {
  private readonly trace: Trace;
  /** For each peer its first entry that is not past. */
  private readonly ahead: Uint32Array;

  constructor(trace: Trace, peers: number) {
    this.trace = trace;
    this.ahead = trace.starts.slice(0, Math.min(peers, trace.starts.length - 1));
  }

  /** When this peer comes (if it is down) or goes (if it is up) next, from `nowMs` on; null: never. */
  next(peer: number, up: boolean, nowMs: number): number | null {
    const entry = this.find(peer, up, nowMs);
    return entry < 0 ? null : this.trace.atMs[entry];
  }

  /** The change that `next` named has come: whether it is a crash. */
  take(peer: number, up: boolean, nowMs: number): boolean {
    const entry = this.find(peer, up, nowMs);
    this.ahead[peer] = entry + 1;
    return this.trace.crashes[entry] === 1;
  }

  /** The next entry that would change something, -1 when there is none. Those before it stay ahead: a fault may make them matter. */
  private find(peer: number, up: boolean, nowMs: number): number {
    if (peer >= this.ahead.length) return -1;
    const { starts, atMs } = this.trace;
    const end = starts[peer + 1];
    while (this.ahead[peer] < end && atMs[this.ahead[peer]] < nowMs) this.ahead[peer]++;
    let entry = this.ahead[peer];
    if (entry < end && isDeparture(entry - starts[peer]) !== up) entry++;
    return entry < end ? entry : -1;
  }
}

/** Whether a peer's entry of this number, from 0, takes it down. */
export function isDeparture(entry: number): boolean {
  return entry % 2 === 1;
}
