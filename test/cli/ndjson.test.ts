import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { NdjsonStream } from '../../src/cli/ndjson.js';
import { runExperiment } from '../../src/coordinator/experiment.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { loadScenario } from '../../src/scenario/load.js';
import { begin, peerage } from '../helpers/cli.js';
import { root } from '../helpers/documents.js';

type Line = Readonly<Record<string, unknown>> & { readonly type: string };

async function scenario(set: string[] = []) {
  const loaded = loadScenario('small-churn', { protocol: 'gnutella', peers: 30, set });
  return loaded.for('gnutella', await loadProtocol('gnutella'));
}

/** A whole run with its lines. */
async function stream(set: string[] = [], onReady?: Parameters<typeof runExperiment>[1]): Promise<Line[]> {
  const lines: Line[] = [];
  const ndjson = new NdjsonStream(2, (text) => {
    if (!text.endsWith('\n') || text.slice(0, -1).includes('\n')) throw new Error(`not one line: ${text}`);
    lines.push(JSON.parse(text));
  });
  const given = await scenario(set);
  const run = ndjson.begin(given, { shards: 1, varied: { peers: '30' } });
  const experiment = await runExperiment(given, { shards: 1, outDir: null, onProgress: run.progress, ...onReady });
  run.end(experiment, 'ok');
  ndjson.exit('ok');
  return lines;
}

/** Fields of a line as the document writes them. */
function fields({ type, ...line }: Line): string[] {
  return Object.entries(line).flatMap(([name, value]) => {
    if (name === 'varied') return Object.keys(value as object).map(() => 'varied.<setting>');
    return name === 'operations' ? Object.keys(value as object).map((each) => `operations.${each}`) : [name];
  });
}

test('docs/ndjson.md defines every type of line and every field, and no other', async (t) => {
  const text = readFileSync(join(root, 'docs/ndjson.md'), 'utf8');
  const documented = Object.fromEntries(
    text
      .split(/^### /m)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf('\n')), [...part.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name).sort()]),
  );
  const lines = await stream(['faults=[at 70s for 10s loss 5%]', 'measures.thresholds={peersAlive: "> 0"}']);
  const real = Object.fromEntries(lines.map((line) => [line.type, fields(line).sort()]));
  t.deepEqual(real, documented);
});

test('lines come in order: start, progress and faults, warnings, summary, end, exit', async (t) => {
  const lines = await stream(['faults=[at 70s for 10s loss 5%, at 65s crash peers 3]']);
  const types = lines.map(({ type }) => type);
  t.is(types[0], 'start');
  t.true(types.includes('progress'));
  const rank = ['start', 'progress', 'fault', 'warning', 'summary', 'end', 'exit'];
  const order = types.map((type) => rank.indexOf(type === 'fault' ? 'progress' : type));
  t.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
  t.deepEqual(
    lines.filter(({ type }) => type === 'fault').map(({ atMs, untilMs, origin }) => [atMs, untilMs, origin]),
    [
      [65_000, 65_000, 'scenario'],
      [70_000, 80_000, 'scenario'],
    ].map(([at, until, origin]) => [at, until === at ? null : until, origin]),
  );
  const summary = lines.find(({ type }) => type === 'summary')!.summary as { warnings: string[] };
  t.deepEqual(
    lines.filter(({ type }) => type === 'warning').map(({ says }) => says),
    summary.warnings,
  );
});

test('faults that chance draws and faults that somebody injects are told as well, once', async (t) => {
  const lines = await stream(['chaos=[{fault: crash 10%, every: 20s}]'], {
    onReady: ({ inject }) => {
      inject('at 100s loss 1% for 5s').catch((error) => t.fail(String(error)));
    },
  });
  const origins = lines.filter(({ type }) => type === 'fault').map(({ origin }) => origin);
  t.is(origins.filter((each) => each === 'injected').length, 1);
  const { summary } = lines.find(({ type }) => type === 'summary') as unknown as { summary: { faults: { origin: string }[] } };
  t.deepEqual(origins.toSorted(), summary.faults.map(({ origin }) => origin).toSorted());
});

test('two runs at a time keep their numbers, and progress comes about once a second', async (t) => {
  const lines: Line[] = [];
  const ndjson = new NdjsonStream(2, (text) => lines.push(JSON.parse(text)));
  const given = await scenario();
  const [first, second] = [ndjson.begin(given, { shards: 1 }), ndjson.begin(given, { shards: 2, strict: true })];
  const progress = { totalMs: 140_000, messages: 10, peersAlive: 5, phase: 'measure', faults: [] } as const;
  const operations = { started: 0, succeeded: 0, failed: 0 };
  for (let wallMs = 0; wallMs < 3000; wallMs += 100) second.progress({ ...progress, operations, virtualMs: wallMs * 10, wallMs });
  first.progress({ ...progress, operations, virtualMs: 1, wallMs: 1 });
  t.deepEqual(
    lines.map(({ type, run }) => [type, run]),
    [
      ['start', 0],
      ['start', 1],
      ['progress', 1],
      ['progress', 1],
      ['progress', 1],
      ['progress', 0],
    ],
  );
  // 20 s of virtual time in 2 s of wall time: 120 s are left, and 12 s.
  t.is(lines[4].leftMs, 12_000);
  t.deepEqual(lines[0].varied, {});
});

test('at the command line: nothing but lines on stdout; a reader may stop; --json and --ndjson are two outputs', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-ndjson-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const small = ['small-churn', '--peers', '30', '--duration', '5s', '--shards', '1'];
  const { code, stdout, stderr } = await peerage(folder, 'compare', ...small, '--protocols', 'chord', '--vary', 'seed=1,2', '--ndjson');
  t.is(code, 0, stderr);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  t.deepEqual(
    lines.filter(({ type }) => ['start', 'end', 'exit'].includes(type)).map(({ type, run, varied }) => [type, run ?? null, varied ?? null]),
    [
      ['start', 0, { seed: '1' }],
      ['end', 0, null],
      ['start', 1, { seed: '2' }],
      ['end', 1, null],
      ['exit', null, null],
    ],
  );
  t.regex(String(lines.at(-1)!.folder), /small-churn-comparison-/);

  const { child, ended } = await begin(folder, 'run', ...small, '--ndjson');
  child.stdout!.once('data', () => child.stdout!.destroy());
  const stopped = await ended;
  t.is(stopped.code, 0, stopped.stderr);
  t.is(stopped.stderr, '');

  const both = await peerage(folder, 'run', ...small, '--ndjson', '--json');
  t.is(both.code, EXIT_CODES.usage.code);
  t.regex(both.stderr, /expected one of them/);
});
