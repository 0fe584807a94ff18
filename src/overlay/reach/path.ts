/**
 * What reaching somebody comes to: a path, over which messages go the same way whatever it is made of. Its way is one of three: a
 * connection of its own, datagrams to an address, or what a rendezvous relays.
 */

import type { Address, Connection, Message, Peer } from '../../protocol.js';
import type { Link } from './links.js';
import type { Data, End, Probe } from './messages.js';
import type { Reach } from './reach.js';

/** How the other side was reached. */
export type PathKind = 'direct' | 'punched' | 'relayed';

/** Sends to who is at the other end of a connection, or at this address. */
export function tell<M extends Message>(peer: Peer, to: Address, connection: Connection | null, message: M): boolean {
  if (connection !== null) return connection.send(message);
  peer.send(to, message);
  return true;
}

/** A way to the other side of a path: one that is tried, or the one that is used. */
export class Way {
  /** The path's number. */
  readonly path: number;
  readonly remote: Address;
  readonly connection: Connection | null;
  /** The rendezvous that relays it; null for a way without. */
  readonly relay: Link | null;

  constructor(path: number, remote: Address, connection: Connection | null, relay: Link | null) {
    this.path = path;
    this.remote = remote;
    this.connection = connection;
    this.relay = relay;
  }

  probe(peer: Peer, what: number, id: number): void {
    const probe: Probe = { type: 'reach-probe', path: this.path, what, id };
    if (this.relay !== null) this.relay.send({ type: 'reach-data', path: this.path, message: probe } satisfies Data);
    else tell(peer, this.remote, this.connection, probe);
  }

  carry(peer: Peer, message: Message): boolean {
    if (this.relay === null && this.connection !== null) return this.connection.send(message);
    const data: Data = { type: 'reach-data', path: this.path, message };
    return this.relay === null ? tell(peer, this.remote, null, data) : this.relay.send(data);
  }

  /** Tells the other side that the path is over. */
  end(peer: Peer): void {
    const end: End = { type: 'reach-end', path: this.path };
    if (this.relay !== null) this.relay.send(end);
    else if (this.connection !== null) this.connection.close();
    else peer.send(this.remote, end);
  }
}

/** A way to a peer that works. */
export class Path {
  /** The same on both sides. */
  readonly number: number;
  /** True when the other side asked for it. */
  readonly incoming: boolean;
  /** The number by which the other side is known; 0: it called without a rendezvous, and has not said. */
  other: number;
  /** For the protocol's own use. */
  tag: unknown;
  /** Null while the other side is being looked for. */
  how: PathKind | 'failed' | null = null;
  /** From the question to the answer, in ms; of an incoming path, from when this side first heard of it. */
  tookMs = 0;
  /** Null until it is open. */
  way: Way | null = null;
  open = false;
  readonly startedMs: number;
  sentMs = 0;
  heardMs = 0;
  /** Whether the other side knows that it is open; and how often it was told so. */
  agreed = false;
  tries = 0;
  readonly owner: Reach;

  constructor(owner: Reach, number: number, incoming: boolean, other: number, tag: unknown) {
    this.owner = owner;
    this.number = number;
    this.incoming = incoming;
    this.other = other;
    this.tag = tag;
    this.startedMs = owner.peer.now;
  }

  /** Where messages go: the other side's address as this side sees it, or the relay's. */
  get remote(): Address {
    return this.way?.remote ?? 0;
  }

  /** Whether it is a good time to send: see `Connection.writable`. */
  get writable(): boolean {
    const connection = this.way?.relay?.connection ?? this.way?.connection;
    return this.open && (connection?.writable ?? true);
  }

  /** Sends a message; returns `writable`. Datagrams may be lost. On a path that is not open it does nothing and returns false. */
  send<M extends Message>(message: M): boolean {
    if (!this.open) return false;
    this.sentMs = this.owner.peer.now;
    return this.way!.carry(this.owner.peer, message);
  }

  /** Ends it; the other side's `onPathEnd` says `closed`. */
  close(): void {
    if (!this.open) return;
    this.way!.end(this.owner.peer);
    this.owner.forget(this);
  }
}
