/** From sentences to faults: each with its beginning and, where one is said, its end, whether in the same sentence or by a `repair`. */

import type { Fault, FaultAction } from '../faults/plan.js';
import { Problem } from '../problem.js';
import { LASTING, type Mending, readSentence, type Sentence } from './fault-language.js';
import { actionInWords, type Places } from './fault-words.js';
import { formatDuration } from './units.js';

/**
 * The fault of a sentence that begins at `atMs`.
 * @throws Problem when it ends before it begins, or needs a span and has none
 */
export function faultOf({ untilMs, forMs }: Sentence, action: FaultAction, atMs: number, places: Places): Fault {
  const end = untilMs ?? (forMs === null ? null : atMs + forMs);
  if (end !== null && end <= atMs) {
    throw new Problem(`expected an end after ${formatDuration(atMs)}, got ${formatDuration(end)}`);
  }
  if (action.verb === 'churn' && end === null) {
    throw new Problem('expected how long it lasts, as in from 100s to 200s churn 20%: each peer goes and comes back within it');
  }
  if (action.verb === 'restart' && end !== null) throw new Problem('expected a moment, as in at 150s restart: a restart has no length');
  return { atMs, untilMs: end, says: actionInWords(action, places), action };
}

/**
 * The faults of a list of sentences, in its order.
 * @param fail makes a Problem about the sentence with this index
 * @param judge throws a Problem when a fault cannot be
 * @param fallByChance chaos crashes peers, too
 */
export function planFaults(
  texts: readonly string[],
  places: Places,
  fail: (index: number, error: Problem) => Problem,
  judge: (fault: Fault) => void = () => {},
  fallByChance = false,
): Fault[] {
  const faults: Fault[] = [];
  const endings: { index: number; atMs: number; mending: Mending }[] = [];
  const begun: { index: number; fault: Fault }[] = [];
  texts.forEach((text, index) => {
    attempt(index, () => {
      const sentence = readSentence(text, places);
      const { atMs, untilMs, forMs, what } = sentence;
      if (atMs === null) throw new Problem(`expected a time first, as in at 60s ${text.trim()} or from 60s to 90s ${text.trim()}`);
      if (what.verb !== 'repair') {
        const fault = faultOf(sentence, what, atMs, places);
        judge(fault);
        faults.push(fault);
        begun.push({ index, fault });
      } else if (untilMs !== null || forMs !== null) throw new Problem('expected a moment, as in at 90s repair');
      else endings.push({ index, atMs, mending: what });
    });
  });
  for (const { index, atMs, mending } of endings.sort((a, b) => a.atMs - b.atMs)) {
    attempt(index, () => mend(faults, mending, atMs));
  }
  for (const { index, fault } of begun) attempt(index, () => fallByChance || mustHaveFallen(faults, fault));
  return faults;

  function attempt(index: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      throw error instanceof Problem ? fail(index, error) : error;
    }
  }
}

/**
 * Ends what is open at `atMs`: those faults get a new record in the list. Returns their indices.
 * @throws Problem when there is none
 */
export function mend(faults: Fault[], { only }: Mending, atMs: number): number[] {
  const open = faults.flatMap(({ atMs: from, untilMs, action: { verb } }, index) =>
    from < atMs && untilMs === null && LASTING.includes(verb) && (only === null || verb === only) ? [index] : [],
  );
  if (open.length === 0) {
    const [verb, what] = only === 'hold' ? ['release', 'hold'] : ['repair', only ?? 'fault that lasts'];
    throw new Problem(`nothing to ${verb}: no ${what} without an end of its own has begun before ${formatDuration(atMs)}`);
  }
  for (const index of open) faults[index] = { ...faults[index], untilMs: atMs };
  return open;
}

/** @throws Problem for a restart before which no fault took anybody down */
export function mustHaveFallen(faults: readonly Fault[], { atMs, action }: Fault): void {
  if (action.verb !== 'restart' || faults.some((each) => each.atMs < atMs && fells(each.action))) return;
  throw new Problem(`nobody to restart: no fault has crashed anybody before ${formatDuration(atMs)}`);
}

/** Whether it takes peers down. */
export function fells({ verb }: FaultAction): boolean {
  return verb === 'crash' || verb === 'churn';
}
