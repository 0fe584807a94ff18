/**
 * `--live` and `peerage view`: a run on a page of this machine's browser. The page is served for as long as somebody may want it: at a
 * terminal until Ctrl-C, otherwise until nobody watches any more, so that no script waits for ever.
 */

import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type Experiment, runExperiment } from '../coordinator/experiment.js';
import { cardOf } from '../live/card.js';
import type { Outcome } from '../live/feed.js';
import { recordedIn } from '../live/folder.js';
import { outcomeOf } from '../live/outcome.js';
import { type LiveServer, serve } from '../live/server.js';
import { Show } from '../live/show.js';
import { isRepeatable } from '../metrics/clock-summary.js';
import { Problem } from '../problem.js';
import { readResults } from '../results/read.js';
import type { Scenario } from '../scenario/scenario.js';
import { load, repeatCommand, resolveOne, wholeNumber } from './options.js';

export interface LiveOptions {
  readonly live?: boolean;
  readonly port?: number;
  readonly pace?: number;
}

/** A viewer who reloads the page, or loses the line, is not gone: so long, in wall ms, may nobody be there. */
const GRACE_MS = 2_000;
/** A finished run that is shown without a terminal waits so long for its first viewer. */
const FIRST_VIEWER_MS = 60_000;

const aPace = (given: string) => {
  const value = Number(given.replace(/x$/, ''));
  if (given.trim() === '' || !(value >= 1e-4 && value <= 1e6)) {
    throw new InvalidArgumentError(`expected virtual time per real time, as in 0.1 for slow motion, got "${given}"`);
  }
  return value;
};

export function addPageOptions(command: Command): Command {
  return command
    .option('--port <n>', "the page's port (default: any that is free)", wholeNumber(1, 65_535))
    .option('--pace <x>', 'virtual time per real time, e.g. 0.1: slow motion (default: as fast as possible)', aPace);
}

export function addLiveOptions(command: Command): Command {
  return addPageOptions(command.option('--live', 'show the run on a page in the browser, and take faults from there'));
}

/** @throws Problem for options that mean nothing without `--live` */
export function mustBeLive({ live, port, pace }: LiveOptions): void {
  if (!live && (port !== undefined || pace !== undefined)) {
    throw new Problem(`--${port === undefined ? 'pace' : 'port'} is about the page: it needs --live`, 'usage');
  }
}

/** A run that is shown. */
export interface Live {
  /** What it is started with. */
  readonly watching: Show['watching'];
  /** It has ended. */
  end(experiment: Experiment): void;
  /** Until nobody needs the page any more. */
  stay(): Promise<void>;
}

/** Opens the page of a run that is about to begin. At a terminal, a run with a pace waits for somebody to look: that is what a pace is for. */
export async function goLive(
  scenario: Scenario,
  options: LiveOptions & { readonly shards: number; readonly strict?: boolean },
  signal: AbortSignal,
): Promise<Live> {
  const house = new House(options, signal);
  const run = cardOf(scenario);
  const show = new Show({
    run,
    pace: options.pace ?? null,
    report: () => house.report(),
    ...(isRepeatable(scenario) ? { again: (each) => house.again(each) } : {}),
  });
  await house.open(show);
  if (options.pace !== undefined && process.stdout.isTTY) {
    process.stderr.write('begins when the page is opened (Ctrl-C ends)\n');
    await house.someone();
  }
  return {
    watching: show.watching,
    end: ({ summary, measures, folder }) => show.end(house.keep(summary, folder), recordedIn({ ...measures, summary })),
    stay: () => house.stay(0),
  };
}

/** Shows a finished run from its folder, and again from its beginning when a viewer asks. */
export async function showFolder(folder: string, options: LiveOptions & { readonly shards?: number }): Promise<void> {
  const results = readResults(folder);
  const scenario = await scenarioIn(folder);
  const house = new House({ ...options, shards: options.shards ?? Math.min(availableParallelism(), scenario.peers) });
  const outcome = house.keep(results.summary, folder);
  const show = new Show({
    run: cardOf(scenario, folder),
    pace: options.pace ?? null,
    recorded: { data: recordedIn(results), outcome },
    report: () => house.report(),
    ...(results.summary.repeatable ? { again: (each) => house.again(each) } : {}),
  });
  await house.open(show);
  await house.stay(FIRST_VIEWER_MS);
}

async function scenarioIn(folder: string): Promise<Scenario> {
  return resolveOne(load(join(folder, 'scenario.yaml'), { set: [] }));
}

/** The server with the run's folder, once there is one. */
class House {
  private readonly options: LiveOptions & { readonly shards: number; readonly strict?: boolean };
  private readonly stop = new AbortController();
  private folder: string | null = null;
  private recordedDigest: string | null = null;
  private server: LiveServer | null = null;
  private show: Show | null = null;
  private heard: () => void = () => {};

  constructor(options: LiveOptions & { readonly shards: number; readonly strict?: boolean }, signal?: AbortSignal) {
    this.options = options;
    signal?.addEventListener('abort', () => this.heard(), { once: true });
  }

  async open(show: Show): Promise<void> {
    this.show = show;
    show.onViewers = () => this.heard();
    this.server = await serve(show, this.options.port);
    process.stderr.write(`live  ${this.server.url}\n`);
  }

  /** Until the first viewer comes, or something is to end. */
  async someone(): Promise<void> {
    if (this.show!.hub.size === 0) await this.change();
  }

  keep(summary: Experiment['summary'], folder: string | null): Outcome {
    this.folder = folder;
    this.recordedDigest = summary.status === 'completed' ? summary.digest : null;
    return this.outcome(summary, null);
  }

  report(): Buffer | null {
    const path = this.folder === null ? null : join(this.folder, 'report.html');
    return path !== null && existsSync(path) ? readFileSync(path) : null;
  }

  /** Runs what is in the folder once more. Nothing is written: it is there already. */
  async again(show: Show): Promise<Outcome> {
    if (this.folder === null) throw new Problem('this run left no folder to be repeated from');
    const scenario = await scenarioIn(this.folder);
    const { shards, strict = false } = this.options;
    const { summary } = await runExperiment(scenario, { shards, strict, outDir: null, signal: this.stop.signal, ...show.watching });
    return this.outcome(summary, this.recordedDigest);
  }

  /**
   * Serves on. At a terminal until Ctrl-C, and says so; otherwise until nobody watches.
   * @param firstMs so long may the first viewer take
   */
  async stay(firstMs: number): Promise<void> {
    const isTerminal = process.stdout.isTTY === true;
    let isOver = false;
    const end = () => {
      isOver = true;
      this.heard();
    };
    process.on('SIGINT', end);
    process.on('SIGTERM', end);
    if (isTerminal) process.stderr.write(`the page stays open at ${this.server!.url}: Ctrl-C ends it\n`);
    let graceMs = this.show!.hub.size > 0 ? GRACE_MS : firstMs;
    while (!isOver) {
      if (isTerminal || this.show!.hub.size > 0) {
        await this.change();
        graceMs = GRACE_MS;
      } else if (!(await this.change(graceMs))) break;
    }
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    this.stop.abort();
    this.show!.close();
    await this.server!.close();
  }

  private outcome(summary: Experiment['summary'], recordedDigest: string | null): Outcome {
    const repeat = this.folder === null ? null : repeatCommand(this.folder, this.options.strict);
    return outcomeOf(summary, { folder: this.folder, repeat, hasReport: this.report() !== null, recordedDigest });
  }

  /** Until something is heard (true), or so long (false). */
  private change(mostMs?: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = mostMs === undefined ? undefined : setTimeout(resolve, mostMs, false);
      this.heard = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
