/**
 * Which run starts next, and on how many threads. Cheap runs first, so that a sweep soon shows something; one thread each, because two runs
 * side by side are done sooner than one after the other on two threads; more threads for large runs only when fewer are left than there are
 * threads. Runs that need the memory of several come last, one at a time, on all threads.
 */

import type { Priced } from './cost.js';

export interface Assignment<J> {
  readonly job: J;
  readonly threads: number;
  /** Nothing else runs beside it: all memory is its own. */
  readonly alone: boolean;
}

/** A run with fewer peers does not gain from a second thread. */
export const PEERS_PER_THREAD = 20_000;

export class Schedule<J extends Priced> {
  /** By protocol, from cheap to dear; `next` is the first that has not started. */
  private readonly queues = new Map<string, { jobs: J[]; next: number }>();
  private readonly aside: J[] = [];
  private readonly threads: number;
  private readonly costOf: (job: J) => number;
  private waiting: number;
  private free: number;

  /** @param costOf may change its mind as runs end, so long as larger runs of a protocol never become cheaper than smaller ones */
  constructor(jobs: readonly J[], threads: number, costOf: (job: J) => number) {
    this.threads = threads;
    this.free = threads;
    this.costOf = costOf;
    this.waiting = jobs.length;
    for (const job of jobs) {
      const queue = this.queues.get(job.protocol);
      if (queue === undefined) this.queues.set(job.protocol, { jobs: [job], next: 0 });
      else queue.jobs.push(job);
    }
    // Sorting keeps the order of equals: that of the grid.
    for (const { jobs: own } of this.queues.values()) own.sort((a, b) => a.peerSeconds - b.peerSeconds);
  }

  /** Threads that work. */
  get busy(): number {
    return this.threads - this.free;
  }

  /** Runs that have not started. */
  get left(): number {
    return this.waiting + this.aside.length;
  }

  /** What is to start now; null: nothing until another run has ended, or nothing more. */
  next(): Assignment<J> | null {
    if (this.free === 0) return null;
    if (this.waiting > 0) {
      const job = this.takeCheapest();
      const share = Math.floor(this.free / (this.waiting + 1));
      const threads = Math.max(1, Math.min(share, Math.floor(job.peers / PEERS_PER_THREAD)));
      this.free -= threads;
      return { job, threads, alone: false };
    }
    const job = this.busy === 0 ? this.aside.shift() : undefined;
    if (job === undefined) return null;
    this.free = 0;
    return { job, threads: Math.min(this.threads, job.peers), alone: true };
  }

  /** A run has ended. With `setAside` it did not, and is to have another go when it can be alone. */
  ended({ job, threads, alone }: Assignment<J>, setAside = false): void {
    this.free += alone ? this.threads : threads;
    if (setAside) this.aside.push(job);
  }

  /** Runs that have not started, by size: how many of each. */
  *waitingBySize(): Generator<readonly [job: J, count: number]> {
    for (const { jobs, next } of this.queues.values()) {
      for (let at = next; at < jobs.length; ) {
        let end = at + 1;
        while (end < jobs.length && jobs[end].peerSeconds === jobs[at].peerSeconds) end++;
        yield [jobs[at], end - at];
        at = end;
      }
    }
    for (const job of this.aside) yield [job, 1];
  }

  private takeCheapest(): J {
    let cheapest: { jobs: J[]; next: number } | null = null;
    let least = Infinity;
    for (const queue of this.queues.values()) {
      if (queue.next === queue.jobs.length) continue;
      const cost = this.costOf(queue.jobs[queue.next]);
      if (cheapest !== null && cost >= least) continue;
      cheapest = queue;
      least = cost;
    }
    this.waiting--;
    return cheapest!.jobs[cheapest!.next++];
  }
}
