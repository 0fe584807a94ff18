/** The program of docs/library.md runs, and prints what the page says; its tables have every option. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { RUN_OPTIONS } from '../../src/library/options.js';
import { SWEEP_OPTIONS } from '../../src/library/sweep.js';
import { fences, filesOf, inFolder, read, root } from '../helpers/documents.js';

const text = read('docs/library.md');

test('the program of docs/library.md prints what the page says', async (t) => {
  t.timeout(120_000);
  t.deepEqual([...filesOf(text).keys()], ['study.mjs']);
  await inFolder([text], (folder) => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/peerage'), 'junction');
    const { status, stdout, stderr } = spawnSync(process.execPath, ['study.mjs'], { cwd: folder, encoding: 'utf8' });
    t.is(status, 0, stderr);
    const shown = fences(text).findLast(({ language }) => language === 'text')!.body;
    // Another engine may round a logarithm differently, and then a digest differs.
    const essence = (printed: string) =>
      process.versions.node.startsWith('20.') ? printed : printed.replace(/\b[0-9a-f]{16}\b/, '(digest)');
    t.is(essence(stdout), essence(shown));
  });
});

test('the tables of docs/library.md have every option', (t) => {
  const tables = text.split(/^\| option \|/m).slice(1);
  const listed = tables.map((table) => [...table.split('\n\n')[0].matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name));
  t.deepEqual(listed[0], [...RUN_OPTIONS]);
  const shared = ['protocol', 'protocols', 'topology', 'peers', 'duration', 'seed', 'set', 'signal'];
  t.deepEqual([...listed[1], ...shared].toSorted(), [...SWEEP_OPTIONS].toSorted());
});
