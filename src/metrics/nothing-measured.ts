/** The measures of a run in which nothing happened: what a run that failed at its start reports, and a pattern of every metric there is. */

import { CONNECTION_COUNTS, type ConnectionCount } from './connection-counts.js';
import { byReason, type Measures } from './measures.js';
import { OperationTable } from './operations.js';

export function nothingMeasured(): Measures {
  const dropped = byReason(() => 0);
  return {
    status: 'completed',
    reason: null,
    digest: '',
    strict: false,
    shards: 1,
    lookaheadMs: null,
    windows: 0,
    virtualMs: 0,
    events: 0,
    late: 0,
    peersAlive: 0,
    measuredPeerSeconds: 0,
    measuredMs: 0,
    traffic: {
      sent: 0,
      duplicated: 0,
      delivered: 0,
      inFlight: 0,
      bytes: 0,
      dropped,
    },
    connections: {
      ...(Object.fromEntries(CONNECTION_COUNTS.map((name) => [name, 0])) as Record<ConnectionCount, number>),
      bytesInFlight: 0,
      segmentsLost: dropped,
    },
    nat: null,
    ledger: [],
    series: [],
    faults: [],
    operations: new OperationTable(new Float64Array(0)),
    answers: new Float64Array(0),
    histograms: {},
    handled: new Float64Array(0),
    counters: {},
    overlay: null,
    state: null,
    log: [],
    effort: { wallMs: 0, runWallMs: 0, rssBytes: 0, bytesPerPeer: null },
  };
}
