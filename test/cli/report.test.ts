import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { leaveReport } from '../../src/cli/report.js';
import { peerage } from '../helpers/cli.js';

const root = mkdtempSync(join(tmpdir(), 'peerage-report-cli-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

const TINY = `about: A few peers for a few seconds.
peers: 24
topology: planet
protocols: [chord, gnutella]
phases: { start: converge, warmUp: 2s, measure: 10s, drain: 5s }
workload:
  locate: { files: 10, replicas: 3, publishSpread: 1s, rate: 0.2/s, timeout: 5s }
measures: { interval: 2s }
`;

function desk(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'tiny.yaml'), TINY);
  return folder;
}

const results = (folder: string) => readdirSync(join(folder, 'results'));

test('run leaves a report and says where; peerage report makes the same again; --no-report leaves none', async (t) => {
  const folder = desk('run');
  const { code, stdout, stderr } = await peerage(folder, 'run', 'tiny.yaml', '--shards', '1');
  t.is(code, 0, stderr);
  const [written] = results(folder);
  const path = join(folder, 'results', written, 'report.html');
  t.true(stdout.includes(`report   results/${written}/report.html\n`), stdout);
  const before = readFileSync(path);
  t.true(readdirSync(join(folder, 'results', written, 'charts')).includes('latency.svg'));
  t.true(existsSync(join(folder, 'results', written, 'load.csv')));

  const again = await peerage(folder, 'report', `results/${written}`);
  t.deepEqual([again.code, again.stdout], [0, `report   results/${written}/report.html\n`]);
  t.deepEqual(readFileSync(path), before);

  const without = await peerage(folder, 'run', 'tiny.yaml', '--shards', '1', '--no-report', '--out', 'bare');
  t.is(without.code, 0);
  t.false(without.stdout.includes('report'), without.stdout);
  const [bare] = readdirSync(join(folder, 'bare'));
  t.false(existsSync(join(folder, 'bare', bare, 'report.html')));
});

test('compare has a folder for its report, which can be moved with those of its runs', async (t) => {
  const folder = desk('compare');
  const { code, stdout, stderr } = await peerage(folder, 'compare', 'tiny.yaml', '--shards', '1');
  t.is(code, 0, stderr);
  const comparison = results(folder).find((name) => name.includes('-comparison-'))!;
  t.true(stdout.includes(`report   results/${comparison}/report.html\n`), stdout);
  const charts = readdirSync(join(folder, 'results', comparison, 'charts'));
  for (const name of ['cost-by-cause.svg', 'latency.svg', 'over-time.svg']) t.true(charts.includes(name), `${charts}`);

  const moved = await peerage(join(folder, 'results'), 'report', comparison);
  t.is(moved.code, 0, moved.stderr);
  const run = results(folder).find((name) => name.includes('-chord-'))!;
  rmSync(join(folder, 'results', run), { recursive: true });
  const broken = await peerage(folder, 'report', `results/${comparison}`);
  t.is(broken.code, EXIT_CODES['invalid-input'].code);
  t.regex(broken.stderr, /expected the results of chord there, got no such folder/);
  t.false(/\n\s+at /.test(broken.stderr), broken.stderr);
});

test('sweep leaves a report', async (t) => {
  const folder = desk('sweep');
  const { code, stdout, stderr } = await peerage(
    folder,
    'sweep',
    'tiny.yaml',
    '--protocols',
    'chord',
    '--vary',
    'peers=8,16,32',
    '--jobs',
    '1',
  );
  t.is(code, 0, stderr);
  const [, path] = /^report {3}(\S+)$/m.exec(stdout) ?? [];
  t.true(path !== undefined, stdout);
  t.regex(readFileSync(join(folder, path), 'utf8'), /against number of peers: chord /);
});

test('what cannot be reported gets a sentence, and after a run costs no more than the report', async (t) => {
  const folder = desk('broken');
  const nothing = await peerage(folder, 'report', 'nowhere');
  t.is(nothing.code, EXIT_CODES['invalid-input'].code);
  t.regex(nothing.stderr, /^peerage: nowhere: expected the folder of a run, a comparison or a sweep, got no such folder\n/);
  t.is(await leaveReport(join(folder, 'nowhere'), true), null);
  t.is(await leaveReport(folder, false), null);
  t.is(await leaveReport(null, true), null);
});
