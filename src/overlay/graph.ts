/**
 * An undirected graph of peers in two typed arrays (compressed rows): eight bytes a link and four a peer, so that the wiring of a
 * million peers is a few megabytes that every shard can build for itself.
 */

export interface Graph {
  /** Number of peers. */
  readonly count: number;
  /** The neighbours of peer i stand in `targets` from `offsets[i]` up to, not including, `offsets[i + 1]`, in rising order. */
  readonly offsets: Uint32Array;
  readonly targets: Uint32Array;
}

/** The graph with these links, each given once or more, in any direction and order. A link of a peer to itself is left out. O(peers + links). */
export function graphOf(count: number, from: ArrayLike<number>, to: ArrayLike<number>): Graph {
  const offsets = new Uint32Array(count + 1);
  for (let i = 0; i < from.length; i++) {
    offsets[from[i] + 1]++;
    offsets[to[i] + 1]++;
  }
  for (let i = 0; i < count; i++) offsets[i + 1] += offsets[i];
  const unsorted = new Uint32Array(2 * from.length);
  const next = offsets.slice(0, count);
  for (let i = 0; i < from.length; i++) {
    unsorted[next[from[i]]++] = to[i];
    unsorted[next[to[i]]++] = from[i];
  }
  // Handing row after row over to its neighbours leaves every row sorted: rows come in rising order.
  const sorted = new Uint32Array(unsorted.length);
  next.set(offsets.subarray(0, count));
  for (let peer = 0; peer < count; peer++) {
    for (let i = offsets[peer]; i < offsets[peer + 1]; i++) sorted[next[unsorted[i]]++] = peer;
  }
  return withoutRepeats(count, offsets, sorted);
}

function withoutRepeats(count: number, offsets: Uint32Array, sorted: Uint32Array): Graph {
  let kept = 0;
  let start = 0;
  for (let peer = 0; peer < count; peer++) {
    const end = offsets[peer + 1];
    const rowStart = kept;
    for (let i = start; i < end; i++) {
      const isRepeat = kept > rowStart && sorted[kept - 1] === sorted[i];
      if (sorted[i] !== peer && !isRepeat) sorted[kept++] = sorted[i];
    }
    start = end;
    offsets[peer + 1] = kept;
  }
  return { count, offsets, targets: kept === sorted.length ? sorted : sorted.slice(0, kept) };
}

/** The neighbours of one peer: a view, not a copy. */
export function neighboursIn(graph: Graph, peer: number): Uint32Array {
  return graph.targets.subarray(graph.offsets[peer], graph.offsets[peer + 1]);
}

/** Hops from one peer to every other by the shortest path; -1 where there is none. */
export function distancesFrom(graph: Graph, start: number): Int32Array {
  const distances = new Int32Array(graph.count).fill(-1);
  const queue = new Uint32Array(graph.count);
  distances[start] = 0;
  queue[0] = start;
  for (let head = 0, tail = 1; head < tail; head++) {
    const peer = queue[head];
    for (let i = graph.offsets[peer]; i < graph.offsets[peer + 1]; i++) {
      const neighbour = graph.targets[i];
      if (distances[neighbour] >= 0) continue;
      distances[neighbour] = distances[peer] + 1;
      queue[tail++] = neighbour;
    }
  }
  return distances;
}

/** Whether every peer can be reached from every other. */
export function isConnected(graph: Graph): boolean {
  return graph.count === 0 || !distancesFrom(graph, 0).includes(-1);
}
