/**
 * The best path between each pair of sites with peers, by Dijkstra's algorithm (1959) with a binary heap, from each such site once:
 * O(sites x links x log sites). Best is the least latency; of equal ones the least loss, then the widest. Along a path latencies and
 * jitters add up, losses compose to 1 - product(1 - loss), and the narrowest link bounds the rate.
 */

import type { GraphLink, SiteGraph } from './site-graph.js';

/** One row for each site with peers, in the order of the graph; row = source. The diagonal holds the links from a site to itself. */
export interface Paths {
  /** Index in the graph of each row's site. */
  readonly sites: readonly number[];
  /** NaN where there is no path. */
  readonly latencyMs: Float64Array;
  readonly jitterMs: Float64Array;
  readonly loss: Float64Array;
  readonly bitsPerSecond: Float64Array;
}

/** A latency is the sum of a path's links in ns, so that neither direction nor order of addition shows. */
const NS_PER_MS = 1e6;

export function shortestPaths(graph: SiteGraph): Paths {
  const paths = emptyPaths(graph);
  const n = paths.sites.length;
  const search = new Search(graph.sites.length, outgoingLinks(graph));
  for (let row = 0; row < n; row++) {
    search.from(paths.sites[row]);
    // Back is the same way as there, to the bit.
    for (let column = graph.directed ? 0 : row + 1; column < n; column++) {
      if (column === row) continue;
      search.enter(paths, row * n + column, paths.sites[column]);
      if (!graph.directed) search.enter(paths, column * n + row, paths.sites[column]);
    }
  }
  enterBest(paths, { ...graph, links: graph.links.filter(({ from, to }) => from === to) });
  return paths;
}

/** Every link is a path of its own; NaN where there is none. */
export function directPaths(graph: SiteGraph): Paths {
  const paths = emptyPaths(graph);
  enterBest(paths, graph);
  return paths;
}

/** Enters links as paths; of several between two sites the best. */
function enterBest(paths: Paths, graph: SiteGraph): void {
  const n = paths.sites.length;
  const rowOf = new Map(paths.sites.map((site, row) => [site, row]));
  const best = new Map<number, GraphLink>();
  const offer = (from: number, to: number, link: GraphLink) => {
    const [row, column] = [rowOf.get(from), rowOf.get(to)];
    if (row === undefined || column === undefined) return;
    const held = best.get(row * n + column);
    if (held === undefined || isBetter(link, held)) best.set(row * n + column, link);
  };
  for (const link of graph.links) {
    offer(link.from, link.to, link);
    if (!graph.directed) offer(link.to, link.from, link);
  }
  for (const [index, link] of best) enterLink(paths, index, link);
}

function emptyPaths({ sites }: SiteGraph): Paths {
  const withPeers = sites.flatMap(({ weight }, site) => (weight > 0 ? [site] : []));
  const cells = withPeers.length ** 2;
  return {
    sites: withPeers,
    latencyMs: new Float64Array(cells).fill(Number.NaN),
    jitterMs: new Float64Array(cells),
    loss: new Float64Array(cells),
    bitsPerSecond: new Float64Array(cells).fill(Infinity),
  };
}

function enterLink(paths: Paths, index: number, { latencyMs, jitterMs, loss, bitsPerSecond }: GraphLink): void {
  paths.latencyMs[index] = latencyMs;
  paths.jitterMs[index] = jitterMs;
  paths.loss[index] = loss;
  paths.bitsPerSecond[index] = bitsPerSecond;
}

function isBetter(a: GraphLink, b: GraphLink): boolean {
  if (a.latencyMs !== b.latencyMs) return a.latencyMs < b.latencyMs;
  if (a.loss !== b.loss) return a.loss < b.loss;
  return a.bitsPerSecond > b.bitsPerSecond;
}

/** The links that leave each site, in typed arrays: those of site i stand from `starts[i]` up to, not including, `starts[i + 1]`. */
interface Outgoing {
  readonly starts: Uint32Array;
  readonly to: Uint32Array;
  readonly latencyNs: Float64Array;
  readonly jitterMs: Float64Array;
  readonly loss: Float64Array;
  readonly bitsPerSecond: Float64Array;
}

function outgoingLinks({ sites, links, directed }: SiteGraph): Outgoing {
  const starts = new Uint32Array(sites.length + 1);
  const between = links.filter(({ from, to }) => from !== to);
  for (const { from, to } of between) {
    starts[from + 1]++;
    if (!directed) starts[to + 1]++;
  }
  for (let site = 0; site < sites.length; site++) starts[site + 1] += starts[site];
  const count = starts[sites.length];
  const next = starts.slice();
  const outgoing = {
    starts,
    to: new Uint32Array(count),
    latencyNs: new Float64Array(count),
    jitterMs: new Float64Array(count),
    loss: new Float64Array(count),
    bitsPerSecond: new Float64Array(count),
  };
  const add = (from: number, to: number, link: GraphLink) => {
    const at = next[from]++;
    outgoing.to[at] = to;
    outgoing.latencyNs[at] = Math.round(link.latencyMs * NS_PER_MS);
    outgoing.jitterMs[at] = link.jitterMs;
    outgoing.loss[at] = link.loss;
    outgoing.bitsPerSecond[at] = link.bitsPerSecond;
  };
  for (const link of between) {
    add(link.from, link.to, link);
    if (!directed) add(link.to, link.from, link);
  }
  return outgoing;
}

/** One search after another, in the same arrays. */
class Search {
  private readonly outgoing: Outgoing;
  private readonly latencyNs: Float64Array;
  private readonly jitterMs: Float64Array;
  private readonly loss: Float64Array;
  private readonly bitsPerSecond: Float64Array;
  private readonly heap: Heap;

  constructor(count: number, outgoing: Outgoing) {
    this.outgoing = outgoing;
    this.latencyNs = new Float64Array(count);
    this.jitterMs = new Float64Array(count);
    this.loss = new Float64Array(count);
    this.bitsPerSecond = new Float64Array(count);
    this.heap = new Heap(this.latencyNs);
  }

  from(start: number): void {
    const { latencyNs, heap, outgoing } = this;
    latencyNs.fill(Infinity);
    latencyNs[start] = 0;
    this.jitterMs[start] = 0;
    this.loss[start] = 0;
    this.bitsPerSecond[start] = Infinity;
    heap.push(start);
    while (heap.size > 0) {
      const near = heap.pop();
      const end = outgoing.starts[near + 1];
      for (let link = outgoing.starts[near]; link < end; link++) {
        const to = outgoing.to[link];
        const ns = latencyNs[near] + outgoing.latencyNs[link];
        if (ns < latencyNs[to] || (ns === latencyNs[to] && this.isBetterTie(near, link, to))) this.take(near, link, to, ns);
      }
    }
  }

  /** Of two equally long ways to a site: whether the one by `near` loses less, or is wider. */
  private isBetterTie(near: number, link: number, to: number): boolean {
    const loss = this.lossBy(near, link);
    return loss < this.loss[to] || (loss === this.loss[to] && this.rateBy(near, link) > this.bitsPerSecond[to]);
  }

  private take(near: number, link: number, to: number, latencyNs: number): void {
    this.latencyNs[to] = latencyNs;
    this.jitterMs[to] = this.jitterMs[near] + this.outgoing.jitterMs[link];
    this.loss[to] = this.lossBy(near, link);
    this.bitsPerSecond[to] = this.rateBy(near, link);
    this.heap.push(to);
  }

  private lossBy(near: number, link: number): number {
    const [before, here] = [this.loss[near], this.outgoing.loss[link]];
    return before + here - before * here;
  }

  private rateBy(near: number, link: number): number {
    return Math.min(this.bitsPerSecond[near], this.outgoing.bitsPerSecond[link]);
  }

  enter(paths: Paths, index: number, site: number): void {
    if (this.latencyNs[site] === Infinity) return;
    paths.latencyMs[index] = this.latencyNs[site] / NS_PER_MS;
    paths.jitterMs[index] = this.jitterMs[site];
    paths.loss[index] = this.loss[site];
    paths.bitsPerSecond[index] = this.bitsPerSecond[site];
  }
}

/** A binary heap of sites, the smallest key (of equal ones the smallest number) first; a site pushed again moves up. */
class Heap {
  size = 0;
  private readonly keys: Float64Array;
  private readonly sites: Uint32Array;
  /** Where each site stands, plus one; 0: not in the heap. */
  private readonly slots: Uint32Array;

  constructor(keys: Float64Array) {
    this.keys = keys;
    this.sites = new Uint32Array(keys.length);
    this.slots = new Uint32Array(keys.length);
  }

  push(site: number): void {
    if (this.slots[site] === 0) this.put(this.size++, site);
    for (let at = this.slots[site] - 1; at > 0; ) {
      const above = (at - 1) >> 1;
      const parent = this.sites[above];
      if (!this.isBefore(site, parent)) break;
      this.put(at, parent);
      this.put(above, site);
      at = above;
    }
  }

  pop(): number {
    const first = this.sites[0];
    const last = this.sites[--this.size];
    this.slots[first] = 0;
    if (this.size === 0) return first;
    this.put(0, last);
    for (let at = 0; ; ) {
      let below = 2 * at + 1;
      if (below >= this.size) break;
      if (below + 1 < this.size && this.isBefore(this.sites[below + 1], this.sites[below])) below++;
      const child = this.sites[below];
      if (!this.isBefore(child, last)) break;
      this.put(at, child);
      this.put(below, last);
      at = below;
    }
    return first;
  }

  private isBefore(a: number, b: number): boolean {
    return this.keys[a] < this.keys[b] || (this.keys[a] === this.keys[b] && a < b);
  }

  private put(at: number, site: number): void {
    this.sites[at] = site;
    this.slots[site] = at + 1;
  }
}
