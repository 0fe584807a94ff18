/**
 * The package as npm makes it of this checkout: what is in it, and that it works in an empty folder, where there is nothing but what it
 * depends on. Nothing is fetched: the dependencies are links to those that are here.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';
import { listProtocols } from '../src/protocol-catalog.js';
import { shippedNames } from '../src/scenario/package-files.js';
import { read, root } from './helpers/documents.js';

const manifest: {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: { readonly peerage: string };
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
} = JSON.parse(read('package.json'));

const folder = mkdtempSync(join(tmpdir(), 'peerage-package-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** Packs what is compiled: `prepare` would build it anew under the feet of the other tests. */
const packed: { filename: string; files: { path: string }[] } = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root, encoding: 'utf8', stdio: 'pipe' }),
)[0];
const paths = packed.files.map(({ path }) => path);

/** A project that has the package installed, and its dependencies, but nothing else of what is here. */
const project = join(folder, 'project');
const installed = join(project, 'node_modules/peerage');
mkdirSync(installed, { recursive: true });
execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', installed, '--strip-components=1']);
function link(name: string): void {
  const at = join(project, 'node_modules', name);
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(join(root, 'node_modules', name), at, 'junction');
}
for (const name of Object.keys(manifest.dependencies)) link(name);
writeFileSync(join(project, 'package.json'), '{ "type": "module" }\n');

const node = (...words: string[]) => spawnSync(process.execPath, words, { cwd: project, encoding: 'utf8' });

test('what is in the package: code, types, data and documents; no tests, no results, no sources', (t) => {
  const allowed =
    /^(README\.md|CHANGELOG\.md|LICENSE|package\.json|dist\/(src|workers)\/[\w/-]+\.(js|d\.ts)|dist\/web\/.+|web\/(index\.html|style\.css)|topologies\/[\w-]+\.yaml|scenarios\/[\w-]+\.(yaml|csv)|examples\/[\w-]+\.mjs|(docs|examples)\/[\w./-]+\.(md|svg|png))$/;
  t.deepEqual(
    paths.filter((path) => !allowed.test(path)),
    [],
  );
  for (const needed of [
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'dist/src/index.d.ts',
    'dist/src/index.js',
    'dist/workers/shard.js',
    'dist/workers/run.js',
  ])
    t.true(paths.includes(needed), needed);
  for (const directory of ['docs', 'examples', 'topologies', 'scenarios']) {
    for (const file of readdirSync(join(root, directory)))
      if (/\.(md|mjs|yaml|csv)$/.test(file)) t.true(paths.includes(`${directory}/${file}`), file);
  }
});

test('what package.json names is there; the types come first; the command can be run', (t) => {
  const { '.': main, './package.json': own } = manifest.exports;
  t.deepEqual(Object.keys(main), ['types', 'default']);
  t.is(own, './package.json');
  for (const path of [...Object.values(main), manifest.bin.peerage]) t.true(existsSync(join(installed, path)), path);
  t.true(readFileSync(join(installed, manifest.bin.peerage), 'utf8').startsWith('#!/usr/bin/env node\n'));
});

/** How code takes in a package, or a file of one that it serves: by a statement, by a call, or by asking where it is. */
const LOADED =
  /^(?:import|export)\s[^'"`;]*?from\s+'([^'.][^']*)'|\bimport\('([^'.][^']*)'\)|\bimport\.meta\.resolve\('([^'.][^']*)'\)|\brequire\('([^'.][^']*)'\)/gm;

test('everything that the code loads is a dependency, and every dependency is used', (t) => {
  const scripts = paths.filter((each) => each.endsWith('.js')).map((path) => readFileSync(join(installed, path), 'utf8'));
  const loaded = new Set<string>();
  for (const text of scripts) {
    for (const [, ...specifiers] of text.matchAll(LOADED)) {
      const specifier = specifiers.find((each) => each !== undefined)!;
      if (!specifier.startsWith('node:')) loaded.add(/^(@[^/]+\/)?[^/]+/.exec(specifier)![0]);
    }
  }
  t.true(loaded.has('piscina') && loaded.has('yaml'));
  const dependencies = Object.keys(manifest.dependencies);
  t.deepEqual(
    [...loaded].filter((name) => !dependencies.includes(name)),
    [],
  );
  // One is loaded by a path that is a constant.
  const isUsed = (name: string) => loaded.has(name) || scripts.some((text) => text.includes(`'${name}/`));
  t.deepEqual(
    dependencies.filter((name) => !isUsed(name)),
    [],
  );
});

test('in an empty folder: the command lists what there is, and runs on two threads', (t) => {
  const listed = node(join(installed, manifest.bin.peerage), 'list');
  t.is(listed.status, 0, listed.stderr);
  for (const name of [...listProtocols(), ...shippedNames('scenarios')]) t.true(listed.stdout.includes(name), name);
  const ran = node(join(installed, manifest.bin.peerage), 'run', 'lookup', '--peers', '40', '--duration', '2s', '--shards', '2', '--json');
  t.is(ran.status, 0, ran.stderr);
  const { status, version } = JSON.parse(ran.stdout);
  t.deepEqual([status, version], ['completed', manifest.version]);
});

const CONSUMER = `
import { defineProtocol, Problem, run, sweep, type RunResult, type ScenarioObject } from 'peerage';

interface Hello { readonly type: 'hello'; readonly n: number }
const scenario: ScenarioObject = { peers: 16, topology: 'lan', phases: { warmUp: '1s', measure: '3s', drain: '1s' } };
const hello = defineProtocol({
  about: 'hellos',
  settings: { periodMs: { default: 500, about: 'period' } },
  messages: { hello: ['n'] },
  create: (peer, { periodMs }) => ({
    join() { peer.every(periodMs, this.greet); },
    greet() { for (const other of peer.bootstrap(1)) peer.send<Hello>(other, { type: 'hello', n: 1 }); },
    onMessage() { peer.count('heard'); },
  }),
});
const own: RunResult = await run(scenario, { protocol: hello });
const ours = await run('lookup', { peers: 40, duration: '2s', shards: 2 });
// @ts-expect-error: a number of peers is a number
const wrong = await run(scenario, { protocol: hello, peers: '40' }).catch((error: unknown) => error);
const swept = await sweep(scenario, { protocol: 'ping', repeat: 2, jobs: 1 });
console.log(JSON.stringify({
  heard: own.summary.counters['heard'],
  digest: ours.summary.digest,
  wrong: wrong instanceof Problem ? wrong.message : null,
  swept: swept.sweep.points[0]?.runs.map(({ status }) => status),
}));
`;

test('in an empty folder: a strict TypeScript program compiles against the types, and runs; the examples are well typed', (t) => {
  t.timeout(180_000);
  for (const name of ['@types/node', 'typescript']) link(name);
  writeFileSync(join(project, 'consumer.ts'), CONSUMER);
  cpSync(join(installed, 'examples'), join(project, 'examples'), { recursive: true });
  const examples = readdirSync(join(project, 'examples')).filter((name) => /^\d\d-.*\.mjs$/.test(name));
  const options = {
    ...{ module: 'nodenext', target: 'es2022', lib: ['es2023'], types: ['node'], strict: true, exactOptionalPropertyTypes: true },
    ...{ noPropertyAccessFromIndexSignature: true, skipLibCheck: false, skipDefaultLibCheck: true },
    ...{ allowJs: true, rootDir: '.', outDir: 'out' },
  };
  const files = ['consumer.ts', ...examples.map((name) => `examples/${name}`)];
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
  const compiled = node('node_modules/typescript/bin/tsc', '-p', '.');
  t.is(compiled.stdout + compiled.stderr, '');
  const ran = node('out/consumer.js');
  t.is(ran.status, 0, ran.stderr);
  const { heard, digest, wrong, swept } = JSON.parse(ran.stdout);
  t.true(heard > 50, `${heard}`);
  t.regex(digest, /^[0-9a-f]{16}$/);
  t.is(wrong, 'options.peers: expected a whole number, got "40"');
  t.deepEqual(swept, ['completed', 'completed']);
});
