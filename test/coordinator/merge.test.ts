import test from 'ava';
import {
  mergeCounters,
  mergeHistograms,
  mergeLedger,
  mergeLog,
  mergeOperations,
  mergeSeries,
  mergeState,
  mergeTraffic,
} from '../../src/coordinator/merge.js';
import { CAUSES, DROP_REASONS, PHASES } from '../../src/metrics/measures.js';
import { CAUSE_BITS, Meter, SERIES_COLUMNS } from '../../src/metrics/meter.js';
import { COLUMN, OPERATION_STRIDE, type OperationColumn } from '../../src/metrics/operations.js';
import { DROPPED_LOST, DROPPED_PEER_DOWN } from '../../src/network/network.js';
import type { ShardReport } from '../../src/shard/messages.js';
import { scenarioWith } from '../helpers/measures.js';

const LOCATE = CAUSES.indexOf('locate');
const cause = (operation: number) => LOCATE | (operation << CAUSE_BITS);

const operation = (fields: Partial<Record<OperationColumn, number>>): number[] => {
  const row = new Array<number>(OPERATION_STRIDE).fill(0);
  for (const [column, value] of Object.entries(fields)) row[COLUMN[column as OperationColumn]] = value;
  return row;
};

/** What a shard would report that counted this. */
function report(count: (meter: Meter) => void, more: Partial<ShardReport> = {}): ShardReport {
  const meter = new Meter(2);
  count(meter);
  return {
    ...meter.report(),
    sent: meter.sent,
    delivered: meter.delivered,
    bytes: meter.bytes,
    dropped: meter.dropped,
    duplicated: 0,
    inFlightCounted: 0,
    operations: new Float64Array(0),
    answers: new Uint32Array(0),
    paths: new Float64Array(0),
    state: null,
    peersUpByRow: Float64Array.of(5, 4, 3),
    ...more,
  } as ShardReport;
}

test('traffic is added up, reason by reason', (t) => {
  const one = report(
    (meter) => {
      meter.countSent(0, 0, 100);
      meter.countSent(1, 0, 50);
      meter.countDropped(DROPPED_LOST);
    },
    { inFlightCounted: 1, duplicated: 2 },
  );
  const other = report((meter) => {
    meter.countSent(0, 0, 10);
    meter.countDropped(DROPPED_PEER_DOWN);
  });
  const { dropped, ...totals } = mergeTraffic([one, other]);
  t.deepEqual(totals, { sent: 3, duplicated: 2, delivered: 0, inFlight: 1, bytes: 160 });
  t.deepEqual(dropped, Object.fromEntries(DROP_REASONS.map((reason) => [reason, ['lost', 'peer-down'].includes(reason) ? 1 : 0])));
});

test('the ledger has a row for each phase, type and cause that occurred anywhere', (t) => {
  const shard = (bytes: number) =>
    report((meter) => {
      meter.countSent(0, CAUSES.indexOf('join'), bytes);
      meter.enterPhase(PHASES.indexOf('measure'));
      meter.countSent(1, cause(7), bytes);
      meter.countSent(1, cause(9), bytes);
    });
  t.deepEqual(mergeLedger([shard(10), shard(100)], ['x', 'y']), [
    { phase: 'join', type: 'x', cause: 'join', messages: 2, bytes: 110 },
    { phase: 'measure', type: 'y', cause: 'locate', messages: 4, bytes: 220 },
  ]);
});

test('an operation is charged what it caused in every shard, and the rows come by time, then peer', (t) => {
  const one = report(
    (meter) => {
      for (const number of [1, 3, 3]) meter.countSent(0, cause(number), 10);
      meter.countReached(cause(3));
      meter.countTimeout(cause(1));
    },
    {
      paths: Float64Array.of(3, 21, 4, 3, 25, 2),
      operations: Float64Array.from(
        [operation({ number: 3, origin: 5, startMs: 20 }), operation({ number: 1, origin: 9, startMs: 10 })].flat(),
      ),
    },
  );
  const other = report(
    (meter) => {
      meter.countSent(0, cause(3), 1000);
      meter.countReached(cause(3));
      meter.countSent(0, cause(4000), 7);
    },
    {
      paths: Float64Array.of(3, 23, 7),
      operations: Float64Array.from(
        [operation({ number: 4000, origin: 2, startMs: 20 }), operation({ number: 2, origin: 1, startMs: 30 })].flat(),
      ),
    },
  );
  for (const order of [
    [one, other],
    [other, one],
  ]) {
    const table = mergeOperations(order, 10);
    const rows = Array.from({ length: table.length }, (_, row) =>
      (['startMs', 'origin', 'messages', 'bytes', 'reached', 'timeouts'] as const).map((column) => table.at(row, column)),
    );
    t.deepEqual(rows, [
      [10, 9, 1, 10, 0, 1],
      [20, 2, 1, 7, 0, 0],
      [20, 5, 3, 1020, 2, 0],
      [30, 1, 0, 0, 0, 0],
    ]);
    t.deepEqual(table.paths, ['', '', 'p4 p7 p2', '']);
    t.is(mergeOperations(order, 7).paths[2], 'p4 s0 p2', 'a server is called one');
  }
});

test('the series has as many rows as any shard has, the last cut short where the run was', (t) => {
  const rows = (count: number, peersUp: number) =>
    report(
      (meter) => {
        for (let row = 0; row < count; row++) {
          for (let i = 0; i <= row; i++) meter.countSent(0, 0, 10);
          meter.closeRow();
        }
      },
      { peersUpByRow: new Float64Array(count).fill(peersUp) },
    );
  for (const order of [
    [rows(3, 8), rows(2, 9)],
    [rows(2, 9), rows(3, 8)],
  ]) {
    const series = mergeSeries(order, scenarioWith(), 24_500);
    t.deepEqual(
      series.map(({ startMs, endMs, sent, bytes, peersAlive }) => [startMs, endMs, sent, bytes, peersAlive]),
      [
        [0, 10_000, 2, 20, 8],
        [10_000, 20_000, 4, 40, 8],
        [20_000, 24_500, 3, 30, 8],
      ],
    );
    t.is(Object.keys(series[0]).length, SERIES_COLUMNS.length + 3);
  }
});

test('histograms and counters are added up; names come in alphabetical order', (t) => {
  const shard = (transitMs: number, counter: string) =>
    report((meter) => {
      meter.countSent(0, 0, 1);
      meter.countDelivered(transitMs);
      meter.count(counter, 2);
      meter.count('both', 1);
    });
  const reports = [shard(1, 'zebra'), shard(9, 'ant'), shard(5, 'zebra')];
  const { transit } = mergeHistograms(reports);
  t.is(transit.totalCount, 3);
  t.true(Math.abs(transit.mean - 5000) < 10);
  const counters = mergeCounters(reports);
  t.deepEqual(Object.entries(counters), [
    ['ant', 2],
    ['both', 3],
    ['zebra', 4],
  ]);
});

test('the log is the earliest lines of all shards in order of time, and says when there were more', (t) => {
  const lines = (from: number, step: number) =>
    Array.from({ length: 10_001 }, (_, i) => `${(from + i * step).toFixed(3).padStart(14, ' ')} p${from} line`);
  const [slow, fast] = [report(() => {}, { log: lines(1, 10) }), report(() => {}, { log: lines(0, 1) })];
  const merged = mergeLog([slow, fast]);
  t.is(merged.length, 10_001);
  t.is(merged[0], fast.log[0]);
  t.is(merged.indexOf(slow.log[0]), 2); // after p0's at the same time
  t.is(merged[10_000], '(more than 10000 lines)');
  t.deepEqual(merged.slice(0, 10_000), [...merged.slice(0, 10_000)].sort());
  t.deepEqual(mergeLog([report(() => {}, { log: ['b', 'c'] }), report(() => {}, { log: ['a'] })]), ['a', 'b', 'c']);
});

test('state is that of the peers, and beside it that of the servers; nothing when a shard does not tell', (t) => {
  const one = report(() => {}, { state: Float64Array.of(0, 3, 30, 2, 5, 70) });
  const other = report(() => {}, { state: Float64Array.of(1, 1, 20, 10, 100, 1000) });
  for (const order of [
    [one, other],
    [other, one],
  ]) {
    t.deepEqual(mergeState(order, 10), {
      meanEntries: 3,
      maxEntries: 5,
      meanBytes: 40,
      maxBytes: 70,
      perServer: { entries: 100, bytes: 1000 },
    });
  }
  t.is(mergeState([one, report(() => {})], 10), null);
  t.is(mergeState([], 10), null);
  t.is(mergeState([report(() => {}, { state: new Float64Array(0) })], 10)!.meanEntries, null);
});
