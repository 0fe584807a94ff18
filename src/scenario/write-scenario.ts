/**
 * Writes a resolved scenario back as a file that `loadScenario` reads to the very same scenario: every default filled in, the topology
 * written out, so that a result folder repeats itself even after a topology file has changed.
 */

import { Document, isCollection, isPair } from 'yaml';
import type { Topology } from '../network/topology.js';
import { writeBursts } from './bursts-section.js';
import { writeClock } from './clock-section.js';
import { writeFaults } from './faults-section.js';
import { writeLinks } from './links-section.js';
import { writeNat } from './nat-section.js';
import { writePopulation } from './population-section.js';
import { writeDiscipline } from './queues.js';
import type { Scenario } from './scenario.js';
import { writeSite } from './sites-section.js';
import { writeThresholds } from './thresholds.js';
import { formatDuration, formatRate, formatShare, formatSize } from './units.js';
import { writeWorkload } from './workload-section.js';

/** @param topology the topology written out, or what stands for it */
export function scenarioToYaml(scenario: Scenario, topology: unknown = writeTopology(scenario.topology)): string {
  const { protocol, phases, measures } = scenario;
  const document = new Document({
    name: scenario.name,
    about: scenario.about,
    seed: scenario.seed,
    peers: scenario.peers,
    protocols: [protocol.file ?? protocol.name],
    settings: { [protocol.name]: protocol.settings },
    phases: {
      start: phases.start,
      warmUp: formatDuration(phases.warmUpMs),
      measure: formatDuration(phases.measureMs),
      drain: formatDuration(phases.drainMs),
    },
    ...writeClock(scenario),
    population: writePopulation(scenario.population),
    ...writeFaults(scenario),
    workload: writeWorkload(scenario.workload),
    measures: { interval: formatDuration(measures.intervalMs), paths: measures.paths, thresholds: writeThresholds(measures.thresholds) },
    limits: scenario.limits,
    topology,
  });
  document.commentBefore = ` The scenario of one run with every default filled in. To repeat it: peerage run scenario.yaml`;
  for (const path of [['protocols'], ['population', 'session'], ['population', 'downtime']]) inOneLine(document.getIn(path));
  for (const path of [
    ['topology', 'access'],
    ['topology', 'sites'],
    ['topology', 'links'],
    ['topology', 'nat'],
  ]) {
    const list = document.getIn(path);
    if (isCollection(list)) for (const item of list.items) inOneLine(isPair(item) ? item.value : item);
  }
  return document.toString({ lineWidth: 0 });
}

function inOneLine(node: unknown): void {
  if (isCollection(node)) node.flow = true;
}

export function writeTopology(topology: Topology): Record<string, unknown> {
  const n = topology.sites.length;
  const { latencyMs, reorder } = topology;
  const classes = topology.classes.map(({ name }) => name);
  const row = (site: number) => latencyMs.subarray(site * n, (site + 1) * n).join(' ');
  return {
    name: topology.name,
    about: topology.about,
    source: topology.source,
    headers: formatSize(topology.headerBytes),
    segmentHeaders: formatSize(topology.segmentHeaderBytes),
    jitter: formatShare(topology.jitter),
    loss: formatShare(topology.loss),
    bursts: topology.bursts ? writeBursts(topology.bursts) : 'none',
    reorder: reorder ? { share: formatShare(reorder.share), by: formatDuration(reorder.byMs) } : 'none',
    duplicate: formatShare(topology.duplicate),
    access: Object.fromEntries(
      topology.classes.map((each) => [
        each.name,
        {
          share: formatShare(each.share),
          uplink: formatRate(each.uplinkBitsPerSecond),
          downlink: formatRate(each.downlinkBitsPerSecond),
          queue: formatSize(each.queueBytes),
          discipline: writeDiscipline(each.discipline),
          latency: formatDuration(each.latencyMs),
        },
      ]),
    ),
    sites: topology.sites.map((site) => writeSite(site, classes)),
    links: writeLinks(
      topology.links,
      topology.sites.map(({ name }) => name),
    ),
    nat: topology.nat.length > 0 ? writeNat(topology.nat) : 'none',
    latency: latencyMs.every((each) => each === latencyMs[0])
      ? formatDuration(latencyMs[0])
      : { rowsMs: Array.from({ length: n }, (_, site) => row(site)) },
  };
}
