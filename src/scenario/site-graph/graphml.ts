/**
 * Reads GraphML (U. Brandes et al., 2002): nodes and edges, each with the data that the file's keys name. Only the format is here;
 * `network-map.ts` knows what the data mean.
 */

import { Problem } from '../../problem.js';
import { show } from '../units.js';
import { parseXml, type XmlElement } from './xml.js';

export interface GraphmlNode {
  readonly id: string;
  readonly line: number;
  /** By the name of the key in lower case, blanks around it trimmed; never empty. */
  readonly data: ReadonlyMap<string, string>;
}

export interface GraphmlEdge {
  /** Indices of nodes. */
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly data: ReadonlyMap<string, string>;
}

export interface Graphml {
  readonly directed: boolean;
  readonly data: ReadonlyMap<string, string>;
  readonly nodes: readonly GraphmlNode[];
  readonly edges: readonly GraphmlEdge[];
}

interface Key {
  readonly name: string;
  readonly subject: string;
  readonly standard: string | null;
}

/** @throws Problem with `name` and line at the first thing that is wrong */
export function parseGraphml(text: string, name: string): Graphml {
  const root = parseXml(text, name);
  const fail = (line: number, message: string): never => {
    throw new Problem(`${name}:${line}: ${message}`);
  };
  const attribute = (element: XmlElement, key: string): string =>
    element.attributes.get(key) ?? fail(element.line, `expected <${element.name}> with the attribute ${key}`);
  if (root.name !== 'graphml') fail(root.line, `expected <graphml>, got <${root.name}>`);
  const keys = new Map<string, Key>();
  for (const key of childrenOf(root, 'key')) {
    const standard = childrenOf(key, 'default')[0]?.text.trim() || null;
    keys.set(attribute(key, 'id'), {
      name: (key.attributes.get('attr.name') ?? attribute(key, 'id')).toLowerCase(),
      subject: key.attributes.get('for') ?? 'all',
      standard,
    });
  }
  const graphs = childrenOf(root, 'graph');
  if (graphs.length !== 1) fail(graphs[1]?.line ?? root.line, `expected one <graph>, got ${graphs.length}`);
  const [graph] = graphs;
  const direction = graph.attributes.get('edgedefault') ?? 'undirected';
  if (direction !== 'directed' && direction !== 'undirected')
    fail(graph.line, `expected edgedefault "directed" or "undirected", got ${show(direction)}`);

  const dataOf = (element: XmlElement): Map<string, string> => {
    const data = new Map<string, string>();
    for (const { name: key, subject, standard } of keys.values()) {
      if (standard !== null && (subject === 'all' || subject === element.name)) data.set(key, standard);
    }
    for (const child of childrenOf(element, 'data')) {
      const key = attribute(child, 'key');
      const { name: known } = keys.get(key) ?? fail(child.line, `expected data of a key that is declared above, got ${show(key)}`);
      const value = child.text.trim();
      if (value !== '') data.set(known, value);
    }
    return data;
  };

  const indexOf = new Map<string, number>();
  const nodes = childrenOf(graph, 'node').map((element, index): GraphmlNode => {
    const id = attribute(element, 'id');
    if (indexOf.has(id)) fail(element.line, `expected another id than that of an earlier node, got ${show(id)}`);
    if (childrenOf(element, 'graph').length > 0) fail(element.line, 'a graph within a node is not supported');
    indexOf.set(id, index);
    return { id, line: element.line, data: dataOf(element) };
  });
  if (nodes.length === 0) fail(graph.line, 'expected at least one node, got none');
  const [hyperedge] = childrenOf(graph, 'hyperedge');
  if (hyperedge) fail(hyperedge.line, 'a <hyperedge> is not supported: make it a node that is joined with all of its ends');
  const edges = childrenOf(graph, 'edge').map((element): GraphmlEdge => {
    const end = (key: string) => {
      const id = attribute(element, key);
      return indexOf.get(id) ?? fail(element.line, `expected the id of a node as ${key}, got ${show(id)}`);
    };
    const own = element.attributes.get('directed');
    if (own !== undefined && own !== String(direction === 'directed'))
      fail(element.line, 'edges with and without a direction in one graph are not supported');
    return { from: end('source'), to: end('target'), line: element.line, data: dataOf(element) };
  });
  return { directed: direction === 'directed', data: dataOf(graph), nodes, edges };
}

function childrenOf({ children }: XmlElement, name: string): XmlElement[] {
  return children.filter((child) => child.name === name);
}
