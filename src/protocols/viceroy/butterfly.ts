/**
 * A peer's level and its five links besides those to successor and predecessor, and their upkeep.
 *
 * A peer of level l at identifier s (the circle being 1 long) has
 * - up: the first peer clockwise of s that has level l - 1; none at level 1;
 * - down left: the first one clockwise of s that has level l + 1;
 * - down right: the first one at or clockwise of s + 1/2^l that has level l + 1;
 * - next and previous on level: its neighbours among the peers of level l.
 * Peers of a level that nobody is below, and the only peer of its level, lack these.
 *
 * Each is found by asking along the ring, since one peer in log N has a given level; down right, from the owner of s + 1/2^l on.
 *
 * The paper leaves failures and simultaneous joins open, and has each newcomer take over the links that should lead to it. Here a link
 * is found anew periodically, one of the five each time, which mends whatever has happened. A newcomer only tells its neighbours on the
 * level, and one that leaves or changes its level tells them too.
 */

import { Lookup, Ping } from '../../overlay/circle/calls.js';
import { CircleMember } from '../../overlay/circle/member.js';
import { contactBytes, NOBODY } from '../../overlay/circle/messages.js';
import { CONTACT } from '../../overlay/circle/neighbours.js';
import type { Address, Message, Peer, PeerState } from '../../protocol.js';
import { highestLevel, levelAgain, levelOf } from './levels.js';
import type { LevelBesideMessage, LevelLeavingMessage, LevelMessage, ScanMessage, ScannedMessage } from './messages.js';
import type { ViceroySettings } from './settings.js';

/** The places of the links in `links`. */
export const UP = 0;
export const LEFT = 1;
export const RIGHT = 2;
export const NEXT = 3;
export const PREVIOUS = 4;
const LINKS = 5;

const NO_LINKS: readonly number[] = new Array(LINKS * CONTACT).fill(NOBODY);

export abstract class Butterfly extends CircleMember {
  declare readonly settings: ViceroySettings;
  /** 0 until it is drawn. */
  level = 0;
  /** The highest level there was to draw when it was drawn. */
  protected highest = 0;
  /** [identifier, address] of each link; NOBODY where none is known. Replaced, never changed. */
  private links = NO_LINKS;
  /** Which link to find anew next. */
  private nextLink = 0;

  constructor(peer: Peer, settings: ViceroySettings) {
    super(peer, settings);
  }

  // Links.

  /** Where a link leads; NOBODY: none is known. */
  linkTo(which: number): Address {
    return this.links[which * CONTACT + 1];
  }

  /** How far clockwise a known link leads. */
  protected reachOf(which: number): number {
    return this.ring.distance(this.identifier, this.links[which * CONTACT]);
  }

  setLink(which: number, identifier: number, address: Address): void {
    if (this.linkTo(which) === address && this.links[which * CONTACT] === identifier) return;
    const links = this.links.slice();
    links[which * CONTACT] = identifier;
    links[which * CONTACT + 1] = address === this.peer.address ? NOBODY : address;
    this.links = links;
  }

  protected override drop(address: Address): void {
    for (let which = 0; which < LINKS; which++) if (this.linkTo(which) === address) this.setLink(which, 0, NOBODY);
    super.drop(address);
  }

  // Levels.

  /** Called by `converge`. */
  setLevel(level: number, highest: number): void {
    this.level = level;
    this.highest = highest;
  }

  private highestNow(): number {
    if (this.settings.levelCount > 0) return this.settings.levelCount;
    const distance = this.successors.length > 0 ? this.ring.distance(this.identifier, this.successors[0]) : this.ring.size;
    return highestLevel(this.ring, distance);
  }

  private drawLevel(): void {
    const highest = this.highestNow();
    const named = this.settings.levels[Number(this.peer.name.slice(1))];
    this.setLevel(named ?? levelOf(this.peer.random.next(), highest), highest);
  }

  private drawLevelAgain(): void {
    const highest = this.highestNow();
    if (!this.settings.reselect || highest === this.highest || this.settings.levels.length > 0) return;
    const level = levelAgain(this.peer.random, this.level, this.highest, highest);
    if (level !== this.level) {
      this.peer.count('viceroy.levels-changed');
      this.leaveLevel();
      this.links = NO_LINKS;
      this.setLevel(level, highest);
      this.findLinks();
    }
    this.highest = highest;
  }

  // Upkeep.

  protected override onPlace(): void {
    if (this.level === 0) this.drawLevel();
    if (this.links === NO_LINKS) this.findLinks();
  }

  protected override startOwnUpkeep(): void {
    if (this.settings.linksMs > 0) this.peer.every(this.settings.linksMs, this.refresh);
  }

  private refresh(): void {
    if (!this.joined) return;
    this.drawLevelAgain();
    this.findLink(this.nextLink);
    this.nextLink = (this.nextLink + 1) % LINKS;
  }

  private findLinks(): void {
    for (let which = 0; which < LINKS; which++) this.findLink(which);
  }

  private findLink(which: number): void {
    if (this.successors.length === 0 || this.levelBehind(which) === 0) return;
    if (which === RIGHT) {
      const point = this.ring.plus(this.identifier, 2 ** (this.ring.bits - Math.min(this.level, this.ring.bits)));
      this.find('link', this.ring.keyOf(point), which);
    } else {
      this.scanFrom(which === PREVIOUS ? this.predecessor : this.successor, which);
    }
  }

  /** The level of the peer that a link should lead to. */
  private levelBehind(which: number): number {
    if (which === UP) return this.level - 1;
    return which === LEFT || which === RIGHT ? this.level + 1 : this.level;
  }

  protected override onLink(which: number, owner: Address): void {
    this.scanFrom(owner === this.peer.address ? this.successor : owner, which);
  }

  private scanFrom(first: Address, which: number): void {
    if (first === NOBODY || first === this.peer.address) return;
    const left = Math.min(this.settings.scanFactor * Math.max(this.highest, 2), 65_535);
    const lookup = new Lookup('link', 0, null, which, this.settings.lookupRetries);
    const request = this.calls.open(lookup, this.settings.lookupTimeoutMs);
    this.peer.send(first, {
      type: 'scan',
      level: this.levelBehind(which),
      backwards: which === PREVIOUS,
      origin: this.peer.address,
      request,
      left,
    } as ScanMessage);
  }

  private onScan(scan: ScanMessage): void {
    const { level, backwards, origin, request, left } = scan;
    const next = backwards ? this.predecessor : this.successor;
    if (this.level === level) this.sayScanned(origin, request, level);
    else if (left > 1 && next !== NOBODY && next !== this.peer.address) this.peer.send(next, { ...scan, left: left - 1 });
    else this.sayScanned(origin, request, 0);
  }

  private sayScanned(origin: Address, request: number, level: number): void {
    const message: ScannedMessage = { type: 'scanned', request, identifier: this.identifier, level };
    if (origin === this.peer.address) this.onScanned(origin, message);
    else this.peer.send(origin, message);
  }

  private onScanned(from: Address, { request, identifier, level }: ScannedMessage): void {
    const call = this.calls.close(request);
    if (call?.kind !== 'lookup') return;
    const which = call.about;
    if (level === 0) {
      this.setLink(which, 0, NOBODY);
    } else if (level === this.levelBehind(which)) {
      const isNew = from !== this.linkTo(which) && from !== this.peer.address;
      this.setLink(which, identifier, from);
      if (isNew && (which === NEXT || which === PREVIOUS)) {
        this.peer.send(from, { type: 'level-beside', identifier: this.identifier, level } as LevelBesideMessage);
      }
    }
  }

  protected override onLost(lookup: Lookup): void {
    if (lookup.purpose !== 'link') {
      super.onLost(lookup);
      return;
    }
    this.peer.count('viceroy.links-not-found');
    const known = this.linkTo(lookup.about);
    if (known !== NOBODY) this.ping(new Ping('link', known)); // the one there is will do while it lives
  }

  private onLevelBeside(from: Address, { identifier, level }: LevelBesideMessage): void {
    if (level !== this.level || identifier === this.identifier) return;
    if (this.linkTo(NEXT) === NOBODY || this.ring.between(identifier, this.identifier, this.links[NEXT * CONTACT])) {
      this.setLink(NEXT, identifier, from);
    }
    if (this.linkTo(PREVIOUS) === NOBODY || this.ring.between(identifier, this.links[PREVIOUS * CONTACT], this.identifier)) {
      this.setLink(PREVIOUS, identifier, from);
    }
  }

  private leaveLevel(): void {
    const message: LevelLeavingMessage = {
      type: 'level-leaving',
      level: this.level,
      next: this.linkTo(NEXT),
      nextIdentifier: this.links[NEXT * CONTACT],
      previous: this.linkTo(PREVIOUS),
      previousIdentifier: this.links[PREVIOUS * CONTACT],
    };
    if (message.next !== NOBODY) this.peer.send(message.next, message);
    if (message.previous !== NOBODY && message.previous !== message.next) this.peer.send(message.previous, message);
  }

  private onLevelLeaving(from: Address, message: LevelLeavingMessage): void {
    if (message.level !== this.level) return;
    if (this.linkTo(NEXT) === from) this.setLink(NEXT, message.nextIdentifier, message.next);
    if (this.linkTo(PREVIOUS) === from) this.setLink(PREVIOUS, message.previousIdentifier, message.previous);
  }

  override leave(): void {
    if (this.joined) this.leaveLevel();
    super.leave();
  }

  protected override onOther(from: Address, message: Message): void {
    if (!this.joined) return;
    const about = message as LevelMessage;
    if (about.type === 'scan') this.onScan(about);
    else if (about.type === 'scanned') this.onScanned(from, about);
    else if (about.type === 'level-beside') this.onLevelBeside(from, about);
    else if (about.type === 'level-leaving') this.onLevelLeaving(from, about);
  }

  // For checkers and pictures.

  override *neighbours(): Iterable<Address> {
    yield* super.neighbours();
    for (let which = 0; which < LINKS; which++) if (this.linkTo(which) !== NOBODY) yield this.linkTo(which);
  }

  override state(): PeerState {
    const { entries, bytes } = super.state();
    let known = 0;
    for (let which = 0; which < LINKS; which++) if (this.linkTo(which) !== NOBODY) known++;
    return { entries: entries + known, bytes: bytes + known * contactBytes(this.ring.bits) };
  }
}
