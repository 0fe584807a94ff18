/** Peers that transfer items when a test says so, and write down what came of it. Whom to ask, and how to call back, is the test's business. */

import { sizeOfTransfer, TRANSFER_MESSAGES, type TransferMessage } from '../../src/overlay/transfer/messages.js';
import { TRANSFER_SETTINGS, type TransferSettings } from '../../src/overlay/transfer/settings.js';
import type { Download, Source, TransferUser } from '../../src/overlay/transfer/transfers.js';
import { Transfers } from '../../src/overlay/transfer/transfers.js';
import type { Address, CloseReason, Connection, Key, Message, Peer, Protocol, ProtocolDefinition } from '../../src/protocol.js';
import { FakeOperation } from './fake-network.js';
import { plainClass } from './plain-topology.js';
import { type Testnet, type TestnetOptions, testnet } from './testnet.js';

export interface Arrived {
  readonly atMs: number;
  readonly from: Address;
  readonly message: TransferMessage;
}

export class Sharer implements Protocol, TransferUser {
  readonly peer: Peer;
  readonly transfers: Transfers;
  readonly arrived: Arrived[] = [];
  readonly ended: Download[] = [];
  readonly left: Download[] = [];
  readonly accepted: Connection[] = [];
  readonly opened: Connection[] = [];
  readonly closed: CloseReason[] = [];
  readonly asked: { readonly source: Source; readonly token: number; readonly key: Key }[] = [];
  /** What a test may replace. */
  verifyPart?: TransferUser['verifyPart'];
  markOf?: TransferUser['markOf'];
  priorityOf?: TransferUser['priorityOf'];
  rankOfMine = 0;
  callThrough: (source: Source, token: number, key: Key) => void = () => {};

  constructor(peer: Peer, settings: TransferSettings) {
    this.peer = peer;
    this.transfers = new Transfers(peer, settings, this);
  }

  join(): void {}

  onAccept(connection: Connection): void {
    this.accepted.push(connection);
  }

  onMessage(from: Address, message: Message, connection: Connection | null): void {
    this.arrived.push({ atMs: this.peer.now, from, message: message as TransferMessage });
    if (!this.transfers.onMessage(from, message, connection)) throw new Error(`${message.type} is none of a transfer`);
  }

  onOpen(connection: Connection): void {
    this.opened.push(connection);
    if (!this.transfers.onOpen(connection)) throw new Error('nobody asked for this connection');
  }

  onClose(connection: Connection, reason: CloseReason): void {
    this.closed.push(reason);
    this.transfers.onClose(connection, reason);
  }

  onDrain(connection: Connection): void {
    if (!this.transfers.onDrain(connection)) throw new Error('nobody filled this connection');
  }

  askCallback(source: Source, token: number, key: Key): void {
    this.asked.push({ source, token, key });
    this.callThrough(source, token, key);
  }

  rank(): number {
    return this.rankOfMine;
  }

  onNobodyLeft(download: Download): void {
    this.left.push(download);
  }

  onEnd(download: Download): void {
    this.ended.push(download);
  }

  /** How many bytes of blocks came from there. */
  bytesFrom(address: Address): number {
    let sum = 0;
    for (const { from, message } of this.arrived) if (from === address && message.type === 'transfer-block') sum += message.bytes;
    return sum;
  }

  sawFrom(address: Address, type: TransferMessage['type']): number {
    return this.arrived.filter(({ from, message }) => from === address && message.type === type).length;
  }
}

export const SHARERS: ProtocolDefinition<Sharer, typeof TRANSFER_SETTINGS> = {
  about: 'transfers what a test says',
  settings: TRANSFER_SETTINGS,
  messages: TRANSFER_MESSAGES,
  sizeOf: sizeOfTransfer,
  create: (peer, settings) => new Sharer(peer, settings),
};

export const KEY: Key = 0x123456789abc;
export const UP_BITS = 1e6;
export const DOWN_BITS = 8e6;

export interface Sharenet {
  readonly net: Testnet<Sharer>;
  at(peer: number): Sharer;
  /** Has these peers share the item. */
  share(sizeBytes: number, ...peers: number[]): void;
  source(peer: number): Source;
  fetch(peer: number, sizeBytes: number, ...sources: number[]): { readonly operation: FakeOperation; readonly download: Download };
  counter(name: string): number;
}

/** Peers on lines of 1 Mbit/s up and 8 Mbit/s down. */
export async function sharenet(
  peers: number,
  settings: Partial<Record<keyof TransferSettings, number>> = {},
  options: Partial<TestnetOptions> = {},
): Promise<Sharenet> {
  const line = plainClass({ uplinkBitsPerSecond: UP_BITS, downlinkBitsPerSecond: DOWN_BITS, queueBytes: 262_144 });
  const net = await testnet<Sharer>(SHARERS as unknown as ProtocolDefinition<Sharer, never>, {
    start: 'join',
    latencyMs: 20,
    ...options,
    peers,
    settings: settings as Record<string, number>,
    topology: { classes: [line], ...options.topology },
  });
  net.run(1);
  const at = (peer: number) => net.peer(peer)!;
  const source = (peer: number): Source => ({ address: net.address(peer), reachable: net.shard.addresses.reachable(peer) });
  return {
    net,
    at,
    source,
    share(sizeBytes, ...sharing) {
      for (const peer of sharing) at(peer).transfers.share({ key: KEY, words: [KEY], sizeBytes });
    },
    fetch(peer, sizeBytes, ...sources) {
      const operation = new FakeOperation(KEY, [KEY], sizeBytes);
      return { operation, download: at(peer).transfers.fetch(operation, sources.map(source)) };
    },
    counter: (name) => net.shard.meter.report().counters[name] ?? 0,
  };
}
