/** `peerage view`: a finished run on a page in the browser, from its result folder; and again from its beginning, to be watched. */

import type { Command } from 'commander';
import { addPageOptions, type LiveOptions, showFolder } from './live.js';
import { wholeNumber } from './options.js';

export function addView(program: Command): void {
  const command = program
    .command('view <folder>')
    .description('show a finished run on a page in the browser, and run it again there to be watched')
    .option('--shards <n>', 'worker threads of a replay (default: one per core)', wholeNumber(1, 64));
  addPageOptions(command).action((folder: string, options: LiveOptions & { readonly shards?: number }) => showFolder(folder, options));
}
