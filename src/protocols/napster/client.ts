/**
 * A Napster client: logs in at a server and says what it shares; asks the server and nobody else; and gets files from other clients.
 * When its server is gone it tries the others, one after the other, and then again after rests that grow. What is being downloaded goes
 * on meanwhile.
 */

import { Call, Calls } from '../../overlay/rpc.js';
import { type Download, type Source, Transfers, type TransferUser } from '../../overlay/transfer/transfers.js';
import type { Address, CloseReason, Connection, Item, Key, Peer, PeerState, Protocol } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import { type Candidate, Choice, GetCall, PingCall } from './choice.js';
import {
  type Get,
  type Login,
  lineTypeOf,
  type NapsterMessage,
  type Ping,
  type Pong,
  type Push,
  type Results,
  type Search,
  type Share,
} from './messages.js';
import type { NapsterSettings } from './settings.js';

/** Items in one message. */
const ITEMS_PER_MESSAGE = 100;
const ADDRESS_BYTES = 6;

class SearchCall extends Call {
  readonly operation: LocateOperation;

  constructor(operation: LocateOperation) {
    super();
    this.operation = operation;
  }
}

export class Client implements Protocol<NapsterMessage>, Locate, TransferUser {
  private readonly peer: Peer;
  private readonly settings: NapsterSettings;
  private readonly transfers: Transfers;
  private readonly calls: Calls<SearchCall | PingCall | GetCall>;
  private readonly items: Item[] = [];
  /** Searches without an answer, whether or not there is a server to ask. */
  private searches: SearchCall[] = [];
  /** The number of the server it is, or wants to be, logged in at; and the connection, when there is one. */
  private home = 0;
  private server: Connection | null = null;
  private loggedIn = false;
  /** Servers tried in vain since the last login, or the last rest. */
  private tried = 0;
  private restMs: number;

  constructor(peer: Peer, settings: NapsterSettings) {
    this.peer = peer;
    this.settings = settings;
    this.transfers = new Transfers(peer, settings, this);
    this.calls = new Calls(peer, this.onTimeout);
    this.restMs = settings.retryMs;
  }

  join(): void {
    this.home = this.peer.random.integer(this.peer.servers.length);
    this.connect();
  }

  /** Begins logged in at that server. */
  begin(home: number, server: Connection): void {
    this.home = home;
    this.server = server;
    this.loggedIn = true;
  }

  state(): PeerState {
    return !this.loggedIn ? { entries: 0, bytes: 0 } : { entries: 1, bytes: ADDRESS_BYTES };
  }

  publish(_key: Key, item: Item): void {
    this.items.push(item);
    this.transfers.share(item);
    if (this.loggedIn) this.tell({ type: 'share', items: [item] } satisfies Share);
  }

  locate(_key: Key, operation: LocateOperation): void {
    const search = new SearchCall(operation);
    if (!this.loggedIn) this.forgetClosed();
    this.searches.push(search);
    if (this.loggedIn) this.ask(search);
  }

  /** Other clients call, for files. */
  onAccept(): void {}

  onOpen(connection: Connection): void {
    if (this.transfers.onOpen(connection) || connection !== this.server) return;
    const { peer } = this;
    connection.send({ type: 'login', line: lineTypeOf(peer.uplinkBitsPerSecond), open: peer.reachable } satisfies Login);
    peer.after(this.settings.connectTimeoutMs, this.onNoLogin, connection);
  }

  onClose(connection: Connection, reason: CloseReason): void {
    if (this.transfers.onClose(connection, reason) || connection !== this.server) return;
    if (this.loggedIn) this.peer.count('servers-lost');
    this.next();
  }

  onDrain(connection: Connection): void {
    this.transfers.onDrain(connection);
  }

  onMessage(from: Address, message: NapsterMessage, connection: Connection | null): void {
    if (this.transfers.onMessage(from, message, connection)) return;
    if (message.type === 'ping') this.peer.send(from, { type: 'pong', number: message.number } satisfies Pong);
    else if (message.type === 'pong') this.onPong(message.number);
    else if (connection !== null && connection === this.server) this.onServerMessage(message);
  }

  private onServerMessage(message: NapsterMessage): void {
    switch (message.type) {
      case 'login-ack':
        this.onLoggedIn();
        return;
      case 'results':
        this.onResults(message);
        return;
      case 'get-ack':
        this.onGot(message.number, message.open);
        return;
      case 'get-error':
        this.onGot(message.number, null);
        return;
      case 'pushed':
        this.transfers.callBack(message.to, message.token, message.key);
        return;
    }
  }

  // The server.

  private connect(): void {
    const { connectTimeoutMs: timeoutMs, serverTimeoutMs: writeTimeoutMs, keepAliveMs } = this.settings;
    this.server = this.peer.connect(this.peer.servers[this.home], { timeoutMs, writeTimeoutMs, keepAliveMs });
  }

  private onLoggedIn(): void {
    this.loggedIn = true;
    this.tried = 0;
    this.restMs = this.settings.retryMs;
    for (let from = 0; from < this.items.length; from += ITEMS_PER_MESSAGE) {
      this.tell({ type: 'share', items: this.items.slice(from, from + ITEMS_PER_MESSAGE) } satisfies Share);
    }
    this.forgetClosed();
    for (const search of this.searches) this.ask(search);
  }

  private onNoLogin(connection: Connection): void {
    if (connection === this.server && !this.loggedIn) this.leaveServer();
  }

  /** The server says nothing any more. */
  private leaveServer(): void {
    this.server?.reset();
    this.peer.count('servers-lost');
    this.next();
  }

  /** On to the next server; after the last one, a rest: half to one and a half of the mean, so that not all come back at once. */
  private next(): void {
    const { peer, settings } = this;
    this.server = null;
    this.loggedIn = false;
    for (const search of this.searches) this.calls.close(search.number);
    this.home = (this.home + 1) % peer.servers.length;
    this.tried++;
    if (this.tried < peer.servers.length) {
      this.connect();
      return;
    }
    this.tried = 0;
    peer.after(this.restMs * (0.5 + peer.random.next()), this.connect);
    this.restMs = Math.min(2 * this.restMs, settings.retryMostMs);
  }

  private tell(message: NapsterMessage): void {
    this.server?.send(message);
  }

  // Searches.

  private ask(search: SearchCall): void {
    const number = this.calls.open(search, this.settings.answerTimeoutMs);
    this.tell({ type: 'search', number, words: search.operation.words, most: this.settings.maxResults } satisfies Search);
  }

  private forgetClosed(): void {
    this.searches = this.searches.filter(({ operation }) => operation.open);
  }

  /** The question went one hop, to the server; where it went on to others, two. */
  private onResults({ number, results }: Results): void {
    const search = this.calls.close(number);
    if (!(search instanceof SearchCall)) return;
    this.searches.splice(this.searches.indexOf(search), 1);
    const { operation } = search;
    if (!operation.open) return;
    const wanted = results.filter(({ key }) => key === operation.key);
    for (const { provider, home } of wanted) operation.found(provider, home === this.home ? 1 : 2);
    operation.finish(this.settings.linked && this.peer.servers.length > 1 ? 2 : 1);
    if (operation.downloadBytes > 0 && wanted.length > 0) this.transfers.fetch(operation, [], new Choice(wanted));
  }

  // Downloads.

  /** Called as soon as a download has begun: the candidates are pinged; and again whenever its source is lost: the next one is asked. */
  onNobodyLeft(download: Download): void {
    const choice = download.tag as Choice;
    if (choice.awaited < 0) this.ping(download, choice);
    else if (choice.awaited === 0) this.getNext(download);
  }

  askCallback(source: Source, token: number, key: Key): void {
    const { provider, home } = source.via as Candidate['result'];
    this.tell({ type: 'push', provider, home, key, token } satisfies Push);
  }

  private ping(download: Download, choice: Choice): void {
    const { peer, settings } = this;
    const pinged = choice.candidates.slice(0, settings.pingCandidates);
    choice.awaited = pinged.length;
    for (const candidate of pinged) {
      const number = this.calls.open(new PingCall(download, candidate, peer.now), settings.pingWaitMs);
      peer.send(candidate.result.provider, { type: 'ping', number } satisfies Ping);
    }
    if (pinged.length === 0) this.choose(download, choice);
  }

  private onPong(number: number): void {
    const call = this.calls.get(number);
    if (!(call instanceof PingCall)) return;
    this.calls.close(number);
    call.candidate.roundTripMs = Math.round(this.peer.now - call.sentMs);
    this.onPinged(call.download);
  }

  private onPinged(download: Download): void {
    const choice = download.tag as Choice;
    choice.awaited--;
    if (choice.awaited === 0) this.choose(download, choice);
  }

  private choose(download: Download, choice: Choice): void {
    choice.sort();
    for (let source = 0; source < this.settings.sourcesPerDownload; source++) this.getNext(download);
  }

  /** Asks the server about the best candidate that is left. */
  private getNext(download: Download): void {
    const candidate = (download.tag as Choice).take();
    if (candidate === undefined || download.ended) return;
    const number = this.calls.open(new GetCall(download, candidate), this.settings.answerTimeoutMs);
    const { provider, home, key } = candidate.result;
    this.tell({ type: 'get', number, provider, home, key } satisfies Get);
  }

  /** The server's answer about a candidate: whether it can be called, or null. */
  private onGot(number: number, open: boolean | null): void {
    const call = this.calls.close(number);
    if (!(call instanceof GetCall)) return;
    const { download, candidate } = call;
    const { provider: address } = candidate.result;
    if (open === null || !download.addSource({ address, reachable: open, via: candidate.result })) this.getNext(download);
  }

  private onTimeout(number: number): void {
    const call = this.calls.close(number);
    if (call instanceof PingCall) this.onPinged(call.download);
    else if (call instanceof GetCall) this.getNext(call.download);
    else if (call !== undefined) {
      this.peer.timedOut();
      this.leaveServer();
    }
  }
}
