/**
 * The machines that a system's operator runs besides the peers: how many hosts a run has, and the line a server is on. Servers come
 * after the peers in every array, so the peers are the same whatever the protocol needs besides them.
 */

import type { AccessClass, Topology } from '../network/topology.js';
import type { Scenario } from './scenario.js';

/** Peers and servers. */
export function hostsOf({ peers, servers }: Pick<Scenario, 'peers' | 'servers'>): number {
  return peers + servers;
}

/** By which a host is known in results, logs and messages: `p17` for a peer, `s0` for the first server. */
export function nameOf(host: number, peers: number): string {
  return host < peers ? `p${host}` : `s${host - peers}`;
}

/** The topology with one access class more, the last, for servers; the same object when there are none. */
export function withServerLine(topology: Topology, servers: number): Topology {
  if (servers === 0) return topology;
  const line: AccessClass = {
    name: 'server',
    share: 0,
    uplinkBitsPerSecond: Number.POSITIVE_INFINITY,
    downlinkBitsPerSecond: Number.POSITIVE_INFINITY,
    queueBytes: Number.MAX_SAFE_INTEGER,
    discipline: { kind: 'drop-tail' },
    latencyMs: serverLatencyMs(topology),
  };
  return { ...topology, classes: [...topology.classes, line] };
}

/** The least that keeps a server from being nearer to anybody than a peer of its site could be, on which the lookahead rests. */
function serverLatencyMs({ classes, sites }: Topology): number {
  const drawn = Math.min(...classes.filter(({ share }) => share > 0).map(({ latencyMs }) => latencyMs));
  return Math.max(...sites.map(({ accessClass }) => (accessClass === null ? drawn : classes[accessClass].latencyMs)));
}
