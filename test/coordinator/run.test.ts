import { fileURLToPath } from 'node:url';
import test from 'ava';
import { checkConservation } from '../../src/checkers/conservation.js';
import { runExperiment } from '../../src/coordinator/experiment.js';
import { type RunProgress, runScenario } from '../../src/coordinator/run.js';
import { boxBytes } from '../../src/shard/exchange.js';
import { world, worldScenario } from '../helpers/worlds.js';
import { NUMBERS } from '../placebo/protocols/bulk.js';

const fixture = (name: string) => fileURLToPath(new URL(`../placebo/protocols/${name}.js`, import.meta.url));

test.serial('batches too big for their box go by port, and nothing is lost or changed on the way', async (t) => {
  const links = { ...world().classes[1], share: 1, uplinkBitsPerSecond: Infinity, downlinkBitsPerSecond: Infinity };
  const scenario = await worldScenario(fixture('bulk'), {
    peers: 60,
    warmUpMs: 0,
    measureMs: 2500,
    drainMs: 1000,
    start: 'join',
    topology: { classes: [links] },
  });
  const [one, four] = [await runScenario(scenario, { shards: 1 }), await runScenario(scenario, { shards: 4 })];
  t.is(four.measures.reason, null);
  const { counters } = four.measures;
  t.true(counters.sent >= 60 * 20 * 3);
  // Once a second 60 peers send 20 messages each, a sixteenth of them from one given shard to one other; nine bytes a number.
  t.true(((60 * 20) / 16) * NUMBERS * 9 > boxBytes(4) * 1.5, 'the batches are not big enough for this test');
  t.is(four.measures.traffic.delivered, counters.arrived);
  t.is(four.measures.traffic.delivered, one.measures.traffic.delivered);
  t.is(four.measures.digest, one.measures.digest);
  t.deepEqual(counters, one.measures.counters);
});

test.serial('progress goes forward to the end, and its totals are those of the result', async (t) => {
  const scenario = await worldScenario('ping', { peers: 300, settings: { periodMs: 20 }, warmUpMs: 2000, measureMs: 6000, drainMs: 1000 });
  const seen: RunProgress[] = [];
  const { measures } = await runScenario(scenario, { shards: 2, onProgress: (progress) => seen.push(progress) });
  t.true(seen.length > 2, `${seen.length} slices`);
  for (const [i, progress] of seen.entries()) {
    t.is(progress.totalMs, 9000);
    if (i > 0) t.true(progress.virtualMs >= seen[i - 1].virtualMs && progress.wallMs > seen[i - 1].wallMs);
  }
  const last = seen.at(-1)!;
  t.is(last.virtualMs, 9000);
  t.is(last.messages, measures.traffic.delivered);
  t.is(last.peersAlive, 300);
  t.is(last.phase, 'drain');
});

for (const shards of [1, 3]) {
  test.serial(`aborting ends a run of ${shards} at the next slice, with books that balance and what was measured so far`, async (t) => {
    const scenario = await worldScenario('ping', { peers: 200, settings: { periodMs: 20 }, measureMs: 1e7 });
    const abort = new AbortController();
    const stop = ({ virtualMs }: RunProgress) => virtualMs > 12_000 && abort.abort();
    const { measures, failure } = await runScenario(scenario, { shards, signal: abort.signal, onProgress: stop });
    t.is(measures.status, 'interrupted');
    t.is(failure, null);
    t.true(measures.virtualMs > 12_000 && measures.virtualMs < 1e6);
    t.true(measures.traffic.delivered > 1000);
    for (const check of checkConservation(measures)) t.true(check.held, check.says);
    const rows = measures.series;
    t.is(rows.length, Math.floor(measures.virtualMs / 5000) + 1);
    t.is(rows.at(-1)!.endMs, measures.virtualMs);
    t.true(Math.abs(measures.measuredMs - (measures.virtualMs - 10_000)) < 200);
  });
}

test.serial('a trace holds every delivery of its stretch of time, and no other', async (t) => {
  const scenario = await worldScenario('ping', { peers: 50, measureMs: 10_000, intervalMs: 1000 });
  const traced = async (shards: number) => {
    const { trace, measures } = await runScenario(scenario, { shards, trace: { fromMs: 4000, toMs: 6000 } });
    t.true(trace.every(({ timeMs }) => timeMs >= 4000 && timeMs < 6000));
    t.is(trace.length, measures.series[4].delivered + measures.series[5].delivered);
    return trace.map((row) => JSON.stringify(row)).sort();
  };
  const one = await traced(1);
  t.true(one.length > 100);
  t.deepEqual(await traced(3), one);
});

test.serial('more shards than the topology can be divided into: as many as make sense', async (t) => {
  const scenario = await worldScenario('ping', { peers: 40, measureMs: 1000, topology: { latencyMs: new Float64Array(256) } });
  const zeroed = {
    ...scenario,
    topology: { ...scenario.topology, classes: scenario.topology.classes.map((each) => ({ ...each, latencyMs: 0 })) },
  };
  const { measures } = await runScenario(zeroed, { shards: 4 });
  t.is(measures.shards, 1);
  t.is(measures.windows, 0);
  t.is(measures.lookaheadMs, null);
});

test.serial('the memory of peers is measured where there are enough of them, or when asked for', async (t) => {
  const perPeer = async (peers: number, weigh?: boolean) => {
    const scenario = await worldScenario('ping', { peers, warmUpMs: 0, measureMs: 10, drainMs: 0 });
    return (await runScenario(scenario, { shards: 1, weigh })).measures.effort.bytesPerPeer;
  };
  t.is(await perPeer(999), null);
  const [many, few] = [await perPeer(1000), await perPeer(100, true)];
  // A session, an instance and a timer at least; and no peer of `ping` has ten kB.
  t.true(many! > 200 && many! < 10_000, `${many} bytes`);
  t.true(few! > many!, 'among few each is charged more of what the thread takes for itself');
  t.is(await perPeer(1000, false), null);
});

test.serial('a protocol that sends nothing is measured all the same', async (t) => {
  const scenario = await worldScenario(fixture('mute'), { peers: 10, measureMs: 1000 });
  const { measures } = await runScenario(scenario, { shards: 2 });
  t.is(measures.status, 'completed');
  t.is(measures.virtualMs, 21_000);
  t.is(measures.peersAlive, 10);
  t.is(measures.series.length, 5);
});

test.serial('a protocol that fails on one of several shards ends all of them; what was measured is there', async (t) => {
  const scenario = await worldScenario(fixture('throws'), { peers: 40, settings: { where: 'onMessage', atMs: 3000 } });
  const { summary, failure } = await runExperiment(scenario, { shards: 3, outDir: null });
  t.is(failure, 'protocol-failed');
  t.is(summary.status, 'failed');
  t.regex(
    summary.reason!,
    /^throws: onMessage\("hello"\) of p\d+ at 3\.\d+ s \(seed 1\) threw Error: placebo \(.*throws\.\w+:\d+:\d+\)\)$/,
  );
  t.true(summary.messages.delivered > 100);
  t.true(summary.virtualMs > 2500 && summary.virtualMs < 4000, `${summary.virtualMs}`);
});
