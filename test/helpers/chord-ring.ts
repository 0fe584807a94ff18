/** What the tests of Chord have in common: rings with given identifiers, lookups run to their end, and the ring as it ought to be. */

import { ringOf } from '../../src/overlay/identifiers.js';
import type { Chord } from '../../src/protocols/chord/chord.js';
import chord from '../../src/protocols/chord/index.js';
import type { ChordSettings } from '../../src/protocols/chord/settings.js';
import { type FakeHost, type FakeLatency, FakeNetwork, FakeOperation } from './fake-network.js';

/** No upkeep, no copies, no acknowledgements: only what a lookup itself sends. */
export const STILL: Partial<ChordSettings> = {
  stabiliseMs: 0,
  fixFingersMs: 0,
  checkPredecessorMs: 0,
  mergeMs: 0,
  republishMs: 0,
  replicas: 0,
  hopAcks: false,
  lookupTimeoutMs: 0,
};

export interface TestRing {
  readonly net: FakeNetwork;
  readonly hosts: FakeHost<Chord>[];
  /** The peer with this identifier. */
  at(identifier: number): FakeHost<Chord>;
}

/** A converged ring whose peers have these identifiers, in order of index. */
export function ringWith(identifiers: readonly number[], settings: Partial<ChordSettings>, latencyMs: FakeLatency = 10): TestRing {
  const net = new FakeNetwork({ latencyMs });
  const hosts = net.converge(identifiers.length, chord, { identifiers, ...settings }) as unknown as FakeHost<Chord>[];
  return { net, hosts, at: (identifier) => hostWith(hosts, identifier) };
}

export function hostWith(hosts: readonly FakeHost<Chord>[], identifier: number): FakeHost<Chord> {
  const host = hosts.find((each) => each.up && each.protocol.identifier === identifier);
  if (!host) throw new Error(`no peer has identifier ${identifier}`);
  return host;
}

/** The identifiers of an [identifier, address, ...] list. */
export function identifiersIn(entries: readonly number[]): number[] {
  return entries.filter((_, i) => i % 2 === 0);
}

/** A key with this identifier. */
export function keyWith(identifier: number, idBits: number): number {
  return ringOf(idBits).keyOf(identifier);
}

/** Publishes a key and waits; then the owner, wherever it is, has it. */
export function publish({ net }: TestRing, host: FakeHost<Chord>, key: number, waitMs = 5000): void {
  host.protocol.publish(key);
  net.run(net.now + waitMs);
}

/** Searches and waits. */
export function locate({ net }: Pick<TestRing, 'net'>, host: FakeHost<Chord>, key: number, waitMs = 5000): FakeOperation {
  const operation = new FakeOperation(key);
  host.protocol.locate(key, operation);
  net.run(net.now + waitMs);
  return operation;
}

/** The identifiers of the peers that answered lookups as owners since the messages were last cleared. */
export function answeringOwners(net: FakeNetwork): number[] {
  return net.sentOf('answer').map((sent) => (net.hostAt(sent.from)!.protocol as unknown as Chord).identifier);
}

/** Whether every live peer has the right successor and predecessor, and no dead one in its successor list. */
export function isPerfectRing(hosts: readonly FakeHost<Chord>[]): boolean {
  const live = hosts.filter((host) => host.up).sort((a, b) => a.protocol.identifier - b.protocol.identifier);
  return live.every((host, i) => {
    const { successors } = host.protocol;
    const expected = Array.from(
      { length: Math.min(host.protocol.settings.successors, live.length - 1) },
      (_, k) => live[(i + 1 + k) % live.length].protocol.identifier,
    );
    const before = live[(i + live.length - 1) % live.length].address;
    return identifiersIn(successors).join() === expected.join() && (live.length === 1 || host.protocol.before === before);
  });
}
