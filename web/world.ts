/** What there is to draw: peers, links, and the messages of the last while. Holds no more than can be seen. */

import type { Frame, MessageRow, Scene, Whole } from '../src/live/feed.js';

export interface Flight {
  readonly sentMs: number;
  readonly endedMs: number;
  readonly from: number;
  readonly to: number;
  readonly type: number;
  /** Part of what somebody asked for, not of what keeps the overlay going. */
  readonly isAsked: boolean;
  /** The operation it serves; -1: none. */
  readonly operation: number;
  readonly ttl: number;
  readonly dropped: string | null;
}

const EMPTY: Scene = { names: [], layout: 'none', places: [], flags: [], links: [], moreLinks: 0, types: [] };
const MOST_FLIGHTS = 6_000;
/** Operations that can be chosen to be followed. */
const MOST_OPERATIONS = 40;
/** What a followed operation keeps to be drawn. */
const MOST_OF_ONE = 4_000;

export interface Operation {
  readonly number: number;
  /** Who asked: the sender of its first message. */
  readonly origin: number;
  readonly sentMs: number;
  lastMs: number;
  readonly flights: Flight[];
}

export class World {
  scene: Scene = EMPTY;
  /** Messages to be drawn moving, by the time they were sent. */
  flights: Flight[] = [];
  /** The newest operations, oldest first. */
  readonly operations = new Map<number, Operation>();
  /** Who is linked with a peer, either way. */
  neighbours: number[][] = [];
  /** Changes when the scene's places or links do. */
  version = 0;

  whole({ scene }: Whole): void {
    this.flights = [];
    this.operations.clear();
    this.setScene(scene ?? EMPTY);
  }

  /** @returns the messages that are new */
  frame({ scene, messages }: Frame): Flight[] {
    if (scene) this.setScene({ ...this.scene, ...scene });
    const flights = messages.map(flightOf);
    this.flights.push(...flights);
    if (this.flights.length > MOST_FLIGHTS) this.flights.splice(0, this.flights.length - MOST_FLIGHTS);
    for (const flight of flights) if (flight.isAsked && flight.operation >= 0) this.note(flight);
    return flights;
  }

  /** Messages that ended before this are of no more use. */
  forget(beforeMs: number): void {
    if (this.flights.length > 0 && this.flights[0].endedMs < beforeMs)
      this.flights = this.flights.filter(({ endedMs }) => endedMs >= beforeMs);
  }

  private setScene(scene: Scene): void {
    const { names, links } = scene;
    if (scene.links !== this.scene.links || names !== this.scene.names) {
      this.neighbours = names.map(() => []);
      for (let at = 0; at < links.length; at += 2) {
        const [a, b] = [links[at], links[at + 1]];
        if (!this.neighbours[a].includes(b)) this.neighbours[a].push(b);
        if (!this.neighbours[b].includes(a)) this.neighbours[b].push(a);
      }
      this.version++;
    } else if (scene.places !== this.scene.places) this.version++;
    this.scene = scene;
  }

  private note(flight: Flight): void {
    let operation = this.operations.get(flight.operation);
    if (operation === undefined) {
      operation = { number: flight.operation, origin: flight.from, sentMs: flight.sentMs, lastMs: flight.endedMs, flights: [] };
      this.operations.set(flight.operation, operation);
      if (this.operations.size > MOST_OPERATIONS) this.operations.delete(this.operations.keys().next().value!);
    }
    operation.lastMs = Math.max(operation.lastMs, flight.endedMs);
    if (operation.flights.length < MOST_OF_ONE) operation.flights.push(flight);
  }
}

function flightOf([sentMs, endedMs, from, to, type, cause, operation, ttl, dropped]: MessageRow): Flight {
  return { sentMs, endedMs, from, to, type, isAsked: cause === 'locate' || cause === 'download', operation, ttl, dropped };
}
