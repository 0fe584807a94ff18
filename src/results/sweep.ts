/**
 * A sweep in memory and on disk: what was varied, the points of the grid, and at each point its repetitions. `sweep.json` holds all of it,
 * so a report needs to open the runs' own folders only for curves. `sweep.csv` and `runs.csv` are the same as tables, for other tools.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_FIGURES } from '../metrics/key-figures.js';
import { type Estimate, estimate } from '../metrics/statistics.js';
import type { ProblemKind } from '../problem.js';
import type { Cell } from './csv.js';
import { readJson } from './json-file.js';

/** Raised when a field is renamed, removed or redefined. */
export const SWEEP_SCHEMA = 1;
export const SWEEP_FILE = 'sweep.json';

/** A value that was varied: as it was said, and as a number in the axis's unit; null when it is a word (`never`, `chord`). */
export interface AxisValue {
  readonly text: string;
  readonly number: number | null;
}

/** One setting that was varied. */
export interface Axis {
  /** As in --set: `peers`, `protocol`, `population.session.mean`, `protocol.ttl`. */
  readonly path: string;
  /** Of the numbers; null for plain numbers and words. */
  readonly unit: 'ms' | 'bytes' | 'bits/s' | 'share' | null;
  readonly values: readonly AxisValue[];
}

/** One run of a point. */
export interface SweepRun {
  /** From 1; the first has the scenario's own seed. */
  readonly repetition: number;
  readonly seed: number;
  /** Hash of the resolved scenario and the version: runs of one key are the same run. */
  readonly key: string;
  /** `pending`: not run yet, because the sweep was stopped. */
  readonly status: 'completed' | 'failed' | 'pending';
  /** What kind of failure, and why in a sentence; null unless it failed. */
  readonly failure: ProblemKind | null;
  readonly reason: string | null;
  /** Its result folder, relative to the sweep's, with slashes; null when there is none. */
  readonly folder: string | null;
  /** By name of KEY_FIGURES; empty unless it completed. */
  readonly figures: Readonly<Record<string, number | null>>;
  readonly thresholdsMissed: number;
  readonly digest: string | null;
  readonly wallMs: number | null;
}

/** One point of the grid. */
export interface SweepPoint {
  /** Index into each axis's values. */
  readonly at: readonly number[];
  readonly protocol: string;
  readonly peers: number;
  readonly runs: readonly SweepRun[];
}

/** A sweep, done or under way: what `sweep.json` holds. */
export interface Sweep {
  readonly schema: typeof SWEEP_SCHEMA;
  readonly version: string;
  readonly scenario: string;
  /** What repeats it, or finishes it. */
  readonly command: string;
  /** Repetitions of each point. */
  readonly repeat: number;
  readonly axes: readonly Axis[];
  /** In the order of the grid: the last axis changes fastest. */
  readonly points: readonly SweepPoint[];
}

/** What the completed runs of a point say about a figure; null when none measured it. */
export function estimateOf(point: SweepPoint, figure: string): Estimate | null {
  return estimate(point.runs.map(({ figures }) => figures[figure] ?? null));
}

/** Figures that the same scenario gives again: those a sweep is judged by. */
const FIGURES = KEY_FIGURES.filter(({ repeatable }) => repeatable).map(({ name }) => name);

/** The columns of sweep.csv: what was varied, how many runs, and each figure's mean with the half width of its 95 % interval. */
export function sweepColumns({ axes }: Pick<Sweep, 'axes'>): string[] {
  return [...axes.map(({ path }) => path), 'completed', 'failed', ...FIGURES.flatMap((name) => [name, `${name}Ci95`])];
}

/** A row per point; numbers are in base units, words stand as they were said. */
export function* sweepRows({ axes, points }: Sweep): Generator<Cell[]> {
  for (const point of points) {
    const count = (status: SweepRun['status']) => point.runs.filter((run) => run.status === status).length;
    yield [
      ...varied(axes, point),
      count('completed'),
      count('failed'),
      ...FIGURES.flatMap((name) => {
        const figure = estimateOf(point, name);
        return [figure?.mean ?? null, figure?.ci95 ?? null];
      }),
    ];
  }
}

const RUN_FIGURES = KEY_FIGURES.map(({ name }) => name);

/** The columns of runs.csv. */
export function runColumns({ axes }: Pick<Sweep, 'axes'>): string[] {
  return [...axes.map(({ path }) => path), 'repetition', 'seed', 'status', 'reason', ...RUN_FIGURES, 'wallMs', 'digest', 'folder'];
}

/** A row per run. */
export function* runRows({ axes, points }: Sweep): Generator<Cell[]> {
  for (const point of points) {
    for (const { repetition, seed, status, reason, figures, wallMs, digest, folder } of point.runs) {
      const measured = RUN_FIGURES.map((name) => figures[name] ?? null);
      yield [...varied(axes, point), repetition, seed, status, reason, ...measured, wallMs, digest, folder];
    }
  }
}

function varied(axes: readonly Axis[], { at }: SweepPoint): Cell[] {
  return axes.map(({ values }, axis) => values[at[axis]].number ?? values[at[axis]].text);
}

/** Whether a folder is one of a sweep. */
export function isSweep(folder: string): boolean {
  return existsSync(join(folder, SWEEP_FILE));
}

/** @throws Problem when there is no sweep, or it is not one this version reads */
export function readSweep(folder: string): Sweep {
  return readJson(folder, { file: SWEEP_FILE, schema: SWEEP_SCHEMA, holds: 'a sweep', folder: "a sweep's folder" });
}
