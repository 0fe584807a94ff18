/**
 * A crew of one shard that lives in the caller's own thread: nothing is sent and nobody is waited for. For a sweep, whose threads each
 * carry a whole run, and for a protocol that only exists in the caller's memory. A handler that never returns cannot be ended from here:
 * another thread must watch, and has `Vitals` to look at.
 */

import { setImmediate } from 'node:timers/promises';
import type { ProtocolDefinition } from '../protocol.js';
import { ShardHost } from '../shard/host.js';
import { pulseOf } from '../shard/pulse.js';
import type { Crew, Remote } from './shard-crew.js';

/** Signs of life of a run, in shared memory. */
export interface Vitals {
  /** The shard's: what it is handling, and how many events it has begun (shard/pulse.ts). */
  readonly pulse: SharedArrayBuffer;
  /** Whether the shard is at work, and how many calls it has taken; then how far the run is, in millionths. */
  readonly calls: SharedArrayBuffer;
}

const BUSY = 0;
const TAKEN = 1;
const REACHED = 2;

export function newVitals(): Vitals {
  return { pulse: pulseOf(1), calls: new SharedArrayBuffer(3 * 4) };
}

/** Whether the shard is at work (else: starting, adding up, writing), a number that changes when it gets on, and how far it is in [0, 1]. */
export function readVitals({ calls }: Vitals): { busy: boolean; taken: number; reached: number } {
  const words = new Int32Array(calls);
  return { busy: Atomics.load(words, BUSY) === 1, taken: Atomics.load(words, TAKEN), reached: Atomics.load(words, REACHED) / 1e6 };
}

export function tellReached({ calls }: Vitals, share: number): void {
  Atomics.store(new Int32Array(calls), REACHED, Math.floor(share * 1e6));
}

export class OwnThread implements Crew {
  readonly size = 1;
  private readonly host: ShardHost;
  private readonly words: Int32Array;
  /** Whether the thread belongs to somebody who has other things to do between two slices: a script with a signal, a timer, a server. */
  private readonly shared: boolean;

  /** @param definition what runs; undefined: what the catalogue finds by the scenario */
  constructor({ calls }: Vitals, definition?: ProtocolDefinition) {
    this.words = new Int32Array(calls);
    this.shared = definition !== undefined;
    this.host = definition === undefined ? new ShardHost() : new ShardHost(undefined, async () => definition);
  }

  async all<T>(call: (api: Remote, shard: number) => Promise<T>): Promise<T[]> {
    return [await this.one(0, call)];
  }

  async one<T>(shard: number, call: (api: Remote, shard: number) => Promise<T>): Promise<T> {
    if (this.shared) await setImmediate();
    Atomics.store(this.words, BUSY, 1);
    Atomics.add(this.words, TAKEN, 1);
    try {
      // Whoever calls awaits the answers: that they are there at once is no difference.
      return await call(this.host as unknown as Remote, shard);
    } finally {
      Atomics.store(this.words, BUSY, 0);
    }
  }

  isDead(): boolean {
    return false;
  }

  kill(): void {}

  async dismiss(): Promise<void> {
    this.host.stop();
  }
}
