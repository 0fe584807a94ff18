import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { withoutReport as peerage } from '../helpers/cli.js';

const root = mkdtempSync(join(tmpdir(), 'peerage-trace-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

const scenario = (more: string) => `peers: 40
topology: planet
protocols: [gnutella, chord]
phases: { start: converge, warmUp: 2s, measure: 20s, drain: 5s }
${more}`;
writeFileSync(
  join(root, 'small.yaml'),
  scenario('workload:\n  locate: { files: 20, replicas: 3, publishSpread: 1s, rate: 0.05/s, timeout: 5s }\n'),
);
writeFileSync(join(root, 'idle.yaml'), scenario(''));

test('an operation of a scenario, and the same one of its result folder: the same text and picture, on one shard or two', async (t) => {
  const run = await peerage(root, 'run', 'small.yaml', '--shards', '2', '--out', 'runs', '--quiet');
  t.is(run.code, 0, run.stderr);
  const folder = join('runs', readdirSync(join(root, 'runs'))[0]);
  const ofFolder = await peerage(root, 'trace', folder, '--operation', '3', '--shards', '2');
  t.is(ofFolder.code, 0, ofFolder.stderr);
  const ofScenario = await peerage(root, 'trace', 'small.yaml', '--operation', '3', '--shards', '1', '--out', 'out');
  t.is(ofScenario.code, 0, ofScenario.stderr);
  const tree = (stdout: string) => stdout.slice(0, stdout.indexOf('\nwritten'));
  t.is(tree(ofScenario.stdout), tree(ofFolder.stdout));
  t.regex(ofFolder.stdout, /^small, gnutella, 40 peers, seed 1: operation 3 of \d+\np\d+ asks for \d+ at [\d.]+ s\n/);
  t.regex(ofFolder.stdout, /^ +0\.0 ms +[\d.]+ ms {2}[├└] ?p\d+ → p\d+ {2}query, ttl \d$/m);
  t.true(ofFolder.stdout.split('\n').every((line) => line.length <= 80 || line.startsWith('written') || line.startsWith('    ')));
  t.deepEqual(readdirSync(join(root, 'out')).sort(), ['trace-small-gnutella-3.svg', 'trace-small-gnutella-3.txt']);
  const picture = (path: string) => readFileSync(join(root, path), 'utf8');
  const svg = picture('out/trace-small-gnutella-3.svg');
  t.is(picture(join(folder, 'trace-3.svg')), svg);
  t.regex(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 [\d.]+ [\d.]+"/);
  t.true(svg.includes('prefers-color-scheme: dark'));

  const wrong = await peerage(root, 'trace', folder, '--seed', '2');
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /--seed: a result folder is of one run; to follow an operation of another, give its scenario/);
});

test('what cannot be followed is said in a sentence', async (t) => {
  const beyond = await peerage(root, 'trace', 'small.yaml', '--protocol', 'chord', '--operation', '5000', '--out', 'none');
  t.is(beyond.code, 2);
  t.regex(beyond.stderr, /--operation 5000: small with chord has \d+ operations, from 1 to \d+\n/);
  const idle = await peerage(root, 'trace', 'idle.yaml', '--out', 'none');
  t.is(idle.code, 3);
  t.regex(idle.stderr, /idle has no workload: it asks nothing, so there is no operation to follow/);
  const wall = await peerage(root, 'trace', 'small.yaml', '--set', 'clock=wall', '--out', 'none');
  t.is(wall.code, 3);
  t.regex(wall.stderr, /goes by the wall clock: its runs do not repeat/);
  const both = await peerage(root, 'trace', 'small.yaml', '--slowest', '--operation', '2');
  t.is(both.code, 2);
  t.false(readdirSync(root).includes('none'), 'nothing is left behind');
});
