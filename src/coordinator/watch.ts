/**
 * What somebody who watches a run sees of it, frame by frame: after every slice the shards are asked what was to be seen of them
 * (`shard/observer.ts`), and it is put together here. The run is the same, watched or not.
 */

import { performance } from 'node:perf_hooks';
import type { FaultRecord } from '../faults/plan.js';
import { byReason, CAUSES, type Cause, DROP_REASONS, type DropReason, type Phase } from '../metrics/measures.js';
import { CAUSE_BITS, KIND_MASK } from '../metrics/meter.js';
import { AddressPlan } from '../network/address-plan.js';
import type { Placement } from '../network/placement.js';
import type { Scenario } from '../scenario/scenario.js';
import { hostsOf, nameOf } from '../scenario/servers.js';
import type { Observed, ObservedMessages, ObserveRequest, Progress, WatchConfig } from '../shard/messages.js';
import { isShown, MOST_HALVINGS, OBSERVED_TIMES, OBSERVED_WORDS } from '../shard/observer.js';
import type { Gait } from './control.js';
import { addUp } from './merge.js';

/** How a run is shown, frame by frame, while it goes on. */
export interface WatchOptions {
  /** Most peers that are drawn one by one; of more, an even sample is. */
  readonly peers: number;
  /** Most messages in a frame. */
  readonly messages: number;
  /** Least wall time, in ms, between two frames of a run that goes on; asked each time, for there may be nobody there just now (default: 0). */
  readonly everyMs?: () => number;
  /**
   * Called before the run begins, after every slice, and when the run stands still, goes on, or ends. At full speed after fewer slices, so
   * that the frames take no more than 2 % of the time.
   */
  readonly onFrame: (frame: WatchFrame) => void;
}

/** A moment of a run, and what happened since the frame before. */
export interface WatchFrame extends Gait {
  /** 0 for the first one, which shows the run before anything has happened. */
  readonly number: number;
  /** What it covers, in virtual time. */
  readonly fromMs: number;
  readonly virtualMs: number;
  /** Virtual time at the end of the run. */
  readonly totalMs: number;
  /** Since the run began. */
  readonly wallMs: number;
  readonly phase: Phase;
  readonly peersAlive: number;
  /** Since the run began, and in this frame alone. */
  readonly totals: WatchCounts;
  readonly inFrame: WatchCounts;
  /** Of operations that were answered in this frame; null where none was. */
  readonly latency: { readonly p50Ms: number | null; readonly p90Ms: number | null };
  /** Who is drawn: the same array in every frame. */
  readonly drawn: readonly DrawnPeer[];
  /** By place in `drawn`: who is up now, and where it lies in its identifier space, as last asked; null when it does not say. */
  readonly up: readonly boolean[];
  readonly positions: readonly (readonly number[] | null)[];
  /** Those drawn that came up or went down, in order of time. */
  readonly changes: readonly { readonly atMs: number; readonly peer: number; readonly up: boolean }[];
  /** Names of message types: the same array in every frame. */
  readonly types: readonly string[];
  /** Messages that came to their end in this frame, by the time they were sent; and how many more did that are not here. */
  readonly messages: readonly WatchedMessage[];
  readonly moreMessages: number;
  /**
   * Operations whose messages are among those shown, all of them: one in so many is. The sample changes by halves, so that an operation
   * mostly stays in it.
   */
  readonly operationsShown: number;
  /** Peer numbers, two by two: overlay links between those drawn, from `neighbours()`. Null in frames that did not ask. */
  readonly links: readonly number[] | null;
  readonly moreLinks: number;
  readonly heat: Heat;
  /** Faults that have begun, and those that are planned (`peersHit` is null). */
  readonly faults: readonly FaultRecord[];
}

/** Counts of a run, or of a frame of it. */
export interface WatchCounts {
  readonly sent: number;
  readonly delivered: number;
  /** Bytes sent, headers included. */
  readonly bytes: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly operations: { readonly started: number; readonly succeeded: number; readonly failed: number };
}

/** A peer as a frame shows it. */
export interface DrawnPeer {
  /** Its number, by which messages, changes and links name it. */
  readonly peer: number;
  readonly name: string;
  /** Whether anybody can call it: no NAT or firewall in the way. */
  readonly reachable: boolean;
  /** The operator's machine, not a user's. */
  readonly isServer: boolean;
}

/** A message as a frame shows it. */
export interface WatchedMessage {
  readonly sentMs: number;
  /** When it was delivered, or found lost. */
  readonly arrivesMs: number;
  readonly from: number;
  /** -1: an address that is nobody's. */
  readonly to: number;
  /** Index into `types`. */
  readonly type: number;
  readonly cause: Cause;
  /** Number of the operation that it serves; -1: none. Numbers depend on the number of shards. */
  readonly operation: number;
  /** Its field `ttl`, where it has one that is a number. */
  readonly ttl: number | null;
  readonly onConnection: boolean;
  readonly dropped: DropReason | null;
}

/** How busy a large population is: hosts put together by number, `floor(host x groups / hosts)`. */
export interface Heat {
  readonly groups: number;
  readonly hosts: number;
  /** Messages that were delivered to each group in this frame. */
  readonly handled: readonly number[];
  /** Share of each group that is up. */
  readonly up: readonly number[];
}

const MOST_GROUPS = 1024;
/** Links and positions are asked for this often, in wall ms; never for more than this share of the time. */
const LOOK_MS = 1000;
const LOOK_SHARE = 50;

/** A run at full speed stands still for its frames for no more than one part in so many of its time. */
const WATCH_SHARE = 50;

/** What a frame needs to know of the run besides what the shards show. */
export interface Moment {
  /** Nothing comes after it. */
  readonly isOver: boolean;
  readonly progress: readonly Progress[];
  readonly virtualMs: number;
  readonly totalMs: number;
  readonly wallMs: number;
  readonly phase: Phase;
  readonly gait: Gait;
}

const NOTHING: WatchCounts = {
  sent: 0,
  delivered: 0,
  bytes: 0,
  dropped: byReason(() => 0),
  operations: { started: 0, succeeded: 0, failed: 0 },
};

export class Watcher {
  /** For the shards. */
  readonly config: WatchConfig;
  private readonly options: WatchOptions;
  private readonly hosts: number;
  private readonly groupSizes: Float64Array;
  private readonly drawn: readonly DrawnPeer[];
  /** By host: its place in `drawn`; -1 for those that are not. */
  private readonly placeOf: Int32Array;
  private up: boolean[];
  private positions: (readonly number[] | null)[];
  private number = 0;
  private virtualMs = 0;
  private totals = NOTHING;
  /** One operation in 2^this is to be shown of the next frame. */
  private halvings = 0;
  private lookDueAt = 0;
  private shownAt = Number.NEGATIVE_INFINITY;
  /** When a run at full speed may be stopped again for a frame. */
  private restsUntil = 0;

  constructor(scenario: Scenario, placement: Placement, options: WatchOptions) {
    const hosts = hostsOf(scenario);
    const plan = new AddressPlan(scenario.topology, hosts, placement.gateways);
    const groups = Math.min(hosts, MOST_GROUPS);
    const numbers = sample(scenario.peers, scenario.servers, options.peers);
    this.options = options;
    this.hosts = hosts;
    this.groupSizes = new Float64Array(groups);
    for (let host = 0; host < hosts; host++) this.groupSizes[Math.floor(host * (groups / hosts))]++;
    this.drawn = numbers.map((peer) => ({
      peer,
      name: nameOf(peer, scenario.peers),
      reachable: plan.reachable(peer),
      isServer: peer >= scenario.peers,
    }));
    this.placeOf = new Int32Array(hosts).fill(-1);
    numbers.forEach((host, place) => {
      this.placeOf[host] = place;
    });
    this.up = numbers.map(() => false);
    this.positions = numbers.map(() => null);
    this.config = { drawn: Uint8Array.from(this.placeOf, (place) => (place < 0 ? 0 : 1)), groups, messages: options.messages };
  }

  /** Takes a look at the shards, and shows what is to be seen. */
  async look(moment: Moment, types: readonly string[], ask: (request: ObserveRequest) => Promise<(Observed | null)[]>): Promise<void> {
    const from = performance.now();
    const isDue = from >= this.restsUntil && from >= this.shownAt + (this.options.everyMs?.() ?? 0);
    if (!isDue && !moment.gait.paused && !moment.isOver) return;
    this.shownAt = from;
    const look = from >= this.lookDueAt;
    const answers = await ask({ halvings: this.halvings, look });
    const seen = answers.filter((each) => each !== null);
    if (seen.length < answers.length) return; // the next slice says what went wrong
    const tookMs = performance.now() - from;
    if (look) this.lookDueAt = from + tookMs + Math.max(LOOK_MS, tookMs * LOOK_SHARE);
    this.options.onFrame(this.frame(moment, types, seen));
    // A run that goes as fast as it can waits for this; one that is paced would be waiting anyhow.
    if (moment.gait.pace === null) this.restsUntil = performance.now() + (performance.now() - from) * WATCH_SHARE;
  }

  private frame({ progress, gait, isOver: _, ...moment }: Moment, types: readonly string[], seen: readonly Observed[]): WatchFrame {
    const before = this.totals;
    const fromMs = this.virtualMs;
    this.totals = totalsOf(progress, seen);
    this.virtualMs = moment.virtualMs;
    const inFrame = difference(this.totals, before);
    const { messages, halvings } = this.messagesOf(seen);
    // For the next frame more, if there was much room.
    this.halvings = messages.length < this.options.messages / 4 ? Math.max(0, halvings - 1) : halvings;
    const ended = inFrame.delivered + DROP_REASONS.reduce((sum, reason) => sum + inFrame.dropped[reason], 0);
    const changes = this.takeChanges(seen);
    this.takePositions(seen);
    return {
      ...gait,
      ...moment,
      number: this.number++,
      fromMs,
      peersAlive: progress[0]?.peersUp ?? this.up.filter((isUp) => isUp).length,
      totals: this.totals,
      inFrame,
      latency: latencyOf(seen),
      drawn: this.drawn,
      up: this.up,
      positions: this.positions,
      changes,
      types,
      messages,
      moreMessages: Math.max(0, ended - messages.length),
      operationsShown: 1 / 2 ** halvings,
      links: seen.every(({ links }) => links !== null) ? seen.flatMap(({ links }) => [...links!]) : null,
      moreLinks: seen.reduce((sum, { moreLinks }) => sum + moreLinks, 0),
      heat: {
        groups: this.groupSizes.length,
        hosts: this.hosts,
        handled: [...addUp(seen.map(({ handled }) => handled))],
        up: [...addUp(seen.map(({ up }) => up))].map((up, group) => up / this.groupSizes[group]),
      },
      faults: seen[0].faults,
    };
  }

  /**
   * The most telling first, as many as there is room for; then in order of time. A shard that had more to show than another chose fewer
   * operations; shown are those that all of them did, and fewer still when these are too many together.
   */
  private messagesOf(seen: readonly Observed[]): { messages: WatchedMessage[]; halvings: number } {
    const most = this.options.messages;
    let halvings = Math.max(...seen.map((each) => each.halvings));
    const [chosen, others, beyond] = [0, 1, 2].map((kind) => seen.flatMap(({ messages }) => rowsOf(messages[kind])));
    const passing = (rows: readonly WatchedMessage[]) => rows.filter(({ operation }) => isShown(operation, halvings));
    let ofOperations = passing(chosen);
    while (ofOperations.length > most && halvings < MOST_HALVINGS) {
      halvings++;
      ofOperations = passing(ofOperations);
    }
    const messages = [...ofOperations, ...others.sort(byTime), ...passing(beyond).sort(byTime)].slice(0, most);
    return { messages: messages.sort(byTime), halvings };
  }

  private takeChanges(seen: readonly Observed[]): WatchFrame['changes'] {
    const changes: { atMs: number; peer: number; up: boolean }[] = [];
    for (const { changes: each } of seen)
      for (let i = 0; i < each.length; i += 3) changes.push({ atMs: each[i], peer: each[i + 1], up: each[i + 2] === 1 });
    changes.sort((a, b) => a.atMs - b.atMs || a.peer - b.peer);
    if (changes.length > 0) this.up = [...this.up];
    for (const { peer, up } of changes) this.up[this.placeOf[peer]] = up;
    return changes;
  }

  private takePositions(seen: readonly Observed[]): void {
    if (seen.some(({ positions }) => positions === null)) return;
    const positions: (readonly number[] | null)[] = this.drawn.map(() => null);
    for (const { positions: each } of seen) {
      for (let i = 0; i < each!.length; i += 3) {
        const [host, x, y] = each!.subarray(i, i + 3);
        positions[this.placeOf[host]] = Number.isNaN(y) ? [x] : [x, y];
      }
    }
    this.positions = positions;
  }
}

/** Who is drawn, by number: all there are, or an even sample of the peers with, at most a quarter, the first servers. */
function sample(peers: number, servers: number, most: number): number[] {
  const shownServers = peers + servers <= most ? servers : Math.min(servers, Math.floor(most / 4));
  const shownPeers = Math.min(peers, most - shownServers);
  return [
    ...Array.from({ length: shownPeers }, (_, i) => Math.floor((i * peers) / shownPeers)),
    ...Array.from({ length: shownServers }, (_, i) => peers + i),
  ];
}

const byTime = (a: WatchedMessage, b: WatchedMessage) => a.sentMs - b.sentMs || a.arrivesMs - b.arrivesMs || a.from - b.from || a.to - b.to;

function rowsOf({ times, words }: ObservedMessages): WatchedMessage[] {
  return Array.from({ length: times.length / OBSERVED_TIMES }, (_, row) => {
    const [sentMs, arrivesMs] = times.subarray(row * OBSERVED_TIMES);
    const [from, to, type, cause, ttl, verdict, onConnection] = words.subarray(row * OBSERVED_WORDS);
    const operation = cause >>> CAUSE_BITS;
    return {
      sentMs,
      arrivesMs,
      from,
      to,
      type,
      cause: CAUSES[cause & KIND_MASK],
      operation: operation === 0 ? -1 : operation,
      ttl: ttl < 0 ? null : ttl,
      onConnection: onConnection === 1,
      dropped: verdict < 0 ? DROP_REASONS[-1 - verdict] : null,
    };
  });
}

function totalsOf(progress: readonly Progress[], seen: readonly Observed[]): WatchCounts {
  const total = (value: (each: Progress) => number) => progress.reduce((sum, each) => sum + value(each), 0);
  const dropped = addUp(seen.map((each) => each.dropped));
  return {
    sent: total((each) => each.sent),
    delivered: total((each) => each.delivered),
    bytes: seen.reduce((sum, { bytes }) => sum + bytes, 0),
    dropped: byReason((_, i) => dropped[i]),
    operations: {
      started: total((each) => each.started),
      succeeded: total((each) => each.succeeded),
      failed: total((each) => each.failed),
    },
  };
}

function difference(now: WatchCounts, before: WatchCounts): WatchCounts {
  return {
    sent: now.sent - before.sent,
    delivered: now.delivered - before.delivered,
    bytes: now.bytes - before.bytes,
    dropped: byReason((reason) => now.dropped[reason] - before.dropped[reason]),
    operations: {
      started: now.operations.started - before.operations.started,
      succeeded: now.operations.succeeded - before.operations.succeeded,
      failed: now.operations.failed - before.operations.failed,
    },
  };
}

function latencyOf(seen: readonly Observed[]): WatchFrame['latency'] {
  const sorted = new Float64Array(seen.reduce((sum, { answeredMs }) => sum + answeredMs.length, 0));
  let filled = 0;
  for (const { answeredMs } of seen) {
    sorted.set(answeredMs, filled);
    filled += answeredMs.length;
  }
  sorted.sort();
  const quantile = (share: number) => (sorted.length === 0 ? null : sorted[Math.ceil(share * sorted.length) - 1]);
  return { p50Ms: quantile(0.5), p90Ms: quantile(0.9) };
}
