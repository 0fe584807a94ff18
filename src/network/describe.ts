/** A topology in figures: what kinds of lines there are, how far apart sites are, and how well a run on it can be divided. */

import { Stream, WHOLE_RUN } from '../kernel/random.js';
import { siteOf } from './peer-table.js';
import { placePeers } from './placement.js';
import type { Topology } from './topology.js';

export interface Group {
  readonly name: string;
  readonly sites: number;
  /** Of the peers. */
  readonly share: number;
}

export interface LatencyFigures {
  readonly min: number;
  readonly p10: number;
  readonly median: number;
  readonly mean: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface TopologyFigures {
  readonly sites: number;
  readonly peers: number;
  /** Fewest and most peers on a site. */
  readonly peersPerSite: { readonly least: number; readonly most: number };
  /** Largest share first; empty when no site has one. */
  readonly regions: readonly Group[];
  /** One way in ms over all ordered pairs of different sites, without access links, each pair counting once; null for a single site. */
  readonly latencyMs: LatencyFigures | null;
  /** Between two peers of one site, over the sites. */
  readonly withinMs: { readonly least: number; readonly most: number };
  /** Triangles of sites in which one way around is shorter than the direct one; null for fewer than three sites. */
  readonly triangles: { readonly violated: number; readonly checked: number; readonly isSample: boolean } | null;
  /** Pairs of sites with a loss, a jitter or a speed of their own. */
  readonly links: number;
  readonly divisions: readonly {
    readonly asked: number;
    /** Fewer than asked when the topology cannot be divided so. */
    readonly shards: number;
    /** Null for one shard, which needs none. */
    readonly lookaheadMs: number | null;
  }[];
}

/** All triangles of 300 sites are 4.5 million. */
const MOST_SITES_IN_FULL = 300;
const SAMPLED_TRIANGLES = 1_000_000;
/** Rounding of sums may miss so much. */
const TOLERANCE = 1e-9;
const SHARDS = [2, 4, 8];

/** @param seed of the placement, which is where a run of that seed puts its peers */
export function describeTopology(topology: Topology, peers: number, seed: number): TopologyFigures {
  const { sites, latencyMs } = topology;
  const n = sites.length;
  const placements = SHARDS.map((asked) => placePeers(topology, peers, asked, seed));
  const perSite = new Float64Array(n);
  for (const place of placements[0].table.places) perSite[siteOf(place)]++;
  const within = sites.map((_, site) => latencyMs[site * (n + 1)]);
  return {
    sites: n,
    peers,
    peersPerSite: { least: Math.min(...perSite), most: Math.max(...perSite) },
    regions: regionsOf(topology),
    latencyMs: latencyFigures(topology),
    withinMs: { least: Math.min(...within), most: Math.max(...within) },
    triangles: triangles(topology),
    links: topology.links.length,
    divisions: placements.map(({ shards, lookaheadMs }, index) => ({
      asked: SHARDS[index],
      shards,
      lookaheadMs: Number.isFinite(lookaheadMs) ? lookaheadMs : null,
    })),
  };
}

function regionsOf({ sites }: Topology): Group[] {
  const groups = new Map<string, { name: string; sites: number; share: number }>();
  for (const { region, share } of sites) {
    if (region === null) continue;
    const group = groups.get(region) ?? { name: region, sites: 0, share: 0 };
    groups.set(region, group);
    group.sites++;
    group.share += share;
  }
  return [...groups.values()].sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
}

function latencyFigures({ sites, latencyMs }: Topology): LatencyFigures | null {
  const n = sites.length;
  if (n < 2) return null;
  const between = latencyMs.filter((_, index) => index % (n + 1) !== 0).sort();
  const quantile = (q: number) => between[Math.min(between.length - 1, Math.floor(q * between.length))];
  const mean = between.reduce((sum, each) => sum + each, 0) / between.length;
  return {
    min: between[0],
    p10: quantile(0.1),
    median: quantile(0.5),
    mean,
    p90: quantile(0.9),
    p99: quantile(0.99),
    max: between[between.length - 1],
  };
}

function triangles({ sites, latencyMs }: Topology): TopologyFigures['triangles'] {
  const n = sites.length;
  if (n < 3) return null;
  const isLonger = (from: number, by: number, to: number) =>
    latencyMs[from * n + to] > (latencyMs[from * n + by] + latencyMs[by * n + to]) * (1 + TOLERANCE);
  const isViolated = (a: number, b: number, c: number) =>
    isLonger(a, b, c) || isLonger(c, b, a) || isLonger(a, c, b) || isLonger(b, c, a) || isLonger(b, a, c) || isLonger(c, a, b);
  let violated = 0;
  let checked = 0;
  if (n <= MOST_SITES_IN_FULL) {
    for (let a = 0; a < n; a++) {
      for (let b = a + 1; b < n; b++) {
        for (let c = b + 1; c < n; c++, checked++) if (isViolated(a, b, c)) violated++;
      }
    }
    return { violated, checked, isSample: false };
  }
  const random = new Stream(1, WHOLE_RUN, 'topology', 1);
  while (checked < SAMPLED_TRIANGLES) {
    const [a, b, c] = [random.integer(n), random.integer(n), random.integer(n)];
    if (a === b || b === c || a === c) continue;
    checked++;
    if (isViolated(a, b, c)) violated++;
  }
  return { violated, checked, isSample: true };
}
