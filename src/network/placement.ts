/**
 * Which site, access class, NAT class and shard each peer belongs to. Sites and classes go by the topology's shares, spread by a
 * low-discrepancy sequence (Roberts' R2, on the plastic number; the root of 2 for NAT, which is independent of its powers), so the
 * shares hold closely at every population size and a peer's place does not depend on how many others there are. Shards get whole
 * sites, so that their peers meet over inter-site latency only (D2).
 */

import { Stream, WHOLE_RUN } from '../kernel/random.js';
import { GatewayDraw, type GatewayTable } from './gateways.js';
import { leastLatencyMs } from './network.js';
import { classOf, PeerTable, placeOf, siteOf } from './peer-table.js';
import type { Topology } from './topology.js';

const PLASTIC = 1.324717957244746;

export interface Placement {
  readonly table: PeerTable;
  /** Null when the topology has no NAT. */
  readonly gateways: GatewayTable | null;
  /** Shards really used: fewer than asked for when the topology cannot be divided. */
  readonly shards: number;
  /** Smallest latency between peers of different shards, in ms; Infinity with one shard. */
  readonly lookaheadMs: number;
}

/** A whole-site division may be this much worse than even before peers of one site are split instead. */
const TOLERATED_IMBALANCE = 1.3;
/** Below this lookahead the barriers cost more than a second core brings, in ms. */
const LEAST_USEFUL_LOOKAHEAD_MS = 0.05;

/** @param servers machines besides the peers, on the topology's last access class and the open network (see servers.ts) */
export function placePeers(topology: Topology, peers: number, shards: number, seed: number, servers = 0): Placement {
  const hosts = peers + servers;
  const table = PeerTable.create(hosts);
  const random = new Stream(seed, WHOLE_RUN, 'placement');
  const siteOffset = random.next();
  const classOffset = random.next();
  const natOffset = random.next();
  const pickSite = byShare(topology.sites);
  const pickClass = byShare(topology.classes);
  const pickNat = byShare(topology.nat);
  const draw = topology.nat.length > 0 ? new GatewayDraw(topology.nat, topology.sites.length, hosts) : null;
  const peersPerSite = new Float64Array(topology.sites.length);
  for (let peer = 0; peer < peers; peer++) {
    const site = pickSite((siteOffset + (peer + 1) / PLASTIC) % 1);
    peersPerSite[site]++;
    let access = topology.sites[site].accessClass ?? pickClass((classOffset + (peer + 1) / (PLASTIC * PLASTIC)) % 1);
    if (draw !== null) {
      const line = draw.place(peer, site, pickNat((natOffset + (peer + 1) * (Math.SQRT2 - 1)) % 1));
      // A household has one access link, that of its first peer.
      if (line !== peer) access = classOf(table.places[line]);
    }
    table.places[peer] = placeOf(site, access, 0);
  }
  for (let server = peers; server < hosts; server++) {
    const site = pickSite((siteOffset + (server + 1) / PLASTIC) % 1);
    peersPerSite[site]++;
    table.places[server] = placeOf(site, topology.classes.length - 1, 0);
  }
  const gateways = draw?.finish() ?? null;
  const units = unitsOf(gateways, hosts);
  const division = divide(topology, peersPerSite, units, Math.min(shards, peers));
  const shardOf = division.shardOfSite === null ? deal(units, hosts, division.shards) : null;
  for (let peer = 0; peer < hosts; peer++) {
    const shard = division.shardOfSite ? division.shardOfSite[siteOf(table.places[peer])] : shardOf![peer];
    table.places[peer] = (table.places[peer] | placeOf(0, 0, shard)) >>> 0;
  }
  table.settle(topology, gateways);
  return { table, gateways, shards: division.shards, lookaheadMs: division.lookaheadMs };
}

/** What cannot be divided between shards: a peer on its own, or all that are behind one outermost gateway. */
interface Units {
  readonly count: number;
  /** The first peer of the unit that this peer belongs to. */
  firstOf(peer: number): number;
}

function unitsOf(gateways: GatewayTable | null, peers: number): Units {
  if (gateways === null) return { count: peers, firstOf: (peer) => peer };
  const { ofPeers, carriers, firstPeers } = gateways;
  const firstOf = (peer: number) => {
    const home = ofPeers[peer];
    if (home === 0) return peer;
    const carrier = carriers[home - 1];
    return firstPeers[(carrier === 0 ? home : carrier) - 1];
  };
  let count = 0;
  for (let peer = 0; peer < peers; peer++) if (firstOf(peer) === peer) count++;
  return { count, firstOf };
}

/** Deals out units in the order of their first peers, each to the shard that has fewest peers; every shard gets one at least. */
function deal(units: Units, peers: number, shards: number): Uint8Array {
  const size = new Uint32Array(peers);
  for (let peer = 0; peer < peers; peer++) size[units.firstOf(peer)]++;
  const load = new Float64Array(shards);
  const shardOf = new Uint8Array(peers);
  for (let peer = 0; peer < peers; peer++) {
    const first = units.firstOf(peer);
    if (first === peer) {
      let emptiest = 0;
      for (let shard = 1; shard < shards; shard++) if (load[shard] < load[emptiest]) emptiest = shard;
      shardOf[peer] = emptiest;
      load[emptiest] += size[peer];
    } else {
      shardOf[peer] = shardOf[first];
    }
  }
  return shardOf;
}

interface Division {
  readonly shards: number;
  readonly lookaheadMs: number;
  /** null: peers are dealt out one by one, whatever their site. */
  readonly shardOfSite: Uint8Array | null;
}

/**
 * Whole sites when that gives an even division, for their lookahead is the longer one; otherwise peer by peer (or gateway by gateway),
 * when even the smallest latency is worth running ahead on; otherwise one shard. Where the peers of a site share more than latency,
 * such as a bottleneck, sites stay whole, on as many shards as they can be divided among.
 */
function divide(topology: Topology, peersPerSite: Float64Array, units: Units, shards: number): Division {
  const one: Division = { shards: 1, lookaheadMs: Infinity, shardOfSite: null };
  if (shards === 1) return one;
  const whole = divideSites(topology, peersPerSite, shards);
  if (whole !== null) return whole;
  if (sitesShareLinks(topology)) return divide(topology, peersPerSite, units, shards - 1);
  let least = Infinity;
  for (let from = 0; from < topology.sites.length; from++) {
    for (let to = 0; to < topology.sites.length; to++) least = Math.min(least, leastLatencyMs(topology, from, to));
  }
  const parts = Math.min(shards, units.count);
  return least >= LEAST_USEFUL_LOOKAHEAD_MS && parts > 1 ? { shards: parts, lookaheadMs: least, shardOfSite: null } : one;
}

/** Whether all peers of a site pass a link together, whose queue one shard must keep. */
function sitesShareLinks(topology: Topology): boolean {
  const { sites, links } = topology;
  return (
    sites.some((site) => site.uplinkBitsPerSecond < Infinity || site.downlinkBitsPerSecond < Infinity) ||
    links.some((link) => link.bitsPerSecond < Infinity)
  );
}

/**
 * Merges the nearest sites into clusters, shortest link first (Kruskal), and keeps the last state whose clusters still fill the shards
 * evenly: what is left between clusters is the lookahead, as long as it can be.
 */
function divideSites(topology: Topology, peersPerSite: Float64Array, shards: number): Division | null {
  const sites = topology.sites.length;
  const cluster = Array.from({ length: sites }, (_, site) => site);
  let best = pack(cluster, peersPerSite, shards);
  if (best === null) return null;
  const links: [latencyMs: number, from: number, to: number][] = [];
  for (let from = 0; from < sites; from++) {
    for (let to = from + 1; to < sites; to++) {
      links.push([Math.min(leastLatencyMs(topology, from, to), leastLatencyMs(topology, to, from)), from, to]);
    }
  }
  links.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
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
