/**
 * When the segments of a connection were sent that are to be acknowledged, oldest first: a ring of their numbers and times.
 */
export class Timed {
  private sequences = new Uint32Array(16);
  private times = new Float64Array(16);
  private head = 0;
  private length = 0;

  add(sequence: number, sentMs: number): void {
    if (this.length === this.times.length) this.grow();
    const at = (this.head + this.length++) & (this.times.length - 1);
    this.sequences[at] = sequence;
    this.times[at] = sentMs;
  }

  /** When this segment was sent, in ms; -1 when that is not known. It and all before it are done with. */
  take(sequence: number): number {
    while (this.length > 0) {
      const at = this.head;
      const after = (this.sequences[at] - sequence) | 0;
      if (after > 0) return -1;
      this.head = (at + 1) & (this.times.length - 1);
      this.length--;
      if (after === 0) return this.times[at];
    }
    return -1;
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  clear(): void {
    this.length = 0;
  }

  private grow(): void {
    const { sequences, times, head, length } = this;
    this.sequences = new Uint32Array(length * 2);
    this.times = new Float64Array(length * 2);
    for (let i = 0; i < length; i++) {
      const from = (head + i) & (length - 1);
      this.sequences[i] = sequences[from];
      this.times[i] = times[from];
    }
    this.head = 0;
  }
}
