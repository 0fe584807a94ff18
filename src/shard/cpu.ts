/**
 * The peers' processors, when a scenario has them (`cpu`): a peer does one thing at a time, in the order in which it came in, so a busy
 * peer has a queue. Either a message costs a fixed time before it is handled (then a peer is the server of an M/D/1 queue, if messages
 * come at random); or it is handled at once, and the time that its handler really took, times a factor, goes by before the next one is.
 *
 * What comes in is on the peer's own machine by then: it counts as delivered, and is lost with the session.
 */

import type { EventQueue } from '../kernel/event-queue.js';
import type { CpuModel } from '../scenario/scenario.js';
import { TURN, TURN_SEQUENCE } from './event-kinds.js';
import { wallMs } from './pace.js';

/** Whose processor it is: as much of a session as is needed. */
export interface Worker {
  readonly index: number;
  readonly up: boolean;
}

/** The shard, as far as is needed: what is being handled, on whose behalf, and because of what. */
interface Owner {
  readonly clock: Float64Array;
  cause: number;
  readonly tracer?: { current: string | null } | null;
}

/** What waits for a processor. */
interface Job {
  readonly isMessage: boolean;
  readonly cause: number;
  /** What it is a step of, in a run in which an operation is followed. */
  readonly step: string | null;
  readonly run: () => void;
  next: Job | null;
}

/** One session's processor. The first job is the one whose turn is planned, or that runs. */
interface Line {
  readonly worker: Worker;
  freeAtMs: number;
  first: Job | null;
  last: Job | null;
}

export class Processors {
  private readonly shard: Owner;
  private readonly queue: EventQueue;
  /** What a message takes before it is handled, in ms. */
  private readonly costMs: number;
  /** What a handler's own time counts; 0: it is not measured. */
  private readonly factor: number;
  private readonly wall: () => number;
  private begunAtMs = 0;
  /** By peer: of its last session that had something to do. */
  private readonly lines: Line[] = [];

  /** @param wall measures handlers, in ms */
  constructor(model: CpuModel, shard: Owner, queue: EventQueue, wall: () => number = wallMs) {
    this.shard = shard;
    this.queue = queue;
    this.costMs = model.kind === 'per-message' ? model.costMs : 0;
    this.factor = model.kind === 'measured' ? model.factor : 0;
    this.wall = wall;
  }

  /** Runs something on the processor of a peer that is up: now, or when its turn comes, with the cause of now. */
  post(worker: Worker, isMessage: boolean, run: () => void): void {
    const line = this.lineOf(worker);
    const { cause, tracer } = this.shard;
    const job: Job = { isMessage, cause, step: tracer?.current ?? null, run, next: null };
    if (line.first !== null) {
      line.last!.next = job;
      line.last = job;
      return;
    }
    line.first = job;
    line.last = job;
    if (this.turnOf(line, job) > this.shard.clock[0]) this.plan(line, job);
    else this.work(line, job);
  }

  /** The turn of a job has come. */
  turn(id: number): void {
    const line = this.queue.payloads[id] as Line;
    this.queue.release(id);
    if (line.worker.up) this.work(line, line.first!);
  }

  /** A handler begins: before a timer's, which does not wait its turn. */
  begin(): void {
    if (this.factor > 0) this.begunAtMs = this.wall();
  }

  /** It has returned: its time is charged to the peer. */
  charge(worker: Worker): void {
    if (this.factor > 0) this.chargeTo(this.lineOf(worker));
  }

  private work(line: Line, job: Job): void {
    this.shard.cause = job.cause;
    if (this.shard.tracer) this.shard.tracer.current = job.step;
    this.begin();
    job.run();
    if (this.factor > 0) this.chargeTo(line);
    line.first = job.next;
    if (line.first !== null) this.plan(line, line.first);
  }

  private chargeTo(line: Line): void {
    line.freeAtMs = Math.max(line.freeAtMs, this.shard.clock[0]) + (this.wall() - this.begunAtMs) * this.factor;
  }

  private turnOf({ freeAtMs }: Line, { isMessage }: Job): number {
    return Math.max(this.shard.clock[0], freeAtMs) + (isMessage ? this.costMs : 0);
  }

  private plan(line: Line, job: Job): void {
    const { index } = line.worker;
    this.queue.push(this.turnOf(line, job), index, index, TURN_SEQUENCE, TURN, job.cause, 0, this.shard.clock[0], line);
  }

  private lineOf(worker: Worker): Line {
    const line = this.lines[worker.index];
    if (line?.worker === worker) return line;
    const fresh: Line = { worker, freeAtMs: 0, first: null, last: null };
    this.lines[worker.index] = fresh;
    return fresh;
  }
}
