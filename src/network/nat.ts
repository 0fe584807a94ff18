/**
 * Gateways between peers and the open network: translation, filtering, hairpinning, by the words of RFC 4787 (datagrams) and RFC 5382
 * (connections). What leaves passes `outbound` in the sender's shard, what comes in passes `inbound` in the receiver's; a gateway and
 * all peers behind it live in one shard.
 *
 * A packet passes up to two gateways on each side, the home gateway and the carrier's; which ones, and so which network sender and
 * receiver share, is decided here. What each gateway does with it is the Gatekeeper's. What gateways remember outlasts the sessions of
 * the peers behind them, as in life.
 */

import type { Address } from '../protocol.js';
import { endpoint, FIRST_GATEWAY_IP, FIRST_HOME_IP, FIRST_PEER_IP, isCarrierIp, isHomeIp, PORT, PORTS } from './address.js';
import { AddressPlan, numberOfPort, preferredPort } from './address-plan.js';
import { FIRST_OUTER_PORT, type GatewayTable, LAST_OUTER_PORT, peersPerGateway } from './gateways.js';
import { type Behaviours, NOT_AT_ALL } from './nat/behaviour.js';
import { NONE } from './nat/expiring-table.js';
import { Gatekeeper, type NatReport } from './nat/gatekeeper.js';
import type { PortRange } from './nat/outer-ports.js';
import { DROPPED_DATAGRAMS_BLOCKED, DROPPED_FILTERED, DROPPED_NO_HAIRPIN, DROPPED_NO_SUCH_ADDRESS, PASSES } from './network.js';
import { GATEWAY, type PeerTable, ROW_U32 } from './peer-table.js';
import type { Topology } from './topology.js';

/** What a packet belongs to: gateways keep mappings of the two apart. */
export const DATAGRAM = 0;
export const CONNECTION = 1;

/** The innermost network that sender and receiver share, and so which of the sender's addresses the receiver sees. */
export const REALM_PUBLIC = 0;
export const REALM_CARRIER = 1;
export const REALM_HOME = 2;

/** The interface that mail and connections use. */
export interface Translation {
  /** After `outbound`: the peer whose shard and downlink the packet goes to: the receiver, or the first peer behind its gateway. */
  readonly destination: number;
  /** After `outbound`: the sender's outer port in the high 16 bits, the port it is sent to in the low 16; may be negative. */
  readonly ports: number;
  /** After `outbound`. */
  readonly realm: number;
  /** After `inbound`: the peer that gets the packet. */
  readonly receiver: number;

  /** A packet of `source` to `to` leaves now: PASSES or why not (network.ts). Opens or refreshes a mapping. */
  outbound(source: number, to: Address, transport: number): number;
  /** A packet that `outbound` let go, at its destination now: PASSES or why not. */
  inbound(source: number, destination: number, ports: number, realm: number, transport: number): number;
  /** The sender's address as the receiver of such a packet sees it. */
  seenAs(source: number, ports: number, realm: number): Address;
}

/** Whose an inner endpoint is, in the word that names it: a peer's, or at a carrier's a home gateway's. Lowest is the transport. */
const OF_PEER = 0;
const OF_HOME = 2;
/** 0.0.0.x is no address. */
const LEAST_ADDRESS = 2 ** 24;
const ADDRESSES = 2 ** 48;

export class Nat implements Translation {
  destination = 0;
  ports = 0;
  realm = 0;
  receiver = 0;
  readonly plan: AddressPlan;

  private readonly gateways: GatewayTable;
  private readonly count: number;
  private readonly peers: number;
  private readonly rows: Uint32Array;
  private readonly keeper: Gatekeeper;
  private readonly behaviours: Behaviours;
  /** By class: peers per home gateway. */
  private readonly roomAtHome: Uint16Array;

  /**
   * @param clock one element: the time now, in ms
   * @param range outer ports that gateways give out
   */
  constructor(
    topology: Topology,
    gateways: GatewayTable,
    table: PeerTable,
    clock: Float64Array,
    seed: number,
    range: PortRange = { first: FIRST_OUTER_PORT, last: LAST_OUTER_PORT },
  ) {
    this.plan = new AddressPlan(topology, table.peers, gateways);
    this.gateways = gateways;
    this.count = gateways.kinds.length;
    this.peers = table.peers;
    this.rows = table.u32;
    this.keeper = new Gatekeeper(topology.nat, this.count, clock, seed, range);
    this.behaviours = this.keeper.behaviours;
    this.roomAtHome = Uint16Array.from(topology.nat, peersPerGateway);
  }

  outbound(source: number, to: Address, transport: number): number {
    if (!(to >= LEAST_ADDRESS && to < ADDRESSES)) return DROPPED_NO_SUCH_ADDRESS;
    const high = Math.floor(to / PORTS);
    const ip = high | 0;
    const port = (to - high * PORTS) | 0;
    const home = this.rows[source * ROW_U32 + GATEWAY] - 1;
    if (home < 0) return this.reachPublic(ip, port, PORT);
    if (this.isAtHome(source, home, ip)) return this.reachAtHome(home, ip, port);
    const { behaviours, gateways } = this;
    const kind = gateways.kinds[home];
    if (transport === DATAGRAM && behaviours.blocksDatagrams[kind] !== 0) return DROPPED_DATAGRAMS_BLOCKED;
    const carrier = gateways.carriers[home] - 1;
    if (isCarrierIp(ip)) return carrier < 0 ? DROPPED_NO_SUCH_ADDRESS : this.reachInCarrier(source, home, carrier, ip, port, transport);
    if (ip === this.plan.publicIpOf(home) && behaviours.hairpinning[kind] === 0) return DROPPED_NO_HAIRPIN;
    let outer = this.leaveHome(source, home, ip, port, transport);
    if (outer < 0) return outer;
    if (carrier >= 0) {
      if (ip === FIRST_GATEWAY_IP + carrier && behaviours.hairpinning[kind + 1] === 0) return DROPPED_NO_HAIRPIN;
      outer = this.leaveCarrier(source, home, carrier, outer, ip, port, transport);
      if (outer < 0) return outer;
    }
    return this.reachPublic(ip, port, outer);
  }

  inbound(source: number, destination: number, ports: number, realm: number, transport: number): number {
    this.receiver = destination;
    let home = this.rows[destination * ROW_U32 + GATEWAY] - 1;
    if (home < 0 || realm === REALM_HOME) return PASSES;
    const { behaviours, gateways, keeper } = this;
    const kind = gateways.kinds[home];
    if (transport === DATAGRAM && behaviours.blocksDatagrams[kind] !== 0) return DROPPED_DATAGRAMS_BLOCKED;
    const ip = this.ipSeen(source, realm);
    const remotePort = ports >>> 16;
    let port = ports & 0xffff;
    let peer = destination;
    const carrier = gateways.carriers[home] - 1;
    if (carrier >= 0 && realm === REALM_PUBLIC) {
      const record = keeper.enter(carrier, kind + 1, port, ip, remotePort, transport);
      if (record < 0) return record;
      const inner = keeper.mappings.inner(record);
      port = keeper.mappings.innerPort(record);
      if ((inner & OF_HOME) !== 0) {
        home = inner >> 2;
      } else {
        peer = inner >> 2;
        home = gateways.ofPeers[peer] - 1;
      }
    }
    if (behaviours.mapping[kind] !== NOT_AT_ALL) {
      const record = keeper.enter(home, kind, port, ip, remotePort, transport);
      if (record < 0) return record;
      peer = keeper.mappings.inner(record) >> 2;
    } else if (!keeper.admits(home, kind, gateways.numbers[peer], ip, remotePort, transport)) {
      return DROPPED_FILTERED;
    }
    this.receiver = peer;
    return PASSES;
  }

  seenAs(source: number, ports: number, realm: number): Address {
    return realm === REALM_HOME ? this.plan.own(source) : endpoint(this.ipSeen(source, realm), ports >>> 16);
  }

  /**
   * The peer asks its home gateway for a mapping, of both transports, that anybody may use until `unmapPort` (as by UPnP IGD or PCP): its
   * address, or null when nobody grants it. Behind a plain firewall it is a pinhole. From now on the peer's packets leave by this mapping
   * where no other is alive for their destination. Behind a carrier it is an address within the carrier's network.
   */
  mapPort(peer: number): Address | null {
    const { behaviours, gateways, keeper, plan } = this;
    const home = plan.homeOf(peer);
    if (home < 0 || behaviours.portMapping[gateways.kinds[home]] === 0) return null;
    if (!plan.translates(home)) {
      keeper.openPinhole(home, gateways.numbers[peer]);
      return plan.own(peer);
    }
    const port = keeper.map(home, (peer << 2) | OF_PEER, PORT, preferredPort(gateways.numbers[peer]));
    if (port === NONE) return null;
    return endpoint(gateways.carriers[home] === 0 ? plan.publicIp(peer, home) : plan.carrierIp(peer, home), port);
  }

  /** Ends what `mapPort` gave; nothing if there was nothing. */
  unmapPort(peer: number): void {
    const { behaviours, gateways, keeper, plan } = this;
    const home = plan.homeOf(peer);
    if (home < 0 || behaviours.portMapping[gateways.kinds[home]] === 0) return;
    if (plan.translates(home)) keeper.unmap(home, gateways.kinds[home], (peer << 2) | OF_PEER, PORT);
    else keeper.closePinhole(home, gateways.numbers[peer]);
  }

  report(): NatReport {
    return this.keeper.report();
  }

  /** Whether a packet of this peer to this IP address does not pass its home gateway. */
  private isAtHome(source: number, home: number, ip: number): boolean {
    const { plan, gateways } = this;
    if (plan.translates(home)) return isHomeIp(ip);
    const carrier = gateways.carriers[home] - 1;
    let peer = (ip - FIRST_PEER_IP) >>> 0;
    if (carrier >= 0) peer = isCarrierIp(ip) ? plan.peerInCarrier(carrier, ip) : NONE;
    return peer === source || (peer >= 0 && peer < this.peers && gateways.ofPeers[peer] === home + 1);
  }

  private reachAtHome(home: number, ip: number, port: number): number {
    const { plan, gateways } = this;
    let peer = (ip - FIRST_PEER_IP) >>> 0;
    if (plan.translates(home)) peer = plan.peerAtHome(home, ip - FIRST_HOME_IP);
    else if (gateways.carriers[home] !== 0) peer = plan.peerInCarrier(gateways.carriers[home] - 1, ip);
    return peer >= 0 && port === PORT ? this.go(peer, PORT, PORT, REALM_HOME) : DROPPED_NO_SUCH_ADDRESS;
  }

  /** To an address within the carrier's network of this home, by way of home gateways only. */
  private reachInCarrier(source: number, home: number, carrier: number, ip: number, port: number, transport: number): number {
    const { behaviours, gateways, plan } = this;
    const kind = gateways.kinds[home];
    const translates = behaviours.mapping[kind] !== NOT_AT_ALL;
    const peer = plan.peerInCarrier(carrier, ip);
    if (translates && peer === gateways.firstPeers[home] && behaviours.hairpinning[kind] === 0) return DROPPED_NO_HAIRPIN;
    const outer = this.leaveHome(source, home, ip, port, transport);
    if (outer < 0) return outer;
    return peer >= 0 && (translates || port === PORT) ? this.go(peer, outer, port, REALM_CARRIER) : DROPPED_NO_SUCH_ADDRESS;
  }

  /** To an address on the open network, as the packet is there. */
  private reachPublic(ip: number, port: number, outer: number): number {
    const peer = (ip - FIRST_PEER_IP) >>> 0;
    if (peer < this.peers) {
      if (port === PORT && this.plan.hasPublicAddress(peer)) return this.go(peer, outer, port, REALM_PUBLIC);
    } else {
      const gateway = (ip - FIRST_GATEWAY_IP) >>> 0;
      if (gateway < this.count && this.plan.publicIpOf(gateway) === ip) {
        return this.go(this.gateways.firstPeers[gateway], outer, port, REALM_PUBLIC);
      }
    }
    return DROPPED_NO_SUCH_ADDRESS;
  }

  private go(destination: number, outer: number, port: number, realm: number): number {
    this.destination = destination;
    this.ports = (outer << 16) | port;
    this.realm = realm;
    return PASSES;
  }

  /** A packet passes its home gateway outward: its port outside, or why it is dropped. */
  private leaveHome(source: number, home: number, ip: number, port: number, transport: number): number {
    const kind = this.gateways.kinds[home];
    const number = this.gateways.numbers[source];
    if (this.behaviours.mapping[kind] !== NOT_AT_ALL) {
      const inner = (source << 2) | OF_PEER | transport;
      return this.keeper.translate(home, kind, inner, PORT, ip, port, transport, preferredPort(number));
    }
    this.keeper.allow(home, kind, number, ip, port, transport);
    return PORT;
  }

  /** The same at the carrier's gateway; `at` is the port outside the home gateway. */
  private leaveCarrier(source: number, home: number, carrier: number, at: number, ip: number, port: number, transport: number): number {
    const { gateways, keeper } = this;
    const kind = gateways.kinds[home];
    const room = this.roomAtHome[kind >>> 1];
    const before = gateways.numbersInCarrier[home] * room;
    if (this.behaviours.mapping[kind] === NOT_AT_ALL) {
      const inner = (source << 2) | OF_PEER | transport;
      return keeper.translate(carrier, kind + 1, inner, at, ip, port, transport, preferredPort(before + gateways.numbers[source]));
    }
    // What a home's gateway gives a peer first has a preference here; what it gives otherwise has none.
    const number = numberOfPort(at);
    const preferred = number < room ? preferredPort(before + number) : NONE;
    return keeper.translate(carrier, kind + 1, (home << 2) | OF_HOME | transport, at, ip, port, transport, preferred);
  }

  /** The IP address of a sender in this realm, as long as that is not its home. */
  private ipSeen(source: number, realm: number): number {
    // Not from its row, which nothing else touches where a packet arrives.
    const home = this.gateways.ofPeers[source] - 1;
    if (home < 0) return FIRST_PEER_IP + source;
    return realm === REALM_CARRIER ? this.plan.carrierIp(source, home) : this.plan.publicIp(source, home);
  }
}
