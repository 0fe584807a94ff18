/** When a protocol goes wrong: sentences that say which peer was doing what, when, and where in the protocol's code it broke. */

import { Problem } from '../problem.js';
import type { Session } from './session.js';

/** What the sentences need of a shard. */
interface Scene {
  readonly now: number;
  readonly seed: number;
  readonly protocolName: string;
}

/** A protocol's exception (or a Problem found in what it did) as a Problem with its circumstances. */
export function blame(scene: Scene, error: unknown, session: Session, doing: string): Problem {
  const where = `${scene.protocolName}: ${doing} of ${session.name} at ${(scene.now / 1000).toFixed(3)} s (seed ${scene.seed})`;
  if (error instanceof Problem) return new Problem(`${where}: ${error.message}`, error.kind);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const line = stack.split('\n').find((each) => /^\s+at /.test(each));
  const place = line ? ` (${line.trim().replace(/^at /, '')})` : '';
  return new Problem(
    `${where} threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}${place}`,
    'protocol-failed',
  );
}

/** Too much happens at one instant. @param counts what is pending, by name */
export function noProgress(scene: Scene, events: number, counts: ReadonlyMap<string, number>): Problem {
  return new Problem(
    `${scene.protocolName}: time does not advance: ${events} events at ${(scene.now / 1000).toFixed(3)} s alone (limits.eventsPerInstant, ` +
      `seed ${scene.seed}); ${most(counts)}`,
    'protocol-failed',
  );
}

/** More is pending than fits. */
export function tooManyEvents(scene: Scene, pending: number, limit: number, counts: ReadonlyMap<string, number>): Problem {
  return new Problem(
    `${scene.protocolName}: ${pending} events are pending at ${(scene.now / 1000).toFixed(3)} s (limits.pendingEvents is ${limit}, ` +
      `seed ${scene.seed}); ${most(counts)}`,
    'does-not-fit',
  );
}

function most(counts: ReadonlyMap<string, number>): string {
  const first = [...counts].sort((a, b) => b[1] - a[1])[0];
  return first ? `most of what is pending: ${first[1]} ${first[0]}` : 'nothing is pending';
}
