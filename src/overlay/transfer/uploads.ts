/**
 * The source's side: so many uploads at a time, and a queue. A slot is held while one range is sent; whoever wants more asks again. So
 * sources that are in demand take turns, and a downloader that waits may have asked elsewhere: when its turn comes it is told, and
 * says what it still wants.
 */

import type { Address, Connection, Item, Key, Peer, Timer } from '../../protocol.js';
import {
  BLOCK_BYTES,
  contentMark,
  type TransferBlock,
  type TransferBusy,
  type TransferGet,
  type TransferHere,
  type TransferNone,
  type TransferReady,
} from './messages.js';
import type { TransferSettings } from './settings.js';
import type { TransferUser } from './user.js';

/** One downloader, as a source knows it: the tag of the connection with it. */
export class Upload {
  readonly connection: Connection;
  readonly token: number;
  /** Of these, `ready` (it was told that it is its turn) and `sending` hold a slot. */
  state: 'calling' | 'idle' | 'queued' | 'ready' | 'sending' | 'gone' = 'idle';
  priority = 0;
  /** What it is sent: the bytes [at, end) of this item. */
  key: Key = 0;
  at = 0;
  end = 0;
  /** How far it was at the last look, and when the next one is. */
  seenAt = 0;
  watch: Timer | undefined = undefined;
  private readonly uploads: Uploads;

  constructor(uploads: Uploads, connection: Connection, token: number) {
    this.uploads = uploads;
    this.connection = connection;
    this.token = token;
  }

  get holdsSlot(): boolean {
    return this.state === 'ready' || this.state === 'sending';
  }

  /** How many bytes have left this peer; negative while it has not said what it wants. */
  get progress(): number {
    return this.state === 'sending' ? this.at - this.connection.bufferedBytes : Number.NEGATIVE_INFINITY;
  }

  look(): void {
    this.uploads.look(this);
  }
}

const look = (upload: Upload) => upload.look();

export class Uploads {
  private readonly peer: Peer;
  private readonly settings: TransferSettings;
  private readonly user: TransferUser;
  /** Null before anything is shared. */
  private items: Map<Key, Item> | null = null;
  private readonly queue: Upload[] = [];
  private slotsTaken = 0;

  constructor(peer: Peer, settings: TransferSettings, user: TransferUser) {
    this.peer = peer;
    this.settings = settings;
    this.user = user;
  }

  share(item: Item): void {
    this.items ??= new Map();
    this.items.set(item.key, item);
  }

  has(key: Key): boolean {
    return this.items?.has(key) ?? false;
  }

  callBack(to: Address, token: number, key: Key): void {
    if (!this.has(key)) return;
    const timeoutMs = this.settings.transferTimeoutMs;
    const connection = this.peer.connect(to, { timeoutMs, writeTimeoutMs: timeoutMs, keepAliveMs: timeoutMs });
    const upload = new Upload(this, connection, token);
    upload.state = 'calling';
    connection.tag = upload;
  }

  onOpen(upload: Upload): void {
    upload.state = 'idle';
    upload.connection.send({ type: 'transfer-here', token: upload.token } satisfies TransferHere);
  }

  /** A range is asked for. While one is being sent, the new one takes its place. */
  onGet(connection: Connection, { token, key, at, bytes, rank }: TransferGet): void {
    let upload = connection.tag;
    if (!(upload instanceof Upload)) {
      upload = new Upload(this, connection, token);
      connection.tag = upload;
    }
    this.want(upload as Upload, key, at, bytes, rank);
  }

  onDrain(upload: Upload): void {
    if (upload.state === 'sending') this.send(upload);
  }

  onClose(upload: Upload): void {
    if (upload.state === 'calling') this.peer.count('callbacks-failed');
    this.drop(upload);
  }

  /** Since the last look, `transferTimeoutMs` ago, a downloader with a slot has to have taken something. */
  look(upload: Upload): void {
    if (upload.progress === upload.seenAt) {
      this.peer.count('uploads-stalled');
      upload.connection.reset();
      this.drop(upload);
    } else this.watch(upload);
  }

  private watch(upload: Upload): void {
    upload.seenAt = upload.progress;
    upload.watch = this.peer.after(this.settings.transferTimeoutMs, look, upload);
  }

  private want(upload: Upload, key: Key, at: number, bytes: number, rank: number): void {
    const sizeBytes = this.items?.get(key)?.sizeBytes ?? -1;
    if (!(at >= 0 && bytes > 0 && at + bytes <= sizeBytes)) {
      upload.connection.send({ type: 'transfer-none', token: upload.token } satisfies TransferNone);
      this.release(upload);
      return;
    }
    upload.key = key;
    upload.at = at;
    upload.end = at + bytes;
    if (upload.holdsSlot) {
      upload.state = 'sending';
      this.send(upload);
    } else if (this.slotsTaken < this.settings.uploadSlots) {
      this.takeSlot(upload, 'sending');
      this.send(upload);
    } else this.enqueue(upload, rank);
  }

  private enqueue(upload: Upload, rank: number): void {
    const { queue } = this;
    if (upload.state !== 'queued') {
      if (queue.length < this.settings.uploadQueue) {
        upload.state = 'queued';
        upload.priority = this.user.priorityOf?.(upload.connection.remote, rank) ?? 0;
        let place = queue.length;
        while (place > 0 && queue[place - 1].priority < upload.priority) place--;
        queue.splice(place, 0, upload);
      } else this.peer.count('uploads-refused');
    }
    const queued = queue.indexOf(upload) + 1;
    upload.connection.send({ type: 'transfer-busy', token: upload.token, queued } satisfies TransferBusy);
  }

  private takeSlot(upload: Upload, state: 'ready' | 'sending'): void {
    this.slotsTaken++;
    upload.state = state;
    this.watch(upload);
  }

  private send(upload: Upload): void {
    const { connection, token, key, end } = upload;
    while (upload.at < end && connection.writable) {
      const { at } = upload;
      const bytes = Math.min(BLOCK_BYTES, end - at);
      const mark = this.user.markOf?.(key, at) ?? contentMark(key, at);
      upload.at += bytes;
      connection.send({ type: 'transfer-block', token, at, bytes, mark } satisfies TransferBlock);
    }
    if (upload.at >= end) this.release(upload);
  }

  private drop(upload: Upload): void {
    this.release(upload);
    upload.state = 'gone';
  }

  /** Gives up its slot or its place in the queue; who is next is told. */
  private release(upload: Upload): void {
    if (upload.state === 'queued') this.queue.splice(this.queue.indexOf(upload), 1);
    const held = upload.holdsSlot;
    upload.state = 'idle';
    if (!held) return;
    this.peer.cancel(upload.watch);
    this.slotsTaken--;
    const next = this.queue.shift();
    if (next === undefined) return;
    this.takeSlot(next, 'ready');
    next.connection.send({ type: 'transfer-ready', token: next.token } satisfies TransferReady);
  }
}
