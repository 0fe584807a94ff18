/** Chooses the graph that a converged start of an unstructured overlay begins with. */

import { Problem } from '../problem.js';
import type { Connection, Everyone, Random, SettingSpecs, SettingsOf } from '../protocol.js';
import { readEdgeList } from './edge-list.js';
import { type Graph, graphOf, neighboursIn } from './graph.js';
import { barabasiAlbert, hamiltonianCycles, randomRegular, ringLattice, tree } from './wiring.js';

export const WIRINGS = [
  'join',
  'random-regular',
  'barabasi-albert',
  'ring-lattice',
  'hamiltonian',
  'tree',
  'regular-tree',
  'file',
] as const;

/** For a definition to spread among its own. */
export const WIRING_SETTINGS = {
  wiring: {
    default: 'random-regular',
    oneOf: WIRINGS,
    about: 'the overlay that a converged start begins with; join: all join in the first second',
  },
  degree: { default: 4, integer: true, min: 2, max: 1000, about: 'neighbours per peer in that overlay (tree: children per peer)' },
  edges: { default: '', about: 'wiring file: path of the edge list, one "from to" per line' },
} as const satisfies SettingSpecs;
export type WiringSettings = SettingsOf<typeof WIRING_SETTINGS>;

/** What a peer does with the links it begins with: how many it was to have, and by which address others see it. */
export interface Wired {
  begin(links: readonly Connection[], wanted: number, address: number): void;
}

/**
 * Wires everybody as the settings say, but for links between two peers neither of whom can be called: those look for others. A peer
 * that gets no link (alone, not in the file, or wiring `join`) is begun without.
 */
export function wireUp<P extends Wired, S extends WiringSettings>(everyone: Everyone<P, S>): void {
  const graph = initialWiring(everyone.settings, everyone.count, everyone.random);
  for (const { index, protocol } of everyone.local) {
    const wanted = neighboursIn(graph, index);
    const possible = everyone.reachable(index) ? wanted : wanted.filter((neighbour) => everyone.reachable(neighbour));
    const links = Array.from(possible, (neighbour) => everyone.connect(index, neighbour));
    protocol.begin(links, wanted.length, everyone.address(index));
  }
}

/** The graph of `count` peers that the settings ask for. @throws Problem when they ask for what there is not */
export function initialWiring({ wiring, degree, edges }: WiringSettings, count: number, random: Random): Graph {
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
