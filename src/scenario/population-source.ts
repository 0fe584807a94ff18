/** Completes what a scenario says of its population: reads the trace it refers to, and counts the peers. */

import { resolve } from 'node:path';
import type { Trace } from '../population/plan.js';
import { SCENARIO_DEFAULTS } from './defaults.js';
import type { Scenario } from './scenario.js';
import type { ScenarioSettings } from './scenario-schema.js';
import { pointed } from './topology-source.js';
import { parseTrace, readTrace } from './trace-file.js';
import type { Path, Source } from './yaml-source.js';

/** The settings of a scenario, complete as to its population. */
export interface Peopled extends Omit<ScenarioSettings, 'peers' | 'population'> {
  readonly peers: number;
  readonly population: Scenario['population'];
  /** Number of each peer by the name that the trace has for it; null when there is none, or its names are the numbers. */
  readonly peerNumbers: ReadonlyMap<string, number> | null;
  /** What had to be decided, in sentences, for the user to see. */
  readonly populationNotes: readonly string[];
}

const PATH = ['population', 'trace'];

/** @param folderOf from where a file that is named at this path is looked for */
export function withPopulation(source: Source, settings: ScenarioSettings, folderOf: (path: Path) => string): Peopled {
  const { plan, trace: reference } = settings.population;
  if (reference === null) {
    const { peers = SCENARIO_DEFAULTS.peers } = settings;
    return { ...settings, peers, population: plan, peerNumbers: null, populationNotes: [] };
  }
  const { file, table, fromMs } = reference;
  const options = { peers: settings.peers, fromMs };
  const where = (line: number) => `${source.where([...PATH, 'table'])}${line > 0 ? `: line ${line}` : ''}`;
  const { trace, peers, numberOf, notes } =
    file !== null
      ? pointed(source, PATH, () => readTrace(resolve(folderOf([...PATH, 'file']), file), options))
      : parseTrace(table!, where, options);
  const populationNotes = notes.map((note) => `population.trace: ${note}`);
  return { ...settings, peers, population: { ...plan, arrivals: { kind: 'trace', trace } }, peerNumbers: numberOf, populationNotes };
}

/** How many changes of a trace come too late for a run that ends then, and when its first change is. */
export function tooLate({ atMs }: Trace, endMs: number): { readonly late: number; readonly firstMs: number } {
  return {
    late: atMs.reduce((late, each) => late + (each >= endMs ? 1 : 0), 0),
    firstMs: atMs.reduce((first, each) => Math.min(first, each), Infinity),
  };
}
