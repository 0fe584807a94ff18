/** What a run measured, from what its shards report: each figure is merged in an order that the number of shards has no say in. */

import type { Measures, NatFacts } from '../metrics/measures.js';
import { AddressPlan } from '../network/address-plan.js';
import { HANDLED, ROW_U32 } from '../network/peer-table.js';
import type { Placement } from '../network/placement.js';
import type { Scenario } from '../scenario/scenario.js';
import { hostsOf } from '../scenario/servers.js';
import type { ShardReport } from '../shard/messages.js';
import { digestOf } from './digest.js';
import {
  addUp,
  mergeConnections,
  mergeCounters,
  mergeHistograms,
  mergeLedger,
  mergeLog,
  mergeNat,
  mergeOperations,
  mergeSeries,
  mergeState,
  mergeTraffic,
} from './merge.js';
import { overlayFacts } from './overlay-facts.js';

/** What the reports are about. */
export interface Reported {
  readonly placement: Placement;
  /** With what servers need. */
  readonly scenario: Scenario;
  /** Names of message types. */
  readonly types: readonly string[];
}

/** @param reports of the shards that are alive, or their last ones; none when no shard began */
export function gather(
  reports: readonly ShardReport[],
  { placement, scenario, types }: Reported,
): Omit<Measures, 'status' | 'reason' | 'strict' | 'effort'> {
  const { table, shards, lookaheadMs } = placement;
  const virtualMs = reports.length > 0 ? Math.min(...reports.map((report) => report.progress.nowMs)) : 0;
  const links = reports.map((report) => report.links);
  const up = new Set(reports.flatMap((report) => [...report.up]));
  return {
    digest: digestOf(table),
    shards,
    lookaheadMs: Number.isFinite(lookaheadMs) ? lookaheadMs : null,
    windows: reports[0]?.progress.windows ?? 0,
    virtualMs,
    events: reports.reduce((sum, report) => sum + report.progress.events, 0),
    late: reports.reduce((sum, report) => sum + report.late, 0),
    peersAlive: reports[0]?.progress.peersUp ?? 0,
    measuredPeerSeconds: (reports[0]?.measuredPeerMs ?? 0) / 1000,
    measuredMs: reports[0]?.measuredMs ?? 0,
    traffic: mergeTraffic(reports),
    connections: mergeConnections(reports),
    nat: natFacts(reports, placement, scenario),
    ledger: mergeLedger(reports, types),
    series: reports.length > 0 ? mergeSeries(reports, scenario, virtualMs) : [],
    operations: mergeOperations(reports, scenario.peers),
    answers: addUp(reports.map(({ answers }) => answers)),
    histograms: mergeHistograms(reports),
    handled: Float64Array.from({ length: table.peers }, (_, peer) => table.u32[peer * ROW_U32 + HANDLED]),
    counters: mergeCounters(reports),
    overlay: links.every((each) => each !== null) ? overlayFacts(links, table.peers, (peer) => up.has(peer)) : null,
    state: mergeState(reports, scenario.peers),
    faults: reports[0]?.faults ?? [],
    log: mergeLog(reports),
  };
}

function natFacts(reports: readonly ShardReport[], { gateways }: Placement, scenario: Scenario): NatFacts | null {
  const { topology, peers } = scenario;
  const plan = new AddressPlan(topology, hostsOf(scenario), gateways);
  return mergeNat(reports, { nat: topology.nat.map(({ name }) => name), peers }, (peer) => plan.classOf(peer));
}
