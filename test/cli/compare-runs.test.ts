import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { runExperiment } from '../../src/coordinator/experiment.js';
import { Problem } from '../../src/problem.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { readSide } from '../../src/results/compared.js';
import { loadScenario } from '../../src/scenario/load.js';
import { withoutReport as peerage } from '../helpers/cli.js';
import { read } from '../helpers/documents.js';

const folder = mkdtempSync(join(tmpdir(), 'peerage-compare-runs-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** A quick run whose results lie in this directory. */
async function run(directory: string, set: string[] = [], protocol = 'gnutella'): Promise<string> {
  const quick = [
    'peers=40',
    'phases={start: converge, warmUp: 2s, measure: 10s, drain: 2s}',
    'population.events=[]',
    'population.churnFrom=0s',
  ];
  const loaded = loadScenario('small-churn', { protocol, set: [...quick, 'workload.locate.rate=0.5/s', ...set] });
  const scenario = loaded.for(protocol, await loadProtocol(protocol));
  return (await runExperiment(scenario, { shards: 1, outDir: join(folder, directory) })).folder!;
}

test.before(async () => {
  await run('one');
  await run('again');
  await run('worse', ['protocol.ttl=1']);
  await run('several', ['seed=5']);
  await run('several', ['seed=6']);
  await run('twins');
  await run('twins');
});

const compare = (...words: string[]) => peerage(folder, 'compare-runs', ...words);

test('the same run, and nothing is wrong', async (t) => {
  const { code, stdout, stderr } = await compare('one', 'again', '--fail-on', 'any');
  t.is(code, 0, stderr);
  t.regex(stdout, /the same run, to the digest/);
  t.notRegex(stdout, /made differently/);
});

test('worse: what was made differently, what changed first, and an exit code; unless nobody wants it', async (t) => {
  const { code, stdout, stderr } = await compare('one', 'worse');
  t.is(code, EXIT_CODES['runs-differ'].code);
  t.regex(stderr, /exit 8 \(runs-differ: /);
  t.regex(stdout, /made differently\n {2}protocol\.ttl {2}7 -> 1\n/);
  t.regex(stdout, /^worse\n {2}recall .* pp .* to /m);
  t.true(stdout.indexOf('\nworse') < stdout.indexOf('\nthe same'));
  t.true(
    stdout.split('\n').every((line) => line.length <= 80),
    stdout,
  );
  t.is((await compare('one', 'worse', '--fail-on', 'never')).code, 0);
});

test('--json: the fields that docs/comparing-runs.md defines, and no other', async (t) => {
  const { code, stdout } = await compare('one', 'worse', '--json', '--tolerance', '10%', '--figures', 'recall, loadMean');
  t.is(code, 8);
  const json = JSON.parse(stdout);
  const paths = (value: unknown, prefix: string): string[] => {
    if (Array.isArray(value)) return value.length === 0 ? [`${prefix}[]`] : value.flatMap((each) => paths(each, `${prefix}[]`));
    if (typeof value !== 'object' || value === null) return [prefix];
    return Object.entries(value).flatMap(([name, each]) => paths(each, prefix === '' ? name : `${prefix}.${name}`));
  };
  const documented = [
    ...read('docs/comparing-runs.md')
      .split('## As JSON')[1]
      .matchAll(/^\| `([^`]+)` \|/gm),
  ].map(([, name]) => name);
  // A figure without an interval has no ends.
  const found = new Set(paths(json, '').filter((path) => path !== 'points[].figures[].change'));
  t.deepEqual([...found].sort(), documented.sort());
  t.deepEqual(
    json.points[0].figures.map(({ name, basis, verdict }: Record<string, string>) => [name, basis, verdict]),
    [
      ['recall', 'queries', 'worse'],
      ['loadMean', 'none', 'better'],
    ],
  );
  t.is(json.tolerance, 0.1);
});

test('a run against repetitions, and a comparison by its protocols and values', async (t) => {
  t.regex((await compare('several', 'one')).stdout, /compared by\s+their\s+means/);
  const small = ['small-churn', '--protocols', 'gnutella', '--peers', '20', '--duration', '5s', '--shards', '1', '--quiet'];
  for (const [out, vary] of [
    ['comparison', 'seed=1,2'],
    ['another', 'seed=2,3'],
  ]) {
    t.is((await peerage(folder, 'compare', ...small, '--vary', vary, '--out', out)).code, 0);
  }
  const { stdout, code } = await compare('comparison', 'another');
  t.is(code, 0);
  t.regex(stdout, /only in the baseline, not compared: 1, gnutella/);
  t.regex(stdout, /the same run, to the digest/);
  const [own] = readdirSync(join(folder, 'another')).filter((name) => name.includes('comparison'));
  rmSync(
    join(
      folder,
      'another',
      readFileSync(join(folder, 'another', own, 'comparison.csv'), 'utf8')
        .split('another/')[1]
        .split('\n')[0],
    ),
    {
      recursive: true,
    },
  );
  const gone = await compare('comparison', join('another', own));
  t.is(gone.code, EXIT_CODES['invalid-input'].code);
  t.regex(gone.stderr, /comparison\.csv:2: folder: expected the results of a run, got ".*", which is not there/);
});

test('mistakes get a sentence', async (t) => {
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'file'), '');
  for (const [name, sentence] of [
    ['nowhere', /nowhere: expected a result folder, got no such folder/],
    ['empty', /empty: expected the folder of a run, a comparison or a sweep, or one with results in it, got none/],
    ['file', /file: expected a folder, got a file/],
    ['twins', /expected repetitions with seeds of their own, got seed 1 twice/],
  ] as const) {
    t.throws(() => readSide(join(folder, name)), { instanceOf: Problem, message: sentence });
  }
  for (const [words, sentence] of [
    [['--tolerance', 'five'], /--tolerance "five": expected a share, as in 5% or 0\.05/],
    [['--figures', 'sucess'], /got "sucess" \(did you mean "success"\?\)/],
    [['--fail-on', 'better'], /Allowed choices are worse, any, never/],
  ] as const) {
    const { code, stderr } = await compare('one', 'one', ...words);
    t.is(code, EXIT_CODES.usage.code);
    t.regex(stderr, sentence);
  }
});
