import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { Problem } from '../src/problem.js';
import { isProtocolFile, listProtocols, loadProtocol, protocolName } from '../src/protocol-catalog.js';

const folder = mkdtempSync(join(tmpdir(), 'peerage-catalog-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** Writes a module and returns its path. Each has a name of its own: Node keeps modules by path. */
function module(text: string, name = `m${files++}.mjs`): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

async function refused(t: ExecutionContext, path: string, sentence: RegExp): Promise<void> {
  const error = await t.throwsAsync(loadProtocol(path));
  t.true(error instanceof Problem, String(error));
  t.regex(error?.message ?? '', sentence);
}

const GOOD = `export default {
  about: 'mine', messages: { hello: ['n'] }, settings: { x: { default: 1, about: 'an x' } },
  create: (peer, settings) => ({ join() {}, onMessage() {} }),
};`;

test('the catalogue is what lies in src/protocols: a file, or a folder with an index', (t) => {
  const source = fileURLToPath(new URL('../src/protocols/', import.meta.url));
  const expected = readdirSync(source, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.name.endsWith('.js'))
    .map((entry) => entry.name.replace(/\.js$/, ''))
    .sort();
  t.deepEqual(listProtocols(), expected);
  for (const name of ['chord', 'gnutella', 'phold', 'ping']) t.true(expected.includes(name), name);
});

for (const name of listProtocols()) {
  test(`${name} describes itself: a line about it, settings with bounds and sentences, messages, services it has`, async (t) => {
    const definition = await loadProtocol(name);
    t.true(definition.about.length > 10 && !definition.about.includes('\n'));
    for (const [setting, spec] of Object.entries(definition.settings ?? {})) {
      t.true(spec.about.length > 5, setting);
      if (typeof spec.default === 'number') {
        t.true(spec.default >= (spec.min ?? -Infinity) && spec.default <= (spec.max ?? Infinity), setting);
        if (spec.integer) t.true(Number.isInteger(spec.default), setting);
      }
      if (spec.oneOf) t.true(spec.oneOf.includes(spec.default as string), setting);
    }
    const peer = { address: 1, name: 'p0', now: 0, random: { next: () => 0.5, integer: () => 0, identifier: () => 7 } };
    const defaults = Object.fromEntries(Object.entries(definition.settings ?? {}).map(([key, spec]) => [key, spec.default]));
    const instance = definition.create(peer as never, defaults as never) as unknown as Record<string, unknown>;
    t.is(typeof instance.join, 'function');
    t.is(typeof instance.onMessage, 'function');
    for (const method of ['publish', 'locate'])
      t.is(typeof instance[method] === 'function', definition.services?.includes('locate') ?? false, method);
  });
}

test('a name that is not there is refused with the nearest', async (t) => {
  await refused(
    t,
    'cord',
    /^there is no protocol "cord" \(did you mean "chord"\?\): expected one of can, chord, .*, or a path such as \.\/mine\.js$/,
  );
  await refused(t, 'toString', /no protocol "toString"/);
});

test('a path is what has a separator or the ending of a module', (t) => {
  for (const path of ['./mine.js', 'mine.mjs', '/abs/olute', 'a/b', 'c:\\d\\e', 'x.cjs']) t.true(isProtocolFile(path), path);
  for (const name of ['chord', 'my-protocol', 'ping2']) t.false(isProtocolFile(name), name);
  t.is(protocolName('/x/y/flood.mjs'), 'flood');
  t.is(protocolName('/x/y/index.js'), 'y');
  t.is(protocolName('chord'), 'chord');
});

test('a user\u2019s own module is loaded by its path', async (t) => {
  const definition = await loadProtocol(module(GOOD));
  t.is(definition.about, 'mine');
  mkdirSync(join(folder, 'own'));
  t.is((await loadProtocol(module(GOOD, 'own/index.mjs'))).about, 'mine');
});

const wrong: [string, string, RegExp][] = [
  ['no default export', 'export const x = 1;', /expected a default export made by defineProtocol\(\{\.\.\.\}\), got none$/],
  ['another kind of export', 'export default () => {};', /got function$/],
  [
    'a misspelt member',
    GOOD.replace('messages', 'mesages'),
    /unknown member "mesages" \(did you mean "messages"\?\): expected about, source/,
  ],
  ['no about', GOOD.replace("about: 'mine',", ''), /expected "about"/],
  ['no create', GOOD.replace(/create: .*/, ''), /expected "create"/],
  ['no messages', GOOD.replace(/messages: .*? \},/, ''), /expected "messages"/],
  ['messages that are no lists', GOOD.replace("['n']", "'n'"), /expected messages\.hello to be a list of field names$/],
  [
    'a field that is no name',
    GOOD.replace("['n']", "['n', 'two words']"),
    /message "hello" declares the field "two words": expected a plain name/,
  ],
  ['sizeOf that is no function', GOOD.replace("about: 'mine',", "about: 'mine', sizeOf: 12,"), /expected "sizeOf" to be a function$/],
  [
    'converge that is no function',
    GOOD.replace("about: 'mine',", "about: 'mine', converge: true,"),
    /expected "converge" to be a function$/,
  ],
  [
    'a search by neither key nor words',
    GOOD.replace("about: 'mine',", "about: 'mine', locatesBy: 'title',"),
    /expected "locatesBy" to be "key"/,
  ],
  [
    'a service there is not',
    GOOD.replace("about: 'mine',", "about: 'mine', services: ['locat'],"),
    /service "locat" \(did you mean "locate"\?\)/,
  ],
  ['a module that throws', 'throw new TypeError("oops");', /cannot be loaded: TypeError: oops/],
  ['a syntax error', 'export default {', /cannot be loaded: SyntaxError: Unexpected end of input/],
  ['an import of nothing', "import './not-there.js'; export default {};", /cannot be loaded: .*not-there\.js/],
];

for (const [what, text, sentence] of wrong) {
  test(`refused, with the file: ${what}`, async (t) => {
    const path = module(text);
    await refused(t, path, sentence);
    const error = await t.throwsAsync(loadProtocol(path));
    t.true(error!.message.startsWith(`protocol file ${path}`), error!.message);
  });
}

test('a file that is not there is refused with where it was looked for', async (t) => {
  await refused(t, './not/there.js', /^protocol file \.\/not\/there\.js: there is no such file \(looked for \/.*\/not\/there\.js\)$/);
});
