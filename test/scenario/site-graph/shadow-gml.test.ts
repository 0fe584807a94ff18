import test from 'ava';
import { parseGml } from '../../../src/scenario/site-graph/gml.js';
import { parseShadowGml } from '../../../src/scenario/site-graph/shadow-gml.js';
import { sentence } from '../temporary.js';

const read = (text: string, useShortestPath = true) => parseShadowGml(text, 'n.gml', { useShortestPath });
const says = (text: string, useShortestPath = true) => sentence(() => read(text, useShortestPath));

/** The example of Shadow's specification. */
const SWITCH = `graph [
  directed 0
  node [
    id 0
    label "node at 1.2.3.4"
    host_bandwidth_down "100 Mbit"
    host_bandwidth_up "100 Mbit"
  ]
  edge [
    source 0
    target 0
    label "path from 1.2.3.4 to 1.2.3.4"
    latency "10 ms"
    jitter "0 ms"
    packet_loss 0.0
  ]
]`;

test('the grammar of GML: numbers, texts with entities and newlines, lists in lists, comments', (t) => {
  const text = '# a comment\na 1 b -2.5e3 c "x &quot;y&quot; &#233;\nz" # another [\nd [ e [ ] f .5 ] Creator "n"';
  t.deepEqual(parseGml(text, 'g'), [
    { key: 'a', value: 1, line: 2 },
    { key: 'b', value: -2500, line: 2 },
    { key: 'c', value: 'x "y" é\nz', line: 2 },
    {
      key: 'd',
      value: [
        { key: 'e', value: [], line: 4 },
        { key: 'f', value: 0.5, line: 4 },
      ],
      line: 4,
    },
    { key: 'Creator', value: 'n', line: 4 },
  ]);
});

test('deep nesting does not overflow a stack', (t) => {
  t.is(parseGml('a [ '.repeat(100_000) + ']'.repeat(100_000), 'g').length, 1);
});

test('what is not GML is refused with its line', (t) => {
  const wrong: [string, string][] = [
    ['graph [\nnode [ id 0 ]', 'g:1: expected a closing bracket for this list, got the end of the file'],
    ['graph [\n]\n]', 'g:3: expected a key, got a closing bracket that nothing opened'],
    ['a 1\n2 3', 'g:2: expected a key, which is a word of letters, digits and underscores, got "2"'],
    ['a\n]', 'g:2: expected a value for "a", got a closing bracket'],
    ['a 1\nb', 'g:2: expected a value for "b", got the end of the file'],
    ['a 1\nb "x', 'g:2: expected a closing quote for the text of "b", got the end of the file'],
    ['a one', 'g:1: expected a number, a text in quotes or a list in brackets for "a", got "one"'],
    ['a 1x', 'g:1: expected a number, a text in quotes or a list in brackets for "a", got "1x"'],
  ];
  for (const [text, expected] of wrong)
    t.is(
      sentence(() => parseGml(text, 'g')),
      expected,
    );
});

test("Shadow's example: one node, 10 ms within it, 100 Mbit/s each way", (t) => {
  const graph = read(SWITCH);
  t.false(graph.directed);
  t.deepEqual(graph.sites, [{ name: 'node at 1.2.3.4', region: null, weight: 1, uplinkBitsPerSecond: 1e8, downlinkBitsPerSecond: 1e8 }]);
  t.deepEqual(graph.links, [{ from: 0, to: 0, latencyMs: 10, jitterMs: 0, loss: 0, bitsPerSecond: Infinity }]);
  t.deepEqual(graph.notes, ['1 node and 1 edge, as Shadow reads them']);
});

test('units are those of Shadow, bare numbers in text are seconds and bits', (t) => {
  const latency = (text: string) => read(`graph [ node [ id 0 ] edge [ source 0 target 0 latency "${text}" ] ]`).links[0].latencyMs;
  t.deepEqual(
    ['10 ms', '10ms', '1500 us', '3 μs', '7 ns', '2 s', '1 min', '1 hour', '2', '0.5 seconds'].map(latency),
    [10, 10, 1.5, 0.003, 0.000007, 2000, 60_000, 3_600_000, 2000, 500],
  );
  const up = (text: string) => read(`graph [ node [ id 0 host_bandwidth_up "${text}" ] ]`).sites[0].uplinkBitsPerSecond;
  t.deepEqual(['1 Gbit', '100 Mbit', '10 Kbit', '2 kilobits', '1 Kibit', '64 bit', '9000'].map(up), [1e9, 1e8, 1e4, 2000, 1024, 64, 9000]);
});

test('labels, countries, directions, jitter and loss; ids in any order; what is not used is said', (t) => {
  const graph = read(`Creator "me"
graph [ directed 1 comment "x"
  edge [ source 7 target 3 latency "10 ms" jitter "2 ms" packet_loss 0.25 weight 3 ]
  node [ id 7 label "A" country_code "DE" ip_address "1.2.3.4" ]
  node [ id 3 label "A" city_code "X" ]
  node [ id 9 ]
]`);
  t.true(graph.directed);
  t.deepEqual(
    graph.sites.map(({ name, region }) => [name, region]),
    [
      ['A', 'DE'],
      ['A (2)', null],
      ['node 9', null],
    ],
  );
  t.deepEqual(graph.links, [{ from: 0, to: 1, latencyMs: 10, jitterMs: 2, loss: 0.25, bitsPerSecond: Infinity }]);
  t.deepEqual(graph.notes.slice(1), [
    '3 of 3 nodes without an edge to itself: two peers there are "within" apart',
    'not used: node.ip_address, node.city_code, edge.weight',
  ]);
});

const edge = (text: string) => `graph [\nnode [ id 0 ] node [ id 1 ]\nedge [ ${text} ]\n]`;

test('mistakes are sentences with the line', (t) => {
  const wrong: [string, string][] = [
    ['', 'n.gml: expected one graph [ ... ], got 0'],
    ['graph [ ] graph [ ]', 'n.gml: expected one graph [ ... ], got 2'],
    ['graph 1', 'n.gml:1: expected a list in brackets for "graph", got 1'],
    ['\ngraph [ ]', 'n.gml:2: expected at least one node, got none'],
    ['graph [ directed 2 ]', 'n.gml:1: directed: expected 0 or 1, got 2'],
    ['graph [\nnode [ label "x" ] ]', 'n.gml:2: id: expected a whole number, got nothing'],
    ['graph [ node [ id 1 ]\nnode [ id 1 ] ]', 'n.gml:2: id: expected another id than that of an earlier node, got 1'],
    ['graph [ node [ id "a" ] ]', 'n.gml:1: id: expected a number, got "a"'],
    ['graph [ node [ id 0\nid 1 ] ]', 'n.gml:2: id: expected one value, got a second one'],
    ['graph [ node [ id 0 host_bandwidth_up 5 ] ]', 'n.gml:1: host_bandwidth_up: expected a text in quotes, got 5'],
    ['graph [ node [ id 0 host_bandwidth_up "5 MB" ] ]', 'n.gml:1: host_bandwidth_up: expected a bandwidth such as "100 Mbit", got "5 MB"'],
    [edge('source 0 target 5 latency "1 ms"'), 'n.gml:3: target: expected the id of a node, got 5'],
    [edge('source 0 target 1'), 'n.gml:3: latency: expected a latency such as "10 ms", got nothing'],
    [edge('source 0 target 1 latency 10'), 'n.gml:3: latency: expected a text in quotes, got 10'],
    [edge('source 0 target 1 latency "0 ms"'), 'n.gml:3: latency: expected a latency such as "10 ms", above 0, got "0 ms"'],
    [edge('source 0 target 1 latency "5 miles"'), 'n.gml:3: latency: expected a latency such as "10 ms", got "5 miles"'],
    [edge('source 0 target 1 latency "5 ms" jitter "6 ms"'), 'n.gml:3: jitter: expected at most the latency, got "6 ms"'],
    [edge('source 0 target 1 latency "5 ms" packet_loss 1.0'), 'n.gml:3: packet_loss: expected a share of at least 0 and below 1, got 1'],
  ];
  for (const [text, expected] of wrong) t.is(says(text), expected);
});

test('without shortest paths every pair needs its one edge, and every node one to itself', (t) => {
  const loop = (id: number) => `edge [ source ${id} target ${id} latency "1 ms" ]`;
  const between = 'edge [ source 0 target 1 latency "9 ms" ]';
  const whole = (...edges: string[]) => `graph [ directed 0 node [ id 0 ] node [ id 1 ]\n${edges.join('\n')} ]`;
  t.is(read(whole(loop(0), loop(1), between), false).links.length, 3);
  const needs = 'n.gml: useShortestPath is false: expected an edge between any two nodes and from each to itself, got none from';
  t.is(says(whole(loop(0), between), false), `${needs} 1 to 1`);
  t.is(says(whole(loop(0), loop(1)), false), `${needs} 0 to 1`);
  t.is(says(whole(loop(0), loop(1), between).replace('directed 0', 'directed 1'), false), `${needs} 1 to 0`);
  t.is(
    says(whole(loop(0), loop(1), between, between), false),
    'n.gml:5: source: useShortestPath is false: expected one edge from node to node, got another one for, got "0 to 1"',
  );
});
