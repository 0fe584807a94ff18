/**
 * Deficit round robin (Shreedhar and Varghese, SIGCOMM 1995): flows that share a link take turns, each sending as many bytes per turn as
 * any other, whatever the sizes of its packets. A flow that comes anew is served first, as in FQ-CoDel (RFC 8290, 4.2), so that who
 * sends little hardly waits; and it leaves only after a whole round without anything to send, so that nobody is new all the time. O(1) per
 * packet.
 */

/** Bytes per turn: at least one full packet, so that every turn sends. */
const QUANTUM_BYTES = 1514;

/** What a flow keeps while it is in a queue. */
export interface Turn {
  deficitBytes: number;
  queued: boolean;
  fresh: boolean;
}

export class FairQueue<T extends Turn> {
  /** A ring: flows from `head` on, in order of their turns. */
  private ring: (T | undefined)[] = new Array(4).fill(undefined);
  private head = 0;
  length = 0;
  /** Whether the flow at the head has sent something in this turn. */
  private begun = false;

  /** Lets a flow take part, before all others; does nothing when it does already. */
  add(flow: T): void {
    if (flow.queued) return;
    if (this.begun) this.endTurn(); // or who comes now would have its next turn before the one that it interrupts
    flow.queued = true;
    flow.fresh = true;
    flow.deficitBytes = QUANTUM_BYTES;
    if (this.length === this.ring.length) this.grow();
    this.head = (this.head + this.ring.length - 1) & (this.ring.length - 1);
    this.ring[this.head] = flow;
    this.length++;
  }

  /** Whose turn it is. */
  peek(): T | undefined {
    return this.length === 0 ? undefined : this.ring[this.head];
  }

  /** Whether the flow whose turn it is may send so much; if not, its turn is over, and it will have more next time. */
  grants(bytes: number): boolean {
    const flow = this.ring[this.head]!;
    if (flow.deficitBytes >= bytes) {
      flow.deficitBytes -= bytes;
      this.begun = true;
      return true;
    }
    this.endTurn();
    return false;
  }

  /** The flow whose turn it is has nothing to send now. A new one stays for a round; the others go. */
  pass(): void {
    const flow = this.ring[this.head]!;
    if (flow.fresh) {
      flow.deficitBytes = QUANTUM_BYTES;
      this.toTail();
      return;
    }
    flow.queued = false;
    this.take();
  }

  private endTurn(): void {
    const flow = this.ring[this.head]!;
    flow.deficitBytes = Math.min(flow.deficitBytes, QUANTUM_BYTES) + QUANTUM_BYTES;
    this.toTail();
  }

  private toTail(): void {
    const flow = this.take();
    flow.fresh = false;
    this.ring[(this.head + this.length) & (this.ring.length - 1)] = flow;
    this.length++;
  }

  private take(): T {
    const flow = this.ring[this.head]!;
    this.ring[this.head] = undefined;
    this.begun = false;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.length--;
    return flow;
  }

  /** Every flow that takes part. */
  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.length; i++) yield this.ring[(this.head + i) & (this.ring.length - 1)]!;
  }

  private grow(): void {
    const ring: (T | undefined)[] = new Array(this.ring.length * 2).fill(undefined);
    for (let i = 0; i < this.length; i++) ring[i] = this.ring[(this.head + i) & (this.ring.length - 1)];
    this.ring = ring;
    this.head = 0;
  }
}
