/**
 * Peers that do nothing but reach each other when a test says so, behind whatever gateways it wants, and write down what came of it.
 */

import type { NatClass } from '../../src/network/topology.js';
import { REACH_MESSAGES, type ReachMessage, sizeOfReach } from '../../src/overlay/reach/messages.js';
import type { Path } from '../../src/overlay/reach/path.js';
import { type Identity, Reach, type ReachUser } from '../../src/overlay/reach/reach.js';
import { REACH_SETTINGS, type ReachSettings } from '../../src/overlay/reach/settings.js';
import type { Address, CloseReason, Connection, Message, Peer, Protocol, ProtocolDefinition, SettingValue } from '../../src/protocol.js';
import { CARRIER_GATEWAY, NAT_PATTERNS, type NatKind } from '../../src/scenario/nat-kinds.js';
import { plainNat } from './plain-topology.js';
import { type Testnet, type TestnetOptions, testnet } from './testnet.js';

export interface Say extends Message {
  readonly type: 'say';
  readonly n: number;
}

export class Reacher implements Protocol, ReachUser {
  readonly peer: Peer;
  readonly reach: Reach;
  /** Attempts of its own that are over; paths of others; what was heard, by whom, and which paths ended. */
  readonly reached: Path[] = [];
  readonly incoming: Path[] = [];
  readonly heard: { readonly path: Path; readonly n: number }[] = [];
  readonly ended: { readonly path: Path; readonly reason: CloseReason; readonly atMs: number }[] = [];
  readonly known: Identity[] = [];

  constructor(peer: Peer, settings: ReachSettings) {
    this.peer = peer;
    this.reach = new Reach(peer, settings, this, () => SAY_BYTES);
  }

  join(): void {
    this.reach.start();
  }

  leave(): void {
    this.reach.leave();
  }

  onMessage(from: Address, message: Message, connection: Connection | null): void {
    if (!this.reach.onMessage(from, message, connection)) throw new Error(`${message.type} outside of a path`);
  }

  onAccept(): void {}

  onOpen(connection: Connection): void {
    if (!this.reach.onOpen(connection)) throw new Error('nobody asked for this connection');
  }

  onClose(connection: Connection, reason: CloseReason): void {
    this.reach.onClose(connection, reason);
  }

  onReached(path: Path): void {
    this.reached.push(path);
  }

  onPath(path: Path): void {
    this.incoming.push(path);
  }

  onPathMessage(path: Path, message: Message): void {
    this.heard.push({ path, n: (message as Say).n });
  }

  onPathEnd(path: Path, reason: CloseReason): void {
    this.ended.push({ path, reason, atMs: this.peer.now });
  }

  onWho(identities: readonly Identity[]): void {
    this.known.push(...identities);
  }
}

export const SAY_BYTES = 100;

export const say = (path: Path, n: number) => path.send({ type: 'say', n } satisfies Say);

export const REACHERS: ProtocolDefinition<Reacher, typeof REACH_SETTINGS> = {
  about: 'reaches whom a test says',
  settings: REACH_SETTINGS,
  messages: { say: ['n'], ...REACH_MESSAGES },
  sizeOf: (message: Say | ReachMessage) => (message.type === 'say' ? SAY_BYTES : sizeOfReach(message, () => SAY_BYTES)),
  create: (peer, settings) => new Reacher(peer, settings),
};

/** A class of one of the named kinds, each of whose carriers stands before one home. */
export function classOfKind(kind: NatKind, changes: Partial<NatClass> = {}): NatClass {
  const { gateway, datagrams, behindCarrier } = NAT_PATTERNS[kind];
  const carrier = behindCarrier ? { gateway: CARRIER_GATEWAY, gateways: 1 } : null;
  return plainNat({ name: kind, gateway, datagrams, carrier, ...changes });
}

export interface ReachnetOptions extends Omit<TestnetOptions, 'settings' | 'topology'> {
  /** As many of each, all together `peers`. Some of them must be open. */
  readonly classes: readonly NatClass[];
  readonly settings?: Partial<Record<keyof ReachSettings, SettingValue>>;
  readonly loss?: number;
}

export interface Reachnet {
  readonly net: Testnet<Reacher>;
  /** Numbers of the peers of a class, by its name. */
  of(name: string): number[];
  reacher(peer: number): Reacher;
  identity(peer: number): Identity;
  /** Whose public address this is. */
  owner(address: Address): number;
}

export async function reachnet({ classes, loss = 0, ...options }: ReachnetOptions): Promise<Reachnet> {
  const nat = classes.map((each) => ({ ...each, share: 1 / classes.length }));
  const net = await testnet<Reacher>(REACHERS as unknown as ProtocolDefinition<Reacher, never>, {
    start: 'join',
    ...options,
    topology: { nat, loss },
    settings: options.settings as Record<string, SettingValue>,
  });
  const isOpen = ({ gateway, carrier, datagrams }: NatClass) => gateway === null && carrier === null && datagrams;
  const nameOf = (peer: number) => {
    const number = net.shard.addresses.classOf(peer);
    return number === 0 ? nat.find(isOpen)!.name : nat[number - 1].name;
  };
  const names = Array.from({ length: options.peers }, (_, peer) => nameOf(peer));
  const reacher = (peer: number) => net.peer(peer)!;
  return {
    net,
    of: (name) => names.flatMap((each, peer) => (each === name ? [peer] : [])),
    reacher,
    identity: (peer) => reacher(peer).reach.identity,
    owner: (address) => net.shard.addresses.peerOf(address),
  };
}
