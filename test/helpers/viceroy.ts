/** What the tests of Viceroy have in common. */

import viceroy from '../../src/protocols/viceroy/index.js';
import type { ViceroySettings } from '../../src/protocols/viceroy/settings.js';
import type { Viceroy } from '../../src/protocols/viceroy/viceroy.js';
import { STILL } from './circle.js';
import { type FakeHost, type FakeLatency, FakeNetwork } from './fake-network.js';

export type ViceroyHost = FakeHost<Viceroy>;

/** No upkeep at all. */
export const STILL_BUTTERFLY: Partial<ViceroySettings> = { ...STILL, linksMs: 0 };

export interface TestButterfly {
  readonly net: FakeNetwork;
  readonly hosts: ViceroyHost[];
}

export function butterflyOf(count: number, settings: Partial<ViceroySettings> = {}, seed = 1, latencyMs: FakeLatency = 1): TestButterfly {
  const net = new FakeNetwork({ latencyMs, seed });
  return { net, hosts: net.converge(count, viceroy, { ...STILL_BUTTERFLY, ...settings }) as unknown as ViceroyHost[] };
}

/** The first peer clockwise of `from`, itself last or (`included`) first, that has this level, by looking at everybody. */
export function firstOfLevel(hosts: readonly ViceroyHost[], level: number, from: number, included = false): ViceroyHost | undefined {
  let first: ViceroyHost | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const host of hosts) {
    const { protocol } = host;
    if (!host.up || protocol.level !== level) continue;
    let distance = protocol.ring.distance(from, protocol.identifier);
    if (distance === 0 && !included) distance = protocol.ring.size;
    if (distance >= least) continue;
    least = distance;
    first = host;
  }
  return first;
}
