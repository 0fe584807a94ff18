/**
 * What a run measured, merged over its shards: the raw material of `summary.ts` and of a result folder. Every figure here is either an
 * integer count or was brought into a fixed order before adding, so it is the same for any number of shards.
 */

import type { Histogram } from 'hdr-histogram-js';
import type { FaultRecord } from '../faults/plan.js';
import type { ConnectionCount } from './connection-counts.js';
import type { OperationTable } from './operations.js';

/** The stretches of a run, in order; a message belongs to the one it was sent in. */
export const PHASES = ['join', 'warm-up', 'measure', 'drain'] as const;
export type Phase = (typeof PHASES)[number];

/** Why a message was sent (D7): on behalf of a query, to bring what it found, or to keep the overlay going. */
export const CAUSES = ['maintenance', 'join', 'leave', 'publish', 'locate', 'download'] as const;
/** Those that are not what keeps the overlay going. */
export const ASKED_FOR: readonly Cause[] = ['locate', 'download'];
export type Cause = (typeof CAUSES)[number];

/** Why a message did not arrive: -1 - verdict of the network (network/network.ts) is the index. */
export const DROP_REASONS = [
  'uplink-full',
  'lost',
  'no-such-address',
  'downlink-full',
  'peer-down',
  'uplink-codel',
  'downlink-codel',
  'site-full',
  'path-full',
  'fault',
  'corrupted',
  'datagrams-blocked', // a gateway that lets no datagrams pass
  'nat-no-mapping',
  'nat-filtered',
  'nat-no-hairpin',
  'nat-ports-exhausted',
  'no-connection',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** A count for each reason, by its name and its place among them. */
export function byReason(count: (reason: DropReason, index: number) => number): Readonly<Record<DropReason, number>> {
  return Object.fromEntries(DROP_REASONS.map((reason, index) => [reason, count(reason, index)])) as Record<DropReason, number>;
}

/** What peers keep in mind for the overlay, from `state()` of those up at the end. */
export interface StateFacts {
  readonly meanEntries: number | null;
  readonly maxEntries: number | null;
  readonly meanBytes: number | null;
  readonly maxBytes: number | null;
  /** Mean of the system's servers; null when it has none, or none is up. */
  readonly perServer: { readonly entries: number; readonly bytes: number } | null;
}

/** One cell of the ledger: what was sent in `phase`, of this type, for this cause. Bytes include headers. */
export interface LedgerRow {
  readonly phase: Phase;
  readonly type: string;
  readonly cause: Cause;
  readonly messages: number;
  readonly bytes: number;
}

/** Totals over the whole run: sent + duplicated = delivered + inFlight + the sum of dropped. */
export interface Traffic {
  readonly sent: number;
  /** Copies of datagrams that the network made on its own. */
  readonly duplicated: number;
  readonly delivered: number;
  readonly inFlight: number;
  /** Bytes sent, headers included. */
  readonly bytes: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
}

/** Connections over the whole run. writtenBytes = deliveredBytes + bytesInFlight + lostBytes. */
export type Connections = Readonly<Record<ConnectionCount, number>> & {
  readonly bytesInFlight: number;
  /** Segments that did not arrive. */
  readonly segmentsLost: Readonly<Record<DropReason, number>>;
};

/** Gateways over the whole run; null in a topology without. */
export interface NatFacts {
  /** Peers by the name of their NAT class; `open` for those plainly on the open network. */
  readonly peers: Readonly<Record<string, number>>;
  /** Mappings that gateways made. */
  readonly mappingsMade: number;
  /** Memory of all mappings and permissions, in bytes; depends on the number of shards. */
  readonly bytes: number;
  /** Connections that peers of one class asked of peers of another, as far as the address told whose it was, and those that opened. */
  readonly reach: readonly { readonly from: string; readonly to: string; readonly asked: number; readonly opened: number }[];
}

/** One row of timeseries.csv: [startMs, endMs). `peersAlive` is at its end, operations are counted by the row they ended in. */
export interface SeriesRow {
  readonly startMs: number;
  readonly endMs: number;
  readonly peersAlive: number;
  readonly sent: number;
  readonly bytes: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly operationsStarted: number;
  readonly operationsSucceeded: number;
  readonly operationsFailed: number;
  /** Sum over the row's deliveries of a word of their digests: two runs of one seed first differ in the first row where it does. */
  readonly checksum: number;
}

/** The overlay at the end of the run, from `neighbours()`; null when the protocol has none. */
export interface OverlayFacts {
  readonly meanDegree: number;
  /** Share of the live peers in the largest connected component (links taken as undirected). */
  readonly largestComponentShare: number;
}

/** How long a run took, and what it took. The only part of a run that is not repeatable. */
export interface Effort {
  readonly wallMs: number;
  /** Wall time of the event loop alone, without starting threads and collecting. */
  readonly runWallMs: number;
  readonly rssBytes: number;
  /** Resident bytes added by the population, before the first event, divided by peers; null when not measured. */
  readonly bytesPerPeer: number | null;
}

/** Everything that a run measured. Times in virtual ms. */
export interface Measures {
  readonly status: 'completed' | 'interrupted' | 'failed';
  /** Why it failed, in a sentence. */
  readonly reason: string | null;
  readonly digest: string;
  readonly strict: boolean;
  readonly shards: number;
  /** Smallest latency between peers of different shards, in ms; null with one shard. */
  readonly lookaheadMs: number | null;
  readonly windows: number;
  readonly virtualMs: number;
  readonly events: number;
  /** Events handled later than the scenario's bound, in a run by the wall clock. */
  readonly late: number;
  readonly peersAlive: number;
  /** Sum over peers of the time they were up during `measure`, in seconds. */
  readonly measuredPeerSeconds: number;
  /** How much of the phase `measure` was run, in ms. */
  readonly measuredMs: number;
  readonly traffic: Traffic;
  readonly connections: Connections;
  readonly nat: NatFacts | null;
  readonly ledger: readonly LedgerRow[];
  readonly series: readonly SeriesRow[];
  /** By number: chaos first, then the scenario's, then those that were injected. */
  readonly faults: readonly FaultRecord[];
  readonly operations: OperationTable;
  /** By peer: how often it was a live provider that a query found. */
  readonly answers: Float64Array;
  /** `locate-latency`, `transit` and (by the wall clock only) `lateness` in us, `locate-hops` in hops; 64-bit counts. */
  readonly histograms: Readonly<Record<string, Histogram>>;
  /** Messages handled by each peer, and after them by each server, during `measure`. */
  readonly handled: Float64Array;
  readonly counters: Readonly<Record<string, number>>;
  readonly overlay: OverlayFacts | null;
  /** Null when the protocol does not tell. */
  readonly state: StateFacts | null;
  readonly log: readonly string[];
  readonly effort: Effort;
}
