/** Pause, step and pace change when a run happens, and nothing of what happens. */

import test from 'ava';
import type { RunControl } from '../../src/coordinator/control.js';
import { runScenario } from '../../src/coordinator/run.js';
import type { WatchFrame } from '../../src/coordinator/watch.js';
import { Problem } from '../../src/problem.js';
import { type WorldOptions, worldScenario } from '../helpers/worlds.js';

const SHORT: WorldOptions = {
  peers: 40,
  warmUpMs: 2000,
  measureMs: 6000,
  drainMs: 2000,
  locate: { files: 20, replicas: 4, publishSpreadMs: 1000, ratePerPeerPerSecond: 0.2, timeoutMs: 2000 },
};

for (const shards of [1, 2]) {
  test.serial(`paused, stepped and paced, a run on ${shards} is the same as one that just went`, async (t) => {
    const scenario = await worldScenario('chord', SHORT);
    const plain = await runScenario(scenario, { shards });
    const frames: WatchFrame[] = [];
    const stands: number[] = [];
    let script: Promise<void> = Promise.resolve();
    const drive = async ({ pause, step, pace, resume }: RunControl) => {
      stands.push(await pause());
      stands.push(await step(500));
      stands.push(await step(250.5));
      stands.push(await step());
      stands.push(await step());
      pace(20);
      resume();
      await new Promise((resolve) => setTimeout(resolve, 150));
      stands.push(await pause());
      pace(null);
      resume();
    };
    const { measures } = await runScenario(scenario, {
      shards,
      watch: { peers: 100, messages: 100, onFrame: (frame) => frames.push(frame) },
      onReady: (control) => {
        script = drive(control);
      },
    });
    await script;
    t.is(measures.digest, plain.measures.digest);
    t.is(measures.events, plain.measures.events);
    t.is(measures.status, 'completed');
    const [first, second, third, fourth, fifth, paced] = stands;
    t.is(first, 0);
    t.deepEqual([second, third], [500, 750.5]);
    t.true(Number.isInteger(fourth) && fourth > third && Number.isInteger(fifth) && fifth > fourth, `${stands}`);
    t.true(paced > fifth && paced < 9000, `at 20 ms a ms it was at ${paced}`);
    t.true(
      stands.every((ms) => frames.some(({ paused, virtualMs }) => paused && virtualMs === ms)),
      'it is shown as it stands',
    );
    t.true(frames.some(({ pace }) => pace === 20) && !frames.at(-1)!.paused);
  });
}

test.serial('a paused run takes faults, is not taken for one that hangs, and can be stopped', async (t) => {
  const scenario = await worldScenario('chord', { ...SHORT, limits: { stallSeconds: 3 } });
  const abort = new AbortController();
  let said: string[] = [];
  const drive = async ({ pause, inject, step }: RunControl) => {
    await step(3000);
    said = await inject('crash 50%');
    await new Promise((resolve) => setTimeout(resolve, 6500));
    t.true((await step(1000)) === 4000);
    abort.abort();
    await t.throwsAsync(pause(), { instanceOf: Problem, message: 'the run is over' });
  };
  let script: Promise<void> = Promise.resolve();
  const { measures } = await runScenario(scenario, {
    shards: 2,
    signal: abort.signal,
    onReady: (control) => {
      script = drive(control);
    },
  });
  await script;
  t.is(measures.status, 'interrupted', measures.reason ?? '');
  t.regex(said[0], /^at 3(\.\d+)?s crash 50%$/);
  t.is(measures.faults[0].peersHit, 20);
  t.is(measures.peersAlive, 20);
});

test.serial('what cannot be is refused with a sentence, and the run goes on', async (t) => {
  const clock = { kind: 'wall', speed: 10, latenessMs: 1000 } as const;
  const scenario = await worldScenario('chord', { ...SHORT, measureMs: 1000, drainMs: 100, warmUpMs: 100, clock });
  const refused: Promise<unknown>[] = [];
  const { measures } = await runScenario(scenario, {
    shards: 1,
    onReady: ({ pause, step, pace, resume }) => {
      refused.push(t.throwsAsync(pause(), { instanceOf: Problem, message: /^a run by the wall clock cannot be paused/ }));
      refused.push(t.throwsAsync(step(10), { instanceOf: Problem, message: /^a run by the wall clock cannot be stepped/ }));
      t.throws(() => pace(2), { instanceOf: Problem, message: /^a run by the wall clock cannot be paced otherwise/ });
      pace(null);
      resume();
    },
  });
  await Promise.all(refused);
  t.is(measures.status, 'completed');
  const virtual = await worldScenario('chord', { ...SHORT, measureMs: 1000 });
  await runScenario(virtual, {
    shards: 1,
    onReady: ({ step, pace }) => {
      refused.push(t.throwsAsync(step(-1), { instanceOf: Problem, message: 'a step of -1 ms: expected more than 0' }));
      t.throws(() => pace(0), { instanceOf: Problem, message: /^a pace of 0 virtual ms per wall ms/ });
    },
  });
  await Promise.all(refused);
});
