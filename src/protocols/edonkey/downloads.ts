/**
 * A client's downloads: from several sources at a time, part by part, each part verified by its MD4. Clients that download the same file
 * tell each other whom they know to have it: whoever opens a line to a source asks it, and a source names those who have asked it
 * lately, who are asked in turn.
 *
 * The hash set itself, 16 bytes a part, is not sent: what it says is computed from the file's key. A part is fetched from one source at a
 * time, where eMule asks for 180 kB of it; parts that are here are shared when the file is complete.
 */

import { Line } from '../../overlay/transfer/line.js';
import { contentMark } from '../../overlay/transfer/messages.js';
import { type Download, type Source, Transfers, type TransferUser } from '../../overlay/transfer/transfers.js';
import type { Address, Connection, Item, Key, Peer } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { genuineHash, hashOfMarks, isSameHash } from './ed2k-hash.js';
import type { Login } from './login.js';
import { type AskSources, type CallbackRequest, EXCHANGED, type ExchangeSources, type GlobalCallback, SOURCE } from './messages.js';
import type { EdonkeySettings } from './settings.js';

/** Downloaders of one file that a source remembers. */
const FELLOWS = 20;
const NOTHING: readonly number[] = [];

/** How a source without an address of its own is called. */
interface Via {
  readonly server: Address;
  readonly lowId: number;
}

/** A question that is to end in a download. */
interface Hunt {
  readonly operation: LocateOperation;
  /** As clients name them: address, LowID, server. */
  readonly known: number[];
  readonly sources: Source[];
  /** Others that are downloading it and have been asked for sources. */
  readonly fellows: Set<Address>;
  download: Download | null;
}

/** Whom this peer's downloads concern besides. */
export interface Owner {
  /** Something was downloaded, and is to be shared. */
  onHere(item: Item): void;
}

const begin = ([downloads, hunt]: readonly [Downloads, Hunt]) => downloads.begin(hunt);

export class Downloads implements TransferUser {
  readonly transfers: Transfers;
  private readonly peer: Peer;
  private readonly settings: EdonkeySettings;
  private readonly login: Login;
  private readonly owner: Owner;
  private readonly isPoisoner: boolean;
  private readonly hunts = new Map<Key, Hunt>();
  /** Who has asked for a file lately, and can be asked. */
  private readonly fellowsOf = new Map<Key, Address[]>();

  constructor(peer: Peer, settings: EdonkeySettings, login: Login, owner: Owner, isPoisoner: boolean) {
    this.peer = peer;
    this.settings = settings;
    this.login = login;
    this.owner = owner;
    this.isPoisoner = isPoisoner;
    this.transfers = new Transfers(peer, settings, this);
  }

  // From search to download.

  /** A server has named sources of what an operation is after. */
  onSources(operation: LocateOperation, server: Address, sources: readonly number[]): void {
    if (operation.downloadBytes === 0 || sources.length === 0) return;
    let hunt = this.hunts.get(operation.key);
    if (hunt === undefined || (hunt.download?.ended && hunt.operation !== operation)) {
      hunt = { operation, known: [], sources: [], fellows: new Set(), download: null };
      this.hunts.set(operation.key, hunt);
      this.peer.after(this.settings.chooseMs, begin, [this, hunt] as const);
    } else if (hunt.operation !== operation) return; // it is on its way already
    for (let i = 0; i < sources.length; i += SOURCE) this.add(hunt, sources[i], sources[i + 1], server);
  }

  /** No more will be found: there is nothing to wait for. */
  onSearched(operation: LocateOperation): void {
    const hunt = this.hunts.get(operation.key);
    if (hunt?.operation !== operation) return;
    this.begin(hunt);
    if (hunt.download === null) this.peer.count('downloads-out-of-reach');
    if (hunt.download === null || hunt.download.ended) this.hunts.delete(operation.key);
  }

  /** Without a source that can be reached it waits for one. */
  begin(hunt: Hunt): void {
    if (hunt.download === null && hunt.sources.length > 0) hunt.download = this.transfers.fetch(hunt.operation, hunt.sources);
  }

  private add(hunt: Hunt, address: Address, lowId: number, server: Address): void {
    const { known, sources, download } = hunt;
    if (address === this.peer.address) return;
    for (let i = 0; i < known.length; i += EXCHANGED) if (known[i] === address) return;
    if (lowId !== 0 && !this.canBeCalledBy(server)) {
      this.peer.count('sources-out-of-reach');
      return;
    }
    known.push(address, lowId, server);
    const source: Source = { address, reachable: lowId === 0, via: { server, lowId } satisfies Via };
    if (download === null) sources.push(source);
    else download.addSource(source);
  }

  /** A server has its clients call for its own clients only, unless the settings say otherwise. */
  private canBeCalledBy(server: Address): boolean {
    return this.settings.globalCallbacks || this.login.access?.remote === server;
  }

  // Source exchange.

  /** A line to a source is open: asks it whom it knows. */
  onLine(connection: Connection): void {
    if (!(connection.tag instanceof Line) || !this.settings.sourceExchange) return;
    connection.send(this.question(connection.tag.download.key));
  }

  onAskSources(from: Address, { key, reachable }: AskSources, connection: Connection | null): void {
    const hunt = this.hunts.get(key);
    if (hunt === undefined && !this.transfers.shares(key)) return;
    const fellows = this.fellowsOf.get(key) ?? [];
    const sources = (hunt?.known ?? NOTHING).slice(0, EXCHANGED * this.settings.mostExchanged);
    const answer: ExchangeSources = { type: 'exchange-sources', key, sources, fellows: fellows.filter((fellow) => fellow !== from) };
    if (connection === null) this.peer.send(from, answer);
    else connection.send(answer);
    if (reachable && !fellows.includes(from)) this.fellowsOf.set(key, [...fellows, from].slice(-FELLOWS));
  }

  onExchangeSources({ key, sources, fellows }: ExchangeSources): void {
    const hunt = this.hunts.get(key);
    if (hunt?.download == null) return;
    const before = hunt.known.length;
    for (let i = 0; i < sources.length; i += EXCHANGED) this.add(hunt, sources[i], sources[i + 1], sources[i + 2]);
    if (hunt.known.length > before) this.peer.count('sources-exchanged', (hunt.known.length - before) / EXCHANGED);
    for (const fellow of fellows) {
      if (fellow === this.peer.address || hunt.fellows.has(fellow)) continue;
      hunt.fellows.add(fellow);
      this.peer.send(fellow, this.question(key));
    }
  }

  private question(key: Key): AskSources {
    return { type: 'ask-sources', key, reachable: this.peer.reachable };
  }

  // What `Transfers` asks.

  askCallback({ via }: Source, token: number, key: Key): void {
    const { server, lowId } = via as Via;
    const request = { lowId, to: this.peer.address, token, key };
    const { access } = this.login;
    if (access?.remote === server) access.send({ type: 'callback-request', ...request } satisfies CallbackRequest);
    else if (this.settings.globalCallbacks) this.peer.send(server, { type: 'global-callback', ...request } satisfies GlobalCallback);
  }

  verifyPart(key: Key, at: number, marks: readonly number[]): boolean {
    return isSameHash(hashOfMarks(marks), genuineHash(key, at, marks.length));
  }

  markOf(key: Key, at: number): number {
    return this.isPoisoner ? contentMark(key, at + 1) : contentMark(key, at);
  }

  /** Others who were downloading it may have met new sources since. */
  onNobodyLeft({ key }: Download): void {
    for (const fellow of this.hunts.get(key)?.fellows ?? []) this.peer.send(fellow, this.question(key));
  }

  onEnd({ key, done, sizeBytes }: Download): void {
    const hunt = this.hunts.get(key);
    // While the search goes on, it is remembered that its download is over.
    if (hunt !== undefined && !hunt.operation.open) this.hunts.delete(key);
    if (done && this.settings.shareDownloads && hunt !== undefined) this.owner.onHere({ key, words: hunt.operation.words, sizeBytes });
  }
}
