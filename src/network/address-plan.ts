/**
 * Who has which address: all that follows from placement alone, without looking at any gateway's mappings. Besides addresses proper it
 * knows the outer port that each peer's gateways would give its first mapping if they preserve ports: 6346 + the peer's number behind
 * the public address, wrapped into the ports that are given out. So a household's peers do not clash, and what a workload's oracle or a
 * picture asks ("whose address is this?") mostly has an answer. Mappings that a gateway makes otherwise (sequential or random ports,
 * several per peer) are the engine's to know (`nat.ts`).
 */

import type { Address } from '../protocol.js';
import { addressOf, endpoint, FIRST_CARRIER_IP, FIRST_GATEWAY_IP, FIRST_HOME_IP, FIRST_PEER_IP, PORT, PORTS } from './address.js';
import { FIRST_OUTER_PORT, type GatewayTable, LAST_OUTER_PORT, peersPerGateway } from './gateways.js';
import type { Topology } from './topology.js';

const OUTER_PORTS = LAST_OUTER_PORT - FIRST_OUTER_PORT + 1;

/** The outer port that the peer with this number behind a public address would have. */
export function preferredPort(number: number): number {
  return FIRST_OUTER_PORT + ((PORT - FIRST_OUTER_PORT + number) % OUTER_PORTS);
}

/** The other way round. */
export function numberOfPort(port: number): number {
  return (port - PORT + OUTER_PORTS) % OUTER_PORTS;
}

export class AddressPlan {
  readonly gateways: GatewayTable | null;
  private readonly peers: number;
  private readonly count: number;
  /** By NAT class: whether its home gateway translates, lets everybody in unasked, and for how many peers it stands. */
  private readonly translating: readonly boolean[];
  private readonly welcoming: readonly boolean[];
  private readonly roomAtHome: readonly number[];

  /** @param gateways null when the topology has no NAT */
  constructor(topology: Topology, peers: number, gateways: GatewayTable | null) {
    this.peers = peers;
    this.gateways = gateways;
    this.count = gateways?.kinds.length ?? 0;
    this.translating = topology.nat.map(({ gateway }) => gateway !== null && gateway.mapping !== null);
    this.welcoming = topology.nat.map(
      ({ gateway, carrier, datagrams }) => !gateway?.mapping && !gateway?.filtering && !carrier && datagrams,
    );
    this.roomAtHome = topology.nat.map(peersPerGateway);
  }

  /** The address that the peer knows as its own. */
  own(peer: number): Address {
    const home = this.homeOf(peer);
    return home < 0 ? addressOf(peer) : endpoint(this.ownIp(peer, home), PORT);
  }

  /** The address by which others would reach the peer if its gateways preserve ports: that of its first mapping. */
  outer(peer: number): Address {
    const home = this.homeOf(peer);
    if (home < 0 || !this.isHidden(home)) return addressOf(peer);
    return endpoint(this.publicIp(peer, home), preferredPort(this.numberOutside(peer, home)));
  }

  /** The peer that has this public address, or probably is behind it, see above; -1: nobody, or it cannot be said. */
  peerOf(address: Address): number {
    if (!(address >= 0 && address < PORTS * PORTS * PORTS) || !Number.isInteger(address)) return -1;
    const ip = Math.floor(address / PORTS) | 0;
    const port = address % PORTS;
    const peer = (ip - FIRST_PEER_IP) >>> 0;
    if (peer < this.peers) return port === PORT && this.hasPublicAddress(peer) ? peer : -1;
    const gateway = (ip - FIRST_GATEWAY_IP) >>> 0;
    return gateway < this.count && this.publicIpOf(gateway) === ip ? this.peerBehind(gateway, port) : -1;
  }

  /** Whether anybody can call the peer by its own address, unasked and with datagrams: no NAT or firewall in the way. */
  reachable(peer: number): boolean {
    const home = this.homeOf(peer);
    return home < 0 || this.welcoming[this.gateways!.kinds[home] >>> 1];
  }

  /** Whether the peer's own address is a public one. */
  hasPublicAddress(peer: number): boolean {
    const home = this.homeOf(peer);
    return home < 0 || !this.isHidden(home);
  }

  /** How many kinds of ways onto the network there are, the open network, the first of them, included. */
  get classes(): number {
    return 1 + this.translating.length;
  }

  /** 0 for a peer that is plainly on the open network, else the number of its NAT class + 1. */
  classOf(peer: number): number {
    const home = this.homeOf(peer);
    return home < 0 ? 0 : (this.gateways!.kinds[home] >>> 1) + 1;
  }

  /** The peer's home gateway; -1 for none. */
  homeOf(peer: number): number {
    return this.gateways === null ? -1 : this.gateways.ofPeers[peer] - 1;
  }

  /** Whether this home gateway translates. */
  translates(home: number): boolean {
    return this.translating[this.gateways!.kinds[home] >>> 1];
  }

  /** IP address that a peer behind this home gateway has itself. */
  ownIp(peer: number, home: number): number {
    if (this.translates(home)) return (FIRST_HOME_IP + this.gateways!.numbers[peer]) | 0;
    return this.gateways!.carriers[home] === 0 ? FIRST_PEER_IP + peer : this.carrierIp(peer, home);
  }

  /** IP address within the carrier's network of this home gateway, or of its peer if it does not translate. */
  carrierIp(peer: number, home: number): number {
    const { numbers, numbersInCarrier, kinds } = this.gateways!;
    const number = numbersInCarrier[home];
    if (this.translates(home)) return FIRST_CARRIER_IP + number;
    return FIRST_CARRIER_IP + number * this.roomAtHome[kinds[home] >>> 1] + numbers[peer];
  }

  /** The peer that would have this IP address within a carrier's network, the first of its home if the home gateway translates; or -1. */
  peerInCarrier(carrier: number, ip: number): number {
    const { kinds, members, membersFrom, firstPeers } = this.gateways!;
    const index = kinds[carrier] >>> 1;
    const place = ip - FIRST_CARRIER_IP;
    const room = this.translating[index] ? 1 : this.roomAtHome[index];
    const at = membersFrom[carrier] + Math.floor(place / room);
    if (place < 0 || at >= membersFrom[carrier + 1]) return -1;
    const home = members[at];
    return this.translating[index] ? firstPeers[home] : this.peerAtHome(home, place % room);
  }

  /** The peer with this number behind a home gateway, or -1. */
  peerAtHome(home: number, number: number): number {
    const { members, membersFrom } = this.gateways!;
    const at = membersFrom[home] + number;
    return number >= 0 && at < membersFrom[home + 1] ? members[at] : -1;
  }

  /** IP address by which the open network sees a peer behind this home gateway. */
  publicIp(peer: number, home: number): number {
    const carrier = this.gateways!.carriers[home];
    if (carrier !== 0) return FIRST_GATEWAY_IP + carrier - 1;
    return this.translates(home) ? FIRST_GATEWAY_IP + home : FIRST_PEER_IP + peer;
  }

  /** The peer's number among all behind its public address. */
  numberOutside(peer: number, home: number): number {
    const { numbers, numbersInCarrier, kinds, carriers } = this.gateways!;
    return (carriers[home] === 0 ? 0 : numbersInCarrier[home] * this.roomAtHome[kinds[home] >>> 1]) + numbers[peer];
  }

  /** The public IP address of a gateway; 0 if it has none. */
  publicIpOf(gateway: number): number {
    const { kinds, carriers } = this.gateways!;
    const has = (kinds[gateway] & 1) === 1 || (carriers[gateway] === 0 && this.translates(gateway));
    return has ? FIRST_GATEWAY_IP + gateway : 0;
  }

  /** Whether the peers behind this home gateway have no public address of their own. */
  private isHidden(home: number): boolean {
    return this.translates(home) || this.gateways!.carriers[home] !== 0;
  }

  private peerBehind(gateway: number, port: number): number {
    const { kinds, members, membersFrom } = this.gateways!;
    const from = membersFrom[gateway];
    const size = membersFrom[gateway + 1] - from;
    const isCarrier = (kinds[gateway] & 1) === 1;
    if (size === 1) return isCarrier ? this.peerBehind(members[from], port) : members[from];
    if (port < FIRST_OUTER_PORT) return -1;
    const number = numberOfPort(port);
    if (!isCarrier) return this.peerAtHome(gateway, number);
    const room = this.roomAtHome[kinds[gateway] >>> 1];
    const at = from + Math.floor(number / room);
    return at < membersFrom[gateway + 1] ? this.peerAtHome(members[at], number % room) : -1;
  }
}
