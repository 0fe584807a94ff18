/**
 * The user's part: being a descendant of a supernode. It has one chosen (choice.ts), registers there, says what it shares, asks its
 * questions there, and when the supernode is lost chooses another and says everything again. A supernode is its own user's.
 */

import type { Address, CloseReason, Connection, Item, Peer, PeerState } from '../../protocol.js';
import type { LocateOperation } from '../../services/locate.js';
import { Choice, type Seeker } from './choice.js';
import { type Accept, type Done, type Matches, RESULT, type Register, type Search, type Share, SUPERNODE_BYTES } from './messages.js';
import { type KazaaSettings, lineOptions } from './settings.js';

/** Files in one message. */
const ITEMS_PER_MESSAGE = 100;
const NO_LIST: readonly Address[] = [];

/** What else the peer is, seen from here. */
export interface Household {
  /** What it shares. */
  readonly items: readonly Item[];
  /** No supernode was found for long: becomes one. */
  rise(supernodes: readonly Address[]): void;
  /** A search has brought results, as they travel; and it brings no more. */
  onFound(operation: LocateOperation, results: readonly number[]): void;
  onDone(operation: LocateOperation): void;
}

const seekAgain = (user: User) => user.seek();
const onSilence = ([user, search]: readonly [User, number]) => user.onSilence(search);

/** A search that the supernode works on. */
interface Pending {
  readonly operation: LocateOperation;
  /** When the supernode last gave a sign of it, and by which connection it was asked. */
  access: Connection | null;
  isHeard: boolean;
}

export class User implements Seeker {
  /** With the supernode that has accepted. */
  access: Connection | null = null;
  /** Supernodes, as the last one told. Received, and shared with everybody it told the same: not to be written to. */
  list: readonly Address[] = NO_LIST;
  private readonly peer: Peer;
  private readonly settings: KazaaSettings;
  private readonly household: Household;
  private readonly sinceMs: number;
  /** With the one that was asked to accept. */
  private asked: Connection | null = null;
  private choice: Choice | null = null;
  private attempts = 0;
  private searches: Map<number, Pending> | null = null;
  private isSupernode = false;
  /** Nobody has answered a ping: datagrams may be blocked here, and then only a connection tells who is a supernode. */
  private isDeaf = false;

  constructor(peer: Peer, settings: KazaaSettings, household: Household) {
    this.peer = peer;
    this.settings = settings;
    this.household = household;
    this.sinceMs = peer.now;
  }

  state(): PeerState {
    return { entries: this.list.length, bytes: this.list.length * SUPERNODE_BYTES };
  }

  // Being somebody's descendant.

  /** Looks for a supernode, if there is none. */
  seek(): void {
    if (this.isSupernode || this.access !== null || this.asked !== null || this.choice !== null) return;
    if (this.isDeaf && this.list.length > 0) {
      this.connect(this.peer.random.pick(this.list));
      return;
    }
    this.choice = new Choice(this.peer, this.settings, this);
    this.choice.begin(this.list);
  }

  onPong(from: Address, pong: Parameters<Choice['onPong']>[1]): void {
    this.choice?.onPong(from, pong);
  }

  onNearest(supernode: Address): void {
    this.choice = null;
    this.connect(supernode);
  }

  onNobody(silent: readonly Address[]): void {
    const { peer, settings } = this;
    this.choice = null;
    this.attempts++;
    const isAlone = peer.bootstrap(1).length === 0;
    // Where everybody arrives at once, a few begin, and not all together.
    const begins = peer.uplinkBitsPerSecond >= settings.minimumUplink && peer.random.next() * settings.descendants < 1;
    if (peer.reachable && (isAlone || begins || this.attempts >= settings.patience)) this.household.rise([]);
    else if (silent.length > 0) {
      this.isDeaf = true;
      this.connect(silent[0]);
    } else this.rest();
  }

  /** The supernode says that another has more room. Until that one has accepted, this one serves. */
  onMove(supernode: Address): void {
    if (this.asked === null) this.connect(supernode);
  }

  onOpen(connection: Connection): void {
    if (connection !== this.asked) return;
    const { uplinkBitsPerSecond, reachable } = this.peer;
    connection.send({ type: 'register', uplinkBitsPerSecond, reachable, upMs: this.peer.now - this.sinceMs } satisfies Register);
  }

  /** The one asked has accepted; or the supernode sends a fresh list. */
  onAccept(connection: Connection, { supernodes }: Accept): void {
    if (connection === this.asked) {
      this.asked = null;
      this.attempts = 0;
      this.isDeaf = false;
      this.access?.close();
      this.access = connection;
      const { items } = this.household;
      for (let i = 0; i < items.length; i += ITEMS_PER_MESSAGE) this.share(items.slice(i, i + ITEMS_PER_MESSAGE));
      for (const [search, pending] of this.searches ?? []) this.ask(search, pending);
    }
    if (connection === this.access) this.list = supernodes;
  }

  /** The one asked is no supernode. */
  onRefer(connection: Connection, supernodes: readonly Address[]): void {
    connection.close();
    if (connection !== this.asked) return;
    this.asked = null;
    const { remote } = connection;
    this.list = [...new Set([...supernodes, ...this.list])].filter((address) => address !== remote);
    if (this.list.length > 0) this.seek();
    else this.rest();
  }

  onClose(connection: Connection, _reason: CloseReason): void {
    const { remote } = connection;
    if (connection === this.access) {
      this.access = null;
      this.peer.count('supernodes-lost');
    } else if (connection === this.asked) this.asked = null;
    else return;
    this.list = this.list.filter((address) => address !== remote);
    this.seek();
  }

  /** A converged start: this supernode has accepted already. */
  adopt(access: Connection, list: readonly Address[]): void {
    this.access = access;
    this.list = list;
  }

  /** This peer is a supernode from now on, and needs none. */
  rise(): void {
    this.isSupernode = true;
    this.choice?.stop();
    this.choice = null;
    this.asked?.close();
    this.asked = null;
    this.access?.close();
    this.access = null;
    this.list = NO_LIST;
  }

  /** It is one no longer. */
  fall(supernodes: readonly Address[]): void {
    this.isSupernode = false;
    this.list = supernodes;
    this.seek();
  }

  leave(): void {
    this.access?.close();
  }

  /** Says that these files are here. */
  share(items: readonly Item[]): void {
    this.access?.send({ type: 'share', items } satisfies Share);
  }

  private connect(supernode: Address): void {
    this.asked = this.peer.connect(supernode, lineOptions(this.settings));
  }

  private rest(): void {
    this.peer.after(this.settings.retryMs * (0.5 + this.peer.random.next()), seekAgain, this);
  }

  // Questions.

  locate(operation: LocateOperation): void {
    this.searches ??= new Map();
    for (const [old, pending] of this.searches) if (!pending.operation.open) this.searches.delete(old);
    const search = this.peer.random.integer(2 ** 32);
    const pending: Pending = { operation, access: null, isHeard: false };
    this.searches.set(search, pending);
    this.ask(search, pending);
  }

  /** Questions that wait for a supernode; taken by who becomes one. */
  takeOpen(): LocateOperation[] {
    const open = [...(this.searches?.values() ?? [])].map(({ operation }) => operation).filter((operation) => operation.open);
    this.searches = null;
    return open;
  }

  onMatches({ search, results, hops }: Matches): void {
    const pending = this.searches?.get(search);
    if (pending === undefined) return;
    pending.isHeard = true;
    // The way to the supernode is a hop.
    for (let i = 0; i < results.length; i += RESULT) {
      if (results[i] === pending.operation.key) pending.operation.found(results[i + 1], hops + 1);
    }
    this.household.onFound(pending.operation, results);
  }

  onDone({ search, hops }: Done): void {
    const pending = this.searches?.get(search);
    if (pending === undefined) return;
    this.searches?.delete(search);
    pending.operation.finish(hops + 1);
    this.household.onDone(pending.operation);
  }

  /** The supernode has not said a word about this search: it is taken for dead. */
  onSilence(search: number): void {
    const pending = this.searches?.get(search);
    if (pending === undefined || pending.isHeard || pending.access !== this.access || this.access === null) return;
    this.peer.timedOut();
    const { access } = this;
    access.reset();
    this.onClose(access, 'timed-out');
  }

  private ask(search: number, pending: Pending): void {
    const { access } = this;
    if (access === null || !pending.operation.open) return; // asked when there is one
    pending.access = access;
    pending.isHeard = false;
    access.send({ type: 'search', search, words: pending.operation.words } satisfies Search);
    this.peer.after(this.settings.answerTimeoutMs, onSilence, [this, search] as const);
  }
}
