/**
 * Who is up when. The population moves by itself, from its own streams, whatever the protocol does; so two protocols compared meet the
 * same joins and departures, and every shard can follow the whole population without a message. That costs each shard a few bytes and
 * one event per join or departure, and gives it a global view for bootstrap and for the oracle.
 *
 * Peers 0 .. core - 1 are the core: they arrive first, and never leave nor fail.
 */

import { Stream, WHOLE_RUN } from '../kernel/random.js';
import { drawDuration } from './durations.js';
import type { PopulationPlan } from './plan.js';

/** A join or departure to come. */
export interface Transition {
  readonly atMs: number;
  readonly peer: number;
  /** How many changes the peer had seen when this was planned; if it has seen more since (it failed), the transition is void. */
  readonly after: number;
}

/** What a transition did. */
export type Change = 'join' | 'leave' | 'crash' | 'none';

/** What is drawn once per session, each from a stream of its own. */
const LENGTH = 0;
const ENDING = 1;
const DOWNTIME = 2;
const DRAWS = 3;

export class Population {
  readonly plan: PopulationPlan;
  readonly peers: number;
  /** Number of peers in the core. */
  readonly core: number;
  /** Peers up now; the order is deterministic but means nothing. */
  upCount = 0;

  private readonly seed: number;
  /** The peers up, densely; and for each peer its place there plus one, 0 when down. */
  private readonly up: Uint32Array;
  private readonly place: Uint32Array;
  /** How often each peer has come or gone. */
  private readonly changes: Uint32Array;

  constructor(plan: PopulationPlan, peers: number, seed: number) {
    this.plan = plan;
    this.peers = peers;
    this.seed = seed;
    this.core = Math.round(plan.core * peers);
    this.up = new Uint32Array(peers);
    this.place = new Uint32Array(peers);
    this.changes = new Uint32Array(peers);
  }

  isUp(peer: number): boolean {
    return this.place[peer] !== 0;
  }

  /** Number of the session a peer is in, or was in last; the first is 1. */
  session(peer: number): number {
    return (this.changes[peer] + 1) >>> 1;
  }

  /** A uniformly drawn peer that is up; there must be one. */
  pickUp(random: { integer(below: number): number }): number {
    return this.up[random.integer(this.upCount)];
  }

  /** The first arrivals, in order of peer number: those at time 0 are there when the run begins. */
  *arrivals(): Generator<Transition> {
    const { arrivals } = this.plan;
    const random = new Stream(this.seed, WHOLE_RUN, 'population');
    let atMs = 0;
    for (let peer = 0; peer < this.peers; peer++) {
      if (peer >= this.core) {
        if (arrivals.kind === 'poisson') atMs += random.exponential(1000 / arrivals.ratePerSecond);
        else if (arrivals.kind === 'ramp') atMs = (arrivals.overMs * (peer - this.core)) / Math.max(1, this.peers - this.core);
      }
      yield { atMs, peer, after: 0 };
    }
  }

  /** Carries out a transition; `'none'` when it is void. */
  apply(transition: Transition): Change {
    const { peer, after } = transition;
    if (this.changes[peer] !== after) return 'none';
    if (!this.isUp(peer)) {
      this.setUp(peer);
      return 'join';
    }
    this.setDown(peer);
    return this.draws(peer, ENDING).next() < this.plan.crashShare ? 'crash' : 'leave';
  }

  /** What this peer does next, after the change just made at `nowMs`; null: it stays as it is. */
  next(peer: number, nowMs: number): Transition | null {
    if (peer < this.core) return null;
    const after = this.changes[peer];
    if (this.isUp(peer)) {
      if (this.plan.session === null) return null;
      return { atMs: Math.max(nowMs, this.plan.churnFromMs) + drawDuration(this.plan.session, this.draws(peer, LENGTH)), peer, after };
    }
    if (this.plan.downtime === null) return null;
    return { atMs: nowMs + drawDuration(this.plan.downtime, this.draws(peer, DOWNTIME)), peer, after };
  }

  /** Brings a peer up or takes it down from outside, whatever was planned for it. */
  set(peer: number, up: boolean): void {
    if (up && !this.isUp(peer)) this.setUp(peer);
    if (!up && this.isUp(peer)) this.setDown(peer);
  }

  /** Mass failure number `index`: takes down its share of the peers outside the core, and returns those that were up, in order. */
  fail(index: number): number[] {
    const random = new Stream(this.seed, WHOLE_RUN, 'population', index + 1);
    const candidates = Array.from({ length: this.peers - this.core }, (_, i) => this.core + i);
    const hit = Math.round(this.plan.massFailures[index].share * candidates.length);
    for (let i = 0; i < hit; i++) {
      const j = i + random.integer(candidates.length - i);
      const held = candidates[i];
      candidates[i] = candidates[j];
      candidates[j] = held;
    }
    const failed = candidates
      .slice(0, hit)
      .filter((peer) => this.isUp(peer))
      .sort((a, b) => a - b);
    for (const peer of failed) this.setDown(peer);
    return failed;
  }

  private draws(peer: number, what: number): Stream {
    return new Stream(this.seed, peer, 'population', this.session(peer) * DRAWS + what);
  }

  private setUp(peer: number): void {
    this.changes[peer]++;
    this.up[this.upCount++] = peer;
    this.place[peer] = this.upCount;
  }

  private setDown(peer: number): void {
    this.changes[peer]++;
    const place = this.place[peer] - 1;
    const last = this.up[--this.upCount];
    this.up[place] = last;
    this.place[last] = place + 1;
    this.place[peer] = 0;
  }
}
