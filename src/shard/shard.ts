/**
 * One thread's share of the peers: takes events in order, lets the network and the protocols act on them, and keeps count. It knows
 * virtual time only; `host.ts` says how far it may run, and no thread is needed to drive one (tests do).
 */

import type { Fault } from '../faults/plan.js';
import { DESTINATION, EventQueue, KIND, SIZE, U32_STRIDE } from '../kernel/event-queue.js';
import { CAUSES, PHASES } from '../metrics/measures.js';
import { CAUSE_BITS, Meter } from '../metrics/meter.js';
import { AddressPlan } from '../network/address-plan.js';
import { lineOf } from '../network/gateways.js';
import { Nat } from '../network/nat.js';
import { Network } from '../network/network.js';
import { classOf, PeerTable, shardOf } from '../network/peer-table.js';
import type { Population, Transition } from '../population/population.js';
import type { Address, ProtocolDefinition } from '../protocol.js';
import type { Scenario } from '../scenario/scenario.js';
import { hostsOf, nameOf } from '../scenario/servers.js';
import { LocateWorkloadDriver, type Operation } from '../services/locate-workload.js';
import { blame, noProgress, tooManyEvents } from './blame.js';
import { Chronicle } from './chronicle.js';
import { Codec } from './codec.js';
import { Processors } from './cpu.js';
import {
  BOUNCE,
  CHURN,
  CHURN_SEQUENCE,
  CONNECTION_TIMER,
  KIND_MASK,
  LAST_PACKET,
  QUERY,
  QUERY_EXPIRY,
  QUERY_EXPIRY_SEQUENCE,
  QUERY_SEQUENCE,
  TIMER,
  TRANSITION,
  TRANSITION_SEQUENCE,
  TURN,
  UPLINK_READY,
} from './event-kinds.js';
import { FaultDriver } from './fault-driver.js';
import { Mail } from './mail.js';
import type { Observed, ObserveRequest, Progress, ShardConfig, ShardReport } from './messages.js';
import { Observer } from './observer.js';
import { Onlookers } from './onlookers.js';
import { WallPace } from './pace.js';
import { countInFlight, countPending } from './pending.js';
import { PULSE_WORDS, WAITING } from './pulse.js';
import { MAINTENANCE, Residents } from './residents.js';
import type { Session } from './session.js';
import { type Milestone, Timeline } from './timeline.js';
import { Timers } from './timers.js';
import { Tracer } from './tracer.js';
import { Transport } from './transport.js';
import { Wire } from './wire.js';

const LOCATE = CAUSES.indexOf('locate');
const DOWNLOAD = CAUSES.indexOf('download');

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
  readonly serverAddresses: readonly Address[];
  /** Packets, and the two that send and take them: datagrams, and connections. */
  readonly wire: Wire;
  readonly mail: Mail;
  readonly transport: Transport;
  readonly timers: Timers;
  /** Who has which address; and the gateways between, null when there are none. */
  readonly addresses: AddressPlan;
  readonly nat: Nat | null;
  readonly faults: FaultDriver;
  /** Null: virtual time, which jumps from event to event. */
  readonly pace: WallPace | null;
  /** Null: nobody watches. */
  readonly observer: Observer | null;
  /** Null: no operation is followed. */
  readonly tracer: Tracer | null;
  /** Null: handlers take no virtual time. */
  readonly cpu: Processors | null;
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
  private instantMs = 0;
  private instantEvents = 0;
  private readonly peersUpByRow: number[] = [];
  private readonly chronicle: Chronicle;
  private readonly pulse: Uint32Array;
  /** Whom operations reached, as [operation, time in ms, peer, ...]; null: the scenario does not ask. */
  private readonly paths: number[] | null;

  constructor(config: ShardConfig, definition: ProtocolDefinition) {
    const { scenario } = config;
    this.scenario = scenario;
    this.seed = scenario.seed;
    this.shard = config.shard;
    this.shared = config.shards > 1;
    const codec = new Codec(definition.messages);
    const { clock } = scenario;
    this.pace = clock.kind === 'wall' ? new WallPace(clock.speed) : null;
    this.cpu = scenario.cpu === null ? null : new Processors(scenario.cpu, this, this.queue);
    this.meter = new Meter(codec.types.length, clock.kind === 'wall' ? clock.latenessMs : null);
    this.chronicle = new Chronicle(config.trace, codec.types);
    this.paths = scenario.measures.paths ? [] : null;
    this.peers = scenario.peers;
    const hosts = hostsOf(scenario);
    this.table = new PeerTable(config.rows, config.places);
    this.protocolName = scenario.protocol.name;
    const { gateways } = config;
    this.addresses = new AddressPlan(scenario.topology, hosts, gateways);
    this.serverAddresses = Array.from({ length: scenario.servers }, (_, server) => this.addresses.own(this.peers + server));
    this.nat = gateways === null ? null : new Nat(scenario.topology, gateways, this.table, this.clock, scenario.seed);
    const lines = gateways === null ? null : Uint32Array.from({ length: hosts }, (_, peer) => lineOf(gateways, peer));
    this.residents = new Residents(this, scenario, definition);
    this.sessions = this.residents.sessions;
    this.faults = new FaultDriver(this, scenario, {
      table: this.table,
      clock: this.clock,
      isLocal: (peer) => this.isLocal(peer),
      lineOf: (peer) => lineOf(config.gateways, peer),
    });
    const { queue, table } = this;
    this.observer =
      config.watch === null ? null : new Observer(config.watch, { queue, clock: this.clock, meter: this.meter, residents: this.residents });
    this.tracer = config.follow === null ? null : new Tracer(config.follow, { queue, clock: this.clock, types: codec.types });
    const onlookers = Onlookers.of(queue, config.trace === null ? null : this.chronicle, this.observer, this.tracer);
    this.wire = new Wire({
      clock: this.clock,
      queue,
      table,
      codec,
      network: new Network(scenario.topology, table, this.clock, scenario.seed, this.faults.state, lines),
      nat: this.nat,
      homes: gateways === null ? null : gateways.ofPeers,
      shard: config.shard,
      shards: config.shards,
      seed: scenario.seed,
      duplicate: scenario.topology.duplicate,
    });
    this.mail = new Mail(this, config, definition, { codec, queue, table, onlookers, wire: this.wire });
    const { segmentHeaderBytes } = scenario.topology;
    this.transport = new Transport(this, { wire: this.wire, mail: this.mail, queue, table, headerBytes: segmentHeaderBytes });
    this.timers = new Timers(this, queue, table);
    this.wire.mail = this.mail;
    this.wire.transport = this.transport;
    this.pulse = new Uint32Array(config.pulse, config.shard * PULSE_WORDS * 4, PULSE_WORDS);
    this.timeline = new Timeline(scenario, this.faults.faults);
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

  /**
   * When what is being handled was due: `now`, or before it when a run by the wall clock is late. What all shards must agree on (the
   * population), and what must not wait for the answers (the workload), goes by it.
   */
  get dueMs(): number {
    return this.pace === null ? this.clock[0] : this.instantMs;
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
        if (time < this.dueMs) throw new Error(`time went back from ${this.dueMs} to ${time} ms (seed ${this.seed})`);
        this.instantMs = time;
        this.instantEvents = 0;
      } else if (++this.instantEvents > this.scenario.limits.eventsPerInstant)
        throw noProgress(this, this.instantEvents, countPending(queue, this.mail.codec.types));
      this.clock[0] = this.pace === null ? time : this.late(this.pace, time);
      this.events++;
      this.handle(queue.pop());
    }
    if (queue.length > this.scenario.limits.pendingEvents)
      throw tooManyEvents(this, queue.length, this.scenario.limits.pendingEvents, countPending(queue, this.mail.codec.types));
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
    this.pass(untilMs);
    this.residents.accountUptime();
  }

  /** Time goes on, and nothing happened. */
  pass(untilMs: number): void {
    this.clock[0] = Math.max(this.clock[0], untilMs);
  }

  /** The run ends at the current time: the row of the time series that is open is closed. */
  cutShort(): void {
    this.residents.accountUptime();
    this.meter.closeRow();
    this.peersUpByRow.push(this.population.upCount);
  }

  bootstrap(session: Session, count: number): Address[] {
    const found: Address[] = [];
    const { population } = this;
    const others = population.contactCount - (population.isUp(session.index) && this.addresses.reachable(session.index) ? 1 : 0);
    const wanted = Math.min(count, others);
    while (found.length < wanted) {
      const peer = population.pickContact(session.random);
      const address = this.addresses.own(peer);
      if (peer !== session.index && !found.includes(address)) found.push(address);
    }
    return found;
  }

  /** An address for this peer that anybody may use, if its gateway grants one. */
  mapPort(peer: number): Address | null {
    return this.nat === null ? null : this.nat.mapPort(peer);
  }

  /** Servers come after the peers. */
  isServer(host: number): boolean {
    return host >= this.peers;
  }

  nameOf(host: number): string {
    return nameOf(host, this.peers);
  }

  /** As the topology has them: a fault that slows a link is not known to its owner. */
  uplinkBitsPerSecond(host: number): number {
    return this.scenario.topology.classes[classOf(this.table.places[host])].uplinkBitsPerSecond;
  }

  downlinkBitsPerSecond(host: number): number {
    return this.scenario.topology.classes[classOf(this.table.places[host])].downlinkBitsPerSecond;
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

  /** Has a fault take a peer down at that time, or lets it come back, if the run lasts so long. */
  planChurn(peer: number, atMs: number, number: number, back: boolean): void {
    if (atMs >= this.endMs) return;
    const what = 2 * number + (back ? 1 : 0);
    this.queue.push(atMs, peer, peer, CHURN_SEQUENCE - what, CHURN, 0, what, atMs, null);
  }

  /** A fault comes to the scenario's list at `index`, or the one there gets an end; what is new about it lies ahead. */
  inject(index: number, fault: Fault): void {
    const { isNew, number } = this.faults.put(index, fault);
    this.timeline.inject(number, fault, isNew);
  }

  releaseHeld(): void {
    this.wire.releaseHeld();
  }

  planExpiry(peer: number, atMs: number): void {
    this.queue.push(atMs, peer, peer, QUERY_EXPIRY_SEQUENCE, QUERY_EXPIRY, 0, 0, atMs, null);
  }

  /** The operation being served has newly reached this peer. */
  countReached(peer: number): void {
    this.meter.countReached(this.cause);
    const operation = this.cause >>> CAUSE_BITS;
    if (this.paths !== null && operation !== 0) this.paths.push(operation, this.now, peer);
  }

  /** What the handler sends from here on brings an item to whoever asked for it. */
  chargeDownload(): void {
    this.cause = DOWNLOAD;
  }

  writeLog(name: string, text: string): void {
    this.chronicle.write(this.now, name, text);
  }

  /** In a run that is watched: what was to be seen since the last time. */
  observe(request: ObserveRequest): Observed {
    return { ...this.observer!.observe(request), faults: this.faults.records() };
  }

  progress(done: boolean): Progress {
    const { meter } = this;
    return {
      nowMs: this.now,
      nextMs: this.nextTime(),
      done,
      failure: null,
      events: this.events - this.bookkeeping,
      windows: 0,
      sent: meter.sent,
      duplicated: this.wire.duplicated,
      delivered: meter.delivered,
      dropped: meter.droppedTotal,
      inFlight: this.mail.inFlight + this.wire.duplicated,
      peersUp: this.population.upCount,
      started: meter.started,
      succeeded: meter.succeeded,
      failed: meter.failed,
      followed: this.tracer?.messagesEnded ?? 0,
    };
  }

  report(progress: Progress, links: Uint32Array | null = null, state: Float64Array | null = null): ShardReport {
    const { meter } = this;
    const kept = countInFlight(this.queue, this.wire, this.transport.stream);
    return {
      ...meter.report(),
      progress,
      sent: meter.sent,
      delivered: meter.delivered,
      bytes: meter.bytes,
      dropped: meter.dropped.slice(),
      inFlightCounted: kept.messages,
      duplicated: this.wire.duplicated,
      connections: this.transport.books.report(),
      segmentsLost: this.transport.books.lost.slice(),
      bytesInFlight: kept.bytes,
      reach: this.transport.books.reach.slice(),
      nat: this.nat?.report() ?? null,
      operations: this.locate?.report() ?? new Float64Array(0),
      answers: this.locate?.answersByPeer() ?? new Uint32Array(0),
      peersUpByRow: Float64Array.from(this.peersUpByRow),
      measuredPeerMs: this.residents.measuredPeerMs,
      measuredMs: this.residents.measuredMs,
      up: this.residents.up(),
      links,
      state,
      paths: Float64Array.from(this.paths ?? []),
      faults: this.faults.records(),
      log: this.chronicle.log,
      trace: this.chronicle.trace,
      followed: this.tracer?.report() ?? null,
    };
  }

  /** The time that it really is when something due at `dueMs` is handled: in a run by the wall clock, where that counts. */
  private late(pace: WallPace, dueMs: number): number {
    const now = pace.now();
    if (now < dueMs) throw new Error(`an event due at ${dueMs} ms came at ${now} (seed ${this.seed})`);
    this.meter.countLateness((now - dueMs) / pace.speed);
    return now;
  }

  private handle(id: number): void {
    const { queue } = this;
    const at = id * U32_STRIDE;
    const u32 = queue.u32;
    const kind = u32[at + KIND];
    this.pulse[0] = u32[at + DESTINATION];
    this.pulse[1] = kind;
    this.pulse[2] = this.events;
    const what = kind & KIND_MASK;
    if (what <= LAST_PACKET) {
      this.wire.handle(id, kind);
      return;
    }
    switch (what) {
      case TIMER:
        this.timers.fire(id);
        return;
      case TURN:
        this.cpu!.turn(id);
        return;
      case UPLINK_READY:
        this.transport.stream.uplinks.ready(u32[at + DESTINATION]);
        queue.release(id);
        return;
      case CONNECTION_TIMER:
        this.transport.timer(id);
        return;
      case BOUNCE:
        this.transport.bounced(id);
        return;
      case TRANSITION:
        if (!this.isLocal(u32[at + DESTINATION])) this.bookkeeping++;
        this.residents.change({ atMs: this.dueMs, peer: u32[at + DESTINATION], after: u32[at + SIZE] });
        queue.release(id);
        return;
      case CHURN: {
        if (!this.isLocal(u32[at + DESTINATION])) this.bookkeeping++;
        const what = u32[at + SIZE];
        this.faults.churn(u32[at + DESTINATION], what >>> 1, (what & 1) === 1);
        queue.release(id);
        return;
      }
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

  private askQuery(peer: number, ask: number): void {
    const session = this.sessions[peer];
    const operation: Operation | null | undefined = this.locate?.ask(peer, ask, session);
    if (!operation || !session) return;
    this.cause = LOCATE | (operation.number << CAUSE_BITS);
    this.tracer?.asks(operation.number, peer);
    try {
      this.locate!.begin(session, operation);
    } catch (error) {
      throw blame(this, error, session, 'locate');
    }
  }

  /** A milestone of the run: a new phase, the end of a row of the time series, a mass failure, or a fault. */
  private reach(milestone: Milestone): void {
    this.pass(milestone.atMs);
    this.instantMs = milestone.atMs;
    this.instantEvents = 0;
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
        break;
      case 'fault-ends':
        this.faults.end(milestone.number);
        break;
      case 'fault-begins':
        this.faults.begin(milestone.number);
    }
  }

  /** Whether a peer lives in this shard. */
  isLocal(peer: number): boolean {
    return !this.shared || shardOf(this.table.places[peer]) === this.shard;
  }
}
