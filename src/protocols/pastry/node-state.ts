/**
 * What a Pastry node knows: routing table, leaf set and neighbourhood set (section 2.1 of the paper), and the upkeep of each (2.4).
 *
 * The leaf set is what makes routing correct, so it is mended at once: who finds a member of it silent tells the other members, each of
 * which sees for itself, and asks the outermost live member on that side for its leaf set. The table makes routing short, and is mended
 * when a hop or a ping fails, or in the slow round of overlay/prefix. The neighbourhood set makes newcomers' tables good.
 */

import { LeafSet } from '../../overlay/leaf-set.js';
import { Question } from '../../overlay/prefix/calls.js';
import { Membership } from '../../overlay/prefix/membership.js';
import { ENTRY, UNKNOWN_RTT_MS } from '../../overlay/prefix-table.js';
import type { Address, Peer } from '../../protocol.js';
import type { AskSetMessage, FailedMessage, LeavesMessage, LeavingMessage, PastryRouted } from './messages.js';
import { withNeighbour, without } from './neighbourhood.js';
import type { PastrySettings } from './settings.js';

/** Of a routing table, one peer per cell. */
const PER_CELL = 1;

export abstract class NodeState extends Membership<PastryRouted, PastrySettings> {
  leaves: LeafSet;
  /** [round trip in ms, identifier, address, ...], nearest first. */
  neighbourhood: number[] = [];
  /** Whose turn it is to compare leaf sets. */
  private turn = 0;
  /** Whose turn it is to be pinged, of the table. */
  private tableTurn = 0;

  constructor(peer: Peer, settings: PastrySettings) {
    super(peer, settings, PER_CELL);
    this.leaves = new LeafSet(this.identifier, Math.floor(settings.leafSet / 2));
  }

  override identify(attempt: number): void {
    super.identify(attempt);
    this.leaves = new LeafSet(this.identifier, Math.floor(this.settings.leafSet / 2));
    this.neighbourhood = [];
  }

  /** A newcomer to the leaf set: some of the keys kept here may be its own now. Called before it is entered. */
  protected abstract beforeLeaf(identifier: number, address: Address): void;

  // Knowing peers.

  protected learn(identifier: number, address: Address, rttMs: number): boolean {
    const { settings, leaves } = this;
    const inTable = this.table.insert(identifier, address, rttMs);
    let isLeaf = false;
    if (leaves.wants(identifier)) {
      this.beforeLeaf(identifier, address);
      isLeaf = leaves.insert(identifier, address);
    }
    const before = this.neighbourhood;
    if (rttMs !== UNKNOWN_RTT_MS) this.neighbourhood = withNeighbour(before, settings.neighbourhoodSet, rttMs, identifier, address);
    return inTable || isLeaf || before !== this.neighbourhood;
  }

  protected wants(identifier: number): boolean {
    return this.leaves.wants(identifier) || this.table.wants(identifier);
  }

  /** Takes a peer out of everything, and looks for others in its place. */
  protected drop(address: Address): void {
    this.neighbourhood = without(this.neighbourhood, address);
    const { clockwise, anticlockwise } = this.leaves.remove(address);
    this.dropFromTable(address);
    if (!this.joined) return;
    if (this.leaves.size === 0 && this.table.size === 0) {
      this.onIsolated();
      return;
    }
    if (clockwise) this.mendSide(true);
    if (anticlockwise) this.mendSide(false);
  }

  /** Asks the outermost live member of a side for its leaf set; when the side is empty, the outermost of the other. */
  private mendSide(clockwise: boolean): void {
    const side = this.leaves.side(clockwise);
    const outermost = side.at(-1) ?? this.leaves.side(!clockwise).at(-1) ?? this.table.entries.at(-1);
    if (outermost !== undefined) this.askLeaves(outermost);
  }

  protected override onSilence(address: Address): void {
    const wasLeaf = this.isLeaf(address);
    super.onSilence(address);
    if (!wasLeaf || !this.joined) return;
    this.toLeaves({ type: 'failed', address });
  }

  /** Only its nearest neighbours pass it on: each has members in its leaf set of whom who told it knows nothing. */
  protected override onSuspicion(address: Address): void {
    const isNearest = this.leaves.side(true)[1] === address || this.leaves.side(false)[1] === address;
    super.onSuspicion(address);
    if (isNearest && this.joined) this.toLeaves({ type: 'failed', address });
  }

  protected onFailed({ address }: FailedMessage): void {
    if (this.isLeaf(address)) this.suspect(address);
  }

  private isLeaf(address: Address): boolean {
    return this.leaves.addresses().includes(address);
  }

  protected toLeaves(message: FailedMessage | LeavingMessage): void {
    for (const address of this.leaves.addresses()) this.peer.send(address, message);
  }

  protected onLeaving(from: Address, { contacts }: LeavingMessage): void {
    this.drop(from);
    this.hear(contacts);
  }

  // Upkeep.

  protected startUpkeep(): void {
    const { leafProbeMs, tableProbeMs, neighbourhoodMs, neighbourhoodSet } = this.settings;
    if (leafProbeMs > 0) this.peer.every(leafProbeMs, this.probeLeaves);
    if (tableProbeMs > 0) this.peer.every(tableProbeMs, this.probeTable);
    if (neighbourhoodMs > 0 && neighbourhoodSet > 0) this.peer.every(neighbourhoodMs, this.probeNeighbourhood);
  }

  /** Pings the nearest on each side, and compares leaf sets with one member after the other. */
  private probeLeaves(): void {
    const all = this.leaves.addresses();
    if (!this.joined || all.length === 0) return;
    const nearest = [this.leaves.side(true)[1], this.leaves.side(false)[1]];
    const turn = all[this.turn++ % all.length];
    for (const address of new Set(nearest)) if (address !== undefined && address !== turn) this.ping('known', address);
    this.askLeaves(turn);
  }

  private probeTable(): void {
    const { table } = this;
    if (this.joined && table.size > 0) this.ping('known', table.entries[(this.tableTurn++ % table.size) * ENTRY + 2]);
  }

  private probeNeighbourhood(): void {
    const { neighbourhood } = this;
    if (!this.joined || neighbourhood.length === 0) return;
    this.ask('ask-neighbours', neighbourhood[this.peer.random.integer(neighbourhood.length / 3) * 3 + 2]);
  }

  protected askLeaves(address: Address): void {
    this.ask('ask-leaves', address);
  }

  private ask(type: AskSetMessage['type'], to: Address): void {
    const question = new Question('peers', to, this.peer.now);
    this.request(question, { type, request: this.number(question), identifier: this.identifier } as AskSetMessage);
  }

  /** Who asks is alive, and a member: it may be a leaf that was not known. */
  protected onAskLeaves(from: Address, { request, identifier }: AskSetMessage): void {
    const contacts = this.leaves.all();
    this.learn(identifier, from, UNKNOWN_RTT_MS);
    this.peer.send(from, { type: 'leaves', request, identifier: this.identifier, contacts } as LeavesMessage);
  }

  protected onAskNeighbours(from: Address, { request }: AskSetMessage): void {
    this.peer.send(from, { type: 'row', request, contacts: this.neighbourhood.filter((_, i) => i % 3 !== 0) });
  }

  /** The answer to `ask-leaves`. */
  protected onLeaves(from: Address, message: LeavesMessage): void {
    const question = this.calls.close(message.request);
    if (question?.kind !== 'question') return;
    this.learn(message.identifier, from, this.rttOf(question));
    this.hear(message.contacts);
  }
}
