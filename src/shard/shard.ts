/**
 * One thread's share of the peers: takes events in order, lets the network and the protocols act on them, and keeps count. It knows
 * virtual time only; `host.ts` says how far it may run, and no thread is needed to drive one (tests do).
 */

import { CAUSE, DESTINATION, EventQueue, KIND, SIZE, U32_STRIDE } from '../kernel/event-queue.js';
import { Stream } from '../kernel/random.js';
import { CAUSES, PHASES } from '../metrics/measures.js';
import { CAUSE_BITS, Meter } from '../metrics/meter.js';
import { addressOf } from '../network/address.js';
import { PeerTable, SEQUENCE as ROW_SEQUENCE, ROW_U32, shardOf } from '../network/peer-table.js';
import type { Population, Transition } from '../population/population.js';
import { Problem } from '../problem.js';
import type { Address, ProtocolDefinition, Timer } from '../protocol.js';
import type { Scenario } from '../scenario/scenario.js';
import { LocateWorkloadDriver, type Operation } from '../services/locate-workload.js';
import { blame, noProgress, tooManyEvents } from './blame.js';
import { Chronicle } from './chronicle.js';
import { Codec } from './codec.js';
import {
  KIND_BITS,
  KIND_MASK,
  MESSAGE_ARRIVING,
  MESSAGE_DUE,
  QUERY,
  QUERY_EXPIRY,
  QUERY_EXPIRY_SEQUENCE,
  QUERY_SEQUENCE,
  TIMER,
  TRANSITION,
  TRANSITION_SEQUENCE,
} from './event-kinds.js';
import { Mail } from './mail.js';
import type { Progress, ShardConfig, ShardReport } from './messages.js';
import { PULSE_WORDS, WAITING } from './pulse.js';
import { MAINTENANCE, Residents } from './residents.js';
import { type Session, ShardTimer } from './session.js';
import { type Milestone, Timeline } from './timeline.js';

const LOCATE = CAUSES.indexOf('locate');

export class Shard {
  /** Virtual time in ms; one element, see network.ts. */
  readonly clock = new Float64Array(1);
  /** On whose behalf the current handler runs: see meter.ts. */
  cause = MAINTENANCE;
  readonly seed: number;
  readonly meter: Meter;
  readonly residents: Residents;
  readonly locate: LocateWorkloadDriver | null;
  readonly protocolName: string;
  readonly mail: Mail;
  events = 0;
  /** Those among them that are not the peers' own, and whose number depends on the number of shards. */
  private bookkeeping = 0;

  private readonly scenario: Scenario;
  private readonly shard: number;
  private readonly shared: boolean;
  private readonly queue = new EventQueue();
  private readonly table: PeerTable;
  private readonly peers: number;
  private readonly sessions: readonly (Session | undefined)[];
  private readonly timeline: Timeline;
  private instantMs = -1;
  private instantEvents = 0;
  private readonly peersUpByRow: number[] = [];
  private readonly chronicle: Chronicle;
  private readonly pulse: Uint32Array;

  constructor(config: ShardConfig, definition: ProtocolDefinition) {
    const { scenario } = config;
    this.scenario = scenario;
    this.seed = scenario.seed;
    this.shard = config.shard;
    this.shared = config.shards > 1;
    const codec = new Codec(definition.messages);
    this.meter = new Meter(codec.types.length);
    this.chronicle = new Chronicle(config.trace, codec.types);
    this.peers = scenario.peers;
    this.table = new PeerTable(config.rows, config.places);
    this.protocolName = scenario.protocol.name;
    this.residents = new Residents(this, scenario, definition);
    this.sessions = this.residents.sessions;
    this.mail = new Mail(this, config, definition, { codec, queue: this.queue, table: this.table, chronicle: this.chronicle });
    this.pulse = new Uint32Array(config.pulse, config.shard * PULSE_WORDS * 4, PULSE_WORDS);
    this.timeline = new Timeline(scenario);
    const { locate } = scenario.workload;
    this.locate = locate
      ? new LocateWorkloadDriver(this, locate, scenario.seed, this.timeline.measureEndMs, config.shard, config.shards)
      : null;
  }

  /** Makes the peers that are there at time 0. */
  populate(): void {
    this.residents.populate();
  }

  get now(): number {
    return this.clock[0];
  }

  get population(): Population {
    return this.residents.population;
  }

  get endMs(): number {
    return this.timeline.endMs;
  }

  /** Time of the next thing that happens here: an event, or a milestone of the run. */
  nextTime(): number {
    return Math.min(this.queue.peekTime(), this.timeline.nextMs);
  }

  /**
   * Handles events before `limitMs`, at most about `budget` of them; returns how many. Protocol exceptions come out as Problems that
   * name the peer and what it was doing.
   */
  run(limitMs: number, budget: number): number {
    const before = this.events;
    const { queue } = this;
    while (this.events - before < budget) {
      const time = queue.peekTime();
      if (time >= this.timeline.nextMs) {
        if (this.timeline.nextMs >= limitMs) break;
        this.reach(this.timeline.take());
        continue;
      }
      if (time >= limitMs) break;
      if (time !== this.instantMs) {
        if (time < this.now) throw new Error(`time went back from ${this.now} to ${time} ms (seed ${this.seed})`);
        this.instantMs = time;
        this.instantEvents = 0;
      } else if (++this.instantEvents > this.scenario.limits.eventsPerInstant)
        throw noProgress(this, this.instantEvents, this.countPending());
      this.clock[0] = time;
      this.events++;
      this.handle(queue.pop());
    }
    if (queue.length > this.scenario.limits.pendingEvents)
      throw tooManyEvents(this, queue.length, this.scenario.limits.pendingEvents, this.countPending());
    return this.events - before;
  }

  /** A sign of life outside of events: what is being done to this peer. */
  beat(peer: number, doing: number): void {
    this.pulse[0] = peer;
    this.pulse[1] = doing;
    this.pulse[2]++;
  }

  /** Nothing happens here until the other shards are done with this window. */
  rest(): void {
    this.pulse[0] = WAITING;
  }

  /** Everything up to `untilMs` is done: lets the milestones until then pass. */
  finish(untilMs: number): void {
    while (this.timeline.nextMs <= untilMs) this.reach(this.timeline.take());
    this.clock[0] = untilMs;
    this.residents.accountUptime();
  }

  /** The run ends at the current time: the row of the time series that is open is closed. */
  cutShort(): void {
    this.residents.accountUptime();
    this.meter.closeRow();
    this.peersUpByRow.push(this.population.upCount);
  }

  startTimer(session: Session, delayMs: number, periodMs: number, callback: (argument: unknown) => void, argument: unknown): Timer {
    if (!(delayMs >= 0) || !(periodMs >= 0)) {
      throw new Problem(`a timer was set to ${delayMs >= 0 ? periodMs : delayMs} ms: expected 0 or more`, 'protocol-failed');
    }
    if (typeof callback !== 'function') {
      throw new Problem(`a timer was set to call back ${String(callback)}: expected a function`, 'protocol-failed');
    }
    const timer = new ShardTimer(session, periodMs, callback, argument);
    this.pushTimer(timer, this.now + delayMs, periodMs > 0 ? MAINTENANCE : this.cause);
    return timer;
  }

  /**
   * Where in its period a timer begins, in [0, 1). From a stream of the moment, so that a peer that only waits for its timers need not
   * hold a stream of its own.
   */
  drawPhase(session: Session): number {
    const sequence = this.table.u32[session.index * ROW_U32 + ROW_SEQUENCE];
    return new Stream(this.seed, session.index, 'timer', sequence).next();
  }

  bootstrap(session: Session, count: number): Address[] {
    const found: Address[] = [];
    const others = this.population.upCount - (this.population.isUp(session.index) ? 1 : 0);
    const wanted = Math.min(count, others);
    while (found.length < wanted) {
      const peer = this.population.pickUp(session.random);
      const address = addressOf(peer);
      if (peer !== session.index && !found.includes(address)) found.push(address);
    }
    return found;
  }

  /** The session of a peer that is up and lives here. */
  session(peer: number): Session | undefined {
    return this.sessions[peer];
  }

  /** Has a peer join or go at the time planned, if the run lasts so long. */
  planTransition(transition: Transition | null): void {
    if (transition === null || transition.atMs >= this.endMs) return;
    const { atMs, peer, after } = transition;
    this.queue.push(atMs, peer, peer, TRANSITION_SEQUENCE, TRANSITION, 0, after, atMs, null);
  }

  planQuery(peer: number, atMs: number, ask: number): void {
    this.queue.push(atMs, peer, peer, QUERY_SEQUENCE, QUERY, 0, ask, atMs, null);
  }

  planExpiry(peer: number, atMs: number): void {
    this.queue.push(atMs, peer, peer, QUERY_EXPIRY_SEQUENCE, QUERY_EXPIRY, 0, 0, atMs, null);
  }

  writeLog(name: string, text: string): void {
    this.chronicle.write(this.now, name, text);
  }

  progress(done: boolean): Progress {
    const { meter } = this;
    return {
      nowMs: this.now,
      done,
      failure: null,
      events: this.events - this.bookkeeping,
      windows: 0,
      sent: meter.sent,
      delivered: meter.delivered,
      dropped: meter.droppedTotal,
      inFlight: this.mail.inFlight,
      peersUp: this.population.upCount,
      started: meter.started,
      succeeded: meter.succeeded,
      failed: meter.failed,
    };
  }

  report(progress: Progress, links: Uint32Array | null = null): ShardReport {
    const { meter } = this;
    let inFlightCounted = 0;
    this.queue.forEach((id) => {
      if ((this.queue.u32[id * U32_STRIDE + KIND] & KIND_MASK) <= MESSAGE_DUE) inFlightCounted++;
    });
    return {
      ...meter.report(),
      progress,
      sent: meter.sent,
      delivered: meter.delivered,
      bytes: meter.bytes,
      dropped: meter.dropped.slice(),
      inFlightCounted,
      operations: this.locate?.report() ?? new Float64Array(0),
      peersUpByRow: Float64Array.from(this.peersUpByRow),
      measuredPeerMs: this.residents.measuredPeerMs,
      measuredMs: this.residents.measuredMs,
      up: this.residents.up(),
      links,
      log: this.chronicle.log,
      trace: this.chronicle.trace,
    };
  }

  private handle(id: number): void {
    const { queue } = this;
    const at = id * U32_STRIDE;
    const u32 = queue.u32;
    const kind = u32[at + KIND];
    this.pulse[0] = u32[at + DESTINATION];
    this.pulse[1] = kind;
    this.pulse[2] = this.events;
    switch (kind & KIND_MASK) {
      case MESSAGE_ARRIVING:
      case MESSAGE_DUE:
        this.mail.handle(id, kind);
        return;
      case TIMER:
        this.fire(id);
        return;
      case TRANSITION:
        if (!this.isLocal(u32[at + DESTINATION])) this.bookkeeping++;
        this.residents.change({ atMs: this.now, peer: u32[at + DESTINATION], after: u32[at + SIZE] });
        queue.release(id);
        return;
      case QUERY_EXPIRY:
        this.bookkeeping++;
        queue.release(id);
        this.locate?.expire();
        return;
      default:
        this.askQuery(u32[at + DESTINATION], u32[at + SIZE]);
        queue.release(id);
        return;
    }
  }

  private fire(id: number): void {
    const { queue } = this;
    const timer = queue.payloads[id] as ShardTimer;
    this.cause = queue.u32[id * U32_STRIDE + CAUSE];
    queue.release(id);
    const { session, callback } = timer;
    if (callback === null || !session.up) return;
    if (timer.periodMs > 0) this.pushTimer(timer, this.now + timer.periodMs, MAINTENANCE);
    try {
      callback.call(session.protocol, timer.argument);
    } catch (error) {
      throw blame(this, error, session, `the timer ${callback.name || 'callback'}`);
    }
    if (timer.periodMs === 0) timer.stop();
  }

  private pushTimer(timer: ShardTimer, time: number, cause: number): void {
    const peer = timer.session.index;
    const sequence = this.table.u32[peer * ROW_U32 + ROW_SEQUENCE]++;
    this.queue.push(time, peer, peer, sequence, TIMER, cause, 0, this.now, timer);
  }

  private askQuery(peer: number, ask: number): void {
    const session = this.sessions[peer];
    const operation: Operation | null | undefined = this.locate?.ask(peer, ask, session);
    if (!operation || !session) return;
    this.cause = LOCATE | (operation.number << CAUSE_BITS);
    try {
      this.locate!.begin(session, operation);
    } catch (error) {
      throw blame(this, error, session, 'locate');
    }
  }

  /** A milestone of the run: a new phase, the end of a row of the time series, or a mass failure. */
  private reach(milestone: Milestone): void {
    this.clock[0] = milestone.atMs;
    this.residents.accountUptime();
    switch (milestone.kind) {
      case 'row':
        this.meter.closeRow();
        this.peersUpByRow.push(this.population.upCount);
        break;
      case 'phase':
        this.meter.enterPhase(PHASES.indexOf(milestone.phase));
        this.residents.measuring = milestone.phase === 'measure';
        this.mail.measuring = milestone.phase === 'measure' ? 1 : 0;
        if (milestone.phase === 'measure' && this.locate) {
          for (let peer = 0; peer < this.peers; peer++) if (this.isLocal(peer)) this.locate.planFirst(peer);
        }
        break;
      case 'mass-failure':
        this.residents.fail(milestone.index);
    }
  }

  /** Whether a peer lives in this shard. */
  isLocal(peer: number): boolean {
    return !this.shared || shardOf(this.table.places[peer]) === this.shard;
  }

  private countPending(): Map<string, number> {
    const counts = new Map<string, number>();
    this.queue.forEach((id) => {
      const kind = this.queue.u32[id * U32_STRIDE + KIND];
      const what = (kind & KIND_MASK) <= MESSAGE_DUE ? `"${this.mail.codec.types[kind >>> KIND_BITS]}" messages` : 'timers';
      counts.set(what, (counts.get(what) ?? 0) + 1);
    });
    return counts;
  }
}
