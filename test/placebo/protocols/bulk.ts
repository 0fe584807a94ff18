/**
 * Not a placebo but a heavyweight: every peer sends arrays of 5,000 numbers to many others at once, so that the messages of one window
 * are more than a box between two shards holds. Receivers check every number.
 */

import { type Address, defineProtocol, type Message, type Peer, type Protocol } from '../../../src/protocol.js';

export interface Bulk extends Message {
  readonly first: number;
  readonly numbers: readonly number[];
  readonly text: string;
  readonly bytes: Uint8Array;
}

export const NUMBERS = 5000;

class Carrier implements Protocol<Bulk> {
  private readonly peer: Peer;

  constructor(peer: Peer) {
    this.peer = peer;
  }

  join(): void {
    this.peer.every(1000, this.load, undefined, 100);
  }

  onMessage(_from: Address, { first, numbers, text, bytes }: Bulk): void {
    const whole = numbers.length === NUMBERS && numbers.every((number, i) => number === first + i / 3);
    if (!whole || text !== `from ${first}` || bytes[2] !== 3) throw new Error(`a message arrived that was not sent: ${text}`);
    this.peer.count('arrived');
    this.peer.count('sum', first);
  }

  private load(): void {
    for (const target of this.peer.bootstrap(20)) {
      const first = this.peer.random.integer(1_000_000);
      const numbers = Array.from({ length: NUMBERS }, (_, i) => first + i / 3);
      this.peer.count('sent');
      this.peer.send(target, { type: 'bulk', first, numbers, text: `from ${first}`, bytes: new Uint8Array([1, 2, 3]) } as Bulk);
    }
  }
}

export default defineProtocol({
  about: 'large messages, many at once',
  messages: { bulk: ['first', 'numbers', 'text', 'bytes'] },
  sizeOf: () => 1000,
  create: (peer) => new Carrier(peer),
});
