/**
 * The threads of a sweep: each carries one whole run at a time. From here they are watched: a handler that never returns cannot be
 * interrupted in its own thread, so the thread is ended, and a new one takes the next run.
 */

import { Piscina } from 'piscina';
import { newVitals, readVitals, type Vitals } from '../coordinator/own-thread.js';
import { deathOf } from '../coordinator/shard-crew.js';
import { Problem } from '../problem.js';
import { readPulse } from '../shard/pulse.js';
import type { Outcome } from './store.js';
import type { PooledTask, RunTask } from './task.js';

/** A thread without work ends after this long, and frees its memory. */
const IDLE_MS = 500;

export class RunPool {
  private readonly pool: Piscina;
  private readonly heapBytes: number;

  /** @param heapBytes what each thread's heap may take */
  constructor(threads: number, heapBytes: number) {
    this.heapBytes = heapBytes;
    this.pool = new Piscina({
      filename: new URL('../../workers/run.js', import.meta.url).href,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      resourceLimits: { maxOldGenerationSizeMb: Math.floor(heapBytes / 2 ** 20) },
    });
    // A worker that fails to start is reported by its task as well.
    this.pool.on('error', () => {});
  }

  /**
   * @param types of the protocol's messages, to name what a stalled run was doing
   * @param onStart hands out what tells how far the run is
   * @returns null when the signal ended it
   * @throws Problem (rejects) when its results cannot be written
   */
  async run(
    task: RunTask,
    types: readonly string[],
    signal: AbortSignal,
    onStart: (vitals: Vitals) => void = () => {},
  ): Promise<Outcome | null> {
    const vitals = newVitals();
    const { stallSeconds } = task.scenario.limits;
    const end = new AbortController();
    let stalled: Problem | null = null;
    const watch = watchStall(vitals, stallSeconds, types, (doing) => {
      const where = `${task.scenario.protocol.name}: no event has finished for ${stallSeconds} s (limits.stallSeconds): ${doing}`;
      stalled = new Problem(where, 'protocol-failed');
      end.abort();
    });
    onStart(vitals);
    const stop = () => end.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      const pooled: PooledTask = { ...task, vitals };
      const answer = await this.pool.run(pooled, { signal: end.signal });
      if (answer !== null && 'problem' in answer) throw new Problem(answer.problem.message, answer.problem.kind);
      return answer;
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (signal.aborted) return null;
      const { kind, message } = stalled ?? deathOf('the run', error as Error, this.heapBytes);
      return { status: 'failed', failure: kind, reason: message };
    } finally {
      clearInterval(watch);
      signal.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

/** Calls when nothing has happened between two looks, though the shard is at work. */
function watchStall(vitals: Vitals, stallSeconds: number, types: readonly string[], onStall: (doing: string) => void): NodeJS.Timeout {
  let before = '';
  return setInterval(() => {
    const { busy, taken } = readVitals(vitals);
    const { events, doing } = readPulse(vitals.pulse, 0, types);
    const now = `${taken} ${events}`;
    if (busy && doing !== null && now === before) onStall(doing);
    before = now;
  }, stallSeconds * 1000);
}
