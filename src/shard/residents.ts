/**
 * The peers that live in this shard: their sessions begin and end here as the population says. Every shard follows the whole
 * population (see population.ts) but makes sessions for its own peers only.
 */

import { Stream, WHOLE_RUN } from '../kernel/random.js';
import { CAUSES, type Cause } from '../metrics/measures.js';
import { Population, type Transition } from '../population/population.js';
import { Problem } from '../problem.js';
import type { LocalPeer, Protocol, ProtocolDefinition } from '../protocol.js';
import type { Scenario } from '../scenario/scenario.js';
import { hostsOf } from '../scenario/servers.js';
import { blame } from './blame.js';
import { ASKING_NEIGHBOURS, CONVERGING, CREATING, JOINING } from './event-kinds.js';
import { Session } from './session.js';
import type { Shard } from './shard.js';

const causeOf = (cause: Cause) => CAUSES.indexOf(cause);
export const MAINTENANCE = causeOf('maintenance');
const JOIN = causeOf('join');
const LEAVE = causeOf('leave');
const PUBLISH = causeOf('publish');

export class Residents {
  readonly population: Population;
  /** By peer number; undefined for peers that are down or live elsewhere. */
  readonly sessions: (Session | undefined)[];
  /** Their protocol instances, likewise: deliveries get at them without touching the session, one cache miss less. */
  readonly protocols: (Protocol | undefined)[];
  /** Whether uptime counts now: during `measure`. */
  measuring = false;
  measuredPeerMs = 0;
  measuredMs = 0;

  private readonly shard: Shard;
  private readonly scenario: Scenario;
  private readonly definition: ProtocolDefinition;
  private readonly settings: never;
  private accountedUntilMs = 0;

  constructor(shard: Shard, scenario: Scenario, definition: ProtocolDefinition) {
    this.shard = shard;
    this.scenario = scenario;
    this.definition = definition;
    this.settings = scenario.protocol.settings as never;
    const isContact = scenario.topology.nat.length === 0 ? null : (peer: number) => shard.addresses.reachable(peer);
    this.population = new Population(scenario.population, scenario.peers, scenario.seed, isContact, scenario.servers);
    const hosts = hostsOf(scenario);
    this.sessions = new Array(hosts).fill(undefined);
    this.protocols = new Array(hosts).fill(undefined);
  }

  /** Makes the peers that are there at time 0: with finished tables, or told to join. */
  populate(): void {
    const present: Session[] = [];
    for (const arrival of this.population.arrivals()) {
      if (arrival.atMs > 0) {
        this.shard.planTransition(arrival);
        continue;
      }
      this.population.apply(arrival);
      if (this.shard.isLocal(arrival.peer)) present.push(this.open(arrival.peer));
      this.shard.planTransition(this.population.next(arrival.peer, 0));
    }
    if (this.scenario.phases.start === 'converge' && this.definition.converge) this.converge(present);
    else for (const session of present) this.join(session);
    for (const session of present) this.publish(session);
  }

  /** A planned join or departure is due. */
  change(transition: Transition): void {
    this.accountUptime();
    const change = this.population.apply(transition);
    if (change === 'join') this.welcome(transition.peer);
    else if (change !== 'none') this.farewell(transition.peer, change === 'leave');
  }

  /** Mass failure number `index`. */
  fail(index: number): void {
    for (const peer of this.population.fail(index)) this.farewell(peer, false);
  }

  /** Ends a peer's session from outside: it leaves politely or crashes. Does nothing when it is down. */
  takeDown(peer: number, politely: boolean): void {
    if (!this.population.isUp(peer)) return;
    this.accountUptime();
    this.population.set(peer, false);
    this.farewell(peer, politely);
  }

  /** Begins a session from outside. Does nothing when the peer is up. */
  bringUp(peer: number): void {
    if (this.population.isUp(peer)) return;
    this.accountUptime();
    this.population.set(peer, true);
    this.welcome(peer);
  }

  /** Adds the time since the last change to the peers' measured uptime; called at changes and milestones only, so sums are repeatable. */
  accountUptime(): void {
    const { dueMs } = this.shard;
    if (this.measuring) {
      this.measuredPeerMs += (dueMs - this.accountedUntilMs) * this.population.upCount;
      this.measuredMs += dueMs - this.accountedUntilMs;
    }
    this.accountedUntilMs = dueMs;
  }

  /** Numbers of this shard's peers that are up. */
  up(): Uint32Array {
    return Uint32Array.from(this.sessions.flatMap((session) => (session ? [session.index] : [])));
  }

  /** Pairs (peer, neighbour) from `neighbours()`; null when the protocol has none. */
  links(): Uint32Array | null {
    const links: number[] = [];
    for (const session of this.sessions) {
      if (session === undefined) continue;
      const neighbours = this.neighboursOf(session);
      if (neighbours === null) return null;
      for (const peer of neighbours) links.push(session.index, peer);
    }
    return Uint32Array.from(links);
  }

  /** Whom a peer calls its neighbours now; -1 for an address that is nobody's. Null when the protocol does not tell. */
  neighboursOf(session: Session): number[] | null {
    if (!session.protocol.neighbours) return null;
    this.shard.beat(session.index, ASKING_NEIGHBOURS);
    try {
      return Array.from(session.protocol.neighbours(), (address) => this.shard.addresses.peerOf(address));
    } catch (error) {
      throw blame(this.shard, error, session, 'neighbours');
    }
  }

  /** Where a peer lies in its identifier space; null when the protocol does not tell. */
  positionOf(session: Session): readonly number[] | null {
    if (!session.protocol.position) return null;
    try {
      const position = session.protocol.position();
      if (position === null) return null;
      const isRight = position.length >= 1 && position.length <= 2 && position.every((each) => each >= 0 && each < 1);
      if (isRight) return position;
      const expected = 'expected [angle] or [x, y], each from 0 up to, not including, 1';
      throw new Problem(`it gave [${[...position].join(', ')}]: ${expected}`, 'protocol-failed');
    } catch (error) {
      throw blame(this.shard, error, session, 'position');
    }
  }

  /** What this shard's hosts keep in mind, as [host, entries, bytes, ...]; null when the protocol does not tell. */
  state(): Float64Array | null {
    const told: number[] = [];
    for (const session of this.sessions) {
      if (session === undefined) continue;
      if (!session.protocol.state) return null;
      try {
        const { entries, bytes } = session.protocol.state();
        told.push(session.index, entries, bytes);
      } catch (error) {
        throw blame(this.shard, error, session, 'state');
      }
    }
    return Float64Array.from(told);
  }

  private welcome(peer: number): void {
    if (this.shard.isLocal(peer)) {
      const session = this.open(peer);
      this.join(session);
      this.publish(session);
    }
    this.shard.planTransition(this.population.next(peer, this.shard.dueMs));
  }

  private farewell(peer: number, politely: boolean): void {
    if (this.shard.isLocal(peer)) this.close(this.sessions[peer]!, politely);
    this.shard.planTransition(this.population.next(peer, this.shard.dueMs));
  }

  private open(peer: number): Session {
    const session = new Session(this.shard, peer, this.population.session(peer));
    this.shard.cause = JOIN;
    this.shard.beat(peer, CREATING);
    try {
      session.protocol = this.definition.create(session, this.settings);
    } catch (error) {
      throw blame(this.shard, error, session, 'create');
    }
    this.sessions[peer] = session;
    this.protocols[peer] = session.protocol;
    this.shard.observer?.changed(peer, true);
    return session;
  }

  private join(session: Session): void {
    this.shard.cause = JOIN;
    this.shard.beat(session.index, JOINING);
    try {
      session.protocol.join();
    } catch (error) {
      throw blame(this.shard, error, session, 'join');
    }
  }

  private publish(session: Session): void {
    this.shard.cause = PUBLISH;
    if (!this.shard.isServer(session.index)) this.shard.locate?.publishAll(session, session.number);
  }

  private close(session: Session, politely: boolean): void {
    if (politely) {
      this.shard.cause = LEAVE;
      try {
        session.protocol.leave?.();
      } catch (error) {
        throw blame(this.shard, error, session, 'leave');
      }
    }
    this.shard.transport.abandon(session, politely);
    this.shard.nat?.unmapPort(session.index);
    session.up = false;
    this.sessions[session.index] = undefined;
    this.protocols[session.index] = undefined;
    this.shard.observer?.changed(session.index, false);
  }

  private converge(present: readonly Session[]): void {
    if (present.length === 0) return;
    const { servers } = this.scenario;
    const hosts = hostsOf(this.scenario);
    const up = Array.from({ length: hosts }, (_, host) => host).filter((host) => this.population.isUp(host));
    const numberOf = new Uint32Array(hosts);
    up.forEach((peer, index) => {
      numberOf[peer] = index;
    });
    this.shard.cause = MAINTENANCE;
    this.shard.beat(present[0].index, CONVERGING);
    try {
      this.definition.converge!({
        count: up.length - servers,
        servers,
        address: (index) => this.shard.addresses.outer(up[index]),
        reachable: (index) => this.shard.addresses.reachable(up[index]),
        connect: (index, neighbour, options) => this.shard.transport.preopen(this.sessions[up[index]]!, up[neighbour], options),
        latencyMs: (from, to) => this.shard.wire.network.latencyMs(up[from], up[to]),
        uplinkBitsPerSecond: (index) => this.shard.uplinkBitsPerSecond(up[index]),
        local: { [Symbol.iterator]: () => this.locals(present, numberOf) },
        settings: this.settings,
        random: new Stream(this.scenario.seed, WHOLE_RUN, 'converge'),
      });
    } catch (error) {
      throw blame(this.shard, error, present[0], 'converge');
    }
  }

  /** This shard's peers for `converge`. Each step is a sign of life: with a million of them it takes a while. */
  private *locals(present: readonly Session[], numberOf: Uint32Array): Generator<LocalPeer<Protocol>> {
    for (const session of present) {
      this.shard.beat(session.index, CONVERGING);
      yield { index: numberOf[session.index], protocol: session.protocol };
    }
  }
}
