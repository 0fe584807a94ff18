/**
 * Networks that are drawn instead of mapped, by the models that the literature compares with: transit-stub, preferential attachment,
 * small world, and points on a plane. All are connected, and the same for the same seed.
 */

import { Stream, WHOLE_RUN } from '../../kernel/random.js';
import { type Graph, neighboursIn } from '../../overlay/graph.js';
import { barabasiAlbert, ringLattice } from '../../overlay/wiring.js';
import type { Random } from '../../protocol.js';
import { drawLatency, joinComponents, linkOf, type Pair } from './link-latency.js';
import type { GraphSite, SiteGraph } from './site-graph.js';
import { type TransitStub, transitStub } from './transit-stub.js';

/** A latency for each link, log-normal. */
interface Drawn {
  readonly latencyMs: number;
  readonly spread: number;
}

/** Points in a square whose side takes so long to cross. */
interface OnPlane {
  readonly sideMs: number;
}

export type Model =
  | ({ readonly model: 'transit-stub' } & TransitStub)
  | ({ readonly model: 'barabasi-albert'; readonly sites: number; readonly links: number } & Drawn)
  | ({ readonly model: 'watts-strogatz'; readonly sites: number; readonly neighbours: number; readonly rewire: number } & Drawn)
  | ({ readonly model: 'random-geometric'; readonly sites: number; readonly radius: number } & OnPlane)
  | ({ readonly model: 'waxman'; readonly sites: number; readonly alpha: number; readonly beta: number } & OnPlane);

export const MODELS = [
  'transit-stub',
  'barabasi-albert',
  'watts-strogatz',
  'random-geometric',
  'waxman',
] as const satisfies Model['model'][];

/** The graph of this model and seed. */
export function generate(model: Model, seed: number): SiteGraph {
  const random = new Stream(seed, WHOLE_RUN, 'topology');
  const graph = draw(model, random);
  return { ...graph, notes: [`drawn by the model ${model.model} with seed ${seed}`, ...graph.notes] };
}

function draw(model: Model, random: Random): SiteGraph {
  switch (model.model) {
    case 'transit-stub':
      return transitStub(model, random);
    case 'barabasi-albert':
      return withLatencies(model.sites, pairsOf(barabasiAlbert(model.sites, 2 * model.links, random)), model, random);
    case 'watts-strogatz':
      return withLatencies(model.sites, rewired(model.sites, model.neighbours, model.rewire, random), model, random);
    case 'random-geometric':
      return onPlane(model, random, (distance) => distance <= model.radius);
    case 'waxman':
      return onPlane(model, random, (distance) => random.next() < model.alpha * Math.exp(-distance / (model.beta * Math.SQRT2)));
  }
}

/** Each link once, from the lower number to the higher. */
function pairsOf(graph: Graph): Pair[] {
  const pairs: Pair[] = [];
  for (let from = 0; from < graph.count; from++) for (const to of neighboursIn(graph, from)) if (from < to) pairs.push({ from, to });
  return pairs;
}

/**
 * A ring on which every site is linked with its nearest, with a share of the links moved: their far end goes to a site drawn at random
 * (D. Watts and S. Strogatz, Nature 393, 1998). Links move in the paper's order, all nearest neighbours first.
 */
function rewired(count: number, neighbours: number, share: number, random: Random): Pair[] {
  const linked = Array.from({ length: count }, () => new Set<number>());
  const join = (a: number, b: number) => {
    linked[a].add(b);
    linked[b].add(a);
  };
  for (const { from, to } of pairsOf(ringLattice(count, neighbours))) join(from, to);
  for (let step = 1; step <= neighbours / 2; step++) {
    for (let from = 0; from < count; from++) {
      const to = (from + step) % count;
      if (!linked[from].has(to) || random.next() >= share || linked[from].size >= count - 1) continue;
      let other = random.integer(count);
      while (other === from || linked[from].has(other)) other = random.integer(count);
      linked[from].delete(to);
      linked[to].delete(from);
      join(from, other);
    }
  }
  return linked.flatMap((set, from) => [...set].filter((to) => from < to).map((to) => ({ from, to })));
}

function withLatencies(count: number, links: Pair[], { latencyMs, spread }: Drawn, random: Random): SiteGraph {
  const added = joinComponents(count, links, (joined, next) => ({ from: random.pick(joined), to: random.pick(next) }));
  return {
    directed: false,
    sites: sites(count),
    links: links.map((link) => linkOf(link, drawLatency(latencyMs, spread, random))),
    notes: facts(count, links.length, added),
  };
}

/**
 * Points drawn in a square, linked by their distance: all that are near (a random geometric graph, E. Gilbert 1961) or near ones more
 * often than far ones (B. Waxman, IEEE JSAC 6, 1988, in the notation of Zegura et al.). Parts that are left apart are joined where they
 * are nearest.
 */
function onPlane(model: { readonly sites: number } & OnPlane, random: Random, isLinked: (distance: number) => boolean): SiteGraph {
  const count = model.sites;
  const points = Array.from({ length: count }, () => [random.next(), random.next()] as const);
  const distance = (a: number, b: number) => Math.hypot(points[a][0] - points[b][0], points[a][1] - points[b][1]);
  const links: Pair[] = [];
  for (let from = 0; from < count; from++) {
    for (let to = from + 1; to < count; to++) if (isLinked(distance(from, to))) links.push({ from, to });
  }
  const added = joinComponents(count, links, (joined, next) => {
    let best: Pair = { from: joined[0], to: next[0] };
    for (const from of joined) {
      for (const to of next) if (distance(from, to) < distance(best.from, best.to)) best = { from, to };
    }
    return best;
  });
  return {
    directed: false,
    sites: sites(count),
    links: links.map((link) => linkOf(link, distance(link.from, link.to) * model.sideMs)),
    notes: facts(count, links.length, added),
  };
}

function sites(count: number): GraphSite[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `site-${index + 1}`,
    region: null,
    weight: 1,
    uplinkBitsPerSecond: Infinity,
    downlinkBitsPerSecond: Infinity,
  }));
}

function facts(count: number, links: number, added: number): string[] {
  const first = `${count} sites and ${links} links`;
  return [added === 0 ? first : `${first}, ${added} of them added so that all are joined`];
}
