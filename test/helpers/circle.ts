/** What the tests of systems on a circle have in common: lookups run to their end, and the circle as it ought to be. */

import type { CircleMember } from '../../src/overlay/circle/member.js';
import type { AnswerMessage } from '../../src/overlay/circle/messages.js';
import { CIRCLE_SETTINGS, type CircleSettings } from '../../src/overlay/circle/settings.js';
import { ringOf } from '../../src/overlay/identifiers.js';
import { type FakeHost, type FakeNetwork, FakeOperation } from './fake-network.js';

/** No upkeep, no copies, no acknowledgements: only what a lookup itself sends. */
export const STILL = { pingMs: 0, mergeMs: 0, republishMs: 0, replicas: 0, hopAcks: false } satisfies Partial<CircleSettings>;

/** Upkeep so quick that a few seconds are enough. */
export const LIVELY = { pingMs: 500, mergeMs: 2000, rpcTimeoutMs: 100, lookupTimeoutMs: 2000 } satisfies Partial<CircleSettings>;

export type CircleHost = FakeHost<CircleMember>;

export function hostWith<P extends CircleMember>(hosts: readonly FakeHost<P>[], identifier: number): FakeHost<P> {
  const host = hosts.find((each) => each.up && each.protocol.identifier === identifier);
  if (!host) throw new Error(`no peer has identifier ${identifier}`);
  return host;
}

/** The identifiers of an [identifier, address, ...] list. */
export function identifiersIn(entries: readonly number[]): number[] {
  return entries.filter((_, i) => i % 2 === 0);
}

/** A key with this identifier. */
export function keyWith(identifier: number, idBits: number = CIRCLE_SETTINGS.idBits.default): number {
  return ringOf(idBits).keyOf(identifier);
}

export function publish(net: FakeNetwork, host: CircleHost, key: number, waitMs = 5000): void {
  host.protocol.publish(key);
  net.run(net.now + waitMs);
}

/** Searches and waits. */
export function locate(net: FakeNetwork, host: CircleHost, key: number, waitMs = 5000): FakeOperation {
  const operation = new FakeOperation(key);
  host.protocol.locate(key, operation);
  net.run(net.now + waitMs);
  return operation;
}

/** The identifiers of the peers that answered lookups as owners since the messages were last cleared. */
export function answeringOwners(net: FakeNetwork): number[] {
  return net.sentOf<AnswerMessage>('answer').map((sent) => sent.message.identifier);
}

/** Which peer should own an identifier. */
export function ownerAmong<P extends CircleMember>(hosts: readonly FakeHost<P>[], identifier: number): FakeHost<P> {
  const live = inOrder(hosts);
  return live.find((host) => host.protocol.identifier >= identifier) ?? live[0];
}

export function inOrder<P extends CircleMember>(hosts: readonly FakeHost<P>[]): FakeHost<P>[] {
  return hosts.filter((host) => host.up).sort((a, b) => a.protocol.identifier - b.protocol.identifier);
}

/** Whether every live peer has the right successors and predecessor. */
export function isPerfectCircle<P extends CircleMember>(hosts: readonly FakeHost<P>[]): boolean {
  const live = inOrder(hosts);
  return live.every(({ protocol }, i) => {
    const count = Math.min(protocol.settings.successors, live.length - 1);
    const expected = Array.from({ length: count }, (_, k) => live[(i + 1 + k) % live.length].address);
    const before = live[(i + live.length - 1) % live.length].address;
    return (
      protocol.successors.filter((_, k) => k % 2 === 1).join() === expected.join() && (live.length === 1 || protocol.predecessor === before)
    );
  });
}
