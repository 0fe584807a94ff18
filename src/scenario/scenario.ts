/**
 * A scenario as the coordinator and the shards use it: one protocol, every default filled in, every unit resolved. `load.ts` makes it
 * from a YAML file; it is plain data, so it can cross to a worker thread and be written back to `scenario.yaml`.
 */

import type { Chaos, Fault } from '../faults/plan.js';
import type { Topology } from '../network/topology.js';
import type { PopulationPlan } from '../population/plan.js';
import type { SettingValue } from '../protocol.js';

/** The four stretches of a run. Queries are asked in `measure` only; `drain` lets the last ones finish. */
export interface Phases {
  /** `converge`: who is up at time 0 starts with finished tables. `join`: everybody joins one by one. */
  readonly start: 'converge' | 'join';
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly drainMs: number;
}

/** How often, and which, items are asked for. */
export interface LocateWorkload {
  /** Number of distinct items; 0 means that every query asks for a fresh random key that nobody has. */
  readonly files: number;
  /** Exponent of the Zipf law by which items are asked for (0 = uniform). */
  readonly zipf: number;
  /** Mean number of peers that hold an item. */
  readonly replicas: number;
  /** Exponent of the Zipf law by which replicas are spread over items (0: each has the mean). */
  readonly replicaZipf: number;
  /** Share of peers that share nothing, in [0, 1). */
  readonly freeRiders: number;
  /** Exponent by which files per sharing peer are spread (0: evenly). */
  readonly sharingZipf: number;
  /** Each peer publishes its files at uniform random times within this span after its session began, in ms. */
  readonly publishSpreadMs: number;
  /** How queries arrive: Poisson with this rate per peer and second ... */
  readonly ratePerPeerPerSecond: number;
  /** ... or, when above 0, exactly this many per peer at uniform random times in `measure`. */
  readonly perPeer: number;
  /** ... or, when not null, exactly these. */
  readonly trace: QueryTrace | null;
  /** A query not answered by then has failed, in ms. */
  readonly timeoutMs: number;
  /** How items are called, for systems that search by words. */
  readonly names: Names;
  /** Size of an item, in bytes, when whoever has found one downloads it; 0: nobody does. */
  readonly downloadBytes: number;
}

/**
 * Queries that were measured, or thought out, beforehand: who asks when, for what. Those of peer i are the entries from `starts[i]` up to
 * `starts[i + 1]`, in order of time. Those outside of `measure` are not asked.
 */
export interface QueryTrace {
  readonly starts: Uint32Array;
  readonly atMs: Float64Array;
  /** Number of the file, which is its rank by popularity, from 0; -1: drawn by popularity. */
  readonly file: Int32Array;
}

/** Names of items: `perItem` words each, drawn from a vocabulary by Zipf's law; a query knows `perQuery` of them. */
export interface Names {
  /** Words there are; 0: every item's name is one word that no other has. */
  readonly vocabulary: number;
  readonly perItem: number;
  readonly perQuery: number;
  /** Exponent of the Zipf law by which words are used (0 = uniform). */
  readonly zipf: number;
}

/** A threshold: `metric` is a path into the summary (`locate.success`), judged at the end. */
export interface Threshold {
  readonly metric: string;
  readonly condition: '>=' | '>' | '<=' | '<' | '==';
  readonly value: number;
}

/** Bounds that end a run which would not end, or not fit. */
export interface Limits {
  /** Pending events over all peers of a shard. */
  readonly pendingEvents: number;
  /** Events handled at one instant of virtual time in a shard. */
  readonly eventsPerInstant: number;
  /** Wall seconds that a single event may take. */
  readonly stallSeconds: number;
}

/** What paces a run (D1): virtual time, which jumps from event to event, or the wall clock. */
export type Clock =
  | { readonly kind: 'virtual' }
  | {
      readonly kind: 'wall';
      /** Virtual ms per wall ms, above 0. */
      readonly speed: number;
      /** How late, in wall ms, an event may be handled before it counts as late. */
      readonly latenessMs: number;
    };

/** What handling a message costs a peer's processor, in virtual time: a fixed time each, or the measured one times a factor. */
export type CpuModel = { readonly kind: 'per-message'; readonly costMs: number } | { readonly kind: 'measured'; readonly factor: number };

/** What one run is made of. Times in ms, rates per second, sizes in bytes, shares in [0, 1]. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** Integer in [0, 2^53). */
  readonly seed: number;
  readonly peers: number;
  /** Machines that the protocol's operator runs besides the peers, as its definition says. */
  readonly servers: number;
  readonly protocol: {
    readonly name: string;
    /** Absolute path of the user's own module, or null for one of ours. */
    readonly file: string | null;
    readonly settings: Readonly<Record<string, SettingValue>>;
    /** By what its queries search. */
    readonly locatesBy: 'key' | 'words';
  };
  readonly topology: Topology;
  readonly population: PopulationPlan;
  readonly phases: Phases;
  readonly clock: Clock;
  /** Null: handlers take no time in a run by virtual time, and their own in one by the wall clock. */
  readonly cpu: CpuModel | null;
  /** What goes wrong at stated times; the number of a fault, by which its chance is drawn, is its place here. */
  readonly faults: readonly Fault[];
  /** What goes wrong at random times of `measure`. */
  readonly chaos: readonly Chaos[];
  readonly workload: { readonly locate: LocateWorkload | null };
  readonly measures: {
    /** Whether operations.csv says whom each operation reached. */
    readonly paths: boolean;
    /** Width of a row of timeseries.csv, in virtual ms. */
    readonly intervalMs: number;
    readonly thresholds: readonly Threshold[];
  };
  readonly limits: Limits;
}
