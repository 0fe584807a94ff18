/**
 * `--ndjson`: what happens, for a program that reads it as it happens. One JSON object a line on standard output, and nothing else; each
 * has a `type` and, but for the last, the number of its run. docs/ndjson.md defines every field.
 */

import type { Experiment } from '../coordinator/experiment.js';
import type { RunProgress } from '../coordinator/run.js';
import { drawChaos } from '../faults/chaos.js';
import type { Fault, FaultOrigin } from '../faults/plan.js';
import type { Phase } from '../metrics/measures.js';
import type { Summary } from '../metrics/summary.js';
import { Pace } from '../report/pace.js';
import { phaseTimes } from '../scenario/phases.js';
import type { Scenario } from '../scenario/scenario.js';
import { version } from '../version.js';
import { EXIT_CODES, type ExitName } from './exit-codes.js';

/** Raised when a field is renamed, removed or redefined, or a type of line is; new ones leave it as it is. */
export const NDJSON_SCHEMA = 1;

/** At least so much wall time between two `progress` lines of a run. */
const PROGRESS_MS = 1_000;

interface Exit {
  readonly exit: ExitName;
  readonly exitCode: number;
}

/** The lines. `run` counts from 0 in the order in which runs begin. */
export type NdjsonLine =
  | {
      readonly type: 'start';
      readonly run: number;
      /** Runs there will be. */
      readonly runs: number;
      readonly schema: typeof NDJSON_SCHEMA;
      readonly version: string;
      readonly scenario: string;
      readonly protocol: string;
      readonly topology: string;
      readonly peers: number;
      readonly servers: number;
      readonly seed: number;
      /** The values of what is varied, by the path of the setting. */
      readonly varied: Readonly<Record<string, string>>;
      readonly clock: Scenario['clock']['kind'];
      readonly shards: number;
      readonly strict: boolean;
      readonly measureFromMs: number;
      readonly measureToMs: number;
      readonly totalMs: number;
    }
  | {
      readonly type: 'progress';
      readonly run: number;
      readonly virtualMs: number;
      readonly totalMs: number;
      readonly wallMs: number;
      /** Wall time left, as the last seconds went; null while nothing tells. */
      readonly leftMs: number | null;
      readonly phase: Phase;
      readonly peersAlive: number;
      readonly messages: number;
      readonly messagesPerSecond: number | null;
      readonly operations: RunProgress['operations'];
    }
  | {
      readonly type: 'fault';
      readonly run: number;
      readonly atMs: number;
      readonly untilMs: number | null;
      readonly says: string;
      readonly origin: FaultOrigin;
    }
  | { readonly type: 'warning'; readonly run: number; readonly says: string }
  | { readonly type: 'summary'; readonly run: number; readonly summary: Summary }
  | ({
      readonly type: 'end';
      readonly run: number;
      readonly status: Summary['status'];
      readonly reason: string | null;
      readonly folder: string | null;
    } & Exit)
  /** The last line of all. */
  | ({ readonly type: 'exit'; readonly folder: string | null } & Exit);

export interface NdjsonStart {
  readonly shards: number;
  readonly strict?: boolean | undefined;
  readonly varied?: Readonly<Record<string, string>>;
}

/** The stream of a command. */
export class NdjsonStream {
  private readonly runs: number;
  private readonly write: (text: string) => void;
  private begun = 0;

  /** @param runs how many the command will do */
  constructor(runs: number, write: (text: string) => void = (text) => process.stdout.write(text)) {
    this.runs = runs;
    this.write = write;
  }

  /** Says that a run begins; several may go on at a time. */
  begin(scenario: Scenario, start: NdjsonStart): NdjsonRun {
    return new NdjsonRun(this.put, scenario, start, this.begun++, this.runs);
  }

  /** The command is over. @param folder of what it wrote about all runs together */
  exit(exit: ExitName, folder: string | null = null): void {
    this.put({ type: 'exit', exit, exitCode: EXIT_CODES[exit].code, folder });
  }

  private readonly put = (line: NdjsonLine): void => this.write(`${JSON.stringify(line)}\n`);
}

/** The lines about one run. */
export class NdjsonRun {
  private readonly put: (line: NdjsonLine) => void;
  private readonly run: number;
  private readonly pace = new Pace();
  /** Those that chance and the scenario planned, in the order in which they begin. */
  private readonly planned: { readonly fault: Fault; readonly origin: FaultOrigin }[];
  /** The scenario's own, which head the list of those that a run goes through. */
  private readonly ownFaults: number;
  private readonly toldInjected = new Set<number>();
  private toldAtMs = -Infinity;

  constructor(put: (line: NdjsonLine) => void, scenario: Scenario, start: NdjsonStart, run: number, runs: number) {
    this.put = put;
    this.run = run;
    const { measureMs, drainMs, endMs } = phaseTimes(scenario);
    const chaos = drawChaos(scenario.chaos, scenario.seed, measureMs, drainMs);
    this.ownFaults = scenario.faults.length;
    this.planned = [
      ...chaos.map((fault) => ({ fault, origin: 'chaos' as const })),
      ...scenario.faults.map((fault) => ({ fault, origin: 'scenario' as const })),
    ].sort((a, b) => a.fault.atMs - b.fault.atMs);
    put({
      type: 'start',
      run,
      runs,
      schema: NDJSON_SCHEMA,
      version: version(),
      scenario: scenario.name,
      protocol: scenario.protocol.name,
      topology: scenario.topology.name,
      peers: scenario.peers,
      servers: scenario.servers,
      seed: scenario.seed,
      varied: start.varied ?? {},
      clock: scenario.clock.kind,
      shards: start.shards,
      strict: start.strict ?? false,
      measureFromMs: measureMs,
      measureToMs: drainMs,
      totalMs: endMs,
    });
  }

  /** To be called after every slice; says something about once a second, and each fault that has begun. */
  readonly progress = (progress: RunProgress): void => {
    const { virtualMs, totalMs, wallMs, phase, peersAlive, messages, operations } = progress;
    this.faultsUntil(virtualMs, progress.faults);
    if (wallMs - this.toldAtMs < PROGRESS_MS) return;
    this.toldAtMs = wallMs;
    this.pace.add({ wallMs, virtualMs, messages });
    const leftMs = this.pace.leftMs(totalMs);
    const { messagesPerSecond } = this.pace;
    const { run } = this;
    this.put({ type: 'progress', run, virtualMs, totalMs, wallMs, leftMs, phase, peersAlive, messages, messagesPerSecond, operations });
  };

  end({ summary, folder }: Experiment, exit: ExitName): void {
    const { run } = this;
    const { status, reason, warnings } = summary;
    for (const says of warnings) this.put({ type: 'warning', run, says });
    this.put({ type: 'summary', run, summary });
    this.put({ type: 'end', run, status, reason, exit, exitCode: EXIT_CODES[exit].code, folder });
  }

  private faultsUntil(virtualMs: number, faults: readonly Fault[]): void {
    while (this.planned.length > 0 && this.planned[0].fault.atMs <= virtualMs) {
      const { fault, origin } = this.planned.shift()!;
      this.fault(fault, origin);
    }
    for (let index = this.ownFaults; index < faults.length; index++) {
      if (faults[index].atMs > virtualMs || this.toldInjected.has(index)) continue;
      this.toldInjected.add(index);
      this.fault(faults[index], 'injected');
    }
  }

  private fault({ atMs, untilMs, says }: Fault, origin: FaultOrigin): void {
    this.put({ type: 'fault', run: this.run, atMs, untilMs, says, origin });
  }
}
