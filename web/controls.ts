/** How far the run is, and the hands on it: pause, step, speed, watch again. The keyboard does what the buttons do. */

import type { Ask, Frame, Status, Whole } from '../src/live/feed.js';
import { duration } from '../src/report/format.js';
import { ask } from './line.js';
import { element, make, type Part, write } from './part.js';

/** Virtual time per wall time, by the slider's place; the last one is as fast as possible. */
const PACES: readonly (number | null)[] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 100, null];
/** Speed is measured over so much wall time. */
const SPEED_OVER_MS = 1_500;

export class Controls implements Part {
  private readonly pause = element<HTMLButtonElement>('pause');
  private readonly step = element<HTMLButtonElement>('step');
  private readonly stepBy = element<HTMLSelectElement>('step-by');
  private readonly pace = element<HTMLInputElement>('pace');
  private readonly replay = element<HTMLButtonElement>('replay');
  private current: Status | null = null;
  private totalMs = 1;
  private passed: { readonly at: number; readonly virtualMs: number }[] = [];

  constructor() {
    this.pace.max = String(PACES.length - 1);
    this.pause.addEventListener('click', () => this.toggle());
    this.step.addEventListener('click', () => this.ask({ do: 'step', byMs: Number(this.stepBy.value) }));
    this.pace.addEventListener('input', () => this.showPace(PACES[Number(this.pace.value)]));
    this.pace.addEventListener('change', () => this.ask({ do: 'pace', pace: PACES[Number(this.pace.value)] }));
    this.replay.addEventListener('click', () => this.ask({ do: 'replay' }));
    document.addEventListener('keydown', (event) => this.onKey(event));
  }

  whole({ run, status }: Whole): void {
    this.totalMs = run.totalMs;
    this.passed = [];
    element('phases').replaceChildren(
      ...run.phases.map(({ name, fromMs, toMs }) => {
        // A phase that is too short for its name goes without.
        const part = make('span', toMs - fromMs > 0.09 * run.totalMs ? name : '');
        part.style.flex = `${Math.max(0, toMs - fromMs)} 0 0`;
        return part;
      }),
    );
    this.status(status);
  }

  frame({ status }: Frame): void {
    this.status(status);
  }

  status(status: Status): void {
    const { state, virtualMs, phase, canReplay, pace } = status;
    this.current = status;
    element<HTMLProgressElement>('progress').value = Math.min(1, virtualMs / this.totalMs);
    write(element('time'), timeOf(virtualMs));
    write(element('phase'), `of ${duration(this.totalMs)}, ${phase}`);
    write(element('speed'), this.speed(status));
    const chip = element('state');
    chip.className = `chip ${state}`;
    write(chip, status.isReplay && state !== 'ended' ? `replay, ${state}` : STATES[state]);
    write(this.pause, state === 'running' ? 'Pause' : 'Go on');
    const canMove = state === 'running' || state === 'paused';
    this.pause.disabled = !canMove;
    this.step.disabled = !canMove;
    this.pace.disabled = state === 'ended' && !canReplay;
    this.replay.hidden = !canReplay;
    if (document.activeElement !== this.pace) {
      const at = PACES.indexOf(pace);
      if (at >= 0) this.pace.value = String(at);
      this.showPace(pace);
    }
  }

  private showPace(pace: number | null): void {
    const says = pace === null ? 'as fast as possible' : `${pace}x real time`;
    write(element('pace-says'), says);
    this.pace.setAttribute('aria-valuetext', says);
  }

  /** Measured, not asked for. */
  private speed({ state, virtualMs }: Status): string {
    const now = performance.now();
    if (state !== 'running' || (this.passed.at(-1)?.virtualMs ?? 0) > virtualMs) this.passed = [];
    this.passed.push({ at: now, virtualMs });
    while (this.passed.length > 2 && this.passed[1].at < now - SPEED_OVER_MS) this.passed.shift();
    const { at, virtualMs: fromMs } = this.passed[0];
    if (state !== 'running' || now - at < SPEED_OVER_MS / 2) return '';
    const times = (virtualMs - fromMs) / (now - at);
    return `${times >= 10 ? Math.round(times) : Number(times.toPrecision(2))} times real time`;
  }

  private toggle(): void {
    if (this.current?.state === 'running') this.ask({ do: 'pause' });
    else if (this.current?.state === 'paused') this.ask({ do: 'resume' });
  }

  private async ask(what: Ask): Promise<void> {
    const refused = element('refused');
    let says = '';
    try {
      await ask(what);
    } catch (error) {
      says = (error as Error).message;
    }
    refused.hidden = says === '';
    write(refused, says);
  }

  private onKey(event: KeyboardEvent): void {
    const { target, key, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey || !(target instanceof HTMLElement)) return;
    const isText = target.matches('input:not([type="range"], [type="checkbox"]), select, textarea');
    // A button or box under the hands does what it is for.
    if (isText || (key === ' ' && target.matches('button, a, input[type="checkbox"]') && target !== this.pause)) return;
    if (key === ' ') {
      // The button itself is pressed by the space bar when it has the focus.
      if (target === this.pause) return;
      this.toggle();
    } else if (key === '.') this.ask({ do: 'step', byMs: Number(this.stepBy.value) });
    else if (key === '[' || key === ']') {
      this.pace.value = String(Number(this.pace.value) + (key === ']' ? 1 : -1));
      this.showPace(PACES[Number(this.pace.value)]);
      this.ask({ do: 'pace', pace: PACES[Number(this.pace.value)] });
    } else return;
    event.preventDefault();
  }
}

const STATES: Readonly<Record<Status['state'], string>> = {
  idle: 'finished run',
  waiting: 'about to begin',
  running: 'running',
  paused: 'paused',
  ended: 'ended',
};

/** To the ms: in slow motion that is what changes. */
function timeOf(ms: number): string {
  return ms < 1000
    ? `${ms.toFixed(0)} ms`
    : ms < 120_000
      ? `${(ms / 1000).toFixed(3)} s`
      : `${Math.floor(ms / 60_000)} min ${((ms % 60_000) / 1000).toFixed(1)} s`;
}
