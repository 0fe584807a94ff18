/** A thread for barrier.test.ts: meets the others for a number of rounds and tells what it learned. */

import { parentPort, workerData } from 'node:worker_threads';
import { Stream } from '../../src/kernel/random.js';
import { Barrier } from '../../src/shard/barrier.js';

export interface BarrierWork {
  readonly control: SharedArrayBuffer;
  readonly shard: number;
  readonly shards: number;
  readonly rounds: number;
  readonly cores: number;
}

/** The time that a shard brings to a round, and whether shard 0 asks for a pause in it. */
export function brings(shard: number, round: number): { timeMs: number; pause: boolean } {
  const random = new Stream(round, shard, 'workload');
  return { timeMs: random.next() * 1000, pause: random.next() < 0.3 };
}

if (parentPort !== null && workerData?.control) {
  const { control, shard, shards, rounds, cores } = workerData as BarrierWork;
  const barrier = new Barrier(control, shard, shards, cores);
  const learned: (number | boolean)[] = [];
  for (let round = 0; round < rounds; round++) {
    const { timeMs, pause } = brings(shard, round);
    const agreed = barrier.meet(timeMs, pause);
    if (agreed === null) break;
    learned.push(agreed.earliestMs, agreed.pause);
  }
  parentPort.postMessage({ learned, round: barrier.round });
}
