/** What must hold of the sources of protocols, and of the parts they are built from. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';

test('no protocol, and no part that protocols are built from, looks at the wall clock or draws unseeded numbers', (t) => {
  let root = import.meta.dirname;
  while (!existsSync(join(root, 'package.json'))) root = dirname(root);
  const forbidden =
    /\b(Date\.now|new Date|Math\.random|performance\.now|process\.hrtime|setTimeout|setInterval|setImmediate|queueMicrotask|randomBytes|randomUUID|randomInt|getRandomValues)\b/;
  let read = 0;
  for (const folder of ['protocols', 'overlay']) {
    for (const file of readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      read++;
      const lines = readFileSync(join(root, 'src', folder, file), 'utf8').split('\n');
      for (const [i, line] of lines.entries()) t.false(forbidden.test(line), `src/${folder}/${file}:${i + 1}: ${line.trim()}`);
    }
  }
  t.true(read > 10);
});
