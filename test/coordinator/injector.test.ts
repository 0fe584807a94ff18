import test from 'ava';
import { type Injection, Injector } from '../../src/coordinator/injector.js';
import { Problem } from '../../src/problem.js';
import { planFaults } from '../../src/scenario/fault-plan.js';
import { sentenceOf } from '../../src/scenario/fault-words.js';
import { scenarioWith } from '../helpers/measures.js';
import { plainSite, plainTopology } from '../helpers/plain-topology.js';

const SITES = ['a', 'b'].map((name) => plainSite({ name, share: 0.5 }));
/** 120 s long. */
function injector(...sentences: string[]) {
  const faults = planFaults(sentences, { sites: SITES, peers: 50 }, (_, error) => error);
  const topology = plainTopology({ sites: SITES, latencyMs: new Float64Array(4) });
  const made = new Injector(scenarioWith({ peers: 50, topology, faults }));
  const applied: Injection[] = [];
  const take = (reachedMs: number) => made.take(reachedMs, async (injection) => void applied.push(injection));
  return { made, take, applied };
}

test('what is said takes effect at the next whole ms that nobody has reached, in the order it was said', async (t) => {
  const { made, take, applied } = injector();
  const said = [made.inject('crash 30%'), made.inject('for 10s partition a | rest'), made.inject('at 60s outage a')];
  t.deepEqual(applied, []);
  await take(30_000.25);
  t.deepEqual(await Promise.all(said), [
    ['at 30.001s crash 30%'],
    ['from 30.002s to 40.002s partition sites a | rest'],
    ['at 1m outage sites a'],
  ]);
  t.deepEqual(
    applied.map(({ index, fault }) => [index, sentenceOf(fault)]),
    made.faults.map((fault, index) => [index, sentenceOf(fault)]),
  );
  await take(50_000);
  t.is(applied.length, 3, 'once');
});

test('something that happens at a whole ms has happened: an injection comes after it', async (t) => {
  const { made, take } = injector();
  const said = made.inject('crash 30%');
  await take(30_000);
  t.deepEqual(await said, ['at 30.001s crash 30%']);
});

test('repair ends what is open in the scenario, and what was injected', async (t) => {
  const { made, take, applied } = injector('at 10s partition a | b', 'from 5s to 100s loss 5%', 'at 90s outage a');
  void made.inject('delay 50ms');
  await take(20_000);
  const said = made.inject('repair');
  await take(40_000);
  t.deepEqual(await said, ['from 10s to 40.001s partition sites a | b', 'from 20.001s to 40.001s delay 50ms']);
  t.deepEqual(
    applied.map(({ index }) => index),
    [3, 0, 3],
  );
  t.deepEqual(made.faults.map(sentenceOf), [
    'from 10s to 40.001s partition sites a | b',
    'from 5s to 100s loss 5%',
    'at 90s outage sites a',
    'from 20.001s to 40.001s delay 50ms',
  ]);
});

test('a mistake is answered, changes nothing, and stops nobody', async (t) => {
  const { made, take, applied } = injector();
  const wrong: [string, RegExp][] = [
    ['crsh 30%', /did you mean "crash"/],
    ['repair', /nothing to repair/],
    ['restart', /nobody to restart/],
    ['at 20s crash 3%', /^expected a time from 30.001s on, where the run is, got 20s$/],
    ['at 2m crash 3%', /^expected a time before the end of the run at 2m, got 2m$/],
    ['churn 5%', /^expected how long it lasts/],
    ['slow links of a by 5x', /unlimited/],
    ['for 3s repair', /^expected a moment/],
  ];
  const answers = wrong.map(([text]) => t.throwsAsync(made.inject(text), { instanceOf: Problem }));
  const good = made.inject('crash 5%');
  await take(30_000);
  for (const [at, [text, message]] of wrong.entries()) t.regex((await answers[at]).message, message, text);
  t.deepEqual(await good, ['at 30.001s crash 5%']);
  t.is(applied.length, 1);
});

test('after the end nobody is heard', async (t) => {
  const { made } = injector();
  const waiting = t.throwsAsync(made.inject('crash 5%'), { instanceOf: Problem, message: 'the run is over' });
  made.close();
  await waiting;
  await t.throwsAsync(made.inject('crash 5%'), { instanceOf: Problem, message: 'the run is over' });
});
