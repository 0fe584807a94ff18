import { join } from 'node:path';
import test from 'ava';
import type { SettingSpecs } from '../../src/protocol.js';
import { loadScenario, type Overrides } from '../../src/scenario/load.js';
import { shippedNames } from '../../src/scenario/package-files.js';
import { phaseTimes } from '../../src/scenario/phases.js';
import { sentence, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();

const RING = {
  settings: {
    successors: { default: 8, min: 1, integer: true, about: 'length of the list' },
    periodMs: { default: 1000, about: 'period' },
  } satisfies SettingSpecs,
  converge: () => {},
  services: ['locate'],
};
const FLOOD = { settings: { ttl: { default: 7, min: 1, integer: true, about: 'hops' } } satisfies SettingSpecs, services: ['locate'] };

const load = (text: string, overrides?: Overrides) => loadScenario(folder.write('s.yaml', text), overrides);
const ring = (text: string, overrides?: Overrides) => load(`protocols: [ring]\n${text}`, overrides).for('ring', RING);
/** What is wrong with a scenario whose first line is `protocols: [ring]`. */
const says = (text: string, overrides?: Overrides) => sentence(() => ring(text, overrides), folder.path);

test('every shipped scenario loads and says what it is', (t) => {
  for (const name of shippedNames('scenarios')) {
    const loaded = loadScenario(name);
    t.is(loaded.name, name);
    t.true(loaded.about.endsWith('.') && loaded.protocols.length > 0, name);
    t.deepEqual(loaded.notes, [], name);
  }
});

test('every default is filled in', (t) => {
  const { topology, ...rest } = ring('');
  t.is(topology.name, 'planet');
  t.deepEqual(rest, {
    name: 's',
    about: '',
    seed: 1,
    peers: 1000,
    servers: 0,
    protocol: { name: 'ring', file: null, settings: { successors: 8, periodMs: 1000 }, locatesBy: 'key' },
    population: {
      arrivals: { kind: 'at-once' },
      diurnal: null,
      core: 0,
      session: null,
      downtime: null,
      crashShare: 0.5,
      churnFromMs: 0,
      massFailures: [],
    },
    phases: { start: 'join', warmUpMs: 60_000, measureMs: 300_000, drainMs: 30_000 },
    clock: { kind: 'virtual' },
    cpu: null,
    faults: [],
    chaos: [],
    workload: { locate: null },
    measures: { intervalMs: 10_000, paths: false, thresholds: [] },
    limits: { pendingEvents: 50_000_000, eventsPerInstant: 20_000_000, stallSeconds: 30 },
  });
});

test('every setting is read', (t) => {
  const { topology, ...rest } = ring(`
name: all-of-it
about: A test.
seed: 7
peers: 50
topology: { extends: lan, loss: 1% }
settings: { ring: { successors: 3, periodMs: 2s } }
phases: { start: converge, warmUp: 1s, measure: 2m, drain: 0s }
clock: wall
speed: 0.5
lateness: 250us
population:
  arrivals: over 10s
  diurnal: { amplitude: 60%, period: 2h, peakAt: 10m }
  core: 10 %
  session: weibull shape 2 scale 1m
  downtime: exponential 3m
  crash: 100%
  churnFrom: 5s
  events: [at 60 s crash 30 %, { at: 20s, crash: 0.5 }]
faults: [from 20 s to 1m outage of peers 3-5]
chaos: [{ fault: crash 5 %, every: 10m, lasts: 30s }]
workload:
  locate: { files: 10, zipf: 1, replicas: 2.5, replicaZipf: 0.5, freeRiders: 70%, sharingZipf: 0.4, publishSpread: 1s, perPeer: 3, timeout: 4s,
    names: { vocabulary: 500, perItem: 4, perQuery: 1, zipf: 1.2 }, download: 4 MB }
measures:
  interval: 1s
  paths: true
  thresholds: { locate.success: '>= 95%', locate: { latencyMs: { p99: ['< 300', '>1'] } } }
limits: { pendingEvents: 1, eventsPerInstant: 2, stallSeconds: 0.5 }
`);
  t.like(topology, { name: 'lan (changed)', loss: 0.01, headerBytes: 28 });
  t.deepEqual(rest, {
    name: 'all-of-it',
    about: 'A test.',
    seed: 7,
    peers: 50,
    servers: 0,
    protocol: { name: 'ring', file: null, settings: { successors: 3, periodMs: 2000 }, locatesBy: 'key' },
    population: {
      arrivals: { kind: 'ramp', overMs: 10_000 },
      diurnal: { amplitude: 0.6, periodMs: 7_200_000, peakAtMs: 600_000 },
      core: 0.1,
      session: { kind: 'weibull', shape: 2, scaleMs: 60_000 },
      downtime: { kind: 'exponential', meanMs: 180_000 },
      crashShare: 1,
      churnFromMs: 5000,
      massFailures: [
        { atMs: 20_000, share: 0.5 },
        { atMs: 60_000, share: 0.3 },
      ],
    },
    phases: { start: 'converge', warmUpMs: 1000, measureMs: 120_000, drainMs: 0 },
    clock: { kind: 'wall', speed: 0.5, latenessMs: 0.25 },
    cpu: null,
    faults: [
      {
        atMs: 20_000,
        untilMs: 60_000,
        says: 'outage peers 3-5',
        action: { verb: 'outage', of: { kind: 'peers', from: 3, to: 5 } },
      },
    ],
    chaos: [{ says: 'crash 5%', action: { verb: 'crash', of: { kind: 'share', share: 0.05 } }, everyMs: 600_000, lastsMs: 30_000 }],
    workload: {
      locate: {
        files: 10,
        zipf: 1,
        replicas: 2.5,
        replicaZipf: 0.5,
        freeRiders: 0.7,
        sharingZipf: 0.4,
        publishSpreadMs: 1000,
        ratePerPeerPerSecond: 0,
        perPeer: 3,
        trace: null,
        timeoutMs: 4000,
        names: { vocabulary: 500, perItem: 4, perQuery: 1, zipf: 1.2 },
        downloadBytes: 4_000_000,
      },
    },
    measures: {
      intervalMs: 1000,
      paths: true,
      thresholds: [
        { metric: 'locate.success', condition: '>=', value: 0.95 },
        { metric: 'locate.latencyMs.p99', condition: '<', value: 300 },
        { metric: 'locate.latencyMs.p99', condition: '>', value: 1 },
      ],
    },
    limits: { pendingEvents: 1, eventsPerInstant: 2, stallSeconds: 0.5 },
  });
});

test('arrivals in words and as maps', (t) => {
  const arrivals = (text: string) => ring(`population: {arrivals: ${text}}`).population.arrivals;
  t.deepEqual(arrivals('at once'), { kind: 'at-once' });
  t.deepEqual(arrivals('over 1m'), { kind: 'ramp', overMs: 60_000 });
  t.deepEqual(arrivals('{over: 1m}'), { kind: 'ramp', overMs: 60_000 });
  t.deepEqual(arrivals('poisson 10/s'), { kind: 'poisson', ratePerSecond: 10 });
  t.deepEqual(arrivals('{poisson: 30/min}'), { kind: 'poisson', ratePerSecond: 0.5 });
  t.deepEqual(arrivals('flash crowd at 2m decay 30 s'), { kind: 'flash-crowd', share: 1, atMs: 120_000, decayMs: 30_000 });
  t.deepEqual(arrivals('flash crowd of 80 % at 0s decay 5m'), { kind: 'flash-crowd', share: 0.8, atMs: 0, decayMs: 300_000 });
  t.deepEqual(arrivals('{flashCrowd: {share: 0.8, at: 0s, decay: 5m}}'), arrivals('flash crowd of 80 % at 0s decay 5m'));
});

test('a preset by name: session times, downtimes, or a population that is as it was measured', (t) => {
  const kad = ring('population: kad').population;
  t.like(kad, {
    arrivals: { kind: 'steady' },
    session: { kind: 'weibull', shape: 0.61511 },
    downtime: { kind: 'weibull', shape: 0.47648 },
  });
  t.deepEqual(ring('population: {arrivals: steady, session: kad, downtime: kad}').population, kad);
  t.like(ring('population: {session: bittorrent}').population, { session: { shape: 0.38, scaleMs: 2_544_000 }, downtime: null });
});

test('the day of a diurnal population is 24 hours, and the run begins at its quietest, unless said otherwise', (t) => {
  const { diurnal } = ring('population: {session: kad, downtime: kad, diurnal: {amplitude: 40%}}').population;
  t.deepEqual(diurnal, { amplitude: 0.4, periodMs: 86_400_000, peakAtMs: 43_200_000 });
  t.is(ring('population: {diurnal: none}').population.diurnal, null);
});

test('when joining is over: after the last expected arrival; a flash crowd, and what else happens at a time of its own, is not waited for', (t) => {
  const joined = (population: string) => phaseTimes(ring(`peers: 100\npopulation: ${population}`)).warmUpMs;
  t.is(joined('{arrivals: over 1m}'), 60_000);
  t.is(joined('{arrivals: poisson 10/s}'), 10_000);
  // A whole day's arrivals take a day; half as many, when it begins at the peak, take less than half as long.
  t.true(Math.abs(joined('{arrivals: poisson 2/h, diurnal: {amplitude: 100%, period: 50h, peakAt: 0s}}') - 180e6) < 1);
  t.true(joined('{arrivals: poisson 4/h, diurnal: {amplitude: 100%, period: 50h, peakAt: 12h}}') < 80e6);
  t.is(joined('{arrivals: flash crowd at 1m decay 1m}'), 0);
  t.is(joined('kad'), 0);
  t.is(joined('{trace: {table: "5,0,join"}}'), 0);
});

test('the command line goes before the file', (t) => {
  const scenario = ring('seed: 3\nphases: {measure: 1m}\npopulation: {session: exponential 5m}\ntopology: ideal', {
    topology: 'home-users',
    peers: '77',
    duration: '9s',
    seed: 8,
    set: [
      'topology.loss=1%',
      'topology.access.dsl.uplink=1 MB/s',
      'population.crash=100%',
      'population.session=never',
      'workload.locate.rate=6/min',
      'measures.thresholds.locate.success=>= 0.9',
      'protocol.successors=2',
      'protocol.periodMs=5s',
      'about=three words here',
    ],
  });
  t.like(scenario, {
    about: 'three words here',
    seed: 8,
    peers: 77,
    phases: { measureMs: 9000 },
    population: { crashShare: 1, session: null },
  });
  t.deepEqual(scenario.protocol.settings, { successors: 2, periodMs: 5000 });
  t.like(scenario.topology, { name: 'home-users (changed)', loss: 0.01 });
  t.is(scenario.topology.classes.find(({ name }) => name === 'dsl')?.uplinkBitsPerSecond, 8e6);
  t.is(scenario.topology.sites.length, 46);
  t.is(scenario.workload.locate?.ratePerPeerPerSecond, 0.1);
  t.deepEqual(scenario.measures.thresholds, [{ metric: 'locate.success', condition: '>=', value: 0.9 }]);
});

test('a setting can be taken away', (t) => {
  const text = 'workload: {locate: {perPeer: 3}}';
  t.regex(says(text, { set: ['workload.locate.rate=1/s'] }), /expected either rate or perPeer, got both$/);
  t.is(ring(text, { set: ['workload.locate.perPeer=null', 'workload.locate.rate=1/s'] }).workload.locate?.ratePerPeerPerSecond, 1);
});

test('what runs: the command line, else the list of the scenario', (t) => {
  const text = 'protocols: [ring, ./own/flood.js]';
  t.deepEqual(load(text).protocols, ['ring', join(folder.path, 'own/flood.js')]);
  t.deepEqual(load(text, { protocol: 'flood' }).protocols, ['flood']);
  t.deepEqual(load(text, { protocols: ['a', './b.js'] }).protocols, ['a', join(process.cwd(), 'b.js')]);
  t.deepEqual(load('protocols: ring').protocols, ['ring']);
  const own = load(`${text}\nsettings: {flood: {ttl: 3}}`);
  t.deepEqual(own.for(own.protocols[1], FLOOD).protocol, {
    name: 'flood',
    file: join(folder.path, 'own/flood.js'),
    settings: { ttl: 3 },
    locatesBy: 'key',
  });
});

test('a comparison gives each protocol the settings it has', (t) => {
  const compare = (set: string[]) => load('protocols: [ring, flood]\nsettings: {ring: {successors: 4}}', { set }).forAll([RING, FLOOD]);
  t.deepEqual(
    compare(['protocol.ttl=3', 'protocol.periodMs=5']).map(({ protocol }) => protocol.settings),
    [{ successors: 4, periodMs: 5 }, { ttl: 3 }],
  );
  t.is(
    sentence(() => compare(['protocol.tll=3'])),
    '--set protocol.tll: none of ring and flood has a setting "tll" (did you mean "ttl"?); there is successors, periodMs, ttl',
  );
  t.is(
    sentence(() => load('protocols: [ring, flood]', { set: ['protocol.ttl=3'] }).for('ring', RING)),
    '--set protocol.ttl: the protocol has no setting "ttl"; there is successors, periodMs',
  );
});

test('a protocol without converge is joined, and that is said', (t) => {
  const loaded = load('protocols: [flood]\nphases: {start: converge}');
  t.is(loaded.for('flood', FLOOD).phases.start, 'join');
  loaded.for('flood', FLOOD);
  t.deepEqual(loaded.notes, ['protocol flood has no converge, so its peers start by joining (phases.start: join)']);
});

test('what was guessed or cannot be as stated is noted', (t) => {
  folder.write('lab.tsv', '0 0.2\n0 0');
  t.deepEqual(load('protocols: [ring]\ntopology: ./lab.tsv').notes, [
    'topology lab: 2 hosts, full matrix',
    'topology lab: round-trip times, halved, in s (a guess, because the median is 0.2)',
    'topology lab: 1 of 2 latencies missing: 1 taken from the opposite direction',
  ]);
  t.deepEqual(load('protocols: [ring]\npeers: 20\nworkload: {locate: {freeRiders: 70%}}').notes, [
    'workload.locate.replicas: only 6 of 20 peers share files, so no file has 10 replicas',
  ]);
});

test('whatever is wrong is a sentence with file, line and column', (t) => {
  const wrong: [string, string][] = [
    [
      'peerz: 5',
      's.yaml:2:1: peerz: unknown setting "peerz" (did you mean "peers"?); there is name, about, seed, peers, topology, protocols, settings, phases, clock, speed, lateness, cpu, population, faults, chaos, workload, measures, limits, sweep',
    ],
    ['machines: 2', 's.yaml:2:1: machines: not supported yet'],
    [
      'sweep: {vary: [peers]}',
      's.yaml:2:15: sweep.vary: expected a map from settings to their values, such as { peers: [100, 1000] }, got a list',
    ],
    ['sweep: {repeat: 0}', 's.yaml:2:17: sweep.repeat: expected a whole number of at least 1, got 0'],
    ['sweep: {repeats: 3}', 's.yaml:2:9: sweep.repeats: unknown setting "repeats" (did you mean "repeat"?); there is vary, repeat'],
    ['workload: {store: {}}', 's.yaml:2:12: workload.store: not supported yet'],
    ['peers: 0', 's.yaml:2:8: peers: expected a whole number of at least 1, got 0'],
    ['peers: 10.5', 's.yaml:2:8: peers: expected a whole number, got 10.5'],
    ['peers: many', 's.yaml:2:8: peers: expected a whole number, got "many"'],
    ['peers:', 's.yaml:2:7: peers: expected a whole number, got nothing'],
    ['seed: -1', 's.yaml:2:7: seed: expected a whole number of at least 0, got -1'],
    ['seed: 9007199254740992', 's.yaml:2:7: seed: expected a whole number, got 9007199254740992'],
    ['name: ../escape', 's.yaml:2:7: name: expected a name of letters, digits, dots, dashes and underscores, got "../escape"'],
    ['phases: {start: convergd}', 's.yaml:2:17: phases.start: expected converge or join, got "convergd" (did you mean "converge"?)'],
    ['phases: {measure: 300}', 's.yaml:2:19: phases.measure: expected a duration such as 500ms, 30s, 10m, 2h or 1d, got 300'],
    ['phases: {measure: 0s}', 's.yaml:2:19: phases.measure: expected a duration above 0, such as 500ms, 30s, 10m, 2h or 1d, got "0s"'],
    [
      'phases: {warmup: 3s}',
      's.yaml:2:10: phases.warmup: unknown setting "warmup" (did you mean "warmUp"?); there is start, warmUp, measure, drain',
    ],
    [
      'population:',
      's.yaml:2:12: population: expected a map with arrivals, diurnal, core, session, downtime, crash, churnFrom, events, trace, or kad, got nothing',
    ],
    ['population:\n  core: 120%', 's.yaml:3:9: population.core: expected a share of at most 1, such as 70% or 0.7, got "120%"'],
    [
      'population: {arrivals: soon}',
      's.yaml:2:24: population.arrivals: expected at once, over 60s, poisson 10/s, flash crowd at 2m decay 5m or steady, got "soon"',
    ],
    [
      'population: kat',
      's.yaml:2:13: population: expected a map with arrivals, diurnal, core, session, downtime, crash, churnFrom, events, trace, or kad, got "kat" (did you mean "kad"?)',
    ],
    [
      'population: {arrivals: flash crowd of 130% at 1m decay 1m}',
      's.yaml:2:24: population.arrivals: expected a share of at most 1, such as 70% or 0.7, got "130%"',
    ],
    [
      'population: {arrivals: flash crowd at 10m decay 1m}',
      's.yaml:2:24: population.arrivals: expected a time before the end of the run at 6.5m, got 10m',
    ],
    [
      'population: {arrivals: steady, session: kad}',
      's.yaml:2:13: population: expected a session time and a downtime beside arrivals: steady, because they say how many are up',
    ],
    [
      'population: {arrivals: steady, session: kad, downtime: kad, churnFrom: 1m}',
      's.yaml:2:13: population: expected no churnFrom beside arrivals: steady, because the churn has begun long before',
    ],
    [
      'population: {arrivals: steady, session: pareto shape 1 scale 1m, downtime: kad}',
      's.yaml:2:13: population: expected a session time with a finite mean beside arrivals: steady',
    ],
    [
      'population: {diurnal: {amplitude: 50%}}',
      's.yaml:2:13: population: expected Poisson arrivals or a downtime beside diurnal, because otherwise nobody joins by chance',
    ],
    [
      'population: {diurnal: 50%}',
      's.yaml:2:23: population.diurnal: expected none, or a map such as { amplitude: 60%, period: 24h, peakAt: 20h }, got "50%"',
    ],
    [
      'population: {session: kad, downtime: bittorrent}',
      's.yaml:2:38: population.downtime: expected a downtime of your own, because for bittorrent none was published; there is one for kad',
    ],
    [
      'population: {session: kat}',
      's.yaml:2:23: population.session: expected never, kad, bittorrent, gnutella, or one of fixed, exponential, weibull, pareto, lognormal, such as exponential 10m or { weibull: { shape: 0.6, mean: 10m } }, got "kat" (did you mean "kad"?)',
    ],
    [
      'population: {arrivals: poisson 0/s}',
      's.yaml:2:24: population.arrivals: expected events per time above 0, such as 0.01/s, 6/min or 10/h, got "0/s"',
    ],
    ['population: {arrivals: {over: 1s, poisson: 1/s}}', 's.yaml:2:24: population.arrivals: expected either over, poisson or flashCrowd'],
    [
      'population: {session: {weibull: {shpe: 1, mean: 3s}}}',
      's.yaml:2:34: population.session.weibull.shpe: unknown setting "shpe" (did you mean "shape"?); there is shape, scale, mean, median',
    ],
    [
      'population: {downtime: exponential 1m}',
      's.yaml:2:13: population: expected a session time beside the downtime, because without one nobody leaves',
    ],
    [
      'population: {churnFrom: 1m}',
      's.yaml:2:13: population: expected a session time beside churnFrom, because without one there is no churn',
    ],
    [
      'population: {session: exponential 1m, churnFrom: 20m}',
      's.yaml:2:50: population.churnFrom: expected a time before the end of the run at 6.5m, got 20m',
    ],
    ['population: {events: at 1s crash 10%}', 's.yaml:2:22: population.events: expected a list of events, got "at 1s crash 10%"'],
    [
      'population: {events: [at 1s crash 130%]}',
      's.yaml:2:23: population.events.0: expected a share of at most 1, such as 70% or 0.7, got "130%"',
    ],
    ['population: {events: [at 1s crash 0%]}', 's.yaml:2:23: population.events.0: expected a share above 0, such as 70% or 0.7, got "0%"'],
    [
      'population: {events: [at 1s explode]}',
      's.yaml:2:23: population.events.0: expected at <time> crash <share>, such as at 60s crash 30%, got "at 1s explode"',
    ],
    [
      'population: {events: [at 1s partition a b]}',
      `s.yaml:2:23: population.events.0: "partition" is said in the scenario's list faults, not here`,
    ],
    [
      'population: {events: [at 10m crash 10%]}',
      's.yaml:2:22: population.events: expected a time before the end of the run at 6.5m, got 10m',
    ],
    ['workload: some', 's.yaml:2:11: workload: expected none, or a map with locate, got "some"'],
    ['workload: {locate: {rate: 1/s, perPeer: 3}}', 's.yaml:2:20: workload.locate: expected either rate or perPeer, got both'],
    [
      'workload: {locate: {rate: -1/s}}',
      's.yaml:2:27: workload.locate.rate: expected events per time of at least 0, such as 0.01/s, 6/min or 10/h, got "-1/s"',
    ],
    [
      'workload: {locate: {freeRiders: 100%}}',
      's.yaml:2:33: workload.locate.freeRiders: expected a share below 1, such as 70% or 0.7, got "100%"',
    ],
    ['workload: {locate: {files: 0.5}}', 's.yaml:2:28: workload.locate.files: expected a whole number, got 0.5'],
    [
      "measures: {thresholds: {locate.success: '=> 0.95'}}",
      's.yaml:2:41: measures.thresholds.locate.success: expected a bound such as \'>= 0.95\' (with >=, >, <=, < or ==), got "=> 0.95"',
    ],
    [
      "measures: {thresholds: {locate.success: '> much'}}",
      's.yaml:2:41: measures.thresholds.locate.success: expected a number after >, got "much"',
    ],
    ['measures: {thresholds: 3}', "s.yaml:2:24: measures.thresholds: expected a map such as { locate.success: '>= 0.95' }, got 3"],
    [
      'measures: {interval: 0s}',
      's.yaml:2:22: measures.interval: expected a duration above 0, such as 500ms, 30s, 10m, 2h or 1d, got "0s"',
    ],
    ['limits: {stallSeconds: 0}', 's.yaml:2:24: limits.stallSeconds: expected a number above 0, got 0'],
    [
      'topology: planett',
      `s.yaml:2:11: topology: no topology named "planett" (did you mean "planet"?); there is dialup-vs-fibre, home-users, home-users-nat, ideal, lan, planet, uniform-50ms, or give the path of a file`,
    ],
    ['topology: ./gone.yaml', 's.yaml:2:11: topology: gone.yaml: no such file'],
    ['topology: 5', 's.yaml:2:11: topology: expected the name or file of a topology, or a map, got 5'],
    ['topology: {latency: 5ms, routers: {}}', 's.yaml:2:26: topology.routers: not supported yet'],
    ['settings: {rign: {}}', 's.yaml:2:18: settings.rign: settings for a protocol that the scenario does not list; it lists ring'],
    [
      'settings: {ring: {succesors: 3}}',
      's.yaml:2:30: settings.ring.succesors: the protocol has no setting "succesors" (did you mean "successors"?); there is successors, periodMs',
    ],
    ['settings: {ring: 3}', 's.yaml:2:18: settings.ring: expected a map from settings to values, got 3'],
    ['settings: 3', 's.yaml:2:11: settings: expected a map from protocols to their settings, got 3'],
  ];
  for (const [text, expected] of wrong) t.is(says(text), expected);
});

test('files that are no scenario at all', (t) => {
  const whole = (text: string) => sentence(() => load(text), folder.path);
  const map =
    'expected a map with name, about, seed, peers, topology, protocols, settings, phases, clock, speed, lateness, cpu, population, faults, chaos, workload, measures, limits, sweep';
  t.is(whole(''), `s.yaml:1:1: ${map}, got nothing`);
  t.is(whole('- 1'), `s.yaml:1:1: ${map}, got a list`);
  t.is(whole('a: [1\nb: 2').replace(/:\d+:\d+:.*/s, ''), 's.yaml');
  t.is(whole('seed: 1'), 's.yaml:1:1: protocols: expected at least one protocol, here or by --protocol');
  t.is(whole('protocols: []'), 's.yaml:1:12: protocols: expected a list of protocols, such as [gnutella, chord], got an empty list');
  t.is(whole('protocols: [a, a]'), 's.yaml:1:12: protocols: expected different protocols, got "a" twice');
  t.is(sentence(() => loadScenario('./gone.yaml')).replace(/.*gone/, 'gone'), 'gone.yaml: no such file');
  t.is(
    sentence(() => loadScenario(`${folder.path}/.`), folder.path),
    `${folder.path}: is a folder, not a file`,
  );
  t.regex(
    sentence(() => loadScenario('flod-vs-dht')),
    /^no scenario named "flod-vs-dht" \(did you mean "flood-vs-dht"\?\); there is bench-chord, /,
  );
});

test('what the command line has wrong is named by its option', (t) => {
  const wrong: [Overrides, string][] = [
    [{ peers: 'x' }, '--peers: expected a whole number, got "x"'],
    [{ duration: '10' }, '--duration: expected a duration such as 500ms, 30s, 10m, 2h or 1d, got 10'],
    [{ seed: '-1' }, '--seed: expected a whole number of at least 0, got -1'],
    [{ set: ['population.crash=2'] }, '--set population.crash: expected a share of at most 1, such as 70% or 0.7, got 2'],
    [{ set: ['topology.loss=2'] }, '--set topology.loss: expected a share below 1, such as 70% or 0.7, got 2'],
    [
      { set: ['topology.los=2%'] },
      '--set topology.los: unknown setting "los" (did you mean "loss"?); there is name, about, source, headers, segmentHeaders, jitter, loss, bursts, reorder, duplicate, access, sites, links, nat, latency',
    ],
    [
      { set: ['protocol.succesors=1'] },
      '--set protocol.succesors: the protocol has no setting "succesors" (did you mean "successors"?); there is successors, periodMs',
    ],
    [{ set: ['protocol.successors=0'] }, '--set protocol.successors: expected a whole number of at least 1, got 0 (length of the list)'],
    [{ set: ['protocol=chord'] }, '--set protocol: expected protocol.<setting>=value (to choose the protocol: --protocol)'],
    [{ set: ['population.events=[at 1s crash 3'] }, '--set population.events: not valid YAML: Flow sequence must end with a ]'],
    [
      { topology: 'plant' },
      'no topology named "plant" (did you mean "planet"?); there is dialup-vs-fibre, home-users, home-users-nat, ideal, lan, planet, uniform-50ms, or give the path of a file',
    ],
  ];
  for (const [overrides, expected] of wrong) t.is(says('', overrides), expected);
  t.regex(
    says('', { set: ['popluation.core=1%'] }),
    /^--set popluation\.core: unknown setting "popluation" \(did you mean "population"\?\)/,
  );
});
