/**
 * What every peer does for others once they ask: it keeps a list of who is registered with it, introduces peers to each other, and
 * relays between those who have no other way, up to a limit. Only peers that anybody can call are ever asked.
 */

import type { Address, Connection, Message, Peer } from '../../protocol.js';
import {
  type Ask,
  type Bind,
  DATA_HEADER_BYTES,
  type Data,
  LEAVING,
  LISTED,
  PUNCH,
  RELAY,
  type ReachMessage,
  sizeOfReach,
  type Who,
} from './messages.js';
import { tell } from './path.js';
import type { ReachSettings } from './settings.js';

/** Without a sign of life for so many refreshes a registration ends. */
const SILENT_REFRESHES = 3;
const PORTS = 65_536;

/** Somebody who is registered, or only passing. */
class Client {
  readonly id: number;
  /** Where it is to be called, and over what. */
  address: Address = 0;
  connection: Connection | null = null;
  /** Its addresses, for others: as seen by the transport of paths, its own, and the one its gateway granted; 0 for none. */
  seen: Address = 0;
  own: Address = 0;
  mapped: Address = 0;
  /** Other rendezvous that know it. */
  at: readonly Address[] = [];
  heardMs = 0;
  /** Its place among the listed; -1: it is not. */
  place = -1;

  constructor(id: number) {
    this.id = id;
  }

  is(from: Address, connection: Connection | null): boolean {
    return this.connection === connection && (connection !== null || this.address === from);
  }
}

/** A path that is relayed here. */
interface Channel {
  readonly a: Client;
  readonly b: Client;
  bytes: number;
}

const isSameIp = (a: Address, b: Address) => Math.floor(a / PORTS) === Math.floor(b / PORTS);

export class Rendezvous {
  private readonly peer: Peer;
  private readonly settings: ReachSettings;
  private readonly ownId: number;
  private readonly sizeOf: (message: Message) => number;
  private readonly clients = new Map<number, Client>();
  private readonly byConnection = new Map<Connection, Client>();
  private readonly listed: Client[] = [];
  private readonly channels = new Map<number, Channel>();

  /** @param ownId this peer's own number; @param sizeOf bytes of a message of the protocol's */
  constructor(peer: Peer, settings: ReachSettings, ownId: number, sizeOf: (message: Message) => number) {
    this.peer = peer;
    this.settings = settings;
    this.ownId = ownId;
    this.sizeOf = sizeOf;
  }

  onBind(from: Address, connection: Connection | null, bind: Bind): void {
    const client = this.note(bind.id, from, connection, bind.own, bind.mapped);
    if (bind.stay === LEAVING) {
      this.forget(client);
      return;
    }
    client.at = bind.at;
    if (bind.stay === LISTED && client.place < 0) client.place = this.listed.push(client) - 1;
    this.send(client, { type: 'reach-bound', seen: from });
  }

  onWho(from: Address, connection: Connection | null, { count }: Who): void {
    const { listed, peer } = this;
    const chosen: Client[] = [];
    for (let draw = 0; draw < 2 * count && chosen.length < Math.min(count, listed.length); draw++) {
      const client = peer.random.pick(listed);
      if (!client.is(from, connection) && !chosen.includes(client)) chosen.push(client);
    }
    const ids = chosen.map(({ id }) => id);
    const at = chosen.map((client) => [peer.address, ...client.at]);
    tell(peer, from, connection, { type: 'reach-here', ids, at } satisfies ReachMessage);
  }

  onAsk(from: Address, connection: Connection | null, ask: Ask): void {
    const { path, step } = ask;
    const asker = this.note(ask.id, from, connection, ask.own, ask.mapped);
    const target = this.clients.get(ask.target);
    const known =
      target !== undefined && target !== asker && !this.isSilent(target) && (step !== RELAY || this.opensChannel(path, asker, target));
    if (known && (step === PUNCH || step === RELAY)) {
      const addresses = step === PUNCH ? addressesOf(asker, target) : [];
      this.send(target, { type: 'reach-call', path, step, id: asker.id, addresses });
    }
    const addresses = known && step !== RELAY ? addressesOf(target, asker) : [];
    this.send(asker, { type: 'reach-told', path, step, known, addresses });
  }

  /** Passes on what belongs to a path that is relayed here; false when there is no such path. */
  onData(from: Address, connection: Connection | null, data: Data): boolean {
    const channel = this.channels.get(data.path);
    if (channel === undefined) return false;
    const [sender, receiver] = sides(channel, from, connection);
    if (sender === null) return true;
    sender.heardMs = this.peer.now;
    const bytes = sizeOfReach(data, this.sizeOf) - DATA_HEADER_BYTES;
    channel.bytes += bytes;
    const { relayLimitBytes } = this.settings;
    if (relayLimitBytes > 0 && channel.bytes > relayLimitBytes) {
      this.peer.count('relay-limits-reached');
      this.endChannel(data.path, channel, null);
    } else {
      this.peer.count('relayed-bytes', bytes);
      this.send(receiver, data);
    }
    return true;
  }

  /** A path that is relayed here is over for one side; false when there is no such path. */
  onEnd(from: Address, connection: Connection | null, path: number): boolean {
    const channel = this.channels.get(path);
    if (channel === undefined) return false;
    const [sender] = sides(channel, from, connection);
    if (sender !== null) this.endChannel(path, channel, sender);
    return true;
  }

  /** True: it was the connection of somebody registered. */
  onClose(connection: Connection): boolean {
    const client = this.byConnection.get(connection);
    if (client !== undefined) this.forget(client);
    return client !== undefined;
  }

  /** Lets go of those who have been silent for long. */
  tidy(): void {
    for (const client of this.clients.values()) {
      if (!this.isSilent(client)) continue;
      const { connection } = client;
      this.forget(client);
      connection?.reset();
    }
  }

  /** Tells those who would not notice. */
  leave(): void {
    for (const client of this.clients.values()) if (client.connection === null) this.send(client, { type: 'reach-bound', seen: 0 });
  }

  /** Who said something, with what it says of itself. */
  private note(id: number, from: Address, connection: Connection | null, own: Address, mapped: Address): Client {
    let client = this.clients.get(id);
    if (client === undefined) {
      client = new Client(id);
      this.clients.set(id, client);
    }
    if (client.connection !== connection) {
      if (client.connection !== null) this.byConnection.delete(client.connection);
      if (connection !== null) this.byConnection.set(connection, client);
      client.connection = connection;
    }
    // By another transport than that of paths nothing is seen that would be of use to others.
    const isTelling = id === this.ownId || (connection !== null) === (this.settings.transport === 'connection');
    client.address = from;
    client.seen = isTelling ? from : 0;
    client.own = own;
    client.mapped = mapped;
    client.heardMs = this.peer.now;
    return client;
  }

  private isSilent(client: Client): boolean {
    return client.id !== this.ownId && this.peer.now - client.heardMs > SILENT_REFRESHES * this.settings.refreshMs;
  }

  private opensChannel(path: number, a: Client, b: Client): boolean {
    if (this.channels.has(path)) return true;
    // Nobody relays to itself: what came and what went would look the same.
    if (!this.settings.relaying || a.id === this.ownId || this.channels.size >= this.settings.relayPaths) return false;
    this.channels.set(path, { a, b, bytes: 0 });
    return true;
  }

  private forget(client: Client): void {
    this.clients.delete(client.id);
    if (client.connection !== null) this.byConnection.delete(client.connection);
    if (client.place >= 0) {
      const last = this.listed.pop()!;
      if (last !== client) {
        this.listed[client.place] = last;
        last.place = client.place;
      }
    }
    for (const [path, channel] of this.channels) if (channel.a === client || channel.b === client) this.endChannel(path, channel, client);
  }

  /** @param by the side that ended it, and need not be told */
  private endChannel(path: number, channel: Channel, by: Client | null): void {
    this.channels.delete(path);
    for (const side of [channel.a, channel.b]) if (side !== by) this.send(side, { type: 'reach-end', path });
  }

  private send(client: Client, message: ReachMessage): void {
    tell(this.peer, client.address, client.connection, message);
  }
}

/** Who of the two sent this, and who is to get it. */
function sides({ a, b }: Channel, from: Address, connection: Connection | null): [Client | null, Client] {
  return a.is(from, connection) ? [a, b] : b.is(from, connection) ? [b, a] : [null, a];
}

/**
 * By which addresses `other` may reach a client: its own when both are seen behind one IP address (RFC 5128, 3.3.1), the one its gateway
 * granted if that is a public one, and the one by which it is seen.
 */
function addressesOf(client: Client, other: Client): Address[] {
  const { seen, own, mapped } = client;
  if (seen === 0) return [];
  const addresses: Address[] = [];
  if (own !== seen && isSameIp(seen, other.seen)) addresses.push(own);
  if (mapped !== 0 && mapped !== seen && isSameIp(mapped, seen)) addresses.push(mapped);
  addresses.push(seen);
  return addresses;
}
