/**
 * Who is behind which gateway: drawn at placement, the same for all threads, never changed. A home gateway stands before the peers of
 * one household (or office); a carrier's gateway stands before home gateways. Gateways of both kinds are numbered together, in the
 * order in which the first peer behind each is drawn.
 *
 * It is a plain struct of typed arrays over shared memory, so that it crosses to the threads as it is: 10 bytes per peer (those on the
 * open network included, since peers are looked up by number) and 20 bytes per gateway.
 */

import { Problem } from '../problem.js';
import type { NatClass } from './topology.js';

/** Ports that gateways give out: not the well-known ones (RFC 4787, REQ-3a). */
export const FIRST_OUTER_PORT = 1024;
export const LAST_OUTER_PORT = 65535;
const OUTER_PORTS = LAST_OUTER_PORT - FIRST_OUTER_PORT + 1;

export interface GatewayTable {
  /** By peer: the number of its home gateway + 1; 0 for none, on the open network. A copy is in the peer's row. */
  readonly ofPeers: Uint32Array;
  /** By peer: its number among those behind its home gateway. */
  readonly numbers: Uint16Array;
  /** By gateway: twice the number of its class in `Topology.nat`, and 1 more for a carrier's. */
  readonly kinds: Uint16Array;
  /** By gateway: the number of the carrier's gateway it is behind + 1; 0 for none. */
  readonly carriers: Uint32Array;
  /** By gateway: its number among those behind its carrier's gateway. */
  readonly numbersInCarrier: Uint16Array;
  /** By gateway: the first peer behind it, in whose row the access link of all of them is kept. */
  readonly firstPeers: Uint32Array;
  /** By gateway, and one more: where its members begin in `members`. */
  readonly membersFrom: Uint32Array;
  /** Numbers of the peers behind each home gateway, and of the home gateways behind each carrier's. */
  readonly members: Uint32Array;
}

/** The peer whose row keeps the access link of `peer`: itself, or the first peer of its household. */
export function lineOf(gateways: GatewayTable | null, peer: number): number {
  if (gateways === null) return peer;
  const home = gateways.ofPeers[peer];
  return home === 0 ? peer : gateways.firstPeers[home - 1];
}

/** Whether peers of this class are plainly on the open network, with nothing between. */
export function isOpen(nat: NatClass): boolean {
  return nat.gateway === null && nat.carrier === null && nat.datagrams;
}

/** Peers behind one gateway of this class. Where there is no gateway at home, nobody shares one. */
export function peersPerGateway(nat: NatClass): number {
  return nat.gateway === null ? 1 : nat.peersPerGateway;
}

/** Fills households and carriers peer by peer, so that who is behind which gateway does not depend on how many peers follow. */
export class GatewayDraw {
  private readonly classes: readonly NatClass[];
  private readonly ofPeers: Uint32Array;
  private readonly numbers: Uint16Array;
  private readonly kinds: number[] = [];
  private readonly carriers: number[] = [];
  private readonly numbersInCarrier: number[] = [];
  private readonly firstPeers: number[] = [];
  private readonly sizes: number[] = [];
  /** By site and class: the gateway + 1 that still takes members, at home and at the carrier. */
  private readonly homesFilling: Uint32Array;
  private readonly carriersFilling: Uint32Array;

  constructor(classes: readonly NatClass[], sites: number, peers: number) {
    for (const each of classes) checkRoom(each);
    this.classes = classes;
    this.ofPeers = shared(Uint32Array, peers);
    this.numbers = shared(Uint16Array, peers);
    this.homesFilling = new Uint32Array(sites * classes.length);
    this.carriersFilling = new Uint32Array(sites * classes.length);
  }

  /** Puts the next peer behind a gateway of this class at this site, and says whose access link it has. */
  place(peer: number, site: number, index: number): number {
    const nat = this.classes[index];
    if (isOpen(nat)) return peer;
    const cell = site * this.classes.length + index;
    let home = this.homesFilling[cell];
    if (home === 0 || this.sizes[home - 1] === peersPerGateway(nat)) {
      home = this.open(2 * index, peer);
      this.homesFilling[cell] = home;
      if (nat.carrier !== null) this.putBehindCarrier(home, cell, nat.carrier.gateways);
    }
    this.ofPeers[peer] = home;
    this.numbers[peer] = this.sizes[home - 1]++;
    return this.firstPeers[home - 1];
  }

  finish(): GatewayTable {
    const count = this.kinds.length;
    const membersFrom = shared(Uint32Array, count + 1);
    for (let gateway = 0; gateway < count; gateway++) membersFrom[gateway + 1] = membersFrom[gateway] + this.sizes[gateway];
    const members = shared(Uint32Array, membersFrom[count]);
    this.ofPeers.forEach((home, peer) => {
      if (home !== 0) members[membersFrom[home - 1] + this.numbers[peer]] = peer;
    });
    this.carriers.forEach((carrier, home) => {
      if (carrier !== 0) members[membersFrom[carrier - 1] + this.numbersInCarrier[home]] = home;
    });
    return {
      ofPeers: this.ofPeers,
      numbers: this.numbers,
      kinds: filled(Uint16Array, this.kinds),
      carriers: filled(Uint32Array, this.carriers),
      numbersInCarrier: filled(Uint16Array, this.numbersInCarrier),
      firstPeers: filled(Uint32Array, this.firstPeers),
      membersFrom,
      members,
    };
  }

  private putBehindCarrier(home: number, cell: number, room: number): void {
    let carrier = this.carriersFilling[cell];
    if (carrier === 0 || this.sizes[carrier - 1] === room) {
      carrier = this.open(this.kinds[home - 1] + 1, this.firstPeers[home - 1]);
      this.carriersFilling[cell] = carrier;
    }
    this.carriers[home - 1] = carrier;
    this.numbersInCarrier[home - 1] = this.sizes[carrier - 1]++;
  }

  /** A new gateway; its number + 1. */
  private open(kind: number, firstPeer: number): number {
    this.carriers.push(0);
    this.numbersInCarrier.push(0);
    this.firstPeers.push(firstPeer);
    this.sizes.push(0);
    return this.kinds.push(kind);
  }
}

/** Every peer behind a gateway is to have an outer port of its own, so one public address has room for so many and no more. */
function checkRoom(nat: NatClass): void {
  const peers = peersPerGateway(nat) * (nat.carrier?.gateways ?? 1);
  if (!(peers >= 1 && peers <= OUTER_PORTS)) {
    throw new Problem(`NAT class "${nat.name}": expected 1 to ${OUTER_PORTS} peers behind one public address, one per port, got ${peers}`);
  }
  if (nat.carrier !== null && nat.carrier.gateway.mapping === null) {
    throw new Problem(`NAT class "${nat.name}": expected a carrier's gateway that translates, got one without a mapping`);
  }
}

type Words<T> = { new (buffer: SharedArrayBuffer): T; readonly BYTES_PER_ELEMENT: number };

function shared<T extends Uint16Array | Uint32Array>(kind: Words<T>, length: number): T {
  return new kind(new SharedArrayBuffer(length * kind.BYTES_PER_ELEMENT));
}

function filled<T extends Uint16Array | Uint32Array>(kind: Words<T>, values: readonly number[]): T {
  const array = shared(kind, values.length);
  array.set(values);
  return array;
}
