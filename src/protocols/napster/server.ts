/**
 * A Napster server: knows who is logged in, over what connection, and what each of them shares; answers searches from that alone; and
 * has a user call another one that cannot call it. No file passes through it. Who is gone stays in the index until its connection ends:
 * at once for one that says goodbye, by its keep-alive for one that crashed.
 */

import { KeywordIndex } from '../../overlay/keyword-index.js';
import type { Address, CloseReason, Connection, Key, Peer, PeerState, Protocol } from '../../protocol.js';
import { type Gathering, Links } from './links.js';
import type {
  Get,
  GetAck,
  GetError,
  LinkAck,
  LinkGet,
  LinkPush,
  LinkResults,
  LoginAck,
  NapsterMessage,
  Push,
  Pushed,
  Result,
  Results,
  Search,
} from './messages.js';
import type { NapsterSettings } from './settings.js';

/** Who is logged in: the tag of its connection. */
export class User {
  readonly connection: Connection;
  readonly line: number;
  /** Whether others can call it. */
  readonly open: boolean;
  /** By which its shares are known. */
  address: Address;

  constructor(connection: Connection, line: number, open: boolean) {
    this.connection = connection;
    this.line = line;
    this.open = open;
    this.address = connection.remote;
  }
}

/** What an entry takes: an item's and a user's number, 4 bytes each; and a user: address 6, line 1, port 2. */
const ENTRY_BYTES = 8;
const USER_BYTES = 9;

export class Server implements Protocol<NapsterMessage> {
  private readonly peer: Peer;
  private readonly settings: NapsterSettings;
  private readonly index = new KeywordIndex();
  private readonly users = new Map<Address, User>();
  private readonly links: Links;

  constructor(peer: Peer, settings: NapsterSettings) {
    this.peer = peer;
    this.settings = settings;
    this.links = new Links(peer, settings, this.onLinkTimeout, (gathering) => this.answer(gathering));
  }

  join(): void {
    if (!this.settings.linked) return;
    this.connectLinks();
    this.peer.every(this.settings.retryMs, this.connectLinks);
  }

  /** Begins with a user logged in. */
  adopt(connection: Connection, line: number, open: boolean): void {
    this.enter(new User(connection, line, open));
  }

  /** Begins with a link to that server. */
  adoptLink(server: number, link: Connection): void {
    this.links.adopt(server, link);
  }

  state(): PeerState {
    return { entries: this.index.size + this.users.size, bytes: this.index.size * ENTRY_BYTES + this.users.size * USER_BYTES };
  }

  /** How many are logged in, and how many shares are known. */
  get userCount(): number {
    return this.users.size;
  }

  get shareCount(): number {
    return this.index.size;
  }

  /** Who connects logs in, or is a server. */
  onAccept(connection: Connection): void {
    this.peer.after(this.settings.connectTimeoutMs, this.onNoLogin, connection);
  }

  onOpen(connection: Connection): void {
    this.links.onOpen(connection);
  }

  onClose(connection: Connection, _reason: CloseReason): void {
    if (connection.tag instanceof User) this.drop(connection.tag);
    else if (this.links.owns(connection)) this.links.onClose(connection);
  }

  onMessage(_from: Address, message: NapsterMessage, connection: Connection | null): void {
    if (connection === null) return; // nobody has anything to say by datagrams
    if (message.type === 'login') this.onLogin(connection, new User(connection, message.line, message.open));
    else if (message.type === 'link-hello') this.links.adopt(message.server, connection);
    else if (connection.tag instanceof User) this.onUserMessage(this.seen(connection.tag), message);
    else if (this.links.owns(connection)) this.onLinkMessage(connection, message);
  }

  private onUserMessage(user: User, message: NapsterMessage): void {
    switch (message.type) {
      case 'share':
        for (const item of message.items) this.index.add(item, user.address);
        return;
      case 'search':
        this.onSearch(user, message);
        return;
      case 'get':
        this.onGet(user, message);
        return;
      case 'push':
        this.onPush(user, message);
        return;
    }
  }

  private onLinkMessage(link: Connection, message: NapsterMessage): void {
    switch (message.type) {
      case 'link-search': {
        const { number, words, most } = message;
        this.peer.reach();
        link.send({ type: 'link-results', number, results: this.find(words, most, null) } satisfies LinkResults);
        return;
      }
      case 'link-results':
        this.links.onResults(message.number, message.results);
        return;
      case 'link-get': {
        const { asker, number } = message;
        const provider = this.sharer(message.provider, message.key);
        const found = provider !== undefined;
        link.send({ type: 'link-ack', asker, number, found, open: provider?.open ?? false } satisfies LinkAck);
        return;
      }
      case 'link-ack':
        this.tell(this.users.get(message.asker), message.number, message.found ? message.open : null);
        return;
      case 'link-push':
        this.haveCall(message.provider, message.asker, message.key, message.token);
        return;
    }
  }

  // Users.

  private onLogin(connection: Connection, user: User): void {
    if (connection.tag instanceof User) return;
    this.enter(user);
    connection.send({ type: 'login-ack' } satisfies LoginAck);
  }

  private enter(user: User): void {
    const former = this.users.get(user.address);
    if (former !== undefined) {
      // It crashed and is back before its old connection has ended.
      this.drop(former);
      former.connection.reset();
    }
    user.connection.tag = user;
    this.users.set(user.address, user);
  }

  private drop(user: User): void {
    user.connection.tag = undefined;
    this.users.delete(user.address);
    this.index.removeProvider(user.address);
  }

  /** Of a connection that was open from the start, the address behind a gateway is a guess until something has come from there. */
  private seen(user: User): User {
    const { remote } = user.connection;
    if (user.address !== remote) {
      this.drop(user);
      user.address = remote;
      this.enter(user);
    }
    return user;
  }

  private onNoLogin(connection: Connection): void {
    if (connection.open && connection.tag === undefined && !this.links.owns(connection)) connection.reset();
  }

  // Searches.

  private onSearch({ connection, address }: User, { number, words, most }: Search): void {
    this.peer.reach();
    const results = this.find(words, most, address);
    if (this.settings.linked && results.length < most) this.links.search(connection, number, words, most, results);
    else connection.send({ type: 'results', number, results } satisfies Results);
  }

  private answer({ user, userNumber: number, results, most }: Gathering): void {
    user.send({ type: 'results', number, results: results.slice(0, most) } satisfies Results);
  }

  /** Who else has what matches, up to so many, beginning anywhere, so that not the same ones are always left out, or always named first. */
  private find(words: readonly Key[], most: number, asker: Address | null): Result[] {
    const matches = this.index.match(words);
    const results: Result[] = [];
    const limit = Math.min(most, this.settings.maxResults);
    const firstMatch = matches.length > 1 ? this.peer.random.integer(matches.length) : 0;
    for (let i = 0; i < matches.length && results.length < limit; i++) {
      const { item, providers } = matches[(firstMatch + i) % matches.length];
      const first = providers.length > 1 ? this.peer.random.integer(providers.length) : 0;
      for (let j = 0; j < providers.length && results.length < limit; j++) {
        const provider = providers[(first + j) % providers.length];
        if (provider === asker) continue;
        results.push({ key: item.key, provider, line: this.users.get(provider)?.line ?? 0, home: this.links.number });
      }
    }
    return results;
  }

  // Downloads: who is asked for one is asked through its server, and the file goes another way.

  private onGet(user: User, { number, provider, home, key }: Get): void {
    if (home === this.links.number) this.tell(user, number, this.sharer(provider, key)?.open ?? null);
    else {
      const link = this.links.to(home);
      if (link === undefined) this.tell(user, number, null);
      else link.send({ type: 'link-get', asker: user.address, number, provider, key } satisfies LinkGet);
    }
  }

  /** The answer to a `get`: whether the provider can be called; null: it is not there, or does not share that. */
  private tell(user: User | undefined, number: number, open: boolean | null): void {
    if (open === null) user?.connection.send({ type: 'get-error', number } satisfies GetError);
    else user?.connection.send({ type: 'get-ack', number, open } satisfies GetAck);
  }

  private onPush({ address: asker }: User, { provider, home, key, token }: Push): void {
    if (home === this.links.number) this.haveCall(provider, asker, key, token);
    else this.links.to(home)?.send({ type: 'link-push', asker, provider, key, token } satisfies LinkPush);
  }

  private haveCall(provider: Address, to: Address, key: Key, token: number): void {
    this.sharer(provider, key)?.connection.send({ type: 'pushed', to, key, token } satisfies Pushed);
  }

  private sharer(provider: Address, key: Key): User | undefined {
    return this.index.has(key, provider) ? this.users.get(provider) : undefined;
  }

  // Links.

  private connectLinks(): void {
    this.links.connect();
  }

  private onLinkTimeout(number: number): void {
    this.links.onTimeout(number);
  }
}
