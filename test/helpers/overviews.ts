/** Runs as a report sees them, made by hand: no emulator, no disk. */

import type { FaultRecord } from '../../src/faults/plan.js';
import { loadCurve } from '../../src/metrics/load.js';
import type { Cause, LedgerRow, Measures, SeriesRow } from '../../src/metrics/measures.js';
import { summarise } from '../../src/metrics/summary.js';
import type { Percentiles } from '../../src/results/histogram-file.js';
import type { Overview } from '../../src/results/read.js';
import type { Threshold } from '../../src/scenario/scenario.js';
import { measuresWith, queries, scenarioWith } from './measures.js';

export interface Made {
  readonly latencyMs?: number;
  readonly faults?: readonly FaultRecord[];
  readonly changes?: Partial<Measures>;
  readonly thresholds?: readonly Threshold[];
  /** Intervals of the time series. */
  readonly intervals?: number;
}

export function overviewOf(
  protocol: string,
  { latencyMs = 100, faults = [], changes = {}, thresholds = [], intervals = 12 }: Made = {},
): Overview {
  const row = (type: string, cause: Cause, messages: number): LedgerRow => ({
    phase: 'measure',
    type,
    cause,
    messages,
    bytes: messages * 40,
  });
  const ledger = [row('find', 'locate', 2000), row('ping', 'maintenance', 700), row('<b>"odd" & type</b>', 'publish', 3)];
  const asked = [...queries(97, { latencyMs, messages: 20, bytes: 800 }), ...queries(3, { outcome: 'failed', messages: 30, bytes: 900 })];
  const series = Array.from({ length: intervals }, (_, at) => intervalAt(at));
  const measures = measuresWith(asked, ledger, { series, faults, ...changes });
  const scenario = scenarioWith({ peers: 4, measures: { intervalMs: 10_000, paths: false, thresholds } }, protocol);
  return {
    folder: '',
    scenarioYaml: `name: flood-vs-dht\nabout: A <test> & more\nprotocols: [ ${protocol} ]\n`,
    summary: summarise(scenario, measures, '1.2.3'),
    series,
    ledger,
    faults,
    load: loadCurve(measures.handled),
    percentiles: { 'locate-latency': percentiles('ms', latencyMs), 'locate-hops': percentiles('hops', 3) },
  };
}

function intervalAt(at: number): SeriesRow {
  const asked = at > 1 && at < 11 ? 10 : 0;
  return {
    startMs: at * 10_000,
    endMs: (at + 1) * 10_000,
    peersAlive: 4 - (at % 2),
    sent: 100 + at,
    bytes: 4000,
    delivered: 100,
    dropped: 0,
    operationsStarted: asked,
    operationsSucceeded: asked > 0 ? asked - (at % 3) : 0,
    operationsFailed: asked > 0 ? at % 3 : 0,
    checksum: 1,
  };
}

function percentiles(unit: string, median: number): Percentiles {
  const shares = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.98, 0.99, 1];
  return { unit, count: 97, points: shares.map((share) => ({ share, value: Math.round(median * (0.2 + 1.6 * share)) })) };
}
