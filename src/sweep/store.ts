/**
 * The runs that are done, each in `<outDir>/sweep-runs/<key>/`: a result folder that is there whole or not at all, or, as `<key>-failed/`,
 * why it failed, with the scenario that repeats it. All sweeps below one `outDir` share them, so a sweep that was ended at any moment goes
 * on where it was, and one with a value more runs only what is new.
 */

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figuresOf } from '../metrics/key-figures.js';
import type { Summary } from '../metrics/summary.js';
import { Problem, type ProblemKind } from '../problem.js';
import { writeFolderOnce } from '../results/folder.js';
import { readSummary } from '../results/read.js';

/** What became of a run. */
export type Outcome = Finished | Failed;

export interface Finished {
  readonly status: 'completed';
  readonly figures: Readonly<Record<string, number | null>>;
  readonly thresholdsMissed: number;
  readonly digest: string;
  readonly wallMs: number;
}

export interface Failed {
  readonly status: 'failed';
  readonly failure: ProblemKind;
  readonly reason: string;
}

const FAILURE_FILE = 'failure.json';

export class RunStore {
  /** Where the runs' folders are. */
  readonly folder: string;

  constructor(outDir: string) {
    this.folder = join(outDir, 'sweep-runs');
  }

  folderOf(key: string): string {
    return join(this.folder, key);
  }

  failureFolderOf(key: string): string {
    return join(this.folder, `${key}-failed`);
  }

  /** What is known of a run; null when it has not ended yet. */
  find(key: string): Outcome | null {
    if (existsSync(this.folderOf(key))) {
      try {
        return finished(readSummary(this.folderOf(key)));
      } catch (error) {
        // A machine that lost its power may leave empty files: that run is run again.
        if (!(error instanceof Problem)) throw error;
        rmSync(this.folderOf(key), { recursive: true, force: true });
      }
    }
    return this.findFailure(key);
  }

  /** Remembers a failure, so that it is not met again and again; `scenarioYaml` repeats it. @throws Problem when it cannot be written */
  writeFailure(key: string, failed: Failed, scenarioYaml: string): void {
    writeFolderOnce(this.folder, `${key}-failed`, (partial) => {
      writeFileSync(join(partial, 'scenario.yaml'), scenarioYaml);
      writeFileSync(join(partial, FAILURE_FILE), `${JSON.stringify(failed, null, 2)}\n`);
    });
  }

  /** A failure that is to be tried again. */
  forgetFailure(key: string): void {
    rmSync(this.failureFolderOf(key), { recursive: true, force: true });
  }

  private findFailure(key: string): Failed | null {
    const path = join(this.failureFolderOf(key), FAILURE_FILE);
    if (!existsSync(path)) return null;
    try {
      return JSON.parse(readFileSync(path, 'utf8'));
    } catch {
      this.forgetFailure(key);
      return null;
    }
  }
}

export function finished(summary: Summary): Finished {
  return {
    status: 'completed',
    figures: figuresOf(summary),
    thresholdsMissed: summary.thresholds.filter(({ met }) => !met).length,
    digest: summary.digest,
    wallMs: summary.wallMs,
  };
}
