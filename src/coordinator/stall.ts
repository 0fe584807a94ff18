/** Gives up on shards that do not come back: a handler that never returns cannot be interrupted, only ended. */

import { Problem } from '../problem.js';
import type { Scenario } from '../scenario/scenario.js';
import { readPulse } from '../shard/pulse.js';

export interface Pulses {
  readonly scenario: Scenario;
  readonly pulse: SharedArrayBuffer;
  readonly shards: number;
  /** Names of message types. */
  readonly types: readonly string[];
  /** Ends the shards' threads. */
  kill(): void;
}

/** What shards answer. @throws Problem (rejects) when for `limits.stallSeconds` none of those at work has begun another event */
export async function orStall<T>(answer: Promise<T>, { scenario, pulse, shards, types, kill }: Pulses): Promise<T> {
  const { stallSeconds } = scenario.limits;
  let before: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      const pulses = Array.from({ length: shards }, (_, shard) => readPulse(pulse, shard, types));
      const busy = pulses.flatMap(({ doing }) => doing ?? []);
      if (busy.length > 0 && pulses.every(({ events }, shard) => events === before[shard])) {
        const where = `${scenario.protocol.name}: no event has finished for ${stallSeconds} s (limits.stallSeconds): ${busy.join(', ')}`;
        reject(new Problem(where, 'protocol-failed'));
        kill();
      }
      before = pulses.map(({ events }) => events);
    }, stallSeconds * 1000);
  });
  try {
    return await Promise.race([answer, stalled]);
  } finally {
    clearInterval(timer);
  }
}
