/** The report of what is in a folder: a run, a comparison or a sweep. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../problem.js';
import type { Report } from '../results/add-report.js';
import { COMPARISON_FILE, readComparison } from '../results/comparison.js';
import { readOverview } from '../results/read.js';
import { isSweep, readSweep } from '../results/sweep.js';
import { comparisonReport } from './comparison-report.js';
import { runsReport } from './runs-report.js';
import { sweepReport } from './sweep-report.js';

/** @throws Problem when there is nothing to report in the folder, or what is in it is broken */
export async function reportOf(folder: string): Promise<Report> {
  if (isSweep(folder)) return sweepReport(readSweep(folder), (run) => overviewAt(join(folder, run)));
  if (existsSync(join(folder, COMPARISON_FILE))) {
    const comparison = readComparison(folder);
    const runs = comparison.runs.map(({ protocol, folder: own }) => {
      if (own === null) throw new Problem(`${folder}: expected the results of ${protocol}, but that comparison did not keep them`);
      if (!existsSync(join(folder, own))) {
        throw new Problem(
          `${join(folder, own)}: expected the results of ${protocol} there, got no such folder: it belongs beside ${folder}`,
        );
      }
      return readOverview(join(folder, own));
    });
    return comparisonReport(comparison, runs);
  }
  if (!existsSync(join(folder, 'summary.json'))) {
    const got = existsSync(folder) ? 'one with neither summary.json nor comparison.json nor sweep.json' : 'no such folder';
    throw new Problem(`${folder}: expected the folder of a run, a comparison or a sweep, got ${got}`);
  }
  const run = readOverview(folder);
  // Wherever the folder is moved, the report says the same.
  return runsReport([run], `npx peerage run scenario.yaml${run.summary.strict ? ' --strict' : ''}`);
}

/** Null when the folder is gone: a sweep's figures are in the sweep itself, only curves are missing then. */
function overviewAt(folder: string) {
  return existsSync(join(folder, 'summary.json')) ? readOverview(folder) : null;
}
