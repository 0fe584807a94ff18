/** One peer of Kademlia: under the key of an item it stores who has it, and finds that again. */

import type { Address, Item, Key, Peer } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import type { Lookup } from './calls.js';
import { Member } from './member.js';
import { ADDRESS_BYTES, type ValueMessage } from './messages.js';
import type { KademliaSettings } from './settings.js';

/** A record is one number, the provider's address, and the life that follows it makes two. */
const WIDTH = 1;
const STRIDE = WIDTH + 1;

export class Kademlia extends Member {
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
    const own = this.store?.find(operation.key, this.peer.now, this.settings.answers) ?? [];
    if (own.length > 0) report(operation, own, 0);
    else this.findKey('value', operation.key, operation);
  }

  protected onValue(lookup: Lookup, _from: Address, { items }: ValueMessage, hops: number): void {
    report(lookup.operation!, items, hops);
    this.cache(lookup, items);
  }

  protected onNoValue({ operation, depth }: Lookup): void {
    operation!.finish(depth);
  }
}

function report(operation: LocateOperation, items: readonly number[], hops: number): void {
  for (let i = 0; i < items.length; i += STRIDE) operation.found(items[i], hops);
  operation.finish(hops);
}
