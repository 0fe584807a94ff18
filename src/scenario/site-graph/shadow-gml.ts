/**
 * A site graph from GML as the network simulator Shadow reads it (its Network Graph Specification, versions 2 and 3): nodes with the
 * bandwidth of each host there, edges with latency, jitter and packet loss. Shadow keeps `jitter` for later; here it is honoured, as
 * the greatest extra delay of the edge.
 */

import { Problem } from '../../problem.js';
import { show, unexpected } from '../units.js';
import { type GmlList, type GmlPair, parseGml } from './gml.js';
import { counted, distinctNames, type GraphLink, type GraphSite, type SiteGraph } from './site-graph.js';

export interface ShadowOptions {
  /** False: the edges are the paths, one for each pair, as with Shadow's network.use_shortest_path. */
  readonly useShortestPath: boolean;
}

const NODE_KEYS = ['id', 'label', 'country_code', 'host_bandwidth_up', 'host_bandwidth_down'];
const EDGE_KEYS = ['source', 'target', 'label', 'latency', 'jitter', 'packet_loss'];

const TIME_UNITS: readonly (readonly [names: string, ms: number])[] = [
  ['ns nanosecond nanoseconds', 1e-6],
  ['us μs microsecond microseconds', 1e-3],
  ['ms millisecond milliseconds', 1],
  ['s sec secs second seconds', 1e3],
  ['m min mins minute minutes', 60e3],
  ['h hr hrs hour hours', 3600e3],
];
const BIT_PREFIXES: readonly (readonly [names: string, bits: number])[] = [
  ['K kilo', 1e3],
  ['Ki kibi', 1024],
  ['M mega', 1e6],
  ['Mi mebi', 1024 ** 2],
  ['G giga', 1e9],
  ['Gi gibi', 1024 ** 3],
  ['T tera', 1e12],
  ['Ti tebi', 1024 ** 4],
];
/** Unit -> ms. A number alone is in seconds. */
const TIMES = new Map([['', 1e3] as const, ...TIME_UNITS.flatMap(([names, ms]) => names.split(' ').map((name) => [name, ms] as const))]);
/** Unit -> bits per second. A number alone is in bits. */
const BANDWIDTHS = new Map(
  [['', 1] as const, ...BIT_PREFIXES.flatMap(([names, bits]) => names.split(' ').map((name) => [name, bits] as const))].flatMap(
    ([prefix, bits]) => (prefix === '' ? ['', 'bit', 'bits'] : [`${prefix}bit`, `${prefix}bits`]).map((name) => [name, bits] as const),
  ),
);

/** @throws Problem with `name` and line at the first thing that is wrong */
export function parseShadowGml(text: string, name: string, { useShortestPath }: ShadowOptions): SiteGraph {
  const outermost = parseGml(text, name);
  const graphs = outermost.filter(({ key }) => key === 'graph');
  if (graphs.length !== 1) throw new Problem(`${name}: expected one graph [ ... ], got ${graphs.length}`);
  const graph = new Fields(graphs[0], name);
  const directed = graph.number('directed') ?? 0;
  if (directed !== 0 && directed !== 1) graph.fail('directed', 'expected 0 or 1', directed);
  const unused = new Set<string>();
  const nodes = graph.all('node').map((pair) => new Fields(pair, name));
  const edges = graph.all('edge').map((pair) => new Fields(pair, name));
  if (nodes.length === 0) throw new Problem(`${name}:${graph.line}: expected at least one node, got none`);
  const indexOf = new Map<number, number>();
  nodes.forEach((node, index) => {
    const id = node.wholeNumber('id');
    if (indexOf.has(id)) node.fail('id', 'expected another id than that of an earlier node', id);
    indexOf.set(id, index);
    node.noteUnused(NODE_KEYS, 'node', unused);
  });
  const links = edges.map((edge) => {
    edge.noteUnused(EDGE_KEYS, 'edge', unused);
    return readEdge(edge, indexOf);
  });
  if (!useShortestPath) mustBeComplete(nodes, edges, links, directed === 1, name);
  const bare = nodes.length - new Set(links.filter(({ from, to }) => from === to).map(({ from }) => from)).size;
  const notes = [`${counted(nodes.length, 'node')} and ${counted(links.length, 'edge')}, as Shadow reads them`];
  if (bare > 0) notes.push(`${bare} of ${nodes.length} nodes without an edge to itself: two peers there are "within" apart`);
  if (unused.size > 0) notes.push(`not used: ${[...unused].join(', ')}`);
  return { directed: directed === 1, sites: readSites(nodes), links, notes };
}

function readSites(nodes: readonly Fields[]): GraphSite[] {
  const names = distinctNames(nodes.map((node) => node.text('label') || `node ${node.wholeNumber('id')}`));
  return nodes.map((node, index) => ({
    name: names[index],
    region: node.text('country_code') || null,
    weight: 1,
    uplinkBitsPerSecond: node.quantity('host_bandwidth_up', BANDWIDTHS, 'a bandwidth such as "100 Mbit"') ?? Infinity,
    downlinkBitsPerSecond: node.quantity('host_bandwidth_down', BANDWIDTHS, 'a bandwidth such as "100 Mbit"') ?? Infinity,
  }));
}

function readEdge(edge: Fields, indexOf: ReadonlyMap<number, number>): GraphLink {
  const end = (key: string) => {
    const id = edge.wholeNumber(key);
    return indexOf.get(id) ?? edge.fail(key, 'expected the id of a node', id);
  };
  const latencyMs = edge.quantity('latency', TIMES, 'a latency such as "10 ms"') ?? edge.missing('latency', 'a latency such as "10 ms"');
  const jitterMs = edge.quantity('jitter', TIMES, 'a jitter such as "0 ms"', 0) ?? 0;
  if (jitterMs > latencyMs) edge.fail('jitter', 'expected at most the latency', edge.text('jitter'));
  const loss = edge.number('packet_loss') ?? 0;
  if (!(loss >= 0 && loss < 1)) edge.fail('packet_loss', 'expected a share of at least 0 and below 1', loss);
  return { from: end('source'), to: end('target'), latencyMs, jitterMs, loss, bitsPerSecond: Infinity };
}

/** With direct paths only, a pair without an edge could not talk, and two edges would leave open which one counts. */
function mustBeComplete(
  nodes: readonly Fields[],
  edges: readonly Fields[],
  links: readonly GraphLink[],
  directed: boolean,
  name: string,
): void {
  const n = nodes.length;
  const seen = new Uint8Array(n * n);
  links.forEach(({ from, to }, index) => {
    if (seen[from * n + to]) {
      edges[index].fail(
        'source',
        'useShortestPath is false: expected one edge from node to node, got another one for',
        `${nodes[from].id} to ${nodes[to].id}`,
      );
    }
    seen[from * n + to] = 1;
    if (!directed) seen[to * n + from] = 1;
  });
  const missing = seen.indexOf(0);
  if (missing < 0) return;
  const [from, to] = [nodes[Math.floor(missing / n)], nodes[missing % n]];
  throw new Problem(
    `${name}: useShortestPath is false: expected an edge between any two nodes and from each to itself, got none from ${from.id} to ${to.id}`,
  );
}

/** The pairs of one list by their keys. */
class Fields {
  readonly line: number;
  private readonly pairs: GmlList;
  private readonly name: string;

  constructor({ key, value, line }: GmlPair, name: string) {
    if (typeof value !== 'object') throw new Problem(`${name}:${line}: ${unexpected(`a list in brackets for "${key}"`, value).message}`);
    this.pairs = value;
    this.line = line;
    this.name = name;
  }

  get id(): number {
    return this.wholeNumber('id');
  }

  all(key: string): GmlPair[] {
    return this.pairs.filter((pair) => pair.key === key);
  }

  /** Keys that mean nothing here go into `unused`, once. */
  noteUnused(known: readonly string[], what: string, unused: Set<string>): void {
    for (const { key } of this.pairs) if (!known.includes(key)) unused.add(`${what}.${key}`);
  }

  text(key: string): string | undefined {
    const value = this.one(key);
    if (value !== undefined && typeof value !== 'string') this.fail(key, 'expected a text in quotes', value);
    return value as string | undefined;
  }

  number(key: string): number | undefined {
    const value = this.one(key);
    if (value !== undefined && typeof value !== 'number') this.fail(key, 'expected a number', value);
    return value as number | undefined;
  }

  wholeNumber(key: string): number {
    const value = this.number(key) ?? this.missing(key, 'a whole number');
    return Number.isSafeInteger(value) && value >= 0 ? value : this.fail(key, 'expected a whole number of at least 0', value);
  }

  /** A number with its unit, above 0 or, where `least` is 0, at least that. */
  quantity(key: string, units: ReadonlyMap<string, number>, expected: string, least: 0 | null = null): number | undefined {
    const given = this.text(key);
    if (given === undefined) return undefined;
    const [, mantissa, unit = ''] = /^\s*(\d+\.?\d*|\.\d+)\s*(\S*)\s*$/.exec(given) ?? [];
    const factor = mantissa === undefined ? undefined : units.get(unit);
    if (factor === undefined) return this.fail(key, `expected ${expected}`, given);
    // By 1e-6 and 1e-3 a division is exact where a multiplication is not.
    const value = factor < 1 ? Number(mantissa) / Math.round(1 / factor) : Number(mantissa) * factor;
    if (!Number.isFinite(value) || (value === 0 && least === null)) return this.fail(key, `expected ${expected}, above 0`, given);
    return value;
  }

  missing(key: string, expected: string): never {
    throw new Problem(`${this.name}:${this.line}: ${key}: expected ${expected}, got nothing`);
  }

  fail(key: string, expected: string, given: unknown): never {
    const line = this.pairs.find((pair) => pair.key === key)?.line ?? this.line;
    throw new Problem(`${this.name}:${line}: ${key}: ${expected}, got ${show(given)}`);
  }

  private one(key: string): GmlPair['value'] | undefined {
    const found = this.all(key);
    if (found.length > 1) throw new Problem(`${this.name}:${found[1].line}: ${key}: expected one value, got a second one`);
    return found[0]?.value;
  }
}
