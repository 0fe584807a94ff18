/**
 * What generators share: a latency for each link, log-normal around a median, and links that make one network of several components.
 */

import type { Random } from '../../protocol.js';
import type { GraphLink } from './site-graph.js';
import { componentsOf } from './site-graph.js';

/** A link still to be given a latency. */
export interface Pair {
  readonly from: number;
  readonly to: number;
}

/** No link is shorter, in ms: a lookahead has to be worth something. */
const LEAST_LINK_MS = 0.1;

export function linkOf({ from, to }: Pair, latencyMs: number): GraphLink {
  const rounded = Math.round(latencyMs * 1000) / 1000;
  return { from, to, latencyMs: Math.max(LEAST_LINK_MS, rounded), jitterMs: 0, loss: 0, bitsPerSecond: Infinity };
}

/** Log-normal with this median; `spread` is the standard deviation of the logarithm (Box and Muller 1958). */
export function drawLatency(medianMs: number, spread: number, random: Random): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return medianMs * Math.exp(spread * normal);
}

/** Joins the components of a graph, one after another with those before it, by the link that `choose` picks; returns the links added. */
export function joinComponents(count: number, links: Pair[], choose: (joined: readonly number[], next: readonly number[]) => Pair): number {
  const component = componentsOf(count, links);
  const members: number[][] = [];
  component.forEach((number, site) => {
    members[number] ??= [];
    members[number].push(site);
  });
  const [joined, ...others] = members;
  for (const next of others) {
    links.push(choose(joined, next));
    joined.push(...next);
  }
  return others.length;
}
