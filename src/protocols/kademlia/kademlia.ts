/** One peer of Kademlia: under the key of an item it stores who has it, and finds that again. */

import type { ClientMessage } from '../../overlay/clients/messages.js';
import type { Address, Connection, Item, Key, Peer } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import type { Lookup } from './calls.js';
import { Member } from './member.js';
import { ADDRESS_BYTES, type FindValueMessage, type RpcMessage, type ValueMessage } from './messages.js';
import type { KademliaSettings } from './settings.js';

/** A record is one number, the provider's address, and the life that follows it makes two. */
const WIDTH = 1;
const STRIDE = WIDTH + 1;

export class Kademlia extends Member {
  declare readonly settings: KademliaSettings;

  constructor(peer: Peer, settings: KademliaSettings) {
    super(peer, settings, WIDTH, ADDRESS_BYTES);
  }

  publish(key: Key): void {
    this.provide(key, [this.peer.address]);
  }

  /** A client's item: it says it again itself. */
  publishFor(provider: Address, { key }: Item): void {
    if (this.joined) this.publishRecords(key, [provider]);
  }

  /** Values are never taken back: they expire. */
  withdrawFor(): void {}

  protected seek(operation: LocateOperation): void {
    const own = this.valuesOf(operation.key);
    if (own.length > 0) report(operation, own, 0);
    else this.findKey('value', operation.key, operation);
  }

  protected onNoValue({ operation, depth }: Lookup): void {
    operation!.finish(depth);
  }

  override onMessage(from: Address, message: RpcMessage | ClientMessage, connection: Connection | null = null): void {
    switch (message.type) {
      case 'find-value':
        this.onFindValue(from, message);
        break;
      case 'value':
        this.onValue(from, message);
        break;
      default:
        super.onMessage(from, message, connection);
        return;
    }
    this.heard(message.sender, from, true);
  }

  private valuesOf(key: Key): number[] {
    return this.store?.find(key, this.peer.now, this.settings.answers) ?? [];
  }

  protected valueQuestion({ key }: Lookup, request: number): FindValueMessage {
    return { type: 'find-value', sender: this.identifier, request, key };
  }

  private onFindValue(from: Address, { request, key }: FindValueMessage): void {
    this.peer.reach();
    const items = this.valuesOf(key);
    if (items.length === 0) this.sendNodes(from, request, this.identifierOf(key));
    else this.peer.send(from, { type: 'value', sender: this.identifier, request, key, items } as ValueMessage);
  }

  private onValue(from: Address, { request, items }: ValueMessage): void {
    const lookup = this.endedBy(from, request);
    if (lookup === undefined) return;
    report(lookup.operation!, items, lookup.depthOf(from));
    this.cache(lookup, items);
  }

  /** Leaves a copy with the closest peer on the way that had none. */
  private cache({ closest, key }: Lookup, items: readonly number[]): void {
    if (!this.settings.caching || closest.length === 0) return;
    this.storeAt(closest[0].address, closest[0].identifier, key, items, true);
    this.peer.count('kademlia.cached');
  }
}

function report(operation: LocateOperation, items: readonly number[], hops: number): void {
  for (let i = 0; i < items.length; i += STRIDE) operation.found(items[i], hops);
  operation.finish(hops);
}
