/**
 * A small network for tests of protocols alone: every message takes a given latency, nothing is lost, and all that was
 * sent can be read afterwards. Connections are simple ones (fake-connection.ts). No access links, no NAT, no shards, no ledger: what the
 * real network adds is tested with the real network. Messages are frozen as strict mode does, and one that is not declared in the
 * definition is an error.
 */

import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import type {
  Address,
  Connection,
  ConnectOptions,
  Item,
  Key,
  Message,
  Peer,
  Protocol,
  ProtocolDefinition,
  SettingSpecs,
  SettingsOf,
  Timer,
} from '../../src/protocol.js';
import type { LocateOperation } from '../../src/services/locate.js';
import { FakeConnection } from './fake-connection.js';

/** One way, in ms: the same for all, or by the indices of sender and receiver. */
export type FakeLatency = number | ((from: number, to: number) => number);

export interface SentMessage<M extends Message = Message> {
  readonly atMs: number;
  readonly from: Address;
  readonly to: Address;
  readonly message: M;
}

interface PendingEvent {
  readonly atMs: number;
  run(): void;
}

export class FakeNetwork {
  /** Virtual time in ms. */
  now = 0;
  /** Everything sent since the beginning, in order. Empty it with `sent.length = 0`. */
  readonly sent: SentMessage[] = [];
  /** Every attempt at a connection, likewise. */
  readonly asked: { readonly atMs: number; readonly from: Address; readonly to: Address }[] = [];
  readonly counters = new Map<string, number>();
  readonly hosts: FakeHost[] = [];
  readonly servers: Address[] = [];
  readonly seed: number;
  private readonly latency: FakeLatency;
  /** Sorted by time, the next one last. */
  private readonly pending: PendingEvent[] = [];

  constructor({ latencyMs = 10 as FakeLatency, seed = 1 } = {}) {
    this.latency = latencyMs;
    this.seed = seed;
  }

  /** A new peer with its protocol; `join` is yours to call. */
  addPeer<P extends Protocol, S extends SettingSpecs>(
    definition: ProtocolDefinition<P, S>,
    settings: Partial<SettingsOf<S>> = {},
  ): FakeHost<P> {
    const filled = settingsOf(definition, settings);
    const host = new FakeHost<P>(this, this.hosts.length, definition.messages, (peer) => definition.create(peer, filled));
    this.hosts.push(host as unknown as FakeHost);
    host.start();
    return host;
  }

  /** The servers that the definition asks for; `join` is yours to call. Peers know of them from then on. */
  addServers<P extends Protocol, S extends SettingSpecs>(
    definition: ProtocolDefinition<P, S>,
    settings: Partial<SettingsOf<S>> = {},
  ): FakeHost<P>[] {
    const count = definition.servers?.(settingsOf(definition, settings)) ?? 0;
    const first = this.hosts.length;
    this.servers.push(...Array.from({ length: count }, (_, server) => addressOf(first + server)));
    return Array.from({ length: count }, () => this.addPeer(definition, settings));
  }

  /** `count` new peers and the definition's servers after them, their tables filled by the definition's `converge`. */
  converge<P extends Protocol, S extends SettingSpecs>(
    count: number,
    definition: ProtocolDefinition<P, S>,
    settings: Partial<SettingsOf<S>> = {},
  ): FakeHost<P>[] {
    const hosts = Array.from({ length: count }, () => this.addPeer(definition, settings));
    const servers = this.addServers(definition, settings);
    hosts.push(...servers);
    definition.converge?.({
      count,
      servers: servers.length,
      latencyMs: (from, to) => this.latencyMs(hosts[from] as unknown as FakeHost, hosts[to] as unknown as FakeHost),
      uplinkBitsPerSecond: () => Number.POSITIVE_INFINITY,
      address: (index) => hosts[index].address,
      reachable: () => true,
      connect: (index, neighbour) => {
        const [host, other] = [hosts[index], hosts[neighbour]] as unknown as FakeHost[];
        const find = () => host.ends.find((end) => end.remote === other.address);
        if (!find()) FakeConnection.pair(host, other);
        return find()!;
      },
      local: hosts.map((host, index) => ({ index, protocol: host.protocol })),
      settings: settingsOf(definition, settings),
      random: new Stream(this.seed, WHOLE_RUN, 'converge'),
    });
    return hosts;
  }

  /** Runs every event before or at `untilMs`, which is then the time. */
  run(untilMs: number): void {
    for (let next = this.pending.at(-1); next && next.atMs <= untilMs; next = this.pending.at(-1)) {
      this.pending.pop();
      this.now = next.atMs;
      next.run();
    }
    this.now = untilMs;
  }

  /** The peer is gone without a word; what is on its way to it is lost. */
  crash(index: number): void {
    this.hosts[index].session++;
    this.hosts[index].ends.length = 0;
    this.hosts[index].up = false;
  }

  /** The peer says goodbye and goes. */
  leave(index: number): void {
    this.hosts[index].protocol.leave?.();
    this.crash(index);
  }

  hostAt(address: Address): FakeHost | undefined {
    return this.hosts[address / 65536 - FIRST_IP];
  }

  /** The messages of one type, as they were sent. */
  sentOf<M extends Message>(type: M['type']): SentMessage<M>[] {
    return this.sent.filter((sent) => sent.message.type === type) as SentMessage<M>[];
  }

  post(from: FakeHost, to: Address, message: Message): void {
    from.note(to, message);
    const host = this.hostAt(to);
    if (!host) return;
    from.later(this.latencyMs(from, host), () => host.up && host.protocol.onMessage(from.address, message, null));
  }

  latencyMs(from: FakeHost, to: FakeHost): number {
    return typeof this.latency === 'number' ? this.latency : this.latency(from.index, to.index);
  }

  schedule(atMs: number, run: () => void): void {
    let low = 0;
    let high = this.pending.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.pending[middle].atMs > atMs) low = middle + 1;
      else high = middle;
    }
    this.pending.splice(low, 0, { atMs, run }); // before those of the same time: they were first, and leave from the end
  }
}

const FIRST_IP = 0x0a000000;
const addressOf = (index: number): Address => (FIRST_IP + index) * 65536;

export class FakeHost<P extends Protocol = Protocol> implements Peer {
  readonly index: number;
  readonly address: Address;
  readonly name: string;
  readonly random: Stream;
  protocol!: P;
  up = false;
  session = 0;
  /** How often the protocol called `reach`, and `timedOut`. */
  reached = 0;
  timeouts = 0;
  readonly reachable: boolean = true;
  readonly uplinkBitsPerSecond: number = Number.POSITIVE_INFINITY;
  readonly downlinkBitsPerSecond: number = Number.POSITIVE_INFINITY;
  /** Its ends of connections, of this session. */
  readonly ends: FakeConnection[] = [];
  private readonly network: FakeNetwork;
  private readonly messages: ProtocolDefinition['messages'];
  private readonly make: (peer: Peer) => P;

  constructor(network: FakeNetwork, index: number, messages: ProtocolDefinition['messages'], make: (peer: Peer) => P) {
    this.network = network;
    this.index = index;
    this.address = addressOf(index);
    this.name = `p${index}`;
    this.random = new Stream(network.seed, index, 'protocol');
    this.messages = messages;
    this.make = make;
  }

  /** A new session with a new instance, which has not joined yet. */
  start(): P {
    this.session++;
    this.up = true;
    this.protocol = this.make(this);
    return this.protocol;
  }

  get now(): number {
    return this.network.now;
  }

  get servers(): readonly Address[] {
    return this.network.servers;
  }

  get isServer(): boolean {
    return this.servers.includes(this.address);
  }

  bootstrap(count: number): Address[] {
    const others = this.network.hosts.filter((host) => host.up && !host.isServer && host.index !== this.index).map((host) => host.address);
    return this.random.shuffle(others).slice(0, count);
  }

  send(to: Address, message: Message): void {
    this.network.post(this as unknown as FakeHost, to, message);
  }

  connect(to: Address, options: ConnectOptions = {}): Connection {
    this.network.asked.push({ atMs: this.now, from: this.address, to });
    const end = new FakeConnection(this as unknown as FakeHost, to, false, options);
    end.ask(options.timeoutMs ?? 30_000);
    return end;
  }

  /** Checks a message and writes it down, however it is sent. */
  note(to: Address, message: Message): void {
    const declared = this.messages[message.type];
    if (!declared) throw new Error(`message type "${message.type}" is not declared`);
    const extra = Object.keys(message).filter((field) => field !== 'type' && !declared.includes(field));
    if (extra.length > 0) throw new Error(`message "${message.type}" has undeclared fields: ${extra.join(', ')}`);
    this.network.sent.push({ atMs: this.now, from: this.address, to, message: deepFreeze(message) });
  }

  hostAt(address: Address): FakeHost | undefined {
    return this.network.hostAt(address);
  }

  latencyTo(address: Address): number {
    const host = this.hostAt(address);
    return host ? this.network.latencyMs(this as unknown as FakeHost, host) : 0;
  }

  /** Of the network, not of a session: it happens whoever is up. */
  later(delayMs: number, run: () => void): void {
    this.network.schedule(this.now + delayMs, run);
  }

  mapPort(): null {
    return null;
  }

  after<A>(delayMs: number, callback: (argument: A) => void, argument?: A): Timer {
    const timer = { cancelled: false };
    const session = this.session;
    this.network.schedule(this.now + delayMs, () => {
      if (!timer.cancelled && this.session === session) callback.call(this.protocol, argument as A);
    });
    return timer;
  }

  every<A>(periodMs: number, callback: (argument: A) => void, argument?: A, firstMs = this.random.next() * periodMs): Timer {
    const timer = { cancelled: false };
    const session = this.session;
    const tick = () => {
      if (timer.cancelled || this.session !== session) return;
      this.network.schedule(this.now + periodMs, tick);
      callback.call(this.protocol, argument as A);
    };
    this.network.schedule(this.now + firstMs, tick);
    return timer;
  }

  cancel(timer: Timer | undefined): void {
    if (timer) (timer as { cancelled: boolean }).cancelled = true;
  }

  count(counter: string, by = 1): void {
    this.network.counters.set(counter, (this.network.counters.get(counter) ?? 0) + by);
  }

  reach(): void {
    this.reached++;
  }

  timedOut(): void {
    this.timeouts++;
  }

  log(): void {}
}

/** A search that writes down its answers. */
export class FakeOperation implements LocateOperation {
  readonly key: Key;
  readonly words: readonly Key[];
  readonly downloadBytes: number;
  open = true;
  isDownloading = false;
  isObtained = false;
  finishedHops: number | undefined;
  readonly answers: { provider: Address; hops: number }[] = [];

  /** Without words the item's name is one word, its key. */
  constructor(key: Key, words: readonly Key[] = [key], downloadBytes = 0) {
    this.key = key;
    this.words = words;
    this.downloadBytes = downloadBytes;
  }

  found(provider: Address, hops: number): void {
    this.answers.push({ provider, hops });
  }

  finish(hops = 0): void {
    this.open = false;
    this.finishedHops = hops;
  }

  downloading(): void {
    this.isDownloading = true;
  }

  obtained(): void {
    this.isObtained = true;
  }
}

/** An item; its name is one word unless `words` says otherwise. */
export function itemOf(key: Key, words: readonly Key[] = [key], sizeBytes = 0): Item {
  return { key, words, sizeBytes };
}

/** A definition's defaults with some of them replaced. */
export function settingsOf<P extends Protocol, S extends SettingSpecs>(
  definition: ProtocolDefinition<P, S>,
  changed: Partial<SettingsOf<S>> = {},
): SettingsOf<S> {
  const defaults = Object.entries(definition.settings ?? {}).map(([name, setting]) => [name, setting.default]);
  return { ...Object.fromEntries(defaults), ...changed } as SettingsOf<S>;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.values(Object.freeze(value)).forEach(deepFreeze);
  }
  return value;
}
