/** Everything that crosses between the coordinator and a shard: plain data and the interface spoken over comlink. */

import type { MessagePort } from 'node:worker_threads';
import type { Fault, FaultRecord } from '../faults/plan.js';
import type { MeterReport } from '../metrics/meter.js';
import type { TraceRecord } from '../metrics/operation-trace.js';
import type { GatewayTable } from '../network/gateways.js';
import type { NatReport } from '../network/nat/gatekeeper.js';
import type { ProblemKind } from '../problem.js';
import type { Scenario } from '../scenario/scenario.js';

export interface ShardConfig {
  readonly scenario: Scenario;
  /** This shard's number, and how many there are. */
  readonly shard: number;
  readonly shards: number;
  /** Send every message through bytes, frozen (D4). */
  readonly strict: boolean;
  /** Find out how many bytes the population takes. It costs four full collections, as long as a small run itself. */
  readonly weigh: boolean;
  /** Smallest latency between peers of different shards, in ms; Infinity with one shard. */
  readonly lookaheadMs: number;
  readonly rows: SharedArrayBuffer;
  readonly places: SharedArrayBuffer;
  /** Who is behind which gateway; null when nobody is. */
  readonly gateways: GatewayTable | null;
  /** Shared between the shards: the barrier's words, and the boxes for batches. Null with one shard. */
  readonly exchange: ExchangeConfig | null;
  /** Three words per shard, written before each event: its peer, its KIND, and its number. Read when a shard no longer answers. */
  readonly pulse: SharedArrayBuffer;
  /** Record every delivery in [fromMs, toMs): for `check`. */
  readonly trace: { readonly fromMs: number; readonly toMs: number } | null;
  /** Somebody watches; null: nobody. */
  readonly watch: WatchConfig | null;
  /** The number of an operation that is followed step by step; null: none is. */
  readonly follow: number | null;
}

/** What is shown of a run that is watched. */
export interface WatchConfig {
  /** By host: 1 for those that are drawn. */
  readonly drawn: Uint8Array;
  /** Hosts are put together into so many groups, by number, for how busy they are. */
  readonly groups: number;
  /** Most messages shown of each kind (see `Observed`) at each look. */
  readonly messages: number;
}

/** What a look asks for. */
export interface ObserveRequest {
  /** For the next look one operation in 2^this is chosen, the same ones in all shards; fewer, where messages of these do not fit. */
  readonly halvings: number;
  /** Whether links and positions are asked of the protocols. */
  readonly look: boolean;
}

/** Rows of messages that came to their end, in columns: see observer.ts. */
export interface ObservedMessages {
  readonly times: Float64Array;
  readonly words: Int32Array;
}

/** What was to be seen of a shard since the last look. */
export interface Observed {
  /** Totals since the run began. */
  readonly bytes: number;
  readonly dropped: Float64Array;
  /** Latency of each operation that was answered. */
  readonly answeredMs: Float64Array;
  /** Of chosen operations between drawn hosts; of no operation between drawn hosts; of chosen operations and others. */
  readonly messages: readonly ObservedMessages[];
  /** One operation in 2^this was chosen. */
  readonly halvings: number;
  /** [time in ms, host, 1 or 0, ...] of drawn hosts that came up or went down. */
  readonly changes: Float64Array;
  /** By group: messages handled, and hosts of this shard that are up now. */
  readonly handled: Uint32Array;
  readonly up: Uint32Array;
  /** Pairs of drawn hosts, from `neighbours()`; null when not asked for. */
  readonly links: Int32Array | null;
  readonly moreLinks: number;
  /** [host, x or angle, y or NaN, ...] from `position()`; likewise. */
  readonly positions: Float64Array | null;
  /** What has become of each fault so far; the same in every shard. */
  readonly faults: readonly FaultRecord[];
}

export interface ExchangeConfig {
  readonly control: SharedArrayBuffer;
  readonly boxes: SharedArrayBuffer;
  readonly boxBytes: number;
  /** To each other shard, by its number: for batches too big for their box. */
  readonly ports: readonly (MessagePort | null)[];
}

/** What a shard says after its population is made. */
export interface ShardReady {
  readonly types: readonly string[];
  /** Memory that the population took in this thread, in bytes, after garbage collection; without the shared tables. */
  readonly populationBytes: number;
}

export interface Failure {
  readonly kind: ProblemKind;
  readonly message: string;
}

/** The failure of a shard that did nothing wrong: the coordinator looks for the one that did. */
export const STOPPED_WITH_THE_OTHERS = 'stopped because another shard did';

/** What a shard says after a slice. Counts are totals since the run began. */
export interface Progress {
  readonly nowMs: number;
  /** Nothing at or after this time has been handled in any shard. */
  readonly nextMs: number;
  readonly done: boolean;
  readonly failure: Failure | null;
  readonly events: number;
  readonly windows: number;
  readonly sent: number;
  readonly duplicated: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly inFlight: number;
  readonly peersUp: number;
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Messages of the operation that is followed that have come to an end here. */
  readonly followed: number;
}

/** A delivery as `check` compares them. */
export interface TraceRow {
  readonly timeMs: number;
  readonly destination: number;
  readonly source: number;
  readonly sequence: number;
  readonly type: string;
  readonly sizeBytes: number;
}

/** All that a shard has measured so far. */
export interface ShardReport extends MeterReport {
  readonly progress: Progress;
  readonly sent: number;
  readonly delivered: number;
  readonly bytes: number;
  readonly dropped: Float64Array;
  /** Message events counted one by one in the queue: what is in flight, found independently of the other counts. */
  readonly inFlightCounted: number;
  /** Copies of datagrams that the network made. */
  readonly duplicated: number;
  /** By CONNECTION_COUNTS; segments lost by DROP_REASONS; bytes of streams in flight, counted one by one; REACH by pair of NAT classes. */
  readonly connections: Float64Array;
  readonly segmentsLost: Float64Array;
  readonly bytesInFlight: number;
  readonly reach: Float64Array;
  readonly nat: NatReport | null;
  /** Rows of OPERATION_COLUMNS, finished ones and (with status pending) open ones. */
  readonly operations: Float64Array;
  /** By peer: how often it was the live provider found by a query of this shard. */
  readonly answers: Uint32Array;
  /** Peers up at the end of each row of the series. */
  readonly peersUpByRow: Float64Array;
  readonly measuredPeerMs: number;
  readonly measuredMs: number;
  /** This shard's peers that are up. */
  readonly up: Uint32Array;
  /** Pairs of peer numbers, from `neighbours()`; null when the protocol has none, or it was not the last report. */
  readonly links: Uint32Array | null;
  /** [host, entries, bytes, ...] from `state()`; likewise. */
  readonly state: Float64Array | null;
  /** [operation, time in ms, peer, ...] from `reach()`, when the scenario asks for paths. */
  readonly paths: Float64Array;
  /** What became of each fault; the same in every shard. */
  readonly faults: readonly FaultRecord[];
  readonly log: readonly string[];
  readonly trace: readonly TraceRow[];
  /** Steps of the operation that is followed; null: none is. */
  readonly followed: TraceRecord | null;
}

/** The interface of a shard, as the coordinator sees it over comlink. */
export interface ShardApi {
  start(config: ShardConfig): Promise<ShardReady>;
  /** For a run by the wall clock: its time is 0 at this moment of `wallMs` (pace.ts). Between `start` and the first `advance`. */
  setOff(startedAtMs: number): void;
  /**
   * Runs for about `sliceMs` of wall time, or until the end, or until nothing is left to be done before `untilMs` of virtual time; all
   * shards are given the same. Never throws: failures come in the answer.
   */
  advance(sliceMs: number, untilMs?: number): Progress;
  /** Between two calls of `advance`, in a run that is watched: what was to be seen since the last time. Null: it failed. */
  observe(request: ObserveRequest): Observed | null;
  /**
   * Between two calls of `advance`: a fault comes to the scenario's list at `index`, or the one there gets an end. Its time lies after
   * the `nextMs` of every shard.
   */
  inject(index: number, fault: Fault): void;
  /** What was measured so far; `last`: with the links between peers as they are now. */
  collect(last: boolean): ShardReport;
  /** The run ends here, before its time. */
  cutShort(): void;
  /** Ends the task that holds the thread. */
  stop(): void;
}
