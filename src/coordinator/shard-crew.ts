/**
 * The shards' threads as the coordinator holds them: one long-lived Piscina task each, spoken to over comlink. A comlink call to a
 * thread that dies never settles, so every call races against the task; the proxies are kept for the whole run, because a collected
 * proxy loses its answers.
 */

import { totalmem } from 'node:os';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import { Piscina } from 'piscina';
import { Problem } from '../problem.js';
import type { ShardApi } from '../shard/messages.js';

/** Share of the machine's memory that the shards' heaps may take together. */
const MEMORY_SHARE = 0.75;

/** The shards as the coordinator drives them, wherever they live. */
export interface Crew {
  readonly size: number;
  /** One call to every living shard, or to one: rejects with ShardDied when its thread ends instead of answering. */
  all<T>(call: (api: Remote, shard: number) => Promise<T>): Promise<T[]>;
  one<T>(shard: number, call: (api: Remote, shard: number) => Promise<T>): Promise<T>;
  isDead(shard: number): boolean;
  /** Ends threads that no longer answer. */
  kill(): void;
  /** Lets every thread finish its task. */
  dismiss(): Promise<void>;
}

export type Remote = Comlink.Remote<ShardApi>;

/** A thread that ended before it was told to, and why. */
export class ShardDied extends Error {
  readonly shard: number;
  readonly problem: Problem;

  constructor(shard: number, problem: Problem) {
    super(problem.message);
    this.shard = shard;
    this.problem = problem;
  }
}

interface Member {
  readonly api: Remote;
  readonly port: MessagePort;
  /** Rejects when the thread dies; never resolves while it is held. */
  readonly task: Promise<void>;
  readonly abort: AbortController;
  dead: boolean;
}

export class ShardCrew implements Crew {
  private readonly pool: Piscina;
  private readonly heapBytes: number;
  private readonly members: Member[];

  /** @param heapBytes what the shards' heaps may take together */
  constructor(shards: number, heapBytes: number = totalmem() * MEMORY_SHARE) {
    this.heapBytes = heapBytes;
    this.pool = new Piscina({
      filename: new URL('../../workers/shard.js', import.meta.url).href,
      minThreads: shards,
      maxThreads: shards,
      resourceLimits: { maxOldGenerationSizeMb: Math.floor(heapBytes / shards / 2 ** 20) },
    });
    // A worker that fails to start is reported by its task as well.
    this.pool.on('error', () => {});
    this.members = Array.from({ length: shards }, (_, shard) => this.hire(shard));
  }

  get size(): number {
    return this.members.length;
  }

  all<T>(call: (api: Remote, shard: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.members.map((_, shard) => this.one(shard, call)));
  }

  one<T>(shard: number, call: (api: Remote, shard: number) => Promise<T>): Promise<T> {
    const { api, task } = this.members[shard];
    const ended = task.then((): never => {
      throw new ShardDied(shard, new Problem(`shard ${shard} ended without an answer`, 'worker-died'));
    });
    return Promise.race([call(api, shard), ended]);
  }

  isDead(shard: number): boolean {
    return this.members[shard].dead;
  }

  kill(): void {
    for (const member of this.members) if (!member.dead) member.abort.abort();
  }

  /** Lets every thread finish its task, and the pool close. */
  async dismiss(): Promise<void> {
    const living = this.members.filter((member) => !member.dead);
    await Promise.allSettled(living.map((member) => Promise.race([member.api.stop(), member.task])));
    await Promise.allSettled(living.map((member) => member.task));
    for (const { api, port } of this.members) {
      api[Comlink.releaseProxy]();
      port.close();
    }
    await this.pool.destroy();
  }

  private hire(shard: number): Member {
    const { port1, port2 } = new MessageChannel();
    const abort = new AbortController();
    const task: Promise<void> = this.pool.run({ port: port2 }, { transferList: [port2], signal: abort.signal }).then(
      () => {
        member.dead = true;
      },
      (error: Error) => {
        member.dead = true;
        throw new ShardDied(shard, deathOf(`shard ${shard}`, error, this.heapBytes));
      },
    );
    task.catch(() => {}); // whoever races against it hears of it
    const member: Member = { api: Comlink.wrap<ShardApi>(port1 as unknown as Comlink.Endpoint), port: port1, task, abort, dead: false };
    return member;
  }
}

/** Why a Piscina task rejected, when its thread ended. */
export function deathOf(who: string, error: Error, heapBytes: number): Problem {
  if (/memory limit/i.test(error.message)) {
    const percent = Math.round((heapBytes / totalmem()) * 100);
    return new Problem(
      `${who} outgrew its memory (${percent} % of the machine's, divided among the shards): try fewer peers, or see "peerage plan"`,
      'does-not-fit',
    );
  }
  return new Problem(`${who}'s thread died: ${error.message}`, 'worker-died');
}
