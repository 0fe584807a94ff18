import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { KEY_FIGURES } from '../../src/metrics/key-figures.js';
import { runColumns, sweepColumns } from '../../src/results/sweep.js';
import { parseVary } from '../../src/scenario/variation.js';
import { makeGrid } from '../../src/sweep/grid.js';
import { read, root } from '../helpers/documents.js';
import { temporaryFolder } from '../scenario/temporary.js';

const page = read('docs/sweeps.md');
const folder = temporaryFolder();

/** What stands in backquotes at the beginning of each row below a heading. */
const rows = (text: string, heading: string) => {
  const part = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`))!;
  return [...part.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
};
const results = read('docs/results.md');
const figures = KEY_FIGURES.map(({ name }) => name);
const compared = rows(results, 'comparison.csv');

test('docs/results.md defines every column of sweep.csv and runs.csv, in order', (t) => {
  const shape = (columns: readonly string[]) => [
    ...new Set(
      columns.map((name) =>
        figures.includes(name) ? '<figure>' : name.endsWith('Ci95') ? '<figure>Ci95' : name === 'x' ? '<path>' : name,
      ),
    ),
  ];
  const axes = [{ path: 'x', unit: null, values: [] }];
  t.deepEqual(rows(results, 'sweep.csv'), shape(sweepColumns({ axes })));
  t.deepEqual(rows(results, 'runs.csv'), shape(runColumns({ axes })));
  for (const name of figures) t.true(compared.includes(name), `${name} is not defined with comparison.csv`);
});

test('the values that docs/sweeps.md shows are values', (t) => {
  const shown = rows(page, 'What is varied');
  t.true(shown.length >= 6);
  for (const given of shown) t.true(parseVary(given).values.length > 1, given);
  t.deepEqual(parseVary('protocol.ttl=1..7:+2').values, ['1', '3', '5', '7']);
});

test('the section that docs/sweeps.md shows is one, and so are those of the sweeps that come with Peerage', async (t) => {
  const [, yaml] = /```yaml\n(.*?)```/s.exec(page)!;
  const { points, repeat } = await makeGrid(folder.write('shown.yaml', yaml), {});
  t.is(points.length * repeat, 70);
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const shipped = Object.entries(scripts).filter(([name]) => name.startsWith('sweep:'));
  t.deepEqual(
    [...page.matchAll(/^\| `npm run (sweep:\w+)` \|/gm)].map(([, name]) => name),
    shipped.map(([name]) => name),
  );
  for (const [name, script] of shipped) {
    const scenario = /main\.js sweep (\S+)$/.exec(script)![1];
    t.true((await makeGrid(scenario, {})).points.length > 5, name);
  }
});

test('docs/sweeps.md has the exit codes that failures bring', (t) => {
  const [, codes] = /^\| (4, 5, 6) \| .*`does-not-fit`, `protocol-failed`, `worker-died`/m.exec(page)!;
  t.deepEqual(
    codes.split(', ').map(Number),
    (['does-not-fit', 'protocol-failed', 'worker-died'] as const).map((name) => EXIT_CODES[name].code),
  );
});
