/**
 * Connections of the fake network: handshake, messages and ends each take the latency, in order, and nothing is lost. Who crashed says
 * nothing, and what is sent there is sent in vain; who is back resets what it does not know.
 */

import type { Address, CloseReason, Connection, ConnectOptions, Message } from '../../src/protocol.js';
import type { FakeHost } from './fake-network.js';

export class FakeConnection implements Connection {
  readonly remote: Address;
  readonly bufferedBytes = 0;
  tag: unknown;
  readonly incoming: boolean;
  state: 'asking' | 'answered' | 'open' | 'gone';
  private readonly host: FakeHost;
  private readonly session: number;
  private other: FakeConnection | null = null;

  constructor(host: FakeHost, remote: Address, incoming: boolean, options: ConnectOptions = {}) {
    this.host = host;
    this.session = host.session;
    this.remote = remote;
    this.incoming = incoming;
    this.state = incoming ? 'answered' : 'asking';
    this.tag = options.tag;
    host.ends.push(this);
  }

  /** The two ends of one that is open from the start. */
  static pair(from: FakeHost, to: FakeHost): void {
    const ends = [new FakeConnection(from, to.address, false), new FakeConnection(to, from.address, true)];
    ends[0].meet(ends[1]);
    for (const end of ends) end.state = 'open';
  }

  get open(): boolean {
    return this.state === 'open';
  }

  get writable(): boolean {
    return this.open;
  }

  get roundTripMs(): number {
    return 2 * this.host.latencyTo(this.remote);
  }

  send<M extends Message>(message: M): boolean {
    if (!this.open) return false;
    this.host.note(this.remote, message);
    this.tell((end) => end.host.protocol.onMessage(end.remote, message, end));
    return true;
  }

  close(): void {
    if (this.open) this.tell((end) => end.end('closed'));
    this.state = 'gone';
  }

  reset(): void {
    if (this.open) this.tell((end) => end.end('reset'));
    this.state = 'gone';
  }

  /** Asks the other side, which has a latency to answer. */
  ask(timeoutMs: number): void {
    const { host, remote } = this;
    host.later(host.latencyTo(remote), () => this.isAsked());
    host.later(timeoutMs, () => this.state === 'asking' && this.end('timed-out'));
  }

  private isAsked(): void {
    const target = this.host.hostAt(this.remote);
    if (!target?.up || this.state === 'gone') return;
    const answer = (then: () => void) => target.later(target.latencyTo(this.host.address), then);
    const mutual = target.ends.find(({ state, remote, other }) => state === 'asking' && remote === this.host.address && other === null);
    if (this.other === null) {
      if (!mutual && !target.protocol.onAccept) {
        answer(() => this.end('refused'));
        return;
      }
      this.meet(mutual ?? new FakeConnection(target, this.host.address, true));
    }
    answer(() => {
      if (this.state !== 'asking' || !this.isMine) return;
      this.tell(() => {});
      this.begin();
    });
  }

  private meet(other: FakeConnection): void {
    this.other = other;
    other.other = this;
  }

  private begin(): void {
    this.state = 'open';
    const { protocol } = this.host;
    if (this.incoming) protocol.onAccept?.(this);
    else protocol.onOpen?.(this);
  }

  /** Ends it here, if it has not ended. */
  private end(reason: CloseReason): void {
    if (this.state === 'gone' || !this.isMine) return;
    this.state = 'gone';
    this.host.protocol.onClose?.(this, reason);
  }

  /** Does something at the other end, a latency later. What comes opens it; an end that is not there (any more) says so. */
  private tell(then: (end: FakeConnection) => void): void {
    const { host, other } = this;
    host.later(host.latencyTo(this.remote), () => {
      if (!other!.host.up) return;
      if (other!.isMine && other!.state !== 'gone') {
        if (other!.state !== 'open') other!.begin();
        then(other!);
      } else other!.host.later(other!.host.latencyTo(host.address), () => this.end('reset'));
    });
  }

  /** Whether the session that had it is still on. */
  private get isMine(): boolean {
    return this.host.up && this.host.session === this.session;
  }
}
