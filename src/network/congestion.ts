/**
 * How much a connection's sender may have on its way, and how long it waits for an answer: one TCP sender's arithmetic, apart from all
 * events. Slow start, congestion avoidance and one halving per window of losses are RFC 5681's with the pipe of RFC 6675 (losses are
 * known one by one, as from selective acknowledgements); the initial window is RFC 6928's, the restart after idleness RFC 5681's 4.1,
 * the timers RFC 6298's.
 *
 * One thing is not Reno: growth stops when the path holds a few segments of this sender in its queues, told from the least round trip of
 * each round against the least ever (the rule of TCP Vegas, Brakmo and Peterson 1995, with FAST TCP's step back, Jin et al. 2004; slow
 * start ends likewise, as in RFC 9406). Together with fair queues at the access links that makes bulk senders share them evenly without
 * filling them, and without losses.
 */

/** Payload of a full segment over Ethernet: 1,500 bytes less 40 of headers. */
export const SEGMENT_BYTES = 1460;
/** RFC 6928. */
export const INITIAL_WINDOW_BYTES = 10 * SEGMENT_BYTES;
/** Largest window, as receivers grant it today (Linux's default `tcp_rmem` ends at 6 MiB). */
export const LARGEST_WINDOW_BYTES = 6 * 1024 * 1024;
const LEAST_WINDOW_BYTES = 2 * SEGMENT_BYTES;
/** RFC 6298: before the first measurement, and at most. */
export const FIRST_TIMEOUT_MS = 1000;
export const LONGEST_TIMEOUT_MS = 60_000;
/** At least this much above the round trip, as in Linux; the RFC's least of a second is for coarse clocks. */
export const LEAST_PATIENCE_MS = 200;
/** Own segments in queues at which growth stops, and from which on the window steps back. */
const QUEUED_ENOUGH = 4 * SEGMENT_BYTES;
const QUEUED_TOO_MUCH = 8 * SEGMENT_BYTES;
/** Round trips before the least of a round says anything (RFC 9406: N_RTT_SAMPLE). */
const ENOUGH_SAMPLES = 8;

export class Congestion {
  windowBytes = INITIAL_WINDOW_BYTES;
  /** Above this, congestion avoidance. */
  slowStartBytes = Infinity;
  smoothedMs = 0;
  /** How long to wait for an acknowledgement. */
  timeoutMs = FIRST_TIMEOUT_MS;
  private deviationMs = 0;
  private leastMs = Infinity;
  private roundLeastMs = Infinity;
  private roundSamples = 0;
  private roundEnd = 0;
  /** Most that was under way in this round. */
  private mostFlightBytes = 0;
  /** Whether the last round found the queues short enough. */
  private mayGrow = true;
  /** Losses among segments sent before this number belong to the last reduction. */
  private recoveryEnd = 0;
  private hasRecovered = false;

  /** A round trip was measured, in ms (RFC 6298, section 2). */
  measured(roundTripMs: number): void {
    if (this.smoothedMs === 0) {
      this.smoothedMs = roundTripMs;
      this.deviationMs = roundTripMs / 2;
    } else {
      this.deviationMs += (Math.abs(this.smoothedMs - roundTripMs) - this.deviationMs) / 4;
      this.smoothedMs += (roundTripMs - this.smoothedMs) / 8;
    }
    this.timeoutMs = Math.min(this.smoothedMs + Math.max(4 * this.deviationMs, LEAST_PATIENCE_MS), LONGEST_TIMEOUT_MS);
    if (roundTripMs < this.leastMs) this.leastMs = roundTripMs;
    if (roundTripMs < this.roundLeastMs) this.roundLeastMs = roundTripMs;
    this.roundSamples++;
  }

  /**
   * `bytes` were acknowledged. `sequence`: the number of the segment that was; `next`: of the next one to be sent; `flightBytes`: what
   * was under way until now. The window does not grow while the application, not the window, is what holds the sender back (RFC 7661),
   * nor while losses are being repaired (RFC 6675).
   */
  acknowledged(bytes: number, sequence: number, next: number, flightBytes: number): void {
    const slow = this.windowBytes < this.slowStartBytes;
    if (flightBytes > this.mostFlightBytes) this.mostFlightBytes = flightBytes;
    const limited = this.mostFlightBytes > this.windowBytes * (slow ? 0.5 : 1) - SEGMENT_BYTES;
    if (limited && !this.repairs(sequence)) {
      if (slow) {
        if (this.roundSamples >= ENOUGH_SAMPLES && this.queuedBytes() > QUEUED_TOO_MUCH) this.slowStartBytes = this.windowBytes;
        else this.grow(bytes);
      } else if (this.mayGrow) this.grow((SEGMENT_BYTES * bytes) / this.windowBytes);
    }
    if (((sequence - this.roundEnd) | 0) >= 0) this.endRound(next);
  }

  private endRound(next: number): void {
    const queued = this.queuedBytes();
    this.mayGrow = queued < QUEUED_ENOUGH;
    if (queued > QUEUED_TOO_MUCH) {
      // Half way to the window that would leave just enough in the queues.
      this.windowBytes = Math.max(LEAST_WINDOW_BYTES, this.windowBytes - (queued - QUEUED_ENOUGH) / 2);
      this.slowStartBytes = Math.min(this.slowStartBytes, this.windowBytes);
    }
    this.roundEnd = next;
    this.roundLeastMs = Infinity;
    this.roundSamples = 0;
    this.mostFlightBytes = 0;
  }

  /** The loss of segment `sequence` was noticed with `flightBytes` under way. Halves the window once for all losses of a window. */
  lost(sequence: number, flightBytes: number, next: number): void {
    if (this.repairs(sequence)) return;
    this.slowStartBytes = Math.max(flightBytes / 2, LEAST_WINDOW_BYTES);
    this.windowBytes = this.slowStartBytes;
    this.recoveryEnd = next;
    this.hasRecovered = true;
  }

  /** Nothing was heard of a segment for `timeoutMs`: starts over, and waits twice as long (RFC 6298, 5.5; RFC 5681, 3.1). */
  timedOut(flightBytes: number, next: number): void {
    this.slowStartBytes = Math.max(flightBytes / 2, LEAST_WINDOW_BYTES);
    this.windowBytes = SEGMENT_BYTES;
    this.timeoutMs = Math.min(this.timeoutMs * 2, LONGEST_TIMEOUT_MS);
    this.recoveryEnd = next;
    this.hasRecovered = true;
  }

  /** The sender was idle for more than a timeout: what it knew of the path is stale (RFC 5681, 4.1). */
  restart(): void {
    this.windowBytes = Math.min(this.windowBytes, INITIAL_WINDOW_BYTES);
  }

  /** Whether a segment was sent before the last reduction. */
  private repairs(sequence: number): boolean {
    return this.hasRecovered && ((sequence - this.recoveryEnd) | 0) < 0;
  }

  /** Own bytes in queues on the path, by the least round trip of this round. */
  private queuedBytes(): number {
    if (this.roundLeastMs === Infinity || this.leastMs === Infinity) return 0;
    return this.windowBytes * (1 - this.leastMs / this.roundLeastMs);
  }

  private grow(bytes: number): void {
    this.windowBytes = Math.min(this.windowBytes + bytes, LARGEST_WINDOW_BYTES);
  }
}
