/**
 * An eDonkey client: logged in to a server (login.ts), where it offers what it shares and asks for what it wants (searches.ts); what it
 * finds it fetches from other clients (downloads.ts).
 */

import { isChosen } from '../../overlay/chosen.js';
import { Line } from '../../overlay/transfer/line.js';
import { isTransferMessage } from '../../overlay/transfer/messages.js';
import type { Address, CloseReason, Connection, Item, Key, Peer, PeerState, Protocol } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import { Downloads, type Owner } from './downloads.js';
import { type Applicant, Login } from './login.js';
import { type ClientMessage, ENDPOINT_BYTES } from './messages.js';
import { Searches } from './searches.js';
import type { EdonkeySettings } from './settings.js';

const NOTHING: readonly Item[] = [];

export class Client implements Protocol<ClientMessage>, Locate, Applicant, Owner {
  readonly login: Login;
  private readonly peer: Peer;
  private readonly settings: EdonkeySettings;
  private shared: Item[] | null = null;
  /** Made when first needed: most peers, most of the time, neither search nor fetch. */
  private searching: Searches | null = null;
  private transferring: Downloads | null = null;

  constructor(peer: Peer, settings: EdonkeySettings) {
    this.peer = peer;
    this.settings = settings;
    this.login = new Login(peer, settings, this);
  }

  join(): void {
    this.login.begin();
  }

  leave(): void {
    this.login.leave();
  }

  /** The servers it may ask. */
  state(): PeerState {
    const entries = this.peer.servers.length;
    return { entries, bytes: entries * ENDPOINT_BYTES };
  }

  get items(): readonly Item[] {
    return this.shared ?? NOTHING;
  }

  get downloads(): Downloads {
    this.transferring ??= new Downloads(
      this.peer,
      this.settings,
      this.login,
      this,
      isChosen(this.peer, this.settings.poisoners, 'poisoner'),
    );
    return this.transferring;
  }

  // The service.

  publish(_key: Key, item: Item): void {
    this.shared ??= [];
    this.shared.push(item);
    if (item.sizeBytes > 0) this.downloads.transfers.share(item);
    this.login.offer([item]);
  }

  locate(_key: Key, operation: LocateOperation): void {
    this.searching ??= new Searches(this.peer, this.settings, this.login, this, this.onTimeout);
    this.searching.begin(operation);
  }

  onSources(operation: LocateOperation, server: Address, sources: readonly number[]): void {
    if (operation.downloadBytes > 0) this.downloads.onSources(operation, server, sources);
  }

  onSearched(operation: LocateOperation): void {
    this.transferring?.onSearched(operation);
  }

  onHere(item: Item): void {
    if (!this.downloads.transfers.shares(item.key)) this.publish(item.key, item);
  }

  // The server.

  onLoggedIn(): void {
    this.searching?.onLoggedIn();
  }

  private onTimeout(number: number): void {
    this.searching?.onTimeout(number);
  }

  // Messages and connections.

  onMessage(from: Address, message: ClientMessage, connection: Connection | null): void {
    if (isTransferMessage(message)) {
      this.downloads.transfers.onMessage(from, message, connection);
      if (message.type === 'transfer-here' && connection !== null) this.downloads.onLine(connection);
      return;
    }
    switch (message.type) {
      case 'id-change':
        if (connection !== null) this.login.onIdChange(connection, message);
        return;
      case 'results':
      case 'global-results':
        this.searching?.onResults(message);
        return;
      case 'sources':
      case 'global-sources':
        this.searching?.onSources(message);
        return;
      case 'callback-requested':
        if (connection === this.login.access) this.transferring?.transfers.callBack(message.to, message.token, message.key);
        return;
      case 'ask-sources':
        this.transferring?.onAskSources(from, message, connection);
        return;
      case 'exchange-sources':
        this.transferring?.onExchangeSources(message);
    }
  }

  /** Servers call to see whether they can, and other clients to fetch something or because they were asked to call. */
  onAccept(): void {}

  onOpen(connection: Connection): void {
    if (this.transferring?.transfers.onOpen(connection)) {
      if (connection.tag instanceof Line) this.transferring.onLine(connection);
    } else this.login.onOpen(connection);
  }

  onClose(connection: Connection, reason: CloseReason): void {
    if (!this.transferring?.transfers.onClose(connection, reason)) this.login.onClose(connection);
  }

  onDrain(connection: Connection): void {
    this.transferring?.transfers.onDrain(connection);
  }
}
