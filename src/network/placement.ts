/**
 * Which site, access class and shard each peer belongs to. Sites and classes go by the topology's shares, spread by a low-discrepancy
 * sequence (Roberts' R2, on the plastic number), so the shares hold closely at every population size and a peer's place does not
 * depend on how many others there are. Shards get whole sites, so that their peers meet over inter-site latency only (D2).
 */

import { Stream, WHOLE_RUN } from '../kernel/random.js';
import { leastLatencyMs } from './network.js';
import { PeerTable, placeOf, siteOf } from './peer-table.js';
import type { Topology } from './topology.js';

const PLASTIC = 1.324717957244746;

export interface Placement {
  readonly table: PeerTable;
  /** Shards really used: fewer than asked for when the topology cannot be divided. */
  readonly shards: number;
  /** Smallest latency between peers of different shards, in ms; Infinity with one shard. */
  readonly lookaheadMs: number;
}

/** A whole-site division may be this much worse than even before peers of one site are split instead. */
const TOLERATED_IMBALANCE = 1.3;
/** Below this lookahead the barriers cost more than a second core brings, in ms. */
const LEAST_USEFUL_LOOKAHEAD_MS = 0.05;

export function placePeers(topology: Topology, peers: number, shards: number, seed: number): Placement {
  const table = PeerTable.create(peers);
  const random = new Stream(seed, WHOLE_RUN, 'placement');
  const siteOffset = random.next();
  const classOffset = random.next();
  const pickSite = byShare(topology.sites);
  const pickClass = byShare(topology.classes);
  const peersPerSite = new Float64Array(topology.sites.length);
  for (let peer = 0; peer < peers; peer++) {
    const site = pickSite((siteOffset + (peer + 1) / PLASTIC) % 1);
    peersPerSite[site]++;
    table.places[peer] = placeOf(site, pickClass((classOffset + (peer + 1) / (PLASTIC * PLASTIC)) % 1), 0);
  }
  const division = divide(topology, peersPerSite, Math.min(shards, peers));
  for (let peer = 0; peer < peers; peer++) {
    const site = siteOf(table.places[peer]);
    const shard = division.shardOfSite ? division.shardOfSite[site] : peer % division.shards;
    table.places[peer] = (table.places[peer] | placeOf(0, 0, shard)) >>> 0;
  }
  table.settle(topology);
  return { table, shards: division.shards, lookaheadMs: division.lookaheadMs };
}

interface Division {
  readonly shards: number;
  readonly lookaheadMs: number;
  /** null: peers are dealt out one by one, whatever their site. */
  readonly shardOfSite: Uint8Array | null;
}

/**
 * Whole sites when that gives an even division, for their lookahead is the longer one; otherwise peer by peer, when even the smallest
 * latency is worth running ahead on; otherwise one shard.
 */
function divide(topology: Topology, peersPerSite: Float64Array, shards: number): Division {
  const one: Division = { shards: 1, lookaheadMs: Infinity, shardOfSite: null };
  if (shards === 1) return one;
  const whole = divideSites(topology, peersPerSite, shards);
  if (whole !== null) return whole;
  let least = Infinity;
  for (let from = 0; from < topology.sites.length; from++) {
    for (let to = 0; to < topology.sites.length; to++) least = Math.min(least, leastLatencyMs(topology, from, to));
  }
  return least >= LEAST_USEFUL_LOOKAHEAD_MS ? { shards, lookaheadMs: least, shardOfSite: null } : one;
}

/**
 * Merges the nearest sites into clusters, shortest link first (Kruskal), and keeps the last state whose clusters still fill the shards
 * evenly: what is left between clusters is the lookahead, as long as it can be.
 */
function divideSites(topology: Topology, peersPerSite: Float64Array, shards: number): Division | null {
  const sites = topology.sites.length;
  const links: [latencyMs: number, from: number, to: number][] = [];
  for (let from = 0; from < sites; from++) {
    for (let to = from + 1; to < sites; to++) {
      links.push([Math.min(leastLatencyMs(topology, from, to), leastLatencyMs(topology, to, from)), from, to]);
    }
  }
  links.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  const cluster = Array.from({ length: sites }, (_, site) => site);
  let best = pack(cluster, peersPerSite, shards);
  if (best === null) return null;
  for (const [, from, to] of links) {
    const kept = cluster[from];
    const merged = cluster[to];
    if (kept === merged) continue;
    for (let site = 0; site < sites; site++) if (cluster[site] === merged) cluster[site] = kept;
    const packed = pack(cluster, peersPerSite, shards);
    if (packed === null) break;
    best = packed;
  }
  const crossing = links.find(([, from, to]) => best[from] !== best[to]);
  const lookaheadMs = crossing ? crossing[0] : Infinity;
  return lookaheadMs >= LEAST_USEFUL_LOOKAHEAD_MS ? { shards, lookaheadMs, shardOfSite: best } : null;
}

/** Largest cluster first into the emptiest shard; null when the fullest shard would be too full. */
function pack(cluster: readonly number[], peersPerSite: Float64Array, shards: number): Uint8Array | null {
  const weight = new Float64Array(cluster.length);
  cluster.forEach((name, site) => {
    weight[name] += peersPerSite[site];
  });
  const order = [...new Set(cluster)].sort((a, b) => weight[b] - weight[a] || a - b);
  const load = new Float64Array(shards);
  const shardOfCluster = new Uint8Array(cluster.length);
  for (const name of order) {
    const emptiest = load.indexOf(Math.min(...load));
    shardOfCluster[name] = emptiest;
    load[emptiest] += weight[name];
  }
  const total = load.reduce((sum, each) => sum + each, 0);
  if (Math.max(...load) > (total / shards) * TOLERATED_IMBALANCE || Math.min(...load) === 0) return null;
  return Uint8Array.from(cluster, (name) => shardOfCluster[name]);
}

/** From a number in [0, 1) to the index of an entry, by the entries' shares. */
function byShare(entries: readonly { readonly share: number }[]): (u: number) => number {
  const upTo = new Float64Array(entries.length);
  let sum = 0;
  entries.forEach((entry, index) => {
    sum += entry.share;
    upTo[index] = sum;
  });
  return (u) => {
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (u * sum < upTo[middle]) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
