/** Maps, places and models as `latency` of a topology, or as the file of one. */

import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { Topology } from '../../../src/network/topology.js';
import { loadScenario } from '../../../src/scenario/load.js';
import { convertTopology } from '../../../src/scenario/site-graph/convert.js';
import { MODELS } from '../../../src/scenario/site-graph/generate.js';
import { resolveTopology } from '../../../src/scenario/topology-file.js';
import { topologySource } from '../../../src/scenario/topology-source.js';
import { yamlSource } from '../../../src/scenario/yaml-source.js';
import { sentence, temporaryFolder } from '../temporary.js';

const folder = temporaryFolder();
const resolved = (text: string, name = 't.yaml') => resolveTopology(topologySource(folder.write(name, text), folder.path));
const load = (text: string, name?: string) => resolved(text, name).topology;
const says = (text: string, name?: string) => sentence(() => load(text, name), folder.path);
const fromYaml = (text: string) => resolveTopology(yamlSource(text, 'y.yaml')).topology;

const GML = `graph [ directed 0
  node [ id 0 label "A" country_code "DE" host_bandwidth_up "10 Mbit" host_bandwidth_down "100 Mbit" ]
  node [ id 1 label "B" country_code "DE" host_bandwidth_up "1 Gbit" host_bandwidth_down "1 Gbit" ]
  node [ id 2 label "C" host_bandwidth_up "10 Mbit" host_bandwidth_down "100 Mbit" ]
  edge [ source 0 target 0 latency "1 ms" ]
  edge [ source 1 target 1 latency "2 ms" ]
  edge [ source 2 target 2 latency "3 ms" ]
  edge [ source 0 target 1 latency "10 ms" jitter "1 ms" packet_loss 0.1 ]
  edge [ source 1 target 2 latency "10 ms" jitter "3 ms" packet_loss 0.1 ]
  edge [ source 0 target 2 latency "50 ms" ]
]`;
folder.write('net.gml', GML);

test('a GML file is a topology: hosts as access classes of their sites, loss and jitter of the paths', (t) => {
  const { topology } = resolveTopology(topologySource('./net.gml', folder.path));
  t.like(topology, { name: 'net', about: 'The network that net.gml describes.', headerBytes: 28 });
  t.deepEqual([...topology.latencyMs], [1, 10, 20, 10, 2, 10, 20, 10, 3]);
  t.deepEqual(
    topology.sites.map(({ name, region, accessClass }) => [name, region, accessClass]),
    [
      ['A', 'DE', 0],
      ['B', 'DE', 1],
      ['C', null, 0],
    ],
  );
  t.deepEqual(
    topology.classes.map(({ name, uplinkBitsPerSecond, downlinkBitsPerSecond }) => [name, uplinkBitsPerSecond, downlinkBitsPerSecond]),
    [
      ['up 10 Mbit/s, down 100 Mbit/s', 1e7, 1e8],
      ['up 1 Gbit/s, down 1 Gbit/s', 1e9, 1e9],
    ],
  );
  t.true(Math.abs(topology.classes[0].share - 2 / 3) < 1e-12);
  const at = (from: number, to: number) => {
    const link = topology.links.find((each) => each.from === from && each.to === to);
    return [link?.loss ?? topology.loss, link?.jitter ?? topology.jitter];
  };
  t.deepEqual(
    [at(0, 1), at(2, 1), at(1, 1)],
    [
      [0.1, 0.1],
      [0.1, 0.3],
      [0, 0],
    ],
  );
  const [loss, jitter] = at(0, 2);
  t.true(Math.abs(loss - 0.19) < 1e-12);
  t.is(jitter, 0.2, 'one and three of twenty milliseconds');
});

test('useShortestPath: false takes the edges as they are', (t) => {
  const topology = load('latency: { gml: { file: net.gml, useShortestPath: false } }');
  t.is(topology.latencyMs[2], 50);
  t.is(
    says('latency: { gml: { file: net.gml, useShortestPath: no } }'),
    't.yaml:1:51: latency.gml.useShortestPath: expected true or false, got "no"',
  );
});

test("what the topology's own file sets goes first; what would contradict the map is refused", (t) => {
  const lines = resolved('access: { dsl: { share: 40%, uplink: 1 Mbit/s }, cable: { share: 60% } }\nlatency: { gml: net.gml }');
  t.deepEqual(
    lines.topology.classes.map(({ name }) => name),
    ['dsl', 'cable'],
  );
  t.true(lines.topology.sites.every(({ accessClass }) => accessClass === null));
  t.regex(lines.notes.at(-1)!, /bandwidths that the map gives its hosts are not used/);
  t.true(lines.topology.source.endsWith(lines.notes.at(-1)!));
  const sites = load(
    'sites: [{ name: X, weight: 1 }, { name: Y, weight: 2 }, { name: Z, weight: 1, region: R }]\nlatency: { gml: net.gml }',
  );
  t.deepEqual(
    sites.sites.map(({ name, share, region, accessClass }) => [name, share, region, accessClass]),
    [
      ['X', 0.25, null, 0],
      ['Y', 0.5, null, 1],
      ['Z', 0.25, 'R', 0],
    ],
  );
  t.is(sites.classes[1].share, 0.5);
  const links = load('links: [{ between: [A, B], bandwidth: 5 Mbit/s, latency: 7ms }]\nlatency: { gml: net.gml }');
  t.is(links.latencyMs[1], 7);
  t.like(
    links.links.find(({ from, to }) => from === 0 && to === 1),
    { bitsPerSecond: 5e6, loss: links.loss === 0.1 ? null : 0.1 },
  );
  t.is(says('loss: 1%\nlatency: { gml: net.gml }'), 't.yaml:1:7: loss: expected no loss here, because the map has its own');
  t.is(says('jitter: 1%\nlatency: { gml: net.gml }'), 't.yaml:1:9: jitter: expected no jitter here, because the map has its own');
  t.is(
    says('sites: [{ name: A }]\nlatency: { gml: net.gml }'),
    't.yaml:2:17: latency.gml: expected latencies between the 1 sites, got 3 rows',
  );
  folder.write('plain.gml', GML.replaceAll(/jitter "\d ms" packet_loss 0.1/g, ''));
  t.like(load('loss: 1%\njitter: 5%\nlatency: { gml: plain.gml }'), { loss: 0.01, jitter: 0.05, links: [] });
});

test('files that are missing, packed, wrong, or in pieces', (t) => {
  t.is(says('latency: { gml: gone.gml }'), 't.yaml:1:17: latency.gml: gone.gml: no such file');
  t.is(says('latency: { graphml: { file: gone.graphml } }'), 't.yaml:1:21: latency.graphml: gone.graphml: no such file');
  t.is(says('latency: { coordinates: gone.csv }'), 't.yaml:1:25: latency.coordinates: gone.csv: no such file');
  t.is(
    sentence(() => topologySource('./gone.gml', folder.path), folder.path),
    'gone.gml: no such file',
  );
  t.is(says('', 'atlas.gml.xz'), 'atlas.gml.xz: a packed file cannot be read; unpack it first: unxz atlas.gml.xz');
  t.is(says('graph [', 'x.gml'), 'x.gml:1: expected a closing bracket for this list, got the end of the file');
  t.is(says('<a>', 'x.graphml'), 'x.graphml:1: not valid XML: expected the end of <a>, opened in line 1, got the end of the file');
  t.is(
    says('graph [ node [ id 0 ] node [ id 1 label "far" ] ]', 'x.gml'),
    'x.gml: expected a path between any two sites, got none from node 0 to far',
  );
  t.is(
    says('graph [ directed 1 node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 latency "1 ms" ] ]', 'x.gml'),
    'x.gml: expected a path between any two sites, got none from node 1 to node 0',
  );
  t.is(
    says('latency: { gml: net.gml, matrix: net.gml }'),
    't.yaml:1:10: latency: expected either greatCircle, matrix, rowsMs, gml, graphml, coordinates or generate, got matrix and gml',
  );
});

test('a list of places, as a file or in latency, with weights and regions', (t) => {
  const csv = 'name,latitude,longitude,weight,region\nLondon,51.51,-0.13,3,Europe\nNew York,40.71,-74.01,1,America\n';
  const topology = load(csv, 'cities.csv');
  t.is(topology.about, 'Places as far apart as the coordinates in cities.csv, on links without limits.');
  t.deepEqual(
    topology.sites.map(({ name, share, region }) => [name, share, region]),
    [
      ['London', 0.75, 'Europe'],
      ['New York', 0.25, 'America'],
    ],
  );
  t.true(Math.abs(topology.latencyMs[1] - 27.87) < 0.05);
  t.is(topology.latencyMs[0], 1);
  const stretched = load('latency: { coordinates: { file: cities.csv, stretch: 2, within: 3ms } }');
  t.true(Math.abs(stretched.latencyMs[1] - 2 * topology.latencyMs[1]) < 0.002);
  t.is(stretched.latencyMs[3], 3);
});

test('models in latency, each with its own settings', (t) => {
  for (const model of MODELS) {
    const { topology, notes } = resolved(`latency: { generate: { model: ${model}, sites: 40, seed: 3 } }`);
    t.is(topology.sites.length, 40);
    t.is(notes[0], `drawn by the model ${model} with seed 3`);
    t.true(topology.latencyMs.every((ms) => ms > 0 && ms < 1000));
    t.deepEqual(load(`latency: { generate: { seed: 3, sites: 40, model: ${model} } }`), topology);
    t.notDeepEqual(load(`latency: { generate: { seed: 4, sites: 40, model: ${model} } }`).latencyMs, topology.latencyMs);
  }
  const flat = load('latency: { generate: { model: barabasi-albert, sites: 30, links: 1, latency: 20ms, spread: 0, within: 2ms } }');
  t.true(
    flat.latencyMs.every((ms, index) => (index % 31 === 0 ? ms === 2 : ms % 20 === 0)),
    'a tree of 20 ms links',
  );
  const wrong: [string, string][] = [
    ['barabasi-albert', 't.yaml:1:22: latency.generate: expected a map with a model, got "barabasi-albert"'],
    [
      '{ sites: 5 }',
      't.yaml:1:22: latency.generate.model: expected transit-stub or barabasi-albert or watts-strogatz or random-geometric or waxman, got nothing',
    ],
    [
      '{ model: waxmann }',
      't.yaml:1:31: latency.generate.model: expected transit-stub or barabasi-albert or watts-strogatz or random-geometric or waxman, got "waxmann" (did you mean "waxman"?)',
    ],
    [
      '{ model: waxman, alpa: 1 }',
      't.yaml:1:39: latency.generate.alpa: unknown setting "alpa" (did you mean "alpha"?); there is model, sites, seed, within, alpha, beta, side',
    ],
    ['{ model: waxman, sites: 5001 }', 't.yaml:1:46: latency.generate.sites: expected a whole number of at most 5000, got 5001'],
    [
      '{ model: watts-strogatz, neighbours: 3 }',
      't.yaml:1:59: latency.generate.neighbours: expected an even whole number of at least 2, got 3',
    ],
    [
      '{ model: transit-stub, stub: 5 }',
      't.yaml:1:51: latency.generate.stub: expected a duration such as 500ms, 30s, 10m, 2h or 1d, got 5',
    ],
  ];
  for (const [given, expected] of wrong) t.is(says(`latency: { generate: ${given} }`), expected);
});

test('a scenario may use one directly', (t) => {
  const scenario = loadScenario(
    folder.write('s.yaml', 'protocols: [x]\ntopology: { latency: { generate: { model: transit-stub, sites: 24 } } }'),
  ).for('x', {});
  t.is(scenario.topology.sites.length, 24);
  const byFile = loadScenario(folder.write('s.yaml', 'protocols: [x]\ntopology: net.gml')).for('x', {});
  t.is(byFile.topology.sites.length, 3);
});

/** Topologies of every origin, for round trips. */
const every = (): Topology[] => [
  load('latency: { gml: net.gml }'),
  resolveTopology(topologySource('planet', folder.path)).topology,
  resolveTopology(topologySource('home-users', folder.path)).topology,
  ...MODELS.map((model) => load(`latency: { generate: { model: ${model}, sites: 12 } }`)),
];

test('YAML is read back to the very same topology', (t) => {
  for (const topology of every()) t.deepEqual(fromYaml(convertTopology(topology, 'yaml').text), topology, topology.name);
});

test('GML is read back to the same paths, bandwidths and regions', (t) => {
  for (const topology of every()) {
    const { text, notes } = convertTopology(topology, 'gml');
    folder.write('back.gml', text);
    const back = load('latency: { gml: { file: back.gml, useShortestPath: false } }');
    const line = (site: number) => topology.classes[topology.sites[site].accessClass ?? 0];
    const drawn = topology.classes.length > 1 && topology.sites[0].accessClass === null;
    const n = topology.sites.length;
    t.deepEqual(
      back.sites.map(({ name, region }) => [name, region]),
      topology.sites.map(({ name, region }) => [name, region]),
    );
    back.latencyMs.forEach((ms, index) => {
      t.true(Math.abs(ms - topology.latencyMs[index]) < 1e-6, topology.name);
    });
    const pair = ({ links, loss, jitter }: Topology, from: number, to: number) => {
      const link = links.find((each) => each.from === from && each.to === to);
      return [link?.loss ?? loss, link?.jitter ?? jitter];
    };
    for (const [from, to] of [
      [0, 1],
      [1, 0],
      [0, 2],
      [n - 1, n - 1],
    ]) {
      const [was, is] = [pair(topology, from, to), pair(back, from, to)];
      t.is(is[0], was[0]);
      t.true(Math.abs(is[1] - was[1]) < 1e-5);
    }
    if (drawn) t.true(notes.some((note) => note.includes('classes of lines')));
    else t.is(back.classes[back.sites[0].accessClass ?? 0].uplinkBitsPerSecond, line(0).uplinkBitsPerSecond);
    t.true(notes[0].startsWith('a complete graph'));
  }
});

test('a matrix is read back to the same latencies', (t) => {
  for (const topology of every()) {
    const { text } = convertTopology(topology, 'matrix');
    folder.write('back-ms.tsv', text);
    const back = load('latency: { matrix: back-ms.tsv }');
    t.deepEqual(back.latencyMs, topology.latencyMs, topology.name);
    t.deepEqual(
      back.sites.map(({ name }) => name),
      topology.sites.map(({ name }) => name),
    );
  }
});

test('whatever a format has no words for is listed', (t) => {
  const homes = load(`
latency: 20ms
loss: 1%
jitter: 10%
access: { dsl: { share: 40%, uplink: 1 Mbit/s }, cable: { share: 60% } }
sites: [{ name: A, weight: 1 }, { name: B, weight: 2 }]
`);
  t.deepEqual(convertTopology(homes, 'yaml').notes, []);
  t.is(
    convertTopology(homes, 'gml').notes[1],
    'GML has no words for: how the peers are shared out among the sites; the queues of lines; the classes of lines, because they are drawn by share and a node has one bandwidth',
  );
  t.is(
    convertTopology(homes, 'matrix').notes[1],
    'a matrix has no words for: how the peers are shared out among the sites; the queues of lines; access lines; loss; jitter',
  );
  const { text, notes } = convertTopology(load('latency: { rowsMs: [[0, 1], [2, 0]] }\nsites: [{ name: "1" }, { name: "2" }]'), 'gml');
  t.true(text.includes('directed 1') && text.includes('latency "1 ns"'));
  t.is(notes.at(-1), 'latencies of 0, which Shadow refuses, are 1 ns');
  const odd = convertTopology(load('latency: { rowsMs: [[0, 1], [2, 0]] }\nsites: [{ name: "1" }, { name: "2" }]'), 'matrix');
  t.is(odd.text, '0\t2\n4\t0\n');
  t.is(
    sentence(() => convertTopology(load('latency: 5ms'), 'matrix')),
    'a matrix is between at least 2 sites, and there is only one',
  );
});

test('any GML with any lines, latencies and losses comes back from YAML as the same topology', (t) => {
  const anyEdge = fc.tuple(fc.integer({ min: 1, max: 10 ** 9 }), fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 10 ** 6 }), fc.string()), { minLength: 1, maxLength: 6 }),
      fc.array(anyEdge, { minLength: 21, maxLength: 21 }),
      (nodes, edges) => {
        const text = ['graph ['];
        const label = (given: string) => given.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
        nodes.forEach(([kbit, name], id) => {
          text.push(`node [ id ${id} label "${label(name)}" host_bandwidth_up "${kbit} Kbit" ]`);
        });
        let at = 0;
        for (let from = 0; from < nodes.length; from++) {
          for (let to = from; to < nodes.length; to++) {
            const [ns, percent, loss] = edges[at++];
            text.push(
              `edge [ source ${from} target ${to} latency "${ns} ns" jitter "${Math.floor((ns * percent) / 100)} ns" packet_loss ${loss.toFixed(17)} ]`,
            );
          }
        }
        const topology = load([...text, ']'].join('\n'), 'any.gml');
        t.deepEqual(fromYaml(convertTopology(topology, 'yaml').text), topology);
      },
    ),
    { numRuns: 60 },
  );
});

test('every map lies where its file says, also below another folder', (t) => {
  folder.write('sub/deep.yaml', 'latency: { gml: ../net.gml }');
  t.is(resolveTopology(topologySource(join(folder.path, 'sub/deep.yaml'), '/')).topology.sites.length, 3);
  folder.write('sub/over.yaml', 'extends: ./deep.yaml\nabout: More.');
  t.is(resolveTopology(topologySource('./sub/over.yaml', folder.path)).topology.sites.length, 3);
});
