/**
 * Who is up when. The population moves by itself, from its own streams, whatever the protocol does; so two protocols compared meet the
 * same joins and departures, and every shard can follow the whole population without a message. That costs each shard a few bytes and
 * one event per join or departure, and gives it a global view for bootstrap and for the oracle.
 *
 * Peers 0 .. core - 1 are the core: they arrive first, and never leave nor fail.
 */

import { Stream, WHOLE_RUN } from '../kernel/random.js';
import { timeAfter } from './diurnal.js';
import { drawDuration, meanMs } from './durations.js';
import { Members } from './members.js';
import type { Duration, PopulationPlan } from './plan.js';
import { drawResidual } from './residual.js';
import { TraceFollower } from './trace.js';

/** A join or departure to come. */
export interface Transition {
  readonly atMs: number;
  readonly peer: number;
  /** How many changes the peer had seen when this was planned; if it has seen more since (it failed), the transition is void. */
  readonly after: number;
}

/** What a transition did. */
export type Change = 'join' | 'leave' | 'crash' | 'none';

/** What is drawn once per session, each from a stream of its own. What is drawn before a peer's first belongs to session 0. */
const LENGTH = 0;
const ENDING = 1;
const DOWNTIME = 2;
const DRAWS = 3;

export class Population {
  readonly plan: PopulationPlan;
  readonly peers: number;
  /** Servers come after the peers, have numbers from `peers` on, and stay up but for faults. */
  readonly servers: number;
  /** Number of peers in the core. */
  readonly core: number;

  /** Of the peers up, those whom anybody can call; null: all of them. */
  private readonly contacts: Members | null;
  private readonly isContact: ((peer: number) => boolean) | null;
  private readonly seed: number;
  private readonly up: Members;
  /** How often each peer has come or gone. */
  private readonly changes: Uint32Array;
  private readonly trace: TraceFollower | null;

  /**
   * @param isContact whom anybody can call; null: all peers
   * @param servers how many machines take part besides the peers
   */
  constructor(plan: PopulationPlan, peers: number, seed: number, isContact: ((peer: number) => boolean) | null = null, servers = 0) {
    this.contacts = isContact === null ? null : new Members(peers);
    this.isContact = isContact;
    this.plan = plan;
    this.peers = peers;
    this.servers = servers;
    this.seed = seed;
    this.core = Math.round(plan.core * peers);
    this.up = new Members(peers);
    this.changes = new Uint32Array(peers + servers);
    this.trace = plan.arrivals.kind === 'trace' ? new TraceFollower(plan.arrivals.trace, peers) : null;
  }

  isUp(peer: number): boolean {
    return peer < this.peers ? this.up.has(peer) : this.changes[peer] % 2 === 1;
  }

  /** Number of the session a peer is in, or was in last; the first is 1. */
  session(peer: number): number {
    return (this.changes[peer] + 1) >>> 1;
  }

  /** A uniformly drawn peer that is up; there must be one. */
  pickUp(random: { integer(below: number): number }): number {
    return this.up.at(random.integer(this.up.count));
  }

  /** Peers up now. */
  get upCount(): number {
    return this.up.count;
  }

  /** How many of the peers up can be called by anybody. */
  get contactCount(): number {
    return this.contacts === null ? this.upCount : this.contacts.count;
  }

  /** A uniformly drawn one of those; there must be one. */
  pickContact(random: { integer(below: number): number }): number {
    return this.contacts === null ? this.pickUp(random) : this.contacts.at(random.integer(this.contacts.count));
  }

  /** The first arrivals, in order of peer number: those at time 0 are there when the run begins. Who never arrives is not among them. */
  *arrivals(): Generator<Transition> {
    const { arrivals } = this.plan;
    const random = new Stream(this.seed, WHOLE_RUN, 'population');
    let waitedMs = 0;
    for (let peer = 0; peer < this.peers; peer++) {
      if (arrivals.kind === 'poisson' && peer >= this.core) waitedMs += random.exponential(1000 / arrivals.ratePerSecond);
      const atMs = peer < this.core ? 0 : this.firstArrival(peer, waitedMs);
      if (atMs !== null) yield { atMs, peer, after: 0 };
    }
    for (let server = this.peers; server < this.peers + this.servers; server++) yield { atMs: 0, peer: server, after: 0 };
  }

  /** Carries out a transition; `'none'` when it is void. */
  apply(transition: Transition): Change {
    const { peer, after } = transition;
    if (this.changes[peer] !== after) return 'none';
    const crashes = this.trace?.take(peer, this.isUp(peer), transition.atMs) ?? null;
    if (!this.isUp(peer)) {
      this.setUp(peer);
      return 'join';
    }
    this.setDown(peer);
    return (crashes ?? this.draws(peer, ENDING).next() < this.plan.crashShare) ? 'crash' : 'leave';
  }

  /** What this peer does next, after the change just made at `nowMs`; null: it stays as it is. */
  next(peer: number, nowMs: number): Transition | null {
    if (peer < this.core || peer >= this.peers) return null;
    const { session, downtime } = this.plan;
    const after = this.changes[peer];
    const up = this.isUp(peer);
    if (this.trace !== null) {
      const atMs = this.trace.next(peer, up, nowMs);
      return atMs === null ? null : { atMs, peer, after };
    }
    if (up) return session && { atMs: Math.max(nowMs, this.plan.churnFromMs) + this.sessionLength(session, peer, nowMs), peer, after };
    return downtime && { atMs: this.joinAfter(nowMs, drawDuration(downtime, this.draws(peer, DOWNTIME))), peer, after };
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

  /** When a peer outside the core comes for the first time; null: never. Of a Poisson process it is after `waitedMs`. */
  private firstArrival(peer: number, waitedMs: number): number | null {
    const { arrivals, session, downtime } = this.plan;
    const outside = this.peers - this.core;
    switch (arrivals.kind) {
      case 'at-once':
        return 0;
      case 'ramp':
        return (arrivals.overMs * (peer - this.core)) / outside;
      case 'poisson':
        return this.joinAfter(0, waitedMs);
      case 'flash-crowd':
        if (peer < this.peers - Math.round(arrivals.share * outside)) return 0;
        return arrivals.atMs + this.draws(peer, DOWNTIME).exponential(arrivals.decayMs);
      case 'steady': {
        const upShare = meanMs(session!) / (meanMs(session!) + meanMs(downtime!));
        if (this.draws(peer, LENGTH).next() < upShare) return 0;
        return this.joinAfter(0, drawResidual(downtime!, this.draws(peer, DOWNTIME)));
      }
      case 'trace':
        return this.trace!.next(peer, false, 0);
    }
  }

  /** In a steady population those who are up at time 0 have been for a while: what is left of their sessions is drawn. */
  private sessionLength(session: Duration, peer: number, nowMs: number): number {
    const begun = this.plan.arrivals.kind === 'steady' && nowMs === 0 && this.session(peer) === 1;
    return (begun ? drawResidual : drawDuration)(session, this.draws(peer, LENGTH));
  }

  /** When a peer joins that would after `waitMs` if every hour were like any other. */
  private joinAfter(nowMs: number, waitMs: number): number {
    return this.plan.diurnal === null ? nowMs + waitMs : timeAfter(this.plan.diurnal, nowMs, waitMs);
  }

  private draws(peer: number, what: number): Stream {
    return new Stream(this.seed, peer, 'population', this.session(peer) * DRAWS + what);
  }

  private setUp(peer: number): void {
    this.changes[peer]++;
    if (peer >= this.peers) return; // nobody finds a server by chance, and it is not one of the population
    this.up.add(peer);
    if (this.isContact?.(peer)) this.contacts!.add(peer);
  }

  private setDown(peer: number): void {
    this.changes[peer]++;
    if (peer >= this.peers) return;
    this.up.remove(peer);
    if (this.isContact?.(peer)) this.contacts!.remove(peer);
  }
}
