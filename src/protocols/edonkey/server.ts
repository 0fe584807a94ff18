/**
 * An eDonkey server: indexes what the clients logged in to it offer, answers by which files there are and then by who has one, over
 * its own clients' connections or by datagrams for others', and has clients that nobody can call (LowID) call others back.
 *
 * Who can be called is found out when a client logs in: another server tries. The client's own server cannot, because a peer has one
 * port here for calling and for being called, and a gateway lets in whom its peer has called. Where no other server answers, what the
 * client says of itself counts.
 */

import { KeywordIndex } from '../../overlay/keyword-index.js';
import { Call, Calls } from '../../overlay/rpc.js';
import type { Address, CloseReason, Connection, Key, Peer, PeerState, Protocol } from '../../protocol.js';
import {
  type CallbackRequest,
  type CallbackRequested,
  ENDPOINT_BYTES,
  FILE_BYTES,
  type GlobalCallback,
  type GlobalResults,
  type GlobalSources,
  type IdChange,
  type Login,
  type Results,
  type ServerMessage,
  SOURCE,
  type Sources,
  type Tried,
  type TryClient,
} from './messages.js';
import type { EdonkeySettings } from './settings.js';

/** LowIDs are below this. */
const LOW_IDS = 2 ** 24;
/** Servers that are asked to try a client, before the client is believed. */
const TESTERS = 2;

/** A client, as its server knows it: the tag of its connection. */
class Registered {
  readonly connection: Connection;
  /** By which it is seen. */
  address: Address;
  /** 0: it has a HighID; negative: none yet. */
  lowId = -1;

  constructor(connection: Connection) {
    this.connection = connection;
    this.address = connection.remote;
  }
}

/** A client that another server is to try. */
class Test extends Call {
  readonly client: Registered;
  readonly listens: boolean;
  readonly testers: Address[];

  constructor(client: Registered, listens: boolean, testers: Address[]) {
    super();
    this.client = client;
    this.listens = listens;
    this.testers = testers;
  }
}

/** Another server's client that this one tries to call: the tag of that connection. */
class Trial {
  readonly server: Address;
  readonly request: number;

  constructor(server: Address, request: number) {
    this.server = server;
    this.request = request;
  }
}

export class Server implements Protocol<ServerMessage> {
  readonly index = new KeywordIndex();
  readonly clients = new Map<Address, Registered>();
  private readonly lowIds = new Map<number, Registered>();
  private readonly peer: Peer;
  private readonly settings: EdonkeySettings;
  private readonly tests: Calls<Test>;
  private lastLowId = 0;

  constructor(peer: Peer, settings: EdonkeySettings) {
    this.peer = peer;
    this.settings = settings;
    this.tests = new Calls<Test>(peer, this.onTestTimeout);
  }

  join(): void {}

  /** Clients, and what they offer. */
  state(): PeerState {
    const { clients, index, settings } = this;
    return { entries: clients.size + index.size, bytes: clients.size * ENDPOINT_BYTES + index.size * (FILE_BYTES + settings.nameBytes) };
  }

  onMessage(from: Address, message: ServerMessage, connection: Connection | null): void {
    switch (message.type) {
      case 'global-search':
        this.peer.reach();
        this.peer.send(from, { type: 'global-results', request: message.request, keys: this.match(message.words) } satisfies GlobalResults);
        return;
      case 'global-get-sources': {
        const { request, key } = message;
        this.peer.reach();
        this.peer.send(from, { type: 'global-sources', request, key, sources: this.sourcesOf(key, from) } satisfies GlobalSources);
        return;
      }
      case 'global-callback':
        if (this.settings.globalCallbacks) this.onCallback(message);
        return;
      case 'try-client':
        this.tryToCall(message, from);
        return;
      case 'tried':
        this.onTried(message);
        return;
      case 'login':
        if (connection !== null) this.onLogin(connection, message);
        return;
    }
    if (connection?.tag instanceof Registered) this.onClientMessage(connection.tag, message);
  }

  private onClientMessage(client: Registered, message: ServerMessage): void {
    if (client.address !== client.connection.remote) this.rename(client);
    switch (message.type) {
      case 'offer':
        for (const item of message.items) this.index.add(item, client.address);
        return;
      case 'search':
        this.peer.reach();
        client.connection.send({ type: 'results', request: message.request, keys: this.match(message.words) } satisfies Results);
        return;
      case 'get-sources': {
        const { request, key } = message;
        client.connection.send({ type: 'sources', request, key, sources: this.sourcesOf(key, client.address) } satisfies Sources);
        return;
      }
      case 'callback-request':
        this.onCallback(message);
    }
  }

  private match(words: readonly Key[]): Key[] {
    return this.index
      .match(words)
      .slice(0, this.settings.mostResults)
      .map(({ item }) => item.key);
  }

  private sourcesOf(key: Key, asking: Address): number[] {
    const sources: number[] = [];
    for (const provider of this.index.get(key)?.providers ?? []) {
      if (sources.length >= SOURCE * this.settings.mostSources) break;
      if (provider !== asking) sources.push(provider, this.clients.get(provider)!.lowId);
    }
    return sources;
  }

  private onCallback({ lowId, to, token, key }: CallbackRequest | GlobalCallback): void {
    const client = this.lowIds.get(lowId);
    client?.connection.send({ type: 'callback-requested', to, token, key } satisfies CallbackRequested);
    if (client === undefined) this.peer.count('callbacks-in-vain');
  }

  // Logging in.

  onAccept(): void {}

  private onLogin(connection: Connection, { listens }: Login): void {
    const former = this.clients.get(connection.remote);
    if (former !== undefined) this.forget(former); // it comes back before its former session was missed
    const client = new Registered(connection);
    connection.tag = client;
    this.clients.set(client.address, client);
    const others = this.peer.servers.filter((server) => server !== this.peer.address);
    this.test(new Test(client, listens, this.peer.random.shuffle(others).slice(0, TESTERS)));
  }

  /** Has the next server try; without any more the client is believed. */
  private test(test: Test): void {
    const tester = test.testers.pop();
    if (tester === undefined) this.admit(test.client, test.listens);
    else {
      const request = this.tests.open(test, this.settings.testTimeoutMs + this.settings.answerTimeoutMs / 2);
      this.peer.send(tester, { type: 'try-client', request, client: test.client.address } satisfies TryClient);
    }
  }

  private onTestTimeout(number: number): void {
    const test = this.tests.close(number);
    if (test !== undefined) this.test(test);
  }

  private onTried({ request, reached }: Tried): void {
    const test = this.tests.close(request);
    if (test !== undefined) this.admit(test.client, reached);
  }

  private admit(client: Registered, isCallable: boolean): void {
    if (!client.connection.open) return;
    this.give(client, isCallable ? 0 : this.freeLowId());
    this.peer.count(isCallable ? 'high-ids' : 'low-ids');
    client.connection.send({ type: 'id-change', lowId: client.lowId } satisfies IdChange);
  }

  /** A converged start: this client is logged in already. LowIDs are given in rising order; 0: it has a HighID. */
  adopt(connection: Connection, lowId: number): void {
    const client = new Registered(connection);
    connection.tag = client;
    this.clients.set(client.address, client);
    this.give(client, lowId);
  }

  /** Of a connection that was open from the start, the other side's address is a guess until something comes from there. */
  private rename(client: Registered): void {
    this.clients.delete(client.address);
    client.address = client.connection.remote;
    this.clients.set(client.address, client);
  }

  private freeLowId(): number {
    let lowId = this.lastLowId;
    do lowId = (lowId % (LOW_IDS - 1)) + 1;
    while (this.lowIds.has(lowId));
    return lowId;
  }

  private give(client: Registered, lowId: number): void {
    client.lowId = lowId;
    if (lowId === 0) return;
    this.lastLowId = lowId;
    this.lowIds.set(lowId, client);
  }

  private forget(client: Registered): void {
    if (this.clients.get(client.address) !== client) return;
    this.clients.delete(client.address);
    this.lowIds.delete(client.lowId);
    this.index.removeProvider(client.address);
  }

  // Trying another server's client.

  private tryToCall({ request, client }: TryClient, server: Address): void {
    this.peer.connect(client, { timeoutMs: this.settings.testTimeoutMs, tag: new Trial(server, request) });
  }

  private onTrialOver({ server, request }: Trial, reached: boolean): void {
    this.peer.send(server, { type: 'tried', request, reached } satisfies Tried);
  }

  onOpen(connection: Connection): void {
    if (!(connection.tag instanceof Trial)) return;
    this.onTrialOver(connection.tag, true);
    connection.close();
  }

  onClose(connection: Connection, _reason: CloseReason): void {
    const { tag } = connection;
    if (tag instanceof Registered) this.forget(tag);
    else if (tag instanceof Trial) this.onTrialOver(tag, false);
  }
}
