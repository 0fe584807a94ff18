/**
 * Routing (section 2.1): a message goes from peer to peer, each time to the neighbour whose zone is nearest to the point, until it is with
 * the one whose zone holds the point; that one answers the origin directly. With several realities each peer looks at its neighbours in
 * all of them (section 3.2). With `routing: 'rtt'`, of the neighbours that are nearer than the peer itself, the one is taken that gains
 * most per round-trip time (section 3.3).
 *
 * `hops` counts forwards, the last one to the owner included: so equal zones give (d/4) n^(1/d) on average.
 *
 * Dead peers on the way. With `hopAcks` the peer before a dead one notices after `rpcTimeoutMs`, suspects it, and takes the next best way:
 * another neighbour that is nearer; one of the dead one's neighbours that is, since it knows them; else a detour. A detour goes to the
 * nearest neighbour that was not on it yet, until somebody is nearer than where it began. On it, whoever has a copy of the key answers.
 */

import type { Address, Key } from '../../protocol.js';
import { Hop, Lookup } from './calls.js';
import { ANY_REALITY, type AnswerMessage, type BareMessage, type RoutedMessage } from './messages.js';
import { Moves } from './moves.js';
import type { Place } from './place.js';
import type { Point, Zone } from './zones.js';

/** The hop counter has 16 bits on the wire. */
const MOST_HOPS = 65535;
/** A detour that has passed so many peers is given up. */
const LONGEST_DETOUR = 24;
/** Without `lookupTimeoutMs`, a join is tried again after this many times `rpcTimeoutMs`. */
const JOIN_TIMEOUTS = 8;
/** A lookup without a timeout that is not a user's is forgotten after this long. */
const FORGET_MS = 60_000;
/** A neighbour whose round trip is not known yet is taken to be this far, in ms. */
const TYPICAL_ROUND_TRIP_MS = 100;
const NO_ADDRESSES: readonly Address[] = [];

export abstract class Routing extends Moves {
  /** The lookup has found its owner. */
  protected abstract onFound(lookup: Lookup, owner: Address, answer: Pick<AnswerMessage, 'hops' | 'providers'>): void;
  /** No answer after all retries. */
  protected abstract onLost(lookup: Lookup): void;
  /** Who has the key, as far as this peer knows. */
  protected abstract providersOf(key: Key): readonly Address[];

  /** Sends a lookup on its way; `through`: the first peer to ask, when it is not for this peer's own tables to say. Returns its number. */
  protected begin(lookup: Lookup, through?: Address): number {
    const { lookupTimeoutMs, rpcTimeoutMs } = this.settings;
    if (lookupTimeoutMs === 0) {
      this.calls.tidy(
        (call) => call.kind === 'lookup' && (call.operation ? !call.operation.open : this.peer.now - call.startedMs > FORGET_MS),
      );
    }
    const neverGivesUp = lookupTimeoutMs === 0 && lookup.purpose !== 'locate';
    const request = this.calls.open(lookup, neverGivesUp ? JOIN_TIMEOUTS * rpcTimeoutMs : lookupTimeoutMs);
    const { key, point, reality } = lookup;
    const message: RoutedMessage = {
      type: lookup.purpose === 'join' ? 'join' : 'lookup',
      key,
      point,
      reality,
      origin: this.peer.address,
      request,
      hops: 0,
      ack: 0,
      visited: NO_ADDRESSES,
      nearest: 0,
      handed: false,
    };
    if (through === undefined) this.route(message, NO_ADDRESSES);
    else this.pass(through, message, NO_ADDRESSES);
    return request;
  }

  protected probe(place: Place, zone: Zone, point: Point): void {
    this.begin(new Lookup('probe', point, place.reality, this.peer.now, { zone }));
  }

  protected onRouted(from: Address, message: RoutedMessage): void {
    this.peer.reach();
    if (message.ack !== 0) this.peer.send(from, { type: 'ack', request: message.ack } as BareMessage);
    if (message.handed) this.onNewcomer(message);
    else this.route(message, NO_ADDRESSES);
  }

  /** Sends a message on from here, or answers it. `silent`: who has just turned out to be dead. */
  private route(message: RoutedMessage, silent: readonly Address[]): void {
    const { point, key, reality, visited } = message;
    let own = Number.POSITIVE_INFINITY;
    for (const place of this.places) {
      if (!place.joined || (reality !== ANY_REALITY && reality !== place.reality)) continue;
      const distance = this.torus.distanceToAny(point, place.zones);
      if (distance === 0) {
        this.arrive(message);
        return;
      }
      if (distance < own) own = distance;
    }
    const onDetour = visited.length > 0 && own >= message.nearest;
    if ((onDetour || silent.length > 0) && message.type === 'lookup' && this.providersOf(key).length > 0) {
      this.answer(message);
      return;
    }
    if (onDetour) {
      this.detour(message, silent, message.nearest);
      return;
    }
    const next = this.nextTo(message, own, silent);
    if (next !== null) this.pass(next, visited.length > 0 ? { ...message, visited: NO_ADDRESSES } : message, silent);
    else this.detour(message, silent, own);
  }

  /** The best neighbour that is nearer than this peer, or a nearer neighbour of a dead one. */
  private nextTo({ point, reality }: RoutedMessage, own: number, silent: readonly Address[]): Address | null {
    const byRoundTrip = this.settings.routing === 'rtt';
    let best: Address | null = null;
    let bestScore = byRoundTrip ? 0 : own;
    for (const place of this.places) {
      if (reality !== ANY_REALITY && reality !== place.reality) continue;
      for (const neighbour of place.neighbours) {
        if (neighbour.suspect || silent.includes(neighbour.address)) continue;
        const distance = this.torus.distanceToAny(point, neighbour.zones);
        if (distance >= own) continue;
        if (byRoundTrip) {
          const gain = (Math.sqrt(own) - Math.sqrt(distance)) / (neighbour.roundTripMs || TYPICAL_ROUND_TRIP_MS);
          if (gain <= bestScore) continue;
          bestScore = gain;
        } else {
          if (distance >= bestScore) continue;
          bestScore = distance;
        }
        best = neighbour.address;
      }
    }
    return best ?? this.behindTheDead(point, reality, own, silent);
  }

  /** The nearest of the neighbours of those that are suspected, if it is nearer than this peer. */
  private behindTheDead(point: readonly number[], reality: number, own: number, silent: readonly Address[]): Address | null {
    let best: Address | null = null;
    let nearest = own;
    for (const place of this.places) {
      if (reality !== ANY_REALITY && reality !== place.reality) continue;
      for (const { suspect, neighbours: list } of place.neighbours) {
        if (!suspect) continue;
        for (let i = 0; i < list.length; i += 2) {
          const address = list[i];
          if (address === this.peer.address || silent.includes(address) || place.find(address)?.suspect) continue;
          const distance = this.torus.distance(point, list[i + 1]);
          if (distance >= nearest) continue;
          nearest = distance;
          best = address;
        }
      }
    }
    return best;
  }

  /** No live neighbour is nearer: around, by the nearest that this message has not passed yet. */
  private detour(message: RoutedMessage, silent: readonly Address[], nearest: number): void {
    const { point, reality, visited } = message;
    let best: Address | null = null;
    let bestDistance = Number.POSITIVE_INFINITY;
    for (const place of this.places) {
      if (reality !== ANY_REALITY && reality !== place.reality) continue;
      for (const { address, zones, suspect } of place.neighbours) {
        if (suspect || silent.includes(address) || visited.includes(address)) continue;
        const distance = this.torus.distanceToAny(point, zones);
        if (distance >= bestDistance) continue;
        bestDistance = distance;
        best = address;
      }
    }
    if (best === null || visited.length >= LONGEST_DETOUR) {
      this.peer.count('can.stuck');
      return;
    }
    if (visited.length === 0) this.peer.count('can.detours');
    this.pass(best, { ...message, visited: [...visited, this.peer.address], nearest }, silent);
  }

  /** @param message as it came, or was made, here: one hop less than it is sent with. */
  private pass(to: Address, message: RoutedMessage, silent: readonly Address[]): void {
    const hops = message.hops + 1;
    if (hops > MOST_HOPS) return;
    if (this.settings.hopAcks) this.request(new Hop(to, silent), (ack) => ({ ...message, hops, ack }));
    else this.peer.send(to, message.ack === 0 ? { ...message, hops } : { ...message, hops, ack: 0 });
  }

  /** The next peer did not acknowledge: it is suspect, and the message goes another way from here. */
  protected onHopSilence(hop: Hop): void {
    this.peer.count('can.timeouts');
    this.peer.timedOut();
    for (const place of this.places) {
      const neighbour = place.find(hop.to);
      if (neighbour !== undefined && neighbour.heardMs < hop.sentMs) neighbour.suspect = true;
    }
    const { message } = hop;
    const silent = [...hop.silent, hop.to];
    if (this.places.some(({ joined }) => joined)) this.route({ ...message, hops: message.hops - 1, ack: 0 }, silent);
  }

  private arrive(message: RoutedMessage): void {
    if (message.type === 'join') this.onNewcomer(message);
    else this.answer(message);
  }

  private answer({ key, origin, request, hops }: RoutedMessage): void {
    const message: AnswerMessage = { type: 'answer', request, hops, providers: this.providersOf(key) };
    if (origin === this.peer.address) this.onAnswer(origin, message);
    else this.peer.send(origin, message);
  }

  protected onAnswer(from: Address, answer: AnswerMessage): void {
    const lookup = this.calls.get(answer.request);
    if (lookup?.kind !== 'lookup') return; // a second answer, after a retry
    this.calls.close(answer.request);
    this.onFound(lookup, from, answer);
  }

  protected onLookupTimeout(lookup: Lookup): void {
    if (lookup.operation !== null && !lookup.operation.open) return;
    const [contact] = lookup.purpose === 'probe' && lookup.retries === 0 ? this.peer.bootstrap(1) : NO_ADDRESSES;
    if (contact !== undefined) {
      lookup.retries++;
      this.begin(lookup, contact); // who is cut off from the rest finds it again from elsewhere
      return;
    }
    const isRepeatable = lookup.purpose === 'locate' || lookup.purpose === 'publish' || lookup.purpose === 'withdraw';
    if (!isRepeatable || lookup.retries >= this.settings.lookupRetries) {
      this.onLost(lookup);
      return;
    }
    lookup.retries++;
    this.peer.count('can.retries');
    this.begin(lookup);
  }
}
