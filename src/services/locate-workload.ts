/**
 * The workload of `locate`: peers publish what the catalogue gives them and ask for what the catalogue makes popular, and every answer
 * is judged against the oracle, which knows the live replicas at the moment the question was asked. Questions come from streams of
 * their own, so every protocol compared is asked the same questions by the same peers at the same times.
 */

import { Stream } from '../kernel/random.js';
import { MAX_OPERATIONS, type Meter } from '../metrics/meter.js';
import { OPERATION_STRIDE, OUTCOMES, type Outcome } from '../metrics/operations.js';
import { peerAt } from '../network/address.js';
import type { Population } from '../population/population.js';
import type { Address, Key, Timer } from '../protocol.js';
import type { LocateWorkload } from '../scenario/scenario.js';
import { Catalogue } from './catalogue.js';
import type { Locate, LocateOperation } from './locate.js';

/** The asking peer's session, as far as the workload needs it. */
export interface Asker {
  readonly index: number;
  readonly protocol: Partial<Locate>;
  readonly operations: Set<Operation> | null;
  open(operation: Operation): void;
  after<A>(delayMs: number, callback: (argument: A) => void, argument: A): Timer;
}

/** What the shard lends the workload. */
export interface LocateHost {
  readonly now: number;
  readonly meter: Meter;
  readonly population: Population;
  /** Plans question number `ask` of this peer. */
  planQuery(peer: number, atMs: number, ask: number): void;
}

export class LocateWorkloadDriver {
  private readonly host: LocateHost;
  private readonly workload: LocateWorkload;
  private readonly catalogue: Catalogue;
  private readonly seed: number;
  private readonly untilMs: number;
  private readonly shard: number;
  private readonly shards: number;
  private asked = 0;
  private rows: Float64Array = new Float64Array(256 * OPERATION_STRIDE);
  private rowCount = 0;
  private readonly openOperations = new Set<Operation>();

  /** @param untilMs no question is asked at or after this time: the end of `measure` */
  constructor(host: LocateHost, workload: LocateWorkload, seed: number, untilMs: number, shard: number, shards: number) {
    this.host = host;
    this.workload = workload;
    this.seed = seed;
    this.untilMs = untilMs;
    this.shard = shard;
    this.shards = shards;
    this.catalogue = new Catalogue(seed, host.population.peers, workload);
  }

  /** A session began: its peer publishes each of its files once, within the publish spread. */
  publishAll(asker: Asker, session: number): void {
    if (this.workload.files === 0) return;
    const files = this.catalogue.filesOf(asker.index);
    if (files.length === 0) return;
    const random = new Stream(this.seed, asker.index, 'catalogue', session);
    for (const file of files) {
      asker.after(random.next() * this.workload.publishSpreadMs, asker.protocol.publish!, this.catalogue.key(file));
    }
  }

  /** Plans the first question of a peer, at the beginning of `measure`. */
  planFirst(peer: number): void {
    this.plan(peer, this.host.now, 0);
  }

  /** Question number `ask` of this peer is due. It is not asked when the peer is down. */
  ask(peer: number, ask: number, asker: Asker | undefined): Operation | null {
    this.plan(peer, this.host.now, ask + 1);
    if (asker === undefined) return null;
    const random = new Stream(this.seed, peer, 'workload', ask * 2 + 1);
    const file = this.workload.files === 0 ? -1 : this.drawFile(peer, random);
    const number = this.asked++ * this.shards + this.shard + 1;
    if (number >= MAX_OPERATIONS) throw new Error(`more than ${MAX_OPERATIONS} operations (seed ${this.seed})`);
    const operation = new Operation(this, number, peer, file < 0 ? random.identifier() : this.catalogue.key(file), this.host.now);
    if (file >= 0) {
      for (const holder of this.catalogue.holdersOf(file)) {
        if (holder !== peer && this.host.population.isUp(holder)) operation.live.add(holder);
      }
    }
    operation.replicas = operation.live.size;
    this.openOperations.add(operation);
    this.host.meter.started++;
    return operation;
  }

  /** Lets the protocol search; the caller has set the operation as cause. */
  begin(asker: Asker, operation: Operation): void {
    asker.open(operation);
    operation.timer = asker.after(this.workload.timeoutMs, Operation.expire, operation);
    asker.protocol.locate!(operation.key, operation);
  }

  /** True when nobody has any item, so that the right answer is a definite "nobody". */
  get expectsAbsence(): boolean {
    return this.workload.files === 0;
  }

  get now(): number {
    return this.host.now;
  }

  get meter(): Meter {
    return this.host.meter;
  }

  /** Keeps the row of an operation that has ended. */
  keep(operation: Operation, outcome: Outcome): void {
    this.openOperations.delete(operation);
    if ((this.rowCount + 1) * OPERATION_STRIDE > this.rows.length) {
      const larger = new Float64Array(this.rows.length * 2);
      larger.set(this.rows);
      this.rows = larger;
    }
    operation.write(this.rows, this.rowCount++ * OPERATION_STRIDE, outcome);
  }

  /** All rows so far; open operations are `pending`. */
  report(): Float64Array {
    const rows = new Float64Array((this.rowCount + this.openOperations.size) * OPERATION_STRIDE);
    rows.set(this.rows.subarray(0, this.rowCount * OPERATION_STRIDE));
    let row = this.rowCount;
    for (const operation of this.openOperations) operation.write(rows, row++ * OPERATION_STRIDE, 'pending');
    return rows;
  }

  private plan(peer: number, fromMs: number, ask: number): void {
    const { perPeer, ratePerPeerPerSecond } = this.workload;
    const random = new Stream(this.seed, peer, 'workload', ask * 2);
    if (perPeer > 0) {
      if (ask >= perPeer) return;
      // The next of the remaining uniform times, given that none was before `fromMs`: their minimum.
      const share = 1 - (1 - random.next()) ** (1 / (perPeer - ask));
      this.host.planQuery(peer, fromMs + (this.untilMs - fromMs) * share, ask);
    } else if (ratePerPeerPerSecond > 0) {
      const atMs = fromMs + random.exponential(1000 / ratePerPeerPerSecond);
      if (atMs < this.untilMs) this.host.planQuery(peer, atMs, ask);
    }
  }

  /** A file by popularity that this peer does not have itself, if a few draws find one. */
  private drawFile(peer: number, random: Stream): number {
    const own = this.catalogue.filesOf(peer);
    let file = this.catalogue.drawFile(random);
    for (let tries = 0; tries < 8 && own.includes(file); tries++) file = this.catalogue.drawFile(random);
    return file;
  }
}

/** One search in progress, and what is known of it. */
export class Operation implements LocateOperation {
  readonly number: number;
  readonly origin: number;
  readonly key: Key;
  readonly startMs: number;
  /** The oracle: peers other than the origin that had the item and were up when it was asked for. */
  readonly live = new Set<number>();
  replicas = 0;
  timer: Timer | undefined = undefined;
  asker: { cancel(timer: Timer | undefined): void; close(operation: Operation): void } | null = null;

  private readonly driver: LocateWorkloadDriver;
  private ended = false;
  private succeeded = false;
  private latencyMs = -1;
  private hops = -1;
  private foundLive = 0;
  private readonly reported = new Set<Address>();

  constructor(driver: LocateWorkloadDriver, number: number, origin: number, key: Key, startMs: number) {
    this.driver = driver;
    this.number = number;
    this.origin = origin;
    this.key = key;
    this.startMs = startMs;
  }

  get open(): boolean {
    return !this.ended;
  }

  found(provider: Address, hops: number): void {
    if (this.ended || this.reported.has(provider)) return;
    this.reported.add(provider);
    if (this.live.has(peerAt(provider))) {
      this.foundLive++;
      if (!this.succeeded) this.succeed(hops);
    }
  }

  finish(hops = 0): void {
    if (this.ended) return;
    if (!this.succeeded && this.reported.size === 0 && this.driver.expectsAbsence) this.succeed(hops);
    this.end(this.succeeded ? 'succeeded' : this.replicas > 0 ? 'failed' : 'unanswerable');
  }

  /** The workload's timeout. */
  static expire(operation: Operation): void {
    if (operation.ended) return;
    operation.end(operation.succeeded ? 'succeeded' : operation.replicas > 0 ? 'failed' : 'unanswerable');
  }

  /** The peer that asked went down. */
  abandon(): void {
    if (!this.ended) this.end(this.succeeded ? 'succeeded' : 'abandoned');
  }

  write(rows: Float64Array, at: number, outcome: Outcome): void {
    const endMs = this.ended ? this.driver.now : -1;
    rows.set([this.number, this.origin, this.key, this.startMs, endMs, OUTCOMES.indexOf(outcome), this.latencyMs, this.hops], at);
    rows.set([this.replicas, this.foundLive, this.reported.size - this.foundLive], at + 8);
  }

  private succeed(hops: number): void {
    this.succeeded = true;
    this.latencyMs = this.driver.now - this.startMs;
    this.hops = hops;
    this.driver.meter.succeeded++;
    this.driver.meter.recordAnswer(this.latencyMs, hops);
  }

  private end(outcome: Outcome): void {
    this.ended = true;
    this.asker?.cancel(this.timer);
    this.asker?.close(this);
    if (outcome === 'failed') this.driver.meter.failed++;
    this.driver.keep(this, outcome);
  }
}
