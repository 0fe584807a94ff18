/** Gnutella's settings, each with its default and what it is. */

import { Problem } from '../../problem.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

/** The graphs an overlay can start with when the run starts converged. */
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

export const SETTINGS = {
  ttl: { default: 7, integer: true, min: 1, max: 255, about: 'hops a query may go' },
  desiredNeighbours: { default: 4, integer: true, min: 1, max: 1000, about: 'neighbours a joining peer looks for' },
  maximumNeighbours: { default: 9, integer: true, min: 1, max: 1000, about: 'neighbours above which a peer accepts no more' },
  bootstrapHosts: { default: 10, integer: true, min: 1, max: 1000, about: 'candidates asked of the host cache at a time' },
  hostCacheEntries: { default: 20, integer: true, min: 1, max: 10_000, about: 'hosts a peer remembers from pongs and refusals' },
  connectTimeoutMs: { default: 3000, min: 1, about: 'after which a candidate that does not answer is given up' },
  retryMs: { default: 10_000, min: 1, about: 'rest before the next attempt when no candidate is left or too many refused' },
  pingMs: { default: 60_000, min: 0, about: 'period of the ping flood that learns hosts; the first is sent over the first link; 0: none' },
  pingTtl: { default: 2, integer: true, min: 1, max: 255, about: 'hops a ping may go: 7 in 1999, which is what choked the network' },
  keepAliveMs: { default: 15_000, min: 0, about: 'a neighbour silent for so long is pinged; 0: never' },
  keepAliveTimeoutMs: { default: 45_000, min: 1, about: 'a neighbour silent for so long is dropped and replaced' },
  guidExpiryMs: { default: 60_000, min: 1, about: 'how long a GUID and the way back are remembered at least (at most twice that)' },
  guidTableEntries: { default: 32_768, integer: true, min: 1, max: 4_194_304, about: 'GUIDs after which the oldest are forgotten early' },
  nameBytes: { default: 24, min: 1, max: 1000, about: 'mean length of a file name, which is also what a query searches for' },
  wiring: {
    default: 'random-regular',
    oneOf: WIRINGS,
    about: 'the overlay that a converged start begins with; join: all join in the first second',
  },
  degree: { default: 4, integer: true, min: 2, max: 1000, about: 'neighbours per peer in that overlay (tree: children per peer)' },
  edges: { default: '', about: 'wiring file: path of the edge list, one "from to" per line' },
} as const satisfies SettingSpecs;

export type GnutellaSettings = SettingsOf<typeof SETTINGS>;

/** Refuses settings that contradict each other. */
export function checkSettings(settings: GnutellaSettings): void {
  const { desiredNeighbours, maximumNeighbours, keepAliveMs, keepAliveTimeoutMs } = settings;
  if (maximumNeighbours < desiredNeighbours) {
    throw new Problem(`maximumNeighbours: expected at least desiredNeighbours, ${desiredNeighbours}, got ${maximumNeighbours}`);
  }
  if (keepAliveMs > 0 && keepAliveTimeoutMs <= 2 * keepAliveMs) {
    throw new Problem(
      `keepAliveTimeoutMs: expected more than twice keepAliveMs, ${2 * keepAliveMs}, got ${keepAliveTimeoutMs}: ` +
        'a neighbour is pinged up to that long after it was last heard, and must have time to answer',
    );
  }
}
