/** What `peerage topology` prints about a topology, for people and (`--json`) for programs. */

import type { LatencyFigures, TopologyFigures } from '../network/describe.js';
import type { NatClass, Topology } from '../network/topology.js';
import { count, duration, share, whole } from '../report/format.js';
import { cut, wrap } from '../report/layout.js';
import { formatRate, formatSize } from '../scenario/units.js';

type Row = readonly [label: string, text: string];

/** Longer lists end in "and 7 more". */
const MOST_LISTED = 5;

export function topologyText(topology: Topology, figures: TopologyFigures, width: number): string {
  const rows: Row[] = [
    ['sites', sitesText(figures)],
    ['lines', listed(topology.classes.map(lineText), '; ')],
    ['latency', figures.latencyMs ? `${latencyText(figures.latencyMs)} (one way between two sites, without lines)` : 'one site only'],
    ['in one site', rangeText(figures.withinMs.least, figures.withinMs.most)],
    ['triangles', trianglesText(figures)],
    ['loss, jitter', `${share(topology.loss)} of the packets, up to ${share(topology.jitter)} of a path's latency`],
    ['lookahead', figures.divisions.map(divisionText).join(', ')],
  ];
  if (figures.regions.length > 0) {
    const regions = figures.regions.map((each) => `${each.name} ${share(each.share)} on ${plural(each.sites, 'site')}`);
    rows.splice(1, 0, ['regions', `${regions.length}: ${listed(regions)}`]);
  }
  if (figures.links > 0) rows.push(['links', linksText(topology)]);
  const bounded = topology.sites.filter((site) => site.uplinkBitsPerSecond < Infinity || site.downlinkBitsPerSecond < Infinity).length;
  if (bounded > 0) rows.push(['bottlenecks', `${plural(bounded, 'site')} with a rate that all peers there share`]);
  const strange = [
    topology.bursts && 'loss in bursts',
    topology.reorder && `${share(topology.reorder.share)} of the packets held back by ${duration(topology.reorder.byMs)}`,
    topology.duplicate > 0 && `${share(topology.duplicate)} of the datagrams arrive twice`,
  ].filter((each) => typeof each === 'string');
  if (strange.length > 0) rows.push(['packets', strange.join('; ')]);
  if (topology.nat.length > 0) rows.push(['NAT', topology.nat.map(natText).join(', ')]);
  if (topology.source !== '') rows.push(['source', topology.source]);
  const indent = Math.max(...rows.map(([label]) => label.length)) + 2;
  const heading = topology.about === '' ? topology.name : `${topology.name}: ${topology.about}`;
  const lines = rows.flatMap(([label, text]) =>
    wrap(text.replace(/\s+/g, ' '), width - indent).map((line, at) => (at === 0 ? label : '').padEnd(indent) + line),
  );
  return `${[...wrap(heading.replace(/\s+/g, ' '), width), '', ...lines].join('\n')}\n`;
}

/** All of it as plain data; "no limit" is null. */
export function topologyJson(topology: Topology, figures: TopologyFigures, notes: readonly string[]): unknown {
  const { name, about, source, headerBytes, segmentHeaderBytes, loss, jitter } = topology;
  const limit = (rate: number) => (rate === Infinity ? null : rate);
  return {
    name,
    about,
    source,
    headerBytes,
    segmentHeaderBytes,
    loss,
    jitter,
    ...figures,
    classes: topology.classes.map((each) => ({
      name: each.name,
      share: each.share,
      uplinkBitsPerSecond: limit(each.uplinkBitsPerSecond),
      downlinkBitsPerSecond: limit(each.downlinkBitsPerSecond),
      queueBytes: limit(each.queueBytes),
      latencyMs: each.latencyMs,
    })),
    nat: topology.nat.map((each) => ({ name: each.name, share: each.share })),
    notes,
  };
}

function sitesText({ sites, peers, peersPerSite: { least, most } }: TopologyFigures): string {
  const each = least === most ? `${whole(least)} on each` : `${whole(least)} to ${whole(most)} on each`;
  return `${whole(sites)}; of ${whole(peers)} peers ${each}`;
}

function lineText(line: Topology['classes'][number]): string {
  const { name, uplinkBitsPerSecond: up, downlinkBitsPerSecond: down, queueBytes, latencyMs } = line;
  const parts =
    up === Infinity && down === Infinity ? [] : [`${formatRate(up)} up`, `${formatRate(down)} down`, `queue ${formatSize(queueBytes)}`];
  if (latencyMs > 0) parts.push(duration(latencyMs));
  const rates = parts.length === 0 ? 'no limits' : parts.join(', ');
  return `${cut(name, 40)} ${share(line.share)} (${rates})`;
}

function latencyText({ p10, median, mean, p90, p99, max }: LatencyFigures): string {
  const parts: Row[] = [
    ['p10', duration(p10)],
    ['median', duration(median)],
    ['mean', duration(mean)],
    ['p90', duration(p90)],
    ['p99', duration(p99)],
    ['max', duration(max)],
  ];
  return parts.map(([name, text]) => `${name} ${text}`).join(', ');
}

function rangeText(least: number, most: number): string {
  return least === most ? duration(least) : `${duration(least)} to ${duration(most)}`;
}

function trianglesText({ triangles }: TopologyFigures): string {
  if (triangles === null) return 'none: fewer than three sites';
  const which = triangles.isSample ? `a sample of ${whole(triangles.checked)}` : `all ${whole(triangles.checked)}`;
  return `a detour is shorter than the direct way in ${share(triangles.violated / triangles.checked)} of ${which}`;
}

function divisionText({ asked, shards, lookaheadMs }: TopologyFigures['divisions'][number]): string {
  if (lookaheadMs === null) return `${asked} shards: cannot be divided`;
  return `${asked} shards: ${duration(lookaheadMs)}${shards < asked ? ` (on ${shards})` : ''}`;
}

function linksText({ links }: Topology): string {
  const rates = links.map(({ bitsPerSecond }) => bitsPerSecond).filter((rate) => rate < Infinity);
  const parts = [`${count(links.length)} pairs of sites differ from the rule`];
  if (rates.length > 0) {
    const least = rates.reduce((a, b) => Math.min(a, b));
    const most = rates.reduce((a, b) => Math.max(a, b));
    parts.push(
      `${count(rates.length)} have a speed, ${least === most ? formatRate(least) : `${formatRate(least)} to ${formatRate(most)}`}`,
    );
  }
  return parts.join('; ');
}

function natText({ name, share: part, gateway, datagrams }: NatClass): string {
  const kind = gateway === null ? 'open' : (gateway.mapping ?? 'firewall');
  return `${name} ${share(part)} (${kind}${datagrams ? '' : ', no datagrams'})`;
}

function listed(parts: readonly string[], between = ', '): string {
  const more = parts.length - MOST_LISTED;
  return more > 0 ? `${parts.slice(0, MOST_LISTED).join(between)} and ${more} more` : parts.join(between);
}

function plural(number: number, noun: string): string {
  return `${whole(number)} ${noun}${number === 1 ? '' : 's'}`;
}
