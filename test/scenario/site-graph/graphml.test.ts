import test from 'ava';
import fc from 'fast-check';
import { parseGraphml } from '../../../src/scenario/site-graph/graphml.js';
import { interpolatePlaces } from '../../../src/scenario/site-graph/interpolate-places.js';
import { parseNetworkMap } from '../../../src/scenario/site-graph/network-map.js';
import { parseXml } from '../../../src/scenario/site-graph/xml.js';
import { sentence } from '../temporary.js';

const xml = (text: string) => parseXml(text, 'x');
const OPTIONS = { stretch: 1.5, unplacedMs: 5, linkSpeeds: true };
const map = (body: string, options = OPTIONS) => parseNetworkMap(document(body), 'm.graphml', options);
const says = (text: string) => sentence(() => parseNetworkMap(text, 'm.graphml', OPTIONS));

const KEYS = [
  'Latitude',
  'Longitude',
  'label',
  'Internal',
  'Country',
  'hyperedge',
  'LinkSpeedRaw',
  'LinkSpeed',
  'LinkSpeedUnits',
  'latency',
];
function document(body: string): string {
  const keys = KEYS.map((key) => `<key attr.name="${key}" for="all" id="${key}"/>`).join('');
  return `<?xml version="1.0"?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">${keys}<graph edgedefault="undirected">\n${body}\n</graph></graphml>`;
}
const data = (given: Record<string, unknown>) =>
  Object.entries(given)
    .map(([key, value]) => `<data key="${key}">${value}</data>`)
    .join('');
const node = (id: string, given: Record<string, unknown> = {}) => `<node id="${id}">${data({ label: id, ...given })}</node>\n`;
const edge = (from: string, to: string, given: Record<string, unknown> = {}) =>
  `<edge source="${from}" target="${to}">${data(given)}</edge>\n`;

test('XML: attributes in both quotes, entities, CDATA, comments, self-closing, namespaces, instructions', (t) => {
  const root = xml(`\n<?xml version="1.0"?>\n<!DOCTYPE a>\n<!-- <x> -- -->
<n:a one='1 "&amp;" > 2' two="&#233;&#x20AC;"><b/>x &lt; <![CDATA[<c> & ]]>y<!-- </a> --><b
 z = "3" /></n:a>\n<?end?>`);
  t.is(root.name, 'a');
  t.deepEqual(
    [...root.attributes],
    [
      ['one', '1 "&" > 2'],
      ['two', 'é€'],
    ],
  );
  t.is(root.text, 'x < <c> & y');
  t.deepEqual(
    root.children.map(({ name, line, attributes }) => [name, line, [...attributes]]),
    [
      ['b', 5, []],
      ['b', 5, [['z', '3']]],
    ],
  );
});

test('XML that is none is refused with its line', (t) => {
  const wrong: [string, string][] = [
    ['', 'x:1: not valid XML: expected an element, got nothing'],
    ['<a>\n<b>\n</a>', 'x:3: not valid XML: expected the end of <b>, opened in line 2, got </a>'],
    ['<a>\n<b/>', 'x:2: not valid XML: expected the end of <a>, opened in line 1, got the end of the file'],
    ['<a/>\n<b/>', 'x:2: not valid XML: expected one root element, got another, <b>'],
    ['<a/></a>', 'x:1: not valid XML: expected no more, got </a>'],
    ['<a b=1/>', 'x:1: not valid XML: expected a tag with attributes in quotes, got "<a b=1/>"'],
    ['<a b="1" b="2"/>', 'x:1: not valid XML: expected another attribute, got "b" twice'],
    ['<a>\n&nbsp;</a>', 'x:1: not valid XML: expected an entity such as &amp; or &#233;, got "&nbsp;"'],
    ['<a>R&D</a>', 'x:1: not valid XML: expected an entity such as &amp; or &#233;, got "&D"'],
    ['<a>&#0;</a>', 'x:1: not valid XML: expected an entity such as &amp; or &#233;, got "&#0;"'],
    ['<a><!-- x></a>', 'x:1: not valid XML: expected the end of this tag or comment, got the end of the file or another "<"'],
    ['<a>\n1 < 2</a>', 'x:2: not valid XML: expected the end of this tag or comment, got the end of the file or another "<"'],
    ['<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>', 'x:1: not valid XML: expected no document type with declarations of its own'],
    ['{"a": 1}', 'x:1: not valid XML: expected an element, got the text "{\\"a\\": 1}"'],
  ];
  for (const [text, expected] of wrong)
    t.is(
      sentence(() => xml(text)),
      expected,
    );
});

test('whatever text and attributes are, they are read back', (t) => {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const root = xml(`<a b="${escaped(b)}">${escaped(a)}</a>`);
      t.deepEqual([root.text, root.attributes.get('b')], [a, b]);
    }),
  );
});

test('deep nesting does not overflow a stack', (t) => {
  t.is(xml('<a>'.repeat(50_000) + '</a>'.repeat(50_000)).children.length, 1);
});

test('GraphML: keys with defaults, data trimmed, ends by id', (t) => {
  const graph = parseGraphml(
    `<graphml><key id="d0" for="node" attr.name="Type"><default>PoP</default></key><key id="d1" for="edge"/>
     <graph edgedefault="directed"><data key="d1"> x </data><node id="a"><data key="d0"> y </data></node><node id="b"/>
     <edge source="b" target="a" directed="true"><data key="d1"></data></edge></graph></graphml>`,
    'x',
  );
  t.true(graph.directed);
  t.deepEqual([...graph.data], [['d1', 'x']]);
  t.deepEqual(
    graph.nodes.map(({ id, data: given }) => [id, given.get('type')]),
    [
      ['a', 'y'],
      ['b', 'PoP'],
    ],
  );
  t.like(graph.edges[0], { from: 1, to: 0, line: 3 });
  t.is(graph.edges[0].data.size, 0);
});

test('mistakes in GraphML are sentences with the line', (t) => {
  const wrong: [string, string][] = [
    ['<html/>', 'm.graphml:1: expected <graphml>, got <html>'],
    ['<graphml/>', 'm.graphml:1: expected one <graph>, got 0'],
    ['<graphml><graph/>\n<graph/></graphml>', 'm.graphml:2: expected one <graph>, got 2'],
    ['<graphml><graph/></graphml>', 'm.graphml:1: expected at least one node, got none'],
    ['<graphml><graph edgedefault="x"/></graphml>', 'm.graphml:1: expected edgedefault "directed" or "undirected", got "x"'],
    [document('<node/>'), 'm.graphml:2: expected <node> with the attribute id'],
    [document(`${node('a')}${node('a')}`), 'm.graphml:3: expected another id than that of an earlier node, got "a"'],
    [document(`${node('a')}${edge('a', 'b')}`), 'm.graphml:3: expected the id of a node as target, got "b"'],
    [document('<node id="a"><data key="q">1</data></node>'), 'm.graphml:2: expected data of a key that is declared above, got "q"'],
    [document('<node id="a"><graph/></node>'), 'm.graphml:2: a graph within a node is not supported'],
    [
      document(`${node('a')}<hyperedge/>`),
      'm.graphml:3: a <hyperedge> is not supported: make it a node that is joined with all of its ends',
    ],
    [
      document(`${node('a')}<edge source="a" target="a" directed="true"/>`),
      'm.graphml:3: edges with and without a direction in one graph are not supported',
    ],
    [document(node('a', { Latitude: 91, Longitude: 0 })), 'm.graphml:2: Latitude: expected degrees from -90 to 90, got "91"'],
    [document(node('a', { Latitude: 1, Longitude: 'x' })), 'm.graphml:2: Longitude: expected degrees from -180 to 180, got "x"'],
    [
      document(node('a') + node('b') + edge('a', 'b', { LinkSpeedRaw: '10G' })),
      'm.graphml:4: LinkSpeedRaw: expected bits per second, got "10G"',
    ],
    [
      document(node('a') + node('b') + edge('a', 'b', { latency: 3 })),
      'm.graphml:4: edges with "latency" are not read from GraphML: latency comes from coordinates here, speed from LinkSpeedRaw; GML has them all',
    ],
  ];
  for (const [text, expected] of wrong) t.is(says(text), expected);
});

const LONDON = { Latitude: 51.51, Longitude: -0.13 };
const NEW_YORK = { Latitude: 40.71, Longitude: -74.01 };

test('a link takes the great circle at two thirds of the speed of light, times the stretch', (t) => {
  const { links, notes } = map(node('London', LONDON) + node('New York', NEW_YORK) + edge('London', 'New York', { LinkSpeedRaw: '1e10' }));
  // 5,570 km / (2/3 c) = 27.87 ms.
  t.true(Math.abs(links[0].latencyMs - 27.87 * 1.5) < 0.1, String(links[0].latencyMs));
  t.is(links[0].bitsPerSecond, 1e10);
  t.deepEqual(notes, ['2 nodes and 1 edge', 'a link takes as long as light in fibre over the great circle, times 1.5']);
});

test('speeds: raw, or number and unit, or none; of several edges between two nodes they add up; a loop is left out', (t) => {
  const nodes = node('a', LONDON) + node('b', LONDON) + node('c', LONDON);
  const body =
    nodes +
    edge('a', 'b', { LinkSpeedRaw: '155000000.0' }) +
    edge('b', 'a', { LinkSpeed: '2.5', LinkSpeedUnits: 'G' }) +
    edge('a', 'b') +
    edge('b', 'c', { LinkSpeed: 'fast' }) +
    edge('c', 'c', { LinkSpeedRaw: '7' });
  const { links, notes } = map(body);
  t.deepEqual(
    links.map(({ from, to, bitsPerSecond, latencyMs }) => [from, to, bitsPerSecond, latencyMs]),
    [
      [0, 1, 2_655_000_000, 0.05],
      [1, 2, Infinity, 0.05],
    ],
  );
  t.deepEqual(notes.slice(2), [
    '1 edge from a node to itself left out',
    '4 edges are 2 links: where several join two nodes, their speeds add up',
    '2 of 4 edges state no speed and set no limit',
  ]);
  const without = map(body, { ...OPTIONS, linkSpeeds: false });
  t.true(without.links.every(({ bitsPerSecond }) => bitsPerSecond === Infinity));
  t.true(without.notes.includes('the speeds of links are not used'));
});

test('other networks and joints of links have no peers, unless hardly anything else is there', (t) => {
  const weights = (body: string) => map(body).sites.map(({ weight }) => weight);
  const inner = node('a', { ...LONDON, Country: 'UK' }) + node('b', LONDON);
  const body = inner + node('c', { Internal: 0 }) + node('d', { hyperedge: 1 }) + edge('a', 'c') + edge('c', 'd') + edge('b', 'd');
  t.deepEqual(weights(body), [1, 1, 0, 0]);
  t.is(map(body).sites[0].region, 'UK');
  t.true(map(body).notes.includes('2 of them are other networks, or joints of links: paths lead through them, no peers live there'));
  const outer = node('a') + node('b', { Internal: 0 }) + edge('a', 'b');
  t.deepEqual(weights(outer), [1, 1]);
  t.true(map(outer).notes.includes('fewer than two of them belong to the network itself: all have peers'));
});

test('of a map in pieces the largest is taken, and it is said', (t) => {
  const pieces = node('lone', LONDON) + node('a', LONDON) + node('b', LONDON) + node('legend') + edge('a', 'b');
  const { sites, links, notes } = map(pieces);
  t.deepEqual(
    sites.map(({ name }) => name),
    ['a', 'b'],
  );
  t.deepEqual(
    links.map(({ from, to }) => [from, to]),
    [[0, 1]],
  );
  t.true(notes.includes('2 of 4 nodes left out, because nothing joins them with the rest'));
});

test('names are made distinct, and made up where there are none', (t) => {
  const { sites } = map(
    node('0', { label: ' ' }) + node('1', { label: 'X &amp; Y' }) + node('2', { label: 'X &amp; Y' }) + edge('0', '1') + edge('1', '2'),
  );
  t.deepEqual(
    sites.map(({ name }) => name),
    ['node 0', 'X & Y', 'X & Y (2)'],
  );
});

test('without any coordinates every link is as long as stated', (t) => {
  const { links, notes } = map(node('a') + node('b') + edge('a', 'b'));
  t.is(links[0].latencyMs, 5);
  t.true(notes.includes('no node has coordinates: every link is taken to be 5 ms long'));
});

test('missing coordinates: a chain spreads evenly between its known ends, a leaf sits at its neighbour', (t) => {
  const places = interpolatePlaces(
    [{ latitude: 0, longitude: 0 }, null, null, { latitude: 0, longitude: 30 }, null],
    [
      { from: 0, to: 1 },
      { from: 1, to: 2 },
      { from: 2, to: 3 },
      { from: 3, to: 4 },
    ],
  )!;
  const expected = [0, 10, 20, 30, 30];
  places.forEach(({ latitude, longitude }, index) => {
    t.true(Math.abs(latitude) < 1e-3 && Math.abs(longitude - expected[index]) < 0.01, `${index}: ${latitude} ${longitude}`);
  });
  t.is(interpolatePlaces([null, null], [{ from: 0, to: 1 }]), null);
});

test('the date line and the poles are no obstacle, nor are neighbours all around the Earth', (t) => {
  const between = (a: [number, number], b: [number, number]) =>
    interpolatePlaces(
      [{ latitude: a[0], longitude: a[1] }, null, { latitude: b[0], longitude: b[1] }],
      [
        { from: 0, to: 1 },
        { from: 1, to: 2 },
      ],
    )![1];
  t.true(Math.abs(Math.abs(between([0, 170], [0, -170]).longitude) - 180) < 1e-6);
  t.true(between([80, 0], [80, 180]).latitude > 89.9);
  const antipodal = between([0, 0], [0, 180]);
  t.true(Number.isFinite(antipodal.latitude) && Number.isFinite(antipodal.longitude));
});

test('a map with a gap in it says how many places were interpolated', (t) => {
  const { links, notes } = map(node('a', LONDON) + node('b') + node('c', NEW_YORK) + edge('a', 'b') + edge('b', 'c'));
  t.true(notes.includes('1 of 3 nodes without coordinates: interpolated from their neighbours'));
  t.true(Math.abs(links[0].latencyMs - links[1].latencyMs) < 0.01);
  t.true(Math.abs(links[0].latencyMs + links[1].latencyMs - 27.87 * 1.5) < 0.1);
});
