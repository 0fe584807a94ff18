/** Reads and writes `faults` and `chaos`. Their sentences name sites, so they are resolved when the topology and the phases are known. */

import { z } from 'zod';
import type { Chaos, Fault, FaultAction } from '../faults/plan.js';
import type { Topology } from '../network/topology.js';
import { Problem } from '../problem.js';
import { readAction } from './fault-language.js';
import { fells, planFaults } from './fault-plan.js';
import { actionInWords, type Places, sentenceOf } from './fault-words.js';
import { duration, section, text } from './fields.js';
import { phaseTimes } from './phases.js';
import type { Scenario } from './scenario.js';
import { formatDuration, unexpected } from './units.js';
import type { Source } from './yaml-source.js';

/** More than this in one run are a slip of the unit. */
const MOST_DRAWN = 10_000;

const listOf = <T extends z.ZodType>(each: T, what: string) =>
  z.array(each, { error: (issue) => unexpected(what, issue.input).message }).default([]);

export const faultKeys = {
  faults: listOf(text(), 'a list of sentences, such as at 60s partition sites europe | rest'),
  chaos: listOf(
    section({ fault: text(), every: duration({ above: 0 }), lasts: duration({ above: 0 }).optional() }),
    'a list of maps such as { fault: crash 5%, every: 10m }',
  ),
};

type FaultSettings = { [key in keyof typeof faultKeys]: z.output<(typeof faultKeys)[key]> };

/** @throws Problem that begins where the sentence is written */
export function resolveFaults(
  { faults: sentences, chaos }: FaultSettings,
  source: Source,
  scenario: Pick<Scenario, 'topology' | 'peers' | 'population' | 'phases'>,
): Pick<Scenario, 'faults' | 'chaos'> {
  const { topology, peers } = scenario;
  const places: Places = { sites: topology.sites, peers };
  const { measureMs, drainMs, endMs } = phaseTimes(scenario);
  const at = (path: (string | number)[], error: Problem) => new Problem(`${source.where(path)}: ${error.message}`);
  const drawn = chaos.map(({ fault, every, lasts = null }, index): Chaos => {
    try {
      const action = readAction(fault, places);
      mustBeFelt(action, topology);
      mustLastAsItCan(action, lasts);
      if ((drainMs - measureMs) / every > MOST_DRAWN) {
        throw new Problem(`expected at most ${MOST_DRAWN} faults in a run, got one every ${formatDuration(every)}`);
      }
      return { says: actionInWords(action, places), action, everyMs: every, lastsMs: lasts };
    } catch (error) {
      throw error instanceof Problem ? at(['chaos', index], error) : error;
    }
  });
  const judge = ({ atMs, action }: Fault) => {
    mustBeBefore(endMs, atMs);
    mustBeFelt(action, topology);
  };
  const fallByChance = drawn.some(({ action }) => fells(action));
  return { faults: planFaults(sentences, places, (index, error) => at(['faults', index], error), judge, fallByChance), chaos: drawn };
}

/** @throws Problem for a time at which the run is over */
export function mustBeBefore(endMs: number, atMs: number): void {
  if (atMs < endMs) return;
  throw new Problem(`expected a time before the end of the run at ${formatDuration(Math.round(endMs))}, got ${formatDuration(atMs)}`);
}

/** @throws Problem for a fault that would change nothing: a link without a limit is not slower at a fifth of it */
export function mustBeFelt(action: FaultAction, { name, classes }: Topology): void {
  if (action.verb !== 'slow') return;
  const limited = classes.some(
    ({ uplinkBitsPerSecond, downlinkBitsPerSecond }) =>
      (action.link !== 'downlink' && uplinkBitsPerSecond !== Infinity) || (action.link !== 'uplink' && downlinkBitsPerSecond !== Infinity),
  );
  if (!limited) throw new Problem(`expected links with a rate to slow down, but those of topology ${name} are unlimited`);
}

function mustLastAsItCan({ verb }: FaultAction, lastsMs: number | null): void {
  if (verb === 'restart') throw new Problem('expected a fault that breaks something: crash with lasts brings its peers back');
  if (verb !== 'crash' && lastsMs === null) throw new Problem(`expected lasts: how long it goes on, on average`);
}

export function writeFaults({ faults, chaos }: Pick<Scenario, 'faults' | 'chaos'>): Record<string, unknown> {
  return {
    faults: faults.map((fault: Fault) => sentenceOf(fault)),
    chaos: chaos.map(({ says, everyMs, lastsMs }) => ({
      fault: says,
      every: formatDuration(everyMs),
      ...(lastsMs === null ? {} : { lasts: formatDuration(lastsMs) }),
    })),
  };
}
