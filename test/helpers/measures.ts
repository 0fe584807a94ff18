/** Hand-made scenarios and measures whose books balance, for tests of everything behind a run. */

import { build } from 'hdr-histogram-js';
import type { LedgerRow, Measures, SeriesRow, Traffic } from '../../src/metrics/measures.js';
import { nothingMeasured } from '../../src/metrics/nothing-measured.js';
import { OPERATION_COLUMNS, type OperationColumn, OperationTable, OUTCOMES, type Outcome } from '../../src/metrics/operations.js';
import { SCENARIO_DEFAULTS } from '../../src/scenario/defaults.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { plainTopology } from './plain-topology.js';

export function scenarioWith(changes: Partial<Scenario> = {}, protocol = 'chord'): Scenario {
  return {
    name: 'flood-vs-dht',
    about: 'a test',
    seed: 7,
    peers: 4,
    servers: 0,
    protocol: { name: protocol, file: null, settings: {}, locatesBy: 'key' },
    topology: plainTopology({ name: 'ideal', about: 'no latency' }),
    population: {
      arrivals: { kind: 'at-once' },
      diurnal: null,
      core: 0,
      session: null,
      downtime: null,
      crashShare: 1,
      churnFromMs: 0,
      massFailures: [],
    },
    phases: { start: 'converge', warmUpMs: 10_000, measureMs: 100_000, drainMs: 10_000 },
    clock: { kind: 'virtual' },
    cpu: null,
    faults: [],
    chaos: [],
    workload: {
      locate: {
        files: 10,
        zipf: 1,
        replicas: 2,
        replicaZipf: 0,
        freeRiders: 0,
        sharingZipf: 0,
        publishSpreadMs: 0,
        ratePerPeerPerSecond: 1,
        perPeer: 0,
        trace: null,
        timeoutMs: 5000,
        names: SCENARIO_DEFAULTS.locate.names,
        downloadBytes: 0,
      },
    },
    measures: { intervalMs: 10_000, paths: false, thresholds: [] },
    limits: { pendingEvents: 1e6, eventsPerInstant: 1e6, stallSeconds: 10 },
    ...changes,
  };
}

/** One operation; what is not given is a success after 100 ms and 3 hops, on behalf of which nothing was sent. */
export type OperationRow = Partial<Record<Exclude<OperationColumn, 'outcome'>, number>> & { readonly outcome?: Outcome };

export function operationTable(rows: readonly OperationRow[]): OperationTable {
  const usual: Record<OperationColumn, number> = {
    number: 0,
    origin: 0,
    key: 42,
    startMs: 20_000,
    endMs: 20_100,
    outcome: 0,
    latencyMs: 100,
    hops: 3,
    liveReplicas: 2,
    foundLive: 2,
    foundStale: 0,
    reached: 0,
    messages: 0,
    bytes: 0,
    timeouts: 0,
    obtainedMs: -1,
  };
  const unanswered = { latencyMs: -1, hops: -1, foundLive: 0 };
  return new OperationTable(
    Float64Array.from(
      rows.flatMap(({ outcome = 'succeeded', ...given }, at) => {
        const row = {
          ...usual,
          ...(outcome === 'succeeded' ? {} : unanswered),
          ...given,
          number: at + 1,
          outcome: OUTCOMES.indexOf(outcome),
        };
        return OPERATION_COLUMNS.map((column) => row[column]);
      }),
    ),
  );
}

/** Measures of a run that asked these queries and sent this ledger; traffic, series and histograms follow from them. */
export function measuresWith(rows: readonly OperationRow[], ledger: readonly LedgerRow[] = [], changes: Partial<Measures> = {}): Measures {
  const operations = operationTable(rows);
  const latency = build({ bitBucketSize: 64 });
  const hops = build({ bitBucketSize: 64 });
  const outcomes = { succeeded: 0, failed: 0, unanswerable: 0, pending: 0, abandoned: 0 };
  let answered = 0;
  for (let row = 0; row < operations.length; row++) {
    outcomes[operations.outcome(row)]++;
    if (operations.at(row, 'latencyMs') < 0) continue;
    answered++;
    latency.recordValue(Math.round(operations.at(row, 'latencyMs') * 1000));
    hops.recordValue(operations.at(row, 'hops'));
  }
  const nothing = nothingMeasured();
  const sent = ledger.reduce((sum, { messages }) => sum + messages, 0);
  const bytes = ledger.reduce((sum, row) => sum + row.bytes, 0);
  const dropped = drops(changes.traffic?.dropped ?? {});
  const droppedTotal = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const traffic = { sent, duplicated: 0, bytes, dropped, inFlight: 0, delivered: sent - droppedTotal };
  const row: SeriesRow = {
    startMs: 0,
    endMs: 120_000,
    peersAlive: 4,
    sent,
    bytes,
    delivered: traffic.delivered,
    dropped: droppedTotal,
    operationsStarted: operations.length,
    operationsSucceeded: answered,
    operationsFailed: outcomes.failed,
    checksum: 4_000_000_000,
  };
  return {
    ...nothing,
    digest: '0123456789abcdef',
    virtualMs: 120_000,
    events: 1000,
    peersAlive: 4,
    measuredPeerSeconds: 400,
    measuredMs: 100_000,
    ledger,
    series: [row],
    operations,
    histograms: { 'locate-latency': latency, 'locate-hops': hops },
    handled: Float64Array.of(100, 200, 300, 400),
    effort: { wallMs: 3000, runWallMs: 2000, rssBytes: 123_456_789, bytesPerPeer: 1234 },
    ...changes,
    traffic,
  };
}

/** Drops by reason; of those that are not given there was none. */
export function drops(given: Partial<Traffic['dropped']>): Traffic['dropped'] {
  return { ...nothingMeasured().traffic.dropped, ...given };
}

/** `count` queries like this one. */
export function queries(count: number, row: OperationRow = {}): OperationRow[] {
  return Array.from({ length: count }, (_, at) => ({ ...row, startMs: 20_000 + at, endMs: 20_100 + at }));
}
