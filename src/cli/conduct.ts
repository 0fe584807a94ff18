/** Runs an experiment for a person at a terminal: progress line, Ctrl-C, and the exit code that its end deserves. */

import type { RunControl } from '../coordinator/control.js';
import { type Experiment, runExperiment } from '../coordinator/experiment.js';
import type { RunOptions, RunProgress } from '../coordinator/run.js';
import { Pace } from '../report/pace.js';
import { progressLine } from '../report/progress.js';
import type { Scenario } from '../scenario/scenario.js';
import { EXIT_CODES, type ExitName } from './exit-codes.js';
import { listen } from './inject.js';
import { type RunningOptions, shardsFor } from './options.js';

/**
 * Ctrl-C, once for all runs of a command: the first press ends the current run cleanly and lets its results be written, the second
 * ends the process.
 */
export function interruption(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT_CODES.interrupted.code);
    controller.abort();
    process.stderr.write('\nstopping; what was measured is being written (again to stop at once)\n');
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

export async function conduct(
  scenario: Scenario,
  options: RunningOptions & { readonly inject?: boolean },
  signal: AbortSignal,
  /** Others who follow it. */
  also: Pick<RunOptions, 'watch' | 'onReady' | 'onProgress'> = {},
): Promise<Experiment> {
  const line = progressWriter(scenario, options);
  let hush = () => {};
  const onReady = (control: RunControl) => {
    also.onReady?.(control);
    if (!options.inject) return;
    hush = listen(control.inject, process.stdin, (answer) => {
      line.clear();
      process.stderr.write(`${answer}\n`);
    });
  };
  try {
    return await runExperiment(scenario, {
      shards: shardsFor(options, scenario.peers),
      strict: options.strict ?? false,
      outDir: options.out,
      signal,
      onProgress: (progress) => {
        line.write(progress);
        also.onProgress?.(progress);
      },
      ...(also.watch ? { watch: also.watch } : {}),
      onReady,
    });
  } finally {
    hush();
    line.clear();
  }
}

/** How a run ended, as an exit code's name. */
export function exitOf({ summary, failure }: Experiment): ExitName {
  if (failure) return failure;
  if (summary.status === 'interrupted') return 'interrupted';
  return summary.thresholds.some(({ met }) => !met) ? 'thresholds-missed' : 'ok';
}

function progressWriter(scenario: Scenario, { quiet }: RunningOptions) {
  if (quiet || !process.stderr.isTTY) return { write: () => {}, clear: () => {} };
  const pace = new Pace();
  let shownAt = 0;
  let width = 0;
  return {
    write: (progress: RunProgress) => {
      if (progress.wallMs - shownAt < 100) return;
      shownAt = progress.wallMs;
      width = Math.max(40, (process.stderr.columns || 80) - 1);
      const { virtualMs, totalMs, wallMs, messages, peersAlive, phase, operations } = progress;
      const shown = scenario.workload.locate ? { operations } : {};
      pace.add({ wallMs, virtualMs, messages });
      const { messagesPerSecond } = pace;
      const leftMs = pace.leftMs(totalMs);
      const protocol = scenario.protocol.name;
      process.stderr.write(
        `\r${progressLine({ protocol, phase, virtualMs, totalMs, messagesPerSecond, leftMs, peersAlive, ...shown }, width)}`,
      );
    },
    clear: () => {
      if (width > 0) process.stderr.write(`\r${' '.repeat(width)}\r`);
    },
  };
}
