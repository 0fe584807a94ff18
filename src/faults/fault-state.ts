/**
 * The faults that are on now, as the network feels them: which packets are lost, held, late or damaged, and whose access links are slow.
 * Several at once compose: what is lost by one is lost, whatever another does; losses are independent of each other, delays add up,
 * and a link that two faults slow is slow by both factors.
 */

import { Stream, WHOLE_RUN } from '../kernel/random.js';
import { type Disturbances, HELD } from '../network/disturbances.js';
import { DROPPED_BY_FAULT, PASSES } from '../network/network.js';
import {
  classOf,
  DOWNLINK_BYTES_PER_MS,
  DOWNLINK_FREE_AT,
  type PeerTable,
  ROW_F64,
  UPLINK_BYTES_PER_MS,
  UPLINK_FREE_AT,
} from '../network/peer-table.js';
import type { Topology } from '../network/topology.js';
import { FIRST, markGroup, markPair, SECOND, settlePlaces, type Terrain } from './groups.js';
import type { FaultAction } from './plan.js';

/** A fault that packets meet, with all that any verb needs. */
interface Disturbance {
  readonly number: number;
  readonly verb: Exclude<FaultAction['verb'], 'slow' | 'crash' | 'restart' | 'churn'>;
  readonly marks: Uint8Array;
  /** Of loss and corrupt. */
  readonly share: number;
  /** Of flap: since when, and how long it is up or down at a time. */
  readonly sinceMs: number;
  readonly everyMs: number;
  /** Of delay. */
  readonly byMs: number;
}

interface Slow {
  readonly number: number;
  readonly up: boolean;
  readonly down: boolean;
  readonly factor: number;
  /** By line. */
  readonly marks: Uint8Array;
}

/** What the faults of a shard act upon. */
export interface Ground {
  readonly topology: Topology;
  readonly table: PeerTable;
  /** One element: the time now, in ms. */
  readonly clock: Float64Array;
  readonly seed: number;
  /** Peers 0 .. core - 1 are spared by faults that do not name them. */
  readonly core: number;
  /** Machines besides the peers, at the end of the table; spared likewise. */
  readonly servers: number;
  /** Whether this shard writes the records of a peer. */
  isLocal(peer: number): boolean;
  /** Whose record holds the access link of a peer: several behind one gateway share it. */
  lineOf(peer: number): number;
}

/** Who is hit by a fault that has just begun. */
export interface Hit {
  /** The action with its random places drawn. */
  readonly action: FaultAction;
  /** By peer: FIRST or SECOND (groups.ts), or both. */
  readonly marks: Uint8Array;
}

export class FaultState implements Disturbances {
  active = false;
  slowedDownlinks = false;
  extraMs = 0;
  corrupted = false;
  private readonly ground: Ground;
  private readonly terrain: Terrain;
  private readonly clock: Float64Array;
  /** Faults that open or shut a path; and those that leave it open, in order of number: so chance is asked in the same order everywhere. */
  private gates: Disturbance[] = [];
  private strains: Disturbance[] = [];
  private slows: Slow[] = [];

  constructor(ground: Ground) {
    this.ground = ground;
    this.clock = ground.clock;
    this.terrain = { sites: ground.topology.sites, places: ground.table.places, servers: ground.servers };
  }

  /** Fault number `number` begins now: draws whom it hits, and has the network feel it. What it does to lives is its driver's. */
  begin(number: number, action: FaultAction): Hit {
    const { seed, core } = this.ground;
    const random = new Stream(seed, WHOLE_RUN, 'fault', number);
    const settled = settlePlaces(action, this.terrain, random);
    if ('between' in settled) {
      const marks = markPair(settled.between, this.terrain, random);
      this.disturb({ ...QUIET, ...settled, number, marks, sinceMs: this.clock[0] });
      return { action: settled, marks };
    }
    const sparing = isLost(settled) && !isNamed(action);
    const marks = markGroup(settled.of, this.terrain, random, sparing ? core : 0);
    if (sparing && this.ground.servers > 0) marks.fill(0, marks.length - this.ground.servers);
    if (settled.verb === 'outage') this.disturb({ ...QUIET, verb: 'outage', number, marks });
    if (settled.verb === 'slow') {
      const { link, factor } = settled;
      this.slow({ number, up: link !== 'downlink', down: link !== 'uplink', factor, marks: this.linesOf(marks) });
    }
    return { action: settled, marks };
  }

  end(number: number): void {
    const isOther = (each: { readonly number: number }) => each.number !== number;
    this.gates = this.gates.filter(isOther);
    this.strains = this.strains.filter(isOther);
    this.active = this.gates.length + this.strains.length > 0;
    const slow = this.slows.find((each) => !isOther(each));
    if (slow === undefined) return;
    this.slows = this.slows.filter(isOther);
    this.slowedDownlinks = this.slows.some(({ down }) => down);
    this.resettle(slow);
  }

  judge(source: number, destination: number, random: Stream): number {
    this.extraMs = 0;
    this.corrupted = false;
    let held = false;
    for (let i = 0; i < this.gates.length; i++) {
      const gate = this.gates[i];
      if (!concerns(gate, source, destination)) continue;
      if (gate.verb === 'hold') held = true;
      else if (gate.verb !== 'flap' || Math.floor((this.clock[0] - gate.sinceMs) / gate.everyMs) % 2 === 0) return DROPPED_BY_FAULT;
    }
    // What is held meets the others when it goes on.
    if (held) return HELD;
    for (let i = 0; i < this.strains.length; i++) {
      const strain = this.strains[i];
      if (!concerns(strain, source, destination)) continue;
      if (strain.verb === 'delay') this.extraMs += strain.byMs;
      else if (random.next() < strain.share) {
        if (strain.verb === 'loss') return DROPPED_BY_FAULT;
        this.corrupted = true;
      }
    }
    return PASSES;
  }

  private disturb(fault: Disturbance): void {
    const isStrain = fault.verb === 'loss' || fault.verb === 'corrupt' || fault.verb === 'delay';
    const list = isStrain ? this.strains : this.gates;
    list.push(fault);
    list.sort((a, b) => a.number - b.number);
    this.active = true;
  }

  private slow(fault: Slow): void {
    this.slows = [...this.slows, fault].sort((a, b) => a.number - b.number);
    this.slowedDownlinks ||= fault.down;
    this.resettle(fault);
  }

  /** The lines of the peers marked. */
  private linesOf(marks: Uint8Array): Uint8Array {
    const lines = new Uint8Array(marks.length);
    for (let peer = 0; peer < marks.length; peer++) if (marks[peer] !== 0) lines[this.ground.lineOf(peer)] = 1;
    return lines;
  }

  /** The rates of the lines that a fault marks, after it began or ended: always from the class's rate, so that nothing is left behind. */
  private resettle({ marks }: Slow): void {
    const { topology, table, isLocal } = this.ground;
    for (let line = 0; line < marks.length; line++) {
      if (marks[line] === 0 || !isLocal(line)) continue;
      const access = topology.classes[classOf(table.places[line])];
      let up = 1;
      let down = 1;
      for (const slow of this.slows) {
        if (slow.marks[line] === 0) continue;
        if (slow.up) up *= slow.factor;
        if (slow.down) down *= slow.factor;
      }
      const row = line * ROW_F64;
      this.setRate(row + UPLINK_BYTES_PER_MS, row + UPLINK_FREE_AT, access.uplinkBitsPerSecond / 8000 / up);
      this.setRate(row + DOWNLINK_BYTES_PER_MS, row + DOWNLINK_FREE_AT, access.downlinkBitsPerSecond / 8000 / down);
    }
  }

  /** What the link holds now, in bytes, it passes on at its new rate. */
  private setRate(rateAt: number, freeAt: number, bytesPerMs: number): void {
    const { f64 } = this.ground.table;
    const now = this.clock[0];
    const before = f64[rateAt];
    if (before === bytesPerMs) return;
    if (f64[freeAt] > now) f64[freeAt] = now + ((f64[freeAt] - now) * before) / bytesPerMs;
    f64[rateAt] = bytesPerMs;
  }
}

function concerns({ verb, marks }: Disturbance, source: number, destination: number): boolean {
  const from = marks[source];
  const to = marks[destination];
  if (verb === 'outage') return (from | to) !== 0;
  return ((from & FIRST) !== 0 && (to & SECOND) !== 0) || ((from & SECOND) !== 0 && (to & FIRST) !== 0);
}

/** Faults that cost lives spare the core, unless they name whom they mean. */
const isLost = ({ verb }: FaultAction) => verb === 'crash' || verb === 'churn';
const isNamed = (action: FaultAction) =>
  'of' in action && (action.of.kind === 'sites' || action.of.kind === 'peers' || action.of.kind === 'servers');

/** What a disturbance has that its verb has no use for. */
const QUIET = { share: 0, sinceMs: 0, everyMs: 1, byMs: 0 } as const;
