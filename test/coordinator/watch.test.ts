/** A run that is watched is the run that it is unwatched, and its frames add up to it. */

import test from 'ava';
import { runScenario } from '../../src/coordinator/run.js';
import type { WatchFrame } from '../../src/coordinator/watch.js';
import { DROP_REASONS } from '../../src/metrics/measures.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { type WorldOptions, worldScenario } from '../helpers/worlds.js';

const SHORT: WorldOptions = {
  peers: 60,
  warmUpMs: 3000,
  measureMs: 15_000,
  drainMs: 2000,
  population: { session: { kind: 'exponential', meanMs: 20_000 }, downtime: { kind: 'exponential', meanMs: 5000 }, core: 0.1 },
  locate: { files: 20, replicas: 4, publishSpreadMs: 2000, ratePerPeerPerSecond: 0.1, timeoutMs: 4000 },
};

async function scenarioOf(protocol: string): Promise<Scenario> {
  const scenario = await worldScenario(protocol, SHORT);
  const faults = planFaults(['at 8s crash 20%'], { sites: scenario.topology.sites, peers: scenario.peers }, (_, error) => error);
  return { ...scenario, faults };
}

for (const protocol of ['gnutella', 'chord']) {
  test.serial(
    `${protocol}: watched or not, on one shard or two, the digest is the same, and the frames add up to the measures`,
    async (t) => {
      const scenario = await scenarioOf(protocol);
      const plain = await runScenario(scenario, { shards: 1 });
      for (const shards of [1, 2]) {
        const frames: WatchFrame[] = [];
        const { measures } = await runScenario(scenario, {
          shards,
          watch: { peers: 1000, messages: 1_000_000, onFrame: (frame) => frames.push(structuredClone(frame)) },
        });
        t.is(measures.digest, plain.measures.digest);
        const [first, last] = [frames[0], frames.at(-1)!];
        const { traffic } = measures;
        const sum = (of: (frame: WatchFrame) => number) => frames.reduce((total, frame) => total + of(frame), 0);

        t.deepEqual([first.number, first.virtualMs, first.peersAlive > 0], [0, 0, true]);
        t.true(first.links!.length > 0, 'links are there from the first frame on');
        t.is(first.drawn.length, 60);
        t.is(first.positions.filter((each) => each !== null).length > 0, protocol === 'chord');
        t.deepEqual(
          frames.map(({ number }) => number),
          frames.map((_, i) => i),
        );
        t.true(frames.every(({ fromMs }, i) => i === 0 || fromMs === frames[i - 1].virtualMs));

        t.is(last.totals.sent, traffic.sent);
        t.is(last.totals.delivered, traffic.delivered);
        t.is(last.totals.bytes, traffic.bytes);
        t.deepEqual(last.totals.dropped, traffic.dropped);
        t.is(
          sum(({ inFrame }) => inFrame.delivered),
          traffic.delivered,
        );
        t.is(
          sum(({ inFrame }) => inFrame.operations.succeeded),
          last.totals.operations.succeeded,
        );
        const ended = traffic.delivered + DROP_REASONS.reduce((total, reason) => total + traffic.dropped[reason], 0);
        t.is(
          sum(({ messages }) => messages.length),
          ended,
          'each message is in one frame',
        );
        t.true(frames.every(({ moreMessages, operationsShown }) => moreMessages === 0 && operationsShown === 1));
        t.is(
          sum(({ heat }) => heat.handled.reduce((a, b) => a + b, 0)),
          traffic.delivered,
        );
        for (const { messages, fromMs, virtualMs } of frames) {
          t.true(messages.every(({ arrivesMs }) => arrivesMs >= fromMs && arrivesMs <= Math.max(virtualMs, fromMs)));
        }

        t.is(last.up.filter((isUp) => isUp).length, measures.peersAlive);
        t.is(last.peersAlive, measures.peersAlive);
        const up = new Set<number>();
        for (const { changes } of frames) for (const change of changes) change.up ? up.add(change.peer) : up.delete(change.peer);
        t.deepEqual(
          [...up].sort((a, b) => a - b),
          last.drawn.flatMap(({ peer }, i) => (last.up[i] ? [peer] : [])),
        );
        const [fault] = last.faults;
        t.is(fault.atMs, 8000);
        t.true(fault.peersHit! > 5);
        t.true(
          frames.some(({ faults, virtualMs }) => virtualMs < 8000 && faults[0].peersHit === null),
          'it is known before it happens',
        );
        t.true(frames.some(({ latency }) => latency.p50Ms !== null && latency.p50Ms <= latency.p90Ms!));
      }
    },
  );
}

test.serial('of many peers an even sample is drawn, with the servers; a frame keeps to its bounds and says what is missing', async (t) => {
  const scenario = await worldScenario('napster', SHORT);
  const frames: WatchFrame[] = [];
  await runScenario(scenario, { shards: 2, watch: { peers: 20, messages: 50, onFrame: (frame) => frames.push(frame) } });
  const [{ drawn }] = frames;
  t.is(drawn.length, 20);
  t.deepEqual(
    drawn.filter(({ isServer }) => isServer).map(({ name }) => name),
    ['s0', 's1', 's2', 's3', 's4'].slice(0, scenario.servers),
  );
  const peers = drawn.filter(({ isServer }) => !isServer).map(({ peer }) => peer);
  const steps = peers.slice(1).map((peer, i) => peer - peers[i]);
  t.true(Math.max(...steps) - Math.min(...steps) <= 1, `evenly: ${peers}`);
  t.true(frames.every(({ messages }) => messages.length <= 50));
  t.true(frames.some(({ messages, moreMessages }) => messages.length > 0 && moreMessages > 0));
});
