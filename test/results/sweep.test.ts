import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { KEY_FIGURES } from '../../src/metrics/key-figures.js';
import {
  estimateOf,
  isSweep,
  readSweep,
  runColumns,
  runRows,
  type Sweep,
  type SweepRun,
  sweepColumns,
  sweepRows,
} from '../../src/results/sweep.js';
import { isProblem } from '../helpers/is-problem.js';

const run = (repetition: number, success: number | null): SweepRun => ({
  repetition,
  seed: repetition,
  key: `key-${repetition}`,
  status: success === null ? 'failed' : 'completed',
  failure: success === null ? 'protocol-failed' : null,
  reason: success === null ? 'it threw, "badly"' : null,
  folder: null,
  figures: success === null ? {} : { success, latencyP50Ms: null },
  thresholdsMissed: 0,
  digest: null,
  wallMs: 100,
});

const SWEEP: Sweep = {
  schema: 1,
  version: '0.0.0',
  scenario: 'lookup',
  command: 'npx peerage sweep lookup',
  repeat: 3,
  axes: [
    { path: 'protocol', unit: null, values: [{ text: 'chord', number: null }] },
    {
      path: 'population.session.mean',
      unit: 'ms',
      values: [
        { text: '10m', number: 600_000 },
        { text: 'never', number: null },
      ],
    },
  ],
  points: [
    { at: [0, 0], protocol: 'chord', peers: 100, runs: [run(1, 0.5), run(2, 0.7), run(3, null)] },
    { at: [0, 1], protocol: 'chord', peers: 100, runs: [run(1, 1)] },
  ],
};

const rowsOf = (columns: string[], rows: Iterable<readonly unknown[]>) =>
  [...rows].map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at]])));

test('a row per point: what was varied in base units, and means with intervals over the runs that completed', (t) => {
  const [some, one] = rowsOf(sweepColumns(SWEEP), sweepRows(SWEEP));
  t.like(some, { protocol: 'chord', 'population.session.mean': 600_000, completed: 2, failed: 1, latencyP50Ms: null });
  t.is((some.success as number).toFixed(9), '0.600000000');
  // Half the width for two values: 12.706 x 0.1414 / sqrt(2).
  t.is((some.successCi95 as number).toFixed(3), '1.271');
  t.like(one, { 'population.session.mean': 'never', completed: 1, failed: 0, success: 1, successCi95: null });
  t.is(estimateOf(SWEEP.points[0], 'success')!.count, 2);
  t.is(estimateOf(SWEEP.points[0], 'recall'), null);
});

test('memory, which no run gives twice, is in the row of a run and not in that of a point', (t) => {
  const effort = KEY_FIGURES.filter(({ repeatable }) => !repeatable).map(({ name }) => name);
  t.true(effort.includes('memoryBytesPerPeer'));
  for (const name of [...effort, 'wallMs']) {
    t.false(sweepColumns(SWEEP).includes(name));
    t.true(runColumns(SWEEP).includes(name));
  }
});

test('a row per run, the failed ones with their reason', (t) => {
  const rows = rowsOf(runColumns(SWEEP), runRows(SWEEP));
  t.is(rows.length, 4);
  t.like(rows[2], { repetition: 3, status: 'failed', reason: 'it threw, "badly"', success: null });
  t.like(rows[0], { repetition: 1, seed: 1, status: 'completed', success: 0.5, wallMs: 100 });
});

test('what is no sweep, or not one of this version, gets a sentence', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-sweep-'));
  t.false(isSweep(folder));
  isProblem(t, () => readSweep(folder), /expected a sweep's folder, got one without sweep.json/);
  isProblem(t, () => readSweep(join(folder, 'none')), /got no such folder/);
  writeFileSync(join(folder, 'sweep.json'), '{');
  isProblem(t, () => readSweep(folder), /sweep.json: expected JSON/);
  writeFileSync(join(folder, 'sweep.json'), '{"schema": 99}');
  isProblem(t, () => readSweep(folder), /expected a sweep with schema 1, got schema 99/);
  writeFileSync(join(folder, 'sweep.json'), JSON.stringify(SWEEP));
  t.true(isSweep(folder));
  t.deepEqual(readSweep(folder), SWEEP);
});
