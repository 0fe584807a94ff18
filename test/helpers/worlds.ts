/** Scenarios for runs on real threads: a small world of many sites, so that it can be divided among up to sixteen shards. */

import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import type { Topology } from '../../src/network/topology.js';
import type { ProtocolDefinition } from '../../src/protocol.js';
import { loadProtocol, protocolName } from '../../src/protocol-catalog.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { plainClass, plainSite } from './plain-topology.js';
import { type TestnetOptions, testScenario, testTopology } from './testnet.js';

const SITES = 16;

/** Sixteen sites on a plane, 10 to 130 ms apart, 2 ms inside; home lines and fast ones; IP and UDP or TCP headers. */
export function world(changes: Partial<Topology> = {}): Topology {
  const random = new Stream(42, WHOLE_RUN, 'placement');
  const places = Array.from({ length: SITES }, () => [random.next() * 90, random.next() * 90]);
  const latency = ([x, y]: number[], [u, v]: number[]) => (x === u && y === v ? 2 : 10 + Math.hypot(x - u, y - v));
  return testTopology(0, {
    name: 'world',
    headerBytes: 28,
    segmentHeaderBytes: 40,
    classes: [
      plainClass({ name: 'home', share: 0.7, uplinkBitsPerSecond: 1e6, downlinkBitsPerSecond: 8e6, queueBytes: 65_536, latencyMs: 6.1 }),
      plainClass({ name: 'fast', share: 0.3, uplinkBitsPerSecond: 1e8, downlinkBitsPerSecond: 1e8, queueBytes: 262_144, latencyMs: 0.7 }),
    ],
    sites: places.map((_, i) => plainSite({ name: `site ${i}`, share: 1 / SITES })),
    latencyMs: Float64Array.from(places.flatMap((from) => places.map((to) => latency(from, to)))),
    ...changes,
  });
}

export type WorldOptions = Partial<Omit<TestnetOptions, 'topology'>> & {
  readonly topology?: Partial<Topology>;
  readonly limits?: Partial<Scenario['limits']>;
  readonly intervalMs?: number;
};

/** A minute among 120 peers by default, with what `options` change. */
export async function worldScenario(protocol: string, options: WorldOptions = {}): Promise<Scenario> {
  const definition: ProtocolDefinition = await loadProtocol(protocol);
  const { topology, limits, intervalMs = 5000, ...same } = options;
  const name = protocolName(protocol);
  const base = testScenario(name, definition, { peers: 120, warmUpMs: 10_000, measureMs: 40_000, drainMs: 10_000, ...same });
  return {
    ...base,
    protocol: { ...base.protocol, file: name === protocol ? null : protocol },
    topology: world(topology),
    measures: { ...base.measures, intervalMs },
    limits: { ...base.limits, ...limits },
  };
}
