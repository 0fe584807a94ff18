/**
 * What a member of a DHT does for peers that nobody can call: it searches and publishes in their name and passes the answers on. It keeps
 * nothing for them but the searches under way: a client says again what it shares.
 *
 * A member hands it, from `onMessage`, whatever message is none of its own, and has an `onAccept`, or clients could not connect.
 */

import type { Address, Connection, Item, Key, Message } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { type ClientDone, type ClientFound, isClientMessage } from './messages.js';

/** What a member can do in a client's name. */
export interface Member {
  /** Enters that the item is to be had at `provider`, as it would for itself, once. */
  publishFor(provider: Address, item: Item): void;
  /** Takes that back, as far as it can. */
  withdrawFor(provider: Address, key: Key): void;
  locate(key: Key, operation: LocateOperation): void;
}

/** Serves a client's message; false: it was none. Whoever speaks by datagrams is no client. */
export function serveClient(member: Member, message: Message, connection: Connection | null): boolean {
  if (connection === null || !isClientMessage(message)) return false;
  switch (message.type) {
    case 'client-publish':
      for (const item of message.items) member.publishFor(connection.remote, item);
      return true;
    case 'client-withdraw':
      for (const key of message.keys) member.withdrawFor(connection.remote, key);
      return true;
    case 'client-ask':
      member.locate(message.key, new ClientSearch(connection, message.search, message.key, message.words));
      return true;
    default:
      return true;
  }
}

/** A search in a client's name: what is found goes back over its connection. */
class ClientSearch implements LocateOperation {
  readonly key: Key;
  readonly words: readonly Key[];
  /** A client fetches for itself. */
  readonly downloadBytes = 0;
  private readonly connection: Connection;
  private readonly search: number;
  private done = false;

  constructor(connection: Connection, search: number, key: Key, words: readonly Key[]) {
    this.connection = connection;
    this.search = search;
    this.key = key;
    this.words = words;
  }

  get open(): boolean {
    return !this.done && this.connection.open;
  }

  found(provider: Address, hops: number): void {
    if (this.open) this.connection.send({ type: 'client-found', search: this.search, provider, hops } satisfies ClientFound);
  }

  finish(hops = 0): void {
    if (!this.open) return;
    this.done = true;
    this.connection.send({ type: 'client-done', search: this.search, hops } satisfies ClientDone);
  }

  downloading(): void {}

  obtained(): void {}
}
