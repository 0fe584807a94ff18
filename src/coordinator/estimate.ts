/**
 * What a run will take, before it is run: a small population of the same scenario runs for a few seconds, and what it measured is scaled
 * up. `peerage plan` prints it; a sweep plans by it.
 */

import { totalmem } from 'node:os';
import { placePeers } from '../network/placement.js';
import { phaseTimes } from '../scenario/phases.js';
import type { Scenario } from '../scenario/scenario.js';
import { runScenario } from './run.js';

const SAMPLE_PEERS = 2_000;
const SAMPLE_WALL_MS = 4_000;
/** More peers than this are not placed to see how the topology divides. */
const PLACED_PEERS = 100_000;
/** What a thread takes before it holds a peer: V8, libraries, exchange boxes; in bytes, as measured on Node 20. */
const THREAD_BYTES = 60e6;
/** Garbage and buffers on top of what is alive: a heap is let grow to about this multiple before it is collected. */
const HEADROOM = 1.6;
/** Share of the machine's memory that runs may take. */
export const USABLE_SHARE = 0.75;

export interface Sample {
  readonly peers: number;
  readonly virtualMs: number;
  readonly bytesPerPeer: number;
  /** Of the sampled population. */
  readonly eventsPerVirtualSecond: number;
  /** That a shard handles in a second of wall time. */
  readonly eventsPerSecond: number;
}

export interface RunEstimate {
  readonly sample: Sample;
  readonly shards: number;
  /** Infinity with one shard. */
  readonly lookaheadMs: number;
  readonly totalBytes: number;
  readonly fits: boolean;
  readonly virtualMs: number;
  readonly eventsPerVirtualSecond: number;
}

/** Events per peer are taken to stay the same, however many peers there are. */
export async function estimateRun(scenario: Scenario, shards: number): Promise<RunEstimate> {
  const sample = await sampleRun(scenario);
  const placement = placePeers(scenario.topology, Math.min(scenario.peers, PLACED_PEERS), shards, scenario.seed);
  const totalBytes = bytesOfRun(sample.bytesPerPeer, scenario.peers, placement.shards);
  return {
    sample,
    shards: placement.shards,
    lookaheadMs: placement.lookaheadMs,
    totalBytes,
    fits: totalBytes <= usableBytes(),
    virtualMs: phaseTimes(scenario).endMs,
    eventsPerVirtualSecond: (sample.eventsPerVirtualSecond * scenario.peers) / sample.peers,
  };
}

/** A few seconds of a small population, on one thread. */
export async function sampleRun(scenario: Scenario, signal?: AbortSignal): Promise<Sample> {
  const peers = Math.min(scenario.peers, SAMPLE_PEERS);
  const enough = AbortSignal.timeout(SAMPLE_WALL_MS);
  // By virtual time, whatever the scenario's clock: what is to be known is how fast it can go.
  const { measures } = await runScenario(
    { ...scenario, peers, clock: { kind: 'virtual' } },
    { shards: 1, weigh: true, signal: signal === undefined ? enough : AbortSignal.any([enough, signal]) },
  );
  return {
    peers,
    virtualMs: measures.virtualMs,
    bytesPerPeer: measures.effort.bytesPerPeer ?? 0,
    eventsPerVirtualSecond: (measures.events / Math.max(measures.virtualMs, 1)) * 1000,
    eventsPerSecond: (measures.events / measures.effort.runWallMs) * 1000,
  };
}

/** Memory of a whole run. */
export function bytesOfRun(bytesPerPeer: number, peers: number, shards: number): number {
  return bytesPerPeer * peers * HEADROOM + THREAD_BYTES * (shards + 1);
}

export function usableBytes(): number {
  return totalmem() * USABLE_SHARE;
}
