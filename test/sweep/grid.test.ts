import { join } from 'node:path';
import test from 'ava';
import { Problem } from '../../src/problem.js';
import { parseVary, variationOf } from '../../src/scenario/variation.js';
import { commandOf } from '../../src/sweep/command.js';
import { type GridOptions, makeGrid } from '../../src/sweep/grid.js';
import { planSweep } from '../../src/sweep/plan.js';
import { temporaryFolder } from '../scenario/temporary.js';

const folder = temporaryFolder();
const TINY = folder.write(
  'tiny.yaml',
  `peers: 20
topology: ideal
protocols: [chord]
phases: { start: converge, warmUp: 1s, measure: 10s, drain: 5s }
workload: { locate: { files: 10, timeout: 5s } }
`,
);
const SWEPT = folder.write(
  'swept.yaml',
  `peers: 20
topology: ideal
protocols: [chord]
workload: { locate: { files: 10, timeout: 5s } }
sweep:
  vary:
    peers: 10..40:x2
    population.session.mean: [10m, never]
  repeat: 3
`,
);
const vary = (...given: string[]): GridOptions => ({ variations: given.map(parseVary) });
const refused = async (
  t: { throwsAsync: (run: () => Promise<unknown>) => Promise<unknown>; regex: (text: string, like: RegExp) => void },
  run: () => Promise<unknown>,
  says: RegExp,
) => {
  const error = (await t.throwsAsync(run)) as Problem;
  if (!(error instanceof Problem)) throw error;
  t.regex(error.message, says);
};

test('every combination, the last axis changing fastest, each a scenario of its own', async (t) => {
  const { axes, points, repeat } = await makeGrid(TINY, vary('peers=10,20', 'protocol=chord,kademlia', 'workload.locate.rate=0.1/s,1/s'));
  t.is(repeat, 1);
  t.deepEqual(
    axes.map(({ path }) => path),
    ['peers', 'protocol', 'workload.locate.rate'],
  );
  t.is(points.length, 8);
  t.deepEqual(
    points.map(({ at }) => at.join('')),
    ['000', '001', '010', '011', '100', '101', '110', '111'],
  );
  const { scenario } = points[5];
  t.deepEqual([scenario.peers, scenario.protocol.name, scenario.workload.locate?.ratePerPeerPerSecond], [20, 'chord', 1]);
  t.is(points[6].scenario.protocol.name, 'kademlia');
});

test('points with one topology share it; varied, each has its own', async (t) => {
  const same = await makeGrid(TINY, vary('peers=10,20,30'));
  t.is(new Set(same.points.map(({ scenario }) => scenario.topology)).size, 1);
  const { points } = await makeGrid(TINY, vary('topology=ideal,lan', 'peers=10,20'));
  t.deepEqual(
    points.map(({ scenario }) => scenario.topology.name),
    ['ideal', 'ideal', 'lan', 'lan'],
  );
  const lossy = await makeGrid(TINY, vary('topology.loss=0%,10%', 'peers=10,20'));
  t.deepEqual(
    lossy.points.map(({ scenario }) => scenario.topology.loss),
    [0, 0, 0.1, 0.1],
  );
});

test('axes have numbers in base units, words stay words', async (t) => {
  const { axes } = await makeGrid(
    TINY,
    vary('population.session.mean=10m,2h,never', 'workload.locate.freeRiders=0,50%', 'protocol=chord,kademlia'),
  );
  t.deepEqual(axes[0], {
    path: 'population.session.mean',
    unit: 'ms',
    values: [
      { text: '10m', number: 600_000 },
      { text: '2h', number: 7_200_000 },
      { text: 'never', number: null },
    ],
  });
  t.is(axes[1].unit, 'share');
  t.deepEqual(
    axes[1].values.map(({ number }) => number),
    [0, 0.5],
  );
  t.like(axes[2], { unit: null, values: [{ text: 'chord', number: null }, { text: 'kademlia' }] });
});

test('a scenario of several protocols is swept for each of them', async (t) => {
  const { axes, points } = await makeGrid('lookup', vary('peers=10,20'));
  t.deepEqual(
    axes.map(({ path }) => path),
    ['peers', 'protocol'],
  );
  t.is(points.length, 4);
  const one = await makeGrid('lookup', { ...vary('peers=10,20'), protocols: ['chord'] });
  t.deepEqual(
    one.axes.map(({ path }) => path),
    ['peers'],
  );
});

test('the scenario\u2019s own section, unless the command line says otherwise', async (t) => {
  const own = await makeGrid(SWEPT, {});
  t.is(own.repeat, 3);
  t.deepEqual(
    own.axes.map(({ path, values }) => [path, values.map(({ text }) => text)]),
    [
      ['peers', ['10', '20', '40']],
      ['population.session.mean', ['10m', 'never']],
    ],
  );
  t.deepEqual(
    (await makeGrid(SWEPT, { ...vary('peers=5'), repeat: 1 })).axes.map(({ path }) => path),
    ['peers'],
  );
  // A setting that is stated is not varied.
  t.deepEqual(
    (await makeGrid(SWEPT, { peers: 15 })).axes.map(({ path }) => path),
    ['population.session.mean'],
  );
  t.is((await makeGrid(SWEPT, { peers: 15 })).points[0].scenario.peers, 15);
});

test('what cannot be is said before anything runs, and says whose fault it is', async (t) => {
  const given =
    (...text: string[]) =>
    () =>
      makeGrid(TINY, vary(...text));
  await refused(t, given('peers=10,many'), /^--vary peers: expected a whole number, got "many"$/);
  await refused(t, given('peers=10,20', 'peerz=5'), /^--vary peerz: unknown setting "peerz" \(did you mean "peers"\?\)/);
  await refused(t, given('protocol=chord,kadmlia'), /^--vary protocol: there is no protocol "kadmlia" \(did you mean "kademlia"\?\)/);
  await refused(t, given('protocol.ttl=3,5'), /^--vary protocol.ttl: none of chord has a setting "ttl"/);
  await refused(t, given('peers=10', 'peers=20'), /^--vary peers: expected each setting to be varied once/);
  await refused(t, () => makeGrid(TINY, { ...vary('peers=10'), peers: 5 }), /^--vary peers: --peers states the same setting/);
  await refused(t, () => makeGrid(TINY, { ...vary('phases.measure=10s'), duration: '5s' }), /--duration states the same/);
  await refused(t, () => makeGrid(TINY, {}), /^nothing to sweep/);
  await refused(t, () => makeGrid(TINY, { ...vary('peers=10..1000:+1'), repeat: 1000 }), /at most 100000 runs, got 991000/);
  const bad = folder.write('bad.yaml', 'protocols: [chord]\nsweep:\n  vary:\n    peers: [10, 0]\n');
  await refused(t, () => makeGrid(bad, {}), /bad.yaml:4:12: sweep.vary.peers: expected a whole number of at least 1, got 0$/);
});

test('repetitions have the same seeds at every point, and runs that are the same are done once', async (t) => {
  const { runs, jobs } = await planSweep(TINY, { ...vary('peers=10,20'), repeat: 3 });
  t.deepEqual(
    runs[0].map(({ seed }) => seed),
    runs[1].map(({ seed }) => seed),
  );
  t.is(runs[0][0].seed, 1);
  t.is(jobs.length, 6);
  t.deepEqual(
    jobs.map(({ scenario }) => scenario.seed),
    [...runs[0], ...runs[1]].map(({ seed }) => seed),
  );
  // Chord has no such setting, so its points come to the same.
  const shared = await planSweep('lookup', vary('protocol.ttl=3,5', 'protocol=gnutella,chord'));
  t.is(shared.points.length, 4);
  t.is(shared.jobs.length, 3);
  t.is(shared.runs[1][0].key, shared.runs[3][0].key);
});

test('a key is of what makes the run: settings, seed and a module\u2019s text, and not of how it is asked', async (t) => {
  const keys = async (options: GridOptions, file = TINY) => (await planSweep(file, options)).runs.map(([{ key }]) => key);
  const [ten, twenty] = await keys(vary('peers=10,20'));
  t.not(ten, twenty);
  t.deepEqual(await keys(vary('peers=20,10')), [twenty, ten]);
  t.deepEqual(await keys({ variations: [variationOf('peers', [10], 'x')], set: ['seed=1'] }), [ten]);
  t.notDeepEqual(await keys({ ...vary('peers=10'), seed: 2 }), [ten]);
  t.notDeepEqual(await keys({ ...vary('peers=10'), topology: 'lan' }), [ten]);
  const module = (body: string) =>
    folder.write('mine.mjs', `export default { about: 'a', messages: {}, create: () => ({ join() {}, onMessage() {} }) };${body}`);
  const own = { ...vary('peers=10'), protocols: [module('')], set: ['workload=none'] };
  const before = await keys(own);
  t.deepEqual(await keys(own), before);
  module('// changed');
  t.notDeepEqual(await keys(own), before);
});

test('the command asks for the same again', (t) => {
  t.is(
    commandOf(
      'lookup',
      { ...vary('peers=10..40:x2', 'population.session=never,exponential 5m'), repeat: 5, seed: 3, set: ['a=b c'] },
      'out',
      ['--parquet'],
    ),
    "npx peerage sweep lookup --vary peers=10,20,40 --vary 'population.session=never,exponential 5m' --repeat 5 --seed 3 --set 'a=b c' --out out --parquet",
  );
  t.is(commandOf(join('a', 'b.yaml'), {}, 'results'), 'npx peerage sweep a/b.yaml');
});
