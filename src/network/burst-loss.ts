/**
 * Loss in bursts: a chain of two states, good and bad, that moves before each packet and loses it with the probability of the state it
 * is in (E. N. Gilbert, Bell System Technical Journal 39, 1960; E. O. Elliott, ibid. 42, 1963). One byte of state per sender.
 *
 * In the long run the chain is bad for a share enter / (enter + leave) of the packets, and stays bad for 1 / leave packets at a time.
 * A sender's first packet finds it as the long run would have left it, so that those who send little lose as much as anybody.
 */

import type { Stream } from '../kernel/random.js';
import type { BurstLoss } from './topology.js';

/** 0: no packet yet. */
const GOOD = 1;
const BAD = 2;

export class GilbertElliott {
  private readonly enter: number;
  private readonly leave: number;
  private readonly lossGood: number;
  private readonly lossBad: number;
  private readonly badShare: number;
  private readonly states: Uint8Array;

  constructor(bursts: BurstLoss, senders: number) {
    this.enter = bursts.enter;
    this.leave = bursts.leave;
    this.lossGood = bursts.lossGood;
    this.lossBad = bursts.lossBad;
    this.badShare = badShare(bursts);
    this.states = new Uint8Array(senders);
  }

  /** Whether the packet that `source` sends now is lost. Takes one number from the sender's stream, or two. */
  lost(source: number, random: Stream): boolean {
    const state = this.states[source];
    const bad = random.next() < (state === GOOD ? this.enter : state === BAD ? 1 - this.leave : this.badShare);
    this.states[source] = bad ? BAD : GOOD;
    const loss = bad ? this.lossBad : this.lossGood;
    return loss === 1 || (loss > 0 && random.next() < loss);
  }
}

/** Share of the packets that find the chain in its bad state. */
export function badShare({ enter, leave }: BurstLoss): number {
  return enter === 0 ? 0 : enter / (enter + leave);
}

/** Share of the packets that are lost, in the long run. */
export function meanLoss(bursts: BurstLoss): number {
  const bad = badShare(bursts);
  return bad * bursts.lossBad + (1 - bad) * bursts.lossGood;
}
