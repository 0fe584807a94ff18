/**
 * The yardstick: the loop that somebody would write by hand for an afternoon's experiment. One thread, event objects in a binary heap,
 * peers as small objects that point at each other; no network but a latency (and, as an option, an uplink that sends one message after
 * the other), no ledger, no histograms, no digest, no seed. It is as fast as it comes without a special effort, and it is allowed to
 * peek: a lookup travels as one object that is passed on, and peers hold each other instead of addresses.
 *
 * Alone: `node dist/bench/baseline.js chord 10000 [lookupsPerPeer] [fifo]` or `... flood 10000 [queries] [fifo]`.
 */

import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

export interface BaselineResult {
  /** Messages delivered. */
  readonly messages: number;
  /** Wall time of the event loop alone, in ms, without building the overlay. */
  readonly wallMs: number;
}

export interface BaselineOptions {
  /** Give each peer an uplink of 1 MB/s that sends one 100-byte message after the other. */
  readonly fifoUplink?: boolean;
}

const LATENCY_MS = 50;
const ASK_WITHIN_MS = 100_000;
const MESSAGE_BYTES = 100;
const UPLINK_BYTES_PER_MS = 1000;

interface Event<P, M> {
  at: number;
  to: P;
  message: M;
}

/** A binary heap of event objects, the earliest first. */
class Heap<P, M> {
  private readonly events: Event<P, M>[] = [];

  get size(): number {
    return this.events.length;
  }

  push(event: Event<P, M>): void {
    const events = this.events;
    let i = events.length;
    events.push(event);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (events[parent].at <= event.at) break;
      events[i] = events[parent];
      i = parent;
    }
    events[i] = event;
  }

  pop(): Event<P, M> {
    const events = this.events;
    const first = events[0];
    const last = events.pop()!;
    const length = events.length;
    if (length > 0) {
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= length) break;
        if (child + 1 < length && events[child + 1].at < events[child].at) child++;
        if (last.at <= events[child].at) break;
        events[i] = events[child];
        i = child;
      }
      events[i] = last;
    }
    return first;
  }
}

/** What every baseline peer has: where its uplink stands. */
interface Linked {
  uplinkFreeAt: number;
}

/** Runs until the heap is empty. `handle` gets a function that sends. */
function simulate<P extends Linked, M>(
  heap: Heap<P, M>,
  options: BaselineOptions,
  handle: (peer: P, message: M, send: (from: P, to: P, message: M) => void) => void,
): number {
  let now = 0;
  const sendMs = MESSAGE_BYTES / UPLINK_BYTES_PER_MS;
  const sendAtOnce = (_from: P, to: P, message: M) => heap.push({ at: now + LATENCY_MS, to, message });
  const sendInTurn = (from: P, to: P, message: M) => {
    from.uplinkFreeAt = Math.max(now, from.uplinkFreeAt) + sendMs;
    heap.push({ at: from.uplinkFreeAt + LATENCY_MS, to, message });
  };
  const send = options.fifoUplink ? sendInTurn : sendAtOnce;
  const startedAt = performance.now();
  while (heap.size > 0) {
    const event = heap.pop();
    now = event.at;
    handle(event.to, event.message, send);
  }
  return performance.now() - startedAt;
}

interface ChordPeer extends Linked {
  readonly id: number;
  predecessor: ChordPeer;
  fingers: ChordPeer[];
}

interface ChordMessage {
  readonly kind: 'ask' | 'lookup' | 'answer';
  readonly key: number;
  readonly origin: ChordPeer;
}

/**
 * A converged ring, 32-bit identifiers, 32 fingers. Each peer looks up random keys at uniform random times in 100 s, recursively through
 * the closest preceding finger; the owner answers the origin directly.
 */
export function chord(peers: number, lookupsPerPeer = 10, options: BaselineOptions = {}): BaselineResult {
  const heap = new Heap<ChordPeer, ChordMessage>();
  for (const origin of makeRing(peers)) {
    for (let i = 0; i < lookupsPerPeer; i++) {
      heap.push({ at: Math.random() * ASK_WITHIN_MS, to: origin, message: { kind: 'ask', key: randomId(), origin } });
    }
  }
  let messages = 0;
  const wallMs = simulate(heap, options, (peer, message, send) => {
    if (message.kind !== 'ask') messages++;
    if (message.kind === 'answer') return;
    if (between(peer.predecessor.id, message.key, peer.id)) {
      if (message.kind === 'lookup') send(peer, message.origin, { kind: 'answer', key: message.key, origin: message.origin });
    } else {
      const lookup: ChordMessage = message.kind === 'lookup' ? message : { kind: 'lookup', key: message.key, origin: peer };
      send(peer, nextHop(peer, message.key), lookup);
    }
  });
  return { messages, wallMs };
}

function makeRing(peers: number): ChordPeer[] {
  const ids = new Set<number>();
  while (ids.size < peers) ids.add(randomId());
  const sorted = [...ids].sort((a, b) => a - b);
  const ring = sorted.map((id) => ({ id, uplinkFreeAt: 0, fingers: [] }) as unknown as ChordPeer);
  for (let i = 0; i < peers; i++) {
    ring[i].predecessor = ring[(i + peers - 1) % peers];
    for (let bit = 0; bit < 32; bit++) ring[i].fingers.push(successorOf(ring, (ring[i].id + 2 ** bit) % 2 ** 32));
  }
  return ring;
}

/** The first peer at or after this identifier. */
function successorOf(ring: ChordPeer[], id: number): ChordPeer {
  let low = 0;
  let high = ring.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ring[middle].id < id) low = middle + 1;
    else high = middle;
  }
  return ring[low % ring.length];
}

/** The successor when it owns the key, otherwise the closest finger before the key. */
function nextHop(peer: ChordPeer, key: number): ChordPeer {
  const successor = peer.fingers[0];
  if (between(peer.id, key, successor.id)) return successor;
  for (let bit = 31; bit > 0; bit--) {
    const finger = peer.fingers[bit];
    if (finger.id !== key && between(peer.id, finger.id, key)) return finger;
  }
  return successor;
}

/** Whether x lies on the ring in (from, to]. A ring of one owns everything. */
function between(from: number, x: number, to: number): boolean {
  return from < to ? from < x && x <= to : from < x || x <= to;
}

function randomId(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

interface FloodPeer extends Linked {
  readonly neighbours: FloodPeer[];
  readonly seen: Set<number>;
}

interface FloodMessage {
  readonly query: number;
  /** Hops left, this one included. The event that asks has one more than the flood's 7. */
  readonly ttl: number;
  readonly from: FloodPeer | null;
}

/** Floods with TTL 7 on the union of two random Hamiltonian cycles (4-regular), each peer forwarding a query once. */
export function flood(peers: number, queries = 100, options: BaselineOptions = {}): BaselineResult {
  const population = makeCycles(peers);
  const heap = new Heap<FloodPeer, FloodMessage>();
  for (let query = 0; query < queries; query++) {
    const origin = population[Math.floor(Math.random() * peers)];
    heap.push({ at: Math.random() * ASK_WITHIN_MS, to: origin, message: { query, ttl: 8, from: null } });
  }
  let messages = 0;
  const wallMs = simulate(heap, options, (peer, message, send) => {
    if (message.from) messages++;
    if (peer.seen.has(message.query)) return;
    peer.seen.add(message.query);
    if (message.ttl === 1) return;
    const forwarded: FloodMessage = { query: message.query, ttl: message.ttl - 1, from: peer };
    for (const neighbour of peer.neighbours) if (neighbour !== message.from) send(peer, neighbour, forwarded);
  });
  return { messages, wallMs };
}

function makeCycles(peers: number): FloodPeer[] {
  const population: FloodPeer[] = Array.from({ length: peers }, () => ({ uplinkFreeAt: 0, neighbours: [], seen: new Set() }));
  for (let cycle = 0; cycle < 2; cycle++) {
    const order = population.slice();
    for (let i = peers - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    for (let i = 0; i < peers; i++) {
      const next = order[(i + 1) % peers];
      order[i].neighbours.push(next);
      next.neighbours.push(order[i]);
    }
  }
  return population;
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  const [what, peers, count, fifo] = argv.slice(2);
  const workload = { chord, flood }[what ?? ''];
  if (!workload) {
    console.error('usage: baseline.js chord|flood PEERS [LOOKUPS PER PEER | QUERIES] [fifo]');
    process.exit(2);
  }
  const result = workload(Number(peers ?? 10_000), count === undefined ? undefined : Number(count), { fifoUplink: fifo === 'fifo' });
  const messagesPerSecond = Math.round((result.messages / result.wallMs) * 1000);
  console.log(JSON.stringify({ ...result, messagesPerSecond, rssBytes: process.memoryUsage.rss() }));
}
