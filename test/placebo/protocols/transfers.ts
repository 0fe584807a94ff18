/**
 * Not a placebo but a stress: peers ask each other for connections, talk and send bulk on them, and close, reset or forget them, all at
 * random; for tests that compare one way of running with another. What arrives must be in order.
 */

import {
  type Address,
  type CloseReason,
  type Connection,
  defineProtocol,
  type Message,
  type Peer,
  type Protocol,
} from '../../../src/protocol.js';

export interface Part extends Message {
  readonly number: number;
  readonly bytes: number;
}

/** What each side keeps of a connection, in its `tag`. */
interface State {
  sent: number;
  received: number;
}

class Trader implements Protocol<Part> {
  private readonly peer: Peer;
  private readonly connections = new Set<Connection>();

  constructor(peer: Peer) {
    this.peer = peer;
  }

  join(): void {
    this.peer.every(1500, this.ask);
    this.peer.every(400, this.talk);
    this.peer.every(2500, this.sendBulk);
    this.peer.every(6000, this.end);
  }

  onOpen(connection: Connection): void {
    this.keep(connection);
    this.peer.count('opened');
  }

  onAccept(connection: Connection): void {
    this.keep(connection);
    this.say(connection, 120);
  }

  onMessage(_from: Address, { number, bytes }: Part, connection: Connection | null): void {
    const state = connection!.tag as State;
    if (number !== state.received++) throw new Error(`part ${number} came as number ${state.received - 1}`);
    this.peer.count('arrived');
    this.peer.count('bytes', bytes);
    if (bytes === 120 && this.peer.random.next() < 0.5) this.say(connection!, 60);
  }

  onDrain(): void {
    this.peer.count('drained');
  }

  onClose(connection: Connection, reason: CloseReason): void {
    this.connections.delete(connection);
    this.peer.count(reason);
    if (reason === 'reset') this.ask();
  }

  leave(): void {
    for (const connection of this.connections) this.say(connection, 33);
  }

  private keep(connection: Connection): void {
    connection.tag = { sent: 0, received: 0 } satisfies State;
    this.connections.add(connection);
  }

  private ask(): void {
    if (this.connections.size >= 6) return;
    const target = this.peer.bootstrap(1).at(0);
    if (target === undefined) return;
    const options = { timeoutMs: 4000, writeTimeoutMs: 6000, keepAliveMs: 2000 };
    this.peer.connect(target, this.peer.random.next() < 0.5 ? options : undefined);
  }

  private talk(): void {
    for (const connection of this.connections) if (this.peer.random.next() < 0.5) this.say(connection, 120);
  }

  private sendBulk(): void {
    const connection = this.any();
    if (connection) this.say(connection, 1000 + this.peer.random.integer(200_000));
  }

  private end(): void {
    const connection = this.any();
    if (!connection) return;
    this.connections.delete(connection);
    if (this.peer.random.next() < 0.7) connection.close();
    else connection.reset();
  }

  private any(): Connection | undefined {
    return this.connections.size === 0 ? undefined : this.peer.random.pick([...this.connections]);
  }

  private say(connection: Connection, bytes: number): void {
    if (!connection.open) return;
    connection.send({ type: 'part', number: (connection.tag as State).sent++, bytes } as Part);
  }
}

export default defineProtocol({
  about: 'connections that open, carry much or little, and end in every way',
  messages: { part: ['number', 'bytes'] },
  sizeOf: ({ bytes }: Part) => bytes,
  create: (peer) => new Trader(peer),
  converge({ local }) {
    for (const { protocol } of local) protocol.join();
  },
});
