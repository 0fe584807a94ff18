/**
 * Runs by the wall clock, on real threads. What they prove must hold on a machine that is busy with other things: nothing is early, time
 * never goes back (the protocol throws if it does), lateness is seen. How late things are on a quiet machine is for the benchmarks.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { checkConservation } from '../../src/checkers/conservation.js';
import { runExperiment } from '../../src/coordinator/experiment.js';
import { runScenario } from '../../src/coordinator/run.js';
import type { Measures } from '../../src/metrics/measures.js';
import { renderRun } from '../../src/report/terminal.js';
import type { Clock } from '../../src/scenario/scenario.js';
import { type WorldOptions, worldScenario } from '../helpers/worlds.js';

const fixture = (name: string) => fileURLToPath(new URL(`../placebo/protocols/${name}.js`, import.meta.url));
const wall = (speed: number, latenessMs = 10): Clock => ({ kind: 'wall', speed, latenessMs });
const stopwatch = (clock: Clock, options: WorldOptions = {}) =>
  worldScenario(fixture('stopwatch'), { peers: 20, warmUpMs: 500, measureMs: 1200, drainMs: 300, intervalMs: 500, clock, ...options });
const roundTripMs = ({ counters }: Measures) => counters['round trip us'] / counters['round trips'] / 1000;

/** So late may an event be on a machine on which everything else runs at the same time, in wall ms. */
const GRACE_MS = 1500;

for (const shards of [1, 2]) {
  for (const speed of [1, 10]) {
    test.serial(`a run at speed ${speed} on ${shards} shards takes as long as it should, and its pings too`, async (t) => {
      const scenario = await stopwatch(wall(speed), { measureMs: 300 + 1200 * speed });
      const endMs = 800 + 300 + 1200 * speed;
      const { measures, failure } = await runScenario(scenario, { shards });
      t.is(failure, null, measures.reason ?? '');
      t.is(measures.shards, shards);
      const { runWallMs } = measures.effort;
      t.true(runWallMs >= endMs / speed, `${runWallMs} ms for ${endMs} at speed ${speed}`);
      t.true(runWallMs < endMs / speed + GRACE_MS, `${runWallMs} ms for ${endMs} at speed ${speed}`);
      t.true(measures.virtualMs >= endMs && measures.virtualMs < endMs + GRACE_MS * speed, `${measures.virtualMs}`);
      for (const check of checkConservation(measures)) t.true(check.held, check.says);
      // The same pings by virtual time, where nothing is late: by the wall clock they take no less, but for who pinged whom.
      const ideal = await runScenario({ ...scenario, clock: { kind: 'virtual' } }, { shards });
      t.true(measures.counters['round trips'] > 100);
      t.true(roundTripMs(measures) > roundTripMs(ideal.measures) * 0.8, `${roundTripMs(measures)} ${roundTripMs(ideal.measures)}`);
      t.true(roundTripMs(measures) < roundTripMs(ideal.measures) + GRACE_MS * speed);
      const { lateness } = measures.histograms;
      t.true(lateness.totalCount > measures.traffic.delivered);
      t.true(lateness.maxValue > 0);
      t.false('lateness' in ideal.measures.histograms);
    });
  }

  test.serial(`handlers that take 20 ms each on ${shards} shards: the run says that the emulator was the limit`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'peerage-wall-'));
    // 20 peers, ten pings a second each, and as many pongs: eight seconds of work in every second.
    const scenario = await stopwatch(wall(1, 50), { settings: { burnMs: 20 }, warmUpMs: 0, measureMs: 400, drainMs: 100 });
    const { summary, folder: results } = await runExperiment(scenario, { shards, outDir: folder });
    t.is(summary.status, 'completed', summary.reason ?? '');
    t.true(summary.clock.latenessMs.p99! > 100, JSON.stringify(summary.clock));
    t.true(summary.clock.lateShare! > 0.1);
    t.regex(
      summary.warnings.join('\n'),
      /^the emulator, not the protocol, was the limit: \d+ % of the events were handled more than 50 ms/m,
    );
    t.true(summary.virtualMs > 600, 'what was due is done, though the time is over');
    for (const check of summary.checks) t.true(check.held, check.says);
    // Late is late for the peers, too.
    t.true(summary.counters['round trip us'] / summary.counters['round trips'] > 150_000);
    t.regex(readFileSync(join(results!, 'lateness.hgrm'), 'utf8'), /#\[Unit {4}= ms\]/);
    t.false(summary.repeatable);
    const shown = renderRun(summary, results, 'npx peerage run it');
    t.regex(shown, /^digest, not repeatable +[0-9a-f]{12}$/m);
    t.regex(shown, /^late events +\d+\.\d %$/m);
    t.regex(shown, /^repeat +npx peerage run it$/m);
    rmSync(folder, { recursive: true });
  });

  test.serial(`who is up when is the same by either clock, however late ${shards} shards are`, async (t) => {
    const churn = {
      population: {
        arrivals: { kind: 'ramp', overMs: 1000 },
        core: 0.1,
        session: { kind: 'exponential', meanMs: 1500 },
        downtime: { kind: 'exponential', meanMs: 1000 },
        massFailures: [{ atMs: 1600, share: 0.3 }],
      },
    } as const;
    const scenario = await stopwatch(wall(5), { peers: 40, ...churn, settings: { burnMs: 2, periodMs: 200 }, measureMs: 3000 });
    const paced = (await runScenario(scenario, { shards })).measures;
    t.is(paced.status, 'completed', paced.reason ?? '');
    const ideal = (await runScenario({ ...scenario, clock: { kind: 'virtual' } }, { shards: 1 })).measures;
    t.deepEqual(
      paced.series.map((row) => row.peersAlive),
      ideal.series.map((row) => row.peersAlive),
    );
    t.is(paced.measuredPeerSeconds, ideal.measuredPeerSeconds);
    t.is(paced.measuredMs, 3000);
    t.true(new Set(ideal.series.map((row) => row.peersAlive)).size > 3, 'nobody came or went');
  });

  test.serial(`a fault said while a run on ${shards} shards goes on takes effect at once`, async (t) => {
    const scenario = await stopwatch(wall(1), { warmUpMs: 0, measureMs: 1500, drainMs: 100, intervalMs: 100 });
    let said: Promise<string[]> | null = null;
    let saidAtMs = 0;
    let inject: ((sentence: string) => Promise<string[]>) | null = null;
    const { measures } = await runScenario(scenario, {
      shards,
      onReady: (control) => {
        inject = control.inject;
      },
      onProgress: ({ virtualMs }) => {
        if (virtualMs < 300 || said !== null) return;
        saidAtMs = virtualMs;
        said = inject!('crash 50%');
      },
    });
    t.is(measures.status, 'completed', measures.reason ?? '');
    t.is((await said!).length, 1);
    const [fault] = measures.faults;
    t.true(fault.atMs > saidAtMs - 1 && fault.atMs < saidAtMs + GRACE_MS, `said at ${saidAtMs}, done at ${fault.atMs}`);
    t.is(measures.peersAlive, 10);
  });

  test.serial(`a run of ${shards} in which nothing happens can be stopped, and shows how time goes on`, async (t) => {
    const scenario = await worldScenario(fixture('mute'), { peers: 10, clock: wall(1), intervalMs: 1e6, warmUpMs: 0, measureMs: 1e6 });
    const abort = new AbortController();
    const times: number[] = [];
    const begunAt = performance.now();
    const { measures } = await runScenario(scenario, {
      shards,
      signal: abort.signal,
      onProgress: ({ virtualMs }) => {
        times.push(virtualMs);
        if (virtualMs > 700) abort.abort();
      },
    });
    t.is(measures.status, 'interrupted');
    t.true(performance.now() - begunAt < 700 + 4 * GRACE_MS);
    t.true(times.length > 3, `${times}`);
    t.deepEqual(
      times.toSorted((a, b) => a - b),
      times,
    );
    t.true(measures.virtualMs > 700);
  });
}

test.serial('questions are asked on time though the answers are late, and judged as ever', async (t) => {
  const locate = { files: 20, replicas: 4, ratePerPeerPerSecond: 2, timeoutMs: 2000 };
  const scenario = await worldScenario('chord', { peers: 30, clock: wall(5), locate, warmUpMs: 500, measureMs: 5000, drainMs: 2500 });
  const paced = await runExperiment(scenario, { shards: 2, outDir: null });
  t.is(paced.failure, null, paced.summary.reason ?? '');
  const ideal = await runExperiment({ ...scenario, clock: { kind: 'virtual' } }, { shards: 1, outDir: null });
  t.is(paced.summary.operations.locate!.started, ideal.summary.operations.locate!.started);
  t.true(paced.summary.operations.locate!.success! > 0.5, JSON.stringify(paced.summary.operations.locate));
  for (const check of paced.summary.checks) t.true(check.held, check.says);
});
