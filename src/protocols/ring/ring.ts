/**
 * One peer of the circular DHT: a question is passed clockwise, from successor to successor, until it reaches the peer that the key belongs
 * to. A shortcut that does not lead past the key is taken instead.
 *
 * The further successors are there for failures only, so they shorten no lookup.
 */

import type { Step } from '../../overlay/circle/lookups.js';
import { CircleMember } from '../../overlay/circle/member.js';
import { contactBytes, NOBODY } from '../../overlay/circle/messages.js';
import { CONTACT } from '../../overlay/circle/neighbours.js';
import type { Address, Peer, PeerState } from '../../protocol.js';
import type { RingSettings } from './settings.js';

const NONE: readonly number[] = [];

export class RingPeer extends CircleMember {
  declare readonly settings: RingSettings;
  /** [identifier, address, ...], in the order of `points`; NOBODY where none is known. */
  private links: readonly number[] = NONE;
  /** Which shortcut to look up next. */
  private next = 0;

  constructor(peer: Peer, settings: RingSettings) {
    super(peer, settings);
  }

  /** The identifiers whose owners this peer has shortcuts to. */
  get points(): number[] {
    const { shortcuts, shortcutLinks } = this.settings;
    const points: number[] = [];
    for (let i = 1; i <= Math.min(shortcuts, this.ring.bits); i++) points.push(this.ring.plus(this.identifier, this.ring.size / 2 ** i));
    for (let i = 0; i + 1 < shortcutLinks.length; i += 2) if (shortcutLinks[i] === this.identifier) points.push(shortcutLinks[i + 1]);
    return points;
  }

  /** The known shortcuts as [identifier, address, ...]. */
  get shortcuts(): readonly number[] {
    return this.links.filter((_, i) => this.links[i | 1] !== NOBODY);
  }

  setShortcut(which: number, identifier: number, address: Address): void {
    const links = this.links.slice();
    while (links.length <= which * CONTACT) links.push(0, NOBODY);
    links[which * CONTACT] = identifier;
    links[which * CONTACT + 1] = address === this.peer.address ? NOBODY : address;
    this.links = links;
  }

  protected step(identifier: number): Step {
    let to = this.successor;
    let best = this.ring.distance(this.identifier, this.successors[0]);
    const distance = this.ring.distance(this.identifier, identifier);
    for (let i = 0; i < this.links.length; i += CONTACT) {
      const reach = this.ring.distance(this.identifier, this.links[i]);
      if (this.links[i + 1] === NOBODY || reach <= best || reach > distance) continue;
      best = reach;
      to = this.links[i + 1];
    }
    return { to, leg: 0 };
  }

  protected override onPlace(): void {
    for (const [which, point] of this.points.entries()) if (!this.links[which * CONTACT + 1]) this.lookUp(which, point);
  }

  protected override startOwnUpkeep(): void {
    if (this.settings.shortcutMs > 0 && this.points.length > 0) this.peer.every(this.settings.shortcutMs, this.refresh);
  }

  private refresh(): void {
    if (!this.joined) return;
    const { points } = this;
    this.next = (this.next + 1) % points.length;
    this.lookUp(this.next, points[this.next]);
  }

  private lookUp(which: number, point: number): void {
    this.find('link', this.ring.keyOf(point), which);
  }

  protected override onLink(which: number, owner: Address, identifier: number): void {
    this.setShortcut(which, identifier, owner);
  }

  protected override drop(address: Address): void {
    if (this.links.includes(address)) this.links = this.links.map((number, i) => (i % 2 === 1 && number === address ? NOBODY : number));
    super.drop(address);
  }

  override *neighbours(): Iterable<Address> {
    yield* super.neighbours();
    for (let i = 1; i < this.links.length; i += CONTACT) if (this.links[i] !== NOBODY) yield this.links[i];
  }

  override state(): PeerState {
    const { entries, bytes } = super.state();
    const links = this.shortcuts.length / CONTACT;
    return { entries: entries + links, bytes: bytes + links * contactBytes(this.ring.bits) };
  }
}
