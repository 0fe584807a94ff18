/** What the tests of CAN have in common: settings without upkeep, the space as it ought to be, lookups run to their end. */

import type { Key } from '../../src/protocol.js';
import type { Can } from '../../src/protocols/can/can.js';
import can from '../../src/protocols/can/index.js';
import type { CanSettings } from '../../src/protocols/can/settings.js';
import { overlap, volumeOfAll, type Zone } from '../../src/protocols/can/zones.js';
import { type FakeHost, type FakeLatency, FakeNetwork, FakeOperation } from './fake-network.js';

export type CanHost = FakeHost<Can>;

/** No upkeep, no copies, no acknowledgements: only what a lookup itself sends. */
export const STILL: Partial<CanSettings> = {
  updateMs: 0,
  reassignMs: 0,
  mergeMs: 0,
  republishMs: 0,
  replicas: 0,
  hopAcks: false,
  lookupTimeoutMs: 0,
};

/** Upkeep so quick that a minute is long. */
export const LIVELY: Partial<CanSettings> = {
  updateMs: 500,
  reassignMs: 1000,
  mergeMs: 5000,
  takeoverMs: 100,
  rpcTimeoutMs: 100,
  lookupTimeoutMs: 2000,
};

export interface Space {
  readonly net: FakeNetwork;
  readonly hosts: CanHost[];
}

/** A converged space. */
export function spaceOf(count: number, settings: Partial<CanSettings>, { latencyMs = 10 as FakeLatency, seed = 1 } = {}): Space {
  const net = new FakeNetwork({ latencyMs, seed });
  return { net, hosts: net.converge(count, can, settings) as unknown as CanHost[] };
}

/** Peers that join one after the other. */
export function grown(count: number, settings: Partial<CanSettings>, everyMs = 300, seed = 5): Space {
  const net = new FakeNetwork({ seed });
  const space: Space = { net, hosts: [] };
  for (let i = 0; i < count; i++) {
    join(space, settings);
    net.run(net.now + everyMs);
  }
  return space;
}

/** One more peer, which joins. */
export function join({ net, hosts }: Space, settings: Partial<CanSettings>): CanHost {
  const host = net.addPeer(can, settings) as unknown as CanHost;
  hosts.push(host);
  host.protocol.join();
  return host;
}

export function publish({ net }: Space, host: CanHost, key: Key, waitMs = 5000): void {
  host.protocol.publish(key);
  net.run(net.now + waitMs);
}

/** Searches and waits. */
export function locate({ net }: Pick<Space, 'net'>, host: CanHost, key: Key, waitMs = 5000): FakeOperation {
  const operation = new FakeOperation(key);
  host.protocol.locate(key, operation);
  net.run(net.now + waitMs);
  return operation;
}

/** A key whose point in two dimensions is this, in fractions of the side. */
export function keyAt(x: number, y: number): Key {
  return x * 2 ** 48 + y * 2 ** 24;
}

/**
 * What is wrong with the space, if anything: zones that overlap, space that is nobody's, a peer with more than one zone (unless allowed),
 * a neighbour that is missing, dead, or with other zones than it has.
 */
export function flaws(hosts: readonly CanHost[], { severalZones = false, reality = 0 } = {}): string[] {
  const found: string[] = [];
  const live = hosts.filter((host) => host.up);
  const places = live.map((host) => host.protocol.places[reality]);
  const zones: Zone[] = places.flatMap((place) => [...place.zones]);
  for (const [i, zone] of zones.entries()) {
    for (const other of zones.slice(i + 1)) if (overlap(zone, other)) found.push(`zones ${zone} and ${other} overlap`);
  }
  const volume = volumeOfAll(zones);
  if (volume !== 1) found.push(`${volume} of the space is held`);
  for (const [i, place] of places.entries()) {
    const { name } = live[i];
    if (!severalZones && place.zones.length > 1) found.push(`${name} holds ${place.zones.length} zones`);
    if (place.zones.length === 0) found.push(`${name} holds nothing`);
    for (const [k, other] of places.entries()) {
      if (k === i) continue;
      const known = place.find(live[k].address);
      const isNeighbour = place.torus.anyAbut(place.zones, other.zones);
      if (isNeighbour && known === undefined) found.push(`${name} does not know its neighbour ${live[k].name}`);
      if (!isNeighbour && known !== undefined) found.push(`${name} takes ${live[k].name} for a neighbour`);
      if (isNeighbour && known !== undefined && [...known.zones].sort().join() !== [...other.zones].sort().join()) {
        found.push(`${name} has ${known.zones} for ${live[k].name}, which holds ${other.zones}`);
      }
    }
    for (const { address } of place.neighbours) {
      if (!live.some((host) => host.address === address)) found.push(`${name} has a dead neighbour`);
    }
  }
  return found;
}
