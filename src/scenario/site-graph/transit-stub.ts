/**
 * The transit-stub model of the Internet (E. Zegura, K. Calvert, S. Bhattacharjee, "How to Model an Internetwork", INFOCOM 1996): a
 * random graph of transit domains, each a random graph of routers, on each of which hang stub domains, which are random graphs of
 * sites with peers. There are no extra links from stub to stub or to a second transit domain, so that every path between two stub
 * domains goes up, across and down, as policy routing has it.
 */

import type { Random } from '../../protocol.js';
import { drawLatency, linkOf, type Pair } from './link-latency.js';
import type { GraphLink, GraphSite, SiteGraph } from './site-graph.js';

export interface TransitStub {
  /** Sites in all stub domains together. */
  readonly sites: number;
  readonly transitDomains: number;
  /** Routers in a transit domain. */
  readonly transitRouters: number;
  /** Stub domains on a router. */
  readonly stubsPerRouter: number;
  /** Share of the possible links there are, within a transit domain and within a stub domain. */
  readonly transitLinks: number;
  readonly stubLinks: number;
  /** Median latencies of links: between transit domains, within one, from a router down to a stub domain, within a stub domain. */
  readonly backboneMs: number;
  readonly transitMs: number;
  readonly accessMs: number;
  readonly stubMs: number;
  /** Standard deviation of a latency's logarithm. */
  readonly spread: number;
}

export function transitStub(given: TransitStub, random: Random): SiteGraph {
  const routers = given.transitDomains * given.transitRouters;
  const stubs = routers * given.stubsPerRouter;
  const links: GraphLink[] = [];
  const link = (from: number, to: number, medianMs: number) =>
    links.push(linkOf({ from, to }, drawLatency(medianMs, given.spread, random)));
  const router = (domain: number) => domain * given.transitRouters + random.integer(given.transitRouters);

  for (const { from, to } of randomConnected(given.transitDomains, 1, random)) link(router(from), router(to), given.backboneMs);
  for (let domain = 0; domain < given.transitDomains; domain++) {
    const first = domain * given.transitRouters;
    for (const { from, to } of randomConnected(given.transitRouters, given.transitLinks, random))
      link(first + from, first + to, given.transitMs);
  }
  const sites: GraphSite[] = Array.from({ length: routers }, (_, index) => siteOf(`router-${index + 1}`, domainOf(index, given), 0));
  let first = routers;
  for (let stub = 0; stub < stubs; stub++) {
    const above = Math.floor(stub / given.stubsPerRouter);
    // Whole sites, spread as evenly as they go.
    const size = Math.floor(((stub + 1) * given.sites) / stubs) - Math.floor((stub * given.sites) / stubs);
    if (size === 0) continue;
    for (const { from, to } of randomConnected(size, given.stubLinks, random)) link(first + from, first + to, given.stubMs);
    link(above, first + random.integer(size), given.accessMs);
    for (let site = 0; site < size; site++) sites.push(siteOf(`stub-${stub + 1}-${site + 1}`, domainOf(above, given), 1));
    first += size;
  }
  const filled = Math.min(stubs, given.sites);
  return {
    directed: false,
    sites,
    links,
    notes: [
      `${given.sites} sites in ${filled} stub domains on ${routers} routers in ${given.transitDomains} transit domains, ${links.length} links`,
    ],
  };
}

function domainOf(router: number, { transitRouters }: TransitStub): string {
  return `domain-${Math.floor(router / transitRouters) + 1}`;
}

function siteOf(name: string, region: string, weight: number): GraphSite {
  return { name, region, weight, uplinkBitsPerSecond: Infinity, downlinkBitsPerSecond: Infinity };
}

/**
 * A connected graph with about `share` of all possible links: a random tree, which links each node with an earlier one, and of the
 * other links as many as the share asks for beyond it.
 */
export function randomConnected(count: number, share: number, random: Random): Pair[] {
  const links: Pair[] = [];
  const parents = new Int32Array(count).fill(-1);
  for (let node = 1; node < count; node++) {
    parents[node] = random.integer(node);
    links.push({ from: parents[node], to: node });
  }
  const others = (count * (count - 1)) / 2 - links.length;
  const chance = others === 0 ? 0 : ((links.length + others) * share - links.length) / others;
  if (chance <= 0) return links;
  for (let to = 1; to < count; to++) {
    for (let from = 0; from < to; from++) if (parents[to] !== from && random.next() < chance) links.push({ from, to });
  }
  return links;
}
