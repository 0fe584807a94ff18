import test from 'ava';
import { Problem } from '../../src/problem.js';
import { sentenceOf } from '../../src/scenario/fault-words.js';
import { loadScenario } from '../../src/scenario/load.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const HEAD = `protocols: [x]
peers: 20
phases: { warmUp: 10s, measure: 80s, drain: 10s }
`;
const PLACES = `topology:
  latency: 10ms
  access: { line: { uplink: 1 Mbit/s } }
  sites: [{ name: a, region: west }, { name: b, region: west }, { name: c }]
`;

function load(text: string, topology = PLACES, set: string[] = []): Scenario {
  return loadScenario(folder.write('s.yaml', HEAD + topology + text), { set }).for('x', {});
}

test('faults keep the order they are written in, which numbers them; a repair is no fault of its own', (t) => {
  const { faults } = load(`faults:
  - at 50s crash 30%
  - at 40s repair
  - at 30s partition sites west | rest
  - from 5s to 90s slow uplink of a by 5x
`);
  t.deepEqual(faults.map(sentenceOf), [
    'at 50s crash 30%',
    'from 30s to 40s partition sites west | rest',
    'from 5s to 90s slow uplink of sites a by 5x',
  ]);
});

test('chaos: what, how often, and for how long', (t) => {
  const { chaos } = load('chaos: [{ fault: outage of a random region, every: 1m, lasts: 5s }, { fault: crash 5%, every: 30s }]\n');
  t.deepEqual(
    chaos.map(({ says, everyMs, lastsMs }) => [says, everyMs, lastsMs]),
    [
      ['outage random region', 60_000, 5_000],
      ['crash 5%', 30_000, null],
    ],
  );
});

test('faults come from the command line, too', (t) => {
  const { faults } = load('', PLACES, ['faults=[at 20s crash 10%, at 30s restart]']);
  t.deepEqual(
    faults.map(({ says }) => says),
    ['crash 10%', 'restart'],
  );
});

test('what cannot be is refused where it is written', (t) => {
  const wrong: [string, string][] = [
    ['faults: at 5s crash 3%', 'faults: expected a list of sentences, such as at 60s partition sites europe | rest, got "at 5s crash 3%"'],
    ['faults: [{ at: 5s }]', 'faults.0: expected text, got a map'],
    [
      'faults: [at 5s crash 3%, at 7s crash sites nowhere]',
      'faults.1: expected a site or region of the topology, got "nowhere"; there is west, a, b, c',
    ],
    ['faults: [at 100s crash 3%]', 'faults.0: expected a time before the end of the run at 100s, got 100s'],
    ['faults: [at 5s repair]', 'faults.0: nothing to repair: no fault that lasts without an end of its own has begun before 5s'],
    [
      'faults: [at 5s slow downlink of a by 2x]',
      'faults.0: expected links with a rate to slow down, but those of topology inline are unlimited',
    ],
    ['faults: [at 5s restart]', 'faults.0: nobody to restart: no fault has crashed anybody before 5s'],
    ['faults: [at 5s crash peers 20]', 'faults.0: expected peers from 0 to 19, because there are 20, got "20"'],
    ['chaos: { fault: crash 5% }', 'chaos: expected a list of maps such as { fault: crash 5%, every: 10m }, got a map'],
    [
      'chaos: [{ fault: crash 5%, evry: 1m }]',
      'chaos.0.evry: unknown setting "evry" (did you mean "every"?); there is fault, every, lasts',
    ],
    ['chaos: [{ fault: crash 5% }]', 'chaos.0.every: expected a duration such as 500ms, 30s, 10m, 2h or 1d, got nothing'],
    ['chaos: [{ fault: outage a, every: 1m }]', 'chaos.0: expected lasts: how long it goes on, on average'],
    ['chaos: [{ fault: at 5s crash 5%, every: 1m }]', 'chaos.0: expected a fault without a time, such as crash 5%, got "at 5s crash 5%"'],
    ['chaos: [{ fault: restart, every: 1m }]', 'chaos.0: expected a fault that breaks something: crash with lasts brings its peers back'],
    ['chaos: [{ fault: crash 5%, every: 1ms }]', 'chaos.0: expected at most 10000 faults in a run, got one every 1ms'],
  ];
  for (const [text, message] of wrong) {
    const error = t.throws(() => load(text), { instanceOf: Problem }, text);
    t.is(error.message.replace(/^.*?s\.yaml:\d+:\d+: /, ''), message, text);
    t.regex(error.message, /s\.yaml:8:\d+: /, text);
  }
});

test('a restart may come after what chaos crashes', (t) => {
  t.is(load('faults: [at 50s restart]\nchaos: [{ fault: crash 5%, every: 10s }]\n').faults.length, 1);
});
