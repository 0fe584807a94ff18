/**
 * What KaZaA does with what it finds: it waits a moment for more sources, then fetches from several at a time, and asks the supernode of
 * a source that cannot be called to have it call back. Downloads live on when the supernode that found them dies.
 */

import { isChosen } from '../../overlay/chosen.js';
import { BLOCK_BYTES, contentMark } from '../../overlay/transfer/messages.js';
import { type Download, type Source, Transfers, type TransferUser } from '../../overlay/transfer/transfers.js';
import type { Address, Item, Key, Peer } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { NOBODY, type Push, RESULT } from './messages.js';
import { Participation } from './participation.js';
import type { KazaaSettings } from './settings.js';
import { isHashed } from './uu-hash.js';

export interface Pusher {
  /** Has a source that cannot be called asked to call. */
  push(push: Push): void;
}

/** A question that is to end in a download. */
interface Hunt {
  readonly operation: LocateOperation;
  readonly sources: Source[];
  download: Download | null;
}

const begin = ([downloads, hunt]: readonly [Downloads, Hunt]) => downloads.begin(hunt);

export class Downloads implements TransferUser {
  readonly transfers: Transfers;
  readonly participation: Participation;
  private readonly peer: Peer;
  private readonly settings: KazaaSettings;
  private readonly pusher: Pusher;
  private readonly isPoisoner: boolean;
  /** Of what is shared or fetched here: the hash depends on it. */
  private readonly sizes = new Map<Key, number>();
  private hunts: Map<LocateOperation, Hunt> | null = null;

  constructor(peer: Peer, settings: KazaaSettings, pusher: Pusher) {
    this.peer = peer;
    this.settings = settings;
    this.pusher = pusher;
    this.transfers = new Transfers(peer, settings, this);
    this.isPoisoner = isChosen(peer, settings.poisoners, 'poisoner');
    this.participation = new Participation(isChosen(peer, settings.spoofers, 'spoofer'));
  }

  share(item: Item): void {
    this.sizes.set(item.key, item.sizeBytes);
    this.transfers.share(item);
  }

  /** Results of a search have come, among them perhaps sources of what it is after. */
  onFound(operation: LocateOperation, results: readonly number[]): void {
    if (operation.downloadBytes === 0) return;
    for (let i = 0; i < results.length; i += RESULT) {
      if (results[i] === operation.key)
        this.add(operation, { address: results[i + 1], reachable: results[i + 2] === NOBODY, via: results[i + 2] });
    }
  }

  /** No more will come: there is nothing to wait for. */
  onDone(operation: LocateOperation): void {
    const hunt = this.hunts?.get(operation);
    if (hunt === undefined) return;
    this.begin(hunt);
    this.hunts?.delete(operation);
  }

  begin(hunt: Hunt): void {
    if (hunt.download !== null) return;
    this.sizes.set(hunt.operation.key, hunt.operation.downloadBytes);
    hunt.download = this.transfers.fetch(hunt.operation, hunt.sources, this.peer.now);
  }

  private add(operation: LocateOperation, source: Source): void {
    this.hunts ??= new Map();
    for (const old of this.hunts.keys()) if (!old.open) this.hunts.delete(old);
    let hunt = this.hunts.get(operation);
    if (hunt === undefined) {
      hunt = { operation, sources: [], download: null };
      this.hunts.set(operation, hunt);
      this.peer.after(this.settings.chooseMs, begin, [this, hunt] as const);
    }
    if (hunt.download === null) hunt.sources.push(source);
    else hunt.download.addSource(source);
  }

  // What `Transfers` asks.

  askCallback({ address, via }: Source, token: number, key: Key): void {
    this.pusher.push({ type: 'push', provider: address, supernode: via as Address, to: this.peer.address, token, key });
  }

  /** Asked for every block that leaves, which is how uploads are counted. */
  markOf(key: Key, at: number): number {
    this.participation.uploadedBytes += BLOCK_BYTES;
    const isAltered = this.isPoisoner && !isHashed(at, this.sizes.get(key)!);
    return contentMark(key, isAltered ? at + 1 : at);
  }

  /** Only what the hash looks at can be verified. */
  verifyPart(key: Key, at: number, marks: readonly number[]): boolean {
    const sizeBytes = this.sizes.get(key)!;
    return marks.every((mark, i) => {
      const from = at + i * BLOCK_BYTES;
      return mark === contentMark(key, from) || !isHashed(from, sizeBytes);
    });
  }

  rank(): number {
    return this.participation.reported;
  }

  priorityOf(_downloader: Address, level: number): number {
    return this.settings.participation ? level : 0;
  }

  /** Counted apart, because it is what spoofing is for: how many downloads of either kind of client came to their end, and in what time. */
  onEnd({ done, sizeBytes, tag: begunMs }: Download): void {
    if (!done) return;
    this.participation.downloadedBytes += sizeBytes;
    const kind = this.participation.spoofs ? 'spoofers' : 'others';
    this.peer.count(`downloads-of-${kind}`);
    this.peer.count(`downloads-of-${kind}-ms`, Math.round(this.peer.now - (begunMs as number)));
  }
}
