import test from 'ava';
import type { Fault } from '../../src/faults/plan.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { plainSite } from '../helpers/plain-topology.js';
import { type Puppet, puppet, type Script } from '../helpers/puppet.js';
import { type TestnetOptions, testnet } from '../helpers/testnet.js';

const SITES = ['a', 'b'].map((name) => plainSite({ name, share: 0.5 }));
const OPTIONS: TestnetOptions = { peers: 60, start: 'join', topology: { sites: SITES, latencyMs: Float64Array.of(10, 10, 10, 10) } };

const faults = (...texts: string[]): Fault[] => planFaults(texts, { sites: SITES, peers: OPTIONS.peers }, (_, error) => error);
const net = (script: Script, ...texts: string[]) => testnet<Puppet>(puppet(script), { ...OPTIONS, faults: faults(...texts) });

test('a crash takes its share down without a word; restart brings the same peers back, who join anew, in order', async (t) => {
  const joined: string[] = [];
  const script: Script = { join: (me) => joined.push(me.peer.name), leave: () => t.fail('a crash says nothing') };
  const world = await net(script, 'at 100ms crash 30%', 'at 200ms restart');
  joined.length = 0;
  world.run(150);
  t.is(world.shard.population.upCount, 42);
  const down = Array.from({ length: 60 }, (_, peer) => peer).filter((peer) => world.peer(peer) === undefined);
  t.is(down.length, 18);
  t.deepEqual(joined, []);
  world.run(201);
  t.is(world.shard.population.upCount, 60);
  t.deepEqual(
    joined,
    down.map((peer) => `p${peer}`),
  );
  t.deepEqual(
    world.shard.faults.records().map(({ peersHit }) => peersHit),
    [18, 18],
  );
});

test('a crash with a span brings its own back at the end, and nobody else', async (t) => {
  const world = await net({}, 'at 100ms crash peers 0-9', 'from 150ms to 300ms crash peers 5-19');
  world.run(200);
  t.is(world.shard.population.upCount, 40);
  world.run(301);
  t.is(world.shard.population.upCount, 50);
  t.deepEqual(
    Array.from({ length: 10 }, (_, peer) => world.peer(peer) === undefined),
    new Array(10).fill(true),
    'who was down already was not taken down by it',
  );
});

test('restart wakes only whom faults took down, and who have been down since', async (t) => {
  const world = await net({}, 'at 100ms crash peers 0-4', 'at 500ms restart peers 0-2', 'at 600ms restart');
  world.run(200);
  world.join(0); // it came back by itself, and left by itself
  world.leave(0);
  world.leave(10);
  world.run(501);
  t.deepEqual(
    [0, 1, 2, 3, 4, 10].map((peer) => world.peer(peer) !== undefined),
    [false, true, true, false, false, false],
  );
  world.run(601);
  t.deepEqual(
    [0, 3, 4, 10].map((peer) => world.peer(peer) !== undefined),
    [false, true, true, false],
  );
});

test('in churn everyone of the share goes once and is back at the end; who is down when is spread over the span', async (t) => {
  let gone = 0;
  let least = 60;
  const world = await net({ join: () => gone++ }, 'from 1s to 11s churn 50%');
  gone = 0;
  for (let ms = 1000; ms <= 11_000; ms += 100) {
    world.run(ms);
    least = Math.min(least, world.shard.population.upCount);
  }
  world.run(11_001);
  t.is(world.shard.population.upCount, 60);
  t.is(gone, 30, 'each came back once');
  // A peer is down for a third of the span on average; half of them at the worst moment.
  t.true(least < 52 && least > 35, `${least}`);
  t.is(world.shard.faults.records()[0].peersHit, 30);
});

test('churn leaves alone who is down already, and does not bring back whom something else took', async (t) => {
  const world = await net({}, 'from 1s to 2s churn peers 0-9');
  world.run(500);
  for (let peer = 0; peer < 5; peer++) world.leave(peer);
  world.run(3000);
  t.deepEqual(
    Array.from({ length: 10 }, (_, peer) => world.peer(peer) !== undefined),
    Array.from({ length: 10 }, (_, peer) => peer >= 5),
  );
  t.is(world.shard.faults.records()[0].peersHit, 5);
});

/** p0 (site a or b) sends a note to everybody each 10 ms; what arrives is kept as [time, receiver]. */
function chatter(arrived: [number, string][], damaged: string[] = []): Script {
  return {
    join: (me) => {
      if (me.peer.name !== 'p0') return;
      me.peer.every(
        10,
        () => {
          for (const to of me.peer.bootstrap(59)) me.peer.send(to, { type: 'a', n: me.peer.now, data: 0 } as never);
        },
        undefined,
        0,
      );
    },
    message: (me, _, message) => {
      if (message.type === 'a') arrived.push([me.peer.now, me.peer.name]);
      else damaged.push(me.peer.name);
    },
  };
}

test('partition, hold and delay do to packets what they say, and the books balance', async (t) => {
  const arrived: [number, string][] = [];
  const world = await net(
    chatter(arrived),
    'from 100ms to 200ms partition peers 0 | peers 1-9',
    'from 300ms to 400ms hold peers 0 | peers 20-29',
    'from 500ms to 600ms delay 25ms of peers 40-49',
  );
  world.run(700);
  const at = (who: (peer: number) => boolean) => arrived.filter(([, name]) => who(Number(name.slice(1)))).map(([ms]) => Math.round(ms));
  const of = (peer: number) => at((each) => each === peer);
  const every10 = (from: number, to: number) => Array.from({ length: (to - from) / 10 + 1 }, (_, i) => from + i * 10);
  t.deepEqual(of(30), every10(10, 690), 'nobody else feels it');
  t.deepEqual(of(5), [...every10(10, 100), ...every10(210, 690)], 'what left while it lasted is lost');
  t.deepEqual(
    of(25),
    [...every10(10, 300), ...new Array(10).fill(410), ...every10(410, 690)].sort((a, b) => a - b),
    'what was held comes at once, and all of it',
  );
  t.deepEqual(
    of(45),
    [...every10(10, 500), ...every10(535, 625), ...every10(610, 690)].sort((a, b) => a - b),
    'late by 25 ms',
  );
  const { sent, delivered, dropped, inFlight } = world.shard.progress(false);
  t.is(sent, delivered + dropped + inFlight);
  t.is(dropped, 9 * 10);
});

test('what is held when the run ends is in flight', async (t) => {
  const arrived: [number, string][] = [];
  const scenarioFaults = faults('at 50ms hold peers 0 | rest');
  const world = await testnet<Puppet>(puppet(chatter(arrived)), { ...OPTIONS, faults: scenarioFaults, measureMs: 100 });
  world.run(100);
  world.shard.finish(100);
  const report = world.shard.report(world.shard.progress(true));
  t.is(report.progress.inFlight, 59 * 5);
  t.is(report.inFlightCounted, 59 * 5);
});

test('a fault that is injected begins, and ends, at its time; one that was open gets its end', async (t) => {
  const world = await net({}, 'at 100ms outage peers 0-9');
  world.run(150);
  t.true(world.shard.faults.state.active);
  const [outage] = world.scenario.faults;
  world.shard.inject(0, { ...outage, untilMs: 170 });
  const [crash] = faults('from 160ms to 180ms crash peers 30-39');
  world.shard.inject(1, crash);
  world.run(165);
  t.is(world.shard.population.upCount, 50);
  world.run(171);
  t.false(world.shard.faults.state.active);
  world.run(181);
  t.is(world.shard.population.upCount, 60);
  t.deepEqual(
    world.shard.faults.records().map(({ atMs, untilMs, says, origin, peersHit }) => [atMs, untilMs, says, origin, peersHit]),
    [
      [100, 170, 'outage peers 0-9', 'scenario', 10],
      [160, 180, 'crash peers 30-39', 'injected', 10],
    ],
  );
});

test('chaos comes first in the list, so that what is injected keeps its number; random places are filled in', async (t) => {
  const world = await testnet<Puppet>(puppet({}), {
    ...OPTIONS,
    measureMs: 60_000,
    faults: faults('at 100ms crash peers 0-9'),
    chaos: [{ says: 'outage random site', action: { verb: 'outage', of: { kind: 'random', of: 'site' } }, everyMs: 5000, lastsMs: 1000 }],
  });
  world.run(60_000);
  const records = world.shard.faults.records();
  t.true(records.length > 4);
  t.is(records.at(-1)!.origin, 'scenario');
  for (const { origin, says, peersHit } of records.slice(0, -1)) {
    t.is(origin, 'chaos');
    t.regex(says, /^outage sites [ab]$/);
    t.true(peersHit! > 20 && peersHit! < 40);
  }
});

test('a fault that the run did not come to is said to be so; a moment has no length, what is open no end', async (t) => {
  const world = await net({}, 'at 100ms crash peers 0-9', 'at 200ms loss 5%', 'at 500ms outage peers 3');
  world.run(300);
  t.deepEqual(
    world.shard.faults.records().map(({ untilMs, peersHit }) => [untilMs, peersHit]),
    [
      [100, 10],
      [null, 60],
      [null, null],
    ],
  );
});
