import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'ava';
import { read, root } from '../helpers/documents.js';

/** Rows of the table: folder -> the folders it may import. */
const allowed = new Map(
  [...read('docs/architecture.md').matchAll(/^\| `(\w+)\/` \|[^|]*\| (.*) \|$/gm)].map(([, folder, list]) => [
    folder,
    [...list.matchAll(/`(\w+)\/`/g)].map(([, name]) => name),
  ]),
);

/** Imports of values between folders of src/; types vanish when compiled. */
const imports = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file.includes('/'))
  .flatMap((file) => {
    const text = readFileSync(join(root, 'src', file), 'utf8');
    return [...text.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)'/gm)].map(([, target]) => ({
      file,
      from: file.split('/')[0],
      to: normalize(join(dirname(file), target)),
    }));
  });

test('imports between folders are those of the table in docs/architecture.md', (t) => {
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  t.deepEqual([...allowed.keys()].sort(), folders.map(({ name }) => name).sort());
  const used = new Set<string>();
  for (const { file, from, to } of imports) {
    const folder = to.split('/')[0];
    if (!to.includes('/') || folder === from) continue;
    used.add(`${from} -> ${folder}`);
    t.true(allowed.get(from)!.includes(folder), `src/${file} imports ${to}: the table does not allow ${from} -> ${folder}`);
  }
  for (const [from, list] of allowed)
    for (const to of list) t.true(used.has(`${from} -> ${to}`), `the table allows ${from} -> ${to}, which nobody uses`);
});

test('the table has no circle', (t) => {
  const done = new Set<string>();
  const visit = (folder: string, path: readonly string[]): void => {
    t.false(path.includes(folder), [...path, folder].join(' -> '));
    if (done.has(folder) || path.includes(folder)) return;
    for (const next of allowed.get(folder) ?? []) visit(next, [...path, folder]);
    done.add(folder);
  };
  for (const folder of allowed.keys()) visit(folder, []);
});

test('protocols import only what docs/adding-a-protocol.md allows: the contract, problems and parts of overlays', (t) => {
  for (const { file, from, to } of imports) {
    if (from === 'protocols') t.regex(to, /^(protocols\/|overlay\/|protocol\.js$|problem\.js$)/, `src/${file} imports ${to}`);
  }
});
