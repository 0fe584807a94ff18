/**
 * Small talk on a ring: every period a peer says something to one of its neighbours, which answers, and both note of whom they heard. The same talk goes by datagrams or over connections that are open already, so that the two can be compared message by message.
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

type Word = { readonly type: 'word' };
type Answer = { readonly type: 'answer' };

const WORD: Word = Object.freeze({ type: 'word' });
const ANSWER: Answer = Object.freeze({ type: 'answer' });

const SETTINGS = {
  over: { default: 'datagrams', oneOf: ['datagrams', 'connections'], about: 'how messages travel' },
  neighbours: { default: 8, integer: true, min: 2, max: 1000, about: 'half of them on either side of the ring' },
  notes: { default: true, about: 'whether a peer notes of whom it heard, as overlays do that keep their neighbours alive' },
  periodMs: { default: 1000, min: 0.001, about: 'time between two words of one peer' },
  payloadBytes: { default: 100, integer: true, min: 1, max: 1460, about: 'bytes of a word, and of an answer, without headers' },
} as const satisfies SettingSpecs;

/** What a peer keeps of a neighbour, as every overlay does. */
interface Neighbour {
  readonly address: Address;
  readonly connection: Connection | null;
  heard: number;
}

class Talker implements Protocol<Word | Answer> {
  private readonly peer: Peer;
  private readonly periodMs: number;
  private readonly notes: boolean;
  private readonly contacts: Neighbour[] = [];
  /** Whose datagram it was; a connection knows by itself. */
  private readonly byAddress = new Map<Address, Neighbour>();

  constructor(peer: Peer, { periodMs, notes }: SettingsOf<typeof SETTINGS>) {
    this.peer = peer;
    this.periodMs = periodMs;
    this.notes = notes;
  }

  know(address: Address, connection: Connection | null): void {
    const neighbour = { address, connection, heard: 0 };
    this.contacts.push(neighbour);
    if (connection !== null) connection.tag = neighbour;
    else if (this.notes) this.byAddress.set(address, neighbour);
  }

  join(): void {
    this.peer.every(this.periodMs, this.say);
  }

  onAccept(): void {}

  onMessage(from: Address, message: Word | Answer, connection: Connection | null): void {
    if (this.notes) {
      const neighbour = connection === null ? this.byAddress.get(from)! : (connection.tag as Neighbour);
      neighbour.heard++;
    }
    if (message.type === 'answer') return;
    if (connection === null) this.peer.send(from, ANSWER);
    else connection.send(ANSWER);
  }

  private say(): void {
    const { address, connection } = this.contacts[this.peer.random.integer(this.contacts.length)];
    if (connection === null) this.peer.send(address, WORD);
    else connection.send(WORD);
  }
}

export default defineProtocol({
  about: 'benchmark: neighbours on a ring talk, by datagrams or over connections',
  settings: SETTINGS,
  messages: { word: [], answer: [] },
  sizeOf: (_message: Word | Answer, settings) => settings.payloadBytes,
  create: (peer, settings) => new Talker(peer, settings),
  converge({ count, address, connect, local, settings }) {
    for (const { index, protocol } of local) {
      for (let step = 1; step <= settings.neighbours / 2; step++) {
        for (const neighbour of [(index + step) % count, (index + count - step) % count]) {
          protocol.know(address(neighbour), settings.over === 'connections' ? connect(index, neighbour) : null);
        }
      }
      protocol.join();
    }
  },
});
