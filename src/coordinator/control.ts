/**
 * Control of a run while it goes on, for whoever started it: faults, standing still, single steps, slow motion. It only ever says how
 * far the next slice may go in virtual time. What happens is the same, only later on the wall clock; so the digest is the same too.
 */

import { performance } from 'node:perf_hooks';
import { Problem } from '../problem.js';
import type { Scenario } from '../scenario/scenario.js';
import type { Inject, Injector } from './injector.js';

/** What `onReady` hands over: control of a run while it goes on. The result, but for injected faults, is the same. */
export interface RunControl {
  readonly inject: Inject;
  /** Has the run stand still after the current slice; resolves to the virtual time, in ms, at which it stands. */
  pause(): Promise<number>;
  /** Lets it go on. */
  resume(): void;
  /**
   * Goes on for so much virtual time (default: to the next whole ms at which something has happened), then stands still. Resolves to
   * the virtual time at which it stands.
   */
  step(forMs?: number): Promise<number>;
  /** At most so much virtual time per wall time; null: as fast as it goes. */
  pace(virtualMsPerWallMs: number | null): void;
}

/** How the run goes, for those who look on. */
export interface Gait {
  readonly paused: boolean;
  readonly pace: number | null;
}

interface Waiting {
  readonly resolve: (standsAtMs: number) => void;
  readonly reject: (error: Problem) => void;
}

/** A paced run is shown, and can be stopped, this often, in wall ms. */
const FRAME_MS = 50;

export class Control implements RunControl {
  private readonly injector: Injector;
  private readonly isPacedByWall: boolean;
  private readonly signal: AbortSignal | undefined;
  private isPaused = false;
  private isOver = false;
  /** Where a step ends; null: as far as the event that is next. */
  private stepToMs: number | null = null;
  private stepForMs: number | undefined;
  private isStepping = false;
  private virtualMsPerWallMs: number | null = null;
  /** Where a paced run was when its pace began to count: virtual and wall time. */
  private anchor: { readonly virtualMs: number; readonly wallMs: number } | null = null;
  private waiting: Waiting[] = [];
  private wake: () => void = () => {};
  /** A sentence waits to be taken. */
  private isSaid = false;
  /** Wall time that the run has stood still, or waited for its pace. */
  idleMs = 0;

  constructor(scenario: Scenario, injector: Injector, signal: AbortSignal | undefined) {
    this.injector = injector;
    this.isPacedByWall = scenario.clock.kind === 'wall';
    this.signal = signal;
  }

  get gait(): Gait {
    return { paused: this.isPaused && !this.isStepping, pace: this.virtualMsPerWallMs };
  }

  readonly inject: Inject = (sentence) => {
    const said = this.injector.inject(sentence);
    this.isSaid = true;
    this.wake();
    return said;
  };

  readonly pause = (): Promise<number> => {
    const refused = this.refusal('paused');
    if (refused) return Promise.reject(refused);
    this.isPaused = true;
    this.isStepping = false;
    return this.stands();
  };

  readonly resume = (): void => {
    this.isPaused = false;
    this.isStepping = false;
    this.anchor = null;
    this.wake();
  };

  readonly step = (forMs?: number): Promise<number> => {
    const refused = this.refusal('stepped');
    if (refused) return Promise.reject(refused);
    if (forMs !== undefined && !(forMs > 0 && forMs < Infinity))
      return Promise.reject(new Problem(`a step of ${forMs} ms: expected more than 0`, 'usage'));
    this.isPaused = true;
    this.isStepping = true;
    this.stepForMs = forMs;
    this.stepToMs = null;
    return this.stands();
  };

  readonly pace = (virtualMsPerWallMs: number | null): void => {
    const refused = virtualMsPerWallMs === null ? null : this.refusal('paced otherwise');
    if (refused) throw refused;
    if (virtualMsPerWallMs !== null && !(virtualMsPerWallMs > 0 && virtualMsPerWallMs < Infinity))
      throw new Problem(`a pace of ${virtualMsPerWallMs} virtual ms per wall ms: expected more than 0, or null`, 'usage');
    this.virtualMsPerWallMs = virtualMsPerWallMs;
    this.anchor = null;
    this.wake();
  };

  /**
   * Until when, in virtual ms, the next slice may go; null: not at all yet, for something was said to the run, or it is to be stopped.
   * @param reachedMs the run has come to this time: nothing at or after it has been handled
   * @param nextMs nothing is to happen before
   * @param onStand called whenever the run stands still, before anybody is told
   */
  async next(reachedMs: number, nextMs: number, onStand: () => Promise<void>): Promise<number | null> {
    if (this.isStepping) {
      this.stepToMs ??= this.stepForMs === undefined ? Math.floor(nextMs) + 1 : reachedMs + this.stepForMs;
      if (reachedMs < this.stepToMs) return this.stepToMs;
      this.isStepping = false;
    }
    if (this.isPaused) {
      await onStand();
      if (!this.gait.paused) return null;
      for (const { resolve } of this.waiting.splice(0)) resolve(reachedMs);
      await this.idle(null);
      return null;
    }
    if (this.virtualMsPerWallMs === null) return Number.POSITIVE_INFINITY;
    const now = performance.now();
    // Who cannot keep the pace does not run after it.
    const fresh = { virtualMs: reachedMs, wallMs: now };
    this.anchor ??= fresh;
    const dueMs = this.anchor.wallMs + (reachedMs - this.anchor.virtualMs) / this.virtualMsPerWallMs;
    if (dueMs < now - FRAME_MS) this.anchor = fresh;
    if (dueMs > now) {
      await this.idle(dueMs - now);
      return null;
    }
    return reachedMs + this.virtualMsPerWallMs * FRAME_MS;
  }

  /** The run is over: nobody waits for it any more. */
  close(): void {
    this.isOver = true;
    for (const { reject } of this.waiting.splice(0)) reject(new Problem('the run is over'));
  }

  private stands(): Promise<number> {
    this.wake();
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
    });
  }

  private refusal(done: string): Problem | null {
    if (this.isOver) return new Problem('the run is over');
    if (!this.isPacedByWall) return null;
    return new Problem(`a run by the wall clock cannot be ${done}: its time does not stop (clock: virtual can)`, 'usage');
  }

  /** Waits until something is said or the run is to be stopped, at most so long. */
  private async idle(mostMs: number | null): Promise<void> {
    const said = this.isSaid;
    this.isSaid = false;
    if (said || this.signal?.aborted) return;
    const from = performance.now();
    await new Promise<void>((resolve) => {
      const timer = mostMs === null ? undefined : setTimeout(() => done(), mostMs);
      const done = () => {
        clearTimeout(timer);
        this.signal?.removeEventListener('abort', done);
        resolve();
      };
      this.wake = done;
      this.signal?.addEventListener('abort', done);
    });
    this.wake = () => {};
    this.isSaid = false;
    this.idleMs += performance.now() - from;
  }
}
