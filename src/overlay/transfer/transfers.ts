/**
 * Downloads and uploads of one peer: file bytes go from peer to peer, past whatever index found them, each transfer over a connection of
 * its own. A protocol forwards what happens to its connections; who is found is its own business.
 *
 * Counters: `downloads-begun` is the sum of `downloads-done` (all is here, and genuine), `downloads-spoilt` (all is here, and some of it
 * is not what it should be), `downloads-failed` (nobody was left), `downloads-impossible` (of this peer and its sources nobody can be
 * called), of those still under way, and of those whose peer went down. Nothing is to be done when the peer leaves: its connections end
 * with the session.
 */

import type { Address, CloseReason, Connection, Item, Key, Message, Peer } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { Download, type DownloadHost } from './download.js';
import { Line } from './line.js';
import { isTransferMessage, type TransferMessage } from './messages.js';
import type { TransferSettings } from './settings.js';
import { Upload, Uploads } from './uploads.js';
import type { Source, TransferUser } from './user.js';

export type { Download } from './download.js';
export type { Source, TransferUser } from './user.js';

/** Tokens have 32 bits on the wire. */
const TOKENS = 2 ** 32;

/** Uploads and downloads of one peer. */
export class Transfers implements DownloadHost {
  readonly peer: Peer;
  readonly settings: TransferSettings;
  readonly user: TransferUser;
  readonly called = new Map<number, Line>();
  private readonly uploads: Uploads;
  /** Begins at a random one: a source that calls back a peer's former session is not taken for one of this session's. */
  private lastToken = -1;

  constructor(peer: Peer, settings: TransferSettings, user: TransferUser) {
    this.peer = peer;
    this.settings = settings;
    this.user = user;
    this.uploads = new Uploads(peer, settings, user);
  }

  /** The item may be fetched here from now on. */
  share(item: Item): void {
    this.uploads.share(item);
  }

  shares(key: Key): boolean {
    return this.uploads.has(key);
  }

  /**
   * Begins to download what the operation has found, from these sources, the best one first. Without any, `onNobodyLeft` is called at
   * once, which may look for some.
   * @param tag goes into the download's `tag`
   */
  fetch(operation: LocateOperation, sources: readonly Source[], tag?: unknown): Download {
    operation.downloading();
    this.peer.count('downloads-begun');
    return new Download(this, operation, sources, tag);
  }

  /** On the source's side: somebody cannot call here, and has had this peer asked to call. */
  callBack(to: Address, token: number, key: Key): void {
    this.uploads.callBack(to, token, key);
  }

  /** Whether this connection serves a transfer, and is no business of the protocol's. Those accepted are known by their first message. */
  owns({ tag }: Connection): boolean {
    return tag instanceof Line || tag instanceof Upload;
  }

  /** @returns whether it was a message of a transfer */
  onMessage(_from: Address, message: Message, connection: Connection | null): boolean {
    if (!isTransferMessage(message)) return false;
    if (connection === null) return true; // nobody transfers by datagrams
    const { tag } = connection;
    if (tag instanceof Line) tag.download.onMessage(tag, message);
    else if (tag instanceof Upload || tag === undefined || tag === null) this.onFirst(message, connection);
    return true;
  }

  /** @returns whether the connection was for a transfer; so do the others */
  onOpen(connection: Connection): boolean {
    const { tag } = connection;
    if (tag instanceof Line) tag.download.onOpen(tag);
    else if (tag instanceof Upload) this.uploads.onOpen(tag);
    else return false;
    return true;
  }

  onClose(connection: Connection, reason: CloseReason): boolean {
    const { tag } = connection;
    if (tag instanceof Line) tag.download.onClose(tag, reason);
    else if (tag instanceof Upload) this.uploads.onClose(tag);
    else return false;
    return true;
  }

  onDrain(connection: Connection): boolean {
    const { tag } = connection;
    if (tag instanceof Upload) this.uploads.onDrain(tag);
    return this.owns(connection);
  }

  nextToken(): number {
    if (this.lastToken < 0) this.lastToken = this.peer.random.integer(TOKENS);
    this.lastToken = (this.lastToken + 1) % TOKENS;
    return this.lastToken;
  }

  /** Of a downloader; or the first of a source that calls back, on a connection that meant nothing so far. */
  private onFirst(message: TransferMessage, connection: Connection): void {
    if (message.type === 'transfer-get') this.uploads.onGet(connection, message);
    else if (message.type === 'transfer-here' && !(connection.tag instanceof Upload)) {
      const line = this.called.get(message.token);
      this.called.delete(message.token);
      if (line === undefined) connection.close();
      else {
        connection.tag = line;
        line.download.onHere(line, connection);
      }
    }
  }
}
