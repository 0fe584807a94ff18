/**
 * Faults that somebody says while the run goes on. A sentence waits for the end of the slice; then it takes effect at the next whole ms
 * that no shard has reached, which is the same for all of them, and after what was said before it. What came of it is in the scenario as
 * it was run, so a repeat needs nobody to say anything.
 */

import type { Fault } from '../faults/plan.js';
import { Problem } from '../problem.js';
import { readSentence } from '../scenario/fault-language.js';
import { faultOf, fells, mend, mustHaveFallen } from '../scenario/fault-plan.js';
import { type Places, sentenceOf } from '../scenario/fault-words.js';
import { mustBeBefore, mustBeFelt } from '../scenario/faults-section.js';
import { phaseTimes } from '../scenario/phases.js';
import type { Scenario } from '../scenario/scenario.js';
import { formatDuration } from '../scenario/units.js';

/**
 * Says a fault, or the end of some, as in a scenario; without a time it is for now. Resolves to what was done, in sentences.
 * @throws Problem (rejects) when it cannot be read or cannot be; the run goes on
 */
export type Inject = (sentence: string) => Promise<string[]>;

/** What is new for the shards: a fault of the scenario's list by its index. */
export interface Injection {
  readonly index: number;
  readonly fault: Fault;
}

interface Waiting {
  readonly text: string;
  readonly resolve: (said: string[]) => void;
  readonly reject: (error: Problem) => void;
}

export class Injector {
  /** The scenario's faults and those injected, as they were run. */
  readonly faults: Fault[];
  private readonly scenario: Scenario;
  private readonly places: Places;
  private readonly endMs: number;
  private waiting: Waiting[] = [];
  /** When the last one took effect. */
  private lastMs = 0;
  private isOver = false;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.faults = [...scenario.faults];
    this.places = { sites: scenario.topology.sites, peers: scenario.peers };
    this.endMs = phaseTimes(scenario).endMs;
  }

  readonly inject: Inject = (text) =>
    new Promise((resolve, reject) => {
      if (this.isOver) reject(new Problem('the run is over'));
      else this.waiting.push({ text, resolve, reject });
    });

  /**
   * What the sentences said until now change, in order.
   * @param reachedMs nothing after this time has been handled in any shard
   */
  async take(reachedMs: number, apply: (injection: Injection) => Promise<void>): Promise<void> {
    while (this.waiting.length > 0) {
      const { text, resolve, reject } = this.waiting.shift()!;
      try {
        const changed = this.read(text, Math.max(Math.floor(reachedMs), this.lastMs) + 1);
        for (const index of changed) await apply({ index, fault: this.faults[index] });
        resolve(changed.map((index) => sentenceOf(this.faults[index])));
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        reject(error);
      }
    }
  }

  /** The run is over: nobody is heard any more. */
  close(): void {
    this.isOver = true;
    for (const { reject } of this.waiting.splice(0)) reject(new Problem('the run is over'));
  }

  /** Indices of the faults that are new or have got an end. */
  private read(text: string, nowMs: number): number[] {
    const sentence = readSentence(text, this.places);
    const atMs = sentence.atMs ?? nowMs;
    if (atMs < nowMs) throw new Problem(`expected a time from ${formatDuration(nowMs)} on, where the run is, got ${formatDuration(atMs)}`);
    mustBeBefore(this.endMs, atMs);
    if (sentence.what.verb === 'repair') {
      if (sentence.untilMs !== null || sentence.forMs !== null) throw new Problem('expected a moment, as in repair');
      const mended = mend(this.faults, sentence.what, atMs);
      if (atMs === nowMs) this.lastMs = nowMs;
      return mended;
    }
    const fault = faultOf(sentence, sentence.what, atMs, this.places);
    mustBeFelt(fault.action, this.scenario.topology);
    if (!this.scenario.chaos.some(({ action }) => fells(action))) mustHaveFallen(this.faults, fault);
    this.faults.push(fault);
    if (atMs === nowMs) this.lastMs = nowMs;
    return [this.faults.length - 1];
  }
}
