/**
 * A site graph from a map in GraphML as the Internet Topology Zoo draws it (S. Knight et al., IEEE JSAC 29(9), 2011): nodes with
 * coordinates, edges with, sometimes, a speed. A link takes as long as light in fibre over the great circle between its ends, times a
 * stretch. What the map leaves open is decided here, and said in notes.
 */

import { Problem } from '../../problem.js';
import { FIBRE_KM_PER_MS, greatCircleKm } from '../great-circle.js';
import { show } from '../units.js';
import { type Graphml, type GraphmlNode, parseGraphml } from './graphml.js';
import { interpolatePlaces, type Position } from './interpolate-places.js';
import { componentsOf, counted, distinctNames, type GraphLink, type GraphSite, type SiteGraph } from './site-graph.js';

export interface MapOptions {
  /** Length of a link over the great circle between its ends, at least 1. */
  readonly stretch: number;
  /** Latency of every link when the map has no coordinates at all. */
  readonly unplacedMs: number;
  /** Whether the speeds of links count. */
  readonly linkSpeeds: boolean;
}

/** A link within a town still has a router at its end, in ms. */
const LEAST_LINK_MS = 0.05;
const US_PER_MS = 1000;
/** Data of edges that would mean something to a network and is not of the Zoo: nothing is silently ignored. */
const NOT_READ = ['latency', 'delay', 'jitter', 'loss', 'packetloss', 'packet_loss', 'bandwidth', 'weight'];
const SPEED_UNITS: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** @throws Problem with `name` and line at the first thing that is wrong */
export function parseNetworkMap(text: string, name: string, options: MapOptions): SiteGraph {
  const whole = parseGraphml(text, name);
  for (const { data, line } of whole.edges) {
    const key = NOT_READ.find((each) => data.has(each));
    if (key)
      throw new Problem(
        `${name}:${line}: edges with "${key}" are not read from GraphML: latency comes from coordinates here, speed from LinkSpeedRaw; GML has them all`,
      );
  }
  const notes: string[] = [];
  const map = largestComponent(whole, notes);
  const places = map.nodes.map((node) => placeOf(node, name));
  const unknown = places.filter((place) => place === null).length;
  const positions = interpolatePlaces(places, map.edges);
  if (positions === null) notes.push(`no node has coordinates: every link is taken to be ${options.unplacedMs} ms long`);
  else {
    notes.push(`a link takes as long as light in fibre over the great circle, times ${options.stretch}`);
    if (unknown > 0) notes.push(`${unknown} of ${places.length} nodes without coordinates: interpolated from their neighbours`);
  }
  const lengthMs = (from: number, to: number): number => {
    if (positions === null) return options.unplacedMs;
    const ms = (greatCircleKm(positions[from], positions[to]) / FIBRE_KM_PER_MS) * options.stretch;
    return Math.max(LEAST_LINK_MS, Math.round(ms * US_PER_MS) / US_PER_MS);
  };
  return {
    directed: map.directed,
    sites: readSites(map.nodes, notes),
    links: readLinks(map, lengthMs, options.linkSpeeds, name, notes),
    notes,
  };
}

/** A map shows islands where its drawer knew no link, or where the legend was: the largest one is the network. */
function largestComponent(map: Graphml, notes: string[]): Graphml {
  const { nodes, edges } = map;
  const component = componentsOf(nodes.length, edges);
  // The one with most places for peers; of equal ones that with most nodes.
  const sizes: number[] = [];
  nodes.forEach((node, index) => {
    sizes[component[index]] = (sizes[component[index]] ?? 0) + 1 + (hasPeers(node) ? nodes.length : 0);
  });
  const largest = sizes.indexOf(Math.max(...sizes));
  const kept = nodes.flatMap((_, index) => (component[index] === largest ? [index] : []));
  const inside = edges.filter(({ from }) => component[from] === largest).length;
  const drawn = [map.data.get('network'), map.data.get('networkdate')].filter((part) => part !== undefined).join(', ');
  notes.push(`${counted(kept.length, 'node')} and ${counted(inside, 'edge')}${drawn === '' ? '' : ` (${drawn})`}`);
  if (kept.length === nodes.length) return map;
  notes.push(`${nodes.length - kept.length} of ${nodes.length} nodes left out, because nothing joins them with the rest`);
  const newIndex = new Map(kept.map((old, index) => [old, index]));
  return {
    ...map,
    nodes: kept.map((index) => nodes[index]),
    edges: edges.flatMap((edge) => {
      const [from, to] = [newIndex.get(edge.from), newIndex.get(edge.to)];
      return from === undefined || to === undefined ? [] : [{ ...edge, from, to }];
    }),
  };
}

/** External nodes are other networks, and a node for a link with several ends is no place at all. */
function hasPeers({ data }: GraphmlNode): boolean {
  return data.get('internal') !== '0' && data.get('hyperedge') !== '1';
}

function readSites(nodes: readonly GraphmlNode[], notes: string[]): GraphSite[] {
  const names = distinctNames(nodes.map(({ id, data }) => data.get('label') ?? `node ${id}`));
  const inner = nodes.filter(hasPeers).length;
  const all = inner < 2;
  if (all && inner < nodes.length) notes.push('fewer than two of them belong to the network itself: all have peers');
  else if (inner < nodes.length) {
    notes.push(`${nodes.length - inner} of them are other networks, or joints of links: paths lead through them, no peers live there`);
  }
  return nodes.map((node, index) => ({
    name: names[index],
    region: node.data.get('country') ?? null,
    weight: all || hasPeers(node) ? 1 : 0,
    uplinkBitsPerSecond: Infinity,
    downlinkBitsPerSecond: Infinity,
  }));
}

function placeOf({ data, line }: GraphmlNode, name: string): Position | null {
  const [north, east] = [data.get('latitude'), data.get('longitude')];
  if (north === undefined || east === undefined) return null;
  const [latitude, longitude] = [Number(north), Number(east)];
  if (!(Math.abs(latitude) <= 90)) throw new Problem(`${name}:${line}: Latitude: expected degrees from -90 to 90, got ${show(north)}`);
  if (!(Math.abs(longitude) <= 180)) throw new Problem(`${name}:${line}: Longitude: expected degrees from -180 to 180, got ${show(east)}`);
  return { latitude, longitude };
}

/** Links between the same two nodes become one, their speeds added up. */
function readLinks(
  map: Graphml,
  lengthMs: (from: number, to: number) => number,
  linkSpeeds: boolean,
  name: string,
  notes: string[],
): GraphLink[] {
  const speeds = new Map<number, number>();
  let loops = 0;
  let unstated = 0;
  for (const { from, to, data, line } of map.edges) {
    if (from === to) {
      loops++;
      continue;
    }
    const [a, b] = map.directed || from < to ? [from, to] : [to, from];
    const key = a * map.nodes.length + b;
    const speed = readSpeed(data, (given) => new Problem(`${name}:${line}: LinkSpeedRaw: expected bits per second, got ${show(given)}`));
    if (speed === null) unstated++;
    speeds.set(key, (speeds.get(key) ?? 0) + (speed ?? 0));
  }
  const edges = map.edges.length - loops;
  if (loops > 0) notes.push(`${counted(loops, 'edge')} from a node to itself left out`);
  if (speeds.size < edges)
    notes.push(`${edges} edges are ${counted(speeds.size, 'link')}: where several join two nodes, their speeds add up`);
  const stated = edges - unstated;
  if (stated > 0 && !linkSpeeds) notes.push('the speeds of links are not used');
  else if (stated > 0 && unstated > 0) notes.push(`${unstated} of ${edges} edges state no speed and set no limit`);
  return [...speeds].map(([key, speed]) => {
    const [from, to] = [Math.floor(key / map.nodes.length), key % map.nodes.length];
    return { from, to, latencyMs: lengthMs(from, to), jitterMs: 0, loss: 0, bitsPerSecond: linkSpeeds && speed > 0 ? speed : Infinity };
  });
}

/** Bits per second; null when the map does not say. */
function readSpeed(data: ReadonlyMap<string, string>, wrong: (given: string) => Problem): number | null {
  const raw = data.get('linkspeedraw');
  if (raw !== undefined) {
    const speed = Number(raw);
    if (!(speed >= 0 && speed < Infinity)) throw wrong(raw);
    return speed > 0 ? speed : null;
  }
  const speed = Number(data.get('linkspeed')) * SPEED_UNITS[data.get('linkspeedunits') ?? ''];
  return speed > 0 ? speed : null;
}
