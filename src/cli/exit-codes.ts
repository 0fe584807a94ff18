/** The exit codes of `peerage`, in one place; `peerage --help` prints this table. 99 follows k6: a threshold was not met. */

import type { ProblemKind } from '../problem.js';

export const EXIT_CODES = {
  ok: { code: 0, about: 'the run completed and every threshold was met' },
  internal: { code: 1, about: 'a bug in Peerage: please report the message' },
  usage: { code: 2, about: 'the command line was not understood' },
  'invalid-input': { code: 3, about: 'a scenario, topology, matrix or protocol file is missing or wrong' },
  'does-not-fit': { code: 4, about: 'the run would not fit in memory, or outgrew it' },
  'protocol-failed': { code: 5, about: 'the protocol threw, stalled, or sent something impossible' },
  'worker-died': { code: 6, about: 'a worker thread ended before its time' },
  'digests-differ': { code: 7, about: '`check` found two runs of one seed that differ' },
  'runs-differ': { code: 8, about: '`compare-runs` found a figure that got worse (or, with --fail-on any, changed)' },
  'thresholds-missed': { code: 99, about: 'the run completed, and a threshold was not met' },
  interrupted: { code: 130, about: 'stopped by Ctrl-C; what was measured is kept' },
} as const satisfies Record<
  ProblemKind | 'ok' | 'internal' | 'runs-differ' | 'thresholds-missed' | 'interrupted',
  { code: number; about: string }
>;

export type ExitName = keyof typeof EXIT_CODES;
