import { fileURLToPath } from 'node:url';
import test from 'ava';
import { ShardCrew, ShardDied } from '../../src/coordinator/shard-crew.js';
import { placePeers } from '../../src/network/placement.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import type { ShardConfig } from '../../src/shard/messages.js';
import { PULSE_WORDS } from '../../src/shard/pulse.js';
import { testScenario } from '../helpers/testnet.js';

const dies = fileURLToPath(new URL('../placebo/protocols/dies.js', import.meta.url));

async function config(settings: Record<string, string>): Promise<ShardConfig> {
  const base = testScenario('dies', await loadProtocol(dies), { peers: 3, settings });
  const scenario = { ...base, protocol: { ...base.protocol, file: dies } };
  const { table, gateways } = placePeers(scenario.topology, 3, 1, 1);
  return {
    scenario,
    shard: 0,
    shards: 1,
    strict: false,
    weigh: false,
    lookaheadMs: Infinity,
    rows: table.f64.buffer as SharedArrayBuffer,
    places: table.places.buffer as SharedArrayBuffer,
    gateways,
    exchange: null,
    pulse: new SharedArrayBuffer(PULSE_WORDS * 4),
    trace: null,
    watch: null,
    follow: null,
  };
}

test('a thread that ends instead of answering is noticed, and the others live on', async (t) => {
  const crew = new ShardCrew(2);
  await crew.one(0, async (api) => api.start(await config({ how: 'exit' })));
  await crew.one(1, async (api) => api.start(await config({ how: 'live' })));
  const died = await t.throwsAsync<ShardDied>(
    crew.one(0, (api) => api.advance(10_000)),
    { instanceOf: ShardDied },
  );
  t.is(died?.shard, 0);
  t.is(died?.problem.kind, 'worker-died');
  t.true(crew.isDead(0));
  await t.throwsAsync(
    crew.one(0, (api) => api.collect(true)),
    { instanceOf: ShardDied },
  );
  t.false(crew.isDead(1));
  t.false((await crew.one(1, (api) => api.advance(50))).failure !== null);
  await crew.dismiss();
});

test('threads that no longer answer can be ended', async (t) => {
  const crew = new ShardCrew(1);
  await crew.one(0, async (api) => api.start(await config({ how: 'never returns' })));
  const advancing = crew.one(0, (api) => api.advance(10));
  setTimeout(() => crew.kill(), 200);
  await t.throwsAsync(advancing, { instanceOf: ShardDied });
  await crew.dismiss();
  t.true(crew.isDead(0));
});

test('a thread that outgrows its share of the memory says so', async (t) => {
  // Sixteen, so that the share of one is quickly used up; the others hold nothing.
  const crew = new ShardCrew(16);
  await crew.one(3, async (api) => api.start(await config({ how: 'memory' })));
  const died = await t.throwsAsync<ShardDied>(
    crew.one(3, (api) => api.advance(10_000)),
    { instanceOf: ShardDied },
  );
  t.is(died?.problem.kind, 'does-not-fit');
  t.regex(died?.problem.message ?? '', /^shard 3 outgrew its memory \(75 % of the machine's, divided among the shards\): try fewer peers/);
  await crew.dismiss();
});
