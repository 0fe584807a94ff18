/**
 * What somebody who watches the run is shown of a shard: messages that came to their end since the last look, who came and went, and how
 * busy whom is. It only looks on. There may be a million messages between two looks, and a picture has room for some hundreds; so most
 * are passed over by a comparison or two, and what is kept is chosen so that it makes sense: a few operations with all their messages,
 * rather than a few messages of every operation.
 */

import { CAUSE, DESTINATION, type EventQueue, F64_STRIDE, KIND, SENT_AT, SOURCE, U32_STRIDE } from '../kernel/event-queue.js';
import { CAUSE_BITS, type Meter } from '../metrics/meter.js';
import type { End, Outgoing } from './connection.js';
import { BOUNCE, KIND_BITS, KIND_MASK, SEGMENT } from './event-kinds.js';
import type { Observed, ObservedMessages, ObserveRequest, WatchConfig } from './messages.js';
import type { Residents } from './residents.js';

/** Columns of ObservedMessages. */
export const OBSERVED_TIMES = 2; // sent, ended
const CAUSE_WORD = 3;
export const OBSERVED_WORDS = 7; // from, to, type, cause, ttl, verdict, whether on a connection
const NO_TTL = -1;
/** One operation in so many is chosen at the least, as a power of two. */
export const MOST_HALVINGS = 10;
/** Links told in one look, so that a dense overlay does not stop the run. */
const MOST_LINKS = 20_000;

export class Observer {
  private readonly queue: EventQueue;
  private readonly clock: Float64Array;
  private readonly meter: Meter;
  private readonly residents: Residents;
  /** By host: whether it is drawn. */
  private readonly drawn: Uint8Array;
  /** Groups per host. */
  private readonly scale: number;
  private readonly handled: Uint32Array;
  private readonly up: Uint32Array;
  private changes: number[] = [];
  /** Messages of chosen operations between drawn hosts, and the rest of them; and messages of no operation. */
  private readonly chosen: Shown;
  private readonly beyond: Shown;
  private readonly others: Shown;
  /** One operation in 2^this is chosen: those whose number, mixed, begins with so many zeros. More as long as they fit. */
  private halvings = 0;
  private operationMask = 0;
  /** Of messages of no operation, one in this + 1 is kept; a power of two, less 1. */
  private stride = 0;
  private ofNone = 0;

  constructor(
    config: WatchConfig,
    given: { readonly queue: EventQueue; readonly clock: Float64Array; readonly meter: Meter; readonly residents: Residents },
  ) {
    this.queue = given.queue;
    this.clock = given.clock;
    this.meter = given.meter;
    this.meter.answered = [];
    this.residents = given.residents;
    this.drawn = config.drawn;
    this.scale = config.groups / config.drawn.length;
    this.handled = new Uint32Array(config.groups);
    this.up = new Uint32Array(config.groups);
    this.chosen = new Shown(config.messages);
    this.beyond = new Shown(config.messages);
    this.others = new Shown(config.messages);
  }

  /** A message is delivered; its record is still readable. */
  delivered(id: number, receiver: number): void {
    this.handled[(receiver * this.scale) | 0]++;
    const at = id * U32_STRIDE;
    const { u32 } = this.queue;
    const list = this.listFor(u32[at + CAUSE], u32[at + SOURCE], receiver);
    if (list !== null) this.show(list, id, u32[at + SOURCE], receiver, 0);
  }

  /** The message of this record will not arrive. */
  dropped(id: number, verdict: number): void {
    const at = id * U32_STRIDE;
    const { u32 } = this.queue;
    // What came back from where it was lost has its ends exchanged.
    const isBack = (u32[at + KIND] & KIND_MASK) === BOUNCE;
    const from = u32[at + (isBack ? DESTINATION : SOURCE)] | 0;
    const to = u32[at + (isBack ? SOURCE : DESTINATION)] | 0;
    const list = this.listFor(u32[at + CAUSE], from, to);
    if (list !== null) this.show(list, id, from, to, verdict);
  }

  /** The end of a connection is gone, and a message that it had taken to send with it. */
  abandoned(
    end: End,
    { message, type, cause, writtenMs }: Pick<Outgoing, 'message' | 'type' | 'cause' | 'writtenMs'>,
    verdict: number,
  ): void {
    const from = end.session.index;
    this.listFor(cause, from, end.otherPeer)?.add(writtenMs, this.clock[0], from, end.otherPeer, type, cause, ttlOf(message), verdict, 1);
  }

  /** A session began or ended here. */
  changed(host: number, isUp: boolean): void {
    this.up[(host * this.scale) | 0] += isUp ? 1 : -1;
    if (this.drawn[host] === 1) this.changes.push(this.clock[0], host, isUp ? 1 : 0);
  }

  /** What there was to see since the last time. */
  observe({ halvings, look }: ObserveRequest): Omit<Observed, 'faults'> {
    const { meter } = this;
    const seen = {
      bytes: meter.bytes,
      dropped: meter.dropped.slice(),
      answeredMs: Float64Array.from(meter.answered!),
      messages: [this.chosen.take(), this.others.take(), this.beyond.take()],
      halvings: this.halvings,
      changes: Float64Array.from(this.changes),
      handled: this.handled.slice(),
      up: this.up.slice(),
      ...(look ? this.look() : { links: null, moreLinks: 0, positions: null }),
    };
    meter.answered = [];
    this.changes = [];
    this.handled.fill(0);
    this.halvings = halvings;
    this.operationMask = maskOf(halvings);
    this.stride = 0;
    this.ofNone = 0;
    return seen;
  }

  /** Where a message is to be shown; null: nowhere. There is room there, unless one operation alone fills it. */
  private listFor(cause: number, from: number, to: number): Shown | null {
    const operation = cause >>> CAUSE_BITS;
    const isDrawn = this.drawn[from] === 1 && this.drawn[to] === 1;
    if (operation === 0) {
      if (!isDrawn || (this.ofNone & this.stride) !== 0) {
        if (isDrawn) this.ofNone++;
        return null;
      }
      if (this.others.isFull) {
        this.others.keep((row) => (row & 1) === 0);
        this.stride = this.stride * 2 + 1;
        if ((this.ofNone++ & this.stride) !== 0) return null;
      } else this.ofNone++;
      return this.others;
    }
    if (!passes(operation, this.operationMask)) return null;
    const list = isDrawn ? this.chosen : this.beyond;
    while (list.isFull && this.halvings < MOST_HALVINGS) {
      this.operationMask = maskOf(++this.halvings);
      for (const each of [this.chosen, this.beyond]) each.keep((row) => passes(each.operation(row), this.operationMask));
    }
    return passes(operation, this.operationMask) ? list : null;
  }

  private show(list: Shown, id: number, from: number, to: number, verdict: number): void {
    const at = id * U32_STRIDE;
    const { u32, f64, payloads } = this.queue;
    const kind = u32[at + KIND];
    const isBack = (kind & KIND_MASK) === BOUNCE;
    const type = kind >>> KIND_BITS;
    const onConnection = isBack || (kind & SEGMENT) !== 0 ? 1 : 0;
    list.add(f64[id * F64_STRIDE + SENT_AT], this.clock[0], from, to, type, u32[at + CAUSE], ttlOf(payloads[id]), verdict, onConnection);
  }

  /** The overlay among those drawn, and where in its identifier space they are. */
  private look(): Pick<Observed, 'links' | 'moreLinks' | 'positions'> {
    const { drawn, residents } = this;
    const links: number[] = [];
    const positions: number[] = [];
    let moreLinks = 0;
    for (let host = 0; host < drawn.length; host++) {
      const session = residents.sessions[host];
      if (drawn[host] !== 1 || session === undefined) continue;
      const position = residents.positionOf(session);
      if (position !== null) positions.push(host, position[0], position[1] ?? Number.NaN);
      for (const other of residents.neighboursOf(session) ?? []) {
        if (drawn[other] !== 1) continue;
        if (links.length < 2 * MOST_LINKS) links.push(host, other);
        else moreLinks++;
      }
    }
    return { links: Int32Array.from(links), moreLinks, positions: Float64Array.from(positions) };
  }
}

/** A list of messages, in columns, that takes no more than it has room for. */
class Shown {
  private count = 0;
  private readonly most: number;
  private readonly times: Float64Array;
  private readonly words: Int32Array;

  constructor(most: number) {
    this.most = most;
    this.times = new Float64Array(most * OBSERVED_TIMES);
    this.words = new Int32Array(most * OBSERVED_WORDS);
  }

  get isFull(): boolean {
    return this.count === this.most;
  }

  operation(row: number): number {
    return this.words[row * OBSERVED_WORDS + CAUSE_WORD] >>> CAUSE_BITS;
  }

  /** Lets go of the rows that do not satisfy. */
  keep(satisfies: (row: number) => boolean): void {
    let kept = 0;
    for (let row = 0; row < this.count; row++) {
      if (!satisfies(row)) continue;
      this.times.copyWithin(kept * OBSERVED_TIMES, row * OBSERVED_TIMES, (row + 1) * OBSERVED_TIMES);
      this.words.copyWithin(kept * OBSERVED_WORDS, row * OBSERVED_WORDS, (row + 1) * OBSERVED_WORDS);
      kept++;
    }
    this.count = kept;
  }

  add(
    sentMs: number,
    endedMs: number,
    from: number,
    to: number,
    type: number,
    cause: number,
    ttl: number,
    verdict: number,
    onConnection: number,
  ): void {
    if (this.count === this.most) return;
    const time = this.count * OBSERVED_TIMES;
    const word = this.count++ * OBSERVED_WORDS;
    this.times[time] = sentMs;
    this.times[time + 1] = endedMs;
    this.words[word] = from;
    this.words[word + 1] = to;
    this.words[word + 2] = type;
    this.words[word + 3] = cause;
    this.words[word + 4] = ttl;
    this.words[word + 5] = verdict;
    this.words[word + 6] = onConnection;
  }

  take(): ObservedMessages {
    const taken = { times: this.times.slice(0, this.count * OBSERVED_TIMES), words: this.words.slice(0, this.count * OBSERVED_WORDS) };
    this.count = 0;
    return taken;
  }
}

/** So many of the highest bits. */
const maskOf = (halvings: number) => (halvings === 0 ? 0 : -1 << (32 - halvings));

/** Whether an operation is in the sample: by its number alone, so all shards agree. */
export const isShown = (operation: number, halvings: number) => passes(operation, maskOf(halvings));

const passes = (operation: number, mask: number) => (Math.imul(operation, 0x9e3779b1) & mask) === 0;

/** A message's hops left, where it has a field of that name. */
function ttlOf(message: unknown): number {
  const ttl = (message as { readonly ttl?: unknown } | null)?.ttl;
  return typeof ttl === 'number' ? ttl : NO_TTL;
}
