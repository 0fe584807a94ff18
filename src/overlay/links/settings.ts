/** Settings of a neighbourhood, for a definition to spread among its own. */

import { Problem } from '../../problem.js';
import type { SettingSpecs, SettingsOf } from '../../protocol.js';

export const LINK_SETTINGS = {
  desiredNeighbours: { default: 4, integer: true, min: 1, max: 1000, about: 'neighbours a joining peer looks for' },
  maximumNeighbours: { default: 9, integer: true, min: 1, max: 1000, about: 'neighbours above which a peer accepts no more' },
  bootstrapHosts: { default: 10, integer: true, min: 1, max: 1000, about: 'candidates asked of the host cache at a time' },
  hostCacheEntries: { default: 20, integer: true, min: 1, max: 10_000, about: 'hosts a peer remembers from pongs and refusals' },
  connectTimeoutMs: { default: 3000, min: 1, about: 'after which a candidate that does not answer is given up' },
  retryMs: { default: 10_000, min: 1, about: 'rest before the next attempt when no candidate is left or too many refused' },
  keepAliveMs: { default: 15_000, min: 0, about: 'a neighbour silent for so long is pinged; 0: never' },
  keepAliveTimeoutMs: { default: 45_000, min: 1, about: 'a neighbour silent for so long is dropped and replaced' },
  lookAroundMs: {
    default: 0,
    min: 0,
    about:
      'period in which a peer asks a host of the bootstrap for one link more than it wants, in place of the last such: heals a split; 0: never',
  },
} as const satisfies SettingSpecs;
export type LinkSettings = SettingsOf<typeof LINK_SETTINGS>;

/** Refuses settings that contradict each other. */
export function checkLinks({ desiredNeighbours, maximumNeighbours, keepAliveMs, keepAliveTimeoutMs }: LinkSettings): void {
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
