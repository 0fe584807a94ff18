import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { Arrivals, Diurnal, Duration, PopulationPlan, Trace } from '../../src/population/plan.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { SCENARIO_DEFAULTS } from '../../src/scenario/defaults.js';
import { loadScenario, scenarioToYaml } from '../../src/scenario/load.js';
import { packageRoot, shippedNames } from '../../src/scenario/package-files.js';
import type { LocateWorkload, QueryTrace, Scenario, Threshold } from '../../src/scenario/scenario.js';
import { anyFaults } from '../helpers/any-fault.js';
import { anyMs, anyPositiveMs, anyPositiveShare, anyShare, anyText, anyTopology } from '../helpers/any-topology.js';
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

const positive = fc.double({ min: 1e-3, max: 50, noNaN: true });
const duration: fc.Arbitrary<Duration> = fc.oneof(
  anyPositiveMs.map((valueMs): Duration => ({ kind: 'fixed', valueMs })),
  anyPositiveMs.map((meanMs): Duration => ({ kind: 'exponential', meanMs })),
  fc.tuple(positive, anyPositiveMs).map(([shape, scaleMs]): Duration => ({ kind: 'weibull', shape, scaleMs })),
  fc.tuple(positive, anyPositiveMs).map(([shape, scaleMs]): Duration => ({ kind: 'pareto', shape, scaleMs })),
  fc.tuple(positive, anyPositiveMs).map(([sigma, medianMs]): Duration => ({ kind: 'lognormal', sigma, medianMs })),
);
const arrivals: fc.Arbitrary<Arrivals> = fc.oneof(
  fc.constant<Arrivals>({ kind: 'at-once' }),
  anyPositiveMs.map((overMs): Arrivals => ({ kind: 'ramp', overMs })),
  positive.map((ratePerSecond): Arrivals => ({ kind: 'poisson', ratePerSecond })),
  fc
    .tuple(anyPositiveShare, anyMs, anyPositiveMs)
    .map(([part, atMs, decayMs]): Arrivals => ({ kind: 'flash-crowd', share: part, atMs, decayMs })),
  fc.constant<Arrivals>({ kind: 'steady' }),
);
const finite: Duration = { kind: 'exponential', meanMs: 1e5 };
const diurnal = fc
  .tuple(anyPositiveShare, anyPositiveMs, anyMs)
  .map(([amplitude, periodMs, peakAtMs]): Diurnal => ({ amplitude, periodMs, peakAtMs }));
/** Events and churn lie before the end of the run, of which measure alone takes 1e8 ms. */
const population: fc.Arbitrary<PopulationPlan> = fc
  .tuple(
    arrivals,
    fc.option(diurnal),
    anyShare,
    fc.option(duration),
    fc.option(duration),
    anyShare,
    anyMs,
    fc.array(fc.tuple(anyMs, anyPositiveShare), { maxLength: 3 }),
  )
  .map(([arrive, day, core, session, downtime, crashShare, churnFromMs, failures]) => {
    const steady = arrive.kind === 'steady';
    const returning = steady ? finite : session && downtime;
    return {
      arrivals: arrive,
      diurnal: arrive.kind === 'poisson' || returning ? day : null,
      core,
      session: steady ? finite : session,
      downtime: returning,
      crashShare,
      churnFromMs: session && !steady ? churnFromMs : 0,
      massFailures: failures.map(([atMs, part]) => ({ atMs, share: part })).sort((a, b) => a.atMs - b.atMs),
    };
  });

const locate: fc.Arbitrary<LocateWorkload> = fc
  .record({
    files: fc.nat(),
    zipf: fc.double({ min: 0, max: 5, noNaN: true }),
    replicas: positive,
    replicaZipf: positive.map((value) => value / 10),
    freeRiders: anyShare.map((value) => value / 2),
    sharingZipf: fc.constant(0.8),
    publishSpreadMs: anyMs,
    ratePerPeerPerSecond: fc.oneof(fc.constant(0), positive),
    perPeer: fc.nat(5),
    trace: fc.constant(null),
    timeoutMs: anyPositiveMs,
    names: fc.oneof(
      fc.constant(SCENARIO_DEFAULTS.locate.names),
      fc.record({
        vocabulary: fc.integer({ min: 1 }),
        perItem: fc.integer({ min: 1, max: 9 }),
        perQuery: fc.constant(2),
        zipf: fc.constant(1.1),
      }),
    ),
    downloadBytes: fc.nat(),
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

const wall = fc.record({ kind: fc.constant('wall' as const), speed: positive, latenessMs: anyPositiveMs });
const cpu = fc.oneof(
  fc.constant(null),
  anyPositiveMs.map((costMs) => ({ kind: 'per-message' as const, costMs })),
  fc.double({ min: 1e-9, max: 1e30, noNaN: true }).map((factor) => ({ kind: 'measured' as const, factor })),
);
const time: fc.Arbitrary<Pick<Scenario, 'clock' | 'cpu'>> = fc.oneof(
  wall.map((clock) => ({ clock, cpu: null })),
  cpu.map((model) => ({ clock: { kind: 'virtual' as const }, cpu: model })),
);

const timeless: fc.Arbitrary<Omit<Scenario, 'clock' | 'cpu' | 'faults' | 'chaos'>> = fc.record({
  name: fc.constantFrom('x', 'flood-vs-dht', '2024'),
  about: anyText,
  seed: fc.maxSafeNat(),
  peers: fc.integer({ min: 1, max: 1e8 }),
  servers: fc.constant(0),
  protocol: fc.record({
    name: fc.constant('mine'),
    file: fc.constantFrom(null, '/a b/mine.js'),
    settings: fc.record({
      size: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      on: fc.boolean(),
      text: anyText,
      list: fc.array(fc.integer()),
    }),
    locatesBy: fc.constant('key' as const),
  }),
  topology: anyTopology,
  population,
  phases: fc.record({
    start: fc.constantFrom('converge' as const, 'join' as const),
    warmUpMs: anyMs,
    measureMs: anyMs.map((value) => value + 1e8),
    drainMs: anyMs,
  }),
  workload: fc.record({ locate: fc.option(locate) }),
  measures: fc.record({ intervalMs: anyPositiveMs, paths: fc.boolean(), thresholds }),
  limits: fc.record({ pendingEvents: fc.integer({ min: 1 }), eventsPerInstant: fc.integer({ min: 1 }), stallSeconds: positive }),
});
const calm = fc.tuple(timeless, time).map(([rest, paced]) => ({ ...rest, ...paced }));
const scenario: fc.Arbitrary<Scenario> = calm.chain((given) =>
  anyFaults({ sites: given.topology.sites, peers: given.peers }).map((faults) => ({ ...given, ...faults })),
);

test('any scenario is read back to the very same scenario', (t) => {
  fc.assert(
    fc.property(scenario, (given) => {
      const loaded = loadScenario(folder.write('any.yaml', scenarioToYaml(given)));
      t.deepEqual(loaded.for(loaded.protocols[0], { settings: SETTINGS, converge: true, services: ['locate'] }), given);
    }),
    { numRuns: 100 },
  );
});

/** Peers with lives of their own, some of whom never come; times in odd fractions of a ms, several at once. */
const trace: fc.Arbitrary<Trace> = fc
  .array(fc.array(fc.tuple(fc.constantFrom(0, 1, 1000, 1 / 3, 61_000.125), fc.boolean()), { maxLength: 5 }), { minLength: 1, maxLength: 8 })
  .filter((lives) => lives.some((life) => life.length > 0))
  .map((lives) => {
    const starts = [0];
    for (const life of lives) starts.push(starts[starts.length - 1] + life.length);
    const atMs = lives.flatMap((life, peer) => {
      let now = peer / 7 + 1e-3;
      return life.map(([gap]) => {
        now += gap;
        return now;
      });
    });
    const crashes = lives.flatMap((life) => life.map(([, crash], entry) => (entry % 2 === 1 && crash ? 1 : 0)));
    return { starts: Uint32Array.from(starts), atMs: Float64Array.from(atMs), crashes: Uint8Array.from(crashes) };
  });

test('a scenario with a trace is read back to the very same scenario, without the file it came from', (t) => {
  const base = loadScenario('lookup', { protocol: 'mine' }).for('mine', { services: ['locate'] });
  fc.assert(
    fc.property(trace, fc.array(fc.tuple(fc.nat(1000), anyPositiveShare), { maxLength: 2 }), (lives, failures) => {
      const massFailures = failures.map(([atMs, part]) => ({ atMs, share: part })).sort((a, b) => a.atMs - b.atMs);
      const plan: PopulationPlan = {
        arrivals: { kind: 'trace', trace: lives },
        diurnal: null,
        core: 0,
        session: null,
        downtime: null,
        crashShare: 0.5,
        churnFromMs: 0,
        massFailures,
      };
      const given: Scenario = { ...base, peers: lives.starts.length - 1, population: plan };
      const loaded = loadScenario(folder.write('traced.yaml', scenarioToYaml(given)));
      t.deepEqual(loaded.for('mine', { services: ['locate'] }), given);
    }),
    { numRuns: 50 },
  );
});

/** Queries of up to eight peers, some of whom ask nothing; several at once, some for whatever is popular. */
const queries: fc.Arbitrary<QueryTrace> = fc
  .array(fc.array(fc.tuple(fc.constantFrom(0, 1, 1000, 1 / 3, 61_000.125), fc.integer({ min: -1, max: 4 })), { maxLength: 5 }), {
    minLength: 1,
    maxLength: 8,
  })
  .filter((askers) => askers.some((asked) => asked.length > 0))
  .map((askers) => {
    const starts = [0];
    for (const asked of askers) starts.push(starts[starts.length - 1] + asked.length);
    const atMs = askers.flatMap((asked) => {
      let now = 10_000;
      return asked.map(([gap]) => {
        now += gap;
        return now;
      });
    });
    const file = askers.flatMap((asked) => asked.map(([, wanted]) => wanted));
    return { starts: Uint32Array.from(starts), atMs: Float64Array.from(atMs), file: Int32Array.from(file) };
  });

test('a scenario with queries of its own is read back to the very same scenario, without the file they came from', (t) => {
  const base = loadScenario('lookup', { protocol: 'mine' }).for('mine', { services: ['locate'] });
  fc.assert(
    fc.property(queries, (trace) => {
      const locate: LocateWorkload = { ...base.workload.locate!, files: 5, perPeer: 0, trace };
      const phases = { ...base.phases, warmUpMs: 0, measureMs: 1e6 };
      const given: Scenario = { ...base, peers: trace.starts.length - 1, phases, workload: { locate } };
      const loaded = loadScenario(folder.write('asked.yaml', scenarioToYaml(given)));
      t.deepEqual(loaded.for('mine', { services: ['locate'] }), given);
    }),
    { numRuns: 50 },
  );
});

test('a preset is written with its figures, so that it means the same for ever', (t) => {
  const loaded = loadScenario(folder.write('preset.yaml', 'protocols: [x]\npopulation: kad'));
  const yaml = scenarioToYaml(loaded.for('x', {}));
  t.true(yaml.includes('session: { weibull: { shape: 0.61511, scale: 169.5385m } }'), yaml);
  t.false(yaml.includes('kad'));
});

const data = [process.env.PEERAGE_DATA, resolve(packageRoot(), '../shared/data')].find((each) => each !== undefined && existsSync(each));

(data === undefined ? test.skip : test)('a scenario on 490 measured hosts is read back, too', (t) => {
  const loaded = loadScenario('lookup', { protocol: 'mine', topology: join(data!, 'planetlab-490-rtt-ms.tsv') });
  const given = loaded.for('mine', { converge: true, services: ['locate'] });
  const yaml = scenarioToYaml(given);
  t.true(yaml.split('\n').length < 490 * 2 + 100, 'a row of the matrix is a line');
  t.deepEqual(loadScenario(folder.write('large.yaml', yaml)).for('mine', { converge: true, services: ['locate'] }), given);
});
