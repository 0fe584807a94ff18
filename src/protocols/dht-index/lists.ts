/**
 * Lists of postings and how they travel. A short one is in the message that offers it. Of a long one that message has the first part, and
 * the receiver asks for the others, a few at a time: so a hot word never bursts into anybody's line, and a lost part is asked for again.
 * The holder keeps what it has offered as it was then, under a ticket, for `holdMs`.
 */

import type { Address, Key } from '../../protocol.js';
import type { Request } from '../kademlia/calls.js';
import { Member } from '../kademlia/member.js';
import { ITEMS_BYTES } from '../kademlia/values.js';
import { Fetch, PartRequest, type Use } from './calls.js';
import { type FindPartMessage, type List, type Offer, type PartMessage, POSTING, postingBytes } from './messages.js';
import type { IndexSettings } from './settings.js';

const NOTHING: readonly number[] = [];
const TICKETS = 2 ** 32;

export abstract class Lists extends Member {
  declare readonly settings: IndexSettings;
  /** Long lists that somebody may be fetching, by ticket. */
  private held: Map<number, List> | null = null;

  /** A whole list is here. */
  protected abstract onList(use: Use, list: List): void;

  /** This peer's postings of a word, as [item, provider, ...]. */
  protected postingsOf(word: Key): number[] {
    const items = this.store?.find(word, this.peer.now) ?? NOTHING;
    return items.filter((_, i) => i % (POSTING + 1) < POSTING);
  }

  protected offer(list: List): Offer {
    const most = this.partLength(list);
    if (list.length <= most) return { total: list.length, ticket: 0, part: list };
    const ticket = 1 + this.peer.random.integer(TICKETS - 1);
    this.held ??= new Map();
    this.held.set(ticket, list);
    this.peer.after(this.settings.holdMs, this.forget, ticket);
    return { total: list.length, ticket, part: list.slice(0, most) };
  }

  private forget(ticket: number): void {
    this.held!.delete(ticket);
  }

  /** How much of a list one datagram takes. */
  private partLength(list: List): number {
    return list instanceof Uint8Array ? ITEMS_BYTES : Math.floor(ITEMS_BYTES / postingBytes(this.settings.idBits)) * POSTING;
  }

  /** Takes what `holder` offers: at once when it is all, else part by part. */
  protected accept(holder: Address, identifier: number, { total, ticket, part }: Offer, use: Use): void {
    if (ticket === 0) {
      this.onList(use, part);
      return;
    }
    const fetch = new Fetch(holder, identifier, ticket, total, use);
    fetch.add(0, part);
    fetch.next = part.length;
    for (let i = 0; i < this.settings.pageWindow; i++) this.fetchNext(fetch, part.length);
  }

  private fetchNext(fetch: Fetch, partLength: number): void {
    if (fetch.failed || fetch.next >= fetch.total) return;
    const call = new PartRequest(fetch, fetch.next);
    fetch.next += partLength;
    this.request(call, {
      type: 'find-part',
      sender: this.identifier,
      request: this.number(call),
      ticket: fetch.ticket,
      from: call.from,
    } as FindPartMessage);
  }

  protected onFindPart(from: Address, message: FindPartMessage): void {
    const list = this.held?.get(message.ticket);
    const part = list?.slice(message.from, message.from + this.partLength(list)) ?? NOTHING;
    this.peer.send(from, { type: 'part', sender: this.identifier, request: message.request, part } as PartMessage);
  }

  protected onPart(from: Address, { request, part }: PartMessage): void {
    const call = this.take(from, request);
    if (!(call instanceof PartRequest)) return;
    const { fetch } = call;
    if (part.length === 0) fetch.failed = true; // the ticket has run out; the query will begin again
    if (fetch.failed) return;
    fetch.add(call.from, part);
    if (fetch.arrived >= fetch.total) this.onList(fetch.use, fetch.whole());
    else this.fetchNext(fetch, this.partLength(part));
  }

  protected override onRequestSilence(request: Request): void {
    if (!(request instanceof PartRequest) || request.fetch.failed) return;
    request.fetch.failed = true;
    this.peer.timedOut();
  }
}
