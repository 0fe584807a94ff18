import { Worker } from 'node:worker_threads';
import test from 'ava';
import { type WallClock, WallPace, wallMs } from '../../src/shard/pace.js';

/** A wall clock that stands still but for sleeping, and oversleeps by a quarter of a ms. */
class FakeClock implements WallClock {
  ms = 5000;
  readonly slept: number[] = [];

  now(): number {
    return this.ms;
  }

  sleep(ms: number): void {
    this.slept.push(ms);
    this.ms += ms + 0.25;
  }
}

test('the time of the run is wall time since its start, times the speed', (t) => {
  const clock = new FakeClock();
  const pace = new WallPace(10, clock);
  t.is(pace.now(), -Infinity);
  t.is(pace.reach(100), -Infinity);
  pace.setOff(5020);
  t.is(pace.now(), -200);
  clock.ms = 5021.5;
  t.is(pace.now(), 15);
  t.is(pace.reach(100), 15);
  t.is(pace.reach(12), 12);
});

test('waiting is sleeping until the time has come, and never less', (t) => {
  const clock = new FakeClock();
  const pace = new WallPace(2, clock);
  pace.setOff(5000);
  pace.wait(200);
  t.deepEqual(clock.slept, [100]);
  t.is(pace.now(), 200.5);
  pace.wait(200);
  pace.wait(150);
  t.is(clock.slept.length, 1, 'what is past is not waited for');
});

test('who wakes too early sleeps again', (t) => {
  const clock = new FakeClock();
  clock.sleep = (ms) => {
    clock.slept.push(ms);
    clock.ms += ms > 1 ? ms / 2 : ms;
  };
  const pace = new WallPace(1, clock);
  pace.setOff(5000);
  pace.wait(8);
  t.deepEqual(clock.slept, [8, 4, 2, 1]);
  t.is(pace.now(), 8);
});

test('a wait ends with the slice', (t) => {
  const clock = new FakeClock();
  const pace = new WallPace(1, clock);
  pace.setOff(5000);
  pace.wait(1000, 5040);
  t.is(pace.now(), 40.25);
  pace.wait(1000, 5010);
  t.is(clock.slept.length, 1);
});

test('before it has set off there is nothing to wait for', (t) => {
  t.throws(() => new WallPace(1, new FakeClock()).wait(10), { message: /has not set off/ });
});

test('the real clock sleeps as long as it is told, and is the same in every thread', async (t) => {
  const pace = new WallPace(10);
  pace.setOff(wallMs());
  pace.wait(300);
  t.true(pace.now() >= 300);
  t.true(pace.now() < 5000, `${pace.now()}`);
  const before = wallMs();
  const code = `
    const { parentPort } = require('node:worker_threads');
    import(${JSON.stringify(new URL('../../src/shard/pace.js', import.meta.url).href)}).then(({ wallMs }) => parentPort.postMessage(wallMs()));`;
  const worker = new Worker(code, { eval: true });
  const inWorker = await new Promise<number>((resolve) => worker.once('message', resolve));
  t.true(before <= inWorker && inWorker <= wallMs());
  await worker.terminate();
});
