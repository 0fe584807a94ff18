/** The parts of a topology with nothing peculiar about them, so that a test writes down only what it is about. */

import type { AccessClass, NatClass, Site, Topology } from '../../src/network/topology.js';

/** A link without limits or latency, for everybody. */
export function plainClass(changes: Partial<AccessClass> = {}): AccessClass {
  return {
    name: 'any',
    share: 1,
    uplinkBitsPerSecond: Infinity,
    downlinkBitsPerSecond: Infinity,
    queueBytes: Infinity,
    discipline: { kind: 'drop-tail' },
    latencyMs: 0,
    ...changes,
  };
}

/** A site for everybody, without a bottleneck. */
export function plainSite(changes: Partial<Site> = {}): Site {
  return {
    name: 'here',
    share: 1,
    region: null,
    accessClass: null,
    uplinkBitsPerSecond: Infinity,
    downlinkBitsPerSecond: Infinity,
    queueBytes: Infinity,
    ...changes,
  };
}

/** Everybody on the open network. */
export function plainNat(changes: Partial<NatClass> = {}): NatClass {
  return { name: 'open', share: 1, gateway: null, peersPerGateway: 1, datagrams: true, portMapping: false, carrier: null, ...changes };
}

/** One site, one class, no headers, no latency, no loss, no NAT. */
export function plainTopology(changes: Partial<Topology> = {}): Topology {
  return {
    name: 'test',
    about: 'one site for tests',
    source: 'none',
    headerBytes: 0,
    segmentHeaderBytes: 0,
    classes: [plainClass()],
    sites: [plainSite()],
    latencyMs: Float64Array.of(0),
    jitter: 0,
    loss: 0,
    bursts: null,
    reorder: null,
    duplicate: 0,
    links: [],
    nat: [],
    ...changes,
  };
}
