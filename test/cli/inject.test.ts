import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Summary } from '../../src/metrics/summary.js';
import { begin, peerage } from '../helpers/cli.js';

const root = mkdtempSync(join(tmpdir(), 'peerage-inject-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

writeFileSync(
  join(root, 'calm.yaml'),
  `peers: 200
topology: planet
protocols: [chord]
phases: { start: converge, warmUp: 2s, measure: 8m, drain: 5s }
workload:
  locate: { files: 20, replicas: 3, publishSpread: 1s, rate: 0.2/s, timeout: 5s }
`,
);

test('run --inject: what is typed happens, a mistake is answered, and the command that repeats the run gives the same digest', async (t) => {
  const { child, ended } = await begin(root, 'run', 'calm.yaml', '--inject', '--shards', '2', '--out', 'out');
  child.stdin!.write('at 1m for 2m partition sites Europe | rest\n\ncrash 30% of it\n');
  child.stdin!.write('at 5m crash 30%\n');
  child.stdin!.end('at 6m restart');
  const { code, stdout, stderr } = await ended;
  t.is(code, 0, stderr);
  for (const line of ['from 1m to 3m partition sites Europe | rest', 'at 5m crash 30%', 'at 6m restart'])
    t.true(stderr.includes(`${line}\n`), stderr);
  t.regex(stderr, /^not done: expected a site or region of the topology, got "30% of it"/m);
  t.regex(stdout, /^faults +a/m);
  t.regex(stdout, /^ {2}b {2}5 min +crash 30% +60 peers$/m);

  const [folder] = readdirSync(join(root, 'out'));
  const summary = JSON.parse(readFileSync(join(root, 'out', folder, 'summary.json'), 'utf8')) as Summary;
  t.true(summary.faults.every(({ origin }) => origin === 'injected'));
  const [partition, crash, restart] = summary.faults.map(({ peersHit }) => peersHit);
  t.deepEqual([crash, restart], [60, 60]);
  t.true(partition! > 20 && partition! < 60, `${partition} of 200 peers are in Europe`);
  t.true(summary.messages.dropped.fault > 100);
  const repeat = /npx peerage (run .*)$/m.exec(stdout)![1];
  const again = await peerage(root, ...repeat.split(' '), '--shards', '1', '--json', '--out', 'again');
  t.is(again.code, 0, again.stderr);
  t.is((JSON.parse(again.stdout) as Summary).digest, summary.digest);
});
