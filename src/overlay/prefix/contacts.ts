/**
 * The peers a member of a prefix overlay knows: how it comes to know them, measures how far they are, and notices that they are gone.
 *
 * Nobody enters the table by hearsay. Who was heard of is pinged; its answer shows that it lives and how far it is; and then it is
 * told that it is known (`announce`), so it can make the same use of this peer without a ping of its own. Silence removes a peer,
 * and the empty cell it leaves is filled by asking another of the same row.
 */

import type { Address, Key, Message, Peer } from '../../protocol.js';
import { ringOf } from '../identifiers.js';
import { ENTRY, IDENTIFIER_BITS, PrefixTable, UNKNOWN_RTT_MS } from '../prefix-table.js';
import { type Call, Calls } from '../rpc.js';
import { type Asked, type Hop, type Other, Question, type Request } from './calls.js';
import type { AnnounceMessage, AskRowMessage, BareMessage, PongMessage, RoutedMessage, RowMessage } from './messages.js';
import type { PrefixSettings } from './settings.js';

/** Of the peers in a row that would only be taken if they are nearer, so many are measured at a time. */
const MOST_TRIES = 8;

export type PrefixCall<R extends RoutedMessage> = Request | Question | Hop<R> | Other;

export abstract class Contacts<R extends RoutedMessage, S extends PrefixSettings> {
  readonly peer: Peer;
  readonly settings: S;
  /** Replaced when the identifier turns out to be taken. */
  table: PrefixTable;
  /** False before this peer is part of the overlay, and when it has lost it. It is silent then. */
  joined = false;
  private waiting: Calls<Call> | null = null;
  /** Peers heard of that were pinged and have not answered yet. */
  private probed: Set<Address> | null = null;

  constructor(peer: Peer, settings: S, identifier: number, perCell: number) {
    this.peer = peer;
    this.settings = settings;
    this.table = new PrefixTable(identifier, settings.b, perCell);
  }

  get identifier(): number {
    return this.table.own;
  }

  /** A call was not answered in time; the number is its number in `calls`. */
  protected abstract onTimeout(number: number): void;
  /** A peer that lives, so far away: for the table and whatever else may want it. Returns whether it was of use. */
  protected abstract learn(identifier: number, address: Address, rttMs: number): boolean;
  /** Whether a peer heard of is worth a ping. */
  protected abstract wants(identifier: number): boolean;
  /** A peer is dead or gone: out of everything. */
  protected abstract drop(address: Address): void;
  /** A peer asked whether one may join through it has answered, or has not. */
  protected abstract onContact(address: Address, answer: 'joined' | 'not-joined' | 'silent'): void;

  /** Requests that wait for an answer; made when first needed. */
  protected get calls(): Calls<PrefixCall<R>> {
    this.waiting ??= new Calls<Call>(this.peer, this.onTimeout);
    return this.waiting as Calls<PrefixCall<R>>;
  }

  /** Sends a message that has `number(call)` in it, to be sent again when there is no answer. */
  protected request(call: Asked, message: Message): void {
    call.message = message;
    this.peer.send(call.to, message);
  }

  /** A number under which the answer is waited for. */
  protected number(call: Question | Hop<R> | Other): number {
    return this.calls.open(call, this.settings.rpcTimeoutMs);
  }

  protected ping(about: Exclude<Question['about'], 'peers'>, address: Address): void {
    const question = new Question(about, address, this.peer.now);
    this.request(question, { type: 'ping', request: this.number(question) } as BareMessage);
  }

  protected onPing(from: Address, request: number): void {
    this.peer.send(from, { type: 'pong', request, identifier: this.identifier, joined: this.joined } as PongMessage);
  }

  protected onPong(from: Address, message: PongMessage): void {
    const question = this.calls.close(message.request);
    if (question?.kind !== 'question') return;
    if (question.about === 'contact') {
      this.onContact(from, message.joined ? 'joined' : 'not-joined');
      return;
    }
    this.probed?.delete(question.to);
    if (!message.joined) {
      if (question.about !== 'newcomer') this.drop(question.to); // up, but not, or no longer, part of the overlay
      return;
    }
    const rttMs = this.rttOf(question);
    const isNew = question.about === 'newcomer';
    if (this.learn(message.identifier, from, rttMs) && isNew && this.joined) this.announceTo(from, rttMs);
  }

  /** What an answer tells of the distance: nothing when it may be to the first or to the second time of asking. */
  protected rttOf(question: Question): number {
    return this.settings.proximity && question.repeats === 0 ? this.peer.now - question.sentMs : UNKNOWN_RTT_MS;
  }

  protected announceTo(address: Address, rttMs: number): void {
    this.peer.send(address, { type: 'announce', identifier: this.identifier, rttMs } as AnnounceMessage);
  }

  protected announceToTable(): void {
    const { table } = this;
    for (let i = 0; i < table.entries.length; i += ENTRY) this.announceTo(table.entries[i + 2], table.rttMs(i));
  }

  /**
   * Peers somebody has named, as [identifier, address, ...]. Those there is room for are pinged, and, with `tries`, so many of the
   * others, which may turn out to be nearer than who is there.
   */
  protected hear(contacts: readonly number[], tries = 0): void {
    let left = this.settings.proximity ? tries : 0;
    const start = left > 0 ? 2 * this.peer.random.integer(Math.max(1, contacts.length / 2)) : 0;
    for (let i = 0; i < contacts.length; i += 2) {
      const at = (start + i) % contacts.length;
      const [identifier, address] = [contacts[at], contacts[at + 1]];
      if (address === this.peer.address || this.probed?.has(address)) continue;
      if (!this.wants(identifier) && (this.table.has(identifier) || left-- <= 0)) continue;
      this.probe('newcomer', address);
    }
  }

  /** Somebody says that this peer is dead. Hearsay does not empty a table, silence does. */
  protected suspect(address: Address): void {
    if (!this.probed?.has(address)) this.probe('suspect', address);
  }

  private probe(about: 'newcomer' | 'suspect', address: Address): void {
    this.probed ??= new Set();
    this.probed.add(address);
    this.ping(about, address);
  }

  /** The question got no answer at all. */
  protected onQuestionSilence(question: Question): void {
    this.probed?.delete(question.to);
    if (question.about === 'contact') this.onContact(question.to, 'silent');
    else if (question.about === 'suspect') this.onSuspicion(question.to);
    else if (question.about !== 'newcomer') this.onSilence(question.to);
  }

  /** A peer that others say is dead did not answer. */
  protected onSuspicion(address: Address): void {
    this.drop(address);
  }

  /** A peer that was known did not answer. */
  protected onSilence(address: Address): void {
    this.peer.count('timeouts');
    this.drop(address);
  }

  // Rows of the table.

  /** Forgets a peer; an empty cell is filled again from what others of its row know. */
  protected dropFromTable(address: Address): void {
    const emptied = this.table.remove(address);
    if (emptied !== null && this.joined) this.askRow(emptied.row, emptied.column);
  }

  /** Asks a peer for the same row of its table: one of that row, or, when nobody is left there, of a later one. */
  protected askRow(row: number, column: number): void {
    const { table, peer } = this;
    const from = table.firstOf(row);
    const end = table.firstOf(row + 1);
    const [first, last] = end > from ? [from, end] : [end, table.entries.length];
    if (last === first) return;
    const to = table.entries[first + peer.random.integer((last - first) / ENTRY) * ENTRY + 2];
    this.askRowOf(to, row, column);
  }

  protected askRowOf(to: Address, row: number, column = -1): void {
    const question = new Question('peers', to, this.peer.now);
    this.request(question, { type: 'ask-row', request: this.number(question), row, column } as AskRowMessage);
  }

  protected onAskRow(from: Address, { request, row, column }: AskRowMessage): void {
    this.peer.send(from, { type: 'row', request, contacts: this.table.row(row, column) } as RowMessage);
  }

  protected onRow(_from: Address, { request, contacts }: RowMessage): void {
    if (this.calls.close(request) !== undefined) this.hear(contacts, MOST_TRIES);
  }

  /** Compares a row, drawn at random among those that have peers, with what one of them has there. */
  protected refreshRow(): void {
    const { table, peer } = this;
    if (!this.joined || table.size === 0) return;
    const rows = table.rowOf(table.entries[table.entries.length - ENTRY + 1]) + 1;
    this.askRow(peer.random.integer(rows), -1);
  }
}

/** The identifier of a peer: the one the settings name, else SHA-1 of its address; `attempt` counts those that were taken already. */
export function identifierFor(settings: PrefixSettings, index: number, address: Address, attempt: number): Key {
  const named = attempt === 0 ? settings.identifiers[index] : undefined;
  return named ?? ringOf(IDENTIFIER_BITS).identifierAt(address, 0, attempt);
}
