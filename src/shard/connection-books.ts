/**
 * What a shard counts of its connections, as integers: how they began and ended, and the bytes of their streams, which are conserved:
 * written = delivered + in flight + lost.
 */

import { CONNECTION_COUNTS, REACH } from '../metrics/connection-counts.js';
import { DROP_REASONS } from '../metrics/measures.js';
import type { CloseReason } from '../protocol.js';

export class ConnectionBooks {
  asked = 0;
  opened = 0;
  accepted = 0;
  refused = 0;
  timedOut = 0;
  reset = 0;
  closed = 0;
  writtenBytes = 0;
  deliveredBytes = 0;
  lostBytes = 0;
  segments = 0;
  resent = 0;
  controls = 0;
  wireBytes = 0;
  /** Segments that did not arrive, by reason. */
  readonly lost = new Float64Array(DROP_REASONS.length);
  /** Who could reach whom: by NAT class of who asked x class of whom, REACH numbers each. */
  readonly reach: Float64Array;
  private readonly classes: number;

  constructor(classes: number) {
    this.classes = classes;
    this.reach = new Float64Array(classes * classes * REACH);
  }

  /** A peer of class `from` asked one of class `to` (what: 0), or was answered (1). */
  reached(from: number, to: number, what: 0 | 1): void {
    this.reach[(from * this.classes + to) * REACH + what]++;
  }

  /** A connection ended for this reason, not by its own side. */
  count(reason: CloseReason): void {
    if (reason === 'refused') this.refused++;
    else if (reason === 'timed-out') this.timedOut++;
    else if (reason === 'reset') this.reset++;
  }

  report(): Float64Array {
    return Float64Array.from(CONNECTION_COUNTS, (name) => this[name]);
  }
}
