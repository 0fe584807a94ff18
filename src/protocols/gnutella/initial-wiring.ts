/** Chooses the graph that a converged start begins with. */

import { readEdgeList } from '../../overlay/edge-list.js';
import { type Graph, graphOf } from '../../overlay/graph.js';
import { barabasiAlbert, hamiltonianCycles, randomRegular, ringLattice, tree } from '../../overlay/wiring.js';
import { Problem } from '../../problem.js';
import type { Random } from '../../protocol.js';
import type { GnutellaSettings } from './settings.js';

/** The graph of `count` peers that the settings ask for. @throws Problem when they ask for what there is not */
export function initialWiring({ wiring, degree, edges }: GnutellaSettings, count: number, random: Random): Graph {
  switch (wiring) {
    case 'join':
      return graphOf(count, [], []);
    case 'random-regular':
      return randomRegular(count, degree, random);
    case 'barabasi-albert':
      return barabasiAlbert(count, even(degree, wiring), random);
    case 'ring-lattice':
      return ringLattice(count, even(degree, wiring));
    case 'hamiltonian':
      return hamiltonianCycles(count, even(degree, wiring), random);
    case 'tree':
      return tree(count, degree);
    case 'regular-tree':
      return tree(count, degree - 1, degree);
    case 'file':
      if (edges === '') throw new Problem('wiring "file" needs the path of an edge list: set edges');
      return readEdgeList(edges, count);
    default:
      throw new Error(`no wiring "${wiring}"`);
  }
}

function even(degree: number, wiring: string): number {
  if (degree % 2 === 0) return degree;
  throw new Problem(`degree: wiring "${wiring}" needs an even one (half the links go either way), got ${degree}`);
}
