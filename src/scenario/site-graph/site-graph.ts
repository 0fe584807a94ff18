/**
 * A network as a map shows it: sites, and links between some of them. What the readers of map formats and the generators have in common;
 * `site-plan.ts` turns it into a latency for each pair of sites. Sites without peers are routers: paths lead through them.
 */

export interface GraphSite {
  readonly name: string;
  /** A group of sites, such as a country; null for none. */
  readonly region: string | null;
  /** Peers live on sites in proportion to it; 0 makes the site a router. */
  readonly weight: number;
  /** What each peer there has for itself, in bits per second; `Infinity` when the map states nothing. */
  readonly uplinkBitsPerSecond: number;
  readonly downlinkBitsPerSecond: number;
}

/** From a site to another, or (of a directed graph only in this direction) back; from a site to itself: between two peers of it. */
export interface GraphLink {
  /** Indices of sites. */
  readonly from: number;
  readonly to: number;
  /** One way. */
  readonly latencyMs: number;
  /** Greatest extra delay, in ms. */
  readonly jitterMs: number;
  /** Probability that a packet is lost, in [0, 1). */
  readonly loss: number;
  /** `Infinity` when the map states nothing. */
  readonly bitsPerSecond: number;
}

export interface SiteGraph {
  readonly directed: boolean;
  readonly sites: readonly GraphSite[];
  readonly links: readonly GraphLink[];
  /** What had to be decided, guessed or left out, in sentences. */
  readonly notes: readonly string[];
}

/** Names that differ: the second "Paris" becomes "Paris (2)". */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    let distinct = name;
    for (let copy = 2; seen.has(distinct) || (distinct !== name && taken.has(distinct)); copy++) distinct = `${name} (${copy})`;
    seen.add(distinct);
    return distinct;
  });
}

/** The component of each of `count` sites, numbered in the order of their first sites; links count in both directions. */
export function componentsOf(count: number, links: readonly { readonly from: number; readonly to: number }[]): Uint32Array {
  const parent = Uint32Array.from({ length: count }, (_, site) => site);
  const root = (site: number): number => {
    while (parent[site] !== site) {
      parent[site] = parent[parent[site]];
      site = parent[site];
    }
    return site;
  };
  for (const { from, to } of links) {
    const [a, b] = [root(from), root(to)];
    parent[Math.max(a, b)] = Math.min(a, b);
  }
  const numbers = new Map<number, number>();
  return Uint32Array.from({ length: count }, (_, site) => {
    const top = root(site);
    if (!numbers.has(top)) numbers.set(top, numbers.size);
    return numbers.get(top)!;
  });
}

/** '1 link', '3 links' */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
