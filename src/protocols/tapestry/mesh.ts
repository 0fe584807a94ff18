/**
 * A Tapestry node's place in the mesh: whom a message goes to next, and the upkeep of links, backups and backpointers (sections III-B and
 * III-D of the paper).
 *
 * Surrogate routing: where nobody has the digit that is wanted next, the next digit that somebody has is taken, counting up cyclically.
 * All who share a prefix know in the same cells somebody or nobody, so they all take the same one, and the path ends at the same peer
 * wherever it began: the root.
 */

import { Question } from '../../overlay/prefix/calls.js';
import { Membership } from '../../overlay/prefix/membership.js';
import { digitAt, digitsOf, ENTRY, UNKNOWN_RTT_MS } from '../../overlay/prefix-table.js';
import type { Address, Key, Peer } from '../../protocol.js';
import type { HeartbeatMessage, LeavingMessage, TapestryRouted } from './messages.js';
import type { TapestrySettings } from './settings.js';

export abstract class Mesh extends Membership<TapestryRouted, TapestrySettings> {
  /** Who has this peer in its table, as far as their heartbeats have told. */
  backpointers: Address[] = [];
  /** Whose turn it is to be asked for a sign of life. */
  private turn = 0;
  /** What `toward` has found out besides the address: how many digits are resolved there, and how far it is. */
  protected resolved = 0;
  protected hopMs = 0;

  constructor(peer: Peer, settings: TapestrySettings) {
    super(peer, settings, 1 + settings.backups);
  }

  /** A cell that was empty has somebody now: some paths lead another way. */
  protected abstract onNewCell(address: Address): void;

  // Routing.

  protected next({ key, level, type, origin }: TapestryRouted, detour: boolean): Address {
    const to = this.toward(key, level, detour);
    if (type !== 'join' || to !== origin) return to;
    this.table.remove(origin); // known from a former session: it is no member before it has joined anew
    return this.toward(key, level);
  }

  /** The next peer on the way to the root of a key when `level` digits are resolved here; `detour`: the first backup instead. */
  protected toward(key: Key, level: number, detour = false): Address {
    const { table, settings } = this;
    const { b } = settings;
    const base = 2 ** b;
    for (let row = level; ; row++) {
      const from = table.firstOf(row);
      if (from >= table.entries.length) break; // nobody shares so many digits
      const to = table.firstOf(row + 1);
      const wanted = digitAt(key, row, b);
      let least = (digitAt(this.identifier, row, b) - wanted + base) % base;
      let at = -1;
      for (let i = from; i < to; i += ENTRY) {
        const steps = (digitAt(table.entries[i + 1], row, b) - wanted + base) % base;
        if (steps >= least) continue;
        least = steps;
        at = i;
      }
      if (at < 0) continue; // the own digit comes first
      if (detour && at + ENTRY < to && digitAt(table.entries[at + ENTRY + 1], row, b) === digitAt(table.entries[at + 1], row, b))
        at += ENTRY;
      const rttMs = table.rttMs(at);
      this.resolved = row + 1;
      this.hopMs = rttMs === UNKNOWN_RTT_MS ? 0 : rttMs / 2;
      return table.entries[at + 2];
    }
    this.resolved = digitsOf(b);
    this.hopMs = 0;
    return this.peer.address;
  }

  // Knowing peers.

  protected learn(identifier: number, address: Address, rttMs: number): boolean {
    const { table, settings } = this;
    const row = table.rowOf(identifier);
    const wasEmpty = identifier !== this.identifier && table.find(row, digitAt(identifier, row, settings.b)) < 0;
    const entered = table.insert(identifier, address, rttMs);
    if (entered && wasEmpty && this.joined) this.onNewCell(address);
    return entered;
  }

  protected wants(identifier: number): boolean {
    return this.table.wants(identifier);
  }

  protected drop(address: Address): void {
    this.dropFromTable(address);
    this.dropBackpointer(address);
    if (this.joined && this.table.size === 0) this.onIsolated();
  }

  private dropBackpointer(address: Address): void {
    const at = this.backpointers.indexOf(address);
    if (at >= 0) this.backpointers.splice(at, 1);
  }

  // Upkeep.

  protected startUpkeep(): void {
    if (this.settings.heartbeatMs > 0) this.peer.every(this.settings.heartbeatMs, this.beat);
  }

  /** Asks the next peer of the table, which thereby learns that it is in it. */
  private beat(): void {
    const { table } = this;
    if (!this.joined || table.size === 0) return;
    const to = table.entries[(this.turn++ % table.size) * ENTRY + 2];
    const question = new Question('known', to, this.peer.now);
    this.request(question, { type: 'heartbeat', request: this.number(question) } as HeartbeatMessage);
  }

  protected onHeartbeat(from: Address, { request }: HeartbeatMessage): void {
    if (this.joined && !this.backpointers.includes(from)) this.backpointers.push(from);
    this.onPing(from, request);
  }

  /** To all who have this peer in their tables, or may have: somebody of each row who may take its place there. */
  protected sayGoodbye(): void {
    const { table } = this;
    const contacts: number[] = [];
    for (let at = table.firstOf(1); at < table.entries.length; ) {
      const row = table.rowOf(table.entries[at + 1]);
      contacts.push(table.entries[at + 1], table.entries[at + 2]);
      at = table.firstOf(row + 1);
    }
    const message: LeavingMessage = { type: 'leaving', contacts };
    for (const address of new Set([...this.neighbours(), ...this.backpointers])) this.peer.send(address, message);
  }

  protected onLeaving(from: Address, { contacts }: LeavingMessage): void {
    this.table.remove(from); // without asking others for somebody in its place: here they are
    this.dropBackpointer(from);
    if (this.table.size === 0 && contacts.length === 0) this.onIsolated();
    else this.hear(contacts);
  }
}
