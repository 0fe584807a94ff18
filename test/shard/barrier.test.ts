import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { Barrier } from '../../src/shard/barrier.js';
import { type BarrierWork, brings } from './barrier-thread.js';

interface Learned {
  readonly learned: (number | boolean)[];
  readonly round: number;
}

function thread(work: BarrierWork): { worker: Worker; learned: Promise<Learned> } {
  const worker = new Worker(new URL('./barrier-thread.js', import.meta.url), { workerData: work });
  return { worker, learned: once(worker, 'message').then(([said]) => said) };
}

for (const cores of [1, 64]) {
  test(`every round, every shard learns the same earliest time and shard 0's pause (${cores === 1 ? 'asleep' : 'spinning'})`, async (t) => {
    const shards = 3;
    const rounds = 3000;
    const control = new SharedArrayBuffer(Barrier.bytes(shards));
    const threads = Array.from({ length: shards }, (_, shard) => thread({ control, shard, shards, rounds, cores }));
    const expected = Array.from({ length: rounds }, (_, round) => {
      const all = Array.from({ length: shards }, (_, shard) => brings(shard, round));
      return [Math.min(...all.map(({ timeMs }) => timeMs)), all[0].pause];
    }).flat();
    for (const { learned } of threads) t.deepEqual(await learned, { learned: expected, round: rounds });
  });
}

test('a shard waits until the last has come', async (t) => {
  const shards = 2;
  const control = new SharedArrayBuffer(Barrier.bytes(shards));
  const first = thread({ control, shard: 0, shards, rounds: 1, cores: 1 });
  let done = false;
  first.learned.then(() => {
    done = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.false(done);
  const second = thread({ control, shard: 1, shards, rounds: 1, cores: 1 });
  t.is((await first.learned).round, 1);
  t.is((await second.learned).round, 1);
});

test('abort lets everybody go: who waits, and who comes later', async (t) => {
  const shards = 3;
  const control = new SharedArrayBuffer(Barrier.bytes(shards));
  const waiting = thread({ control, shard: 0, shards, rounds: 5, cores: 1 });
  await once(waiting.worker, 'online');
  await new Promise((resolve) => setTimeout(resolve, 100));
  Barrier.abort(control);
  t.deepEqual(await waiting.learned, { learned: [], round: 0 });
  const late = new Barrier(control, 1, shards, 1);
  t.is(late.meet(5, false), null);
});

test('a barrier of one is passed at once', (t) => {
  const barrier = new Barrier(new SharedArrayBuffer(Barrier.bytes(1)), 0, 1, 1);
  for (let round = 0; round < 5; round++)
    t.deepEqual(barrier.meet(round * 10, round === 3), { earliestMs: round * 10, pause: round === 3 });
});
