import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Problem } from '../../src/problem.js';
import { loadScenario } from '../../src/scenario/load.js';
import { inFolder, read } from '../helpers/documents.js';

test('what docs/limitations.md says is refused, is refused with a sentence', async (t) => {
  const lines = [...read('docs/limitations.md').matchAll(/^\| `([^`]+)` \| refused \|/gm)].map(([, line]) => line);
  t.true(lines.length >= 5, `${lines.length} rows`);
  await inFolder([], (folder) => {
    const file = join(folder, 'scenario.yaml');
    writeFileSync(file, 'protocols: [ping]\n');
    t.notThrows(() => loadScenario(file));
    for (const line of lines) {
      writeFileSync(file, `protocols: [ping]\n${line}\n`);
      t.throws(() => loadScenario(file), { instanceOf: Problem, message: /scenario\.yaml:2:.*not supported yet/ }, line);
    }
  });
});
