/**
 * Virtual nodes: a peer that holds several places on the ring, so that its share of the keys is evened out (section VI-B of the paper).
 * Each place is an ordinary `Chord` that believes itself alone; it is lent a peer of its own, whose address names the place, and its
 * messages travel in an `at` envelope. Places of one peer talk without the network.
 */

import { serveClient } from '../../overlay/clients/desk.js';
import type { ClientMessage } from '../../overlay/clients/messages.js';
import type { Address, Connection, ConnectOptions, Item, Key, Message, Peer, PeerState, Protocol, Random, Timer } from '../../protocol.js';
import type { Locate, LocateOperation } from '../../services/locate.js';
import { Chord } from './chord.js';
import type { AtMessage, PlaceMessage } from './messages.js';
import { addressOfPlace, hostOf, placeOf } from './placing.js';
import type { ChordSettings } from './settings.js';

/** A timer's callback, to be run by the place that set it. */
interface Task {
  readonly chord: Chord;
  readonly callback: (this: Chord, argument: never) => void;
  readonly argument: unknown;
}

export class ManyPlaces implements Protocol<AtMessage | ClientMessage>, Locate {
  readonly places: readonly Chord[];
  private readonly peer: Peer;

  constructor(peer: Peer, settings: ChordSettings) {
    this.peer = peer;
    this.places = Array.from({ length: settings.virtualNodes }, (_, place) => {
      const lent = new PlacePeer(peer, place, this);
      lent.chord = new Chord(lent, settings, place);
      return lent.chord;
    });
  }

  join(): void {
    for (const place of this.places) place.join();
  }

  leave(): void {
    for (const place of this.places) place.leave();
  }

  /** Clients connect. */
  onAccept(): void {}

  publishFor(provider: Address, item: Item): void {
    this.nearest(item.key).publishFor(provider, item);
  }

  withdrawFor(provider: Address, key: Key): void {
    this.nearest(key).withdrawFor(provider, key);
  }

  onMessage(from: Address, message: AtMessage | ClientMessage, connection: Connection | null = null): void {
    if (message.type !== 'at') serveClient(this, message, connection);
    else this.places[message.to]?.onMessage(addressOfPlace(from, message.by), message.body);
  }

  /** A message from one of the own places. */
  deliver(message: AtMessage): void {
    this.onMessage(this.peer.address, message);
  }

  run(task: Task): void {
    task.callback.call(task.chord, task.argument as never);
  }

  publish(key: Key): void {
    this.nearest(key).publish(key);
  }

  locate(key: Key, operation: LocateOperation): void {
    this.nearest(key).locate(key, operation);
  }

  /** The own place that most closely precedes a key: a lookup begins there. */
  private nearest(key: Key): Chord {
    let nearest = this.places[0];
    let least = Number.POSITIVE_INFINITY;
    for (const place of this.places) {
      const distance = place.ring.distance(place.identifier, place.ring.identifierOf(key));
      if (distance >= least) continue;
      least = distance;
      nearest = place;
    }
    return nearest;
  }

  neighbours(): Iterable<Address> {
    const all = new Set<Address>();
    for (const place of this.places) for (const address of place.neighbours()) all.add(hostOf(address));
    all.delete(this.peer.address);
    return all;
  }

  /** The first of its places. */
  position(): readonly number[] {
    return this.places[0].position();
  }

  state(): PeerState {
    const states = this.places.map((place) => place.state());
    const total = (of: (state: PeerState) => number) => states.reduce((sum, state) => sum + of(state), 0);
    return { entries: total(({ entries }) => entries), bytes: total(({ bytes }) => bytes) };
  }
}

/** What `ManyPlaces` lends each of its places. */
class PlacePeer implements Peer {
  readonly address: Address;
  chord!: Chord;
  private readonly peer: Peer;
  private readonly place: number;
  private readonly owner: ManyPlaces;

  constructor(peer: Peer, place: number, owner: ManyPlaces) {
    this.peer = peer;
    this.place = place;
    this.owner = owner;
    this.address = addressOfPlace(peer.address, place);
  }

  get name(): string {
    return this.peer.name;
  }

  get now(): number {
    return this.peer.now;
  }

  get random(): Random {
    return this.peer.random;
  }

  get uplinkBitsPerSecond(): number {
    return this.peer.uplinkBitsPerSecond;
  }

  get downlinkBitsPerSecond(): number {
    return this.peer.downlinkBitsPerSecond;
  }

  get reachable(): boolean {
    return this.peer.reachable;
  }

  get servers(): readonly Address[] {
    return this.peer.servers;
  }

  get isServer(): boolean {
    return this.peer.isServer;
  }

  /** Others are met at their first place; when there are none, the later places join at the peer's own first. */
  bootstrap(count: number): Address[] {
    const others = this.peer.bootstrap(count);
    return others.length > 0 || this.place === 0 ? others : [this.peer.address];
  }

  send<M extends Message>(to: Address, body: M): void {
    const host = hostOf(to);
    const message: AtMessage = { type: 'at', to: placeOf(to), by: this.place, body: body as Message as PlaceMessage };
    if (host === this.peer.address) this.peer.after(0, this.owner.deliver, message);
    else this.peer.send(host, message);
  }

  connect(to: Address, options?: ConnectOptions): Connection {
    return this.peer.connect(hostOf(to), options);
  }

  mapPort(): Address | null {
    return this.peer.mapPort();
  }

  after<A>(delayMs: number, callback: (argument: A) => void, argument?: A): Timer {
    return this.peer.after(delayMs, this.owner.run, { chord: this.chord, callback, argument } as Task);
  }

  every<A>(periodMs: number, callback: (argument: A) => void, argument?: A, firstMs?: number): Timer {
    return this.peer.every(periodMs, this.owner.run, { chord: this.chord, callback, argument } as Task, firstMs);
  }

  cancel(timer: Timer | undefined): void {
    this.peer.cancel(timer);
  }

  count(counter: string, by?: number): void {
    this.peer.count(counter, by);
  }

  reach(): void {
    this.peer.reach();
  }

  timedOut(): void {
    this.peer.timedOut();
  }

  log(text: string): void {
    this.peer.log(text);
  }
}
