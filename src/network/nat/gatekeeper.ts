/**
 * What a gateway does with one packet, and what it remembers of it: a translating gateway keeps mappings, and permissions for who may
 * answer; a plain firewall keeps permissions only. Both end a lifetime after their last use, and a mapping never before a permission
 * that belongs to it. Gateways are told apart by number, all of a shard share the tables.
 *
 * A permission belongs to the mapping that the packet left by, as in the session tables of real gateways and the symmetric NAT of
 * RFC 3489; the letter of RFC 4787, 5, ties it to the inner endpoint, which is the same unless mappings depend on the destination. Where
 * a filter is laxer than the mapping, a stranger's packet comes in by a mapping made for somebody else, and is answered by another.
 *
 * `kind` is the gateway's behaviour (behaviour.ts), `ip` and `port` the remote endpoint as this gateway sees it.
 */

import { DROPPED_FILTERED, DROPPED_NO_MAPPING, DROPPED_PORTS_EXHAUSTED } from '../network.js';
import type { NatClass } from '../topology.js';
import { Behaviours, NOT_AT_ALL, ON_ADDRESS_AND_PORT, ON_NOTHING } from './behaviour.js';
import { ExpiringTable, NONE } from './expiring-table.js';
import { MappingTable } from './mapping-table.js';
import { OuterPorts, type PortRange } from './outer-ports.js';

/** In the place of a remote IP address, in the keys of mappings and permissions: whatever it is. Nobody has this one, 0.0.0.0. */
const ANYBODY = 0;
/** Number of transports. */
const TRANSPORTS = 2;

/** What the gateways of a shard remember. */
export interface NatReport {
  /** Mappings made so far, by packets or on request. */
  readonly mappingsMade: number;
  /** At most so many mappings and permissions are alive: dead ones are found out late. */
  readonly mappingsHeld: number;
  readonly permissionsHeld: number;
  readonly bytes: number;
}

export class Gatekeeper {
  readonly behaviours: Behaviours;
  readonly mappings: MappingTable;
  /** Who may answer. Key: gateway and transport; port of the mapping (or number of a peer behind a firewall) and remote port; remote IP. */
  private readonly permissions: ExpiringTable;
  private readonly outerPorts: OuterPorts;

  constructor(classes: readonly NatClass[], gateways: number, clock: Float64Array, seed: number, range: PortRange) {
    this.behaviours = new Behaviours(classes);
    this.mappings = new MappingTable(clock, gateways * TRANSPORTS);
    this.permissions = new ExpiringTable(clock);
    this.outerPorts = new OuterPorts(this.mappings, gateways, clock, seed, range);
  }

  /**
   * A packet leaves a translating gateway: the outer port by which it does, or why it is dropped.
   * @param inner whose packet it is, four times over, plus the transport: a word that means one endpoint in all gateways
   * @param preferred the port to give if ports are preserved; NONE for no preference
   */
  translate(
    gateway: number,
    kind: number,
    inner: number,
    innerPort: number,
    ip: number,
    port: number,
    transport: number,
    preferred: number,
  ): number {
    const { behaviours, mappings } = this;
    const mapping = behaviours.mapping[kind];
    const b = (innerPort << 16) | (mapping === ON_ADDRESS_AND_PORT ? port : 0);
    const c = mapping === ON_NOTHING ? ANYBODY : ip;
    let record = mappings.find(gateway * TRANSPORTS + transport, inner, b, c);
    if (record === NONE && mapping !== ON_NOTHING && behaviours.portMapping[kind] !== 0) record = this.staticOf(gateway, inner, innerPort);
    if (record === NONE) {
      const outer = this.outerPorts.take(gateway, transport, behaviours.ports[kind], preferred);
      if (outer === NONE) return DROPPED_PORTS_EXHAUSTED;
      record = mappings.add(inner, b, c, gateway * TRANSPORTS + transport, outer);
    }
    mappings.use(record, behaviours.lifetimeMs[kind * TRANSPORTS + transport]);
    const outer = mappings.port(record);
    if (behaviours.filtering[kind] > ON_NOTHING) this.allow(gateway, kind, outer, ip, port, transport);
    return outer;
  }

  /** A packet comes to an outer port of a translating gateway: the record of its mapping, or why it is dropped. */
  enter(gateway: number, kind: number, outer: number, ip: number, port: number, transport: number): number {
    const { behaviours, mappings, permissions } = this;
    const side = gateway * TRANSPORTS + transport;
    const record = mappings.findPort(side, outer);
    if (record === NONE) return DROPPED_NO_MAPPING;
    if (mappings.isStatic(record)) return record;
    const filtering = behaviours.filtering[kind];
    const refresh = behaviours.inboundRefresh[kind] !== 0;
    const lifetime = kind * TRANSPORTS + transport;
    if (filtering > ON_NOTHING) {
      const entry = permissions.find(side, (outer << 16) | (filtering === ON_ADDRESS_AND_PORT ? port : 0), ip);
      if (entry === NONE) return DROPPED_FILTERED;
      if (refresh) permissions.extend(entry, behaviours.lifetimeMs[lifetime]);
    }
    if (refresh) mappings.use(record, behaviours.lifetimeMs[lifetime]);
    return record;
  }

  /** Notes that a packet left `at` (an outer port, or a peer behind a firewall) for this endpoint, so that what it answers may come in. */
  allow(gateway: number, kind: number, at: number, ip: number, port: number, transport: number): void {
    const { behaviours, permissions } = this;
    const filtering = behaviours.filtering[kind];
    if (filtering === NOT_AT_ALL) return;
    const b = (at << 16) | (filtering === ON_ADDRESS_AND_PORT ? port : 0);
    const entry = permissions.claim(gateway * TRANSPORTS + transport, b, filtering === ON_NOTHING ? ANYBODY : ip);
    permissions.extend(entry, behaviours.lifetimeMs[kind * TRANSPORTS + transport]);
  }

  /** Whether a packet passes a plain firewall inward, to the peer with this number behind it. */
  admits(gateway: number, kind: number, number: number, ip: number, port: number, transport: number): boolean {
    const { behaviours, permissions } = this;
    const filtering = behaviours.filtering[kind];
    if (filtering === NOT_AT_ALL) return true;
    const side = gateway * TRANSPORTS + transport;
    const b = (number << 16) | (filtering === ON_ADDRESS_AND_PORT ? port : 0);
    const entry = permissions.find(side, b, filtering === ON_NOTHING ? ANYBODY : ip);
    if (entry === NONE) return behaviours.portMapping[kind] !== 0 && permissions.find(side, number << 16, ANYBODY) !== NONE;
    if (behaviours.inboundRefresh[kind] !== 0) this.allow(gateway, kind, number, ip, port, transport);
    return true;
  }

  /** Anybody may send to the peer with this number behind a plain firewall, until `closePinhole`. */
  openPinhole(gateway: number, number: number): void {
    for (let transport = 0; transport < TRANSPORTS; transport++) {
      const entry = this.permissions.claim(gateway * TRANSPORTS + transport, number << 16, ANYBODY);
      this.permissions.extend(entry, Infinity);
    }
  }

  closePinhole(gateway: number, number: number): void {
    for (let transport = 0; transport < TRANSPORTS; transport++) {
      const entry = this.permissions.find(gateway * TRANSPORTS + transport, number << 16, ANYBODY);
      if (entry !== NONE) this.permissions.end(entry);
    }
  }

  /**
   * A mapping of an inner endpoint for both transports that anybody may use and that does not end until `unmap`: its outer port, or NONE
   * when there is none to give. Its packets leave by it from now on, where no mapping is alive for their destination.
   */
  map(gateway: number, inner: number, innerPort: number, preferred: number): number {
    const { mappings } = this;
    const record = this.staticOf(gateway, inner, innerPort);
    if (record !== NONE) return mappings.port(record);
    const outer = this.outerPorts.takeForBoth(gateway, inner, preferred);
    if (outer === NONE) return NONE;
    for (let transport = 0; transport < TRANSPORTS; transport++) {
      const side = gateway * TRANSPORTS + transport;
      const before = mappings.findPort(side, outer);
      if (before !== NONE) mappings.drop(before);
      mappings.setStatic(mappings.add(inner + transport, innerPort << 16, ANYBODY, side, outer), true);
    }
    return outer;
  }

  /** What `map` gave is a mapping like others again: it lingers for a lifetime, and the filter is back at once. */
  unmap(gateway: number, kind: number, inner: number, innerPort: number): void {
    for (let transport = 0; transport < TRANSPORTS; transport++) {
      const record = this.staticOf(gateway, inner + transport, innerPort);
      if (record === NONE) continue;
      this.mappings.setStatic(record, false);
      this.mappings.use(record, this.behaviours.lifetimeMs[kind * TRANSPORTS + transport]);
    }
    this.outerPorts.reconsider(gateway);
  }

  report(): NatReport {
    const { mappings, permissions } = this;
    return {
      mappingsMade: mappings.made,
      mappingsHeld: mappings.used,
      permissionsHeld: permissions.used,
      bytes: mappings.bytes + permissions.bytes,
    };
  }

  private staticOf(gateway: number, inner: number, innerPort: number): number {
    const record = this.mappings.find(gateway * TRANSPORTS + (inner % TRANSPORTS), inner, innerPort << 16, ANYBODY);
    return record !== NONE && this.mappings.isStatic(record) ? record : NONE;
  }
}
