/**
 * Peers behind gateways as a test wants them, without sites, links or latency: a packet that leaves arrives at once, unless the test
 * keeps the two apart. Time stands still until the test sets it.
 */

import { AddressPlan } from '../../src/network/address-plan.js';
import { GatewayDraw, type GatewayTable } from '../../src/network/gateways.js';
import type { PortRange } from '../../src/network/nat/outer-ports.js';
import { DATAGRAM, Nat } from '../../src/network/nat.js';
import { PASSES } from '../../src/network/network.js';
import { PeerTable } from '../../src/network/peer-table.js';
import type { GatewayBehaviour, NatClass } from '../../src/network/topology.js';
import type { Address } from '../../src/protocol.js';
import { plainNat, plainTopology } from './plain-topology.js';

/** What became of a packet: who got it and whom it came from, or the verdict with which it was dropped. */
export type Fate = { readonly peer: number; readonly from: Address } | number;

/** A packet between its gateways. */
export interface Underway {
  readonly source: number;
  readonly destination: number;
  readonly ports: number;
  readonly realm: number;
  readonly transport: number;
}

export const LIFETIME_MS = 1000;
export const CONNECTION_LIFETIME_MS = 5000;

/** Mapping endpoint-independent, filtering address-and-port-dependent, as RFC 4787 would have a careful home gateway. */
export function gateway(changes: Partial<GatewayBehaviour> = {}): GatewayBehaviour {
  return {
    mapping: 'endpoint-independent',
    filtering: 'address-and-port-dependent',
    mappingLifetimeMs: LIFETIME_MS,
    connectionLifetimeMs: CONNECTION_LIFETIME_MS,
    inboundRefresh: false,
    ports: 'preserving',
    hairpinning: false,
    ...changes,
  };
}

/** A NAT class with this home gateway; null for none. */
export function behind(home: Partial<GatewayBehaviour> | null, changes: Partial<NatClass> = {}): NatClass {
  return plainNat({ name: 'behind', gateway: home === null ? null : gateway(home), ...changes });
}

export const OPEN = plainNat();

export class NatWorld {
  readonly clock = new Float64Array(1);
  readonly nat: Nat;
  readonly plan: AddressPlan;
  readonly gateways: GatewayTable;

  /** @param classOf for each peer the class it has: the same object for peers that may share a gateway */
  constructor(classOf: readonly NatClass[], options: { readonly seed?: number; readonly range?: PortRange } = {}) {
    const classes = [...new Set(classOf)];
    const topology = plainTopology({ nat: classes });
    const draw = new GatewayDraw(classes, 1, classOf.length);
    classOf.forEach((nat, peer) => {
      draw.place(peer, 0, classes.indexOf(nat));
    });
    this.gateways = draw.finish();
    const table = PeerTable.create(classOf.length);
    table.settle(topology, this.gateways);
    this.nat = new Nat(topology, this.gateways, table, this.clock, options.seed ?? 1, options.range);
    this.plan = new AddressPlan(topology, classOf.length, this.gateways);
  }

  at(ms: number): this {
    this.clock[0] = ms;
    return this;
  }

  /** The packet leaves: what is then underway, or why it is dropped. */
  leave(source: number, to: Address, transport = DATAGRAM): Underway | number {
    const verdict = this.nat.outbound(source, to, transport);
    if (verdict !== PASSES) return verdict;
    const { destination, ports, realm } = this.nat;
    return { source, destination, ports, realm, transport };
  }

  arrive(packet: Underway | number): Fate {
    if (typeof packet === 'number') return packet;
    const { source, destination, ports, realm, transport } = packet;
    const verdict = this.nat.inbound(source, destination, ports, realm, transport);
    return verdict === PASSES ? { peer: this.nat.receiver, from: this.nat.seenAs(source, ports, realm) } : verdict;
  }

  send(source: number, to: Address, transport = DATAGRAM): Fate {
    return this.arrive(this.leave(source, to, transport));
  }

  /** The address by which the receiver of a packet sees its sender; throws when the packet does not arrive. */
  seenBy(source: number, to: Address, transport = DATAGRAM): Address {
    const fate = this.send(source, to, transport);
    if (typeof fate === 'number') throw new Error(`verdict ${fate}`);
    return fate.from;
  }
}
