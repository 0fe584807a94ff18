/**
 * Where connections share an access link: fair queues at the sender's uplink and at the receiver's downlink. An uplink pulls: it asks
 * the flow whose turn it is for a segment when it is free. At a downlink segments wait in a queue for each connection, and the link
 * takes them in turn. Datagrams, and segments that find a link idle, pass by the link's clock alone; so they go before bulk that waits.
 */

import { DESTINATION, END, type EventQueue, F64_STRIDE, KIND, NEXT, SIZE, TIME, U32_STRIDE } from '../kernel/event-queue.js';
import { FairQueue, type Turn } from '../network/fair-queue.js';
import { type Network, PASSES } from '../network/network.js';
import { type PeerTable, SEQUENCE as ROW_SEQUENCE, ROW_U32 } from '../network/peer-table.js';
import type { Flow } from './connection.js';
import { MESSAGE_DUE, STAGE_MASK, UPLINK_READY, WAITED } from './event-kinds.js';

/** What the uplink asks of the flows. */
export interface Sender {
  /** Bytes on the wire of the segment that a flow may send now; 0 for none. */
  nextBytes(flow: Flow): number;
  sendNext(flow: Flow): void;
}

interface Uplink {
  readonly flows: FairQueue<Flow>;
  /** For the line to be free: an event is planned. */
  waits: boolean;
}

export class Uplinks {
  private readonly lines = new Map<number, Uplink>();
  /** Those that are not in use. Few lines are busy at a time, but they come and go. */
  private readonly spare: Uplink[] = [];
  private readonly clock: Float64Array;
  private readonly network: Network;
  private readonly queue: EventQueue;
  private readonly table: PeerTable;
  private readonly sender: Sender;

  constructor(clock: Float64Array, network: Network, queue: EventQueue, table: PeerTable, sender: Sender) {
    this.clock = clock;
    this.network = network;
    this.queue = queue;
    this.table = table;
    this.sender = sender;
  }

  /** This flow has something to send. */
  want(flow: Flow): void {
    const line = this.network.lineOf(flow.end.session.index);
    let uplink = this.lines.get(line);
    if (uplink === undefined) {
      if (this.sendsAll(flow, line)) return;
      uplink = this.spare.pop() ?? { flows: new FairQueue(), waits: false };
      this.lines.set(line, uplink);
    }
    uplink.flows.add(flow);
    if (!uplink.waits) this.pump(line);
  }

  /** The event UPLINK_READY of this line. */
  ready(line: number): void {
    const uplink = this.lines.get(line);
    if (uplink === undefined) return;
    uplink.waits = false;
    this.pump(line);
  }

  /** Nobody else uses the line. Whether this flow has sent all that it may without having to wait. */
  private sendsAll(flow: Flow, line: number): boolean {
    while (this.sender.nextBytes(flow) > 0) {
      if (this.network.uplinkFreeAt(line) > this.clock[0]) return false;
      this.sender.sendNext(flow);
    }
    return true;
  }

  private pump(line: number): void {
    const uplink = this.lines.get(line)!;
    const { flows } = uplink;
    for (let flow = flows.peek(); flow !== undefined; flow = flows.peek()) {
      const bytes = this.sender.nextBytes(flow);
      if (bytes === 0) {
        flows.pass();
        continue;
      }
      const freeMs = this.network.uplinkFreeAt(line);
      if (freeMs > this.clock[0]) {
        uplink.waits = true;
        const sequence = this.table.u32[line * ROW_U32 + ROW_SEQUENCE]++;
        this.queue.push(freeMs, line, line, sequence, UPLINK_READY, 0, 0, this.clock[0], null);
        return;
      }
      if (flows.grants(bytes)) this.sender.sendNext(flow);
    }
    this.lines.delete(line);
    this.spare.push(uplink);
  }
}

/** The segments of one connection that wait for a downlink: a list of records, linked by NEXT. */
class Waiting implements Turn {
  end: number;
  head = 0;
  tail = 0;
  bytes = 0;
  deficitBytes = 0;
  queued = false;
  fresh = false;

  constructor(end: number) {
    this.end = end;
  }
}

interface Downlink {
  readonly flows: FairQueue<Waiting>;
  readonly byEnd: Map<number, Waiting>;
  bytes: number;
}

export class Downlinks {
  private readonly lines = new Map<number, Downlink>();
  private readonly spare: Downlink[] = [];
  private readonly spareWaiting: Waiting[] = [];
  private readonly clock: Float64Array;
  private readonly network: Network;
  private readonly queue: EventQueue;
  /** Takes the records that did not fit. */
  private readonly drop: (id: number) => void;

  constructor(clock: Float64Array, network: Network, queue: EventQueue, drop: (id: number) => void) {
    this.clock = clock;
    this.network = network;
    this.queue = queue;
    this.drop = drop;
  }

  /** A segment has come to this line's downlink. True: it waits there, and `served` must be called when it is through. */
  takes(id: number, line: number): boolean {
    const { u32 } = this.queue;
    const at = id * U32_STRIDE;
    const downlink = this.network.downlinkFreeAt(line) < this.clock[0] ? undefined : this.lines.get(line);
    if (downlink === undefined) {
      if (this.network.arrive(u32[at + DESTINATION], u32[at + SIZE], true) === PASSES) return false;
      this.lines.set(line, this.spare.pop() ?? { flows: new FairQueue(), byEnd: new Map(), bytes: 0 });
      this.serve(id);
      return true;
    }
    const end = u32[at + END];
    let waiting = downlink.byEnd.get(end);
    if (waiting === undefined) {
      waiting = this.spareWaiting.pop() ?? new Waiting(end);
      waiting.end = end;
      downlink.byEnd.set(end, waiting);
    }
    u32[at + NEXT] = 0;
    if (waiting.tail === 0) waiting.head = id + 1;
    else u32[(waiting.tail - 1) * U32_STRIDE + NEXT] = id + 1;
    waiting.tail = id + 1;
    waiting.bytes += u32[at + SIZE];
    downlink.bytes += u32[at + SIZE];
    downlink.flows.add(waiting);
    while (downlink.bytes > this.network.queueBytes(line)) this.dropFromLongest(downlink);
    return true;
  }

  /** A segment that waited is through: the next one may begin. */
  served(line: number): void {
    const downlink = this.lines.get(line)!;
    const { flows } = downlink;
    for (let flow = flows.peek(); flow !== undefined; flow = flows.peek()) {
      if (flow.head === 0) {
        flows.pass();
        if (!flow.queued) {
          downlink.byEnd.delete(flow.end);
          this.spareWaiting.push(flow);
        }
      } else if (flows.grants(this.queue.u32[(flow.head - 1) * U32_STRIDE + SIZE])) {
        const id = this.take(downlink, flow);
        const at = id * U32_STRIDE;
        const verdict = this.network.arrive(this.queue.u32[at + DESTINATION], this.queue.u32[at + SIZE], true);
        if (verdict === PASSES) this.network.due[0] = this.clock[0]; // a segment without bytes, where they have no headers
        this.serve(id);
        return;
      }
    }
    this.lines.delete(line);
    this.spare.push(downlink);
  }

  /** Calls back with every record that waits: for the books. */
  forEach(visit: (id: number) => void): void {
    for (const { byEnd } of this.lines.values()) {
      for (const { head } of byEnd.values()) {
        for (let link = head; link !== 0; link = this.queue.u32[(link - 1) * U32_STRIDE + NEXT]) visit(link - 1);
      }
    }
  }

  /** The link passes the segment on at `network.due`. */
  private serve(id: number): void {
    const { queue, network } = this;
    queue.f64[id * F64_STRIDE + TIME] = network.due[0];
    const at = id * U32_STRIDE + KIND;
    queue.u32[at] = (queue.u32[at] & ~STAGE_MASK) | MESSAGE_DUE | WAITED;
    queue.enqueue(id);
  }

  private take(downlink: Downlink, flow: Waiting): number {
    const id = flow.head - 1;
    flow.head = this.queue.u32[id * U32_STRIDE + NEXT];
    if (flow.head === 0) flow.tail = 0;
    const size = this.queue.u32[id * U32_STRIDE + SIZE];
    flow.bytes -= size;
    downlink.bytes -= size;
    return id;
  }

  /** Who has most waiting loses its oldest, so that its sender knows soonest (RFC 8290, 4.1.3). */
  private dropFromLongest(downlink: Downlink): void {
    let longest: Waiting | undefined;
    for (const each of downlink.flows) if (longest === undefined || each.bytes > longest.bytes) longest = each;
    this.drop(this.take(downlink, longest!));
  }
}
