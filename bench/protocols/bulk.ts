/**
 * Bulk: every peer sends to the next `flows` peers on a ring, all the time, as much as goes. Counts the megabytes that arrive.
 */

import {
  type Address,
  type Connection,
  defineProtocol,
  type Peer,
  type Protocol,
  type SettingSpecs,
  type SettingsOf,
} from '../../src/protocol.js';

type Piece = { readonly type: 'piece' };

const PIECE: Piece = Object.freeze({ type: 'piece' });

const SETTINGS = {
  flows: { default: 1, integer: true, min: 1, max: 1000, about: 'other peers that each peer sends to' },
  pieceBytes: { default: 16_384, integer: true, min: 1, max: 2 ** 30, about: 'bytes of a message' },
} as const satisfies SettingSpecs;

class Sender implements Protocol<Piece> {
  private readonly peer: Peer;

  constructor(peer: Peer) {
    this.peer = peer;
  }

  join(): void {}

  /** Begins a flow. */
  sendTo(address: Address): void {
    this.peer.connect(address);
  }

  onAccept(): void {}

  onOpen(connection: Connection): void {
    this.onDrain(connection);
  }

  onDrain(connection: Connection): void {
    while (connection.send(PIECE));
  }

  onMessage(): void {
    this.peer.count('pieces');
  }
}

export default defineProtocol({
  about: 'benchmark: bulk flows around a ring',
  settings: SETTINGS,
  messages: { piece: [] },
  sizeOf: (_message: Piece, settings: SettingsOf<typeof SETTINGS>) => settings.pieceBytes,
  create: (peer) => new Sender(peer),
  converge({ count, address, local, settings }) {
    for (const { index, protocol } of local)
      for (let step = 1; step <= settings.flows; step++) protocol.sendTo(address((index + step) % count));
  },
});
