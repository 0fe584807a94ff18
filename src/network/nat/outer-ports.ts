/**
 * Which outer port a new mapping gets. A gateway that preserves ports gives the one preferred (address-plan.ts) if it is free. Else, and
 * in a sequential gateway, it is the next free one, counted on from the last one so given, so that a gateway that makes many mappings
 * does not search among those it made. A random gateway draws, and takes the next free one from there. A port is never shared between
 * two mappings (RFC 4787, REQ-3). Each gateway has a count and a stream of its own, so nothing depends on who else is in the shard.
 */

import { Stream } from '../../kernel/random.js';
import { PRESERVING, RANDOM } from './behaviour.js';
import { NONE } from './expiring-table.js';
import type { MappingTable } from './mapping-table.js';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export class OuterPorts {
  private readonly mappings: MappingTable;
  private readonly clock: Float64Array;
  private readonly seed: number;
  private readonly first: number;
  private readonly count: number;
  /** By gateway: the place in the range after the last port it gave in sequence, and how often it has drawn. */
  private readonly next: Uint16Array;
  private readonly draws: Uint32Array;
  /** A gateway and transport without a free port: when the first of its mappings may end, so that nobody searches before. */
  private readonly fullUntil = new Map<number, number>();

  constructor(mappings: MappingTable, gateways: number, clock: Float64Array, seed: number, { first, last }: PortRange) {
    this.mappings = mappings;
    this.clock = clock;
    this.seed = seed;
    this.first = first;
    this.count = last - first + 1;
    this.next = new Uint16Array(gateways);
    this.draws = new Uint32Array(gateways);
  }

  /** A free port, or NONE. `preferred` may be NONE. */
  take(gateway: number, transport: number, rule: number, preferred: number): number {
    const side = gateway * 2 + transport;
    if (rule === PRESERVING && this.isGiven(preferred) && this.mappings.findPort(side, preferred) === NONE) return preferred;
    const full = this.fullUntil.get(side);
    if (full !== undefined) {
      if (full > this.clock[0]) return NONE;
      this.fullUntil.delete(side);
    }
    if (rule === RANDOM) {
      const start = new Stream(this.seed, gateway, 'nat', this.draws[gateway]++).integer(this.count);
      for (let step = 0; step < this.count; step++) {
        const port = this.first + ((start + step) % this.count);
        if (this.mappings.findPort(side, port) === NONE) return port;
      }
    } else {
      for (let step = 0; step < this.count; step++) {
        const port = this.following(gateway);
        if (this.mappings.findPort(side, port) === NONE) return port;
      }
    }
    this.noteFull(side);
    return NONE;
  }

  /** A port for both transports that is free, or has `inner` behind it already; the preferred one if possible. NONE if there is none. */
  takeForBoth(gateway: number, inner: number, preferred: number): number {
    if (this.isGiven(preferred) && this.suits(gateway, preferred, inner)) return preferred;
    for (let step = 0; step < this.count; step++) {
      const port = this.following(gateway);
      if (this.suits(gateway, port, inner)) return port;
    }
    return NONE;
  }

  /** A port may be free again earlier than thought. */
  reconsider(gateway: number): void {
    this.fullUntil.delete(gateway * 2);
    this.fullUntil.delete(gateway * 2 + 1);
  }

  private isGiven(port: number): boolean {
    return port >= this.first && port < this.first + this.count;
  }

  private following(gateway: number): number {
    const place = this.next[gateway];
    this.next[gateway] = (place + 1) % this.count;
    return this.first + place;
  }

  private suits(gateway: number, port: number, inner: number): boolean {
    for (let transport = 0; transport < 2; transport++) {
      const record = this.mappings.findPort(gateway * 2 + transport, port);
      if (record !== NONE && this.mappings.inner(record) !== inner + transport) return false;
    }
    return true;
  }

  private noteFull(side: number): void {
    let earliest = Infinity;
    for (let port = this.first; port < this.first + this.count; port++) {
      earliest = Math.min(earliest, this.mappings.end(this.mappings.findPort(side, port)));
    }
    this.fullUntil.set(side, earliest);
  }
}
