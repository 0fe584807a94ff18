/**
 * The time that the picture shows. The page hears of a message when it has ended, so to draw it on its way the picture has to be a little
 * behind the run: by about as long as messages take. Between frames it goes on evenly; when the run stands still, so does it.
 */

import type { Status } from '../src/live/feed.js';

/** Above so much virtual time per wall time a message crosses the picture in a few frames: only traces can be shown. */
const FASTEST = 0.6;
/** However slow the run is, the picture is not further behind in wall time. */
const MOST_LAG_WALL_MS = 2_500;
/** Share of the messages whose whole way can be shown. */
const SHARE = 0.95;
/** A step is shown in so much wall time. */
const STEP_WALL_MS = 350;

export class PictureClock {
  shownMs = 0;
  /** Virtual per wall time, smoothed. */
  rate = 0;
  private runMs = 0;
  private heardAt = 0;
  private lagMs = 60;
  private isRunning = false;
  private isOver = false;
  /** Where a picture that stands still is to stand. */
  private standsAtMs = 0;

  /** Whether messages are too fast to be seen one by one. */
  get isFast(): boolean {
    return this.rate > FASTEST;
  }

  /** Begins anew: another run, or a viewer who has just come. */
  reset(status: Status): void {
    this.shownMs = status.virtualMs;
    this.runMs = status.virtualMs;
    this.standsAtMs = status.virtualMs;
    this.rate = 0;
    this.heardAt = performance.now();
    this.take(status);
  }

  take({ state, virtualMs, pace }: Status): void {
    const now = performance.now();
    const wasRunning = this.isRunning;
    this.isRunning = state === 'running';
    this.isOver = state === 'ended' || state === 'idle';
    if (this.isRunning && wasRunning && now > this.heardAt) {
      // What was asked for cannot be exceeded, whatever a bunch of frames looks like.
      const rate = Math.min((virtualMs - this.runMs) / (now - this.heardAt), pace ?? Number.POSITIVE_INFINITY);
      // Frames come in bunches now and then: only the trend counts. A change of pace is followed at once.
      this.rate = rate > 4 * this.rate || rate < this.rate / 4 ? rate : this.rate * 0.8 + rate * 0.2;
    }
    // What moves while it stands still is a step: the picture makes the same one.
    if (!this.isRunning && !wasRunning) this.standsAtMs += Math.max(0, virtualMs - this.runMs);
    if (!this.isRunning && wasRunning) this.standsAtMs = this.shownMs;
    this.runMs = virtualMs;
    this.heardAt = now;
  }

  /** How long messages took, of those just heard of: the picture is to be so far behind. */
  tookMs(durations: number[]): void {
    if (durations.length === 0) return;
    durations.sort((a, b) => a - b);
    const long = durations[Math.min(durations.length - 1, Math.floor(durations.length * SHARE))];
    this.lagMs += (long - this.lagMs) * (long > this.lagMs ? 0.5 : 0.02);
  }

  /** Goes on for so much wall time. */
  tick(wallMs: number): void {
    if (this.isOver) {
      this.shownMs = Math.min(this.runMs, this.shownMs + Math.max(this.rate, 0.05) * wallMs);
    } else if (this.isRunning) {
      const lagMs = Math.min(this.lagMs, this.rate * MOST_LAG_WALL_MS) + this.rate * 100;
      const behindMs = this.runMs + this.rate * (performance.now() - this.heardAt) - lagMs - this.shownMs;
      // Far off is caught up in one leap, a little by going faster or slower.
      if (Math.abs(behindMs) > Math.max(4 * lagMs, 500 * this.rate)) this.shownMs += behindMs;
      else this.shownMs += Math.max(0, this.rate + behindMs / 1_000) * wallMs;
      this.shownMs = Math.max(0, Math.min(this.shownMs, this.runMs));
    } else if (this.shownMs < this.standsAtMs) {
      this.shownMs = Math.min(this.standsAtMs, this.shownMs + Math.max(1, this.standsAtMs - this.shownMs) * (wallMs / STEP_WALL_MS) * 2);
    }
  }
}
