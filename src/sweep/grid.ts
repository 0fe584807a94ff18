/**
 * The grid of a sweep: the cross product of what is varied, each point a resolved scenario. All of them are made, and so checked, before
 * the first run; a value that cannot be says which `--vary` it came from.
 */

import { refuseUnknownMetrics } from '../metrics/known-metrics.js';
import { Problem } from '../problem.js';
import type { ProtocolDefinition } from '../protocol.js';
import { loadProtocol, protocolName } from '../protocol-catalog.js';
import type { Axis, AxisValue } from '../results/sweep.js';
import { type LoadedScenario, loadScenario, loadSweep, type Overrides } from '../scenario/load.js';
import { measure } from '../scenario/ranges.js';
import type { Scenario } from '../scenario/scenario.js';
import type { ScenarioObject } from '../scenario/scenario-object.js';
import type { Variation } from '../scenario/variation.js';
import { type Override, parseOverride } from '../scenario/yaml-source.js';

export interface GridOptions extends Omit<Overrides, 'topologyOf' | 'protocol'> {
  /** Instead of the `vary` of the scenario's own section. */
  readonly variations?: readonly Variation[] | undefined;
  readonly repeat?: number | undefined;
}

export interface GridPoint {
  /** Index into each axis's values. */
  readonly at: readonly number[];
  readonly scenario: Scenario;
}

export interface Grid {
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly repeat: number;
  /** The last axis changes fastest. */
  readonly points: readonly GridPoint[];
  /** What was guessed or filled in, for the user to see. */
  readonly notes: readonly string[];
}

/** More runs than this are a slip of the pen. */
const MOST_RUNS = 100_000;

/** @throws Problem at the first point that cannot be */
export async function makeGrid(scenario: string | ScenarioObject, options: GridOptions): Promise<Grid> {
  const section = loadSweep(scenario);
  const given = options.variations ?? [];
  const variations = given.length > 0 ? given : (section?.vary ?? []).filter(({ path }) => !isFixed(path, options));
  refuseContradictions(given, options);
  const repeat = options.repeat ?? section?.repeat ?? 1;
  if (variations.length === 0 && repeat === 1)
    throw new Problem('nothing to sweep: expected --vary path=values, --repeat, or a section "sweep" in the scenario', 'usage');
  const loader = new Loader(scenario, options, variations);
  const protocols = await loader.protocols(variations.filter(({ path }) => path !== 'protocol'));
  // A scenario for several protocols is swept for each of them, as `compare` would run them all.
  const varied = variations.some(({ path }) => path === 'protocol')
    ? variations.map((each) => (each.path === 'protocol' ? { ...each, values: protocols.names } : each))
    : protocols.names.length > 1
      ? [...variations, { path: 'protocol', values: protocols.names, label: 'protocols' }]
      : variations;
  const runs = varied.reduce((product, { values }) => product * values.length, repeat);
  if (runs > MOST_RUNS) throw new Problem(`expected a sweep of at most ${MOST_RUNS} runs, got ${runs}: fewer values, or fewer repetitions`);
  const others = varied.filter(({ path }) => path !== 'protocol');
  const points: GridPoint[] = new Array(runs / repeat);
  for (const chosen of combinations(others.map(({ values }) => values.length))) {
    const scenarios = loader.load(
      others.map((each, axis) => ({ variation: each, index: chosen[axis] })),
      protocols.definitions,
    );
    for (const [protocol, scenario] of scenarios.entries()) {
      const rest = chosen.values();
      const at = varied.map(({ path }) => (path === 'protocol' ? protocol : rest.next().value!));
      points[placeOf(at, varied)] = { at, scenario };
    }
  }
  return { name: points[0].scenario.name, axes: varied.map(axisOf), repeat, points, notes: [...loader.notes] };
}

/** Settings that the command line states: a section of the file does not vary them then. */
function isFixed(path: string, options: GridOptions): boolean {
  return fixedPaths(options).some(([fixed]) => fixed === path);
}

function fixedPaths({ topology, peers, duration, seed, protocols, set, changes = [] }: GridOptions): [path: string, said: string][] {
  const paths: [string, string][] = (set ?? []).map((text) => {
    const path = parseOverride(text).path.join('.');
    return [path, `--set ${path}`];
  });
  for (const { path, label } of changes) paths.push([path.join('.'), label]);
  if (topology !== undefined) paths.push(['topology', '--topology']);
  if (peers !== undefined) paths.push(['peers', '--peers']);
  if (duration !== undefined) paths.push(['phases.measure', '--duration']);
  if (seed !== undefined) paths.push(['seed', '--seed']);
  if (protocols !== undefined) paths.push(['protocol', '--protocols']);
  return paths;
}

function refuseContradictions(variations: readonly Variation[], options: GridOptions): void {
  const fixed = fixedPaths(options);
  for (const [index, { path, label }] of variations.entries()) {
    const twice = fixed.find(([each]) => each === path);
    if (twice !== undefined) throw new Problem(`${label}: ${twice[1]} states the same setting; expected one of them`, 'usage');
    if (variations.findIndex((each) => each.path === path) !== index)
      throw new Problem(`${label}: expected each setting to be varied once, with all its values`, 'usage');
  }
}

/** Loads the scenario of each combination; what all of them share is loaded once. */
class Loader {
  readonly notes = new Set<string>();
  private readonly scenario: string | ScenarioObject;
  private readonly options: GridOptions;
  private readonly files: readonly string[] | undefined;
  /** Where the protocols are varied; null when they are not. */
  private readonly label: string | null;
  /** The first scenario with each topology. */
  private readonly withTopology = new Map<string, LoadedScenario>();

  constructor(scenario: string | ScenarioObject, options: GridOptions, variations: readonly Variation[]) {
    this.scenario = scenario;
    this.options = options;
    const varied = variations.find(({ path }) => path === 'protocol');
    this.files = options.protocols ?? varied?.values;
    this.label = varied?.label ?? null;
  }

  /** Which ones run, as the first point has them. */
  async protocols(others: readonly Variation[]): Promise<{ names: string[]; definitions: ProtocolDefinition[] }> {
    const { protocols } = this.loaded(others.map((variation) => overrideOf(variation, 0)));
    try {
      return { names: protocols.map(protocolName), definitions: await Promise.all(protocols.map(loadProtocol)) };
    } catch (error) {
      throw error instanceof Problem && this.label !== null ? new Problem(`${this.label}: ${error.message}`, error.kind) : error;
    }
  }

  load(chosen: readonly { variation: Variation; index: number }[], definitions: readonly ProtocolDefinition[]): Scenario[] {
    const loaded = this.loaded(chosen.map(({ variation, index }) => overrideOf(variation, index)));
    const scenarios = loaded.forAll(definitions);
    for (const note of loaded.notes) this.notes.add(note);
    for (const scenario of scenarios) if (scenario.measures.thresholds.length > 0) refuseUnknownMetrics(scenario);
    return scenarios;
  }

  private loaded(varied: readonly Override[]): LoadedScenario {
    const topology = JSON.stringify(varied.filter(({ path }) => path[0] === 'topology').map(({ path, value }) => [path, value]));
    const known = this.withTopology.get(topology);
    const loaded = loadScenario(this.scenario, {
      ...this.options,
      protocols: this.files,
      changes: [...(this.options.changes ?? []), ...varied],
      topologyOf: known,
    });
    if (known === undefined) this.withTopology.set(topology, loaded);
    return loaded;
  }
}

function overrideOf({ path, values, label, folder }: Variation, index: number): Override {
  return { ...parseOverride(`${path}=${values[index]}`, label), label, ...(folder === undefined ? {} : { folder }) };
}

/** Every choice of an index below each of these bounds, the last changing fastest. */
function* combinations(bounds: readonly number[]): Generator<number[]> {
  const count = bounds.reduce((product, bound) => product * bound, 1);
  for (let number = 0; number < count; number++) {
    let rest = number;
    const chosen = bounds.map(() => 0);
    for (let axis = bounds.length - 1; axis >= 0; axis--) {
      chosen[axis] = rest % bounds[axis];
      rest = Math.floor(rest / bounds[axis]);
    }
    yield chosen;
  }
}

function placeOf(at: readonly number[], variations: readonly Variation[]): number {
  return at.reduce((place, index, axis) => place * variations[axis].values.length + index, 0);
}

/** Numbers in one unit make a scale; values in several are words. */
function axisOf({ path, values }: Variation): Axis {
  const measured = values.map((text) => (path === 'protocol' ? null : measure(text)));
  // A lone 0 has any unit.
  const units = new Set(measured.flatMap((each) => (each === null || (each.unit === null && each.number === 0) ? [] : [each.unit])));
  const [unit = null] = units;
  const isScale = units.size <= 1;
  return {
    path,
    unit: !isScale || unit === '1/s' ? null : unit,
    values: values.map((text, at): AxisValue => ({ text, number: isScale ? (measured[at]?.number ?? null) : null })),
  };
}
