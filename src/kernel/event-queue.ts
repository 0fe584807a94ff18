/**
 * The queue of pending events: virtual time's engine. Events are records in one pooled buffer, spread over a two-level wheel of
 * buckets by time; the bucket that is due feeds a small 4-ary heap, which orders by the full key
 * (time, destination, source, sequence). So insertion is O(1), the heap stays in cache, and no thread can change the order (D2, D5).
 *
 * Times are milliseconds as doubles. An event may be pushed at any time at or after the last one popped.
 */

/** Layout of a record, a cache line: doubles first, then 32-bit words, counted from the record's start in each view. */
export const F64_STRIDE = 8;
export const U32_STRIDE = 16;
export const TIME = 0; // f64: when it happens
export const SENT_AT = 1; // f64: when its message was sent
export const DESTINATION = 4; // u32: the peer it happens to
export const SOURCE = 5; // u32: the peer it comes from
export const SEQUENCE = 6; // u32: counts what the source sent or scheduled
export const CAUSE = 7; // u32: on whose behalf (D7)
export const SIZE = 8; // u32: bytes on the wire
export const KIND = 9; // u32: what to do, in the low 8 bits; the message type above
export const PORTS = 10; // u32: of a packet that a gateway translated: the sender's outer port, and the port it was sent to
export const END = 11; // u32: of a segment: which end of a connection it is for
export const FROM_END = 12; // u32: and which it comes from
export const OFFSET = 13; // u32: where its bytes are in the stream, modulo 2^32
export const LENGTH = 14; // u32: how many there are, in the low 24 bits; flags above
export const NEXT = 15; // u32: next record of the same list, plus one; 0 ends the list. Free for the holder of a popped record

const RECORD_BYTES = F64_STRIDE * 8;
const LEVEL_BITS = 12;
const LEVEL_SLOTS = 1 << LEVEL_BITS;
const SLOT_MASK = LEVEL_SLOTS - 1;
/** Later events share the last tick; the heap still orders them, only more slowly. */
const LAST_TICK = 0x7fffffff;

export class EventQueue {
  /** The records, as doubles and as words; replaced when the pool grows, so do not keep them over a push. */
  f64: Float64Array;
  u32: Uint32Array;
  /** What an event carries: a message or a timer. */
  readonly payloads: unknown[] = [];
  /** Pending events. */
  length = 0;

  private readonly ticksPerMs: number;
  private capacity: number;
  private free = 0;
  private used = 0;

  private heapTimes: Float64Array;
  private heapIds: Int32Array;
  /** A copy of each entry's destination: many events happen at one time, few of them to one peer. */
  private heapDestinations: Uint32Array;
  private heapLength = 0;

  private currentTick = -1;
  private currentSlot = 0;
  private readonly near = new Uint32Array(LEVEL_SLOTS);
  private nearLength = 0;
  private readonly far = new Uint32Array(LEVEL_SLOTS);
  private farLength = 0;
  private farEpoch = 0;
  private overflow = 0;
  private overflowLength = 0;

  /** @param bucketMs width of a bucket; tens of events in a bucket are good, thousands are still fine */
  constructor(bucketMs = 1, capacity = 1024) {
    this.ticksPerMs = 1 / bucketMs;
    this.capacity = capacity;
    const buffer = new ArrayBuffer(capacity * RECORD_BYTES);
    this.f64 = new Float64Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.heapTimes = new Float64Array(256);
    this.heapIds = new Int32Array(256);
    this.heapDestinations = new Uint32Array(256);
  }

  /**
   * Takes a record from the pool for the caller to fill, every field, before `enqueue`. Events go in by record number, not by
   * arguments, because V8 puts a double on the heap for every call it does not inline; at three million events a second that shows.
   */
  allocate(payload: unknown): number {
    let id: number;
    if (this.free !== 0) {
      id = this.free - 1;
      this.free = this.u32[id * U32_STRIDE + NEXT];
    } else {
      if (this.used === this.capacity) this.grow();
      id = this.used++;
    }
    this.payloads[id] = payload;
    return id;
  }

  /** Puts a filled record into the queue: a new one, or one that was popped and given a later time. */
  enqueue(id: number): void {
    this.length++;
    this.place(id);
  }

  /** An event in one call, for callers that are not in a hurry. */
  push(
    time: number,
    destination: number,
    source: number,
    sequence: number,
    kind: number,
    cause: number,
    size: number,
    sentAt: number,
    payload: unknown,
  ): void {
    const id = this.allocate(payload);
    this.f64[id * F64_STRIDE + TIME] = time;
    this.f64[id * F64_STRIDE + SENT_AT] = sentAt;
    const u32 = this.u32;
    const at = id * U32_STRIDE;
    u32[at + DESTINATION] = destination;
    u32[at + SOURCE] = source;
    u32[at + SEQUENCE] = sequence;
    u32[at + CAUSE] = cause;
    u32[at + SIZE] = size;
    u32[at + KIND] = kind;
    u32[at + PORTS] = 0;
    u32[at + LENGTH] = 0;
    this.enqueue(id);
  }

  /** Time of the earliest event, or Infinity. */
  peekTime(): number {
    if (this.heapLength === 0 && !this.refill()) return Infinity;
    return this.heapTimes[0];
  }

  /** Takes the earliest event out and returns its record's number, or -1. The record stays readable until `release`. */
  pop(): number {
    if (this.heapLength === 0 && !this.refill()) return -1;
    const id = this.heapIds[0];
    const last = --this.heapLength;
    if (last > 0) this.siftDown(last);
    this.length--;
    return id;
  }

  /** Gives a popped record back to the pool. */
  release(id: number): void {
    this.payloads[id] = undefined;
    this.u32[id * U32_STRIDE + NEXT] = this.free;
    this.free = id + 1;
  }

  /** Calls back with the record number of every pending event, in no particular order: for checkers, not for the hot path. */
  forEach(visit: (id: number) => void): void {
    for (let i = 0; i < this.heapLength; i++) visit(this.heapIds[i]);
    const walk = (head: number) => {
      for (let link = head; link !== 0; link = this.u32[(link - 1) * U32_STRIDE + NEXT]) visit(link - 1);
    };
    this.near.forEach(walk);
    this.far.forEach(walk);
    walk(this.overflow);
  }

  private place(id: number): void {
    const scaled = this.f64[id * F64_STRIDE + TIME] * this.ticksPerMs;
    const tick = scaled >= LAST_TICK ? LAST_TICK : Math.floor(scaled);
    if (tick <= this.currentTick) {
      this.heapPush(id);
      return;
    }
    const next = id * U32_STRIDE + NEXT;
    const slot = tick >>> LEVEL_BITS;
    if (slot === this.currentSlot) {
      this.u32[next] = this.near[tick & SLOT_MASK];
      this.near[tick & SLOT_MASK] = id + 1;
      this.nearLength++;
    } else if (slot >>> LEVEL_BITS === this.farEpoch) {
      this.u32[next] = this.far[slot & SLOT_MASK];
      this.far[slot & SLOT_MASK] = id + 1;
      this.farLength++;
    } else {
      this.u32[next] = this.overflow;
      this.overflow = id + 1;
      this.overflowLength++;
    }
  }

  /** Feeds the next non-empty bucket to the heap; false when there is no event left. */
  private refill(): boolean {
    while (true) {
      if (this.nearLength > 0) {
        let tick = this.currentTick + 1;
        while (this.near[tick & SLOT_MASK] === 0) tick++;
        this.currentTick = tick;
        let link = this.near[tick & SLOT_MASK];
        this.near[tick & SLOT_MASK] = 0;
        while (link !== 0) {
          const id = link - 1;
          this.heapPush(id);
          this.nearLength--;
          link = this.u32[id * U32_STRIDE + NEXT];
        }
        return true;
      }
      if (this.farLength > 0) {
        let slot = this.currentSlot + 1;
        while (this.far[slot & SLOT_MASK] === 0) slot++;
        this.farLength -= this.enterSlot(slot, this.far[slot & SLOT_MASK]);
        this.far[slot & SLOT_MASK] = 0;
      } else if (this.overflowLength > 0) {
        this.enterEpoch();
      } else return false;
    }
  }

  /** Makes `slot` current and spreads its events over the near buckets; returns how many there were. */
  private enterSlot(slot: number, head: number): number {
    this.currentSlot = slot;
    this.currentTick = slot * LEVEL_SLOTS - 1;
    return this.placeAll(head);
  }

  /** The far wheel is empty: moves to the epoch of the earliest overflow event and spreads the whole list anew. */
  private enterEpoch(): void {
    let earliest = Infinity;
    for (let link = this.overflow; link !== 0; link = this.u32[(link - 1) * U32_STRIDE + NEXT]) {
      earliest = Math.min(earliest, this.f64[(link - 1) * F64_STRIDE + TIME]);
    }
    const tick = Math.min(LAST_TICK, Math.floor(earliest * this.ticksPerMs));
    const head = this.overflow;
    this.overflow = 0;
    this.overflowLength = 0;
    this.farEpoch = tick >>> (2 * LEVEL_BITS);
    this.enterSlot(tick >>> LEVEL_BITS, head);
  }

  private placeAll(head: number): number {
    let count = 0;
    let link = head;
    while (link !== 0) {
      const id = link - 1;
      link = this.u32[id * U32_STRIDE + NEXT];
      this.place(id);
      count++;
    }
    return count;
  }

  /** True when event `a` comes before event `b` of the same time and destination. */
  private before(a: number, b: number): boolean {
    const u32 = this.u32;
    const left = a * U32_STRIDE;
    const right = b * U32_STRIDE;
    if (u32[left + SOURCE] !== u32[right + SOURCE]) return u32[left + SOURCE] < u32[right + SOURCE];
    return u32[left + SEQUENCE] < u32[right + SEQUENCE];
  }

  private heapPush(id: number): void {
    if (this.heapLength === this.heapIds.length) this.growHeap();
    const time = this.f64[id * F64_STRIDE + TIME];
    const destination = this.u32[id * U32_STRIDE + DESTINATION];
    const times = this.heapTimes;
    const ids = this.heapIds;
    const destinations = this.heapDestinations;
    let at = this.heapLength++;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (time > times[parent]) break;
      if (time === times[parent]) {
        if (destination > destinations[parent]) break;
        if (destination === destinations[parent] && !this.before(id, ids[parent])) break;
      }
      times[at] = times[parent];
      ids[at] = ids[parent];
      destinations[at] = destinations[parent];
      at = parent;
    }
    times[at] = time;
    ids[at] = id;
    destinations[at] = destination;
  }

  /** Fills the hole at the root with the entry at `last`, just behind the heap's end. */
  private siftDown(last: number): void {
    const times = this.heapTimes;
    const ids = this.heapIds;
    const destinations = this.heapDestinations;
    const time = times[last];
    const id = ids[last];
    const destination = destinations[last];
    const length = this.heapLength;
    let at = 0;
    while (true) {
      let child = at * 4 + 1;
      if (child >= length) break;
      const end = Math.min(child + 4, length);
      let least = child;
      let leastTime = times[child];
      for (child++; child < end; child++) {
        const childTime = times[child];
        if (childTime > leastTime) continue;
        if (childTime === leastTime) {
          if (destinations[child] > destinations[least]) continue;
          if (destinations[child] === destinations[least] && !this.before(ids[child], ids[least])) continue;
        }
        least = child;
        leastTime = childTime;
      }
      if (leastTime > time) break;
      if (leastTime === time) {
        if (destinations[least] > destination) break;
        if (destinations[least] === destination && this.before(id, ids[least])) break;
      }
      times[at] = leastTime;
      ids[at] = ids[least];
      destinations[at] = destinations[least];
      at = least;
    }
    times[at] = time;
    ids[at] = id;
    destinations[at] = destination;
  }

  private growHeap(): void {
    const times = new Float64Array(this.heapTimes.length * 2);
    times.set(this.heapTimes);
    this.heapTimes = times;
    const ids = new Int32Array(this.heapIds.length * 2);
    ids.set(this.heapIds);
    this.heapIds = ids;
    const destinations = new Uint32Array(this.heapDestinations.length * 2);
    destinations.set(this.heapDestinations);
    this.heapDestinations = destinations;
  }

  private grow(): void {
    this.capacity = Math.ceil(this.capacity * 1.5); // by half, not by double: a million idle peers pay for what is unused
    const buffer = new ArrayBuffer(this.capacity * RECORD_BYTES);
    const f64 = new Float64Array(buffer);
    f64.set(this.f64);
    this.f64 = f64;
    this.u32 = new Uint32Array(buffer);
  }
}
