import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EXIT_CODES, type ExitName } from '../../src/cli/exit-codes.js';
import { repeatable, type Summary } from '../../src/metrics/summary.js';
import { listProtocols } from '../../src/protocol-catalog.js';
import { shippedNames } from '../../src/scenario/package-files.js';
import { begin, type Ended, withoutReport as peerage } from '../helpers/cli.js';

const root = mkdtempSync(join(tmpdir(), 'peerage-cli-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;

/** A folder of its own for each test, with the scenario `tiny.yaml` in it. */
function desk(changes = ''): string {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'tiny.yaml'),
    `about: A few peers for a few seconds.
peers: 24
topology: planet
protocols: [chord, gnutella]
phases: { start: converge, warmUp: 2s, measure: 10s, drain: 5s }
workload:
  locate: { files: 10, replicas: 3, publishSpread: 1s, rate: 0.2/s, timeout: 5s }
measures: { interval: 5s }
${changes}`,
  );
  return folder;
}

function ends(t: ExecutionContext, { code, stdout, stderr }: Ended, name: ExitName): void {
  t.is(code, EXIT_CODES[name].code, `${stdout}\n${stderr}`);
  t.false(/\n\s+at /.test(stderr), `a stack:\n${stderr}`);
  if (code !== 0) t.true(stderr.includes(`peerage: exit ${code} (${name}: `), stderr);
}

const results = (folder: string) =>
  existsSync(join(folder, 'results')) ? readdirSync(join(folder, 'results')).map((name) => join(folder, 'results', name)) : [];
const summaryOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary;

test('run: a table, where the results are, and the command that repeats it; and that command repeats it, to the digest', async (t) => {
  const folder = desk();
  const first = await peerage(folder, 'run', 'tiny.yaml');
  ends(t, first, 'ok');
  const [written] = results(folder);
  const summary = summaryOf(written);
  t.is(summary.protocol, 'chord');
  t.is(summary.status, 'completed');
  t.true(summary.operations.locate!.started > 20);
  t.regex(written, /results\/tiny-chord-\d{4}-\d\d-\d\dT[\d-]+-[0-9a-f]+$/);
  t.true(first.stdout.includes(written.slice(folder.length + 1)), first.stdout);
  const repeat = /npx peerage (run .*)$/m.exec(first.stdout)![1];
  t.is(repeat, `run ${written.slice(folder.length + 1)}/scenario.yaml`);
  const second = await peerage(folder, ...repeat.split(' '), '--shards', '1', '--strict', '--out', 'again');
  ends(t, second, 'ok');
  const again = summaryOf(join(folder, 'again', readdirSync(join(folder, 'again'))[0]));
  t.true(again.strict);
  t.deepEqual({ ...repeatable(again) }, { ...repeatable(summary) });
});

test('--json: summary.json and nothing else on stdout; an array for compare', async (t) => {
  const folder = desk();
  const run = await peerage(folder, 'run', 'tiny.yaml', '--json', '--shards', '2', '--seed', '77', '--protocol', 'gnutella');
  ends(t, run, 'ok');
  const summary = JSON.parse(run.stdout) as Summary;
  t.deepEqual([summary.protocol, summary.seed, summary.shards, summary.peers], ['gnutella', 77, 2, 24]);
  t.deepEqual(summary, summaryOf(results(folder)[0]));
  const compare = await peerage(folder, 'compare', 'tiny.yaml', '--json', '--peers', '16');
  ends(t, compare, 'ok');
  const both = JSON.parse(compare.stdout) as Summary[];
  t.deepEqual(
    both.map(({ protocol, peers }) => [protocol, peers]),
    [
      ['chord', 16],
      ['gnutella', 16],
    ],
  );
  t.is(both[0].operations.locate!.started, both[1].operations.locate!.started);
});

test('--quiet says nothing and still writes the results', async (t) => {
  const folder = desk();
  const quiet = await peerage(folder, 'run', 'tiny.yaml', '--quiet', '--shards', '1');
  ends(t, quiet, 'ok');
  t.is(quiet.stdout + quiet.stderr, '');
  t.is(results(folder).length, 1);
});

test('compare: both protocols side by side, and the command that repeats the comparison', async (t) => {
  const folder = desk();
  const compare = await peerage(
    folder,
    'compare',
    'tiny.yaml',
    '--protocols',
    'gnutella,chord',
    '--seed',
    '5',
    '--set',
    'workload.locate.rate=0.1/s',
  );
  ends(t, compare, 'ok');
  t.regex(compare.stdout, /gnutella +chord/);
  t.is(results(folder).length, 3);
  const repeat = /npx peerage (compare .*)$/m.exec(compare.stdout)![1];
  for (const word of ['tiny.yaml', '--protocols gnutella,chord', '--seed 5', '--set workload.locate.rate=0.1/s'])
    t.true(repeat.includes(word), repeat);
});

test('check: 1, 2 and 4 shards and strict give the same digest', async (t) => {
  const folder = desk();
  const check = await peerage(folder, 'check', 'tiny.yaml', '--protocol', 'chord', '--duration', '5s');
  ends(t, check, 'ok');
  const digests = [...check.stdout.matchAll(/^chord +(.*?) {2,}([0-9a-f]{16}) /gm)].map(([, way, digest]) => [way.trim(), digest]);
  t.deepEqual(
    digests.map(([way]) => way),
    ['1 shard', '2 shards', '4 shards', '1 shard, strict'],
  );
  t.is(new Set(digests.map(([, digest]) => digest)).size, 1);
  t.regex(check.stdout, /the same run every time/);
  t.deepEqual(results(folder), []);
});

test('check: a run by the wall clock is refused, and says of itself that it is not repeatable', async (t) => {
  const folder = desk('clock: wall\nspeed: 20');
  const check = await peerage(folder, 'check', 'tiny.yaml', '--protocol', 'chord');
  ends(t, check, 'invalid-input');
  t.regex(check.stderr, /^peerage: scenario tiny: expected a run that can be repeated, .*\(clock: wall\) is never the same twice$/m);
  t.is(check.stdout, '');
  const run = await peerage(folder, 'run', 'tiny.yaml', '--shards', '2');
  ends(t, run, 'ok');
  t.regex(run.stdout, /^digest, not repeatable /m);
  t.regex(run.stdout, /^repeat +npx peerage run results\/.*scenario\.yaml$/m);
  const { clock, repeatable: isRepeatable, wallMs } = summaryOf(results(folder)[0]);
  t.is(isRepeatable, false);
  t.like(clock, { kind: 'wall', speed: 20, boundMs: 10 });
  t.true(wallMs >= 17_000 / 20);
  t.true(existsSync(join(results(folder)[0], 'lateness.hgrm')));
  const plan = await peerage(folder, 'plan', 'tiny.yaml');
  t.regex(plan.stdout, /^wall time +850 ms by the wall clock, which asks for about [<\d.]+ % of what the shards can do$/m);
});

test('check: a protocol that is not repeatable is caught, and the first delivery that differs is named', async (t) => {
  const folder = desk();
  // What it sends depends on the other peers of its thread: on shared state, which no real peer has.
  writeFileSync(
    join(folder, 'shared.mjs'),
    `let made = 0;
class Shared {
  constructor(peer) { this.peer = peer; this.number = made++; }
  join() { this.peer.every(1000, this.tell, undefined, 700); }
  tell() { for (const other of this.peer.bootstrap(1)) this.peer.send(other, { type: 'hello', n: this.number }); }
  onMessage() {}
}
export default { about: 'shares', messages: { hello: ['n'] }, sizeOf: ({ n }) => 10 + n, create: (peer) => new Shared(peer) };
`,
  );
  const check = await peerage(folder, 'check', 'tiny.yaml', '--protocol', './shared.mjs', '--set', 'workload=none');
  ends(t, check, 'digests-differ');
  t.regex(check.stdout, /shared: 2 shards differs from 1 shard\n/);
  t.regex(
    check.stdout,
    /the first delivery that differs:\n {2}1 shard: [\d.]+ ms {2}p\d+ -> p\d+ {2}"hello", \d+ bytes, number \d+ of its sender\n {2}2 shards: /,
  );
  // It begins with the first messages, at 700 ms and one latency.
  t.true(Number(/1 shard: ([\d.]+) ms/.exec(check.stdout)![1]) < 1200);
});

test('plan: memory, lookahead and events, before anything is run; what cannot fit is refused', async (t) => {
  const folder = desk();
  const plan = await peerage(folder, 'plan', 'tiny.yaml', '--json', '--shards', '2');
  ends(t, plan, 'ok');
  const planned = JSON.parse(plan.stdout);
  t.is(planned.peers, 24);
  t.is(planned.shards, 2);
  t.true(planned.lookaheadMs > 1 && planned.eventsPerVirtualSecond > 1 && planned.totalBytes > 1e6);
  const table = await peerage(folder, 'plan', 'tiny.yaml');
  ends(t, table, 'ok');
  for (const row of ['memory per peer', 'lookahead', 'events per virtual second', 'wall time'])
    t.true(table.stdout.includes(row), table.stdout);
  const huge = await peerage(folder, 'plan', 'tiny.yaml', '--peers', '16000000', '--set', 'workload=none', '--shards', '2');
  ends(t, huge, 'does-not-fit');
  t.regex(huge.stderr, /16,000,000 peers would take about .* more than 75 % of this machine's memory/);
  t.deepEqual(results(folder), []);
});

test('list: everything that is shipped, each with a sentence', async (t) => {
  const all = await peerage(root, 'list');
  ends(t, all, 'ok');
  const names = { protocols: listProtocols(), topologies: shippedNames('topologies'), scenarios: shippedNames('scenarios') };
  for (const [what, expected] of Object.entries(names)) {
    for (const name of expected) t.regex(all.stdout, new RegExp(`^  ${name} +\\S.{10}`, 'm'));
    const some = await peerage(root, 'list', what);
    ends(t, some, 'ok');
    t.deepEqual(
      [...some.stdout.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => name),
      expected,
    );
  }
});

test('--help and --version; the exit codes are in the help', async (t) => {
  const help = await peerage(root, '--help');
  ends(t, help, 'ok');
  for (const [name, { code }] of Object.entries(EXIT_CODES)) t.regex(help.stdout, new RegExp(`^ +${code} +${name}: `, 'm'));
  const version = await peerage(root, '--version');
  t.regex(version.stdout, /^\d+\.\d+\.\d+\n$/);
  ends(t, version, 'ok');
  const run = await peerage(root, 'run', '--help');
  for (const option of [
    '--protocol',
    '--topology',
    '--peers',
    '--duration',
    '--seed',
    '--shards',
    '--strict',
    '--set',
    '--out',
    '--json',
    '--quiet',
  ])
    t.true(run.stdout.includes(option), option);
});

test('a user\u2019s own protocol by its path, a user\u2019s own matrix as topology; the result folder repeats both from anywhere', async (t) => {
  const folder = desk();
  writeFileSync(
    join(folder, 'mine.mjs'),
    `class Mine {
  constructor(peer, settings) { this.peer = peer; this.settings = settings; }
  join() { this.peer.every(this.settings.periodMs, this.greet); }
  greet() { for (const other of this.peer.bootstrap(1)) this.peer.send(other, { type: 'hello' }); }
  onMessage() { this.peer.count('heard'); }
}
export default {
  about: 'mine', messages: { hello: [] }, settings: { periodMs: { default: 1000, min: 1, about: 'how often' } },
  create: (peer, settings) => new Mine(peer, settings),
};
`,
  );
  writeFileSync(join(folder, 'rtt.csv'), '0,80,120\n80,0,60\n120,60,0\n');
  const run = await peerage(
    folder,
    'run',
    'tiny.yaml',
    '--protocol',
    './mine.mjs',
    '--topology',
    'rtt.csv',
    '--set',
    'workload=none',
    '--set',
    'protocol.periodMs=500ms',
    '--json',
  );
  ends(t, run, 'ok');
  const summary = JSON.parse(run.stdout) as Summary;
  t.is(summary.protocol, 'mine');
  t.true(Math.abs(summary.counters.heard - 24 * 2 * 17) <= 48, `${summary.counters.heard}`);
  const again = await peerage(root, 'run', join(results(folder)[0], 'scenario.yaml'), '--json', '--out', join(folder, 'again'));
  ends(t, again, 'ok');
  t.is((JSON.parse(again.stdout) as Summary).digest, summary.digest);
});

test('a threshold that is not met: exit 99, and everything is written', async (t) => {
  const folder = desk();
  const thresholds = ['--set', 'measures.thresholds.peersAlive=>= 25', '--set', 'measures.thresholds.locate.success=>= 0.1'];
  const missed = await peerage(folder, 'run', 'tiny.yaml', ...thresholds);
  ends(t, missed, 'thresholds-missed');
  t.regex(missed.stdout, /peersAlive >= 25 +(✗|x) 24\n/);
  t.deepEqual(
    summaryOf(results(folder)[0]).thresholds.map(({ metric, met }) => [metric, met]),
    [
      ['peersAlive', false],
      ['locate.success', true],
    ],
  );
  const met = await peerage(folder, 'run', 'tiny.yaml', '--quiet', '--set', 'measures.thresholds.peersAlive=>= 24');
  ends(t, met, 'ok');
});

const refused: [what: string, words: string[], exit: ExitName, sentence: RegExp][] = [
  ['an unknown option', ['run', 'tiny.yaml', '--protcol', 'chord'], 'usage', /unknown option '--protcol'\n\(Did you mean --protocol\?\)/],
  ['an unknown command', ['rum', 'tiny.yaml'], 'usage', /unknown command 'rum'/],
  ['no scenario', ['run'], 'usage', /missing required argument 'scenario'/],
  ['no shards', ['run', 'tiny.yaml', '--shards', '0'], 'usage', /--shards .*expected a whole number from 1 to 64, got "0"/],
  ['1,000 shards', ['run', 'tiny.yaml', '--shards', '1000'], 'usage', /expected a whole number from 1 to 64, got "1000"/],
  [
    'more shards than peers',
    ['run', 'tiny.yaml', '--shards', '25'],
    'usage',
    /--shards 25: expected at most one per peer, and there are 24 peers/,
  ],
  ['no peers', ['run', 'tiny.yaml', '--peers', '0'], 'usage', /--peers .*expected a whole number from 1 to .*, got "0"/],
  ['peers in letters', ['run', 'tiny.yaml', '--peers', 'many'], 'usage', /got "many"/],
  ['a negative seed', ['run', 'tiny.yaml', '--seed', '-1'], 'usage', /--seed/],
  ['an unknown scenario', ['run', 'small-chrun'], 'invalid-input', /"small-chrun".*\(did you mean "small-churn"\?\)/],
  ['a scenario file that is not there', ['run', './not-there.yaml'], 'invalid-input', /not-there\.yaml/],
  [
    'an unknown protocol',
    ['run', 'tiny.yaml', '--protocol', 'cord'],
    'invalid-input',
    /there is no protocol "cord" \(did you mean "chord"\?\)/,
  ],
  [
    'a protocol file that is not there',
    ['run', 'tiny.yaml', '--protocol', './mine.js'],
    'invalid-input',
    /protocol file .*mine\.js: there is no such file/,
  ],
  ['an unknown topology', ['run', 'tiny.yaml', '--topology', 'plant'], 'invalid-input', /"plant".*\(did you mean "planet"\?\)/],
  [
    'a misspelt setting',
    ['run', 'tiny.yaml', '--set', 'population.crsh=1'],
    'invalid-input',
    /--set population\.crsh.*\(did you mean "crash"\?\)/,
  ],
  [
    'a misspelt setting of the protocol',
    ['run', 'tiny.yaml', '--set', 'protocol.successor=4'],
    'invalid-input',
    /--set protocol\.successor.*\(did you mean "successors"\?\)/,
  ],
  [
    'a setting out of its bounds',
    ['run', 'tiny.yaml', '--set', 'protocol.successors=0'],
    'invalid-input',
    /--set protocol\.successors.*expected a whole number of at least 1/,
  ],
  ['peers that are none, by --set', ['run', 'tiny.yaml', '--set', 'peers=0'], 'invalid-input', /--set peers/],
  ['a --set without a value', ['run', 'tiny.yaml', '--set', 'peers'], 'usage', /--set.*peers/],
  ['a duration without a unit', ['run', 'tiny.yaml', '--duration', 'long'], 'invalid-input', /--duration.*long/],
  [
    'a threshold on nothing',
    ['run', 'tiny.yaml', '--set', 'measures.thresholds.locate.sucess=>= 1'],
    'invalid-input',
    /sucess.*\(did you mean "locate\.success"\?\)/,
  ],
  ['an empty list of protocols', ['compare', 'tiny.yaml', '--protocols', 'chord,'], 'usage', /--protocols "chord,"/],
  ['an unknown kind of list', ['list', 'protocol'], 'usage', /protocols, topologies, scenarios/],
];

for (const [what, words, exit, sentence] of refused) {
  test(`refused before anything is run: ${what}`, async (t) => {
    const folder = desk();
    const ended = await peerage(folder, ...words);
    ends(t, ended, exit);
    t.regex(ended.stderr, sentence);
    t.is(ended.stdout, '');
    t.deepEqual(results(folder), []);
  });
}

test('a mistake in the scenario is named with file, line and column', async (t) => {
  const folder = desk('population: { session: expontial 5m }\n');
  const ended = await peerage(folder, 'run', 'tiny.yaml');
  ends(t, ended, 'invalid-input');
  t.regex(ended.stderr, /tiny\.yaml:9:\d+: population\.session: .*"expontial 5m"|tiny\.yaml:9:\d+: .*expontial/);
});

test('a protocol that cannot do what the workload asks is refused before it is run', async (t) => {
  const ended = await peerage(desk(), 'run', 'tiny.yaml', '--protocol', 'ping');
  ends(t, ended, 'invalid-input');
  t.regex(
    ended.stderr,
    /^peerage: tiny\.yaml:7:\d+: workload\.locate: expected a protocol with the service locate, got ping, which does not offer it/m,
  );
});

test('fewer peers than cores is no mistake of the user who named no shards', async (t) => {
  const ended = await peerage(desk(), 'run', 'tiny.yaml', '--peers', '1', '--quiet');
  ends(t, ended, 'ok');
});

test('a protocol that throws: one sentence with the line of its code, exit 5, and what was measured', async (t) => {
  const folder = desk();
  writeFileSync(
    join(folder, 'bad.mjs'),
    `class Bad {
  constructor(peer) { this.peer = peer; }
  join() { this.peer.every(100, this.tick); }
  tick() {
    if (this.peer.now > 3000) null.x = 1;
    for (const other of this.peer.bootstrap(1)) this.peer.send(other, { type: 'hello' });
  }
  onMessage() {}
}
export default { about: 'bad', messages: { hello: [] }, create: (peer) => new Bad(peer) };
`,
  );
  const ended = await peerage(folder, 'run', 'tiny.yaml', '--protocol', './bad.mjs', '--set', 'workload=none');
  ends(t, ended, 'protocol-failed');
  t.regex(ended.stderr, /^peerage: bad: the timer tick of p\d+ at 3\.\d+ s \(seed 1\) threw TypeError: .* \(.*bad\.mjs:5:\d+\)+$/m);
  const summary = summaryOf(results(folder)[0]);
  t.is(summary.status, 'failed');
  t.true(summary.messages.delivered > 500);
});

test('a protocol that never returns is given up after limits.stallSeconds', async (t) => {
  const folder = desk();
  writeFileSync(
    join(folder, 'stuck.mjs'),
    `export default { about: 'stuck', messages: { hello: [] }, create: (peer) => ({
  join() { peer.after(peer.name === 'p9' ? 2000 : 1e6, () => { while (true); }); }, onMessage() {} }) };
`,
  );
  const ended = await peerage(
    folder,
    'run',
    'tiny.yaml',
    '--protocol',
    './stuck.mjs',
    '--set',
    'workload=none',
    '--set',
    'limits.stallSeconds=1',
  );
  ends(t, ended, 'protocol-failed');
  t.regex(ended.stderr, /stuck: no event has finished for 1 s \(limits\.stallSeconds\): .*p9 in a timer/);
  t.is(summaryOf(results(folder)[0]).status, 'failed');
});

for (const [command, signal, choice] of [
  ['run', 'SIGINT', ['--protocol', './begun.mjs']],
  ['compare', 'SIGTERM', ['--protocols', './begun.mjs,chord']],
] as const) {
  test(`${command}: ${signal} ends it cleanly: exit 130, results marked interrupted, nothing half-written`, async (t) => {
    const folder = desk();
    // It leaves a file when it has lived for a while, so that the signal comes in the middle of a run.
    writeFileSync(
      join(folder, 'begun.mjs'),
      `import { writeFileSync } from 'node:fs';
class Begun {
  constructor(peer) { this.peer = peer; }
  join() {
    this.peer.every(100, this.tick);
    if (this.peer.name === 'p0') this.peer.after(10_000, () => writeFileSync('begun', ''));
  }
  tick() { for (const other of this.peer.bootstrap(1)) this.peer.send(other, { type: 'hello' }); }
  onMessage() {}
}
export default { about: 'begun', messages: { hello: [] }, create: (peer) => new Begun(peer) };
`,
    );
    const { child, ended } = await begin(
      folder,
      command,
      'tiny.yaml',
      ...choice,
      '--duration',
      '3000h',
      '--set',
      'workload=none',
      '--set',
      'measures.interval=1h',
    );
    while (!existsSync(join(folder, 'begun')) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill(signal);
    const done = await ended;
    ends(t, done, 'interrupted');
    const [written, ...more] = readdirSync(join(folder, 'results')).sort(
      (a, b) => (a.includes('-comparison-') ? 1 : 0) - (b.includes('-comparison-') ? 1 : 0),
    );
    t.is(more.length, command === 'compare' ? 1 : 0, more.join());
    t.true(more.every((name) => name.startsWith('tiny-comparison-')));
    t.false(written.startsWith('.'));
    const summary = summaryOf(join(folder, 'results', written));
    t.is(summary.status, 'interrupted');
    t.is(summary.protocol, 'begun');
    t.true(summary.virtualMs >= 10_000 && summary.messages.delivered > 2000);
    for (const check of summary.checks) t.true(check.held, check.says);
  });
}

test('compare --vary: a row for each value and protocol, and the table as a file, beside the folders of the runs', async (t) => {
  const folder = desk();
  const ended = await peerage(folder, 'compare', 'tiny.yaml', '--vary', 'topology.loss=0%,20%', '--out', 'out');
  ends(t, ended, 'ok');
  t.regex(ended.stdout, /^topology\.loss 0%\n {2}chord .*\n {2}gnutella .*\n\ntopology\.loss 20%\n {2}chord /m);
  const [comparison, ...others] = readdirSync(join(folder, 'out')).filter((name) => name.includes('-comparison-'));
  t.deepEqual(others, []);
  t.true(ended.stdout.includes(comparison));
  const [header, ...rows] = readFileSync(join(folder, 'out', comparison, 'comparison.csv'), 'utf8')
    .trim()
    .split('\n');
  t.true(header.startsWith('protocol,value,status,'));
  t.deepEqual(
    rows.map((row) => row.split(',').slice(0, 3).join()),
    ['chord,0%,completed', 'gnutella,0%,completed', 'chord,20%,completed', 'gnutella,20%,completed'],
  );
  for (const row of rows) t.true(existsSync(join(folder, row.split(',').at(-1)!, 'summary.json')));
  t.true(readFileSync(join(folder, 'out', comparison, 'comparison.txt'), 'utf8').includes('topology.loss 20%'));

  ends(t, await peerage(folder, 'compare', 'tiny.yaml', '--vary', 'topology.loss'), 'usage');
  ends(t, await peerage(folder, 'compare', 'tiny.yaml', '--vary', 'topology.lass=0%'), 'invalid-input');
});
