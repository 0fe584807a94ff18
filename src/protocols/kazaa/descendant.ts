/** A descendant, as its supernode knows it: the tag of the connection with it. */

import type { Address, Connection } from '../../protocol.js';
import type { Register } from './messages.js';

export class Descendant {
  readonly connection: Connection;
  /** By which it is seen, and known as a provider. */
  address: Address;
  readonly uplinkBitsPerSecond: number;
  /** Whether anybody can call it; those that nobody can are asked to call back. */
  readonly reachable: boolean;
  /** Since when it has been there. */
  readonly sinceMs: number;

  constructor(connection: Connection, { uplinkBitsPerSecond, reachable, upMs }: Omit<Register, 'type'>, nowMs: number) {
    this.connection = connection;
    this.address = connection.remote;
    this.uplinkBitsPerSecond = uplinkBitsPerSecond;
    this.reachable = reachable;
    this.sinceMs = nowMs - upMs;
  }

  /** Whether it would make a better supernode than the other: more bandwidth, and as between equals there for longer. */
  betterThan(other: Descendant): boolean {
    const [own, its] = [this.uplinkBitsPerSecond, other.uplinkBitsPerSecond];
    return own !== its ? own > its : this.sinceMs < other.sinceMs;
  }
}
