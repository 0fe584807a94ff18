import type { Comparison } from '../results/comparison.js';
import type { Overview } from '../results/read.js';
import type { Report } from './report.js';
import { runsReport } from './runs-report.js';

export async function comparisonReport(comparison: Comparison, runs: readonly Overview[]): Promise<Report> {
  return runsReport(runs, comparison.command);
}
