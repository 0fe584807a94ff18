/**
 * A run as it is shown: between what the run tells (frames, its end) and who watches (a hub of viewers), and back from what viewers ask to
 * the run's controls. When nobody watches, nothing is made for anybody but a sample now and then, so that a newcomer has curves to see.
 */

import { z } from 'zod';
import type { RunControl } from '../coordinator/control.js';
import type { WatchFrame, WatchOptions } from '../coordinator/watch.js';
import { Problem } from '../problem.js';
import type { Outcome, RunCard, State, Status } from './feed.js';
import type { Recorded } from './folder.js';
import { eventText, Hub, type Sink } from './hub.js';
import type { Behind } from './server.js';
import { Stage } from './stage.js';
import { sampleOf, Translator } from './translate.js';

/** Peers that are drawn one by one, and messages told per frame: as many as make a picture. */
const DRAWN = 600;
const MESSAGES = 1_500;
/** Least wall time between frames: with somebody there, and with nobody. */
const FRAME_MS = 90;
const UNWATCHED_MS = 1_000;
/** Where every peer is drawn, a replay is slow enough for single messages to be seen, unless somebody wants it otherwise. */
const GENTLE = 0.2;

const ASK = z.discriminatedUnion('do', [
  z.object({ do: z.literal('inject'), says: z.string().max(2_000) }),
  z.object({ do: z.literal('pause') }),
  z.object({ do: z.literal('resume') }),
  z.object({ do: z.literal('step'), byMs: z.number().min(0.001).max(3_600_000) }),
  z.object({ do: z.literal('pace'), pace: z.number().min(1e-4).max(1e6).nullable() }),
  z.object({ do: z.literal('replay') }),
]);

export interface ShowOptions {
  readonly run: RunCard;
  /** Virtual time per wall time; null: as fast as possible. */
  readonly pace: number | null;
  /** A finished run: what is recorded of it, and how it ended. */
  readonly recorded?: { readonly data: Recorded; readonly outcome: Outcome };
  /** The run's report as HTML; null: there is none. */
  readonly report: () => string | Uint8Array | null;
  /** Runs it again, with `watching`; resolves to how that ended. Undefined: it cannot be repeated. */
  readonly again?: (show: Show) => Promise<Outcome>;
}

export class Show implements Behind {
  readonly hub: Hub;
  /** The number of viewers has changed. */
  onViewers: (viewers: number) => void = () => {};
  private readonly options: ShowOptions;
  private stage: Stage;
  private translator: Translator;
  private control: RunControl | null = null;
  private pace: number | null;
  private state: State;
  private isReplay = false;
  private outcome: Outcome | null = null;

  constructor(options: ShowOptions) {
    this.options = options;
    this.pace = options.pace ?? (options.recorded ? this.gentle() : null);
    this.state = options.recorded ? 'idle' : 'waiting';
    this.outcome = options.recorded?.outcome ?? null;
    this.translator = this.newTranslator();
    this.stage = this.newStage(options.recorded?.data);
    this.hub = new Hub({ whole: () => eventText('whole', this.stage.whole()), onViewers: (viewers) => this.onViewers(viewers) });
  }

  watch(sink: Sink): void {
    this.hub.add(sink);
  }

  report(): string | Uint8Array | null {
    return this.options.report();
  }

  /** What a run is started with to be shown. */
  get watching(): { readonly watch: WatchOptions; readonly onReady: (control: RunControl) => void } {
    return {
      watch: {
        peers: DRAWN,
        messages: MESSAGES,
        everyMs: () => (this.hub.size > 0 ? FRAME_MS : UNWATCHED_MS),
        onFrame: (frame) => this.onFrame(frame),
      },
      onReady: (control) => {
        this.control = control;
        this.state = 'running';
        if (this.pace !== null) control.pace(this.pace);
      },
    };
  }

  /** The run is over. Who comes later, when nobody was there to see it, is told what was recorded. */
  end(outcome: Outcome, recorded?: Recorded): void {
    this.control = null;
    this.outcome = outcome;
    this.state = 'ended';
    this.pace ??= this.gentle();
    if (recorded && this.hub.size === 0) this.stage = this.newStage(recorded);
    else this.tellStatus();
  }

  /** Says good-bye to everybody: the process ends. */
  close(): void {
    this.hub.tell('bye', {});
    this.hub.close();
  }

  async ask(asked: unknown): Promise<unknown> {
    const parsed = ASK.safeParse(asked);
    if (!parsed.success) throw new Problem(`this was not understood: ${z.prettifyError(parsed.error)}`);
    const what = parsed.data;
    switch (what.do) {
      case 'inject': {
        const { noFaults } = this.statusAt(this.stage.status);
        if (noFaults !== null) throw new Problem(noFaults);
        return { done: await this.running().inject(what.says) };
      }
      case 'pause':
        await this.running().pause();
        return;
      case 'resume':
        this.running().resume();
        return;
      case 'step':
        await this.running().step(what.byMs);
        return;
      case 'pace':
        this.control?.pace(what.pace);
        this.pace = what.pace;
        this.tellStatus();
        return;
      case 'replay':
        this.replay();
        return;
    }
  }

  private running(): RunControl {
    if (this.control === null) throw new Problem(this.state === 'waiting' ? 'the run has not begun' : 'the run is over');
    return this.control;
  }

  /** Begins the run anew, from its first message. */
  private replay(): void {
    const { again } = this.options;
    if (!this.canReplay() || again === undefined) throw new Problem(this.control ? 'it is running' : 'this run cannot be repeated');
    const before = { outcome: this.outcome, state: this.state };
    this.isReplay = true;
    this.outcome = null;
    this.state = 'waiting';
    this.translator = this.newTranslator();
    this.stage = this.newStage();
    this.hub.tell('whole', this.stage.whole());
    again(this).then(
      (outcome) => this.end(outcome),
      (error: unknown) => {
        const reason = error instanceof Problem ? error.message : String(error);
        this.end({ ...before.outcome!, status: 'failed', reason });
      },
    );
  }

  private canReplay(): boolean {
    return this.options.again !== undefined && (this.state === 'idle' || this.state === 'ended');
  }

  private onFrame(frame: WatchFrame): void {
    this.state = frame.paused ? 'paused' : 'running';
    this.pace = frame.pace;
    const status = this.statusAt(frame);
    if (this.hub.size === 0 && frame.number > 0) {
      this.stage.status = status;
      this.stage.note(sampleOf(frame));
      return;
    }
    this.hub.tell('frame', this.stage.take({ status, ...this.translator.translate(frame) }));
  }

  private tellStatus(): void {
    this.stage.status = this.statusAt(this.stage.status);
    this.hub.tell('status', this.stage.status);
  }

  private statusAt({ virtualMs, phase }: Pick<Status, 'virtualMs' | 'phase'>): Status {
    const { state, isReplay, pace, outcome } = this;
    return { state, isReplay, pace, virtualMs, phase, noFaults: this.noFaults(), canReplay: this.canReplay(), outcome };
  }

  private gentle(): number | null {
    const { peers, servers } = this.options.run;
    return peers + servers <= DRAWN ? GENTLE : null;
  }

  private noFaults(): string | null {
    if (this.state === 'idle' || this.state === 'ended') return 'The run is over: no fault can be injected any more.';
    return this.isReplay ? 'A replay shows what was: no fault can be injected into it.' : null;
  }

  private newTranslator(): Translator {
    const { peers, servers } = this.options.run;
    return new Translator(peers + servers);
  }

  private newStage(recorded?: Recorded): Stage {
    const { run } = this.options;
    const virtualMs = recorded?.samples.at(-1)?.[0] ?? 0;
    const phase = run.phases.findLast(({ fromMs }) => fromMs <= virtualMs)?.name ?? 'measure';
    return new Stage(run, this.statusAt({ virtualMs, phase }), recorded);
  }
}
