/** Puts a report into a folder that is already whole: `report.html` and `charts/`, each there whole or not at all, instead of older ones. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../problem.js';
import { REASONS } from './folder.js';

export const REPORT_FILE = 'report.html';
export const CHARTS_FOLDER = 'charts';

/** One page, and its pictures as files of their own. */
export interface Report {
  readonly html: string;
  /** By file name: `latency.svg`. */
  readonly charts: ReadonlyMap<string, string>;
}

/**
 * Returns the path of the HTML file.
 * @throws Problem when it cannot be written; what else is in the folder stays as it is
 */
export function addReport(folder: string, { html, charts }: Report): string {
  const partial = join(folder, `.report-${randomBytes(3).toString('hex')}.partial`);
  const path = join(folder, REPORT_FILE);
  try {
    try {
      mkdirSync(join(partial, CHARTS_FOLDER), { recursive: true });
      for (const [name, svg] of charts) writeFileSync(join(partial, CHARTS_FOLDER, name), svg);
      writeFileSync(join(partial, REPORT_FILE), html);
      rmSync(join(folder, CHARTS_FOLDER), { recursive: true, force: true });
      if (charts.size > 0) renameSync(join(partial, CHARTS_FOLDER), join(folder, CHARTS_FOLDER));
      renameSync(join(partial, REPORT_FILE), path);
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Problem(`cannot write the report into ${folder}: ${REASONS[code] ?? code}`);
  }
  return path;
}
