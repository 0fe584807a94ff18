/**
 * The hosts a peer has heard of and may ask to be its neighbour, and how asking goes. Most peers, most of the time, ask nobody, so
 * this is made when first needed.
 */

import type { Address, Connection, Random, Timer } from '../../protocol.js';

/** No address: 0.0.0.0:0 is nobody's. */
export const NOBODY: Address = 0;

export class HostCache {
  /** In no order. */
  readonly hosts: Address[] = [];
  /** The connection with the host that was asked and has not answered, and the timer that will give it up. */
  asked: Connection | null = null;
  patience: Timer | undefined = undefined;
  /** Hosts asked since the last that accepted, or the last rest. */
  tries = 0;
  resting = false;
  /** The link, or who was asked for it, that is there to look around. */
  extra: Connection | null = null;

  /** Remembers a host; when there are `most` already it takes a random one's place. */
  add(host: Address, most: number, random: Random): void {
    if (this.hosts.includes(host)) return;
    if (this.hosts.length < most) this.hosts.push(host);
    else this.hosts[random.integer(this.hosts.length)] = host;
  }

  /** Takes a random host out, NOBODY when there is none. */
  take(random: Random): Address {
    if (this.hosts.length === 0) return NOBODY;
    const i = random.integer(this.hosts.length);
    const host = this.hosts[i];
    this.hosts[i] = this.hosts[this.hosts.length - 1];
    this.hosts.pop();
    return host;
  }
}
