/**
 * The half of a servent that keeps its links, and decides which of the two it is. A leaf has links to a few ultrapeers, all of which it
 * asked for itself; an ultrapeer has links to many others, and a desk for its leaves. Who changes from one to the other hangs up on
 * everybody and calls again, as the real ones do.
 */

import type { HostCache } from '../../overlay/links/host-cache.js';
import { BYE } from '../../overlay/links/messages.js';
import { Sharing } from '../../overlay/links/sharing.js';
import type { Address, CloseReason, Connection, Item, Peer } from '../../protocol.js';
import { hasBandwidth } from './election.js';
import { Leaf, LeafDesk, OWN } from './leaf-desk.js';
import { type Accept, type Agree, type Connect, PING, type Pong, type UltrapeerMessage } from './messages.js';
import type { UltrapeerSettings } from './settings.js';

/** Other ultrapeers named in an answer to a handshake, or in a pong. */
const HOSTS_NAMED = 5;
/** Rests without any link after which somebody volunteers whose line is not up to it. */
const DESPERATE_RESTS = 3;

export abstract class Roles extends Sharing<UltrapeerSettings> {
  /** Null: a leaf. */
  protected desk: LeafDesk | null = null;
  /** What this peer shares. */
  protected items: Item[] | null = null;
  private joinedMs = 0;
  /** When an ultrapeer last said that more are needed. */
  private neededMs = Number.NEGATIVE_INFINITY;
  private restsAlone = 0;
  /** Whom it has asked since its last rest: refusals name the same ultrapeers again and again. */
  private asked: Address[] = [];
  /** By which a push finds it; 0 until it is needed, and where it can be called. */
  protected servent = 0;

  constructor(peer: Peer, settings: UltrapeerSettings) {
    super(peer, settings);
    this.wanted = settings.leafUltrapeers;
  }

  get isUltrapeer(): boolean {
    return this.desk !== null;
  }

  /** A new link to an ultrapeer. */
  protected abstract onLinked(link: Connection): void;

  join(): void {
    this.joinedMs = this.peer.now;
    if (this.settings.electMs > 0) this.peer.every(this.settings.electMs, this.elect);
    this.keepLinks();
  }

  /** A converged start: a leaf with its ultrapeers; nothing is known of who has been there longest. */
  beginAsLeaf(ultrapeers: readonly Connection[], servent: number, address: Address): void {
    this.servent = servent;
    this.begin(ultrapeers, this.settings.leafUltrapeers, address);
  }

  /** The same: an ultrapeer with others and its leaves, and the identifier of each leaf that cannot be called. */
  beginAsUltrapeer(links: readonly Connection[], leaves: readonly Connection[], servents: readonly number[], address: Address): void {
    this.desk = new LeafDesk();
    for (const [i, connection] of leaves.entries()) this.desk.add(new Leaf(connection, servents[i], this.peer.now));
    this.adopt(links, Math.max(links.length, Math.min(this.settings.desiredNeighbours, this.settings.degree)), address);
    this.join();
  }

  override neighbours(): Address[] {
    const ultrapeers = super.neighbours();
    return this.desk === null ? ultrapeers : ultrapeers.concat([...this.desk.leaves.keys()]);
  }

  override leave(): void {
    this.hangUp();
  }

  override onClose(connection: Connection, reason: CloseReason): void {
    if (connection.tag instanceof Leaf) this.desk?.remove(connection.tag);
    else super.onClose(connection, reason);
  }

  // The handshake.

  protected override greeting(): Connect {
    return { type: 'connect', ultrapeer: this.isUltrapeer };
  }

  protected onHandshake(connection: Connection, message: UltrapeerMessage): void {
    switch (message.type) {
      case 'connect':
        this.onAsked(connection, message);
        return;
      case 'accept':
        this.onAcceptedBy(connection, message);
        return;
      case 'agree':
        this.onAgree(connection, message);
        return;
      case 'refuse':
        this.onRefuse(connection, message.hosts);
        return;
      case 'bye':
        if (connection.tag instanceof Leaf) {
          this.desk?.remove(connection.tag);
          connection.close();
        } else this.onBye(connection);
        return;
    }
  }

  private onAsked(connection: Connection, { ultrapeer }: Connect): void {
    const { remote } = connection;
    this.noteAnswer(connection); // both asked each other at the same time
    if (this.hasRoomFor(ultrapeer) && !this.linkWith(remote)) {
      connection.send({ type: 'accept', seenAs: remote, needed: this.needsUltrapeers(), hosts: this.hostsFor(remote) });
    } else {
      connection.send({ type: 'refuse', hosts: this.hostsFor(remote) });
      connection.close();
    }
  }

  private onAcceptedBy(connection: Connection, { seenAs, needed, hosts }: Accept): void {
    this.noteAnswer(connection);
    this.learnOwn(seenAs);
    this.noteNeed(needed);
    for (const host of hosts) this.learn(host);
    const hasNobody = this.links.length === 0 && this.desk?.leaves.size === 0;
    if (hasNobody && !needed) this.demote(); // "leaf guidance": one that has just volunteered is told that there are enough
    if (this.hasRoom() && !this.linkWith(connection.remote)) {
      connection.send({ type: 'agree', ultrapeer: this.isUltrapeer, servent: this.serventForPush() });
      this.link(connection);
      this.restsAlone = 0;
      this.onLinked(connection);
    } else this.dismiss(connection);
    this.seek();
  }

  private onAgree(connection: Connection, { ultrapeer, servent }: Agree): void {
    const { desk } = this;
    if (this.isLink(connection)) return; // both asked each other at the same time
    if (desk === null || !this.hasRoomFor(ultrapeer) || this.linkWith(connection.remote)) this.dismiss(connection);
    else if (ultrapeer) this.link(connection);
    else {
      const former = desk.leaves.get(connection.remote);
      if (former !== undefined) this.drop(former);
      desk.add(new Leaf(connection, servent, this.peer.now));
    }
  }

  protected serventForPush(): number {
    if (this.servent === 0 && !this.peer.reachable) this.servent = this.peer.random.identifier() || 1;
    return this.servent;
  }

  private dismiss(connection: Connection): void {
    connection.send(BYE);
    connection.close();
  }

  protected override hasRoom(): boolean {
    return this.desk === null ? this.links.length < this.settings.leafUltrapeers : super.hasRoom();
  }

  /** A leaf takes nobody in. */
  private hasRoomFor(ultrapeer: boolean): boolean {
    if (this.desk === null) return false;
    return ultrapeer ? super.hasRoom() : this.desk.leaves.size < this.settings.leaves;
  }

  /** Only ultrapeers are named, those with free slots before others. */
  protected override hostsFor(asker: Address): Address[] {
    const hosts = this.peer.random.shuffle(this.links.map(({ remote }) => remote).filter((host) => host !== asker));
    const taken = this.desk?.taken;
    if (taken !== undefined) hosts.sort((a, b) => Number((taken.get(a) ?? 0) >= 1) - Number((taken.get(b) ?? 0) >= 1));
    return hosts.slice(0, HOSTS_NAMED);
  }

  protected override call(cache: HostCache, candidate: Address): void {
    this.asked.push(candidate);
    super.call(cache, candidate);
  }

  protected override learn(host: Address): void {
    if (!this.asked.includes(host)) super.learn(host);
  }

  /** The bootstrap names peers, of which most are leaves: it is for those who know no ultrapeer, or hardly any. */
  protected override get asksBootstrap(): boolean {
    return this.links.length < (this.isUltrapeer ? this.settings.leafUltrapeers : 1);
  }

  // Upkeep.

  protected probe(link: Connection): void {
    link.send(PING);
  }

  protected pongFor(asker: Address): Pong {
    const taken = this.desk === null ? 1 : this.desk.leaves.size / this.settings.leaves;
    return { type: 'pong', taken, needed: this.needsUltrapeers(), hosts: this.hostsFor(asker) };
  }

  protected onPong(link: Connection, { taken, needed, hosts }: Pong): void {
    this.desk?.taken.set(link.remote, taken);
    this.noteNeed(needed);
    if (this.links.length >= this.wanted) return;
    for (const host of hosts) this.learn(host);
    this.seek();
  }

  protected override unlink(connection: Connection): void {
    super.unlink(connection);
    this.desk?.taken.delete(connection.remote);
  }

  protected override tend(): void {
    super.tend();
    if (this.desk === null) return;
    for (const leaf of this.desk.leaves.values()) {
      if (this.peer.now - leaf.heardMs < this.settings.keepAliveTimeoutMs) continue;
      this.peer.count('leaves-timed-out');
      this.drop(leaf);
    }
  }

  private drop(leaf: Leaf): void {
    this.desk?.remove(leaf);
    leaf.connection.reset();
  }

  /** A leaf has as many as it wants, and looks for others only when it has lost one. */
  protected override lookAround(): void {
    if (this.isUltrapeer) super.lookAround();
  }

  // The election.

  /** Whether this ultrapeer would tell a leaf that more are needed. */
  private needsUltrapeers(): boolean {
    const { desk, links } = this;
    if (desk === null || 2 * desk.taken.size < links.length) return false; // it has not heard of most
    return desk.takenAround(this.settings.leaves) >= this.settings.fullShare;
  }

  private noteNeed(needed: boolean): void {
    if (needed) this.neededMs = this.peer.now;
  }

  /** How long it will stay is best told by how long it has been there. */
  private likelihood(): number {
    const { fullUptimeMs, volunteers } = this.settings;
    const uptimeMs = this.peer.now - this.joinedMs;
    return volunteers * (uptimeMs >= fullUptimeMs ? 1 : uptimeMs / fullUptimeMs);
  }

  /** Considers whether to change. */
  private elect(): void {
    const { desk, peer, settings } = this;
    if (desk === null) {
      const isNeeded = peer.now - this.neededMs < settings.electMs + settings.keepAliveMs;
      const isCapable = peer.reachable && hasBandwidth(peer, settings);
      if (isNeeded && isCapable && peer.random.next() < this.likelihood()) this.becomeUltrapeer();
    } else if (this.links.length >= settings.leafUltrapeers && desk.takenAround(settings.leaves) < settings.emptyShare) {
      // The emptier it is beside the others, the likelier it goes.
      if (peer.random.next() * settings.emptyShare > desk.leaves.size / settings.leaves && peer.random.next() < 0.25) this.becomeLeaf();
    }
  }

  /** Nobody takes this peer in. Somebody has to be the first. */
  protected override onRest(cache: HostCache): void {
    const { peer, settings } = this;
    this.asked = [];
    if (this.links.length > 0 || this.isUltrapeer) return;
    this.restsAlone++;
    if (!peer.reachable || (!hasBandwidth(peer, settings) && this.restsAlone < DESPERATE_RESTS)) return;
    if (peer.random.next() < Math.max(settings.volunteers, 1 / (1 + cache.tries))) this.becomeUltrapeer();
  }

  private becomeUltrapeer(): void {
    this.peer.count('promotions');
    this.changeRole(new LeafDesk(), this.settings.desiredNeighbours);
    for (const item of this.items ?? []) this.desk?.index.add(item, OWN);
    this.seek();
  }

  private becomeLeaf(): void {
    this.demote();
    this.seek();
  }

  private demote(): void {
    this.peer.count('demotions');
    this.changeRole(null, this.settings.leafUltrapeers);
  }

  /** Those it knew so far are the first it calls again. */
  private changeRole(desk: LeafDesk | null, wanted: number): void {
    const known = super.neighbours();
    this.hangUp();
    this.desk = desk;
    this.wanted = wanted;
    this.asked = [];
    for (const host of known) this.learn(host);
  }

  private hangUp(): void {
    const { links, desk } = this;
    for (const link of links.slice()) {
      this.unlink(link);
      this.dismiss(link);
    }
    for (const leaf of [...(desk?.leaves.values() ?? [])]) {
      desk?.remove(leaf);
      this.dismiss(leaf.connection);
    }
  }
}
