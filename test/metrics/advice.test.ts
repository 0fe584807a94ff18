import test from 'ava';
import { runScenario } from '../../src/coordinator/run.js';
import { adviceOf } from '../../src/metrics/advice.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { loadScenario } from '../../src/scenario/load.js';

const RUN = { shards: 2, windows: 20_000, events: 600_000, lookaheadMs: 0.25 };

test('shards that mostly waited for each other are told; one shard, long windows and short runs are not', (t) => {
  t.deepEqual(adviceOf(RUN), [
    '2 shards mostly waited for each other: between two meetings, 0.25 ms of virtual time apart, each handled 15 events: --shards 1 may well be faster, or a topology whose near peers are farther apart',
  ]);
  t.deepEqual(adviceOf({ ...RUN, shards: 1 }), []);
  t.deepEqual(adviceOf({ ...RUN, windows: 5_000 }), []);
  t.deepEqual(adviceOf({ ...RUN, events: 100_000 }), []);
});

test('windows are those of a real run: the shorter the lookahead, the more of them', async (t) => {
  const run = async (latency: string) => {
    const loaded = loadScenario('bench-ping', { protocol: 'ping', peers: 50, set: [`topology.latency=${latency}`, 'phases.measure=2s'] });
    return (await runScenario(loaded.for('ping', await loadProtocol('ping')), { shards: 2 })).measures;
  };
  const [short, long] = [await run('1ms'), await run('50ms')];
  t.true(short.windows > 5 * long.windows, `${short.windows} and ${long.windows}`);
  t.deepEqual(adviceOf({ ...short, events: short.events * 1000, windows: short.windows * 1000 }).length, 1);
});
