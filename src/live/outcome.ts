/** How a run ended, for the page: the figures that the terminal shows. */

import type { Summary } from '../metrics/summary.js';
import { figureRows } from '../report/figures.js';
import type { Outcome } from './feed.js';

export function outcomeOf(
  summary: Summary,
  {
    folder,
    repeat,
    hasReport,
    recordedDigest = null,
  }: Pick<Outcome, 'folder' | 'repeat' | 'hasReport'> & { readonly recordedDigest?: string | null },
): Outcome {
  const { status, reason, digest, warnings } = summary;
  // The digest is said in a sentence of its own.
  const figures = figureRows([summary])
    .flatMap((group) => group.map(([label, value]) => [label.trim(), value] as const))
    .filter(([label]) => !label.startsWith('digest'));
  return { status, reason, digest, recordedDigest, folder, hasReport, repeat, figures, warnings };
}
