/**
 * The workload of `locate`: peers publish what the catalogue gives them and ask for what the catalogue makes popular, and every answer
 * is judged against the oracle, which knows the live replicas at the moment the question was asked. Questions come from streams of
 * their own, so every protocol compared is asked the same questions by the same peers at the same times.
 */

import { Stream } from '../kernel/random.js';
import { MAX_OPERATIONS, type Meter } from '../metrics/meter.js';
import { COLUMN, OPERATION_STRIDE, OUTCOMES, type Outcome } from '../metrics/operations.js';
import type { Population } from '../population/population.js';
import type { Address, Item, Key, Timer } from '../protocol.js';
import type { LocateWorkload, QueryTrace } from '../scenario/scenario.js';
import { Catalogue } from './catalogue.js';
import type { Locate, LocateOperation } from './locate.js';
import { ItemNames } from './names.js';

/** The asking peer's session, as far as the workload needs it. */
export interface Asker {
  readonly index: number;
  /** False when it has ended. */
  readonly up: boolean;
  readonly protocol: Partial<Locate>;
  after<A>(delayMs: number, callback: (argument: A) => void, argument: A): Timer;
}

/** What the shard lends the workload. */
export interface LocateHost {
  readonly now: number;
  /** When what is being done was due; before `now` when a run by the wall clock is late. Questions are planned by it. */
  readonly dueMs: number;
  readonly meter: Meter;
  readonly population: Population;
  /** Whose address is whose. */
  readonly addresses: { peerOf(address: Address): number };
  /** Plans question number `ask` of this peer. */
  planQuery(peer: number, atMs: number, ask: number): void;
  /** Has `expire` called at this time; `peer` puts events of equal time in order. */
  planExpiry(peer: number, atMs: number): void;
  /** What is sent from here on is charged to the download of what was found. */
  chargeDownload(): void;
  /** Follows an operation; null or missing: nobody does. */
  readonly tracer?: { found(operation: number, origin: number, provider: number, isLive: boolean): void } | null;
}

/** Runs with the protocol as `this`, like every timer. */
function publish(this: Locate, item: Item): void {
  this.publish(item.key, item);
}

export class LocateWorkloadDriver {
  private readonly host: LocateHost;
  private readonly workload: LocateWorkload;
  private readonly catalogue: Catalogue;
  private readonly names: ItemNames;
  private readonly seed: number;
  private readonly untilMs: number;
  private readonly shard: number;
  private readonly shards: number;
  private asked = 0;
  /** By peer: how often it was the live provider found by somebody. */
  private readonly answers: Uint32Array;
  /** In the order in which they were asked, and so in which they time out: one planned expiry serves them all. */
  private oldest: Operation | null = null;
  private newest: Operation | null = null;
  private expiryPlanned = false;
  private rows: Float64Array = new Float64Array(256 * OPERATION_STRIDE);
  private rowCount = 0;

  /** @param untilMs no question is asked at or after this time: the end of `measure` */
  constructor(host: LocateHost, workload: LocateWorkload, seed: number, untilMs: number, shard: number, shards: number) {
    this.host = host;
    this.workload = workload;
    this.seed = seed;
    this.untilMs = untilMs;
    this.shard = shard;
    this.shards = shards;
    this.catalogue = new Catalogue(seed, host.population.peers, workload);
    this.answers = new Uint32Array(host.population.peers);
    this.names = new ItemNames(seed, workload, (file) => this.catalogue.key(file));
  }

  /** A session began: its peer publishes each of its files once, within the publish spread. */
  publishAll(asker: Asker, session: number): void {
    if (this.workload.files === 0) return;
    const files = this.catalogue.filesOf(asker.index);
    if (files.length === 0) return;
    const random = new Stream(this.seed, asker.index, 'catalogue', session);
    for (const file of files) {
      asker.after(random.next() * this.workload.publishSpreadMs, publish, this.names.item(file));
    }
  }

  /** The peer that has this address, or is behind it; -1 for nobody. */
  peerOf(address: Address): number {
    return this.host.addresses.peerOf(address);
  }

  /** Plans the first question of a peer, at the beginning of `measure`. */
  planFirst(peer: number): void {
    this.plan(peer, this.host.dueMs, 0, new Stream(this.seed, peer, 'workload'));
  }

  /** Question number `ask` of this peer is due. It is not asked when the peer is down. */
  ask(peer: number, ask: number, asker: Asker | undefined): Operation | null {
    const random = new Stream(this.seed, peer, 'workload', ask + 1);
    this.plan(peer, this.host.dueMs, ask + 1, random);
    if (asker === undefined) return null;
    const file = this.fileOf(peer, ask, random);
    const number = this.asked++ * this.shards + this.shard + 1;
    if (number >= MAX_OPERATIONS) throw new Error(`more than ${MAX_OPERATIONS} operations (seed ${this.seed})`);
    const item = file < 0 ? nobodysItem(random.identifier()) : this.names.item(file);
    this.host.meter.started++;
    const words = this.names.known(item, random);
    return new Operation(this, number, asker, item, words, file < 0 ? NOBODY : this.liveHolders(file, peer));
  }

  /** Lets the protocol search; the caller has set the operation as cause. */
  begin(asker: Asker, operation: Operation): void {
    operation.older = this.newest;
    if (this.newest) this.newest.newer = operation;
    else this.oldest = operation;
    this.newest = operation;
    if (!this.expiryPlanned) this.planExpiry(operation);
    asker.protocol.locate!(operation.key, operation);
  }

  /** The oldest open operation, of those when this was planned, has reached its timeout. */
  expire(): void {
    this.expiryPlanned = false;
    while (this.oldest !== null && this.oldest.startMs + this.workload.timeoutMs <= this.now) this.oldest.expire();
    if (this.oldest !== null) this.planExpiry(this.oldest);
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
    if (operation.older) operation.older.newer = operation.newer;
    else this.oldest = operation.newer;
    if (operation.newer) operation.newer.older = operation.older;
    else this.newest = operation.older;
    operation.older = null; // lest a closed one keep others alive
    operation.newer = null;
    if ((this.rowCount + 1) * OPERATION_STRIDE > this.rows.length) {
      const larger = new Float64Array(this.rows.length * 2);
      larger.set(this.rows);
      this.rows = larger;
    }
    operation.row = this.rowCount++ * OPERATION_STRIDE;
    operation.write(this.rows, operation.row, outcome);
  }

  countAnswer(provider: number): void {
    this.answers[provider]++;
  }

  /** By peer: how often it was found. */
  answersByPeer(): Uint32Array {
    return this.answers.slice();
  }

  tellFound({ number, origin }: Operation, provider: number, isLive: boolean): void {
    this.host.tracer?.found(number, origin, provider, isLive);
  }

  chargeDownload(): void {
    this.host.chargeDownload();
  }

  /** The item of an operation that has ended came in later. */
  enterObtained(row: number, afterMs: number): void {
    this.rows[row + COLUMN.obtainedMs] = afterMs;
  }

  /** All rows so far. Open operations are `pending`, or have succeeded already. */
  report(): Float64Array {
    const open: Operation[] = [];
    for (let operation = this.oldest; operation !== null; operation = operation.newer) open.push(operation);
    const rows = new Float64Array((this.rowCount + open.length) * OPERATION_STRIDE);
    rows.set(this.rows.subarray(0, this.rowCount * OPERATION_STRIDE));
    open.forEach((operation, i) => {
      operation.write(rows, (this.rowCount + i) * OPERATION_STRIDE, operation.succeeded ? 'succeeded' : 'pending');
    });
    return rows;
  }

  /** The oracle: peers other than the one that asks that have the file and are up. */
  private liveHolders(file: number, asker: number): Set<number> {
    const live = new Set<number>();
    for (const holder of this.catalogue.holdersOf(file)) if (holder !== asker && this.host.population.isUp(holder)) live.add(holder);
    return live;
  }

  private planExpiry(operation: Operation): void {
    this.expiryPlanned = true;
    this.host.planExpiry(operation.origin, operation.startMs + this.workload.timeoutMs);
  }

  private plan(peer: number, fromMs: number, ask: number, random: Stream): void {
    const { perPeer, ratePerPeerPerSecond, trace } = this.workload;
    if (trace !== null) this.planTraced(trace, peer, fromMs, ask);
    else if (perPeer > 0) {
      if (ask >= perPeer) return;
      // The next of the remaining uniform times, given that none was before `fromMs`: their minimum.
      const share = 1 - (1 - random.next()) ** (1 / (perPeer - ask));
      this.host.planQuery(peer, fromMs + (this.untilMs - fromMs) * share, ask);
    } else if (ratePerPeerPerSecond > 0) {
      const atMs = fromMs + random.exponential(1000 / ratePerPeerPerSecond);
      if (atMs < this.untilMs) this.host.planQuery(peer, atMs, ask);
    }
  }

  /** Entry number `ask` of this peer, or the first after it that does not come before `measure`. */
  private planTraced({ starts, atMs }: QueryTrace, peer: number, fromMs: number, ask: number): void {
    let entry = starts[peer] + ask;
    while (entry < starts[peer + 1] && atMs[entry] < fromMs) entry++;
    if (entry < starts[peer + 1] && atMs[entry] < this.untilMs) this.host.planQuery(peer, atMs[entry], entry - starts[peer]);
  }

  /** What this peer asks for; -1: for what nobody has. */
  private fileOf(peer: number, ask: number, random: Stream): number {
    const { files, trace } = this.workload;
    const asked = trace === null ? -1 : trace.file[trace.starts[peer] + ask];
    if (asked >= 0) return asked;
    return files === 0 ? -1 : this.drawFile(peer, random);
  }

  /** A file by popularity that this peer does not have itself, if a few draws find one. */
  private drawFile(peer: number, random: Stream): number {
    const own = this.catalogue.filesOf(peer);
    let file = this.catalogue.drawFile(random);
    for (let tries = 0; tries < 8 && own.includes(file); tries++) file = this.catalogue.drawFile(random);
    return file;
  }
}

const nobodysItem = (key: Key): Item => ({ key, words: [key], sizeBytes: 0 });

/** For questions that nobody can answer. */
const NOBODY: ReadonlySet<number> = new Set();

/** One search in progress, and what is known of it. */
export class Operation implements LocateOperation {
  readonly number: number;
  readonly words: readonly Key[];
  /** Where its row stands once it has ended; -1 before. */
  row = -1;
  readonly startMs: number;
  /** The operations asked just before and after, of those that are open. */
  older: Operation | null = null;
  newer: Operation | null = null;

  private readonly driver: LocateWorkloadDriver;
  private readonly asker: Asker;
  private readonly item: Item;
  /** The oracle: who had the item when it was asked for. */
  private readonly live: ReadonlySet<number>;
  private reported: Set<Address> | null = null;
  private foundLive = 0;
  private latencyMs = -1;
  private hops = -1;
  private endMs = -1;
  private obtainedMs = -1;

  constructor(driver: LocateWorkloadDriver, number: number, asker: Asker, item: Item, words: readonly Key[], live: ReadonlySet<number>) {
    this.driver = driver;
    this.number = number;
    this.asker = asker;
    this.item = item;
    this.words = words;
    this.live = live;
    this.startMs = driver.now;
  }

  get key(): Key {
    return this.item.key;
  }

  get downloadBytes(): number {
    return this.item.sizeBytes;
  }

  get open(): boolean {
    return this.endMs < 0;
  }

  get origin(): number {
    return this.asker.index;
  }

  found(provider: Address, hops: number): void {
    if (!this.open) return;
    this.reported ??= new Set();
    if (this.reported.has(provider)) return;
    this.reported.add(provider);
    const peer = this.driver.peerOf(provider);
    this.driver.tellFound(this, peer, this.live.has(peer));
    if (!this.live.has(peer)) return;
    this.driver.countAnswer(peer);
    this.foundLive++;
    if (!this.succeeded) this.succeed(hops);
  }

  finish(hops = 0): void {
    if (!this.open) return;
    if (!this.succeeded && this.reported === null && this.driver.expectsAbsence) this.succeed(hops);
    this.end(this.outcome());
  }

  downloading(): void {
    this.driver.chargeDownload();
  }

  obtained(): void {
    if (this.obtainedMs >= 0) return;
    this.obtainedMs = this.driver.now - this.startMs;
    if (this.row >= 0) this.driver.enterObtained(this.row, this.obtainedMs);
  }

  /** The workload's timeout. If the peer that asked went down meanwhile without an answer, it is neither success nor failure. */
  expire(): void {
    this.end(this.asker.up || this.succeeded ? this.outcome() : 'abandoned');
  }

  /** Fills a row of OPERATION_COLUMNS, but for what is counted elsewhere by its number. */
  write(rows: Float64Array, at: number, outcome: Outcome): void {
    rows[at + COLUMN.number] = this.number;
    rows[at + COLUMN.origin] = this.origin;
    rows[at + COLUMN.key] = this.key;
    rows[at + COLUMN.startMs] = this.startMs;
    rows[at + COLUMN.endMs] = this.endMs;
    rows[at + COLUMN.outcome] = OUTCOMES.indexOf(outcome);
    rows[at + COLUMN.latencyMs] = this.latencyMs;
    rows[at + COLUMN.hops] = this.hops;
    rows[at + COLUMN.obtainedMs] = this.obtainedMs;
    rows[at + COLUMN.liveReplicas] = this.live.size;
    rows[at + COLUMN.foundLive] = this.foundLive;
    rows[at + COLUMN.foundStale] = (this.reported?.size ?? 0) - this.foundLive;
  }

  get succeeded(): boolean {
    return this.latencyMs >= 0;
  }

  private outcome(): Outcome {
    if (this.succeeded) return 'succeeded';
    return this.live.size > 0 ? 'failed' : 'unanswerable';
  }

  private succeed(hops: number): void {
    this.latencyMs = this.driver.now - this.startMs;
    this.hops = hops;
    this.driver.meter.succeeded++;
    this.driver.meter.recordAnswer(this.latencyMs, hops);
  }

  private end(outcome: Outcome): void {
    this.endMs = this.driver.now;
    if (outcome === 'failed') this.driver.meter.failed++;
    this.driver.keep(this, outcome);
  }
}
