/**
 * Initial graphs: who is whose neighbour when an unstructured overlay starts finished. Every generator is O(peers x degree), and
 * whatever is random comes from one stream, so that every shard draws the same graph. All graphs are simple: no peer is its own
 * neighbour, none twice another's. With too few peers for the degree everybody knows everybody.
 */

import type { Random } from '../protocol.js';
import { type Graph, graphOf, isConnected } from './graph.js';

/** Collects links as they are drawn. */
class Links {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  private size = 0;

  constructor(capacity: number) {
    this.from = new Uint32Array(capacity);
    this.to = new Uint32Array(capacity);
  }

  add(from: number, to: number): void {
    this.from[this.size] = from;
    this.to[this.size++] = to;
  }

  graph(count: number): Graph {
    return graphOf(count, this.from.subarray(0, this.size), this.to.subarray(0, this.size));
  }
}

/** Everybody knows everybody. */
export function completeGraph(count: number): Graph {
  const links = new Links((count * (count - 1)) / 2);
  for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) links.add(i, j);
  return links.graph(count);
}

/**
 * A random graph in which every peer has `degree` neighbours (one peer has one fewer when count x degree is odd), connected for
 * degree >= 2. The pairing model (Bollobas 1980): deal out `degree` ends to every peer, join ends at random; links to oneself and double
 * links are then mended by exchanging ends with other links at random. Degree 2 is one ring through all peers in random order, the
 * only connected graph there is.
 */
export function randomRegular(count: number, degree: number, random: Random): Graph {
  if (degree >= count - 1) return completeGraph(count);
  if (degree === 2) return hamiltonianCycles(count, 2, random);
  while (true) {
    const mates = pairing(count, degree, random);
    if (!mates) continue;
    const links = new Links(mates.length / 2 + 1);
    for (let end = 0; end < mates.length; end++) {
      if (mates[end] > end) links.add(Math.floor(end / degree), Math.floor(mates[end] / degree));
    }
    const graph = links.graph(count);
    if (degree < 2 || isConnected(graph)) return graph;
  }
}

/** Most exchanges tried before a pairing that will not come right (tiny, dense graphs) is dealt anew, for each link to mend. */
const EXCHANGES_PER_BAD_LINK = 1000;

/** End e belongs to peer floor(e / degree); returns the mate of every end (-1: none), or null when it could not be mended. */
function pairing(count: number, degree: number, random: Random): Int32Array | null {
  const ends = shuffled(count * degree, random);
  const mates = new Int32Array(count * degree).fill(-1);
  for (let i = 0; i + 1 < ends.length; i += 2) {
    mates[ends[i]] = ends[i + 1];
    mates[ends[i + 1]] = ends[i];
  }
  const owner = (end: number) => Math.floor(end / degree);
  /** How many links join the two peers. */
  const linksBetween = (a: number, b: number): number => {
    let links = 0;
    for (let end = a * degree; end < (a + 1) * degree; end++) if (mates[end] >= 0 && owner(mates[end]) === b) links++;
    return links;
  };
  for (let a = 0; a < mates.length; a++) {
    for (let tries = 0; isBad(a); tries++) {
      if (tries === EXCHANGES_PER_BAD_LINK) return null;
      const b = mates[a];
      const c = random.integer(mates.length);
      const d = mates[c];
      // a-b and c-d become a-c and b-d, if both are new and neither is a loop.
      if (d < 0 || c === a || c === b || owner(a) === owner(c) || owner(b) === owner(d)) continue;
      if (linksBetween(owner(a), owner(c)) > 0 || linksBetween(owner(b), owner(d)) > 0) continue;
      if (owner(a) === owner(b) && owner(c) === owner(d)) continue; // two loops would become a double link
      mates[a] = c;
      mates[c] = a;
      mates[b] = d;
      mates[d] = b;
    }
  }
  return mates;

  function isBad(end: number): boolean {
    return mates[end] >= 0 && (owner(mates[end]) === owner(end) || linksBetween(owner(end), owner(mates[end])) > 1);
  }
}

/**
 * The union of degree / 2 rings, each through all peers in its own random order: always connected, and in practice as random as a random
 * regular graph. Where two rings share a link (some 2 links in all for degree 4) the two peers have a neighbour fewer.
 */
export function hamiltonianCycles(count: number, degree: number, random: Random): Graph {
  if (degree >= count - 1) return completeGraph(count);
  const links = new Links((count * degree) / 2);
  for (let cycle = 0; cycle < degree / 2; cycle++) {
    const order = shuffled(count, random);
    for (let i = 0; i < count; i++) links.add(order[i], order[(i + 1) % count]);
  }
  return links.graph(count);
}

/**
 * Preferential attachment (Barabasi and Albert, Science 286, 1999): peers come one by one and link to degree / 2 distinct others, each
 * chosen with probability proportional to the links it has; mean degree about `degree`, a few hubs with very many. The peers come
 * in random order, so that hubs are no particular part of the population.
 */
export function barabasiAlbert(count: number, degree: number, random: Random): Graph {
  const each = degree / 2;
  if (each >= count - 1) return completeGraph(count);
  const names = shuffled(count, random);
  const links = new Links((each * (each + 1)) / 2 + (count - each - 1) * each);
  // Both ends of every link so far: a uniform draw from it is a draw proportional to degree.
  const ends = new Uint32Array(2 * links.from.length);
  let size = 0;
  const link = (a: number, b: number) => {
    links.add(names[a], names[b]);
    ends[size++] = a;
    ends[size++] = b;
  };
  for (let i = 0; i <= each; i++) for (let j = i + 1; j <= each; j++) link(i, j);
  const chosen: number[] = [];
  for (let newcomer = each + 1; newcomer < count; newcomer++) {
    chosen.length = 0;
    while (chosen.length < each) {
      const host = ends[random.integer(size)];
      if (!chosen.includes(host)) chosen.push(host);
    }
    for (const host of chosen) link(newcomer, host);
  }
  return links.graph(count);
}

/** A ring on which every peer knows the degree / 2 nearest on either side: the start of a small world (Watts and Strogatz 1998). */
export function ringLattice(count: number, degree: number): Graph {
  if (degree >= count - 1) return completeGraph(count);
  const links = new Links((count * degree) / 2);
  for (let i = 0; i < count; i++) for (let step = 1; step <= degree / 2; step++) links.add(i, (i + step) % count);
  return links.graph(count);
}

/** A tree filled level by level from peer 0, the root, which has `rootChildren` children; every other inner peer has `children`. */
export function tree(count: number, children: number, rootChildren = children): Graph {
  const links = new Links(Math.max(0, count - 1));
  for (let peer = 1; peer < count; peer++) {
    const parent = peer <= rootChildren ? 0 : 1 + Math.floor((peer - 1 - rootChildren) / children);
    links.add(parent, peer);
  }
  return links.graph(count);
}

/** 0 .. count - 1 in random order (Fisher-Yates). */
function shuffled(count: number, random: Random): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const j = random.integer(i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  return order;
}
