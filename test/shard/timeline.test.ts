import test from 'ava';
import type { Fault } from '../../src/faults/plan.js';
import { phaseAt, phaseTimes } from '../../src/scenario/phases.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { type Milestone, Timeline } from '../../src/shard/timeline.js';
import { puppet } from '../helpers/puppet.js';
import { type TestnetOptions, testScenario } from '../helpers/testnet.js';

function scenario(options: Partial<TestnetOptions>, intervalMs: number): Scenario {
  const base = testScenario('test', puppet({}) as never, { peers: 100, warmUpMs: 20, measureMs: 50, drainMs: 10, ...options });
  return { ...base, measures: { intervalMs, paths: false, thresholds: [] } };
}

function inWords(milestone: Milestone): string {
  if (milestone.kind === 'phase') return milestone.phase;
  if (milestone.kind === 'mass-failure') return `failure ${milestone.index}`;
  return 'number' in milestone ? `${milestone.kind} ${milestone.number}` : 'row';
}

function milestones(timeline: Timeline): string[] {
  const taken: string[] = [];
  let last = 0;
  while (timeline.nextMs !== Infinity) {
    const at = timeline.nextMs;
    const milestone: Milestone = timeline.take();
    if (milestone.atMs !== at || at < last) throw new Error(`${at} announced, ${milestone.atMs} taken after ${last}`);
    last = at;
    taken.push(`${at} ${inWords(milestone)}`);
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

test('faults begin and end among the others; what ends comes before what begins, and what outlasts the run has no end in it', (t) => {
  const fault = (atMs: number, untilMs: number | null): Fault => ({
    atMs,
    untilMs,
    says: 'outage everyone',
    action: { verb: 'outage', of: { kind: 'everyone' } },
  });
  const faults = [fault(40, 60), fault(20, 40), fault(40, null), fault(50, 80), fault(5, 90)];
  const timeline = new Timeline(scenario({}, 20), faults);
  const expected = [
    '0 warm-up',
    '5 fault-begins 4',
    '20 row',
    '20 measure',
    '20 fault-begins 1',
    '40 row',
    '40 fault-ends 1',
    '40 fault-begins 0',
    '40 fault-begins 2',
  ];
  t.deepEqual(
    expected.map(() => `${timeline.nextMs} ${inWords(timeline.take())}`),
    expected,
  );
  timeline.inject(5, fault(55, 65), true);
  timeline.inject(2, fault(40, 60), false);
  t.deepEqual(milestones(timeline), [
    '50 fault-begins 3',
    '55 fault-begins 5',
    '60 row',
    '60 fault-ends 0',
    '60 fault-ends 2',
    '65 fault-ends 5',
    '70 drain',
    '80 row',
  ]);
});
