/**
 * A protocol whose behaviour a test writes on the spot: each hook gets the peer it happens to. What it does not script does nothing.
 */

import type { Address, CloseReason, Connection, Key, Message, Peer, Protocol, ProtocolDefinition } from '../../src/protocol.js';
import type { Locate, LocateOperation } from '../../src/services/locate.js';

/** A message of any declared type; fields are the test's business. */
export type Note = Message & Readonly<Record<string, unknown>>;

export interface Script {
  join?(me: Puppet): void;
  message?(me: Puppet, from: Address, message: Note, connection: Connection | null): void;
  /** Without it, the puppet listens to nobody. */
  accept?(me: Puppet, connection: Connection): void;
  open?(me: Puppet, connection: Connection): void;
  close?(me: Puppet, connection: Connection, reason: CloseReason): void;
  drain?(me: Puppet, connection: Connection): void;
  corrupted?(me: Puppet, from: Address, message: Note): void;
  leave?(me: Puppet): void;
  publish?(me: Puppet, key: Key): void;
  locate?(me: Puppet, key: Key, operation: LocateOperation): void;
}

export class Puppet implements Protocol<Note>, Locate {
  readonly peer: Peer;
  onAccept?: (connection: Connection) => void;
  onCorrupted?: (from: Address, message: Note) => void;
  private readonly script: Script;

  constructor(peer: Peer, script: Script) {
    this.peer = peer;
    this.script = script;
    if (script.accept) this.onAccept = (connection) => script.accept!(this, connection);
    if (script.corrupted) this.onCorrupted = (from, message) => script.corrupted!(this, from, message);
  }

  onOpen(connection: Connection): void {
    this.script.open?.(this, connection);
  }

  onClose(connection: Connection, reason: CloseReason): void {
    this.script.close?.(this, connection, reason);
  }

  onDrain(connection: Connection): void {
    this.script.drain?.(this, connection);
  }

  join(): void {
    this.script.join?.(this);
  }

  onMessage(from: Address, message: Note, connection: Connection | null): void {
    this.script.message?.(this, from, message, connection);
  }

  leave(): void {
    this.script.leave?.(this);
  }

  publish(key: Key): void {
    this.script.publish?.(this, key);
  }

  locate(key: Key, operation: LocateOperation): void {
    this.script.locate?.(this, key, operation);
  }
}

/** A definition with the message types `a`, `b` and `c`, each with the fields `n` and `data`, of 100 bytes each unless changed. */
export function puppet(script: Script, changes: Partial<ProtocolDefinition<Puppet, never>> = {}): ProtocolDefinition<Puppet, never> {
  return {
    about: 'does what a test says',
    messages: { a: ['n', 'data'], b: ['n', 'data'], c: ['n', 'data'] },
    services: ['locate'],
    sizeOf: () => 100,
    create: (peer) => new Puppet(peer, script),
    ...changes,
  };
}
