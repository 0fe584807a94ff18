/** What the overlay looks like as a graph, from the neighbours that the peers name at the end of a run. */

import type { OverlayFacts } from '../metrics/measures.js';

/**
 * @param links pairs of peer numbers, from and to; a link to a peer that is down does not count
 * @param isUp whether a peer was up
 */
export function overlayFacts(links: readonly Uint32Array[], peers: number, isUp: (peer: number) => boolean): OverlayFacts | null {
  let up = 0;
  for (let peer = 0; peer < peers; peer++) if (isUp(peer)) up++;
  if (up === 0) return null;
  const parent = Int32Array.from({ length: peers }, (_, peer) => peer);
  const find = (peer: number) => {
    while (parent[peer] !== peer) {
      parent[peer] = parent[parent[peer]];
      peer = parent[peer];
    }
    return peer;
  };
  let degrees = 0;
  for (const pairs of links) {
    for (let i = 0; i < pairs.length; i += 2) {
      if (pairs[i + 1] >= peers || !isUp(pairs[i + 1])) continue;
      degrees++;
      parent[find(pairs[i])] = find(pairs[i + 1]);
    }
  }
  const size = new Int32Array(peers);
  let largest = 0;
  for (let peer = 0; peer < peers; peer++) if (isUp(peer)) largest = Math.max(largest, ++size[find(peer)]);
  return { meanDegree: degrees / up, largestComponentShare: largest / up };
}
