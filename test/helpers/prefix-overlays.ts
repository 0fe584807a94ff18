/** What the tests of Pastry and Tapestry have in common: overlays that grew, walks from peer to peer, and what ought to come out. */

import { isCloser } from '../../src/overlay/leaf-set.js';
import { NOBODY } from '../../src/overlay/prefix/messages.js';
import type { Address, Key, Protocol, ProtocolDefinition, SettingSpecs, SettingsOf } from '../../src/protocol.js';
import type { Pastry } from '../../src/protocols/pastry/pastry.js';
import type { Tapestry } from '../../src/protocols/tapestry/tapestry.js';
import type { Locate } from '../../src/services/locate.js';
import { type FakeHost, type FakeLatency, FakeNetwork, FakeOperation } from './fake-network.js';

/** No upkeep: only what a request itself sends. */
export const STILL = { tableMs: 0, mergeMs: 0, republishMs: 0, lookupTimeoutMs: 0, rpcTimeoutMs: 100 };

/** Upkeep so quick that a minute is enough. */
export const LIVELY = { tableMs: 1000, mergeMs: 3000, rpcTimeoutMs: 100, lookupTimeoutMs: 2000 };

export interface Overlay<P extends Protocol> {
  readonly net: FakeNetwork;
  readonly hosts: FakeHost<P>[];
}

/** Peers that join one after the other. */
export function grown<P extends Protocol, S extends SettingSpecs>(
  definition: ProtocolDefinition<Protocol, S>,
  count: number,
  settings: Partial<SettingsOf<S>>,
  { everyMs = 300, seed = 5, latencyMs = 10 as FakeLatency } = {},
): Overlay<P> {
  const net = new FakeNetwork({ seed, latencyMs });
  const hosts: FakeHost<P>[] = [];
  for (let i = 0; i < count; i++) {
    const host = net.addPeer(definition, settings) as unknown as FakeHost<P>;
    hosts.push(host);
    host.protocol.join();
    net.run(net.now + everyMs);
  }
  return { net, hosts };
}

/** Points in a square with sides of 100 ms; the latency is their distance, and half a millisecond at least. */
export function plane(count: number, seed: number): (from: number, to: number) => number {
  const { random } = new FakeNetwork({ seed }).addPeer(IDLE);
  const points = Array.from({ length: count }, () => [random.next() * 100, random.next() * 100]);
  return (from, to) => Math.max(0.5, Math.hypot(points[from][0] - points[to][0], points[from][1] - points[to][1]));
}

const IDLE: ProtocolDefinition = { about: 'nothing', messages: {}, create: () => ({ join() {}, onMessage() {} }) };

/** Searches and waits. */
export function locate<P extends Protocol>({ net }: Overlay<P>, host: FakeHost<P>, key: Key, waitMs = 5000): FakeOperation {
  const operation = new FakeOperation(key);
  (host.protocol as unknown as Locate).locate(key, operation);
  net.run(net.now + waitMs);
  return operation;
}

export function up<P extends Protocol>({ hosts }: Overlay<P>): FakeHost<P>[] {
  return hosts.filter((host) => host.up);
}

/** The addresses by which a Pastry message would travel from a peer, its own first and the root last. */
export function pastryWalk({ net }: Overlay<Pastry>, from: FakeHost<Pastry>, key: Key): Address[] {
  const path = [from.address];
  for (let at = from; ; ) {
    const to = at.protocol.nextHop(key);
    if (to === NOBODY) return path;
    if (path.length > 100) throw new Error('the walk goes round in a circle');
    path.push(to);
    at = net.hostAt(to) as unknown as FakeHost<Pastry>;
  }
}

/** The same of Tapestry. */
export function tapestryWalk({ net }: Overlay<Tapestry>, from: FakeHost<Tapestry>, key: Key): Address[] {
  const path = [from.address];
  for (let at = from, level = 0; ; ) {
    const hop = at.protocol.nextHop(key, level);
    if (hop.to === NOBODY) return path;
    path.push(hop.to);
    level = hop.level;
    at = net.hostAt(hop.to) as unknown as FakeHost<Tapestry>;
  }
}

/** Of these peers the one whose identifier is numerically closest to the key. */
export function closest(hosts: readonly FakeHost<Pastry>[], key: Key): FakeHost<Pastry> {
  return hosts.reduce((best, host) => (isCloser(host.protocol.identifier, best.protocol.identifier, key) ? host : best));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
