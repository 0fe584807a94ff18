/**
 * The one file a protocol author reads: what the emulator lends a protocol (`Peer`) and what the protocol gives back (`Protocol`,
 * described by `defineProtocol`).
 *
 * A protocol is written for one peer. It sees that peer's address, clock, random numbers and timers, sends messages and receives them,
 * and knows nothing of threads, wall time or sockets. One instance of its class lives for one session: when the peer leaves or crashes
 * the instance is dropped, and when the peer returns a new one is made.
 */

/** An endpoint, as the sender or receiver sees it: IPv4 address x 65,536 + port, 48 bits in one number. */
export type Address = number;

/** The identifier of a shared item: an integer in [0, 2^48), uniform, as if its name had been hashed. */
export type Key = number;

/** Number of bits in a `Key`. */
export const KEY_BITS = 48;

/** What is shared and asked for: a file, say. The same object for all who share it. */
export interface Item {
  readonly key: Key;
  /** The words of its name, each as uniform as a key, at least one. Whoever asks by words knows some of them, or all. */
  readonly words: readonly Key[];
  /** 0: nobody wants to have it, only to know where it is. */
  readonly sizeBytes: number;
}

/**
 * What travels between peers: a plain object whose `type` is one of the definition's `messages`. It is an immutable value. Inside a
 * shard it travels by reference, between shards as msgpackr bytes; so it holds numbers, strings, booleans, null, arrays, plain objects
 * and Uint8Arrays, and nobody changes it after it was sent (strict mode freezes it to prove that).
 */
export interface Message {
  readonly type: string;
}

/** Seeded random numbers: one stream per (seed, peer, purpose, session). Never use `Math.random` in a protocol. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of it. */
  next(): number;
  /** Uniform integer in [0, below); `below` is at most 2^32. */
  integer(below: number): number;
  /** Uniform integer in [0, 2^48): a fresh identifier. */
  identifier(): number;
  /** Exponential with this mean, in the mean's unit. */
  exponential(mean: number): number;
  /** One element of a non-empty array. */
  pick<T>(items: readonly T[]): T;
  /** Shuffles the array in place (Fisher-Yates) and returns it. */
  shuffle<T>(items: T[]): T[];
}

/** A timer's handle, good only for `peer.cancel`. */
export interface Timer {
  readonly cancelled: boolean;
}

/**
 * A reliable stream of messages to one other peer, as over TCP: opened by a handshake of one round trip, in order, nothing lost unless
 * the whole connection is. What a message costs in time follows from its size, the path and who else sends (docs/network.md). A peer
 * that crashes says nothing: its neighbours notice when a write is not acknowledged for `writeTimeoutMs`, or by keep-alive.
 */
export interface Connection {
  /** The other side's address as this side sees it. */
  readonly remote: Address;
  /** True when the other side asked for it. */
  readonly incoming: boolean;
  /** From `onOpen` or `onAccept` until `onClose`, or until this side closes or resets it. */
  readonly open: boolean;
  /** Bytes sent here that have not left this peer yet. */
  readonly bufferedBytes: number;
  /** False while `bufferedBytes` is above the high-water mark (64 KiB); `onDrain` tells when it is down to half of that. */
  readonly writable: boolean;
  /** Round trip as last measured, smoothed (RFC 6298), in ms. */
  readonly roundTripMs: number;
  /** For the protocol's own use: what this connection means to it. */
  tag: unknown;

  /** Sends a message; returns `writable`. On a connection that is not open it does nothing and returns false. */
  send<M extends Message>(message: M): boolean;
  /** Ends this side after what was sent has arrived; the other side's `onClose` says `closed`. Nothing more comes in here. */
  close(): void;
  /** Ends it at once: what was on its way is lost, and the other side's `onClose` says `reset`. */
  reset(): void;
}

/**
 * Why a connection ended: the other side closed it; nobody listens there; no answer to the handshake, or to a write, in time; the
 * other side reset it, or had forgotten it.
 */
export type CloseReason = 'closed' | 'refused' | 'timed-out' | 'reset';

export interface ConnectOptions {
  /** How long to try, in ms. Default 30,000. */
  readonly timeoutMs?: number;
  /** How long a write may stay unacknowledged, in ms. Default 100,000 (RFC 1122, 4.2.3.5: R2 at least 100 s). */
  readonly writeTimeoutMs?: number;
  /** Asks the other side for a sign of life after so much silence, in ms; none (default): never. Of both sides; incoming ones take it over. */
  readonly keepAliveMs?: number;
  /** Goes into the connection's `tag`. */
  readonly tag?: unknown;
}

/** What the emulator lends a protocol for one session of one peer. */
export interface Peer {
  /** The address this peer knows as its own; behind a NAT that is a private one, and only others can say by which they see it. */
  readonly address: Address;
  /** The peer's name, for example `p17`: the same in every run of a scenario. */
  readonly name: string;
  /** Virtual time since the run began, in ms. */
  readonly now: number;
  /** This session's own random stream. */
  readonly random: Random;
  /** Rates of this peer's access link, as its owner would tell the program; may be `Infinity`. */
  readonly uplinkBitsPerSecond: number;
  readonly downlinkBitsPerSecond: number;
  /**
   * Whether anybody can call this peer, unasked: no NAT or firewall in the way. Its owner has found out and told the program, as users
   * of Napster, Gnutella and eMule had to; what kind of gateway it is, the program must find out itself.
   */
  readonly reachable: boolean;
  /** The well-known addresses of the system's servers, up or not: as many as the definition's `servers` says. */
  readonly servers: readonly Address[];
  /** Whether this is one of them: the operator's machine, not a user's. */
  readonly isServer: boolean;

  /**
   * Up to `count` distinct addresses of other peers that are up now, uniformly drawn: the host cache or web list through which real
   * systems find their first contact. Only peers that can be reached from anywhere are on it (no NAT, no firewall). Empty when nobody
   * else is. It costs no messages.
   */
  bootstrap(count: number): Address[];

  /** Sends one datagram. It may be lost, delayed, reordered or dropped by a full queue, and nobody is told. */
  send<M extends Message>(to: Address, message: M): void;

  /**
   * Asks for a connection. `onOpen` follows after one round trip, or `onClose` with the reason. When the other side asks for one with
   * this peer at the same time, both get the same one, and `onOpen` (simultaneous open, RFC 9293, 3.5).
   */
  connect(to: Address, options?: ConnectOptions): Connection;

  /**
   * Asks the gateway for an address that anybody may use to reach this peer (as by UPnP IGD, RFC 6970, or PCP, RFC 6887), until the
   * session ends. Null when there is no gateway that grants it. Behind a carrier's gateway it is an address inside the carrier's
   * network, as in real life.
   */
  mapPort(): Address | null;

  /**
   * Calls back once, `delayMs` from now, unless cancelled or the session has ended. The callback runs with the protocol as `this` and
   * gets `argument`, so a method can be passed as it is and a million timers need no closure:
   * `peer.after(500, this.onTimeout, requestId)`. What it sends is charged to the cause that was being served when the timer was set.
   */
  after<A = undefined>(delayMs: number, callback: (argument: A) => void, argument?: A): Timer;

  /**
   * Calls back every `periodMs`, the first time after `firstMs` (a random part of the period when not given, so that a population does
   * not tick in step). What it sends is charged to maintenance.
   */
  every<A = undefined>(periodMs: number, callback: (argument: A) => void, argument?: A, firstMs?: number): Timer;

  /** Stops a timer. Cancelling one that has fired, or was cancelled, does nothing. */
  cancel(timer: Timer | undefined): void;

  /** Adds to a named counter, summed over all peers and shown in the summary. */
  count(counter: string, by?: number): void;

  /**
   * Says that the operation being served (a lookup, say) has newly reached this peer. Call it where the protocol recognises a request
   * it has not seen before; the sum is the operation's `reached`.
   */
  reach(): void;

  /**
   * Says that the operation being served ran into a peer that did not answer in time. Call it where the protocol gives a peer up; the
   * sum is the operation's `timeouts`.
   */
  timedOut(): void;

  /** Writes a line with time and peer to the run's log (`log.txt` in the result folder). */
  log(text: string): void;
}

/** What every protocol's class gives back. The services it offers (`Locate`, ...) are further methods of the same class. */
export interface Protocol<M extends Message = Message> {
  /** The session begins: find the overlay and become part of it. */
  join(): void;
  /** A message arrived. `from` is the address the receiver sees, which NAT may have changed; `connection` is null for a datagram. */
  onMessage(from: Address, message: M, connection: Connection | null): void;
  /** Somebody made a connection with this peer. A protocol without this method listens to nobody: who asks is refused. */
  onAccept?(connection: Connection): void;
  /** A connection that this peer asked for is open. */
  onOpen?(connection: Connection): void;
  /** A connection ended, not by this side's own `close` or `reset`. */
  onClose?(connection: Connection, reason: CloseReason): void;
  /** A connection that was not `writable` is so again. */
  onDrain?(connection: Connection): void;
  /** A damaged datagram arrived (fault `corrupt`): this is what it was. Without this method the checksum has it dropped. */
  onCorrupted?(from: Address, message: M): void;
  /** The session ends politely: say goodbye. What is sent here still travels; nothing is received any more. A crash does not call it. */
  leave?(): void;
  /** The addresses this peer would call its overlay neighbours now: for checkers and pictures. */
  neighbours?(): Iterable<Address>;
  /**
   * Where this peer lies in its identifier space now, for pictures: `[angle]` on a ring, as a share of the circle, or `[x, y]` in a
   * plane, each from 0 up to, not including, 1. Null while it has no place yet.
   */
  position?(): readonly number[] | null;
  /** How much this peer keeps in mind for the overlay now: asked once, at the end of the run. */
  state?(): PeerState;
}

/** What a peer must remember to play its part: routing tables, index entries for others, routes back. Not its own files. */
export interface PeerState {
  readonly entries: number;
  /** Their size as the system itself would hold or send them (an IPv4 contact: 6 bytes and its identifier), not V8's. */
  readonly bytes: number;
}

/** The services there are, each a contract in `services/`. A definition names those its class implements. */
export type ServiceName = 'locate';

/** One setting of a protocol: its default gives the type; `scenario` files and `--set protocol.<name>=<value>` change it. */
export interface Setting<T extends SettingValue = SettingValue> {
  readonly default: T;
  /** One line: what it is. A name ending in `Ms` also takes '30s' or '5m'. */
  readonly about: string;
  /** Smallest and largest value, for numbers. */
  readonly min?: number;
  readonly max?: number;
  /** True when only whole numbers make sense. */
  readonly integer?: boolean;
  /** The only values allowed, for strings. */
  readonly oneOf?: readonly string[];
}
export type SettingValue = number | string | boolean | readonly number[];
export type SettingSpecs = Readonly<Record<string, Setting>>;

type Widen<T> = T extends number ? number : T extends boolean ? boolean : T extends string ? string : T;
/** The settings a protocol's instances receive: every name with its value, defaults filled in and checked. */
export type SettingsOf<S extends SettingSpecs> = { readonly [K in keyof S]: Widen<S[K]['default']> };

/** A peer of this shard, handed to `converge`: its place in `Everyone`'s arrays and its protocol instance. */
export interface LocalPeer<P> {
  readonly index: number;
  readonly protocol: P;
}

/** Global knowledge, for `converge` only. */
export interface Everyone<P, S> {
  /** How many peers take part; they are numbered 0 .. count - 1, the same in every shard. */
  readonly count: number;
  /** Address by which others would reach peer `index`: behind a NAT the outer one of its first mapping. */
  address(index: number): Address;
  /** Whether peer `index` can be called by anybody, unasked: no NAT or firewall in the way. */
  reachable(index: number): boolean;
  /**
   * The end that peer `index`, one of the local ones, has of a connection with peer `neighbour` that is open already. The neighbour's
   * side calls it too, wherever it lives; neither gets an `onOpen` or `onAccept`. Its `remote` is a guess where there is a NAT, until
   * something has come from there: key nothing by it. At most one per pair, and at least one of the two must
   * be `reachable`; it counts as `incoming` there, or with who has the higher number.
   */
  connect(index: number, neighbour: number, options?: ConnectOptions): Connection;
  /** The peers whose tables this call must fill: the part of the population that lives in this shard. */
  readonly local: Iterable<LocalPeer<P>>;
  readonly settings: S;
  /** Least one-way latency between two peers, in ms, as a ping would find it without queues. */
  latencyMs(from: number, to: number): number;
  /** Rate of peer `index`'s uplink. */
  uplinkBitsPerSecond(index: number): number;
  /** Servers take part as well: they are numbered from `count` on, up to, not including, `count + servers`, and the local ones are in `local`. */
  readonly servers: number;
  /** A stream that is the same in every shard: whatever is drawn from it, every shard draws alike. */
  readonly random: Random;
}

/** What a claim may look at. `summary` is the run's summary.json. */
export interface ClaimContext<S> {
  readonly peers: number;
  readonly settings: S;
  /** True when sessions end, peers fail or arrive during the run, or there were faults. */
  readonly churn: boolean;
  readonly summary: Readonly<Record<string, unknown>> & { readonly operations: Readonly<Record<string, ClaimedOperation>> };
}
export interface ClaimedOperation {
  readonly started: number;
  readonly succeeded: number;
  readonly hops: { readonly mean: number | null; readonly max: number | null };
  readonly messages: { readonly mean: number | null };
}

/** A bound from the protocol's paper, judged in every ordinary run that meets its conditions. */
export interface Claim<S> {
  readonly says: string;
  readonly source: string;
  /** Whether the paper's conditions hold in this run. */
  applies(run: ClaimContext<S>): boolean;
  /** The measured value, and the bounds it must keep. */
  judge(run: ClaimContext<S>): { readonly measured: number; readonly atLeast?: number; readonly atMost?: number };
}

/** Everything the emulator needs to know of a protocol. A protocol file exports one as `default`. */
export interface ProtocolDefinition<P extends Protocol = Protocol, S extends SettingSpecs = SettingSpecs> {
  /** One line: what the system is. */
  readonly about: string;
  /** The paper or specification it follows. */
  readonly source?: string;
  readonly settings?: S;
  /** Each message type with its fields besides `type`, in order: the wire schema shared by all shards. */
  readonly messages: Readonly<Record<string, readonly string[]>>;
  /** The services the class implements. */
  readonly services?: readonly ServiceName[];
  /** By what its `locate` searches: the exact key (default), or words of the name. */
  readonly locatesBy?: 'key' | 'words';
  /**
   * How many servers the system's operator runs, besides the peers: always on, on lines without limit, called by anybody, and asking
   * nothing themselves. Default: none. Faults can hit them (`crash servers`).
   */
  servers?(settings: SettingsOf<S>): number;
  /** Payload bytes on the wire, in the real protocol's format; headers are the network's to add. Default: the msgpackr length. */
  sizeOf?(message: never, settings: SettingsOf<S>): number;
  /** Makes one peer's instance. */
  create(peer: Peer, settings: SettingsOf<S>): P;
  /**
   * Optional: instead of joining one by one, fills the tables of all local peers from global knowledge, in O(N log N), and starts the
   * same periodic tasks as a finished join would. `join` is then not called for them.
   */
  converge?(everyone: Everyone<P, SettingsOf<S>>): void;
  readonly claims?: readonly Claim<SettingsOf<S>>[];
}

/** Types a definition; it changes nothing. `export default defineProtocol({...})`. */
export function defineProtocol<P extends Protocol, S extends SettingSpecs = Record<string, never>>(
  definition: ProtocolDefinition<P, S>,
): ProtocolDefinition<P, S> {
  return definition;
}
