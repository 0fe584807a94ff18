/**
 * From a site graph to what a topology needs: a latency for each pair of sites, the rule for loss and jitter with the pairs that differ
 * from it, and the access classes of hosts where the map states them. Shortest paths are computed here once, before a run, over sites
 * only; what a peer sends finds its pair in a table.
 */

import type { AccessClass, LinkOverride } from '../../network/topology.js';
import { Problem } from '../../problem.js';
import { TOPOLOGY_DEFAULTS as DEFAULTS } from '../defaults.js';
import { formatRate } from '../units.js';
import { directPaths, type Paths, shortestPaths } from './shortest-paths.js';
import type { GraphSite, SiteGraph } from './site-graph.js';

export interface PlannedSite {
  readonly name: string;
  readonly region: string | null;
  readonly weight: number;
  /** Index in `classes`, null when there are fewer than two. */
  readonly accessClass: number | null;
}

export interface SitePlan {
  readonly sites: readonly PlannedSite[];
  /** One way in ms, sites x sites, row = source. */
  readonly latencyMs: Float64Array;
  /** Without shares; empty when the map states no bandwidths. */
  readonly classes: readonly Omit<AccessClass, 'share' | 'discipline'>[];
  /** Probability of loss, and jitter as a share of the latency, of most pairs; `links` has the others. */
  readonly loss: number;
  readonly jitter: number;
  readonly links: readonly LinkOverride[];
  readonly notes: readonly string[];
}

export interface PlanOptions {
  readonly useShortestPath: boolean;
  /** Between two peers of one site, when the graph has no link from it to itself. */
  readonly withinMs: number;
  /** The least between two sites. */
  readonly leastMs: number;
}

/** Pairs of sites are held as a full matrix: 5,000 sites are 200 MB. */
export const MOST_SITES = 5000;
/** Pairs that differ from the rule are objects, some 100 bytes each. */
const MOST_LINKS = 500_000;
/** The queue of a slow link holds some packets all the same. */
const LEAST_QUEUE_BYTES = 65_536;

/** `where` begins a message: the name of the file. */
export function planSites(graph: SiteGraph, options: PlanOptions, where: string): SitePlan {
  const withPeers = graph.sites.filter(({ weight }) => weight > 0);
  if (withPeers.length > MOST_SITES) throw new Problem(`${where}: expected at most ${MOST_SITES} sites, got ${withPeers.length}`);
  const paths = options.useShortestPath ? shortestPaths(graph) : directPaths(graph);
  const n = withPeers.length;
  const latencyMs = paths.latencyMs.map((ms, index) => {
    if (index % (n + 1) === 0) return Number.isNaN(ms) ? options.withinMs : ms;
    if (Number.isNaN(ms)) {
      const [from, to] = [withPeers[Math.floor(index / n)], withPeers[index % n]];
      throw new Problem(`${where}: expected a path between any two sites, got none from ${from.name} to ${to.name}`);
    }
    return Math.max(ms, options.leastMs);
  });
  const jitters = paths.jitterMs.map((ms, index) => (ms === 0 ? 0 : Math.min(1, ms / latencyMs[index])));
  const loss = ruleOf(paths.loss, n);
  const jitter = ruleOf(jitters, n);
  const { classes, classOf } = accessClasses(withPeers, where);
  return {
    sites: withPeers.map(({ name, region, weight }, site) => ({ name, region, weight, accessClass: classOf[site] })),
    latencyMs,
    classes,
    loss,
    jitter,
    links: overrides(paths, jitters, { loss, jitter }, where),
    notes: graph.notes,
  };
}

function overrides(
  paths: Paths,
  jitters: Float64Array,
  rule: { readonly loss: number; readonly jitter: number },
  where: string,
): LinkOverride[] {
  const n = paths.sites.length;
  const links: LinkOverride[] = [];
  paths.latencyMs.forEach((_, index) => {
    const loss = paths.loss[index] === rule.loss ? null : paths.loss[index];
    const jitter = jitters[index] === rule.jitter ? null : jitters[index];
    const bitsPerSecond = paths.bitsPerSecond[index];
    if (loss === null && jitter === null && bitsPerSecond === Infinity) return;
    const queueBytes =
      bitsPerSecond === Infinity ? Infinity : Math.max(LEAST_QUEUE_BYTES, Math.round((bitsPerSecond * DEFAULTS.sharedQueueMs) / 8000));
    links.push({ from: Math.floor(index / n), to: index % n, bitsPerSecond, queueBytes, loss, jitter });
  });
  if (links.length > MOST_LINKS) {
    throw new Problem(
      `${where}: ${links.length} pairs of sites have a loss, a jitter or a speed of their own: expected at most ${MOST_LINKS}`,
    );
  }
  return links;
}

/** The most frequent value between different sites; of equally frequent ones the one that comes first. */
function ruleOf(values: Float64Array, n: number): number {
  const counts = new Map<number, number>();
  values.forEach((value, index) => {
    if (n === 1 || index % (n + 1) !== 0) counts.set(value, (counts.get(value) ?? 0) + 1);
  });
  let best = 0;
  let most = 0;
  for (const [value, count] of counts) {
    if (count > most) [best, most] = [value, count];
  }
  return best;
}

/** One class for each pair of bandwidths, in the order in which they come. */
function accessClasses(sites: readonly GraphSite[], where: string): { classes: SitePlan['classes']; classOf: (number | null)[] } {
  const rates = ({ uplinkBitsPerSecond, downlinkBitsPerSecond }: GraphSite) => `${uplinkBitsPerSecond} ${downlinkBitsPerSecond}`;
  const firsts = new Map<string, GraphSite>();
  for (const site of sites) if (!firsts.has(rates(site))) firsts.set(rates(site), site);
  const classes = [...firsts.values()].map(({ uplinkBitsPerSecond, downlinkBitsPerSecond }) => ({
    name: `up ${formatRate(uplinkBitsPerSecond)}, down ${formatRate(downlinkBitsPerSecond)}`,
    uplinkBitsPerSecond,
    downlinkBitsPerSecond,
    queueBytes: DEFAULTS.access.queueBytes,
    latencyMs: DEFAULTS.access.latencyMs,
  }));
  if (classes.length > 256) throw new Problem(`${where}: expected at most 256 different bandwidths of hosts, got ${classes.length}`);
  if (classes.length === 1) {
    const { uplinkBitsPerSecond, downlinkBitsPerSecond } = classes[0];
    const stated = uplinkBitsPerSecond < Infinity || downlinkBitsPerSecond < Infinity;
    return { classes: stated ? classes : [], classOf: sites.map(() => null) };
  }
  const keys = [...firsts.keys()];
  return { classes, classOf: sites.map((site) => keys.indexOf(rates(site))) };
}
