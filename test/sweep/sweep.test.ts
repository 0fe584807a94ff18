import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { runExperiment } from '../../src/coordinator/experiment.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { readResults } from '../../src/results/read.js';
import { readSweep, sweepColumns } from '../../src/results/sweep.js';
import { loadScenario } from '../../src/scenario/load.js';
import { type SweepProgress, sweep } from '../../src/sweep/sweep.js';
import { begin, peerage } from '../helpers/cli.js';

const TINY = `topology: ideal
protocols: [chord]
phases: { start: converge, warmUp: 1s, measure: 5s, drain: 5s }
workload: { locate: { files: 10, replicas: 2, rate: 0.2/s, timeout: 5s, publishSpread: 1s } }
`;
/** A protocol that throws, or never returns, when it is told to. */
const MOODY = `class Moody {
  constructor(peer, settings) { this.peer = peer; this.mood = settings.mood; }
  join() { if (this.peer.name === 'p1') this.peer.after(1500, this.act); }
  act() {
    if (this.mood === 'bad') throw new Error('not today');
    if (this.mood === 'stuck') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    for (const other of this.peer.bootstrap(1)) this.peer.send(other, { type: 'hello' });
  }
  onMessage() {}
}
export default {
  about: 'as it is told', messages: { hello: [] }, sizeOf: () => 10,
  settings: { mood: { default: 'good', about: 'what it does' } },
  create: (peer, settings) => new Moody(peer, settings),
};
`;

function desk(): { folder: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'peerage-sweep-'));
  const file = join(folder, 'tiny.yaml');
  writeFileSync(file, TINY);
  return { folder, file };
}
const stored = (outDir: string) =>
  readdirSync(join(outDir, 'sweep-runs'))
    .filter((name) => !name.startsWith('.'))
    .sort();

test('a sweep: means with intervals, tables that agree, and runs that are those of `peerage run`', async (t) => {
  const { folder, file } = desk();
  const outDir = join(folder, 'out');
  const told: SweepProgress[] = [];
  const {
    sweep: done,
    folder: own,
    interrupted,
    reused,
  } = await sweep(file, {
    vary: { peers: '10..20:x2', protocol: ['chord', 'kademlia'], 'population.session.mean': ['10m', 'never'] },
    repeat: 2,
    jobs: 2,
    outDir,
    parquet: true,
    onProgress: (progress) => told.push(progress),
  });
  t.false(interrupted);
  t.is(reused, 0);
  t.is(done.points.length, 8);
  t.true(done.points.every(({ runs }) => runs.length === 2 && runs.every(({ status }) => status === 'completed')));
  t.like(told.at(-1), { total: 16, done: 16, failed: 0, running: 0, leftMs: 0 });
  t.true(told.every(({ running }) => running <= 2));
  t.deepEqual(readSweep(own), done);
  t.deepEqual(readdirSync(own).sort(), ['runs.csv', 'sweep.csv', 'sweep.json', 'sweep.parquet']);

  // A row per point, as pandas would read it.
  const csv = readFileSync(join(own, 'sweep.csv'), 'utf8').trimEnd().split('\n');
  t.is(csv.length, 9);
  t.regex(csv[1], /^10,chord,600000,2,0,/);
  t.regex(csv[8], /^20,kademlia,never,2,0,/);
  t.is(readFileSync(join(own, 'runs.csv'), 'utf8').trimEnd().split('\n').length, 17);
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(join(own, 'sweep.parquet')) });
  t.deepEqual(Object.keys(rows[0]), sweepColumns(done));
  t.like(rows[7], { peers: 20, protocol: 'kademlia', 'population.session.mean': 'never', completed: 2 });
  t.deepEqual(
    rows.map((row) => [row.messagesPerQuery, row.messagesPerQueryCi95].map((cell) => cell ?? '').join()),
    csv
      .slice(1)
      .map((line) => ['messagesPerQuery', 'messagesPerQueryCi95'].map((name) => line.split(',')[sweepColumns(done).indexOf(name)]).join()),
  );

  // Any run of it, run by itself from the file it left, is the same run.
  const [, second] = done.points[6].runs;
  const results = readResults(join(own, second.folder!));
  t.is(results.operations.length, 0);
  t.false(results.scenarioYaml.includes('sweep'));
  const alone = loadScenario(join(own, second.folder!, 'scenario.yaml')).for('kademlia', await loadProtocol('kademlia'));
  t.is(alone.seed, second.seed);
  const again = await runExperiment(alone, { outDir: null, shards: 2 });
  t.is(again.summary.digest, second.digest!);
  t.is(again.summary.operations.locate?.messages.mean, second.figures.messagesPerQuery);

  // Asked again, nothing is run; with one value and one repetition more, only what is new.
  const before = stored(outDir);
  const same = await sweep(file, {
    vary: { peers: [10, 20], protocol: 'chord,kademlia', 'population.session.mean': '10m,never' },
    repeat: 2,
    outDir,
  });
  t.is(same.reused, 16);
  t.is(same.folder, own);
  t.deepEqual(stored(outDir), before);
  t.deepEqual(readFileSync(join(own, 'sweep.csv'), 'utf8').trimEnd().split('\n'), csv);
  const more = await sweep(file, { vary: { peers: [10, 15] }, set: ['population.session.mean=never'], repeat: 3, outDir });
  t.is(more.reused, 2);
  t.is(stored(outDir).length, 16 + 4);
  t.not(more.folder, own);
});

test('a run that throws and one that never returns are recorded, and the rest goes on; tried again only when asked to', async (t) => {
  const { folder } = desk();
  writeFileSync(join(folder, 'moody.mjs'), MOODY);
  writeFileSync(
    join(folder, 'moody.yaml'),
    'peers: 5\ntopology: ideal\nprotocols: [./moody.mjs]\nphases: { warmUp: 1s, measure: 2s, drain: 0 }\nlimits: { stallSeconds: 2 }\n' +
      'sweep: { vary: { protocol.mood: [good, bad, stuck, better] } }\n',
  );
  const first = await peerage(folder, 'sweep', 'moody.yaml', '--out', 'out', '--jobs', '2');
  t.is(first.code, 5);
  t.regex(first.stdout, /^moody, 4 points x 1 repetition, 2 failed, in /);
  t.regex(first.stdout, /^failed {3}protocol.mood=bad, repetition 1: moody: /m);
  t.regex(
    first.stdout.replace(/\s+/g, ' '),
    /protocol.mood=stuck, repetition 1: moody: no event has finished for 2 s \(limits.stallSeconds\): p1 in a timer/,
  );
  t.true(first.stdout.split('\n').every((line) => line.length <= 80 || line.startsWith('repeat')));
  t.regex(first.stderr, /^peerage: 2 of 4 runs failed, the first of them: .*not today/m);
  const own = join(folder, 'out', readdirSync(join(folder, 'out')).find((name) => name.startsWith('moody-sweep-'))!);
  const statuses = () => readSweep(own).points.map(({ runs: [{ status, failure }] }) => `${status} ${failure}`);
  t.deepEqual(statuses(), ['completed null', 'failed protocol-failed', 'failed protocol-failed', 'completed null']);
  t.regex(readFileSync(join(own, 'sweep.csv'), 'utf8'), /\nbad,0,1,,/);
  const failures = stored(join(folder, 'out')).filter((name) => name.endsWith('-failed'));
  t.is(failures.length, 2);
  t.deepEqual(readdirSync(join(folder, 'out', 'sweep-runs', failures[0])).sort(), ['failure.json', 'scenario.yaml']);

  const marks = () => failures.map((name) => statSync(join(folder, 'out', 'sweep-runs', name)).ino);
  const marked = marks();
  const second = await peerage(folder, 'sweep', 'moody.yaml', '--out', 'out', '--json');
  t.is(second.code, 5);
  t.deepEqual(marks(), marked);
  t.is(JSON.parse(second.stdout).points.length, 4);
  const third = await peerage(folder, 'sweep', 'moody.yaml', '--out', 'out', '--retry-failed', '--quiet');
  t.is(third.code, 5);
  t.is(third.stdout, '');
  t.notDeepEqual(marks(), marked);
  t.deepEqual(statuses(), ['completed null', 'failed protocol-failed', 'failed protocol-failed', 'completed null']);
});

test('a point that cannot fit into memory is recorded as such and not run, and the others are', async (t) => {
  const { folder, file } = desk();
  const { sweep: done } = await sweep(file, {
    vary: { peers: [10, 16_000_000] },
    set: ['workload=none', 'phases.drain=0'],
    duration: '1s',
    outDir: join(folder, 'out'),
  });
  const [[fits], [large]] = done.points.map(({ runs }) => runs);
  t.is(fits.status, 'completed');
  t.like(large, { status: 'failed', failure: 'does-not-fit', folder: null, figures: {} });
  t.regex(large.reason!, /^16,000,000 peers would take about [\d.]+ GB, more than 75 % of this machine's memory$/);
});

const LONGER = ['--vary', 'peers=20..50:+10', '--repeat', '2', '--duration', '60s', '--set', 'workload.locate.rate=1/s', '--jobs', '1'];

/** Waits until so many runs are in the store. */
async function until(outDir: string, runs: number): Promise<void> {
  for (let waited = 0; waited < 60_000; waited += 20) {
    try {
      if (stored(outDir).length >= runs) return;
    } catch {}
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('no run ended within a minute');
}

test('killed in the middle and asked for again, a sweep runs only what is missing, and comes to the same', async (t) => {
  const { folder } = desk();
  const { child, ended } = await begin(folder, 'sweep', 'tiny.yaml', ...LONGER, '--out', 'killed');
  await until(join(folder, 'killed'), 2);
  child.kill('SIGKILL');
  t.is((await ended).code, null);
  const kept = stored(join(folder, 'killed'));
  t.true(kept.length >= 2 && kept.length < 8, `${kept.length} of 8 runs were done`);
  const inodes = () => kept.map((key) => statSync(join(folder, 'killed', 'sweep-runs', key, 'summary.json')).ino);
  const before = inodes();

  const again = await peerage(folder, 'sweep', 'tiny.yaml', ...LONGER, '--out', 'killed');
  t.is(again.code, 0, again.stderr);
  t.true(again.stdout.startsWith(`tiny, 4 points x 2 repetitions, ${kept.length} runs were there before, in `), again.stdout);
  t.deepEqual(inodes(), before);
  t.is(stored(join(folder, 'killed')).length, 8);

  const whole = await sweep(join(folder, 'tiny.yaml'), {
    vary: { peers: '20..50:+10' },
    repeat: 2,
    duration: '60s',
    set: ['workload.locate.rate=1/s'],
    outDir: join(folder, 'whole'),
  });
  const table = (outDir: string) => {
    const [own] = readdirSync(join(folder, outDir)).filter((name) => name.startsWith('tiny-sweep-'));
    return readFileSync(join(folder, outDir, own, 'sweep.csv'), 'utf8');
  };
  t.is(table('killed'), table('whole'));
  t.is(whole.reused, 0);
});

test('Ctrl-C keeps what is finished, says what is to go, and gives exit code 130', async (t) => {
  const { folder } = desk();
  const { child, ended } = await begin(folder, 'sweep', 'tiny.yaml', ...LONGER, '--out', 'out');
  await until(join(folder, 'out'), 1);
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  t.is(code, 130);
  const [, toGo] = /^tiny, 4 points x 2 repetitions, stopped with (\d) to go, in /.exec(stdout)!;
  // A thread may have put its run away just when it was ended.
  const kept = stored(join(folder, 'out')).length;
  t.true(kept >= 1 && kept < 8 && [0, 1].includes(kept + Number(toGo) - 8), `${kept} kept, ${toGo} to go`);
  t.regex(stdout, /^go on {4}npx peerage sweep tiny.yaml --vary peers=20,30,40,50 --repeat 2 --duration 60s /m);
  const [own] = readdirSync(join(folder, 'out')).filter((name) => name.startsWith('tiny-sweep-'));
  const { points } = readSweep(join(folder, 'out', own));
  t.is(points.flatMap(({ runs }) => runs).filter(({ status }) => status === 'pending').length, Number(toGo));
  t.is(
    readFileSync(join(folder, 'out', own, 'sweep.csv'), 'utf8')
      .trimEnd()
      .split('\n').length,
    5,
  );
});
