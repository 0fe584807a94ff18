/**
 * A line in the middle that many share: the way out of a site or into it, or the link of a pair of sites. Each is one clock, as an
 * access link is in network.ts: the time at which it has passed on everything it holds; first in, first out, and what does not fit
 * into the queue is dropped (the newest). An idle line adds nothing beyond its own slowness (cut-through).
 */

/** What a bottleneck is made of; a rate of `Infinity` is none. */
export interface Line {
  readonly bitsPerSecond: number;
  /** Longest queue, in bytes. */
  readonly queueBytes: number;
}

export class Bottlenecks {
  /** When the packet that `pass` took last is through, in ms. An array of one element, for the reason given in network.ts. */
  readonly due = new Float64Array(1);
  /** Of each line: its rate. To be looked at before `pass` is called, and when a packet's slowest line is sought. */
  readonly bytesPerMs: Float64Array;
  private readonly queueBytes: Float64Array;
  private readonly freeAt: Float64Array;

  constructor(lines: readonly Line[]) {
    this.bytesPerMs = Float64Array.from(lines, (line) => line.bitsPerSecond / 8000);
    this.queueBytes = Float64Array.from(lines, (line) => line.queueBytes);
    this.freeAt = new Float64Array(lines.length);
  }

  /**
   * The last byte of a packet would come through line `index` at `atMs` if nobody else used it. True: it does come through, at the time
   * in `due`, which is `atMs` or later; false: the queue is full, and the packet is dropped. To be called in the order of `atMs`: the
   * line serves packets in the order of the calls.
   */
  pass(index: number, sizeBytes: number, atMs: number): boolean {
    const rate = this.bytesPerMs[index];
    this.due[0] = atMs;
    if (rate === Infinity) return true;
    const free = this.freeAt[index];
    const done = free + sizeBytes / rate;
    if (done <= atMs) {
      this.freeAt[index] = atMs;
      return true;
    }
    if (free > atMs && (free - atMs) * rate + sizeBytes > this.queueBytes[index]) return false;
    this.freeAt[index] = done;
    this.due[0] = done;
    return true;
  }
}
