/** The command line that asks for a sweep, so that every sweep says how it is repeated, or finished. */

import { RESULTS_DIRECTORY } from '../results/write.js';
import type { GridOptions } from './grid.js';

/** @param more options without a value */
export function commandOf(scenario: string, options: GridOptions, outDir: string, more: readonly string[] = []): string {
  const words = ['npx', 'peerage', 'sweep', quote(scenario)];
  for (const { path, values } of options.variations ?? []) words.push('--vary', quote(`${path}=${values.join(',')}`));
  if (options.repeat !== undefined) words.push('--repeat', String(options.repeat));
  if (options.protocols !== undefined) words.push('--protocols', quote(options.protocols.join(',')));
  const { topology, changes = [] } = options;
  for (const key of ['topology', 'peers', 'duration', 'seed'] as const) {
    if (options[key] !== undefined && typeof options[key] !== 'object') words.push(`--${key}`, quote(String(options[key])));
  }
  if (typeof topology === 'object') words.push('--set', quote(`topology=${JSON.stringify(topology)}`));
  for (const { path, value } of changes) words.push('--set', quote(`${path.join('.')}=${JSON.stringify(value)}`));
  for (const set of options.set ?? []) words.push('--set', quote(set));
  if (outDir !== RESULTS_DIRECTORY) words.push('--out', quote(outDir));
  return [...words, ...more].join(' ');
}

/** A word for the shell. */
export function quote(word: string): string {
  return /^[\w./,:=%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
