import test from 'ava';
import type { LedgerRow, Measures } from '../../src/metrics/measures.js';
import { type Summary, summarise } from '../../src/metrics/summary.js';
import { progressLine } from '../../src/report/progress.js';
import { renderComparison, renderRun } from '../../src/report/terminal.js';
import type { Threshold } from '../../src/scenario/scenario.js';
import { drops, measuresWith, type OperationRow, queries, scenarioWith } from '../helpers/measures.js';

const COMMAND = 'npx peerage compare flood-vs-dht --seed 7';

function run(
  protocol: string,
  rows: OperationRow[],
  ledger: LedgerRow[] = [],
  changes: Partial<Measures> = {},
  thresholds: Threshold[] = [],
) {
  const scenario = scenarioWith({ peers: 2000, measures: { intervalMs: 10_000, paths: false, thresholds } }, protocol);
  return summarise(scenario, measuresWith(rows, ledger, changes), '1.2.3');
}

const maintenance = (messages: number, bytes: number): LedgerRow => ({
  phase: 'measure',
  type: 'ping',
  cause: 'maintenance',
  messages,
  bytes,
});

function gnutella(changes: Partial<Measures> = {}): Summary {
  const cost = { messages: 2310, bytes: 190_000, reached: 1800 };
  const dropped = drops({ 'uplink-full': 12_345, 'peer-down': 1000 });
  const rows = [
    ...queries(843, { ...cost, latencyMs: 420, hops: 4, liveReplicas: 4, foundLive: 3 }),
    ...queries(157, { ...cost, outcome: 'failed', liveReplicas: 1 }),
    ...queries(20, { ...cost, outcome: 'unanswerable', liveReplicas: 0 }),
  ];
  return run('gnutella', rows, [maintenance(2_400_000, 27_200)], {
    handled: Float64Array.of(10, 20, 30, 940),
    traffic: { sent: 0, duplicated: 0, delivered: 0, inFlight: 0, bytes: 0, dropped },
    digest: 'aaaabbbbccccdddd',
    peersAlive: 1234,
    ...changes,
  });
}

function chord(changes: Partial<Measures> = {}, protocol = 'chord'): Summary {
  const cost = { messages: 14.2, bytes: 1200, reached: 6.5 };
  const rows = [...queries(991, { ...cost, latencyMs: 1204, hops: 5.21 }), ...queries(29, { ...cost, outcome: 'failed', foundStale: 1 })];
  return run(protocol, rows, [maintenance(12_345, 84_000)], { digest: '111122223333', peersAlive: 1230, ...changes });
}

test('the comparison, letter by letter, within 80 columns', (t) => {
  const text = renderComparison([gnutella(), chord()], ['results/gnutella-x', 'results/chord-y'], COMMAND);
  t.is(
    text,
    `flood-vs-dht, 2,000 peers, topology ideal, seed 7, 2 min of virtual time in 3 s
of wall time

                                gnutella         chord
queries                            1,020         1,020
success                           84.3 %        97.2 %
recall                            63.2 %        97.2 %
stale answers                        0 %         1.4 %
not judged: unanswerable              20             0
latency p50                       420 ms        1.20 s
latency p90                       420 ms        1.20 s
latency p99                       420 ms        1.20 s
hops, mean                             4          5.21

messages per query                 2,310          14.2
bytes per query                   190 kB       1.20 kB
peers reached per query            1,800          6.50
maintenance per peer              68 B/s       210 B/s
load per peer, mean           2.50 msg/s    2.50 msg/s
load per peer, p99            9.40 msg/s       4 msg/s
load inequality (Gini)              0.70          0.25

messages sent                     2.40 M        12.3 k
  dropped: uplink-full    12.3 k (0.5 %)       0 (0 %)
  dropped: peer-down      1,000 (<0.1 %)       0 (0 %)
peers alive at the end             1,234         1,230
digest                      aaaabbbbcccc  111122223333

warning  gnutella: full uplink queues dropped 0.51 % of all messages

Gnutella answered 84.3 % of its 1,000 judged queries with 2,310 messages per
query; chord answered 97.2 % of its 1,020 queries with 14.2 messages per query.
Gnutella sent 163 times as many messages per query as chord (2,310 against
14.2), but the median answer of chord took 2.9 times as long as that of gnutella
(1.20 s against 420 ms), and chord spent 3.1 times as many bytes on maintenance
as gnutella (210 B/s against 68 B/s).

results  results/gnutella-x
         results/chord-y
repeat   npx peerage compare flood-vs-dht --seed 7
`,
  );
});

test('every line of two or three columns fits 80, and colour changes no letter', (t) => {
  const summaries = [gnutella(), chord(), chord({}, 'a-protocol-with-a-long-name')];
  for (const some of [summaries.slice(0, 2), summaries]) {
    const text = renderComparison(
      some,
      some.map(({ protocol }) => `results/${protocol}`),
      COMMAND,
    );
    for (const line of text.split('\n')) t.true(line.length <= 80, line);
    const coloured = renderComparison(
      some,
      some.map(({ protocol }) => `results/${protocol}`),
      COMMAND,
      { colour: true },
    );
    t.not(coloured, text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the codes
    t.is(coloured.replace(/\u001b\[\d+m/g, ''), text);
  }
});

test('a run that broke off says so first, and is not compared', (t) => {
  const text = renderComparison(
    [gnutella({ status: 'interrupted', virtualMs: 62_000, measuredMs: 40_000 }), chord()],
    ['results/a', 'results/b'],
    COMMAND,
  );
  t.true(text.startsWith('INTERRUPTED: gnutella after 62 s of virtual time, 40 s of 100 s measured. Its\nfigures cover only that.\n'));
  t.regex(
    text,
    /\n\nChord answered 97\.2 % of its 1,020 queries with 14\.2 messages per query\.\nGnutella was interrupted, and is not compared\.\n\n/,
  );
  t.notRegex(text, /times as/);

  const failed = renderRun(chord({ status: 'failed', reason: 'chord threw in onMessage: x is not a function.' }), null, COMMAND);
  t.regex(
    failed,
    /^FAILED: chord after 2 min of virtual time, 100 s of 100 s measured: chord threw\nin onMessage: x is not a function\. Its figures/,
  );
  t.notRegex(failed, /results/);
  t.true(failed.endsWith(`\n\nrepeat  ${COMMAND}\n`));
});

test('one run: no comparison, the command last', (t) => {
  const text = renderRun(chord(), 'results/chord-y', 'npx peerage run x');
  t.true(
    text.endsWith(
      'Chord answered 97.2 % of its 1,020 queries with 14.2 messages per query.\n\nresults  results/chord-y\nrepeat   npx peerage run x\n',
    ),
  );
});

test('nothing measured, and no queries asked for', (t) => {
  const none = run('chord', []);
  t.regex(renderRun(none, null, COMMAND), /\nsuccess +-\n.*\nChord was asked nothing\.\n/s);
  const phold = summarise(scenarioWith({ workload: { locate: null } }, 'phold'), measuresWith([], [maintenance(1200, 10)]), '');
  const text = renderComparison([phold, phold], [], COMMAND);
  t.notRegex(text, /success|latency|query/);
  t.regex(text, /Phold delivered all of its 1,200 messages; phold delivered all of its 1,200\nmessages\./);
});

test('missed thresholds, broken claims, unbalanced books and warnings have a line each', (t) => {
  const summary = {
    ...run('chord', queries(9), [], {}, [
      { metric: 'locate.hops.mean', condition: '<', value: 2 },
      { metric: 'locate.success', condition: '>=', value: 0.5 },
    ]),
    claims: [
      { says: 'few hops', source: 'Stoica 2001', measured: 3, atLeast: null, atMost: 2.5, held: false, problem: null },
      { says: 'good', source: 'x', measured: 1, atLeast: 1, atMost: null, held: true, problem: null },
      { says: 'odd', source: 'y', measured: null, atLeast: null, atMost: null, held: null, problem: 'judging it threw: oops' },
    ],
    checks: [{ name: 'messages', held: false, says: 'sent 2 != delivered + dropped + in flight 1' }],
  };
  const lines = renderRun(summary, null, COMMAND).split('\n');
  const from = lines.findIndex((line) => line.startsWith('BUG'));
  t.deepEqual(lines.slice(from, from + 7), [
    'BUG  chord: the books do not balance (messages): sent 2 != delivered + dropped +',
    '  in flight 1',
    'claim  chord: "few hops" (Stoica 2001) is broken: measured 3, claimed at most',
    '  2.5',
    'claim  chord: "odd" (y) could not be judged: judging it threw: oops',
    'warning  chord: p99 is of 9 answers: the true one may be far above; 368 would',
    '  bound it',
  ]);
  // Thresholds head the table, each with its verdict; one without a value says why.
  t.deepEqual(
    lines.slice(4, 7).map((line) => line.replace(/ +/g, ' ')),
    ['locate.hops.mean < 2 \u2717 3', 'locate.success >= 0.5 \u2713 1', ''],
  );
  const unmeasured = { ...summary, thresholds: [{ ...summary.thresholds[0], measured: null }] };
  t.regex(renderRun(unmeasured, null, COMMAND), /\u2717 -\n[\s\S]*missed {2}chord: locate\.hops\.mean has no value/);
  t.true(renderRun(summary, null, COMMAND, { colour: true }).includes('\u001b[31m\u2717 3\u001b[39m'));
  t.regex(renderRun(summary, null, COMMAND, { unicode: false }), /< 2 +x 3\n.*>= 0\.5 +\+ 1\n/);
});

test('four runs stand side by side where there is room, and get a row each where there is none', (t) => {
  const summaries = ['chord', 'gnutella', 'kademlia', 'pastry'].map((protocol) =>
    summarise(scenarioWith({}, protocol), measuresWith(queries(9)), '1'),
  );
  const [wide, narrow] = [80, 70].map((width) => renderComparison(summaries, [], COMMAND, { width }));
  t.regex(wide, /^ +chord +gnutella +kademlia +pastry$/m);
  t.regex(narrow, /^found +by +success/m);
  t.true(
    narrow.split('\n').every((line) => line.length <= 70),
    narrow,
  );
});

test('advice is for whoever looks on', (t) => {
  const summary = { ...summarise(scenarioWith(), measuresWith(queries(9)), '1'), advice: ['one shard may be faster'] };
  t.regex(renderRun(summary, null, COMMAND, { advise: true }), /^advice {2}chord: one shard may be faster$/m);
  t.notRegex(renderRun(summary, null, COMMAND), /advice/);
});

test('the progress line is as wide as asked, whatever it says', (t) => {
  const progress = {
    protocol: 'gnutella',
    phase: 'measure',
    virtualMs: 130_000,
    totalMs: 300_000,
    messagesPerSecond: 1_234_567,
    leftMs: 83_400,
    peersAlive: 1987,
  } as const;
  t.is(progressLine(progress).trimEnd(), 'gnutella  43 %  84 s left  measure 2 min 10 s  1,987 peers  1.23 M msg/s');
  t.is(
    progressLine({ ...progress, operations: { started: 812, succeeded: 700, failed: 100 } }, 100).trimEnd(),
    'gnutella  43 %  84 s left  measure 2 min 10 s  1,987 peers  1.23 M msg/s  812 queries, 87.5 %',
  );
  t.is(progressLine({ ...progress, operations: { started: 1, succeeded: 0, failed: 0 }, totalMs: 0 }, 40).length, 40);
  t.is(progressLine(progress).length, 79);
  // Nothing is cut in half: what comes last is left out.
  t.is(progressLine(progress, 50).trimEnd(), 'gnutella  43 %  84 s left  measure 2 min 10 s');
  t.is(
    progressLine({ ...progress, leftMs: null, messagesPerSecond: null }, 60).trimEnd(),
    'gnutella  43 %  measure 2 min 10 s  1,987 peers',
  );
  t.regex(progressLine({ ...progress, leftMs: 400_000 }), / {2}7 min left {2}/);
});
