/**
 * One peer of KaZaA: a user (user.ts), and while it is one a supernode (supernode.ts). Here its messages and connections go to the part
 * that they concern, told apart by the connection's tag.
 */

import { isTransferMessage } from '../../overlay/transfer/messages.js';
import type { Address, CloseReason, Connection, Item, Key, Peer, PeerState, Protocol } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import { Descendant } from './descendant.js';
import { Downloads, type Pusher } from './downloads.js';
import { MeshLink } from './mesh.js';
import { type KazaaMessage, type Ping, type Pong, type Push, RESULT, type Refer } from './messages.js';
import type { Asker } from './query.js';
import type { KazaaSettings } from './settings.js';
import { type Officer, Supernode } from './supernode.js';
import { type Household, User } from './user.js';

/** Most supernodes named to who asks whether this is one. */
const REFERRED = 10;
/** All who join at time 0 of a converged start do so within this time. */
const JOIN_SPREAD_MS = 1000;
const NOTHING: readonly Item[] = [];

export class Kazaa implements Protocol<KazaaMessage>, Locate, Household, Officer, Pusher {
  readonly user: User;
  supernode: Supernode | null = null;
  /** Made when it first shares or fetches something. */
  private transferring: Downloads | null = null;
  private readonly peer: Peer;
  private readonly settings: KazaaSettings;
  private shared: Item[] | null = null;

  constructor(peer: Peer, settings: KazaaSettings) {
    this.peer = peer;
    this.settings = settings;
    this.user = new User(peer, settings, this);
  }

  join(): void {
    this.user.seek();
  }

  /** Joins at the beginning of a run, when others do. */
  joinSoon(): void {
    this.peer.after(this.peer.random.next() * JOIN_SPREAD_MS, this.join);
  }

  leave(): void {
    this.supernode?.end();
    this.user.leave();
  }

  neighbours(): Address[] {
    if (this.supernode !== null) return this.supernode.mesh.addresses;
    return this.user.access === null ? [] : [this.user.access.remote];
  }

  state(): PeerState {
    return this.supernode === null ? this.user.state() : this.supernode.state();
  }

  get items(): readonly Item[] {
    return this.shared ?? NOTHING;
  }

  // The service.

  publish(_key: Key, item: Item): void {
    this.shared ??= [];
    this.shared.push(item);
    if (item.sizeBytes > 0) this.downloads.share(item);
    if (this.supernode === null) this.user.share([item]);
    else this.supernode.index.add(item, this.peer.address);
  }

  locate(_key: Key, operation: LocateOperation): void {
    if (this.supernode === null) this.user.locate(operation);
    else this.askItself(operation);
  }

  onFound(operation: LocateOperation, results: readonly number[]): void {
    if (operation.downloadBytes > 0) this.downloads.onFound(operation, results);
  }

  onDone(operation: LocateOperation): void {
    this.transferring?.onDone(operation);
  }

  get downloads(): Downloads {
    this.transferring ??= new Downloads(this.peer, this.settings, this);
    return this.transferring;
  }

  /** By way of the supernodes, because the other side cannot be called. */
  push(push: Push): void {
    if (this.supernode !== null) this.supernode.push(push);
    else this.user.access?.send(push);
  }

  private askItself(operation: LocateOperation): void {
    this.supernode!.ask(operation.words, this.peer.address, new OwnAsker(this, operation));
  }

  // Becoming a supernode, and ceasing to be one.

  rise(supernodes: readonly Address[]): void {
    if (this.supernode !== null) return;
    this.peer.count('supernodes-begun');
    const supernode = this.become();
    for (const address of supernodes) supernode.mesh.hear(address);
    if (supernodes.length > 0) supernode.mesh.linkTo(supernodes[0]); // who promoted it waits for that
    supernode.mesh.seek();
    if (supernodes.length === 0 && this.settings.newsMs > 0) this.peer.after(this.settings.pingTimeoutMs, this.lookAround);
  }

  /** It is a supernode from now on. */
  become(): Supernode {
    this.user.rise();
    const supernode = new Supernode(this.peer, this.settings, this);
    this.supernode = supernode;
    for (const item of this.items) supernode.index.add(item, this.peer.address);
    for (const operation of this.user.takeOpen()) this.askItself(operation);
    return supernode;
  }

  retire(): void {
    const { supernode } = this;
    if (supernode === null) return;
    this.peer.count('supernodes-retired');
    const others = supernode.mesh.addresses;
    supernode.end();
    this.supernode = null;
    this.user.fall(others);
  }

  /** A supernode that nobody promoted may not be the only one that began: while it knows no other, it asks strangers for theirs. */
  private lookAround(): void {
    const { peer, supernode, settings } = this;
    if (supernode === null || supernode.mesh.up().length > 0) return;
    for (const address of peer.bootstrap(settings.pings)) peer.send(address, { type: 'ping', request: 0 } satisfies Ping);
    peer.after(settings.newsMs * (0.5 + peer.random.next()), this.lookAround);
  }

  onQueryTimeout(number: number): void {
    this.supernode?.onTimeout(number);
  }

  // Messages.

  onMessage(from: Address, message: KazaaMessage, connection: Connection | null): void {
    if (message.type === 'ping') this.peer.send(from, this.pong(message.request));
    else if (message.type === 'pong') this.onPong(from, message);
    else if (message.type === 'push') this.supernode?.push(message);
    else if (connection === null) return;
    else if (isTransferMessage(message)) this.downloads.transfers.onMessage(from, message, connection);
    else if (connection.tag instanceof Descendant) this.onDescendant(connection.tag, message);
    else if (connection.tag instanceof MeshLink) this.onMesh(connection.tag, message);
    else this.onOther(connection, message);
  }

  private onDescendant(descendant: Descendant, message: KazaaMessage): void {
    this.supernode?.hear(descendant);
    if (message.type === 'search') this.supernode?.onSearch(descendant, message.search, message.words);
    else if (message.type === 'share') this.supernode?.onShare(descendant, message.items);
  }

  private onMesh(link: MeshLink, message: KazaaMessage): void {
    const { connection } = link;
    switch (message.type) {
      case 'forward':
        this.supernode?.onForward(connection, message);
        return;
      case 'answer':
        this.supernode?.onAnswer(link, message);
        return;
      case 'news':
        this.supernode?.mesh.onNews(link, message);
        return;
      case 'link':
        this.supernode?.mesh.onLink(connection, message);
        return;
      case 'refer':
        connection.close();
        this.supernode?.mesh.drop(link, !message.supernodes.includes(connection.remote));
        for (const address of message.supernodes) this.supernode?.mesh.hear(address);
    }
  }

  /** Of this peer's supernode, or the first of somebody. */
  private onOther(connection: Connection, message: KazaaMessage): void {
    switch (message.type) {
      case 'register':
        if (this.supernode === null) this.refer(connection);
        else this.supernode.onRegister(connection, message);
        return;
      case 'link':
        if (this.supernode === null || !this.supernode.mesh.onLink(connection, message)) this.refer(connection);
        else this.supernode.onPromoted(connection.remote);
        return;
      case 'accept':
        this.user.onAccept(connection, message);
        return;
      case 'refer':
        this.user.onRefer(connection, message.supernodes);
        return;
      case 'matches':
        this.user.onMatches(message);
        return;
      case 'done':
        this.user.onDone(message);
        return;
      case 'move':
        if (connection === this.user.access) this.user.onMove(message.supernode);
        return;
      case 'promote':
        if (connection === this.user.access) this.rise(message.supernodes);
        return;
      case 'callback':
        this.transferring?.transfers.callBack(message.to, message.token, message.key);
    }
  }

  private onPong(from: Address, pong: Pong): void {
    const { supernode } = this;
    if (supernode === null) {
      this.user.onPong(from, pong);
      return;
    }
    if (pong.isSupernode) supernode.mesh.hear(from);
    for (const address of pong.supernodes) supernode.mesh.hear(address);
    supernode.mesh.seek();
  }

  private pong(request: number): Pong {
    const isSupernode = this.supernode !== null;
    return { type: 'pong', request, isSupernode, supernodes: this.supernodesKnown() };
  }

  private refer(connection: Connection): void {
    connection.send({ type: 'refer', supernodes: this.supernodesKnown() } satisfies Refer);
    connection.close();
  }

  /** A few for who is looking, the own one first. */
  private supernodesKnown(): readonly Address[] {
    if (this.supernode !== null) return this.supernode.mesh.list().slice(0, REFERRED);
    const { access, list } = this.user;
    const others = list.slice(0, REFERRED);
    return access === null || others.includes(access.remote) ? others : [access.remote, ...others.slice(1)];
  }

  // Connections.

  /** Who connects says on the connection what for. */
  onAccept(): void {}

  onOpen(connection: Connection): void {
    if (this.transferring?.transfers.onOpen(connection)) return;
    if (connection.tag instanceof MeshLink) this.supernode?.mesh.onOpen(connection.tag);
    else this.user.onOpen(connection);
  }

  onClose(connection: Connection, reason: CloseReason): void {
    const { tag } = connection;
    if (this.transferring?.transfers.onClose(connection, reason)) return;
    if (tag instanceof Descendant) this.supernode?.drop(tag);
    else if (tag instanceof MeshLink) this.supernode?.mesh.drop(tag, true);
    else this.user.onClose(connection, reason);
  }

  onDrain(connection: Connection): void {
    this.transferring?.transfers.onDrain(connection);
  }
}

/** The user at the supernode itself: no hop to get there. */
class OwnAsker implements Asker {
  private readonly kazaa: Kazaa;
  private readonly operation: LocateOperation;

  constructor(kazaa: Kazaa, operation: LocateOperation) {
    this.kazaa = kazaa;
    this.operation = operation;
  }

  get waiting(): boolean {
    return this.operation.open;
  }

  matches(results: readonly number[], hops: number): void {
    for (let i = 0; i < results.length; i += RESULT) {
      if (results[i] === this.operation.key) this.operation.found(results[i + 1], hops);
    }
    this.kazaa.onFound(this.operation, results);
  }

  done(hops: number): void {
    this.operation.finish(hops);
    this.kazaa.onDone(this.operation);
  }
}
