import test from 'ava';
import { build } from 'hdr-histogram-js';
import type { LedgerRow } from '../../src/metrics/measures.js';
import { nothingMeasured } from '../../src/metrics/nothing-measured.js';
import { EFFORT_FIELDS, repeatable, summarise } from '../../src/metrics/summary.js';
import { metricsOf } from '../../src/metrics/thresholds.js';
import { drops, measuresWith, type OperationRow, operationTable, queries, scenarioWith } from '../helpers/measures.js';

const LEDGER: LedgerRow[] = [
  { phase: 'warm-up', type: 'stabilise', cause: 'maintenance', messages: 1000, bytes: 40_000 },
  { phase: 'measure', type: 'stabilise', cause: 'maintenance', messages: 300, bytes: 12_000 },
  { phase: 'measure', type: 'join', cause: 'join', messages: 50, bytes: 2000 },
  { phase: 'measure', type: 'bye', cause: 'leave', messages: 30, bytes: 1000 },
  { phase: 'measure', type: 'store', cause: 'publish', messages: 20, bytes: 1000 },
  { phase: 'measure', type: 'find', cause: 'locate', messages: 600, bytes: 60_000 },
  { phase: 'drain', type: 'find', cause: 'locate', messages: 100, bytes: 10_000 },
];

const QUERIES: OperationRow[] = [
  { latencyMs: 10, hops: 2, messages: 5, bytes: 500, reached: 2, liveReplicas: 4, foundLive: 1, foundStale: 1 },
  { latencyMs: 30, hops: 6, messages: 15, bytes: 1500, reached: 6, liveReplicas: 2, foundLive: 2 },
  { outcome: 'failed', messages: 40, bytes: 4000, reached: 20, liveReplicas: 1, foundStale: 1 },
  { outcome: 'unanswerable', messages: 20, bytes: 2000, reached: 12, liveReplicas: 0 },
  { outcome: 'pending', messages: 1000, bytes: 9000, reached: 99, liveReplicas: 3 },
  { outcome: 'abandoned', messages: 1000, bytes: 9000, reached: 99, liveReplicas: 3 },
];

test('what locate shows, by hand', (t) => {
  const { locate } = summarise(scenarioWith(), measuresWith(QUERIES, LEDGER), '1.2.3').operations;
  t.deepEqual(locate, {
    started: 6,
    succeeded: 2,
    failed: 1,
    unanswerable: 1,
    pending: 1,
    abandoned: 1,
    success: 2 / 3,
    recall: (0.25 + 1 + 0) / 3,
    stale: 2 / 5,
    latencyMs: { p50: 10.007, p90: 30, p99: 30, max: 30, mean: 20 },
    hops: { mean: 4, max: 6 },
    messages: { mean: 20 },
    bytes: { mean: 2000 },
    reached: { mean: 10 },
    fromTopPercent: null,
    timeouts: { mean: 0 },
    obtained: { count: 0, share: null, ms: { p50: null, p90: null } },
  });
});

test('an answer counts though the run broke off before its query ended', (t) => {
  const rows: OperationRow[] = [
    { latencyMs: 10, hops: 2 },
    { outcome: 'pending', latencyMs: 50, hops: 4, foundLive: 1, messages: 7 },
  ];
  const { checks, operations } = summarise(scenarioWith(), measuresWith(rows, [], { status: 'interrupted' }), '');
  t.deepEqual([operations.locate?.latencyMs.mean, operations.locate?.latencyMs.max, operations.locate?.hops.mean], [30, 50, 3]);
  t.deepEqual([operations.locate?.succeeded, operations.locate?.pending, operations.locate?.messages.mean], [1, 1, 0]);
  t.true(checks.every(({ held }) => held));
});

test('traffic, maintenance and load, by hand', (t) => {
  const summary = summarise(scenarioWith(), measuresWith(QUERIES, LEDGER, { counters: { zeta: 2, alpha: 1 } }), '1.2.3');
  t.deepEqual(summary.maintenance, { messagesPerPeerSecond: 1, bytesPerPeerSecond: 40 });
  t.deepEqual(Object.entries(summary.messagesByType), [
    ['bye', { messages: 30, bytes: 1000 }],
    ['find', { messages: 700, bytes: 70_000 }],
    ['join', { messages: 50, bytes: 2000 }],
    ['stabilise', { messages: 1300, bytes: 52_000 }],
    ['store', { messages: 20, bytes: 1000 }],
  ]);
  t.deepEqual(Object.keys(summary.counters), ['alpha', 'zeta']);
  t.deepEqual(summary.load, { mean: 2.5, p99: 4, gini: 0.25, perServer: null });
  t.is(summary.eventsPerSecond, 500);
  t.is(summary.messagesPerSecond, 1050);
  t.true(summary.checks.every(({ held }) => held));
});

test('nothing measured gives nulls, and a summary that JSON keeps as it is', (t) => {
  const summary = summarise(scenarioWith(), nothingMeasured(), '1.2.3');
  t.deepEqual(JSON.parse(JSON.stringify(summary)), summary);
  t.is(summary.operations.locate?.success, null);
  t.is(summary.operations.locate?.latencyMs.p99, null);
  t.is(summary.load.mean, null);
  t.is(summary.maintenance.bytesPerPeerSecond, null);
  t.is(summary.eventsPerSecond, null);
  for (const value of metricsOf(summary).values()) t.false(Number.isNaN(value));
});

test('a scenario without queries has no locate', (t) => {
  const summary = summarise(scenarioWith({ workload: { locate: null } }), measuresWith([], LEDGER), '1.2.3');
  t.deepEqual(summary.operations, {});
  t.deepEqual(summary.warnings, []);
});

test('quantiles never exceed the largest latency, though a bucket of the histogram does', (t) => {
  const { locate } = summarise(scenarioWith(), measuresWith(queries(200, { latencyMs: 4503.137 })), '').operations;
  t.deepEqual(locate?.latencyMs, { p50: 4503.137, p90: 4503.137, p99: 4503.137, max: 4503.137, mean: 4503.137 });
});

test('the mean latency adds whole microseconds, so it is the same however the rows were cut up', (t) => {
  const rows = queries(1000).map((row, at) => ({ ...row, latencyMs: 0.1 * (at % 7) + 0.0004 }));
  const table = operationTable(rows);
  const histogram = build({ bitBucketSize: 64 });
  const summary = summarise(scenarioWith(), { ...measuresWith(rows), operations: table, histograms: { 'locate-latency': histogram } }, '');
  const us = rows.reduce((sum, { latencyMs }) => sum + Math.round(latencyMs * 1000), 0);
  t.is(summary.operations.locate?.latencyMs.mean, us / 1000 / 1000);
});

test('the repeatable part leaves out how the run was done, thresholds on it included', (t) => {
  const thresholds = [
    { metric: 'memory.rssBytes', condition: '<', value: 1e9 },
    { metric: 'locate.success', condition: '>', value: 0.5 },
  ] as const;
  const scenario = scenarioWith({ measures: { intervalMs: 1000, paths: false, thresholds } });
  const one = summarise(scenario, measuresWith(QUERIES, LEDGER), '1');
  const four = summarise(
    scenario,
    measuresWith(QUERIES, LEDGER, {
      shards: 4,
      lookaheadMs: 5,
      windows: 99,
      strict: true,
      effort: { wallMs: 1, runWallMs: 1, rssBytes: 2e9, bytesPerPeer: null },
    }),
    '1',
  );
  t.notDeepEqual(one, four);
  t.deepEqual(repeatable(one), repeatable(four));
  t.deepEqual(
    Object.keys(one).filter((field) => !(field in repeatable(one))),
    [...EFFORT_FIELDS].sort((a, b) => Object.keys(one).indexOf(a) - Object.keys(one).indexOf(b)),
  );
});

test('warnings say what to mind', (t) => {
  const dropped = drops({ 'uplink-full': 20, 'no-such-address': 1 });
  const traffic = { sent: 0, duplicated: 0, delivered: 0, inFlight: 0, bytes: 0, dropped };
  const overlay = { meanDegree: 2, largestComponentShare: 0.9999 };
  const { warnings } = summarise(scenarioWith(), measuresWith(QUERIES, LEDGER, { traffic, overlay }), '');
  t.deepEqual(warnings, [
    'p99 is of 2 answers: the true one may be far above; 368 would bound it',
    '1 of 6 queries sought what no live peer had (not judged)',
    '1 of 6 queries still open at the end: lengthen the drain phase',
    'full uplink queues dropped 0.95 % of all messages',
    '1 of 2100 messages were sent to addresses nobody has',
    'overlay in pieces: the largest has 99.9 % of the live peers',
  ]);
  t.is(summarise(scenarioWith(), measuresWith(queries(367), LEDGER), '').warnings.length, 1);
  t.deepEqual(summarise(scenarioWith(), measuresWith(queries(368), LEDGER), '').warnings, []);
});

test('how much hangs on the hundredth of the peers most often found', (t) => {
  const answers = new Float64Array(200).fill(1);
  answers[7] = 101;
  answers[100] = 50;
  const { locate } = summarise(scenarioWith(), measuresWith([{}], [], { answers }), '1').operations;
  t.is(locate!.fromTopPercent, 151 / 349);
  t.is(summarise(scenarioWith(), measuresWith([{}], []), '1').operations.locate!.fromTopPercent, null);
});
