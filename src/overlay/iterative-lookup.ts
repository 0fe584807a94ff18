/**
 * The bookkeeping of a lookup whose origin asks each step itself: whom to ask next, and when it is over (Maymounkov and Mazieres,
 * "Kademlia", IPTPS 2002, section 2.3). It sends nothing and knows no metric: the protocol offers candidates with their distance, asks
 * whom `next` names, and says what became of it.
 *
 * Up to alpha questions are under way. When as many in a row have named nobody closer than the closest seen, all of the k closest are
 * asked at once. It is over when the k closest of those that are up have answered.
 *
 * Who is slow to answer is passed over until it does: others are asked in its place, so that a dead peer holds up nobody. Only the end
 * waits for the slow ones among the k closest, because a value that is stored with the others alone would be missing there.
 */

import type { Address } from '../protocol.js';

/** The identifier of a peer of whom only the address is known. */
export const UNKNOWN = -1;

export interface Candidate {
  readonly distance: number;
  /** UNKNOWN until it has answered, for a peer from the host cache. */
  readonly identifier: number;
  readonly address: Address;
  /** Referrals from the origin to it: 1 for a contact of the origin's own, one more than that of who named it. */
  readonly depth: number;
  state: 'fresh' | 'asked' | 'slow' | 'answered' | 'failed';
}

export class IterativeLookup {
  private readonly k: number;
  private readonly alpha: number;
  /** In rising distance. */
  private readonly candidates: Candidate[] = [];
  private underWay = 0;
  /** Distance of the closest candidate seen, and questions in a row that brought none closer. */
  private closestSeen = Number.POSITIVE_INFINITY;
  private closerCame = false;
  private fruitless = 0;

  constructor(k: number, alpha: number) {
    this.k = k;
    this.alpha = alpha;
  }

  /** Somebody was named who might be asked. One that is known already stays as it is. */
  offer(distance: number, identifier: number, address: Address, depth: number): void {
    const at = this.placeOf(distance, address);
    if (at < 0) return;
    this.candidates.splice(at, 0, { distance, identifier, address, depth, state: 'fresh' });
    if (distance >= this.closestSeen) return;
    this.closestSeen = distance;
    this.closerCame = this.underWay > 0; // the first candidates are the origin's own: no answer has brought them
  }

  /** Whom to ask now; null when it is time to wait, or everybody was asked. Call it until it gives null. */
  next(): Candidate | null {
    const most = this.fruitless >= this.alpha ? this.k : this.alpha;
    if (this.underWay >= most) return null;
    let considered = 0;
    for (const candidate of this.candidates) {
      if (candidate.state === 'slow' || candidate.state === 'failed') continue;
      if (candidate.state === 'fresh') {
        candidate.state = 'asked';
        this.underWay++;
        return candidate;
      }
      if (++considered === this.k) return null;
    }
    return null;
  }

  /**
   * It answered; what it named was offered before. One whose identifier was not known gets its place now. Returns the candidate;
   * undefined when it was not waited for.
   */
  answered(address: Address, identifier: number, distance: number): Candidate | undefined {
    const at = this.candidates.findIndex((each) => each.address === address && (each.state === 'asked' || each.state === 'slow'));
    if (at < 0) return undefined;
    let candidate = this.candidates[at];
    this.settle(candidate);
    candidate.state = 'answered';
    if (candidate.identifier === UNKNOWN) {
      this.candidates.splice(at, 1);
      const place = this.placeOf(distance, address);
      if (place < 0) return candidate; // somebody has named it meanwhile
      candidate = { distance, identifier, address, depth: candidate.depth, state: 'answered' };
      this.candidates.splice(place, 0, candidate);
    }
    return candidate;
  }

  /** It has what is looked for, and so has named nobody: that does not say that there is nobody closer. */
  had(address: Address): void {
    const candidate = this.candidates.find((each) => each.address === address && (each.state === 'asked' || each.state === 'slow'));
    if (candidate === undefined) return;
    if (candidate.state === 'asked') this.underWay--;
    candidate.state = 'answered';
  }

  /** It has not answered so far. */
  slow(address: Address): void {
    const candidate = this.candidates.find((each) => each.address === address && each.state === 'asked');
    if (candidate === undefined) return;
    this.settle(candidate);
    candidate.state = 'slow';
  }

  /** It will not answer any more. */
  failed(address: Address): void {
    const candidate = this.candidates.find((each) => each.address === address && (each.state === 'asked' || each.state === 'slow'));
    if (candidate === undefined) return;
    this.settle(candidate);
    candidate.state = 'failed';
  }

  /** Whether the k closest of those that are up have answered, or all there are. One that is slow may be up. */
  get done(): boolean {
    let answered = 0;
    for (const { state } of this.candidates) {
      if (state === 'failed') continue;
      if (state !== 'answered') return false;
      if (++answered === this.k) return true;
    }
    return true;
  }

  /** Those who answered, up to k, the closest first. */
  get closest(): Candidate[] {
    return this.candidates.filter(({ state }) => state === 'answered').slice(0, this.k);
  }

  /** Referrals to this candidate; 0 when it is none. */
  depthOf(address: Address): number {
    return this.candidates.find((each) => each.address === address)?.depth ?? 0;
  }

  /** How deep it went to reach the closest that answered; 0 when nobody did. */
  get depth(): number {
    return this.candidates.find(({ state }) => state === 'answered')?.depth ?? 0;
  }

  private settle({ state }: Candidate): void {
    if (state !== 'asked') return;
    this.underWay--;
    this.fruitless = this.closerCame ? 0 : this.fruitless + 1;
    this.closerCame = false;
  }

  /** Where a new candidate goes; -1 when it is there already. */
  private placeOf(distance: number, address: Address): number {
    let low = 0;
    let high = this.candidates.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.candidates[middle].distance < distance) low = middle + 1;
      else high = middle;
    }
    for (let i = low; i < this.candidates.length && this.candidates[i].distance === distance; i++) {
      if (this.candidates[i].address === address) return -1;
    }
    return low;
  }
}
