import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { sweep } from '../../src/index.js';
import { Problem } from '../../src/problem.js';
import { read, root } from '../helpers/documents.js';

test('everything that the library exports says what it is', (t) => {
  const silent: string[] = [];
  let exports = 0;
  for (const [, names, path] of read('src/index.ts').matchAll(/^export (?:type )?\{([^}]*)\} from '\.\/([^']+)\.js';$/gm)) {
    const source = readFileSync(join(root, 'src', `${path}.ts`), 'utf8');
    for (const name of names.split(',').map((each) => each.trim().replace(/^type /, ''))) {
      if (name === '') continue;
      exports++;
      if (!new RegExp(`\\*/\\nexport (?:async |abstract )?(?:function|class|const|interface|type) ${name}\\b`).test(source))
        silent.push(`${path}: ${name}`);
    }
  }
  t.true(exports > 50);
  t.deepEqual(silent, []);
});

test('what a sweep cannot take is refused before it begins', async (t) => {
  const refused = async (...given: unknown[]) => {
    const error = await sweep(...(given as Parameters<typeof sweep>)).catch((each: unknown) => each);
    if (!(error instanceof Problem)) throw new Error(`expected a Problem, got ${error}`);
    return error.message;
  };
  t.regex(
    await refused('lookup', { varry: {} }),
    /^options\.varry: there is no such option \(did you mean "vary"\?\); there is vary, repeat, /,
  );
  t.regex(
    await refused('lookup', { protocol: { about: '' }, repeat: 2 }),
    /^options\.protocol: expected a name, a path or a URL, because the runs of a sweep/,
  );
  t.is(
    await refused('lookup', { peers: 50, vary: { peers: [1, 2] } }),
    'vary peers: options.peers states the same setting; expected one of them',
  );
  t.is(
    await refused('lookup', { set: { 'population.crash': 2 }, repeat: 2 }),
    "options.set['population.crash']: expected a share of at most 1, such as 70% or 0.7, got 2",
  );
});
