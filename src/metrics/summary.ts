/**
 * The summary of a run, `summary.json`: what was measured, reduced to the figures people compare. `docs/results.md` defines every
 * field for readers who have only the file.
 */

import { type Check, checkConservation } from '../checkers/conservation.js';
import type { FaultRecord } from '../faults/plan.js';
import type { Scenario } from '../scenario/scenario.js';
import { adviceOf } from './advice.js';
import { type AnyClaim, type JudgedClaim, judgeClaims } from './claims.js';
import { type ClockSummary, isRepeatable, summariseClock } from './clock-summary.js';
import { type ConnectionSummary, summariseConnections } from './connection-summary.js';
import { type Load, loadOf } from './load.js';
import { type LocateSummary, ratio, summariseLocate } from './locate-summary.js';
import { ASKED_FOR, type DropReason, type LedgerRow, type Measures, type NatFacts, type StateFacts } from './measures.js';
import { type JudgedThreshold, judgeThresholds } from './thresholds.js';
import { warningsOf } from './warnings.js';

/** Raised when a field is renamed, removed or redefined; new fields leave it as it is. */
export const SUMMARY_SCHEMA = 1;

/** Messages and bytes over the whole run; bytes include headers. */
export interface Volume {
  readonly messages: number;
  readonly bytes: number;
}

/** One run in numbers. A value that nothing was there to measure is null, never 0 or NaN. */
export interface Summary {
  readonly schema: typeof SUMMARY_SCHEMA;
  /** The version of Peerage that ran it. */
  readonly version: string;
  /** The names of the scenario, the protocol and the topology. */
  readonly scenario: string;
  readonly protocol: string;
  readonly topology: string;
  /** Size of the population, those who are down included. */
  readonly peers: number;
  /** Machines that the system's operator ran besides. */
  readonly servers: number;
  /** By what its queries search; null without queries. */
  readonly searchesBy: 'key' | 'words' | null;
  readonly seed: number;
  /** Worker threads that shared the peers. */
  readonly shards: number;
  /** Whether every message was frozen and sent through its wire format. */
  readonly strict: boolean;
  /** Fingerprint of every delivery: equal digests, equal runs. */
  readonly digest: string;
  /** Whether the same scenario, seed and version give the same run again. */
  readonly repeatable: boolean;
  readonly status: Measures['status'];
  /** Why it failed; null when it did not. */
  readonly reason: string | null;
  /** Virtual time the run reached, in ms. */
  readonly virtualMs: number;
  /** Wall time of the whole run, in ms. */
  readonly wallMs: number;
  readonly clock: ClockSummary;
  /** Events handled: deliveries, timers, joins, departures, questions. */
  readonly events: number;
  /** Events, and messages delivered, per second of wall time of the event loop (without starting and collecting). */
  readonly eventsPerSecond: number | null;
  readonly messagesPerSecond: number | null;
  readonly memory: {
    /** Resident memory of the process, in bytes. */
    readonly rssBytes: number;
    /** Resident bytes added by the population before the first event, per peer; null when not measured. */
    readonly bytesPerPeer: number | null;
    /** Of that which gateways remember, in bytes; null in a topology without. */
    readonly natBytes: number | null;
  };
  /** Windows the shards ran in step, and the virtual time each may cover; null with one shard. */
  readonly windows: { readonly count: number; readonly lookaheadMs: number | null };
  /** The phase `measure`: how long it was to last, how long it lasted, and how long peers were up in it, added up, in seconds. */
  readonly measure: { readonly plannedMs: number; readonly lastedMs: number; readonly peerSeconds: number };
  /** Peers up at the end. */
  readonly peersAlive: number;
  /** Over the whole run: sent + duplicated = delivered + inFlight + droppedTotal. Bytes are of messages sent, headers included. */
  readonly messages: {
    readonly sent: number;
    readonly duplicated: number;
    readonly delivered: number;
    readonly inFlight: number;
    readonly droppedTotal: number;
    readonly dropped: Readonly<Record<DropReason, number>>;
    readonly bytes: number;
  };
  /** Over the whole run; null when nobody asked for a connection. */
  readonly connections: ConnectionSummary | null;
  /** Gateways; null in a topology without. */
  readonly nat: Omit<NatFacts, 'bytes'> | null;
  /** What was sent over the whole run, by message type (in alphabetical order). */
  readonly messagesByType: Readonly<Record<string, Volume>>;
  /** Sent during `measure` for no query (causes maintenance, join, leave, publish), per second that a peer was up. */
  readonly maintenance: { readonly messagesPerPeerSecond: number | null; readonly bytesPerPeerSecond: number | null };
  /** One entry per service with a workload. */
  readonly operations: { readonly locate?: LocateSummary };
  readonly load: Load;
  /** The overlay at the end; null when the protocol does not tell its neighbours. */
  readonly overlay: { readonly meanDegree: number | null; readonly largestComponentShare: number | null };
  /** What a peer up at the end keeps in mind for the overlay; null when the protocol does not tell. */
  readonly state: StateFacts | null;
  /** What the protocol counted, summed over all peers (in alphabetical order). */
  readonly counters: Readonly<Record<string, number>>;
  /** What went wrong on purpose, in order of time. */
  readonly faults: readonly FaultRecord[];
  readonly checks: readonly Check[];
  readonly thresholds: readonly JudgedThreshold[];
  readonly claims: readonly JudgedClaim[];
  readonly warnings: readonly string[];
  /** How the same run would have been faster. */
  readonly advice: readonly string[];
}

/** Reduces what a run measured to its summary. */
export function summarise(scenario: Scenario, measures: Measures, version: string, claims: readonly AnyClaim[] = []): Summary {
  const { traffic, effort } = measures;
  const runSeconds = effort.runWallMs / 1000;
  const locate = scenario.workload.locate
    ? summariseLocate(
        measures.operations,
        measures.histograms['locate-latency'],
        scenario.workload.locate.downloadBytes > 0,
        measures.answers,
      )
    : undefined;
  const figures = {
    schema: SUMMARY_SCHEMA,
    version,
    scenario: scenario.name,
    protocol: scenario.protocol.name,
    topology: scenario.topology.name,
    peers: scenario.peers,
    servers: scenario.servers,
    searchesBy: locate ? scenario.protocol.locatesBy : null,
    seed: scenario.seed,
    shards: measures.shards,
    strict: measures.strict,
    digest: measures.digest,
    repeatable: isRepeatable(scenario),
    status: measures.status,
    reason: measures.reason,
    virtualMs: measures.virtualMs,
    wallMs: effort.wallMs,
    clock: summariseClock(scenario, measures),
    events: measures.events,
    eventsPerSecond: ratio(measures.events, runSeconds),
    messagesPerSecond: ratio(traffic.delivered, runSeconds),
    memory: { rssBytes: effort.rssBytes, bytesPerPeer: effort.bytesPerPeer, natBytes: measures.nat?.bytes ?? null },
    windows: { count: measures.windows, lookaheadMs: measures.lookaheadMs },
    measure: { plannedMs: scenario.phases.measureMs, lastedMs: measures.measuredMs, peerSeconds: measures.measuredPeerSeconds },
    peersAlive: measures.peersAlive,
    messages: {
      sent: traffic.sent,
      duplicated: traffic.duplicated,
      delivered: traffic.delivered,
      inFlight: traffic.inFlight,
      droppedTotal: Object.values(traffic.dropped).reduce((sum, count) => sum + count, 0),
      dropped: traffic.dropped,
      bytes: traffic.bytes,
    },
    connections: summariseConnections(measures.connections),
    nat: measures.nat && { peers: measures.nat.peers, mappingsMade: measures.nat.mappingsMade, reach: measures.nat.reach },
    messagesByType: byType(measures.ledger),
    maintenance: maintenance(measures.ledger, measures.measuredPeerSeconds),
    operations: locate ? { locate } : {},
    load: loadOf(measures.handled, measures.measuredPeerSeconds, scenario.servers, measures.measuredMs),
    overlay: {
      meanDegree: measures.overlay?.meanDegree ?? null,
      largestComponentShare: measures.overlay?.largestComponentShare ?? null,
    },
    state: measures.state,
    counters: Object.fromEntries(Object.entries(measures.counters).sort(byName)),
  } as const;
  const faults = measures.faults.toSorted((a, b) => a.atMs - b.atMs);
  return {
    ...figures,
    faults,
    // What was between two shards when one of them failed is in nobody's books.
    checks: measures.status === 'failed' ? [] : checkConservation(measures),
    thresholds: judgeThresholds(scenario.measures.thresholds, figures),
    // A bound from a paper is about a whole run in which nothing was broken on purpose: any other neither keeps nor breaks it.
    claims:
      measures.status === 'completed' && measures.faults.length === 0
        ? judgeClaims(claims, scenario, { ...figures, faults } as typeof figures & { operations: Record<string, LocateSummary> })
        : [],
    warnings: warningsOf(scenario, measures, locate, figures.clock),
    advice: adviceOf(measures),
  };
}

function byType(ledger: readonly LedgerRow[]): Record<string, Volume> {
  const types = new Map<string, { messages: number; bytes: number }>();
  for (const { type, messages, bytes } of ledger) {
    const volume = types.get(type) ?? { messages: 0, bytes: 0 };
    volume.messages += messages;
    volume.bytes += bytes;
    types.set(type, volume);
  }
  return Object.fromEntries([...types].sort(byName));
}

function maintenance(ledger: readonly LedgerRow[], peerSeconds: number): Summary['maintenance'] {
  let messages = 0;
  let bytes = 0;
  for (const row of ledger) {
    if (row.phase !== 'measure' || ASKED_FOR.includes(row.cause)) continue;
    messages += row.messages;
    bytes += row.bytes;
  }
  return { messagesPerPeerSecond: ratio(messages, peerSeconds), bytesPerPeerSecond: ratio(bytes, peerSeconds) };
}

/** Alphabetical by UTF-16 code unit, so that no locale has a say. */
function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The fields that say how and on what a run was done; all others are the same on every machine and for any number of shards. */
export const EFFORT_FIELDS = ['shards', 'strict', 'wallMs', 'eventsPerSecond', 'messagesPerSecond', 'memory', 'windows', 'advice'] as const;

/** The part of a summary that the same scenario, seed and version must give again. */
export function repeatable(summary: Summary): Partial<Summary> {
  const isEffort = (path: string) => EFFORT_FIELDS.some((field) => path === field || path.startsWith(`${field}.`));
  return {
    ...Object.fromEntries(Object.entries(summary).filter(([field]) => !isEffort(field))),
    thresholds: summary.thresholds.filter(({ metric }) => !isEffort(metric)),
  };
}
