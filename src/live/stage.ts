/**
 * What stands on the page now: it takes in every frame, passes on what of it is new, and knows all that a newcomer must be told. Nothing of
 * it grows with the length of the run.
 */

import type { Drops, FaultLine, Frame, RunCard, Sample, Scene, Status, Whole } from './feed.js';
import type { Recorded } from './folder.js';
import { Thinned } from './thin.js';

export class Stage {
  readonly run: RunCard;
  status: Status;
  private readonly samples: Thinned<Sample>;
  private faults: readonly FaultLine[] = [];
  private faultsText = '[]';
  private drops: Drops = {};
  private scene: Scene | null = null;
  /** Each part of the scene as text, to see what has changed. */
  private sceneTexts: Partial<Record<keyof Scene, string>> = {};

  constructor(run: RunCard, status: Status, recorded?: Recorded) {
    this.run = run;
    this.status = status;
    this.samples = new Thinned(recorded?.samples);
    this.faults = recorded?.faults ?? [];
    this.drops = recorded?.drops ?? {};
  }

  whole(): Whole {
    const { run, status, faults, drops, scene } = this;
    return { run, status, samples: this.samples.samples, faults, drops, scene };
  }

  /** A sample alone: the run goes on, and nobody looks closely. */
  note(sample: Sample): void {
    this.samples.add(sample);
  }

  /** @returns what viewers who have seen all before must be told */
  take(frame: Omit<Frame, 'scene'> & { readonly scene: Scene | null }): Frame {
    this.status = frame.status;
    this.drops = frame.drops;
    this.note(frame.sample);
    const { faults, scene, ...rest } = frame;
    const news: { -readonly [K in keyof Frame]: Frame[K] } = rest;
    if (faults && this.areNew(faults)) news.faults = faults;
    if (scene) {
      const changed = this.changes(scene);
      if (Object.keys(changed).length > 0) news.scene = changed;
      this.scene = scene;
    }
    return news;
  }

  private areNew(faults: readonly FaultLine[]): boolean {
    const text = JSON.stringify(faults);
    if (text === this.faultsText) return false;
    this.faultsText = text;
    this.faults = faults;
    return true;
  }

  private changes(scene: Scene): Partial<Scene> {
    const changed: Partial<Record<keyof Scene, unknown>> = {};
    for (const key of Object.keys(scene) as (keyof Scene)[]) {
      if (scene[key] === this.scene?.[key]) continue;
      const text = JSON.stringify(scene[key]);
      if (text === this.sceneTexts[key]) continue;
      this.sceneTexts[key] = text;
      changed[key] = scene[key];
    }
    return changed as Partial<Scene>;
  }
}
