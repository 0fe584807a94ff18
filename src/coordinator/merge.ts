/** From the shards' reports to the run's measures: sums of integers, and rows brought into one order, whatever the number of shards. */

import { build, decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { CONNECTION_COUNTS, type ConnectionCount, REACH } from '../metrics/connection-counts.js';
import {
  byReason,
  CAUSES,
  type Connections,
  DROP_REASONS,
  type LedgerRow,
  type NatFacts,
  PHASES,
  type SeriesRow,
  type StateFacts,
  type Traffic,
} from '../metrics/measures.js';
import { CAUSED, SERIES_COLUMNS } from '../metrics/meter.js';
import { COLUMN, OPERATION_STRIDE, OperationTable } from '../metrics/operations.js';
import { phaseTimes } from '../scenario/phases.js';
import type { Scenario } from '../scenario/scenario.js';
import { nameOf } from '../scenario/servers.js';
import { LOG_LINES } from '../shard/chronicle.js';
import type { ShardReport } from '../shard/messages.js';

export function mergeTraffic(reports: readonly ShardReport[]): Traffic {
  const total = (value: (report: ShardReport) => number) => reports.reduce((sum, report) => sum + value(report), 0);
  return {
    sent: total((report) => report.sent),
    duplicated: total((report) => report.duplicated),
    delivered: total((report) => report.delivered),
    inFlight: total((report) => report.inFlightCounted),
    bytes: total((report) => report.bytes),
    dropped: byReason((_, i) => total((report) => report.dropped[i])),
  };
}

export function mergeConnections(reports: readonly ShardReport[]): Connections {
  const counts = addUp([new Float64Array(CONNECTION_COUNTS.length), ...reports.map((report) => report.connections)]);
  const lost = addUp([new Float64Array(DROP_REASONS.length), ...reports.map((report) => report.segmentsLost)]);
  return {
    ...(Object.fromEntries(CONNECTION_COUNTS.map((name, i) => [name, counts[i]])) as Record<ConnectionCount, number>),
    bytesInFlight: reports.reduce((sum, report) => sum + report.bytesInFlight, 0),
    segmentsLost: byReason((_, i) => lost[i]),
  };
}

/** @param classOf 0 for a peer on the open network, else the number of its NAT class + 1 */
export function mergeNat(
  reports: readonly ShardReport[],
  { nat, peers }: { nat: readonly string[]; peers: number },
  classOf: (peer: number) => number,
): NatFacts | null {
  if (nat.length === 0) return null;
  const names = ['open', ...nat];
  const counts = new Map<string, number>();
  for (let peer = 0; peer < peers; peer++) {
    const name = names[classOf(peer)];
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const sums = addUp(reports.map((report) => report.reach));
  const reach = names.flatMap((from, row) =>
    names.map((to, column) => {
      const at = (row * names.length + column) * REACH;
      return { from, to, asked: sums[at] ?? 0, opened: sums[at + 1] ?? 0 };
    }),
  );
  return {
    peers: Object.fromEntries([...new Set(names)].filter((name) => counts.has(name)).map((name) => [name, counts.get(name)!])),
    mappingsMade: reports.reduce((sum, report) => sum + (report.nat?.mappingsMade ?? 0), 0),
    bytes: reports.reduce((sum, report) => sum + (report.nat?.bytes ?? 0), 0),
    reach: sameNamesTogether(reach.filter(({ asked }) => asked > 0)),
  };
}

/** A class that is called `open` as well is on the open network as well. */
function sameNamesTogether(reach: NatFacts['reach']): NatFacts['reach'] {
  const together = new Map<string, { from: string; to: string; asked: number; opened: number }>();
  for (const { from, to, asked, opened } of reach) {
    const row = together.get(`${from} ${to}`) ?? { from, to, asked: 0, opened: 0 };
    together.set(`${from} ${to}`, { from, to, asked: row.asked + asked, opened: row.opened + opened });
  }
  return [...together.values()];
}

export function mergeLedger(reports: readonly ShardReport[], types: readonly string[]): LedgerRow[] {
  const cells = addUp(reports.map((report) => report.ledger));
  const rows: LedgerRow[] = [];
  let cell = 0;
  for (const phase of PHASES) {
    for (const type of types) {
      for (const cause of CAUSES) {
        if (cells[cell] > 0) rows.push({ phase, type, cause, messages: cells[cell], bytes: cells[cell + 1] });
        cell += 2;
      }
    }
  }
  return rows;
}

/** Rows as far as any shard has them (in a run that was cut short, some may have begun one more); the last may end at `nowMs`. */
export function mergeSeries(reports: readonly ShardReport[], scenario: Scenario, nowMs: number): SeriesRow[] {
  const { endMs } = phaseTimes(scenario);
  const { intervalMs } = scenario.measures;
  const columns = SERIES_COLUMNS.length;
  const furthest = reports.reduce((a, b) => (b.series.length > a.series.length ? b : a));
  const sums = addUp(reports.map((report) => report.series));
  const count = sums.length / columns;
  return Array.from({ length: count }, (_, row) => {
    const [sent, bytes, delivered, dropped, operationsStarted, operationsSucceeded, operationsFailed, checksum] = sums.subarray(
      row * columns,
    );
    return {
      startMs: row * intervalMs,
      endMs: Math.min((row + 1) * intervalMs, endMs, Math.max(nowMs, row * intervalMs)),
      peersAlive: furthest.peersUpByRow[row],
      sent,
      bytes,
      delivered,
      dropped,
      operationsStarted,
      operationsSucceeded,
      operationsFailed,
      checksum,
    };
  });
}

/**
 * All operations, each with what it caused in every shard, by start time and origin.
 * @param peers hosts from this number on are servers
 */
export function mergeOperations(reports: readonly ShardReport[], peers: number): OperationTable {
  const caused = addUp(reports.map((report) => report.caused));
  const all = reports.flatMap(({ operations }) =>
    Array.from({ length: operations.length / OPERATION_STRIDE }, (_, row) =>
      operations.subarray(row * OPERATION_STRIDE, (row + 1) * OPERATION_STRIDE),
    ),
  );
  all.sort((a, b) => a[COLUMN.startMs] - b[COLUMN.startMs] || a[COLUMN.origin] - b[COLUMN.origin] || a[COLUMN.key] - b[COLUMN.key]);
  const rows = new Float64Array(all.length * OPERATION_STRIDE);
  all.forEach((operation, row) => {
    const at = row * OPERATION_STRIDE;
    rows.set(operation, at);
    const number = operation[COLUMN.number];
    rows[at + COLUMN.messages] = caused[number * CAUSED] ?? 0;
    rows[at + COLUMN.bytes] = caused[number * CAUSED + 1] ?? 0;
    rows[at + COLUMN.reached] = caused[number * CAUSED + 2] ?? 0;
    rows[at + COLUMN.timeouts] = caused[number * CAUSED + 3] ?? 0;
  });
  return new OperationTable(rows, pathsOf(reports, all, peers));
}

/** By row of the operations: the hosts it reached, in order of time. */
function pathsOf(reports: readonly ShardReport[], rows: readonly Float64Array[], peers: number): string[] {
  const reached = new Map<number, [atMs: number, peer: number][]>();
  for (const { paths } of reports) {
    for (let i = 0; i < paths.length; i += 3) {
      const path = reached.get(paths[i]);
      if (path === undefined) reached.set(paths[i], [[paths[i + 1], paths[i + 2]]]);
      else path.push([paths[i + 1], paths[i + 2]]);
    }
  }
  if (reached.size === 0) return [];
  return rows.map((row) => {
    const path = reached.get(row[COLUMN.number]) ?? [];
    path.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    return path.map(([, host]) => nameOf(host, peers)).join(' ');
  });
}

/** @param peers hosts from this number on are servers */
export function mergeState(reports: readonly ShardReport[], peers: number): StateFacts | null {
  if (reports.length === 0 || reports.some(({ state }) => state === null)) return null;
  const sums = { peers: [0, 0, 0], servers: [0, 0, 0] };
  const most = [0, 0];
  for (const { state } of reports) {
    for (let i = 0; i < state!.length; i += 3) {
      const [host, entries, bytes] = state!.subarray(i, i + 3);
      const sum = host < peers ? sums.peers : sums.servers;
      sum[0]++;
      sum[1] += entries;
      sum[2] += bytes;
      if (host >= peers) continue;
      most[0] = Math.max(most[0], entries);
      most[1] = Math.max(most[1], bytes);
    }
  }
  const [up, entries, bytes] = sums.peers;
  const [servers, serverEntries, serverBytes] = sums.servers;
  return {
    meanEntries: up > 0 ? entries / up : null,
    maxEntries: up > 0 ? most[0] : null,
    meanBytes: up > 0 ? bytes / up : null,
    maxBytes: up > 0 ? most[1] : null,
    perServer: servers > 0 ? { entries: serverEntries / servers, bytes: serverBytes / servers } : null,
  };
}

export function mergeHistograms(reports: readonly ShardReport[]): Record<string, Histogram> {
  const merged: Record<string, Histogram> = {};
  for (const name of Object.keys(reports[0]?.histograms ?? {})) {
    const sum = build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 });
    for (const report of reports) sum.add(decodeFromCompressedBase64(report.histograms[name], 64, false));
    merged[name] = sum;
  }
  return merged;
}

export function mergeCounters(reports: readonly ShardReport[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { counters } of reports) {
    for (const [name, value] of Object.entries(counters)) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The earliest lines of all, in order of time. */
export function mergeLog(reports: readonly ShardReport[]): string[] {
  const lines = reports.flatMap(({ log }) => log).sort();
  return lines.length > LOG_LINES ? [...lines.slice(0, LOG_LINES), `(more than ${LOG_LINES} lines)`] : lines;
}

/** Column by column; shorter arrays count as ending in zeros. */
export function addUp(arrays: readonly (Float64Array | Uint32Array)[]): Float64Array {
  const sum = new Float64Array(Math.max(0, ...arrays.map((array) => array.length)));
  for (const array of arrays) for (let i = 0; i < array.length; i++) sum[i] += array[i];
  return sum;
}
