import test from 'ava';
import { phaseAt, phaseTimes } from '../../src/scenario/phases.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { type Milestone, Timeline } from '../../src/shard/timeline.js';
import { puppet } from '../helpers/puppet.js';
import { type TestnetOptions, testScenario } from '../helpers/testnet.js';

function scenario(options: Partial<TestnetOptions>, intervalMs: number): Scenario {
  const base = testScenario('test', puppet({}) as never, { peers: 100, warmUpMs: 20, measureMs: 50, drainMs: 10, ...options });
  return { ...base, measures: { intervalMs, thresholds: [] } };
}

function milestones(timeline: Timeline): string[] {
  const taken: string[] = [];
  let last = 0;
  while (timeline.nextMs !== Infinity) {
    const at = timeline.nextMs;
    const milestone: Milestone = timeline.take();
    if (milestone.atMs !== at || at < last) throw new Error(`${at} announced, ${milestone.atMs} taken after ${last}`);
    last = at;
    taken.push(`${at} ${milestone.kind === 'phase' ? milestone.phase : milestone.kind === 'row' ? 'row' : `failure ${milestone.index}`}`);
  }
  return taken;
}

test('phases, rows and failures come in order of time; a row ends before what else happens then', (t) => {
  const timeline = new Timeline(
    scenario(
      {
        population: {
          massFailures: [
            { atMs: 40, share: 0.1 },
            { atMs: 33, share: 0.1 },
          ],
        },
      },
      20,
    ),
  );
  t.is(timeline.endMs, 80);
  t.is(timeline.measureEndMs, 70);
  t.deepEqual(milestones(timeline), [
    '0 warm-up',
    '20 row',
    '20 measure',
    '33 failure 1',
    '40 row',
    '40 failure 0',
    '60 row',
    '70 drain',
    '80 row',
  ]);
});

test('the last row is as short as the run; what would come after the end does not come', (t) => {
  const timeline = new Timeline(scenario({ population: { massFailures: [{ atMs: 81, share: 0.1 }] }, drainMs: 0 }, 30));
  t.deepEqual(milestones(timeline), ['0 warm-up', '20 measure', '30 row', '60 row', '70 row', '70 drain']);
});

test('the join phase lasts until the last planned arrival', (t) => {
  const ramp = scenario({ population: { arrivals: { kind: 'ramp', overMs: 500 } } }, 1000);
  t.deepEqual(phaseTimes(ramp), { warmUpMs: 500, measureMs: 520, drainMs: 570, endMs: 580 });
  const poisson = scenario({ population: { arrivals: { kind: 'poisson', ratePerSecond: 50 } } }, 1000);
  t.is(phaseTimes(poisson).warmUpMs, 2000);
  t.deepEqual(
    [0, 499.9, 500, 519.9, 520, 569.9, 570, 580].map((at) => phaseAt(ramp, at)),
    ['join', 'join', 'warm-up', 'warm-up', 'measure', 'measure', 'drain', 'drain'],
  );
});
