/** `peerage report`: pictures and tables of what is in a folder. `run`, `compare` and `sweep` leave one by themselves. */

import type { Command } from 'commander';
import { reportOf } from '../report/of-folder.js';
import { addReport } from '../results/add-report.js';

export function addReportCommand(program: Command): void {
  program
    .command('report <folder>')
    .description("report.html and charts/*.svg for a run's, a comparison's or a sweep's folder, written into it")
    .action(async (folder: string) => {
      process.stdout.write(`report   ${await writeReport(folder)}\n`);
    });
}

/** Returns where it is. @throws Problem when the folder holds nothing to report, or is broken, or cannot be written to */
export async function writeReport(folder: string): Promise<string> {
  return addReport(folder, await reportOf(folder));
}

/** The report of what was just run, unless nobody wants it. One that cannot be made is said on stderr: the results are what matters. */
export async function leaveReport(folder: string | null, wanted: boolean): Promise<string | null> {
  if (folder === null || !wanted) return null;
  try {
    return await writeReport(folder);
  } catch (error) {
    process.stderr.write(
      `peerage: no report: ${(error as Error).message}; the results are kept, and "peerage report ${folder}" tries again\n`,
    );
    return null;
  }
}
