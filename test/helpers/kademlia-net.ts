/** What the tests of Kademlia have in common: overlays whose upkeep is still, lookups run to their end, and who ought to hold a key. */

import { xorDistance } from '../../src/overlay/xor.js';
import kademlia from '../../src/protocols/kademlia/index.js';
import type { Kademlia } from '../../src/protocols/kademlia/kademlia.js';
import type { KademliaSettings } from '../../src/protocols/kademlia/settings.js';
import { type FakeHost, FakeNetwork, FakeOperation } from './fake-network.js';

/** No upkeep, no copies: only what a lookup or a store itself sends. */
export const STILL: Partial<KademliaSettings> = { refreshMs: 0, republishMs: 0, publishMs: 0, caching: false, rpcTimeoutMs: 100 };

/** A converged overlay. */
export function overlay(count: number, settings: Partial<KademliaSettings>, seed = 1): { net: FakeNetwork; hosts: FakeHost<Kademlia>[] } {
  const net = new FakeNetwork({ seed });
  return { net, hosts: net.converge(count, kademlia, settings) as unknown as FakeHost<Kademlia>[] };
}

/** Peers that join one after the other. */
export function grown(
  count: number,
  settings: Partial<KademliaSettings>,
  everyMs = 500,
): { net: FakeNetwork; hosts: FakeHost<Kademlia>[] } {
  const net = new FakeNetwork({ seed: 5 });
  const hosts: FakeHost<Kademlia>[] = [];
  for (let i = 0; i < count; i++) {
    const host = net.addPeer(kademlia, settings) as unknown as FakeHost<Kademlia>;
    hosts.push(host);
    host.protocol.join();
    net.run(net.now + everyMs);
  }
  return { net, hosts };
}

/** Searches and waits. */
export function locate(net: FakeNetwork, host: FakeHost<Kademlia>, key: number, waitMs = 5000): FakeOperation {
  const operation = new FakeOperation(key);
  host.protocol.locate(key, operation);
  net.run(net.now + waitMs);
  return operation;
}

/** The live peers closest to a key, the closest first. */
export function closestTo(hosts: readonly FakeHost<Kademlia>[], key: number, count: number): FakeHost<Kademlia>[] {
  const target = hosts[0].protocol.identifierOf(key);
  const distance = (host: FakeHost<Kademlia>) => xorDistance(host.protocol.identifier, target);
  return hosts
    .filter((host) => host.up)
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, count);
}

/** Those who hold a key, by index. */
export function holdersOf(hosts: readonly FakeHost<Kademlia>[], key: number): number[] {
  return hosts.filter((host) => host.up && host.protocol.holds(key)).map((host) => host.index);
}
