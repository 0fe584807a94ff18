/**
 * One session of one peer: what the shard lends the protocol (`Peer`). It ends when the peer leaves or crashes; whatever still refers
 * to it then (timers, operations) finds it down. There are a million of these, so it holds little and makes the rest when asked.
 */

import { Stream } from '../kernel/random.js';
import { Problem } from '../problem.js';
import type { Address, Connection, ConnectOptions, Message, Peer, Protocol, Random, Timer } from '../protocol.js';
import type { Locate } from '../services/locate.js';
import { ANSWERED, type End } from './connection.js';
import type { Shard } from './shard.js';
import type { ShardTimer } from './timers.js';

export class Session implements Peer {
  readonly shard: Shard;
  readonly index: number;
  up = true;
  protocol!: Protocol & Partial<Locate>;
  /** Number of this session of the peer, from 1. */
  readonly number: number;
  /** Its ends of connections, the newest first; and how many of them are not open yet. */
  ends: End | null = null;
  connecting = 0;
  private stream: Stream | null = null;

  constructor(shard: Shard, index: number, number: number) {
    this.shard = shard;
    this.index = index;
    this.number = number;
  }

  get address(): Address {
    return this.shard.addresses.own(this.index);
  }

  get name(): string {
    return this.shard.nameOf(this.index);
  }

  get now(): number {
    return this.shard.now;
  }

  get uplinkBitsPerSecond(): number {
    return this.shard.uplinkBitsPerSecond(this.index);
  }

  get downlinkBitsPerSecond(): number {
    return this.shard.downlinkBitsPerSecond(this.index);
  }

  get reachable(): boolean {
    return this.shard.addresses.reachable(this.index);
  }

  get servers(): readonly Address[] {
    return this.shard.serverAddresses;
  }

  get isServer(): boolean {
    return this.shard.isServer(this.index);
  }

  get random(): Random {
    this.stream ??= new Stream(this.shard.seed, this.index, 'protocol', this.number);
    return this.stream;
  }

  bootstrap(count: number): Address[] {
    return this.shard.bootstrap(this, count);
  }

  send(to: Address, message: Message): void {
    this.shard.mail.send(this, to, message);
  }

  connect(to: Address, options?: ConnectOptions): Connection {
    return this.shard.transport.connect(this, to, options);
  }

  mapPort(): Address | null {
    return this.shard.mapPort(this.index);
  }

  link(end: End): void {
    end.next = this.ends;
    if (this.ends !== null) this.ends.previous = end;
    this.ends = end;
    if (end.state <= ANSWERED) this.connecting++;
  }

  unlink(end: End): void {
    if (end.previous === null) this.ends = end.next;
    else end.previous.next = end.next;
    if (end.next !== null) end.next.previous = end.previous;
  }

  after<A = undefined>(delayMs: number, callback: (argument: A) => void, argument?: A): Timer {
    return this.shard.timers.start(this, delayMs, 0, callback as (argument: unknown) => void, argument);
  }

  every<A = undefined>(periodMs: number, callback: (argument: A) => void, argument?: A, firstMs?: number): Timer {
    if (periodMs === 0)
      throw new Problem('a timer was set to a period of 0 ms: expected more, or time would stand still', 'protocol-failed');
    const delayMs = firstMs ?? this.shard.timers.drawPhase(this) * periodMs;
    return this.shard.timers.start(this, delayMs, periodMs, callback as (argument: unknown) => void, argument);
  }

  cancel(timer: Timer | undefined): void {
    (timer as ShardTimer | undefined)?.stop();
  }

  count(counter: string, by = 1): void {
    this.shard.meter.count(counter, by);
  }

  reach(): void {
    this.shard.countReached(this.index);
  }

  timedOut(): void {
    this.shard.meter.countTimeout(this.shard.cause);
  }

  log(text: string): void {
    this.shard.writeLog(this.name, text);
  }
}
