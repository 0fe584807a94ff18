/**
 * Loads a scenario: a shipped name, a file or an object, what the command line changes in it, its topology, and all of it checked. A protocol's
 * settings can only be checked when its definition is at hand, so what comes out makes one `Scenario` for each protocol.
 */

import { basename, dirname, extname, resolve } from 'node:path';
import { didYouMean, Problem } from '../problem.js';
import type { SettingSpecs } from '../protocol.js';
import { isProtocolFile, protocolName } from '../protocol-catalog.js';
import { resolveClock } from './clock-section.js';
import { SCENARIO_DEFAULTS } from './defaults.js';
import { resolveFaults } from './faults-section.js';
import { statedMoments } from './moments.js';
import { objectSource } from './object-source.js';
import { findFile } from './package-files.js';
import { phaseTimes } from './phases.js';
import { type Peopled, tooLate, withPopulation } from './population-source.js';
import type { Phases, Scenario } from './scenario.js';
import type { ScenarioObject, TopologyObject } from './scenario-object.js';
import { type ScenarioSettings, scenarioSchema } from './scenario-schema.js';
import { resolveSettings } from './settings.js';
import { type SweepSection, sweepOf } from './sweep-section.js';
import { type LoadedTopology, resolveTopology } from './topology-file.js';
import { inlineTopology, topologySource } from './topology-source.js';
import { formatDuration, show } from './units.js';
import { loadWorkload, outsideOf } from './workload-source.js';
import {
  check,
  displayPath,
  type Override,
  type Path,
  parseOverride,
  parseValue,
  partOf,
  readYaml,
  type Source,
  startsWith,
  withOverrides,
} from './yaml-source.js';

export { scenarioToYaml } from './write-scenario.js';

/** What the command line, or a script, changes. Text is read as in a scenario file. Files are as seen from the current folder. */
export interface Overrides {
  /** Run these protocols (names, or files as seen from the current folder) instead of the scenario's. */
  readonly protocols?: readonly string[] | undefined;
  readonly protocol?: string | undefined;
  /** A name, a file, or an object like a topology file. */
  readonly topology?: string | TopologyObject | undefined;
  readonly peers?: string | number | undefined;
  /** Length of the phase `measure`. */
  readonly duration?: string | undefined;
  readonly seed?: string | number | undefined;
  /** 'path.to.setting=value', in order; `protocol.x` is the setting x of whichever protocol runs. */
  readonly set?: readonly string[] | undefined;
  /** The same as values, each with what messages call it; they go before all others. */
  readonly changes?: readonly Override[] | undefined;
  /** The topology is not read again but taken from this scenario, which was loaded with the same one. */
  readonly topologyOf?: LoadedScenario | undefined;
}

/** The part of a protocol's definition that a scenario depends on. */
export interface SettingsOwner {
  readonly settings?: SettingSpecs;
  readonly converge?: unknown;
  readonly services?: readonly string[];
  readonly locatesBy?: 'key' | 'words';
  readonly servers?: (settings: never) => number;
}

/** A scenario that was found, changed and checked, but for what depends on the protocol. */
export interface LoadedScenario {
  readonly name: string;
  readonly about: string;
  /** Names, or absolute paths of the user's own modules; at least one. */
  readonly protocols: readonly string[];
  /** What was guessed, filled in or could not be as stated, in sentences, for the user to see. `for` may add to it. */
  readonly notes: readonly string[];
  readonly topology: LoadedTopology;
  /** The scenario of one of `protocols`, its settings and every `--set protocol.x` checked against the definition. */
  for(protocol: string, definition: SettingsOwner): Scenario;
  /** The scenarios of all `protocols`, in order, for a comparison: a `--set protocol.x` goes to each that has a setting x, at least one. */
  forAll(definitions: readonly SettingsOwner[]): Scenario[];
}

/** Where a scenario is written. */
interface Origin {
  readonly source: Source;
  /** From where the files that it names are looked for. */
  readonly folder: string;
  /** What messages about the whole of it begin with. */
  readonly label: string;
  readonly defaultName: string;
}

function originOf(scenario: string | ScenarioObject): Origin {
  if (typeof scenario === 'string') {
    const file = findFile(scenario, 'scenarios', process.cwd());
    return { source: readYaml(file), folder: dirname(file), label: displayPath(file), defaultName: basename(file, extname(file)) };
  }
  return { source: objectSource(scenario, 'scenario'), folder: process.cwd(), label: 'scenario', defaultName: 'inline' };
}

/**
 * @param scenario a shipped name, a file, or an object with the keys of a file
 * @throws Problem naming file:line:column, the key of the object, or the option of the command line, at the first thing that is wrong
 */
export function loadScenario(scenario: string | ScenarioObject, overrides: Overrides = {}): LoadedScenario {
  const origin = originOf(scenario);
  const written = origin.source;
  const set = [...(overrides.set ?? []).map((text) => parseOverride(text)), ...options(overrides), ...(overrides.changes ?? [])];
  const topologySet = set.filter(({ path }) => path[0] === 'topology' && path.length > 1);
  const protocolSet = set.filter(({ path }) => path[0] === 'protocol');
  const others = set.filter((each) => !topologySet.includes(each) && !protocolSet.includes(each));
  for (const { path, label } of protocolSet) {
    if (path.length !== 2) throw new Problem(`${label}: expected protocol.<setting>=value (to choose the protocol: --protocol)`, 'usage');
  }
  const source = withOverrides(written, statedMoments(written, others));
  const settings = check(scenarioSchema, source);
  const folderOf = (path: Path) => {
    const override = others.findLast((each) => startsWith(path, each.path));
    return override === undefined ? origin.folder : (override.folder ?? process.cwd());
  };
  const loaded =
    overrides.topologyOf?.topology ?? resolveTopology(changedTopology(findTopology(source, settings, folderOf, overrides), topologySet));
  const peopled = withPopulation(source, settings, folderOf);
  const { workload, notes } = loadWorkload(source, peopled, folderOf);
  const complete = { ...peopled, workload, workloadNotes: notes };
  return new Loaded(origin, source, complete, loaded, chooseProtocols(written, source, settings, origin.folder, overrides), protocolSet);
}

/** What a scenario's file says of a sweep; null when it says nothing of it. @throws Problem with file and line */
export function loadSweep(scenario: string | ScenarioObject): SweepSection | null {
  const { source, folder } = originOf(scenario);
  return sweepOf(source, folder);
}

/** The options of the command line that stand for one setting each. */
function options({ peers, duration, seed }: Overrides): Override[] {
  const of = (given: string | number | undefined, flag: string, path: string[]): Override[] =>
    given === undefined ? [] : [{ path, value: typeof given === 'string' ? parseValue(given, flag) : given, label: flag }];
  return [...of(peers, '--peers', ['peers']), ...of(duration, '--duration', ['phases', 'measure']), ...of(seed, '--seed', ['seed'])];
}

function findTopology(source: Source, settings: ScenarioSettings, folderOf: (path: Path) => string, { topology }: Overrides): Source {
  if (typeof topology === 'object') return inlineTopology(objectSource(topology, 'options.topology'), process.cwd());
  if (topology !== undefined) return topologySource(topology, process.cwd());
  if (settings.topology === SCENARIO_DEFAULTS.topology) return topologySource(settings.topology, process.cwd());
  return inlineTopology(partOf(source, ['topology']), folderOf(['topology']));
}

/** `--set topology.x` changes the topology after it was merged with what it extends; its name says so. */
function changedTopology(topology: Source, set: readonly Override[]): Source {
  if (set.length === 0) return topology;
  const { name } = topology.value as { name: unknown };
  const renamed = { path: ['name'], value: `${name} (changed)`, label: '--set topology.name' };
  return withOverrides(topology, [renamed, ...set.map(({ path, ...same }) => ({ ...same, path: path.slice(1) }))]);
}

/** What runs: the command line's choice, else the scenario's list. Settings for a protocol outside of both are a slip. */
function chooseProtocols(written: Source, source: Source, settings: ScenarioSettings, folder: string, overrides: Overrides): string[] {
  const from = (folder: string) => (each: string) => (isProtocolFile(each) ? resolve(folder, each) : each);
  const listed = (settings.protocols ?? []).map(from(folder));
  const asked = (overrides.protocols ?? (overrides.protocol === undefined ? [] : [overrides.protocol])).map(from(process.cwd()));
  const chosen = asked.length > 0 ? asked : listed;
  if (chosen.length === 0) throw new Problem(`${source.where(['protocols'])}: expected at least one protocol, here or by --protocol`);
  const names = chosen.map(protocolName);
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined) throw new Problem(`${source.where(['protocols'])}: expected different protocols, got ${show(twice)} twice`);
  const inFile = (written.value as { protocols?: unknown }).protocols;
  const known = [...names, ...listed.map(protocolName), ...(Array.isArray(inFile) ? inFile.map((each) => protocolName(String(each))) : [])];
  for (const name of Object.keys(settings.settings)) {
    if (known.includes(name)) continue;
    const there = [...new Set(known)];
    throw new Problem(
      `${source.where(['settings', name])}: settings for a protocol that the scenario does not list${didYouMean(name, there)}; it lists ${there.join(', ')}`,
    );
  }
  return chosen;
}

/** All that a scenario says, complete. */
interface Complete extends Omit<Peopled, 'workload'> {
  readonly workload: Scenario['workload'];
  readonly workloadNotes: readonly string[];
}

class Loaded implements LoadedScenario {
  readonly name: string;
  readonly about: string;
  readonly protocols: readonly string[];
  readonly notes: string[];
  private readonly source: Source;
  private readonly settings: Complete;
  readonly topology: LoadedTopology;
  private readonly protocolSet: readonly Override[];
  private readonly time: Pick<Scenario, 'clock' | 'cpu'>;
  private readonly faults: Pick<Scenario, 'faults' | 'chaos'>;

  constructor(
    { label, defaultName }: Origin,
    source: Source,
    settings: Complete,
    loaded: LoadedTopology,
    protocols: readonly string[],
    protocolSet: readonly Override[],
  ) {
    this.name = settings.name ?? defaultName;
    this.about = settings.about;
    this.protocols = protocols;
    this.source = source;
    this.settings = settings;
    this.topology = loaded;
    this.protocolSet = protocolSet;
    this.notes = [
      ...loaded.notes.map((note) => `topology ${loaded.topology.name}: ${note}`),
      ...settings.populationNotes,
      ...settings.workloadNotes,
    ];
    this.time = resolveClock(settings, (key) => source.where([key]));
    this.refuseWhatNeverHappens(label);
    this.faults = resolveFaults(settings, source, { ...settings, topology: loaded.topology, phases: inMs(settings.phases) });
    this.noteReplicas();
  }

  for(protocol: string, definition: SettingsOwner): Scenario {
    return this.make(protocol, definition, this.protocolSet);
  }

  private make(protocol: string, definition: SettingsOwner, protocolSet: readonly Override[]): Scenario {
    const specs = definition.settings ?? {};
    const name = protocolName(protocol);
    if (this.settings.workload.locate !== null && !definition.services?.includes('locate')) {
      throw new Problem(
        `${this.source.where(['workload', 'locate'])}: expected a protocol with the service locate, got ${name}, which does not offer it; ` +
          'without questions: --set workload=none',
      );
    }
    const given: Record<string, unknown> = { ...this.settings.settings[name] };
    const labels = new Map<string, string>();
    for (const { path, value, label } of protocolSet) {
      const setting = String(path[1]);
      if (value === null && Object.hasOwn(specs, setting)) delete given[setting];
      else given[setting] = value;
      labels.set(setting, label);
    }
    const where = (setting: string) => labels.get(setting) ?? this.source.where(['settings', name, setting]);
    const { settings } = this;
    const protocolSettings = resolveSettings(specs, given, where);
    return {
      name: this.name,
      about: this.about,
      seed: settings.seed,
      peers: settings.peers,
      servers: definition.servers?.(protocolSettings as never) ?? 0,
      protocol: {
        name,
        file: isProtocolFile(protocol) ? resolve(protocol) : null,
        settings: protocolSettings,
        locatesBy: definition.locatesBy ?? 'key',
      },
      topology: this.topology.topology,
      population: settings.population,
      phases: { ...inMs(settings.phases), start: this.startOf(name, definition) },
      ...this.time,
      ...this.faults,
      workload: settings.workload,
      measures: {
        intervalMs: settings.measures.interval,
        paths: settings.measures.paths,
        thresholds: settings.measures.thresholds,
      },
      limits: settings.limits,
    };
  }

  forAll(definitions: readonly SettingsOwner[]): Scenario[] {
    for (const { path, label } of this.protocolSet) {
      const setting = String(path[1]);
      const names = definitions.flatMap((each) => Object.keys(each.settings ?? {}));
      if (names.includes(setting)) continue;
      const whose = this.protocols.map(protocolName).join(' and ');
      throw new Problem(
        `${label}: none of ${whose} has a setting ${show(setting)}${didYouMean(setting, names)}; there is ${[...new Set(names)].join(', ')}`,
      );
    }
    return this.protocols.map((protocol, index) => {
      const definition = definitions[index];
      const own = this.protocolSet.filter(({ path }) => Object.hasOwn(definition.settings ?? {}, path[1]));
      return this.make(protocol, definition, own);
    });
  }

  /** A protocol without `converge` can only be joined, and then the scenario says so. */
  private startOf(name: string, definition: SettingsOwner): Scenario['phases']['start'] {
    const { start } = this.settings.phases;
    if (start === 'join' || definition.converge !== undefined) return start;
    const note = `protocol ${name} has no converge, so its peers start by joining (phases.start: join)`;
    if (!this.notes.includes(note)) this.notes.push(note);
    return 'join';
  }

  /** An event or a churn that would begin after the end is a mistake, and would otherwise pass for a calm run. */
  private refuseWhatNeverHappens(label: string): void {
    const { phases, population, peers } = this.settings;
    const { arrivals, massFailures, churnFromMs } = population;
    const { endMs } = phaseTimes({ peers, population, phases: inMs(phases) });
    const late = massFailures.find(({ atMs }) => atMs >= endMs);
    const refuse = (key: string, ms: number) => {
      const end = formatDuration(Math.round(endMs));
      throw new Problem(
        `${this.source.where(['population', key])}: expected a time before the end of the run at ${end}, got ${formatDuration(ms)}`,
      );
    };
    if (late) refuse('events', late.atMs);
    if (churnFromMs >= endMs) refuse('churnFrom', churnFromMs);
    if (arrivals.kind === 'flash-crowd' && arrivals.atMs >= endMs) refuse('arrivals', arrivals.atMs);
    if (arrivals.kind === 'trace') {
      const { late, firstMs } = tooLate(arrivals.trace, endMs);
      const { length } = arrivals.trace.atMs;
      if (late === length) refuse('trace', firstMs);
      if (late > 0) this.notes.push(`population.trace: ${late} of its ${length} changes come after the end of the run`);
    }
    if (!Number.isFinite(endMs)) throw new Problem(`${label}: expected a run that ends`);
    this.refuseUnasked();
  }

  /** Queries are asked in `measure` only. */
  private refuseUnasked(): void {
    const trace = this.settings.workload.locate?.trace;
    if (!trace) return;
    const { peers, population, phases } = this.settings;
    const { measureMs, drainMs } = phaseTimes({ peers, population, phases: inMs(phases) });
    const outside = outsideOf(trace, measureMs, drainMs);
    if (outside === 0) return;
    const measure = `measure, which is from ${formatDuration(measureMs)} to ${formatDuration(drainMs)} of the run`;
    if (outside === trace.atMs.length) {
      throw new Problem(`${this.source.where(['workload', 'locate', 'trace'])}: expected queries within ${measure}, got none`);
    }
    this.notes.push(
      `workload.locate.trace: ${outside} of its ${trace.atMs.length} queries are not asked, because they come outside of ${measure}`,
    );
  }

  private noteReplicas(): void {
    const { locate } = this.settings.workload;
    if (locate === null || locate.files === 0) return;
    const sharing = Math.max(1, this.settings.peers - Math.round(locate.freeRiders * this.settings.peers));
    if (locate.replicas > sharing) {
      this.notes.push(
        `workload.locate.replicas: only ${sharing} of ${this.settings.peers} peers share files, so no file has ${locate.replicas} replicas`,
      );
    }
  }
}

function inMs({ start, warmUp, measure, drain }: ScenarioSettings['phases']): Phases {
  return { start, warmUpMs: warmUp, measureMs: measure, drainMs: drain };
}
