/**
 * Zones that change hands: a newcomer gets half a zone (section 2.2), who leaves gives its zone to a neighbour (section 2.3), and who
 * holds several gives one away in the background (appendix A).
 *
 * A zone is given at once and taken back when nobody acknowledges it; the giver tells its neighbours, the receiver its own.
 *
 * Background reassignment. Zones are leaves of the partition tree. Who holds a leaf x too many looks at its sibling: if one peer holds
 * that whole, x is given to it and both merge. Otherwise the sibling was split further, and a search goes down it, depth first: always
 * to a neighbour in the own zone's sibling, until one comes to a peer whose sibling is a leaf. That one takes x, and gives its former
 * zone to its sibling. The paper has the searched-for peer move; here it holds two zones for a moment instead, so that no zone is ever
 * nobody's.
 *
 * The newcomer gets the half in which its point lies, so a peer that was told where to join is there. A peer with several zones gives
 * one of them away whole rather than halve one: the paper does not say.
 */

import type { Address } from '../../protocol.js';
import { Giving } from './calls.js';
import type { BareMessage, GiveMessage, LeavingMessage, ReassignMessage, RoutedMessage } from './messages.js';
import type { Neighbour, Place } from './place.js';
import { Upkeep } from './upkeep.js';
import { covers, DEEPEST, depthOf, lowerHalf, siblingOf, upperHalf, volumeOf, volumeOfAll, type Zone } from './zones.js';

/** A search for siblings goes down one level with each hop. */
const MOST_SEARCH_HOPS = DEEPEST;

export abstract class Moves extends Upkeep {
  /** This peer has its first zone in this reality. */
  protected abstract onWelcome(place: Place): void;

  // Giving and being given.

  private give(place: Place, to: Address, zone: Zone, type: 'welcome' | 'handover', left: readonly Zone[]): void {
    const { reality } = place;
    const neighbours = [...place.list];
    for (const mine of left) neighbours.push(this.peer.address, mine);
    this.handItems(place, to, [zone]);
    this.request(new Giving(to, place, zone), (request) => ({ type, request, reality, zone, neighbours }) satisfies GiveMessage);
    const held = place.find(to)?.zones ?? [];
    this.holdNow(place, left);
    place.presume(to, [...held, zone], this.peer.now);
  }

  /** The receiver is dead, or has no use for the zone. */
  protected takeBack({ place, to, zone }: Giving): void {
    if (!place.joined) return;
    this.peer.count('can.zones-taken-back');
    const receiver = place.find(to);
    if (receiver !== undefined) {
      receiver.suspect = true;
      place.presume(
        to,
        receiver.zones.filter((each) => each !== zone),
        this.peer.now,
      );
    }
    const unclaimed = place.unclaimed([zone]);
    if (unclaimed.length > 0) this.holdNow(place, [...place.zones, ...unclaimed]);
  }

  protected onGive(from: Address, message: GiveMessage): void {
    const place = this.places[message.reality];
    if (place === undefined) return;
    const { request, zone, neighbours } = message;
    const isFirst = !place.joined;
    const hasIt = place.zones.some((mine) => covers(mine, zone));
    if (isFirst && message.type === 'handover') return; // it has lost its place since it wanted more
    if (!isFirst && !hasIt && message.type === 'welcome') {
      this.peer.send(from, { type: 'decline', request } as BareMessage); // it has been welcomed elsewhere in the meantime
      return;
    }
    if (request !== 0) this.peer.send(from, { type: 'ack', request } as BareMessage);
    if (hasIt) return; // said again
    place.hold([...place.zones, zone], this.peer.now);
    this.enter(place, neighbours);
    this.announce(place);
    if (isFirst) this.onWelcome(place);
    else if (request !== 0 && place.zones.length > 1) this.reassignFrom(place);
  }

  /** Enters those on the list that are next to this peer. */
  private enter(place: Place, list: readonly number[]): void {
    const zones = new Map<Address, Zone[]>();
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === this.peer.address) continue;
      const known = zones.get(list[i]);
      if (known) known.push(list[i + 1]);
      else zones.set(list[i], [list[i + 1]]);
    }
    for (const [address, held] of zones) if (place.find(address) === undefined) place.presume(address, held, this.peer.now);
  }

  // Newcomers.

  /** A newcomer's message has arrived at the owner of its point, or at the one that was told to split. */
  protected onNewcomer(message: RoutedMessage): void {
    const place = this.places[message.reality];
    const { origin, point } = message;
    if (place === undefined || !place.joined || origin === this.peer.address) return;
    const larger = this.settings.volumeCheck && !message.handed ? this.largest(place) : null;
    if (larger !== null) {
      this.peer.send(larger.address, { ...message, hops: message.hops + 1, ack: 0, visited: [], handed: true } as RoutedMessage);
      return;
    }
    const former = place.find(origin);
    if (former !== undefined) this.bury(place, former); // it has died and is back
    const zone = place.zones.find((each) => this.torus.holds(each, point)) ?? place.zones[0];
    if (place.zones.length > 1) {
      this.give(place, origin, zone, 'welcome', without(place, zone));
    } else if (depthOf(zone) < DEEPEST) {
      const asksForLower = this.torus.holds(lowerHalf(zone), point);
      const [given, kept] = asksForLower ? [lowerHalf(zone), upperHalf(zone)] : [upperHalf(zone), lowerHalf(zone)];
      this.give(place, origin, given, 'welcome', [kept]);
    } else {
      this.peer.count('can.zones-too-small');
    }
  }

  /** The live neighbour with the largest zone, if it is larger than this peer's. */
  private largest(place: Place): Neighbour | null {
    let best: Neighbour | null = null;
    let bestVolume = Math.max(...place.zones.map(volumeOf));
    for (const neighbour of place.neighbours) {
      const volume = Math.max(...neighbour.zones.map(volumeOf));
      if (volume <= bestVolume || neighbour.suspect) continue;
      best = neighbour;
      bestVolume = volume;
    }
    return best;
  }

  // Leaving.

  protected leavePlace(place: Place): void {
    if (!place.joined || place.neighbours.length === 0) return;
    const heirs: number[] = [];
    const { reality, list: neighbours } = place;
    for (const zone of place.zones) {
      const heir = this.heirOf(place, zone).address;
      heirs.push(heir, zone);
      this.handItems(place, heir, [zone]);
      this.peer.send(heir, { type: 'handover', request: 0, reality, zone, neighbours } satisfies GiveMessage);
    }
    const message: LeavingMessage = { type: 'leaving', reality, heirs };
    for (const { address } of place.neighbours) this.peer.send(address, message);
  }

  /** With whom this zone merges into a valid one; else the neighbour with the smallest volume. */
  private heirOf(place: Place, zone: Zone): Neighbour {
    const alive = place.neighbours.filter(({ suspect }) => !suspect);
    const candidates = alive.length > 0 ? alive : place.neighbours;
    const sibling = candidates.find(({ zones }) => zones.includes(siblingOf(zone)));
    if (sibling !== undefined) return sibling;
    return candidates.reduce((best, each) => (volumeOfAll(each.zones) < volumeOfAll(best.zones) ? each : best));
  }

  protected onLeaving(from: Address, { reality, heirs }: LeavingMessage): void {
    const place = this.places[reality];
    if (place === undefined || !place.joined) return;
    const leaver = place.find(from);
    if (leaver !== undefined) place.remove(leaver);
    for (let i = 0; i < heirs.length; i += 2) {
      const [heir, zone] = [heirs[i], heirs[i + 1]];
      if (heir === this.peer.address) continue;
      const held = place.find(heir)?.zones ?? [];
      // If the zone never gets there, the heir's next update says so, and it is vacant.
      if (!held.some((each) => covers(each, zone))) place.presume(heir, [...held, zone], this.peer.now);
    }
  }

  // Background reassignment.

  protected reassign(): void {
    for (const place of this.places) if (place.zones.length > 1) this.reassignFrom(place);
  }

  private reassignFrom(place: Place): void {
    for (const zone of place.zones) {
      const sibling = holderOf(place, siblingOf(zone));
      if (sibling === undefined) continue;
      this.peer.count('can.zones-merged');
      this.give(place, sibling.address, zone, 'handover', without(place, zone));
      return;
    }
    const zone = place.zones.reduce((a, b) => (depthOf(b) > depthOf(a) ? b : a));
    this.search(place, siblingOf(zone), { type: 'reassign', reality: place.reality, zone, holder: this.peer.address, hops: 0 });
  }

  /** Sends the search on to the neighbour that holds the finest zone in this part of the tree. */
  private search(place: Place, part: Zone, message: ReassignMessage): void {
    let best: Neighbour | undefined;
    let finest = 0;
    for (const neighbour of place.neighbours) {
      if (neighbour.suspect || neighbour.address === message.holder) continue;
      for (const zone of neighbour.zones) {
        if (!covers(part, zone) || depthOf(zone) <= finest) continue;
        best = neighbour;
        finest = depthOf(zone);
      }
    }
    if (best !== undefined && message.hops < MOST_SEARCH_HOPS) this.peer.send(best.address, { ...message, hops: message.hops + 1 });
  }

  protected onReassign(message: ReassignMessage): void {
    const place = this.places[message.reality];
    if (place === undefined || place.zones.length !== 1) return; // it has a zone too many itself
    const sibling = siblingOf(place.zones[0]);
    if (holderOf(place, sibling) !== undefined) this.peer.send(message.holder, { ...message, type: 'want' });
    else this.search(place, sibling, message);
  }

  protected onWant(from: Address, { reality, zone }: ReassignMessage): void {
    const place = this.places[reality];
    if (place === undefined || place.zones.length < 2 || !place.zones.includes(zone)) return;
    this.peer.count('can.zones-reassigned');
    this.give(place, from, zone, 'handover', without(place, zone));
  }
}

/** The live neighbour that holds exactly this zone. */
function holderOf(place: Place, zone: Zone): Neighbour | undefined {
  return place.neighbours.find(({ zones, suspect }) => !suspect && zones.includes(zone));
}

function without(place: Place, zone: Zone): Zone[] {
  return place.zones.filter((each) => each !== zone);
}
