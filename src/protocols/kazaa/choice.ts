/**
 * How a peer finds its supernode: it asks addresses of the host cache until one is a supernode or knows some, then pings five of those
 * at the same moment and takes the one whose answer is back first, which is the one with the smallest round trip. Pings are datagrams,
 * so five of them cost little. It exists only while a supernode is looked for.
 */

import type { Address, Peer, Timer } from '../../protocol.js';
import type { Pong } from './messages.js';
import type { KazaaSettings } from './settings.js';

/** What becomes of it. */
export interface Seeker {
  /** The nearest of those that were pinged. */
  onNearest(supernode: Address): void;
  /** Nobody asked was one or knew one. `silent`: those that were asked, if not even one of them answered. */
  onNobody(silent: readonly Address[]): void;
}

/** Rounds of pings among those that are known before the host cache is asked again. */
const MOST_ROUNDS = 4;

const roundOver = (choice: Choice) => choice.onRoundOver();

export class Choice {
  private readonly peer: Peer;
  private readonly settings: KazaaSettings;
  private readonly seeker: Seeker;
  private known: Address[] = [];
  private rounds = 0;
  /** Those asked in this round; the number of a question is `first` and its place here. Empty: no round. */
  private asked: readonly Address[] = [];
  private first: number;
  private answered = 0;
  /** Whether those asked are of the host cache, and may be anybody. */
  private fromCache = false;
  private timer: Timer | undefined = undefined;

  constructor(peer: Peer, settings: KazaaSettings, seeker: Seeker) {
    this.peer = peer;
    this.settings = settings;
    this.seeker = seeker;
    this.first = peer.random.integer(2 ** 31);
  }

  /** Among these, or if there are none those that the host cache leads to. */
  begin(known: readonly Address[]): void {
    this.known = known.filter((address) => address !== this.peer.address);
    this.nextRound();
  }

  stop(): void {
    this.peer.cancel(this.timer);
    this.first += this.asked.length;
    this.asked = [];
  }

  onPong(from: Address, { request, isSupernode, supernodes }: Pong): void {
    const place = request - this.first;
    if (!(place >= 0 && place < this.asked.length)) return; // of an earlier round
    this.answered++;
    if (this.fromCache) {
      this.learn(isSupernode ? [from, ...supernodes] : supernodes);
      if (this.known.length > 0) this.nextRound();
    } else if (isSupernode) {
      this.stop();
      this.seeker.onNearest(this.asked[place] ?? from);
    } else {
      this.known = this.known.filter((address) => address !== from);
      this.learn(supernodes);
    }
    if (this.asked.length > 0 && this.answered === this.asked.length) this.onRoundOver();
  }

  /** All have answered, or time is up. */
  onRoundOver(): void {
    const { asked, answered, fromCache } = this;
    if (asked.length === 0) return;
    this.stop();
    if (fromCache) this.seeker.onNobody(answered === 0 ? asked : []);
    else {
      if (answered < asked.length) this.known = this.known.filter((address) => !asked.includes(address));
      this.nextRound();
    }
  }

  private nextRound(): void {
    this.stop();
    const { peer, settings, known } = this;
    if (this.rounds >= MOST_ROUNDS) known.length = 0;
    this.fromCache = known.length === 0;
    if (this.fromCache) {
      this.rounds = 0;
      this.ask(peer.bootstrap(settings.pings));
    } else {
      this.rounds++;
      this.ask(peer.random.shuffle(known.slice()).slice(0, settings.pings));
    }
  }

  private ask(addresses: readonly Address[]): void {
    const { peer } = this;
    this.asked = addresses;
    this.answered = 0;
    addresses.forEach((address, place) => {
      peer.send(address, { type: 'ping', request: this.first + place });
    });
    if (addresses.length === 0) this.seeker.onNobody(addresses);
    else this.timer = peer.after(this.settings.pingTimeoutMs, roundOver, this);
  }

  private learn(supernodes: readonly Address[]): void {
    for (const address of supernodes) if (address !== this.peer.address && !this.known.includes(address)) this.known.push(address);
  }
}
