/**
 * A topology as GML for the network simulator Shadow: a complete graph, to be read with network.use_shortest_path: false. A path has
 * the latency of both access lines in it where a site has one class of them.
 */

import type { AccessClass, Topology } from '../../network/topology.js';
import { beyondPaths, type Converted } from './converted.js';

const NS_PER_MS = 1e6;

export function toGml(topology: Topology): Converted {
  const { sites, classes } = topology;
  const n = sites.length;
  const links = new Map(topology.links.map((link) => [link.from * n + link.to, link]));
  const lineOf = (site: number): AccessClass | null => {
    const own = sites[site].accessClass;
    return own === null ? (classes.length === 1 ? classes[0] : null) : classes[own];
  };
  const lines = sites.map((_, site) => lineOf(site));
  let zeros = 0;
  const edge = (from: number, to: number): string => {
    const index = from * n + to;
    const ms = topology.latencyMs[index] + (lines[from]?.latencyMs ?? 0) + (lines[to]?.latencyMs ?? 0);
    const ns = Math.round(ms * NS_PER_MS);
    if (ns === 0) zeros++;
    const jitter = links.get(index)?.jitter ?? topology.jitter;
    const loss = links.get(index)?.loss ?? topology.loss;
    return ` latency "${time(Math.max(1, ns))}" jitter "${time(Math.round(ns * jitter))}" packet_loss ${decimal(loss)} ]`;
  };
  const bothWays = sites.every((_, from) => sites.every((__, to) => edge(from, to) === edge(to, from)));
  zeros = 0;
  const text = [
    ...[topology.name, topology.about, topology.source].flatMap((each) => each.split('\n')).map((each) => `# ${each}`),
    '# A complete graph: network.use_shortest_path: false',
    'graph [',
    `  directed ${bothWays ? 0 : 1}`,
  ];
  sites.forEach(({ name, region }, site) => {
    const line = lines[site];
    const attributes = [`id ${site}`, `label "${escaped(name)}"`];
    if (region !== null) attributes.push(`country_code "${escaped(region)}"`);
    if (line && line.downlinkBitsPerSecond < Infinity) attributes.push(`host_bandwidth_down "${bandwidth(line.downlinkBitsPerSecond)}"`);
    if (line && line.uplinkBitsPerSecond < Infinity) attributes.push(`host_bandwidth_up "${bandwidth(line.uplinkBitsPerSecond)}"`);
    text.push(`  node [ ${attributes.join(' ')} ]`);
  });
  for (let from = 0; from < n; from++) {
    for (let to = bothWays ? from : 0; to < n; to++) text.push(`  edge [ source ${from} target ${to}${edge(from, to)}`);
  }
  text.push(']', '');
  const lost = beyondPaths(topology);
  if (lines.includes(null)) lost.push('the classes of lines, because they are drawn by share and a node has one bandwidth');
  const notes = ['a complete graph: Shadow needs network.use_shortest_path: false, Peerage latency.gml.useShortestPath: false'];
  if (lost.length > 0) notes.push(`GML has no words for: ${lost.join('; ')}`);
  if (zeros > 0) notes.push('latencies of 0, which Shadow refuses, are 1 ns');
  return { text: text.join('\n'), notes };
}

/** Shadow reads whole numbers only. */
function time(ns: number): string {
  if (ns % 1e6 === 0) return `${ns / 1e6} ms`;
  return ns % 1e3 === 0 ? `${ns / 1e3} us` : `${ns} ns`;
}

function bandwidth(bitsPerSecond: number): string {
  const whole = Math.max(1, Math.round(bitsPerSecond));
  const units: readonly (readonly [number, string])[] = [
    [1e9, 'Gbit'],
    [1e6, 'Mbit'],
    [1e3, 'Kbit'],
  ];
  const [factor, unit] = units.find(([each]) => whole % each === 0) ?? [1, 'bit'];
  return `${whole / factor} ${unit}`;
}

/** Shadow wants packet_loss to be no whole number. */
function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}
