/**
 * Upkeep of the places (section 2.3): every `updateMs` a peer tells its neighbours which zones it holds and who its own neighbours are;
 * at once when its zones change. The absence of updates is how a death shows; then the neighbours start timers in proportion to their
 * own volume, and the first whose timer ends, the smallest, takes the zone over and says so.
 *
 * Three things the paper leaves open. A zone may also vanish because a peer has died and come back between two updates, or because a
 * zone given away never arrived: whenever zones that a neighbour held are nobody's, they are vacant, whatever the reason. Two peers
 * may hold the same space, after a peer was taken for dead that lived or after two spaces met: then the finer zone stays and the
 * coarser yields (of equal ones the lower address stays), a rule that both sides come to alone. And who is named in an update though
 * next to or over one's own zones, but unknown, is sent an update, never simply entered: so the dead are not spread by hearsay.
 * A gap in the neighbourhood is looked into by a lookup first, which goes around it: the expanding ring search of the paper.
 */

import { Calls } from '../../overlay/rpc.js';
import type { Address, Peer } from '../../protocol.js';
import { type CanCall, type Giving, type Hop, Ping, type Request } from './calls.js';
import type { CanMessage, TakeoverMessage, UpdateMessage } from './messages.js';
import { type Neighbour, Place, same, type Vacancy } from './place.js';
import type { CanSettings } from './settings.js';
import { type Torus, torusOf } from './torus.js';
import { depthOf, overlap, type Point, volumeOf, withoutAll, type Zone } from './zones.js';

/** A takeover timer is never longer than this many times `takeoverMs`, whatever the volumes. */
const LONGEST_TAKEOVER = 8;
/** A neighbour that left a hop unacknowledged is dead when it was not heard for so many periods either. */
const SUSPECT_PERIODS = 1.5;

export abstract class Upkeep {
  readonly peer: Peer;
  readonly settings: CanSettings;
  readonly torus: Torus;
  /** One per reality. */
  readonly places: readonly Place[];
  private waiting: Calls<CanCall> | undefined = undefined;

  constructor(peer: Peer, settings: CanSettings) {
    this.peer = peer;
    this.settings = settings;
    this.torus = torusOf(settings.dimensions);
    this.places = Array.from({ length: settings.realities }, (_, reality) => new Place(reality, this.torus));
  }

  /** A request was not answered in time; `number` is its number in `calls`. */
  protected abstract onTimeout(number: number): void;
  /** Finds out who holds this point of a zone, if anybody. */
  protected abstract probe(place: Place, zone: Zone, point: Point): void;
  /** This peer holds these zones from now on; their index entries are where copies of them are. */
  protected abstract onTakenOver(place: Place, zones: readonly Zone[]): void;
  /** Somebody else holds these zones: their index entries go there. */
  protected abstract handItems(place: Place, to: Address, zones: readonly Zone[]): void;
  /** This peer has lost its last zone in this reality. */
  protected abstract onEvicted(place: Place): void;

  /** Requests that wait for an answer; made when first needed. */
  protected get calls(): Calls<CanCall> {
    this.waiting ??= new Calls<CanCall>(this.peer, this.onTimeout);
    return this.waiting;
  }

  /** Sends a message under a number, to be sent again when there is no answer. */
  protected request<M extends CanMessage>(request: Request & CanCall & { message: M }, message: (request: number) => M): void {
    const number = this.calls.open(request, this.settings.rpcTimeoutMs);
    request.message = message(number);
    request.sentMs = this.peer.now;
    this.peer.send(request.to, request.message);
  }

  protected startUpkeep(): void {
    if (this.settings.updateMs > 0) this.peer.every(this.settings.updateMs, this.update);
  }

  private update(): void {
    for (const place of this.places) {
      if (!place.joined) continue;
      this.buryTheSilent(place);
      this.announce(place);
      if (this.settings.routing === 'rtt') {
        for (const neighbour of place.neighbours) if (neighbour.roundTripMs === 0) this.measure(neighbour);
      }
      if (place.doubtful) this.lookForHoles(place);
    }
  }

  private measure(neighbour: Neighbour): void {
    this.request(new Ping(neighbour.address, 'measure'), (request) => ({ type: 'ping', request }));
  }

  private buryTheSilent(place: Place): void {
    const { updateMs, missedUpdates } = this.settings;
    const oldest = this.peer.now - (missedUpdates + 0.5) * updateMs;
    const oldestSuspect = this.peer.now - SUSPECT_PERIODS * updateMs;
    const silent = place.neighbours.filter(({ heardMs, suspect }) => heardMs < (suspect ? Math.max(oldest, oldestSuspect) : oldest));
    for (const neighbour of silent) {
      this.peer.count('can.neighbours-lost');
      this.bury(place, neighbour);
    }
  }

  /** A neighbour is dead: what it held is vacant. */
  protected bury(place: Place, neighbour: Neighbour): void {
    place.remove(neighbour);
    this.vacate(place, neighbour.zones, neighbour.neighbours);
  }

  /** Tells all neighbours, and whoever else, what this peer holds. */
  protected announce(place: Place, ...others: readonly Address[]): void {
    const message: UpdateMessage = { type: 'update', reality: place.reality, zones: place.zones, neighbours: place.list };
    for (const { address } of place.neighbours) this.peer.send(address, message);
    for (const address of others) if (place.find(address) === undefined) this.peer.send(address, message);
  }

  protected tell(place: Place, to: Address): void {
    this.peer.send(to, { type: 'update', reality: place.reality, zones: place.zones, neighbours: place.list } as UpdateMessage);
  }

  /** This peer holds other zones than before: all who were or are its neighbours hear of it. */
  protected holdNow(place: Place, zones: readonly Zone[], ...others: readonly Address[]): void {
    const before = place.neighbours;
    place.hold(zones, this.peer.now);
    place.prune();
    const former: Address[] = [];
    for (const neighbour of before) if (!place.neighbours.includes(neighbour)) former.push(neighbour.address);
    this.announce(place, ...former, ...others);
  }

  // Updates of others.

  protected onUpdate(from: Address, message: UpdateMessage | TakeoverMessage): void {
    const place = this.places[message.reality];
    if (place === undefined || !place.joined) return;
    const prevailed = this.settle(place, from, message.zones);
    if (!place.joined) return;
    const known = place.find(from);
    const heardBeforeMs = known?.heardMs ?? Number.NEGATIVE_INFINITY;
    const before = known?.zones;
    const neighbour = place.note(from, message.zones, this.peer.now);
    if (before !== undefined && !same(before, message.zones)) this.vacate(place, withoutAll(before, message.zones), message.neighbours);
    if (prevailed || (known === undefined && neighbour !== undefined)) this.tell(place, from);
    const isNews = neighbour === undefined || place.changedMs >= heardBeforeMs || !same(neighbour.neighbours, message.neighbours);
    if (isNews) this.introduce(place, message.neighbours);
    if (neighbour !== undefined) neighbour.neighbours = message.neighbours;
  }

  /** Settles who holds what both claim. True: this peer keeps something that the other has to yield. */
  private settle(place: Place, from: Address, theirs: readonly Zone[]): boolean {
    let prevailed = false;
    const lost: Zone[] = [];
    for (const mine of place.zones) {
      for (const zone of theirs) {
        if (!overlap(mine, zone)) continue;
        const isTheirs = zone === mine ? from < this.peer.address : depthOf(zone) > depthOf(mine);
        if (isTheirs) lost.push(zone);
        else prevailed = true;
      }
    }
    if (lost.length > 0) this.yieldTo(place, from, lost);
    return prevailed;
  }

  private yieldTo(place: Place, to: Address, lost: readonly Zone[]): void {
    this.peer.count('can.zones-yielded', lost.length);
    this.handItems(place, to, lost);
    const left = withoutAll(place.zones, lost);
    if (left.length > 0) {
      this.holdNow(place, left, to);
      return;
    }
    const neighbours = place.neighbours;
    place.clear();
    for (const { address } of neighbours) this.tell(place, address);
    this.onEvicted(place);
  }

  /** Who is named by another though unknown here, and next to or over this peer's zones, hears from it. */
  private introduce(place: Place, list: readonly number[]): void {
    const self = this.peer.address;
    let last = self;
    for (let i = 0; i < list.length; i += 2) {
      const [address, zone] = [list[i], list[i + 1]];
      if (address === self || address === last || place.find(address) !== undefined) continue;
      if (!place.zones.some((mine) => this.torus.isNear(mine, zone))) continue;
      last = address;
      this.tell(place, address);
    }
  }

  // Vacant zones and takeovers.

  /** Of these zones, which were somebody's, those that are nobody's now and next to this peer's are watched. */
  protected vacate(place: Place, zones: readonly Zone[], around: readonly number[]): void {
    for (const zone of place.unclaimed(zones)) {
      if (place.vacancies.some((vacancy) => overlap(vacancy.zone, zone))) continue;
      const vacancy: Vacancy = { place, zone, around };
      place.vacancies.push(vacancy);
      const share = Math.min(LONGEST_TAKEOVER, place.volume / volumeOf(zone));
      this.peer.after(share * this.settings.takeoverMs + 2 * this.settings.rpcTimeoutMs, this.onVacancyDue, vacancy);
    }
  }

  private onVacancyDue(vacancy: Vacancy): void {
    const { place, zone } = vacancy;
    const at = place.vacancies.indexOf(vacancy);
    if (at < 0) return;
    place.vacancies.splice(at, 1);
    const vacant = place.unclaimed([zone]);
    if (vacant.length > 0) this.takeOver(place, vacant, vacancy.around);
  }

  private takeOver(place: Place, zones: readonly Zone[], around: readonly number[]): void {
    const { volume } = place;
    for (const zone of zones) place.noteTakeover(zone, volume);
    this.peer.count('can.takeovers', zones.length);
    place.hold([...place.zones, ...zones], this.peer.now);
    place.prune();
    const message = takeoverOf(place, zones, volume);
    const told = new Set(place.neighbours.map(({ address }) => address));
    for (let i = 0; i < around.length; i += 2) told.add(around[i]);
    told.delete(this.peer.address);
    for (const address of told) this.peer.send(address, message);
    this.onTakenOver(place, zones);
  }

  /** Somebody has taken over zones. Who wants them as well, or has them, keeps them if it is the smaller one, and says so; else it yields. */
  protected onTakeover(from: Address, message: TakeoverMessage): void {
    const place = this.places[message.reality];
    if (place === undefined || !place.joined) return;
    const { address } = this.peer;
    const isSmaller = (volume: number) => volume < message.volume || (volume === message.volume && address < from);
    const wanted = place.vacancies.filter(({ zone }) => message.taken.some((taken) => overlap(taken, zone)));
    place.vacancies = place.vacancies.filter((vacancy) => !wanted.includes(vacancy));
    if (wanted.length > 0 && isSmaller(place.volume)) {
      for (const { zone, around } of wanted) this.takeOver(place, place.unclaimed([zone]), around);
    }
    const kept: Zone[] = [];
    const lost: Zone[] = [];
    for (let i = 0; i < place.takeovers.length; i += 2) {
      const [zone, volume] = [place.takeovers[i], place.takeovers[i + 1]];
      if (!message.taken.some((taken) => overlap(taken, zone)) || !place.zones.some((mine) => overlap(mine, zone))) continue;
      (isSmaller(volume) ? kept : lost).push(zone);
      if (isSmaller(volume)) this.peer.send(from, takeoverOf(place, [zone], volume));
    }
    if (lost.length > 0) this.yieldTo(place, from, lost);
    this.onUpdate(from, { ...message, zones: withoutAll(message.zones, kept) });
  }

  private lookForHoles(place: Place): void {
    const claims = place.claims();
    place.doubtful = false;
    for (const mine of place.zones) {
      for (const hole of this.torus.holesBeside(mine, claims)) {
        place.doubtful = true;
        if (place.vacancies.some((vacancy) => overlap(vacancy.zone, hole))) continue;
        this.peer.count('can.holes');
        this.probe(place, hole, this.torus.pointBeside(hole, mine));
      }
    }
  }

  /** Notes how long a peer took to answer. */
  protected noteRoundTrip(call: Hop | Ping | Giving): void {
    if (call.repeats > 0) return; // it may be the answer to either
    for (const place of this.places) {
      const neighbour = place.find(call.to);
      if (neighbour !== undefined) neighbour.roundTripMs = Math.max(1e-3, this.peer.now - call.sentMs);
    }
  }
}

function takeoverOf({ reality, zones, list: neighbours }: Place, taken: readonly Zone[], volume: number): TakeoverMessage {
  return { type: 'takeover', reality, zones, neighbours, taken, volume };
}
