import type { Overview } from '../results/read.js';
import type { Sweep } from '../results/sweep.js';
import { makeReport, type Report } from './report.js';

export async function sweepReport(sweep: Sweep, _at: (folder: string) => Overview | null): Promise<Report> {
  return makeReport(
    { title: sweep.scenario, about: '', facts: [], notices: [], sentences: [], command: sweep.command, files: [], version: sweep.version },
    [],
  );
}
