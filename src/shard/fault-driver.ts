/**
 * Faults as a shard goes through them. All shards begin and end the same faults at the same times; each lets its own network feel them
 * (faults/fault-state.ts) and takes the same peers down and up in the whole population, sessions being made and ended only where they live.
 */

import { drawChaos } from '../faults/chaos.js';
import { FaultState, type Ground } from '../faults/fault-state.js';
import type { Fault, FaultOrigin, FaultRecord } from '../faults/plan.js';
import { Stream } from '../kernel/random.js';
import type { Population } from '../population/population.js';
import { actionInWords } from '../scenario/fault-words.js';
import { phaseTimes } from '../scenario/phases.js';
import type { Scenario } from '../scenario/scenario.js';
import { hostsOf } from '../scenario/servers.js';

/** What a driver needs of its shard. */
export interface Stage {
  readonly population: Population;
  readonly residents: { takeDown(peer: number, politely: boolean): void; bringUp(peer: number): void };
  /** Packets that a fault held go on. */
  releaseHeld(): void;
  /** Has `churn(peer, number, back)` called at this time. */
  planChurn(peer: number, atMs: number, number: number, back: boolean): void;
}

/** Nobody was taken down by a fault. */
const NO_FAULT = 0;

export class FaultDriver {
  /** What the network asks. */
  readonly state: FaultState;
  /** By number: chaos first, then the scenario's, then those that were injected. */
  readonly faults: Fault[];
  private readonly stage: Stage;
  private readonly scenario: Scenario;
  private readonly drawn: number;
  private readonly says: string[] = [];
  private readonly peersHit: number[] = [];
  /** By peer: the number + 1 of the fault that took it down last, and which session that ended. Made when first needed. */
  private fallenBy: Uint32Array | null = null;
  private fallenIn: Uint32Array | null = null;

  constructor(stage: Stage, scenario: Scenario, ground: Omit<Ground, 'topology' | 'seed' | 'core' | 'servers'>) {
    const { chaos, faults, seed, topology } = scenario;
    const { measureMs, drainMs } = phaseTimes(scenario);
    const drawn = drawChaos(chaos, seed, measureMs, drainMs);
    this.stage = stage;
    this.scenario = scenario;
    this.drawn = drawn.length;
    this.faults = [...drawn, ...faults];
    this.state = new FaultState({ ...ground, topology, seed, core: stage.population.core, servers: scenario.servers });
  }

  /** A fault comes to the scenario's list while the run goes on, or the one at `index` gets an end. */
  put(index: number, fault: Fault): { number: number; isNew: boolean } {
    const number = this.drawn + index;
    const isNew = number >= this.faults.length;
    this.faults[number] = fault;
    return { number, isNew };
  }

  begin(number: number): void {
    const fault = this.faults[number];
    const { action, marks } = this.state.begin(number, fault.action);
    this.says[number] = action === fault.action ? fault.says : actionInWords(action, this.scenario.topology);
    switch (action.verb) {
      case 'crash':
        this.peersHit[number] = this.takeDown(marks, number);
        return;
      case 'restart':
        this.peersHit[number] = this.bringBack((peer) => marks[peer] !== 0);
        return;
      case 'churn':
        this.peersHit[number] = 0;
        this.planChurn(marks, number, fault);
        return;
      default:
        this.peersHit[number] = marks.reduce((sum, mark) => sum + (mark & 1), 0);
    }
  }

  end(number: number): void {
    this.state.end(number);
    const { verb } = this.faults[number].action;
    if (verb === 'hold') this.stage.releaseHeld();
    if (verb === 'crash') this.bringBack((peer) => this.fallenBy![peer] === number + 1);
  }

  /** A peer crashes in churn, or comes back from it. */
  churn(peer: number, number: number, back: boolean): void {
    if (!back) {
      if (this.fall(peer, number)) this.peersHit[number]++;
    } else if (this.isFallen(peer) && this.fallenBy![peer] === number + 1) this.stage.residents.bringUp(peer);
  }

  records(): FaultRecord[] {
    const origin = (number: number): FaultOrigin =>
      number < this.drawn ? 'chaos' : number < this.drawn + this.scenario.faults.length ? 'scenario' : 'injected';
    return this.faults.map(({ atMs, untilMs, says, action: { verb } }, number) => ({
      atMs,
      untilMs: untilMs === null && (verb === 'crash' || verb === 'restart') ? atMs : untilMs,
      says: this.says[number] ?? says,
      origin: origin(number),
      peersHit: this.peersHit[number] ?? null,
    }));
  }

  private takeDown(marks: Uint8Array, number: number): number {
    let hit = 0;
    for (let peer = 0; peer < marks.length; peer++) if (marks[peer] !== 0 && this.fall(peer, number)) hit++;
    return hit;
  }

  /** False: it was down already. */
  private fall(peer: number, number: number): boolean {
    const { population, residents } = this.stage;
    if (!population.isUp(peer)) return false;
    this.fallenBy ??= new Uint32Array(hostsOf(this.scenario));
    this.fallenIn ??= new Uint32Array(hostsOf(this.scenario));
    this.fallenBy[peer] = number + 1;
    this.fallenIn[peer] = population.session(peer);
    residents.takeDown(peer, false);
    return true;
  }

  /** Whether a fault took it down, and nothing has happened to it since. */
  private isFallen(peer: number): boolean {
    if (this.fallenBy === null || this.fallenBy[peer] === NO_FAULT) return false;
    const { population } = this.stage;
    return !population.isUp(peer) && population.session(peer) === this.fallenIn![peer];
  }

  private bringBack(isMeant: (peer: number) => boolean): number {
    let back = 0;
    for (let peer = 0; peer < hostsOf(this.scenario); peer++) {
      if (!this.isFallen(peer) || !isMeant(peer)) continue;
      this.stage.residents.bringUp(peer);
      back++;
    }
    return back;
  }

  /** Each peer's two times are its own draws, so that one peer more changes nobody else's. */
  private planChurn(marks: Uint8Array, number: number, { atMs, untilMs }: Fault): void {
    const spanMs = untilMs! - atMs;
    for (let peer = 0; peer < marks.length; peer++) {
      if (marks[peer] === 0) continue;
      const random = new Stream(this.scenario.seed, peer, 'fault', number);
      const [one, other] = [random.next(), random.next()];
      this.stage.planChurn(peer, atMs + spanMs * Math.min(one, other), number, false);
      this.stage.planChurn(peer, atMs + spanMs * Math.max(one, other), number, true);
    }
  }
}
