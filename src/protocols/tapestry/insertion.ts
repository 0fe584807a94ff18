/**
 * How a node is inserted (section III-D of the paper; Hildrum, Kubiatowicz, Rao and Zhao, SPAA 2002).
 *
 * The newcomer's request is routed to its own identifier, and so finds its surrogate: the peer that shares the longest prefix with it.
 * All who share that prefix have an empty cell where the newcomer belongs, and must hear of it, or a key would have two roots. So the
 * surrogate starts an acknowledged multicast: each peer passes it to one peer of each cell from the given row on, waits for the
 * reports of all of them, and then reports itself. When the surrogate has all reports the newcomer is a member, and announces itself.
 *
 * Simplified: the newcomer is nobody's root before the multicast is over, so pointers move to it when it announces itself, and nothing
 * needs to be pinned. Two that are inserted at once hear of each other from a peer that both multicasts reach and that remembers
 * newcomers for `watchMs`; the paper sends along which cells are still empty. The table is filled from the surrogate's rows and from those of
 * the nearest peer of each row; the paper asks for backpointers too.
 */

import { Other } from '../../overlay/prefix/calls.js';
import type { BareMessage } from '../../overlay/prefix/messages.js';
import { ENTRY, UNKNOWN_RTT_MS } from '../../overlay/prefix-table.js';
import type { Address } from '../../protocol.js';
import { Mesh } from './mesh.js';
import type { CopyMessage, HelloMessage, InsertedMessage, MulticastMessage, ReportMessage, TapestryRouted } from './messages.js';

/** Without `lookupTimeoutMs`, a branch that was taken over is waited for this long. */
const REPORT_MS = 8000;
/** Contacts in one message: 50 x 26 bytes stay below an Ethernet frame. */
const CONTACTS_PER_MESSAGE = 50;

/** A multicast as one peer passes it on. */
class Multicast {
  /** Branches that have not reported yet. */
  pending = 0;
  readonly level: number;
  readonly identifier: number;
  readonly newcomer: Address;
  /** Whom to report to, and under which number; the surrogate reports to the newcomer. */
  readonly parent: Address;
  readonly request: number;

  constructor(level: number, identifier: number, newcomer: Address, parent: Address, request: number) {
    this.level = level;
    this.identifier = identifier;
    this.newcomer = newcomer;
    this.parent = parent;
    this.request = request;
  }
}

/** One branch of it: first the peer has to acknowledge, then to report. */
class Branch extends Other {
  readonly multicast: Multicast;
  readonly row: number;
  readonly column: number;
  acknowledged = false;

  constructor(to: Address, multicast: Multicast, row: number, column: number) {
    super(to);
    this.multicast = multicast;
    this.row = row;
    this.column = column;
  }
}

export abstract class Insertion extends Mesh {
  /** While joining: whom the multicast has reached. */
  private reached: Set<Address> | null = null;
  /** Newcomers heard of lately: [identifier, address, until ms, ...]. */
  private newcomers: number[] = [];

  // As the newcomer.

  protected joinThrough(contact: Address): void {
    this.reached = new Set();
    this.seek('join', this.identifier, null, this.peer.address, contact);
  }

  protected onHello(from: Address, { contacts }: HelloMessage): void {
    if (!this.joined) this.reached?.add(from);
    else if (this.table.wants(contacts[0])) this.announceTo(from, UNKNOWN_RTT_MS);
    this.hear(contacts);
  }

  protected onInserted({ request, identifier }: InsertedMessage): void {
    const call = this.calls.close(request);
    if (call?.kind !== 'request' || this.joined) return;
    if (identifier === this.identifier) {
      this.reached = null;
      this.onTwin();
      return;
    }
    this.onJoined();
    const told = new Set(this.neighbours());
    this.announceToTable();
    for (const address of this.reached ?? []) if (!told.has(address)) this.announceTo(address, UNKNOWN_RTT_MS);
    this.reached = null;
    this.askNearest();
  }

  /** The nearest peer of each row knows others that are near. */
  private askNearest(): void {
    const { table } = this;
    for (let at = 0, row = 0; at < table.entries.length; at = table.firstOf(++row)) {
      const end = table.firstOf(row + 1);
      let nearest = -1;
      for (let i = at; i < end; i += ENTRY) if (nearest < 0 || table.rttMs(i) < table.rttMs(nearest)) nearest = i;
      if (nearest >= 0) this.askRowOf(table.entries[nearest + 2], row);
    }
  }

  // As the surrogate.

  /** Sends the newcomer the rows that fit, and has everybody told who must be. */
  protected welcome({ origin, request, key }: TapestryRouted): void {
    if (origin === this.peer.address) return;
    if (key === this.identifier) {
      this.peer.send(origin, { type: 'inserted', request, identifier: this.identifier } as InsertedMessage);
      return;
    }
    const level = this.table.rowOf(key);
    const contacts: number[] = [];
    for (let row = 0; row <= level; row++) contacts.push(...this.table.row(row));
    for (let i = 0; i < contacts.length; i += 2 * CONTACTS_PER_MESSAGE) {
      this.peer.send(origin, { type: 'copy', contacts: contacts.slice(i, i + 2 * CONTACTS_PER_MESSAGE) } as CopyMessage);
    }
    this.spread(new Multicast(level, key, origin, origin, request));
  }

  // As anybody.

  protected onMulticast(from: Address, { request, level, identifier, address }: MulticastMessage): void {
    this.peer.send(from, { type: 'ack', request } as BareMessage);
    this.spread(new Multicast(level, identifier, address, from, request));
  }

  /** Makes itself known to the newcomer, and passes the multicast on to one peer of each cell from its level on. */
  private spread(multicast: Multicast): void {
    const { table } = this;
    const { newcomer, identifier } = multicast;
    const contacts = [this.identifier, this.peer.address];
    for (const other of this.watched()) if (other.address !== newcomer) contacts.push(other.identifier, other.address);
    this.peer.send(newcomer, { type: 'hello', contacts } as HelloMessage);
    this.watch(identifier, newcomer);
    const cells: [number, number][] = [];
    for (let i = table.firstOf(multicast.level); i < table.entries.length; i += ENTRY) {
      const { row, column } = table.cellAt(i);
      const [lastRow, lastColumn] = cells.at(-1) ?? [-1, -1];
      if (row !== lastRow || column !== lastColumn) cells.push([row, column]);
    }
    for (const [row, column] of cells) this.branch(multicast, row, column);
    if (multicast.pending === 0) this.report(multicast);
  }

  /** Passes it to the nearest of a cell; false: nobody is there. */
  private branch(multicast: Multicast, row: number, column: number): boolean {
    const { table } = this;
    let at = table.find(row, column);
    if (at >= 0 && table.entries[at + 2] === multicast.newcomer) {
      table.remove(multicast.newcomer); // known from a former session
      at = table.find(row, column);
    }
    if (at < 0) return false;
    const { identifier, newcomer: address } = multicast;
    multicast.pending++;
    const branch = new Branch(table.entries[at + 2], multicast, row, column);
    this.request(branch, { type: 'multicast', request: this.number(branch), level: row + 1, identifier, address } as MulticastMessage);
    return true;
  }

  protected override onAck(number: number): void {
    const call = this.calls.get(number);
    if (!(call instanceof Branch)) {
      super.onAck(number);
    } else if (!call.acknowledged) {
      call.acknowledged = true;
      call.repeats = Number.POSITIVE_INFINITY; // it has the message
      this.calls.rearm(number, this.settings.lookupTimeoutMs || REPORT_MS);
    }
  }

  protected onReport({ request }: ReportMessage): void {
    const call = this.calls.close(request);
    if (call instanceof Branch) this.finished(call);
  }

  /** A peer that has not acknowledged is dead, and the next of its cell takes over. One that has, but does not report, is given up. */
  protected override onOtherSilence(call: Other): void {
    if (!(call instanceof Branch)) return;
    if (!call.acknowledged) {
      this.onSilence(call.to);
      if (this.joined) this.branch(call.multicast, call.row, call.column);
    }
    this.finished(call);
  }

  private finished({ multicast }: Branch): void {
    multicast.pending--;
    if (multicast.pending === 0) this.report(multicast);
  }

  private report({ parent, newcomer, request }: Multicast): void {
    const message: ReportMessage | InsertedMessage =
      parent === newcomer ? { type: 'inserted', request, identifier: this.identifier } : { type: 'report', request };
    this.peer.send(parent, message);
  }

  // Newcomers who are inserted at the same time.

  private watch(identifier: number, address: Address): void {
    const { watchMs } = this.settings;
    if (watchMs > 0) this.newcomers.push(identifier, address, this.peer.now + watchMs);
  }

  private watched(): { readonly identifier: number; readonly address: Address }[] {
    const found: { identifier: number; address: Address }[] = [];
    this.newcomers = this.newcomers.filter((_, i, all) => all[i - (i % 3) + 2] > this.peer.now);
    for (let i = 0; i < this.newcomers.length; i += 3) found.push({ identifier: this.newcomers[i], address: this.newcomers[i + 1] });
    return found;
  }

  /** A newcomer has become a member: others that were inserted meanwhile may not have heard of it. */
  protected tellNewcomers(identifier: number, address: Address): void {
    if (this.newcomers.length === 0) return;
    for (const other of this.watched()) {
      if (other.address !== address) this.peer.send(other.address, { type: 'hello', contacts: [identifier, address] } as HelloMessage);
    }
  }
}
