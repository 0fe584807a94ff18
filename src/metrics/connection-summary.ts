/** The figures of connections: how they went, what they carried, and what it took on the wire. */

import type { Connections, DropReason } from './measures.js';

/** Over the whole run. */
export interface ConnectionSummary {
  /** Handshakes begun, and those answered. */
  readonly asked: number;
  readonly opened: number;
  /** Ends that ended: nobody listened; no answer, to a handshake or a write; by a reset; politely. */
  readonly refused: number;
  readonly timedOut: number;
  readonly reset: number;
  readonly closed: number;
  /** Payload: written = delivered + inFlight + lost with its connection. */
  readonly bytes: { readonly written: number; readonly delivered: number; readonly inFlight: number; readonly lost: number };
  /** On the wire: with payload, those of them that were sent again, and those without; bytes of all of them, headers included. */
  readonly segments: { readonly sent: number; readonly resent: number; readonly controls: number; readonly wireBytes: number };
  readonly segmentsLost: Readonly<Record<DropReason, number>>;
}

/** Null when there was no connection at all. */
export function summariseConnections(all: Connections): ConnectionSummary | null {
  if (all.asked === 0 && all.writtenBytes === 0) return null;
  const { asked, opened, refused, timedOut, reset, closed, segmentsLost } = all;
  return {
    asked,
    opened,
    refused,
    timedOut,
    reset,
    closed,
    bytes: { written: all.writtenBytes, delivered: all.deliveredBytes, inFlight: all.bytesInFlight, lost: all.lostBytes },
    segments: { sent: all.segments, resent: all.resent, controls: all.controls, wireBytes: all.wireBytes },
    segmentsLost,
  };
}
