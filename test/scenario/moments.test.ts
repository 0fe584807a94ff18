import test from 'ava';
import fc from 'fast-check';
import { meanMs, medianMs } from '../../src/population/durations.js';
import { loadScenario } from '../../src/scenario/load.js';
import { isProblem } from '../helpers/is-problem.js';
import { temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
let files = 0;
const load = (population: string, ...set: string[]) =>
  loadScenario(folder.write(`s${files++}.yaml`, `protocols: [chord]\npopulation: ${population}`), { set }).for('chord', {
    converge: true,
  }).population;

const MINUTE = 60_000;

for (const [stated, kind] of [
  ['{}', 'exponential'],
  ['{ session: never }', 'exponential'],
  ['{ session: exponential 30m }', 'exponential'],
  ['{ session: fixed 30m }', 'fixed'],
  ['{ session: weibull shape 0.6 mean 10m }', 'weibull'],
  ['{ session: { weibull: { shape: 0.6, scale: 10m } } }', 'weibull'],
  ['{ session: pareto shape 1.5 median 10m }', 'pareto'],
  ['{ session: { lognormal: { sigma: 1.2, median: 3m } } }', 'lognormal'],
  ['{ session: bittorrent }', 'weibull'],
  ['{ session: gnutella }', 'pareto'],
  ['kad', 'weibull'],
] as const) {
  test(`population ${stated}: another mean, another median, the same kind and shape`, (t) => {
    const before = load(stated).session;
    const { session } = load(stated, 'population.session.mean=20m');
    t.is(session?.kind, kind);
    t.is(Math.round(meanMs(session!)), 20 * MINUTE);
    for (const key of ['shape', 'sigma'] as const)
      if (before && key in before) t.is((session as never)[key], before[key as never] as never);
    t.is(Math.round(medianMs(load(stated, 'population.session.median=5m').session!)), 5 * MINUTE);
  });
}

test('the rest of the population stays as it was, and downtimes have means as well', (t) => {
  const kad = load('kad', 'population.session.mean=20m', 'population.downtime.mean=5m');
  t.is(kad.arrivals.kind, 'steady');
  t.is(Math.round(meanMs(kad.downtime!)), 5 * MINUTE);
  t.is(kad.downtime?.kind, 'weibull');
  t.is(load('{ session: exponential 30m, downtime: exponential 2m }', 'population.session.mean=never').session, null);
});

test('later words go before earlier ones', (t) => {
  const mean = (...set: string[]) => meanMs(load('{ session: fixed 30m }', ...set).session!);
  t.is(mean('population.session.mean=20m', 'population.session=exponential 10m'), 10 * MINUTE);
  t.is(mean('population.session=exponential 10m', 'population.session.mean=20m'), 20 * MINUTE);
  t.is(load('{}', 'population.session=exponential 10m', 'population.session.mean=20m').session?.kind, 'exponential');
});

test('what cannot be is a sentence that names the setting', (t) => {
  const set =
    (value: string, population = '{}') =>
    () =>
      load(population, value);
  isProblem(t, set('population.session.mean=soon'), /^--set population.session.mean: expected a duration .*, got "soon", or never$/);
  isProblem(t, set('population.session.mean=0'), /^--set population.session.mean: expected a duration above 0/);
  isProblem(
    t,
    set('population.session.mean=10m', '{ session: { pareto: { shape: 0.9, scale: 1m } } }'),
    /^--set population.session.mean.*above 1, got 0.9/,
  );
  isProblem(
    t,
    set('population.session.mean=10m', '{ session: expontial 5m }'),
    /s\d+.yaml:2:\d+: population.session: expected never, .*got "expontial 5m"/,
  );
  isProblem(t, set('population.session.mode=10m'), /population.session.*got "mode"/);
});

test('any mean of any Weibull distribution is the mean it gets', (t) => {
  fc.assert(
    fc.property(fc.double({ min: 0.2, max: 5, noNaN: true }), fc.integer({ min: 1, max: 10_000 }), (shape, seconds) => {
      const { session } = load(`{ session: { weibull: { shape: ${shape}, scale: 1m } } }`, `population.session.mean=${seconds}s`);
      t.true(Math.abs(meanMs(session!) / (seconds * 1000) - 1) < 1e-9);
    }),
    { numRuns: 20 },
  );
});
