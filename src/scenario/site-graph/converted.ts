/** What a conversion of a topology comes to, and what of a topology lies beyond latencies and losses of pairs. */

import type { Topology } from '../../network/topology.js';

export interface Converted {
  readonly text: string;
  /** What the format cannot hold, and what else a reader of the file must know, in sentences. */
  readonly notes: readonly string[];
}

/** What neither a GML file nor a matrix has words for, as far as this topology has it. */
export function beyondPaths(topology: Topology): string[] {
  const { sites, classes, links, bursts, reorder, duplicate, nat } = topology;
  const limited = ({ uplinkBitsPerSecond, downlinkBitsPerSecond }: { uplinkBitsPerSecond: number; downlinkBitsPerSecond: number }) =>
    uplinkBitsPerSecond < Infinity || downlinkBitsPerSecond < Infinity;
  const present: [boolean, string][] = [
    [sites.some(({ share }) => Math.abs(share * sites.length - 1) > 1e-9), 'how the peers are shared out among the sites'],
    [classes.some(limited), 'the queues of lines'],
    [sites.some(limited), 'the bottlenecks of sites'],
    [links.some(({ bitsPerSecond }) => bitsPerSecond < Infinity), 'the speeds of links'],
    [bursts !== null, 'loss in bursts'],
    [reorder !== null, 'reordering'],
    [duplicate > 0, 'duplication'],
    [nat.length > 0, 'NAT'],
  ];
  return present.filter(([isThere]) => isThere).map(([, what]) => what);
}
