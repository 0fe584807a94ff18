/**
 * What a peer knows in one reality: the zones it holds (one, most of the time), its neighbours with theirs, and their neighbours, of
 * whom it hears in their updates. It sends nothing: upkeep.ts does.
 */

import type { Address } from '../../protocol.js';
import type { Torus } from './torus.js';
import { merged, type Point, volumeOfAll, withoutAll, type Zone } from './zones.js';

const NOTHING: readonly number[] = [];
/** So many of the last takeovers are remembered, in case somebody else took the same zone. */
const TAKEOVERS = 8;

export class Neighbour {
  readonly address: Address;
  zones: readonly Zone[];
  /** Its own neighbours, as [address, zone, ...]: shared with the message that said so. */
  neighbours: readonly number[] = NOTHING;
  heardMs: number;
  /** Round trip as last measured; 0: not yet. */
  roundTripMs = 0;
  /** It did not acknowledge a hop, and was not heard since. */
  suspect = false;

  constructor(address: Address, zones: readonly Zone[], heardMs: number) {
    this.address = address;
    this.zones = zones;
    this.heardMs = heardMs;
  }
}

/** A zone nobody seems to hold: taken over when the time is up, unless somebody else has by then. */
export interface Vacancy {
  readonly place: Place;
  readonly zone: Zone;
  /** The neighbours of who held it, as [address, zone, ...]. */
  readonly around: readonly number[];
}

export class Place {
  readonly reality: number;
  readonly torus: Torus;
  /** Empty: this peer has not joined this reality. */
  zones: readonly Zone[] = NOTHING;
  neighbours: Neighbour[] = [];
  vacancies: Vacancy[] = [];
  /** The last takeovers as [zone, own volume before, ...]. */
  takeovers: readonly number[] = NOTHING;
  /** When the own zones last changed. */
  changedMs = 0;
  /** The neighbourhood has changed since it was last seen to be whole. */
  doubtful = false;
  private listing: readonly number[] | null = null;

  constructor(reality: number, torus: Torus) {
    this.reality = reality;
    this.torus = torus;
  }

  get joined(): boolean {
    return this.zones.length > 0;
  }

  get volume(): number {
    return volumeOfAll(this.zones);
  }

  owns(point: Point): boolean {
    return this.torus.anyHolds(this.zones, point);
  }

  find(address: Address): Neighbour | undefined {
    for (const neighbour of this.neighbours) if (neighbour.address === address) return neighbour;
    return undefined;
  }

  /** The neighbours as [address, zone, ...]: an array that is never changed, so messages can share it. */
  get list(): readonly number[] {
    if (this.listing === null) {
      const list: number[] = [];
      for (const { address, zones } of this.neighbours) for (const zone of zones) list.push(address, zone);
      this.listing = list;
    }
    return this.listing;
  }

  /** All zones that somebody is known to hold, its own included. */
  claims(): Zone[] {
    const claims = [...this.zones];
    for (const { zones } of this.neighbours) claims.push(...zones);
    return claims;
  }

  /** A finished place, for `converge`. */
  begin(zones: readonly Zone[], neighbours: Neighbour[]): void {
    this.zones = zones;
    this.neighbours = neighbours;
  }

  hold(zones: readonly Zone[], nowMs: number): void {
    this.zones = merged(zones);
    this.changedMs = nowMs;
    this.doubtful = true;
  }

  /** A neighbour has said what it holds: enters it, or takes it out when none of that is next to this peer's zones. */
  note(address: Address, zones: readonly Zone[], nowMs: number): Neighbour | undefined {
    const neighbour = this.presume(address, zones, nowMs);
    if (neighbour !== undefined) {
      neighbour.heardMs = nowMs;
      neighbour.suspect = false;
    }
    return neighbour;
  }

  /** The same from others' words: it is no sign of life. */
  presume(address: Address, zones: readonly Zone[], nowMs: number): Neighbour | undefined {
    const known = this.find(address);
    if (!this.torus.anyAbut(this.zones, zones)) {
      if (known) this.remove(known);
      return undefined;
    }
    if (known !== undefined && same(known.zones, zones)) return known;
    this.listing = null;
    this.doubtful = true;
    if (known !== undefined) {
      known.zones = zones;
      return known;
    }
    const neighbour = new Neighbour(address, zones, nowMs);
    this.neighbours.push(neighbour);
    return neighbour;
  }

  remove(neighbour: Neighbour): void {
    const at = this.neighbours.indexOf(neighbour);
    if (at < 0) return;
    this.neighbours.splice(at, 1);
    this.listing = null;
    this.doubtful = true;
  }

  /** Takes out those that are neighbours no more since the own zones changed. */
  prune(): void {
    const left = this.neighbours.filter(({ zones }) => this.torus.anyAbut(this.zones, zones));
    if (left.length === this.neighbours.length) return;
    this.neighbours = left;
    this.listing = null;
  }

  /** Which parts of these zones nobody holds, of those that are next to this peer's. */
  unclaimed(zones: readonly Zone[]): Zone[] {
    return withoutAll(zones, this.claims()).filter((zone) => this.torus.anyAbut(this.zones, [zone]));
  }

  noteTakeover(zone: Zone, volume: number): void {
    this.takeovers = [...this.takeovers, zone, volume].slice(-2 * TAKEOVERS);
  }

  /** Forgets everything: this peer holds nothing here any more. */
  clear(): void {
    this.zones = NOTHING;
    this.neighbours = [];
    this.vacancies = [];
    this.takeovers = NOTHING;
    this.listing = null;
  }
}

/** Whether two arrays hold the same numbers in the same order. */
export function same(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
