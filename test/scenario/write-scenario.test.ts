import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { AccessClass, Topology } from '../../src/network/topology.js';
import type { Arrivals, Duration, PopulationPlan } from '../../src/population/plan.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { loadScenario, scenarioToYaml } from '../../src/scenario/load.js';
import { packageRoot, shippedNames } from '../../src/scenario/package-files.js';
import type { LocateWorkload, Scenario, Threshold } from '../../src/scenario/scenario.js';
import { temporaryFolder } from './temporary.js';

const folder = temporaryFolder();

test('every shipped scenario, with each of its protocols, is read back to the very same scenario', async (t) => {
  for (const name of shippedNames('scenarios')) {
    const loaded = loadScenario(name);
    for (const protocol of loaded.protocols) {
      const definition = await loadProtocol(protocol);
      const scenario = loaded.for(protocol, definition);
      const file = folder.write('scenario.yaml', scenarioToYaml(scenario));
      const again = loadScenario(file);
      t.deepEqual(again.protocols, [protocol]);
      t.deepEqual(again.for(protocol, definition), scenario);
    }
  }
});

const SETTINGS = {
  size: { default: 1, about: 'a number' },
  on: { default: true, about: 'a switch' },
  text: { default: '', about: 'text' },
  list: { default: [1], about: 'numbers' },
} as const;

const ms = fc.oneof(fc.nat({ max: 1e7 }), fc.double({ min: 1e-3, max: 1e7, noNaN: true }));
const positiveMs = ms.filter((value) => value > 0);
const positive = fc.double({ min: 1e-3, max: 50, noNaN: true });
const share = fc.oneof(
  fc.nat(100).map((percent) => percent / 100),
  fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
);
/** Any text that a person might write, and some that YAML might take for something else. */
const text = fc.oneof(fc.string(), fc.constantFrom('yes', '12', 'null', '- a', '# no', 'a: b', '>= 3', '"', "it's", 'two\nlines', ' x '));
const rate = fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 1, max: 1e10 }), positive);

function shares(count: number, weights: readonly number[]): number[] {
  const parts = Array.from({ length: count }, (_, index) => weights[index % weights.length]);
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
}
const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

const classes = fc
  .tuple(
    fc.integer({ min: 1, max: 4 }),
    weights,
    fc.array(fc.tuple(rate, rate, fc.integer({ min: 1 }), ms), { minLength: 4, maxLength: 4 }),
  )
  .map(([count, parts, links]): AccessClass[] =>
    shares(count, parts).map((each, index) => ({
      name: `class ${index}`,
      share: each,
      uplinkBitsPerSecond: links[index][0],
      downlinkBitsPerSecond: links[index][1],
      queueBytes: index === 3 ? Number.POSITIVE_INFINITY : links[index][2],
      latencyMs: links[index][3],
    })),
  );

const topology: fc.Arbitrary<Topology> = fc
  .tuple(
    fc.tuple(text, text, text),
    fc.nat(100),
    classes,
    fc.integer({ min: 1, max: 5 }),
    weights,
    fc.array(ms, { minLength: 25, maxLength: 25 }),
    share,
    share,
  )
  .map(([[name, about, source], headerBytes, access, sites, parts, latencies, jitter, loss]) => ({
    name,
    about,
    source,
    headerBytes,
    classes: access,
    sites: shares(sites, parts).map((each, index) => ({ name: `${index}`, share: each })),
    latencyMs: Float64Array.from(latencies.slice(0, sites * sites)),
    jitter,
    loss: loss / 2,
  }));

const duration: fc.Arbitrary<Duration> = fc.oneof(
  positiveMs.map((valueMs): Duration => ({ kind: 'fixed', valueMs })),
  positiveMs.map((meanMs): Duration => ({ kind: 'exponential', meanMs })),
  fc.tuple(positive, positiveMs).map(([shape, scaleMs]): Duration => ({ kind: 'weibull', shape, scaleMs })),
  fc.tuple(positive, positiveMs).map(([shape, scaleMs]): Duration => ({ kind: 'pareto', shape, scaleMs })),
  fc.tuple(positive, positiveMs).map(([sigma, medianMs]): Duration => ({ kind: 'lognormal', sigma, medianMs })),
);
const arrivals: fc.Arbitrary<Arrivals> = fc.oneof(
  fc.constant<Arrivals>({ kind: 'at-once' }),
  positiveMs.map((overMs): Arrivals => ({ kind: 'ramp', overMs })),
  positive.map((ratePerSecond): Arrivals => ({ kind: 'poisson', ratePerSecond })),
);
/** Events and churn lie before the end of the run, of which measure alone takes 1e8 ms. */
const population: fc.Arbitrary<PopulationPlan> = fc
  .tuple(arrivals, share, fc.option(duration), fc.option(duration), share, ms, fc.array(fc.tuple(ms, share), { maxLength: 3 }))
  .map(([arrive, core, session, downtime, crashShare, churnFromMs, failures]) => ({
    arrivals: arrive,
    core,
    session,
    downtime: session && downtime,
    crashShare,
    churnFromMs: session ? churnFromMs : 0,
    massFailures: failures.map(([atMs, part]) => ({ atMs, share: Math.max(part, 1e-9) })).sort((a, b) => a.atMs - b.atMs),
  }));

const locate: fc.Arbitrary<LocateWorkload> = fc
  .record({
    files: fc.nat(),
    zipf: fc.double({ min: 0, max: 5, noNaN: true }),
    replicas: positive,
    replicaZipf: positive.map((value) => value / 10),
    freeRiders: share.map((value) => value / 2),
    sharingZipf: fc.constant(0.8),
    publishSpreadMs: ms,
    ratePerPeerPerSecond: fc.oneof(fc.constant(0), positive),
    perPeer: fc.nat(5),
    timeoutMs: positiveMs,
  })
  .map((given) => ({ ...given, ratePerPeerPerSecond: given.perPeer > 0 ? 0 : given.ratePerPeerPerSecond }));

const thresholds = fc
  .array(
    fc.tuple(fc.constantFrom<Threshold['condition']>('>=', '>', '<=', '<', '=='), fc.double({ noNaN: true, noDefaultInfinity: true })),
    { maxLength: 3 },
  )
  .map((bounds): Threshold[] =>
    bounds.map(([condition, value], index) => ({ metric: index < 2 ? 'a.b' : 'c', condition, value: value + 0 })),
  );

const scenario: fc.Arbitrary<Scenario> = fc.record({
  name: fc.constantFrom('x', 'flood-vs-dht', '2024'),
  about: text,
  seed: fc.maxSafeNat(),
  peers: fc.integer({ min: 1, max: 1e8 }),
  protocol: fc.record({
    name: fc.constant('mine'),
    file: fc.constantFrom(null, '/a b/mine.js'),
    settings: fc.record({
      size: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      on: fc.boolean(),
      text,
      list: fc.array(fc.integer()),
    }),
  }),
  topology,
  population,
  phases: fc.record({
    start: fc.constantFrom('converge' as const, 'join' as const),
    warmUpMs: ms,
    measureMs: ms.map((value) => value + 1e8),
    drainMs: ms,
  }),
  workload: fc.record({ locate: fc.option(locate) }),
  measures: fc.record({ intervalMs: positiveMs, thresholds }),
  limits: fc.record({ pendingEvents: fc.integer({ min: 1 }), eventsPerInstant: fc.integer({ min: 1 }), stallSeconds: positive }),
});

test('any scenario is read back to the very same scenario', (t) => {
  fc.assert(
    fc.property(scenario, (given) => {
      const loaded = loadScenario(folder.write('any.yaml', scenarioToYaml(given)));
      t.deepEqual(loaded.for(loaded.protocols[0], { settings: SETTINGS, converge: true, services: ['locate'] }), given);
    }),
    { numRuns: 100 },
  );
});

const data = [process.env.PEERAGE_DATA, resolve(packageRoot(), '../shared/data')].find((each) => each !== undefined && existsSync(each));

(data === undefined ? test.skip : test)('a scenario on 490 measured hosts is read back, too', (t) => {
  const loaded = loadScenario('lookup', { protocol: 'mine', topology: join(data!, 'planetlab-490-rtt-ms.tsv') });
  const given = loaded.for('mine', { converge: true, services: ['locate'] });
  const yaml = scenarioToYaml(given);
  t.true(yaml.split('\n').length < 490 * 2 + 100, 'a row of the matrix is a line');
  t.deepEqual(loadScenario(folder.write('large.yaml', yaml)).for('mine', { converge: true, services: ['locate'] }), given);
});
