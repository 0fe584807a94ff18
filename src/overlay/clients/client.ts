/**
 * A peer that nobody can call (behind NAT or a firewall), in a DHT: it takes no place, because others could not reach it there, and uses
 * the DHT through one member that anybody can call, over a connection of its own. So it bears no load and others meet no dead end; what
 * it shares is entered under the address from which it calls. The way of libp2p's DHT client mode, and of BitTorrent's read-only nodes
 * (BEP 43).
 *
 * A definition makes a `Client` instead of a member where `peer.reachable` is false, and members answer with `ClientDesk` (desk.ts).
 */

import type {
  Address,
  CloseReason,
  Connection,
  Item,
  Key,
  Message,
  Peer,
  PeerState,
  Protocol,
  SettingSpecs,
  SettingsOf,
} from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import type { ClientMessage } from './messages.js';

/** For a definition to spread among its own. */
export const CLIENT_SETTINGS = {
  clientRefreshMs: { default: 240_000, min: 0, about: 'period in which a peer behind NAT says again what it shares; 0: never' },
  clientRetryMs: { default: 2000, min: 1, about: 'after which it looks for another member when it has lost its own' },
  clientKeepAliveMs: { default: 30_000, min: 1, about: 'silence after which it asks the member for a sign of life' },
} as const satisfies SettingSpecs;
/** The values of CLIENT_SETTINGS. */
export type ClientSettings = SettingsOf<typeof CLIENT_SETTINGS>;

/** Items in one message. */
const ITEMS_PER_MESSAGE = 100;
const CONNECT_TIMEOUT_MS = 5000;
const WRITE_TIMEOUT_MS = 20_000;

/** A peer that leaves the work to a server or a supernode. */
export class Client implements Protocol, Locate {
  private readonly peer: Peer;
  private readonly settings: ClientSettings;
  /** To the member; null while one is looked for. */
  private access: Connection | null = null;
  private readonly items: Item[] = [];
  private readonly searches = new Map<number, LocateOperation>();

  constructor(peer: Peer, settings: ClientSettings) {
    this.peer = peer;
    this.settings = settings;
  }

  join(): void {
    this.begin(null);
  }

  /** Begins with a connection to a member that is open already, or looks for one. */
  begin(access: Connection | null): void {
    if (this.settings.clientRefreshMs > 0) this.peer.every(this.settings.clientRefreshMs, this.refresh);
    this.access = access;
    if (access === null) this.seek();
  }

  leave(): void {
    if (this.access === null) return;
    if (this.items.length > 0) this.say({ type: 'client-withdraw', keys: this.items.map(({ key }) => key) });
    this.access.close();
  }

  neighbours(): Address[] {
    return this.access === null ? [] : [this.access.remote];
  }

  state(): PeerState {
    return this.access === null ? { entries: 0, bytes: 0 } : { entries: 1, bytes: 6 };
  }

  publish(_key: Key, item: Item): void {
    this.items.push(item);
    this.say({ type: 'client-publish', items: [item] });
  }

  locate(_key: Key, operation: LocateOperation): void {
    const search = this.peer.random.integer(2 ** 32);
    for (const [old, { open }] of this.searches) if (!open) this.searches.delete(old);
    this.searches.set(search, operation);
    this.ask(search, operation);
  }

  onOpen(connection: Connection): void {
    if (connection !== this.access) return;
    this.refresh();
    for (const [search, operation] of this.searches) if (operation.open) this.ask(search, operation);
  }

  onClose(connection: Connection, _reason: CloseReason): void {
    if (connection !== this.access) return;
    this.access = null;
    this.peer.count('clients-lost-their-member');
    this.peer.after(this.settings.clientRetryMs, this.seek);
  }

  onMessage(_from: Address, message: Message): void {
    const answer = message as ClientMessage;
    if (answer.type !== 'client-found' && answer.type !== 'client-done') return;
    const operation = this.searches.get(answer.search);
    if (operation === undefined) return;
    // The way to the member is a hop.
    if (answer.type === 'client-found') operation.found(answer.provider, answer.hops + 1);
    else {
      operation.finish(answer.hops + 1);
      this.searches.delete(answer.search);
    }
  }

  private seek(): void {
    if (this.access !== null) return;
    const [member] = this.peer.bootstrap(1);
    if (member === undefined) {
      this.peer.after(this.settings.clientRetryMs, this.seek);
      return;
    }
    const { clientKeepAliveMs: keepAliveMs } = this.settings;
    this.access = this.peer.connect(member, { timeoutMs: CONNECT_TIMEOUT_MS, writeTimeoutMs: WRITE_TIMEOUT_MS, keepAliveMs });
  }

  private refresh(): void {
    for (let from = 0; from < this.items.length; from += ITEMS_PER_MESSAGE) {
      this.say({ type: 'client-publish', items: this.items.slice(from, from + ITEMS_PER_MESSAGE) });
    }
  }

  private ask(search: number, { key, words }: LocateOperation): void {
    this.say({ type: 'client-ask', search, key, words });
  }

  /** Nothing is said while there is nobody to say it to; `onOpen` makes up for it. */
  private say(message: ClientMessage): void {
    if (this.access?.open) this.access.send(message);
  }
}
