/**
 * One peer of a content-addressable network: joining and leaving, and which message goes where. Ratnasamy, Francis, Handley, Karp,
 * Shenker, "A scalable content-addressable network" (SIGCOMM 2001); sections and appendix as there.
 *
 * It stands on five classes, each with one task: upkeep.ts, moves.ts, routing.ts, key-index.ts; place.ts is what it knows.
 */

import { serveClient } from '../../overlay/clients/desk.js';
import type { ClientMessage } from '../../overlay/clients/messages.js';
import type { Address, Connection, Key, Protocol } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import { Lookup, Ping } from './calls.js';
import { KeyIndex } from './key-index.js';
import { ANY_REALITY, type AnswerMessage, type BareMessage, type CanMessage, type PongMessage } from './messages.js';
import type { Place } from './place.js';
import { pointNamed } from './points.js';
import { type Point, SPACE } from './zones.js';

/** After so many silent candidates a peer begins a space of its own (which merges with others later). */
const MOST_CONTACTS = 8;
/** After so many candidates that had not joined either, it compares its address with so many others. */
const SURE_CONTACTS = 3;
const HOST_CACHE = 200;

export class Can extends KeyIndex implements Protocol<CanMessage | ClientMessage>, Locate {
  /** Candidates in a row that were silent, and that had not joined either. */
  private contactsTried = 0;
  private waits = 0;
  /** The number of the join under way. */
  private joining = 0;
  /** It has a place in every reality, and the periodic tasks run. */
  private settled = false;
  /** The attempt at which the point named in the settings, if any, was used. */
  private pointUsed = false;
  /** Questions asked before this peer had a place. */
  private early: [Key, LocateOperation][] | null = null;

  // Join and leave.

  join(): void {
    this.look();
  }

  leave(): void {
    if (!this.settled) return;
    this.withdrawAll();
    for (const place of this.places) this.leavePlace(place);
  }

  /** Called by `converge` when all places are filled. */
  converged(): void {
    this.settleIn();
  }

  /** Looks for a peer that is part of a space. */
  private look(): void {
    if (this.places.every(({ joined }) => joined)) return;
    const [contact] = this.peer.bootstrap(1);
    if (contact === undefined || this.contactsTried >= MOST_CONTACTS) {
      this.contactsTried = 0;
      this.beginSpaces();
    } else {
      this.contactsTried++;
      this.request(new Ping(contact, 'contact'), (request) => ({ type: 'ping', request }));
    }
  }

  /** This peer is the first: in every reality where it has no place the whole space is its. */
  private beginSpaces(): void {
    for (const place of this.places) {
      if (place.joined) continue;
      place.hold([SPACE], this.peer.now);
      this.onWelcome(place);
    }
  }

  private onPong({ request, joined }: PongMessage): void {
    const call = this.calls.close(request);
    if (call?.kind !== 'ping') return;
    if (call.purpose === 'measure') this.noteRoundTrip(call);
    else this.onContact(call.to, joined);
  }

  /** When several that have not joined find only each other, the one with the lowest address begins the space. */
  private onContact(contact: Address, joined: boolean): void {
    const place = this.places.find((each) => !each.joined);
    if (place === undefined) return;
    this.contactsTried = 0;
    if (joined) {
      this.joining = this.begin(new Lookup('join', this.joinPoint(place), place.reality, this.peer.now), contact);
    } else if (this.waits >= SURE_CONTACTS && this.peer.bootstrap(HOST_CACHE).every((other) => other > this.peer.address)) {
      this.beginSpaces();
    } else {
      this.waits++;
      this.peer.after(this.settings.rpcTimeoutMs, this.look);
    }
  }

  private joinPoint(place: Place): Point {
    const named = place.reality === 0 && !this.pointUsed ? pointNamed(this.settings, Number(this.peer.name.slice(1))) : null;
    this.pointUsed = true;
    return named ?? this.torus.pointOf(this.peer.random.identifier());
  }

  protected onWelcome(place: Place): void {
    this.calls.close(this.joining);
    this.publishAllIn(place);
    if (this.places.every(({ joined }) => joined)) this.settleIn();
    else this.look();
  }

  private settleIn(): void {
    if (!this.settled) {
      this.settled = true;
      const { reassignMs, mergeMs } = this.settings;
      this.startUpkeep();
      if (reassignMs > 0) this.peer.every(reassignMs, this.reassign);
      if (mergeMs > 0) this.peer.every(mergeMs, this.merge);
    }
    for (const [key, operation] of this.early ?? []) if (operation.open) this.locate(key, operation);
    this.early = null;
  }

  protected onEvicted(): void {
    this.peer.count('can.evicted');
    this.look();
  }

  /** Looks for its own zones through a random peer: somebody else answers when that peer is in another space. */
  private merge(): void {
    const [contact] = this.peer.bootstrap(1);
    if (contact === undefined) return;
    for (const { joined, zones, reality } of this.places) {
      if (joined) this.begin(new Lookup('merge', this.torus.middleOf(zones[0]), reality, this.peer.now), contact);
    }
  }

  // Lookups of every purpose.

  locate(key: Key, operation: LocateOperation): void {
    if (this.places.some(({ joined }) => joined)) {
      this.begin(new Lookup('locate', this.torus.pointOf(key), ANY_REALITY, this.peer.now, { key, operation }));
    } else {
      this.early ??= [];
      this.early.push([key, operation]);
    }
  }

  /** A search for nothing but the owner of a point. */
  seek(point: Point, operation: LocateOperation): void {
    this.begin(new Lookup('locate', point, ANY_REALITY, this.peer.now, { operation }));
  }

  /** Who has the key, as far as this peer has been told. */
  holders(key: Key): readonly Address[] {
    return this.providersOf(key);
  }

  protected onFound(lookup: Lookup, owner: Address, answer: Pick<AnswerMessage, 'hops' | 'providers'>): void {
    switch (lookup.purpose) {
      case 'locate':
        for (const provider of answer.providers) lookup.operation!.found(provider, answer.hops);
        lookup.operation!.finish(answer.hops);
        return;
      case 'publish':
      case 'withdraw':
        this.storeAt(owner, lookup);
        return;
      case 'probe':
      case 'merge': {
        const place = this.places[lookup.reality];
        if (owner !== this.peer.address && place.joined) this.tell(place, owner);
      }
    }
  }

  protected onLost(lookup: Lookup): void {
    if (lookup.purpose === 'join') {
      this.peer.count('can.joins-retried');
      this.look();
    } else if (lookup.purpose === 'probe') {
      this.vacate(this.places[lookup.reality], [lookup.zone], []);
    } else if (lookup.purpose !== 'merge') {
      this.peer.count('can.lookups-lost');
    }
  }

  /** The addresses of the neighbours in all realities. */
  neighbours(): Iterable<Address> {
    const addresses = new Set<Address>();
    for (const place of this.places) for (const { address } of place.neighbours) addresses.add(address);
    return addresses;
  }

  /** The middle of its first zone in the first reality, in the first two dimensions. */
  position(): readonly number[] | null {
    const { torus, zones } = this.places[0];
    if (zones.length === 0) return null;
    const middle = torus.boundsOf(zones[0]).map(([low, high]) => (low + high) / 2);
    return [middle[0], middle[1] ?? 0.5];
  }

  // Messages and timeouts.

  /** Clients connect. */
  onAccept(): void {}

  onMessage(from: Address, message: CanMessage | ClientMessage, connection: Connection | null = null): void {
    switch (message.type) {
      case 'lookup':
      case 'join':
        if (this.places.some(({ joined }) => joined)) this.onRouted(from, message);
        return;
      case 'ack':
        this.onAck(message.request);
        return;
      case 'answer':
        this.onAnswer(from, message);
        return;
      case 'update':
        this.onUpdate(from, message);
        return;
      case 'takeover':
        this.onTakeover(from, message);
        return;
      case 'welcome':
      case 'handover':
        this.onGive(from, message);
        return;
      case 'decline':
        this.onDecline(message);
        return;
      case 'leaving':
        this.onLeaving(from, message);
        return;
      case 'reassign':
        this.onReassign(message);
        return;
      case 'want':
        this.onWant(from, message);
        return;
      case 'ping':
        this.peer.send(from, {
          type: 'pong',
          request: message.request,
          joined: this.places.every(({ joined }) => joined),
        } as PongMessage);
        return;
      case 'pong':
        this.onPong(message);
        return;
      case 'store':
        this.onStore(from, message);
        return;
      case 'stored':
        this.onStored(message.request);
        return;
      case 'withdraw':
        this.onWithdraw(message);
        return;
      case 'items':
        this.onItems(message);
        return;
      default:
        serveClient(this, message, connection);
    }
  }

  private onAck(request: number): void {
    const call = this.calls.close(request);
    if (call?.kind === 'hop' || call?.kind === 'giving') this.noteRoundTrip(call);
  }

  private onDecline({ request }: BareMessage): void {
    const call = this.calls.close(request);
    if (call?.kind === 'giving') this.takeBack(call);
  }

  protected onTimeout(number: number): void {
    const call = this.calls.get(number);
    if (call === undefined) return;
    if (call.kind !== 'lookup' && call.repeats < this.settings.rpcRetries) {
      call.repeats++;
      this.calls.rearm(number, this.settings.rpcTimeoutMs);
      this.peer.send(call.to, call.message);
      return;
    }
    this.calls.close(number);
    switch (call.kind) {
      case 'lookup':
        this.onLookupTimeout(call);
        return;
      case 'hop':
        this.onHopSilence(call);
        return;
      case 'giving':
        this.takeBack(call);
        return;
      case 'storing':
        this.onStoreSilence(call);
        return;
      case 'ping':
        if (call.purpose === 'contact') this.look();
    }
  }
}
