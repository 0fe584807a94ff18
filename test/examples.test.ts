/** The examples run, and print what examples/README.md says they do. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Summary } from '../src/metrics/summary.js';
import { fences, peerage, read, root } from './helpers/documents.js';

const folder = mkdtempSync(join(tmpdir(), 'peerage-examples-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const numbered = readdirSync(join(root, 'examples')).filter((name) => /^\d\d-.*\.mjs$/.test(name));
/** The page was made with this; another engine may round a logarithm differently. */
const SAME_ENGINE = process.versions.node.startsWith('20.');

/** What each prints, by its name in the page: lines in order; `...` stands for any number of others. */
const shown = new Map(
  fences(read('examples/README.md')).map(({ body }) => {
    const [command, ...lines] = body.trimEnd().split('\n');
    return [/^\$ node examples\/(.*)$/.exec(command)?.[1], lines];
  }),
);

function script(name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'examples', name)], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('close', (code) => (code === 0 && stderr === '' ? resolve(stdout) : reject(new Error(`exit ${code}: ${stderr}`))));
  });
}

/** Whether these lines are the text, when each `...` is replaced by something. */
function tells(lines: readonly string[], text: string): boolean {
  const escaped = lines.map((line) => (line === '...' ? '[^]*?' : `${line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\n`));
  return new RegExp(`^${escaped.join('')}$`).test(text);
}

const numbers = (line: string) => [...line.matchAll(/[\d.]+/g)].map(Number);
const lineOf = (text: string, begin: string) => numbers(text.split('\n').find((line) => line.startsWith(begin))!);

/** What makes each worth reading. */
const SHOWS: Readonly<Record<string, (text: string) => boolean>> = {
  '01-own-protocol.mjs': (text) =>
    lineOf(text, 'flood')[1] > 10 * lineOf(text, 'chord')[1] && lineOf(text, 'flood')[2] < lineOf(text, 'chord')[2],
  '02-own-workload.mjs': (text) => lineOf(text, 'one file, in one second')[0] > 2 * lineOf(text, 'any file, over a minute')[0],
  '03-own-topology.mjs': (text) => lineOf(text, 'at sea')[1] > 600 && lineOf(text, 'Hamburg')[1] < 200,
  '04-sweep-from-a-script.mjs': (text) => lineOf(text, '  128  ')[1] > lineOf(text, '   32  ')[1] + 0.5,
  '05-reading-results.mjs': (text) => text.includes('succeeded') && lineOf(text, '  locate')[0] > 50,
};

test('every example is in the page and in this test', (t) => {
  t.deepEqual([...shown.keys()].toSorted(), numbered);
  t.deepEqual(Object.keys(SHOWS).toSorted(), numbered);
});

for (const name of numbered) {
  test.serial(`${name} prints what the page says`, async (t) => {
    t.timeout(120_000);
    const text = await script(name);
    t.true(SHOWS[name](text), text);
    if (SAME_ENGINE) t.true(tells(shown.get(name)!, text), text);
  });
}

test.serial('the protocol of an example runs from the command line', (t) => {
  const words = ['run', 'lookup', '--peers', '50', '--duration', '5s', '--protocol', join(root, 'examples/flood.mjs'), '--json'];
  const { code, stdout, stderr } = peerage(words, folder);
  t.is(code, 0, stderr);
  const summary: Summary = JSON.parse(stdout);
  t.is(summary.protocol, 'flood');
  t.true(summary.operations.locate!.success! > 0.9);
});
