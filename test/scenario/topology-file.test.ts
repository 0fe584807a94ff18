import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { stringify } from 'yaml';
import type { Topology } from '../../src/network/topology.js';
import { plainGateway } from '../../src/scenario/nat-kinds.js';
import { packageRoot, shippedNames } from '../../src/scenario/package-files.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { writeTopology } from '../../src/scenario/write-scenario.js';
import { anyTopology } from '../helpers/any-topology.js';
import { plainClass, plainNat, plainSite } from '../helpers/plain-topology.js';
import { sentence, temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
const load = (text: string, name = 't.yaml') => loadTopology(folder.write(name, text));
const says = (text: string, name?: string) => sentence(() => load(text, name), folder.path);

/** p10, median, mean, p90 and p99 of the round-trip time between two random peers, without their access links. */
function rttQuantiles({ sites, latencyMs }: Topology): number[] {
  const n = sites.length;
  const pairs = Array.from(latencyMs, (ms, index) => ({ rtt: 2 * ms, share: sites[Math.floor(index / n)].share * sites[index % n].share }));
  pairs.sort((a, b) => a.rtt - b.rtt);
  const quantile = (q: number) => {
    let sum = 0;
    for (const { rtt, share } of pairs) {
      sum += share;
      if (sum >= q) return rtt;
    }
    return Number.NaN;
  };
  const mean = pairs.reduce((sum, { rtt, share }) => sum + rtt * share, 0);
  return [quantile(0.1), quantile(0.5), mean, quantile(0.9), quantile(0.99)];
}

test('every shipped topology loads, says what it is and where it comes from, and adds up', (t) => {
  t.deepEqual(shippedNames('topologies'), ['dialup-vs-fibre', 'home-users', 'home-users-nat', 'ideal', 'lan', 'planet', 'uniform-50ms']);
  for (const name of shippedNames('topologies')) {
    const topology = loadTopology(name);
    t.is(topology.name, name);
    t.true(topology.about.endsWith('.') && topology.source !== '', name);
    for (const parts of [topology.classes, topology.sites]) {
      t.true(Math.abs(parts.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9, name);
    }
    t.is(topology.latencyMs.length, topology.sites.length ** 2);
  }
});

test('ideal is nothing at all', (t) => {
  t.like(loadTopology('ideal'), { headerBytes: 0, jitter: 0, loss: 0, latencyMs: new Float64Array(1) });
  const [access] = loadTopology('ideal').classes;
  t.like(access, { share: 1, uplinkBitsPerSecond: Infinity, downlinkBitsPerSecond: Infinity, latencyMs: 0 });
});

test('uniform-50ms is what the benchmarks are defined on', (t) => {
  const { headerBytes, latencyMs, classes, jitter, loss } = loadTopology('uniform-50ms');
  t.deepEqual([headerBytes, jitter, loss, [...latencyMs]], [0, 0, 0, [50]]);
  t.like(classes[0], { uplinkBitsPerSecond: 8e6, downlinkBitsPerSecond: 8e6, latencyMs: 0 });
});

test("planet: each RTT quantile is within 6 % of PlanetLab's, as its header says", (t) => {
  const published = [31.6, 135.0, 146.8, 290.7, 413];
  const planet = loadTopology('planet');
  rttQuantiles(planet).forEach((actual, index) => {
    t.true(Math.abs(actual / published[index] - 1) < 0.06, `${actual} for ${published[index]}`);
  });
  const n = planet.sites.length;
  t.true(n >= 40);
  t.true(
    planet.latencyMs.every((ms) => ms >= 1),
    'no latency below 1 ms, which would bound the lookahead',
  );
  t.true(planet.latencyMs.every((ms, index) => ms === planet.latencyMs[(index % n) * n + Math.floor(index / n)]));
});

test('home-users stands on planet, with uplinks slower than downlinks', (t) => {
  const [homes, planet] = [loadTopology('home-users'), loadTopology('planet')];
  t.deepEqual(homes.latencyMs, planet.latencyMs);
  t.deepEqual(homes.sites, planet.sites);
  t.is(homes.headerBytes, 28);
  t.deepEqual(
    homes.classes.map(({ name }) => name),
    ['fibre', 'cable', 'dsl', 'mobile'],
  );
  for (const { uplinkBitsPerSecond, downlinkBitsPerSecond } of homes.classes) t.true(uplinkBitsPerSecond < downlinkBitsPerSecond);
});

test('home-users-nat: home-users, and the shares that its header holds against measurements', (t) => {
  const [behind, homes] = [loadTopology('home-users-nat'), loadTopology('home-users')];
  t.deepEqual({ ...behind, name: '', about: '', source: '', nat: [] }, { ...homes, name: '', about: '', source: '' });
  t.true(Math.abs(behind.nat.reduce((sum, each) => sum + each.share, 0) - 1) < 1e-9);
  const closed = behind.nat
    .filter(({ gateway, carrier }) => gateway !== null || carrier !== null)
    .map(({ share, datagrams, gateway, carrier }) => {
      const gateways = [gateway, carrier?.gateway ?? null].filter((each) => each !== null);
      return {
        share,
        datagrams,
        // What a peer learns from a third party about its outer address holds for nobody else.
        unpredictable: gateways.some(({ mapping }) => mapping !== null && mapping !== 'endpoint-independent'),
        strict: gateways.some(({ filtering }) => filtering === 'address-and-port-dependent'),
      };
    });
  const all = closed.reduce((sum, { share }) => sum + share, 0);
  t.is(Math.round(100 * all), 80);
  const fit = closed.filter(({ datagrams, unpredictable }) => datagrams && !unpredictable);
  t.is(Math.round(100 * fit.reduce((sum, { share }) => sum + share, 0)), 66);
  let joined = 0;
  for (const a of closed) {
    for (const b of closed) {
      const fails = !a.datagrams || !b.datagrams || (a.unpredictable && b.strict) || (b.unpredictable && a.strict);
      if (!fails) joined += (a.share * b.share) / all ** 2;
    }
  }
  t.is(Math.round(100 * joined), 73);
});

test('dialup-vs-fibre has the rates of its standards', (t) => {
  const { classes, sites } = loadTopology('dialup-vs-fibre');
  t.deepEqual(
    classes.map((each) => [each.name, each.downlinkBitsPerSecond, each.uplinkBitsPerSecond]),
    [
      ['modem', 56_000, 33_600],
      ['isdn', 128_000, 128_000],
      ['adsl', 8e6, 1e6],
      ['fibre', 1e9, 5e8],
    ],
  );
  t.deepEqual(sites, loadTopology('planet').sites);
});

test('the whole format', (t) => {
  const topology = load(`
about: Two towns.
source: made up
headers: 40 B
segmentHeaders: 52 B
jitter: 10 %
loss: 0.1%
bursts: { enter: 1%, leave: 20%, lossGood: 0.1%, lossBad: 50% }
reorder: { share: 2%, by: 30ms }
duplicate: 0.5%
access:
  fast: { share: 25%, uplink: 1 MB/s, downlink: unlimited, queue: 200ms, latency: 2ms, discipline: codel }
  slow: { share: 75%, uplink: 512 kbit/s, downlink: 2 Mbit/s, queue: 64 KiB }
sites:
  - { name: A, weight: 1, region: north, access: slow }
  - { name: B, weight: 3, uplink: 80 Mbit/s, downlink: 40 Mbit/s, queue: 50ms }
links:
  - { between: [A, B], latency: 12ms, loss: 1% }
nat: { open: 40%, symmetric: 60% }
latency: { rowsMs: [[1, 10], "20 2"] }
`);
  t.deepEqual(topology, {
    name: 't',
    about: 'Two towns.',
    source: 'made up',
    headerBytes: 40,
    segmentHeaderBytes: 52,
    classes: [
      plainClass({
        name: 'fast',
        share: 0.25,
        uplinkBitsPerSecond: 8e6,
        queueBytes: 200_000,
        discipline: { kind: 'codel', targetMs: 5, intervalMs: 100 },
        latencyMs: 2,
      }),
      plainClass({ name: 'slow', share: 0.75, uplinkBitsPerSecond: 512_000, downlinkBitsPerSecond: 2e6, queueBytes: 65_536 }),
    ],
    sites: [
      plainSite({ name: 'A', share: 0.25, region: 'north', accessClass: 1 }),
      plainSite({ name: 'B', share: 0.75, uplinkBitsPerSecond: 8e7, downlinkBitsPerSecond: 4e7, queueBytes: 500_000 }),
    ],
    latencyMs: Float64Array.of(1, 12, 12, 2),
    jitter: 0.1,
    loss: 0.001,
    bursts: { enter: 0.01, leave: 0.2, lossGood: 0.001, lossBad: 0.5 },
    reorder: { share: 0.02, byMs: 30 },
    duplicate: 0.005,
    links: [
      { from: 0, to: 1, bitsPerSecond: Infinity, queueBytes: Infinity, loss: 0.01, jitter: null },
      { from: 1, to: 0, bitsPerSecond: Infinity, queueBytes: Infinity, loss: 0.01, jitter: null },
    ],
    nat: [
      plainNat({ share: 0.4 }),
      plainNat({ name: 'symmetric', share: 0.6, gateway: plainGateway('address-and-port-dependent', 'address-and-port-dependent') }),
    ],
  });
});

test('extends: what is given replaces, the rest is taken over', (t) => {
  folder.write('base.yaml', 'headers: 7 B\nloss: 2%\nsites: [{name: A}, {name: B}]\nlatency: 5ms');
  const topology = load('extends: ./base.yaml\nloss: 1%\naccess: {all: {uplink: 1 MB/s}}');
  t.like(topology, { name: 't', headerBytes: 7, loss: 0.01, latencyMs: Float64Array.of(5, 5, 5, 5) });
  t.is(topology.classes[0].uplinkBitsPerSecond, 8e6);
  const further = load('extends: ./t.yaml\nname: further\nlatency: 1ms', 'u.yaml');
  t.like(further, { name: 'further', loss: 0.01, latencyMs: Float64Array.of(1, 1, 1, 1) });
});

test('a matrix is a topology of one site per host, and paths start from the file that names them', (t) => {
  folder.write('data/lab-rtt-ms.tsv', 'a\tb\n0\t30\n50\t0\n');
  const topology = loadTopology(join(folder.path, 'data/lab-rtt-ms.tsv'));
  t.like(topology, { name: 'lab-rtt-ms', headerBytes: 28, latencyMs: Float64Array.of(0.5, 15, 25, 0.5) });
  t.deepEqual(topology.sites, [plainSite({ name: 'a', share: 0.5 }), plainSite({ name: 'b', share: 0.5 })]);
  t.like(topology.classes[0], { share: 1, uplinkBitsPerSecond: Infinity });
  t.is(topology.source, "2 hosts, full matrix; round-trip times, halved, in ms (by the file's name)");
  folder.write('data/m.yaml', 'latency: { matrix: { file: lab-rtt-ms.tsv, values: one-way, within: 2ms } }\nsites: [{name: X}, {name: Y}]');
  t.like(loadTopology('./data/m.yaml', folder.path), {
    latencyMs: Float64Array.of(2, 30, 50, 2),
    sites: [plainSite({ name: 'X', share: 0.5 }), plainSite({ name: 'Y', share: 0.5 })],
  });
  t.deepEqual(load('extends: data/m.yaml\nlatency: { matrix: data/lab-rtt-ms.tsv }').latencyMs, Float64Array.of(0.5, 15, 25, 0.5));
});

const data = [process.env.PEERAGE_DATA, resolve(packageRoot(), '../shared/data')].find((each) => each !== undefined && existsSync(each));
const measured = data === undefined ? test.skip : test;

measured('490 PlanetLab hosts load as they were published', (t) => {
  const topology = loadTopology(join(data!, 'planetlab-490-rtt-ms.tsv'));
  t.is(topology.sites.length, 490);
  const n = topology.sites.length;
  const rtts = Array.from(
    topology.latencyMs.filter((_, index) => index % (n + 1) !== 0),
    (ms) => 2 * ms,
  ).sort((a, b) => a - b);
  [31.6, 135.0, 290.7, 413].forEach((published, index) => {
    const actual = rtts[Math.floor([0.1, 0.5, 0.9, 0.99][index] * rtts.length)];
    t.true(Math.abs(actual - published) < 0.5, `${actual} for ${published}`);
  });
});

measured('99 Seattle hosts load, their gaps filled', (t) => {
  const topology = loadTopology(join(data!, 'seattle-99-rtt-s.tsv'));
  t.is(topology.sites.length, 99);
  t.true(topology.latencyMs.every((ms) => ms > 0 && ms < 10_000));
  t.regex(topology.source, /in s \(by the file's name\); 65 of 9702 latencies missing: 21 taken from the opposite direction, 44 from/);
});

test('names and files that are not there', (t) => {
  t.is(
    sentence(() => loadTopology('home-user')),
    'no topology named "home-user" (did you mean "home-users"?); there is dialup-vs-fibre, home-users, home-users-nat, ideal, lan, planet, uniform-50ms, or give the path of a file',
  );
  t.is(
    sentence(() => loadTopology('./gone.yaml', folder.path), folder.path),
    'gone.yaml: no such file',
  );
  t.is(says('extends: planett'), `t.yaml:1:10: extends: ${sentence(() => loadTopology('planett'))}`);
  t.is(says('extends: ./gone.tsv'), 't.yaml:1:10: extends: gone.tsv: no such file');
  t.is(says('latency: { matrix: gone.tsv }'), 't.yaml:1:20: latency.matrix: gone.tsv: no such file');
  t.is(says('extends: ./t.yaml'), 't.yaml:1:10: extends: t.yaml: a topology cannot extend itself');
  t.is(says('latency: 1ms', 't.dat'), 't.dat: expected a file that ends in .yaml, .yml, .tsv, .csv, .txt, .gml, .graphml, .xml');
});

test('any topology is written and read back to the very same topology', (t) => {
  fc.assert(
    fc.property(anyTopology, (given) => {
      t.deepEqual(load(stringify(writeTopology(given)), 'any.yaml'), given);
    }),
    { numRuns: 300 },
  );
});

const SITES = 'latency: 5ms\nsites:\n';
const CLASSES = 'latency: 5ms\naccess:\n';

test('whatever is wrong is a sentence with file, line and column', (t) => {
  const wrong: [string, string][] = [
    ['', 't.yaml:1:1: expected a map of topology settings, got nothing'],
    ['latency: 0ms\nrouters: []', 't.yaml:2:1: routers: not supported yet'],
    [
      'latancy: 0ms',
      't.yaml:1:1: latancy: unknown setting "latancy" (did you mean "latency"?); there is name, about, source, headers, segmentHeaders, jitter, loss, bursts, reorder, duplicate, access, sites, links, nat, latency',
    ],
    ['loss: 0%', 't.yaml:1:1: latency: expected a duration such as 500ms, 30s, 10m, 2h or 1d, got nothing'],
    ['latency: 5', 't.yaml:1:10: latency: expected a duration such as 500ms, 30s, 10m, 2h or 1d, got 5'],
    [
      'latency: {}',
      't.yaml:1:10: latency: expected either greatCircle, matrix, rowsMs, gml, graphml, coordinates or generate, got none of them',
    ],
    [
      'latency: {rowsMs: [[0]], greatCircle: {}}',
      't.yaml:1:10: latency: expected either greatCircle, matrix, rowsMs, gml, graphml, coordinates or generate, got greatCircle and rowsMs',
    ],
    ['latency: {rowsMs: [[0, 1], [1]]}', 't.yaml:1:28: latency.rowsMs.1: expected a row of 2 numbers, got 1'],
    ['latency: {rowsMs: ["0 x", [1, 0]]}', 't.yaml:1:20: latency.rowsMs.0: expected a row of latencies in ms, each at least 0, got "0 x"'],
    ['latency: {rowsMs: [[-1]]}', 't.yaml:1:20: latency.rowsMs.0: expected a row of latencies in ms, each at least 0, got a list'],
    [
      'sites: [{name: A}]\nlatency: {rowsMs: [[0, 1], [1, 0]]}',
      't.yaml:2:19: latency.rowsMs: expected latencies between the 1 sites, got 2 rows',
    ],
    ['latency: {greatCircle: {}}', 't.yaml:1:10: latency: expected sites with latitude and longitude, got none'],
    ['latency: {greatCircle: {stretch: 0.5}}', 't.yaml:1:34: latency.greatCircle.stretch: expected a number of at least 1, got 0.5'],
    [
      'latency: {greatCircle: {}}\nsites: [{name: A}]',
      't.yaml:2:9: sites.0: expected latitude and longitude for A, because latency goes by the great circle',
    ],
    ['headers: 28\nlatency: 0ms', 't.yaml:1:10: headers: expected a size such as 1500 B, 100 kB or 64 KiB, got 28'],
    ['loss: 100%\nlatency: 0ms', 't.yaml:1:7: loss: expected a share below 1, such as 70% or 0.7, got "100%"'],
    [`${SITES}  []`, 't.yaml:3:3: sites: expected at least one site'],
    [`${SITES}  - {name: A, latitude: 91}`, 't.yaml:3:25: sites.0.latitude: expected a number of at most 90, got 91'],
    [`${SITES}  - {name: A}\n  - {name: A}`, 't.yaml:4:12: sites.1.name: expected another name, got "A" twice'],
    [`${SITES}  - {name: A, share: 50%}\n  - {name: B, share: 30%}`, 't.yaml:3:3: sites: expected shares that add up to 100%, got 80%'],
    [`${SITES}  - {name: A, weight: 1}\n  - {name: B}`, 't.yaml:4:5: sites.1: expected a weight as the other sites have, got none'],
    [
      `${SITES}  - {name: A, weight: 1}\n  - {name: B, share: 1}`,
      't.yaml:3:3: sites: expected either a share or a weight for each site, got both',
    ],
    [`${SITES}  - {weight: 1}`, 't.yaml:3:5: sites.0.name: expected text, got nothing'],
    [`${SITES}  - {name: A, weight: 0}`, 't.yaml:3:23: sites.0.weight: expected a number above 0, got 0'],
    [`${CLASSES}  a: {share: 50%}\n  b: {share: 45%}`, 't.yaml:3:3: access: expected shares that add up to 100%, got 95%'],
    [`${CLASSES}  a: {share: 50%}\n  b: {}`, 't.yaml:4:6: access.b: expected a share of the peers, got none'],
    [
      `${CLASSES}  a: {uplink: -1 Mbit/s}`,
      't.yaml:3:15: access.a.uplink: expected a rate above 0, such as 10 Mbit/s, 1 MB/s or unlimited, got "-1 Mbit/s"',
    ],
    [`${CLASSES}  a: {uplink: 10}`, 't.yaml:3:15: access.a.uplink: expected a rate such as 10 Mbit/s, 1 MB/s or unlimited, got 10'],
    [`${CLASSES}  a: {queue: 200ms}`, 't.yaml:3:14: access.a.queue: expected a size, got a duration, which needs a limited uplink'],
    [
      `${CLASSES}  a: {queue: lots}`,
      't.yaml:3:14: access.a.queue: expected a size such as 64 KiB, a time of the line such as 200ms, or unlimited, got "lots"',
    ],
    [`${CLASSES}  a: {nat: symmetric}`, 't.yaml:3:7: access.a.nat: not supported yet'],
    [`${CLASSES}  1: {}`, 't.yaml:3:3: access.1: expected a class of access link that begins with a letter, got "1"'],
    ['access: 4\nlatency: 5ms', 't.yaml:1:9: access: expected a map from a class of access link to its settings, got 4'],
  ];
  for (const [text, expected] of wrong) t.is(says(text), expected);
});
