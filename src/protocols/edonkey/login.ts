/**
 * A client's place at a server: one connection, logged in. A server that dies, or lets nobody in, is replaced by the next of the list,
 * and told again what is shared; downloads do not mind.
 */

import type { Address, Connection, Item, Peer } from '../../protocol.js';
import type { IdChange, Login as LoginMessage, Offer } from './messages.js';
import { type EdonkeySettings, lineOptions } from './settings.js';

/** Files in one message. */
const ITEMS_PER_MESSAGE = 100;

/** Who wants to be logged in. */
export interface Applicant {
  readonly items: readonly Item[];
  /** A server has let this client in; it knows what is shared. */
  onLoggedIn(): void;
}

const attempt = (login: Login) => login.attempt();
const giveUp = ([login, connection]: readonly [Login, Connection]) => login.giveUp(connection);

export class Login {
  /** This client's LowID; 0: it has a HighID. */
  lowId = 0;
  private readonly peer: Peer;
  private readonly settings: EdonkeySettings;
  private readonly applicant: Applicant;
  /** To the server that was asked last; null when none is. */
  private connection: Connection | null = null;
  private isIn = false;
  /** Servers to try in this round. */
  private candidates: Address[] = [];

  constructor(peer: Peer, settings: EdonkeySettings, applicant: Applicant) {
    this.peer = peer;
    this.settings = settings;
    this.applicant = applicant;
  }

  /** The server this client is logged in to; null: none. */
  get access(): Connection | null {
    return this.isIn ? this.connection : null;
  }

  /** Begins a round through the servers, in an order of its own, so that they share the clients. */
  begin(): void {
    this.candidates = this.peer.random.shuffle([...this.peer.servers]);
    this.attempt();
  }

  /** A converged start: this server has let it in. */
  adopt(connection: Connection, lowId: number): void {
    this.connection = connection;
    this.isIn = true;
    this.lowId = lowId;
  }

  attempt(): void {
    if (this.connection !== null) return;
    const { peer, settings } = this;
    const server = this.candidates.pop();
    if (server === undefined) {
      this.candidates = peer.random.shuffle([...peer.servers]);
      peer.after(settings.loginRetryMs * (0.5 + peer.random.next()), attempt, this);
      return;
    }
    this.connection = peer.connect(server, lineOptions(settings));
    peer.after(settings.loginTimeoutMs, giveUp, [this, this.connection] as const);
  }

  /** The server has not let it in by now. */
  giveUp(connection: Connection): void {
    if (connection !== this.connection || this.isIn) return;
    connection.reset();
    this.onClose(connection);
  }

  onOpen(connection: Connection): void {
    if (connection === this.connection) connection.send({ type: 'login', listens: this.peer.reachable } satisfies LoginMessage);
  }

  onIdChange(connection: Connection, { lowId }: IdChange): void {
    if (connection !== this.connection) return;
    this.isIn = true;
    this.lowId = lowId;
    const { items } = this.applicant;
    for (let i = 0; i < items.length; i += ITEMS_PER_MESSAGE) this.offer(items.slice(i, i + ITEMS_PER_MESSAGE));
    this.applicant.onLoggedIn();
  }

  offer(items: readonly Item[]): void {
    this.access?.send({ type: 'offer', items } satisfies Offer);
  }

  /** The server has not answered: looks for another. */
  drop(): void {
    const { access } = this;
    if (access === null) return;
    access.reset();
    this.onClose(access);
  }

  onClose(connection: Connection): void {
    if (connection !== this.connection) return;
    const wasIn = this.isIn;
    this.connection = null;
    this.isIn = false;
    if (wasIn) {
      this.peer.count('servers-lost');
      this.candidates = this.peer.random.shuffle(this.peer.servers.filter((server) => server !== connection.remote));
    }
    this.attempt();
  }

  leave(): void {
    this.connection?.close();
  }
}
