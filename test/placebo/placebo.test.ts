/**
 * Protocols that are broken in every way there is. Each must end in one sentence that names the protocol, the peer and what it was doing
 * (with the line of its code where something was thrown), the right exit code, and a result folder with what was measured so far.
 */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { EXIT_CODES, type ExitName } from '../../src/cli/exit-codes.js';
import { runExperiment } from '../../src/coordinator/experiment.js';
import type { Summary } from '../../src/metrics/summary.js';
import type { SettingValue } from '../../src/protocol.js';
import { type WorldOptions, worldScenario } from '../helpers/worlds.js';

const folder = mkdtempSync(join(tmpdir(), 'peerage-placebo-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const placebo = (name: string) => fileURLToPath(new URL(`./protocols/${name}.js`, import.meta.url));

interface Ending {
  readonly exit: ExitName;
  readonly reason: RegExp;
  /** Virtual time by which it was over, and messages that were delivered until then. */
  readonly byMs: number;
  readonly delivered: number;
}

let runs = 0;

async function endsSo(
  t: ExecutionContext,
  name: string,
  settings: Record<string, SettingValue>,
  ending: Ending,
  options: WorldOptions & { shards?: number } = {},
) {
  const { shards = 1, ...world } = options;
  const scenario = await worldScenario(placebo(name), {
    peers: 40,
    warmUpMs: 0,
    measureMs: 5000,
    drainMs: 1000,
    intervalMs: 500,
    settings,
    ...world,
  });
  const outDir = join(folder, String(runs++));
  const { summary, failure, folder: results } = await runExperiment(scenario, { shards, outDir });
  t.is(summary.status, 'failed');
  t.regex(summary.reason!, ending.reason);
  t.false(summary.reason!.includes('\n'), 'more than a sentence');
  t.true(failure !== null && EXIT_CODES[failure].code === EXIT_CODES[ending.exit].code, `${failure}, not ${ending.exit}`);
  t.true(summary.virtualMs <= ending.byMs, `${summary.virtualMs} ms`);
  t.true(summary.messages.delivered >= ending.delivered, `${summary.messages.delivered} delivered`);
  for (const check of summary.checks) t.true(check.held, check.says);
  // What it left behind is whole.
  t.deepEqual(readdirSync(outDir), [results!.split('/').at(-1)!]);
  const written = JSON.parse(readFileSync(join(results!, 'summary.json'), 'utf8')) as Summary;
  t.is(written.reason, summary.reason);
  t.is(written.messages.delivered, summary.messages.delivered);
  for (const file of ['scenario.yaml', 'timeseries.csv', 'messages.csv', 'operations.csv']) t.true(existsSync(join(results!, file)), file);
  return summary;
}

/** Where in the placebo's code it was thrown. */
const THROWN = String.raw`threw Error: placebo \(.*throws\.\w+:\d+:\d+\)+$`;
const CHURN: WorldOptions['population'] = {
  session: { kind: 'exponential', meanMs: 2000 },
  downtime: { kind: 'exponential', meanMs: 500 },
  crashShare: 0,
};

const throwing: [where: string, sentence: string, options: WorldOptions & { atMs?: number }][] = [
  ['create', 'create of p0 at 0.000 s', {}],
  ['create', 'create of p\\d+ at 1.\\d+ s', { atMs: 1000, population: CHURN }],
  ['join', 'join of p0 at 0.000 s', { start: 'join' }],
  ['join', 'join of p\\d+ at 1.\\d+ s', { atMs: 1000, population: CHURN }],
  ['converge', 'converge of p0 at 0.000 s', {}],
  ['onMessage', 'onMessage\\("hello"\\) of p\\d+ at 1.\\d+ s', { atMs: 1000 }],
  ['timer', 'the timer greet of p\\d+ at 1.\\d+ s', { atMs: 1000 }],
  ['leave', 'leave of p\\d+ at 1.\\d+ s', { atMs: 1000, population: CHURN }],
  ['publish', 'the timer publish of p\\d+ at 1.\\d+ s', { atMs: 1000, locate: { files: 50, publishSpreadMs: 3000 } }],
  ['locate', 'locate of p\\d+ at 1.\\d+ s', { atMs: 1000, locate: { ratePerPeerPerSecond: 1 } }],
  ['sizeOf', 'the timer greet of p\\d+ at 0.\\d+ s', {}],
];

for (const [where, sentence, options] of throwing) {
  const { atMs = 0, ...same } = options;
  for (const shards of atMs > 0 ? [1, 3] : [1]) {
    test.serial(`throws in ${where}, ${atMs > 0 ? `after a while, on ${shards} shard${shards > 1 ? 's' : ''}` : 'at once'}`, async (t) => {
      const summary = await endsSo(
        t,
        'throws',
        { where, atMs },
        {
          exit: 'protocol-failed',
          reason: new RegExp(`^throws: ${sentence} \\(seed 1\\) ${THROWN}`),
          byMs: atMs + 1000,
          delivered: atMs > 0 ? 100 : 0,
        },
        { ...same, shards },
      );
      if (atMs > 0)
        t.true(
          readFileSync(join(folder, String(runs - 1), readdirSync(join(folder, String(runs - 1)))[0], 'timeseries.csv'), 'utf8').split('\n')
            .length > 3,
        );
      t.true(summary.wallMs < 20_000);
    });
  }
}

test.serial('throws in neighbours, when the run is over', async (t) => {
  await endsSo(
    t,
    'throws',
    { where: 'neighbours' },
    {
      exit: 'protocol-failed',
      reason: new RegExp(`^throws: neighbours of p\\d+ at 6.000 s \\(seed 1\\) ${THROWN}`),
      byMs: 6000,
      delivered: 1000,
    },
  );
});

test.serial('rejects a promise: the thread ends with a sentence', async (t) => {
  const ending: Ending = { exit: 'worker-died', reason: /^shard 0's thread died: placebo, later$/, byMs: 200_000, delivered: 0 };
  await endsSo(t, 'throws', { where: 'async' }, ending, { peers: 400, measureMs: 200_000 });
});

const dying: [how: string, exit: ExitName, reason: RegExp, options: WorldOptions & { shards?: number }][] = [
  [
    'size NaN',
    'protocol-failed',
    /^dies: the timer die of p1 at 1\.000 s \(seed 1\): sizeOf\("size NaN"\) gave NaN: expected a whole number of bytes/,
    {},
  ],
  ['size negative', 'protocol-failed', /p1 at 1\.000 s .*gave -1: expected/, {}],
  ['size huge', 'protocol-failed', /p1 at 1\.000 s .*gave 1000000000: expected/, {}],
  ['size fraction', 'protocol-failed', /p1 at 1\.000 s .*gave 10\.5: expected/, {}],
  ['to NaN', 'protocol-failed', /^dies: the timer die of p1 at 1\.000 s \(seed 1\): it sent "hello" to NaN: expected an address$/, {}],
  ['to text', 'protocol-failed', /p1 at 1\.000 s .*it sent "hello" to p7: expected an address$/, {}],
  [
    'undeclared type',
    'protocol-failed',
    /p1 at 1\.000 s .*a message of type "helo", which its definition does not declare \(did you mean "hello"\?\)/,
    {},
  ],
  [
    'undeclared field',
    'protocol-failed',
    /p1 at 1\.000 s .*message "again" has the field "text", which its definition does not declare/,
    {},
  ],
  [
    'time stands still',
    'protocol-failed',
    /^dies: time does not advance: 50001 events at 1\.000 s alone \(limits\.eventsPerInstant, seed 1\)/,
    { limits: { eventsPerInstant: 50_000 } },
  ],
  [
    'time stands still',
    'protocol-failed',
    /^dies: time does not advance: 50001 events at 1\.000 s alone/,
    { limits: { eventsPerInstant: 50_000 }, shards: 3 },
  ],
  [
    'flood',
    'does-not-fit',
    /^dies: \d+ events are pending at [12]\.\d+ s \(limits\.pendingEvents is 30000, seed 1\); .*"twice" messages/,
    { limits: { pendingEvents: 30_000 } },
  ],
  [
    'flood',
    'does-not-fit',
    /^dies: \d+ events are pending at [12]\.\d+ s \(limits\.pendingEvents is 30000, seed 1\); .*"twice" messages/,
    { limits: { pendingEvents: 30_000 }, shards: 3 },
  ],
  [
    'never returns',
    'protocol-failed',
    /^dies: no event has finished for 0\.5 s \(limits\.stallSeconds\): p1 in a timer$/,
    { limits: { stallSeconds: 0.5 } },
  ],
  [
    'never returns',
    'protocol-failed',
    /^dies: no event has finished for 0\.5 s \(limits\.stallSeconds\): .*p1 in a timer/,
    { limits: { stallSeconds: 0.5 }, shards: 2 },
  ],
  ['exit', 'worker-died', /^shard 0.s thread died: worker exited with code: 3/, {}],
  ['exit', 'worker-died', /^shard \d.s thread died: worker exited with code: 3/, { shards: 2 }],
];

for (const [how, exit, reason, options] of dying) {
  test.serial(`${how} on ${options.shards ?? 1} shard${(options.shards ?? 1) > 1 ? 's' : ''}`, async (t) => {
    // Of a thread that is gone only what was copied in time is left.
    const gone = ['never returns', 'exit'].includes(how);
    await endsSo(t, 'dies', { how }, { exit, reason, byMs: 3000, delivered: gone ? 0 : 200 }, options);
  });
}

test.serial('never returns from join, or from converge', async (t) => {
  for (const where of ['join', 'converge']) {
    await endsSo(
      t,
      'dies',
      { how: 'never returns', where },
      { exit: 'protocol-failed', reason: /^dies: .* 0\.5 s \(limits\.stallSeconds\): p\d+ in (join|converge)/, byMs: 0, delivered: 0 },
      { limits: { stallSeconds: 0.5 }, start: where === 'join' ? 'join' : 'converge' },
    );
  }
});

test.serial('sends to nowhere: counted, and no reason to end', async (t) => {
  const scenario = await worldScenario(placebo('dies'), { peers: 40, warmUpMs: 0, measureMs: 2000, settings: { how: 'to nowhere' } });
  const { summary } = await runExperiment(scenario, { shards: 2, outDir: null });
  t.is(summary.status, 'completed');
  t.is(summary.messages.dropped['no-such-address'], 1);
  t.true(summary.warnings.some((warning) => warning.includes('addresses nobody has')));
});

test.serial('a thread that dies late leaves what was copied before', async (t) => {
  const summary = await endsSo(
    t,
    'dies',
    { how: 'exit late' },
    { exit: 'worker-died', reason: /thread died/, byMs: 1e8, delivered: 1000 },
    { peers: 400, measureMs: 1e8, intervalMs: 1e6, shards: 2 },
  );
  // Each of 400 peers sends ten messages a second; without the copy only the living half of them would be there.
  const share = summary.messages.sent / (400 * 10 * (summary.virtualMs / 1000));
  t.true(share > 0.8, `${share} of what was sent`);
});
