/**
 * Peers with lines and distances of their own, and bulk senders between them: for tests of how connections fill and share links. Each
 * host is alone on its site, so that any two can be as far apart as a test wants.
 */

import { placePeers } from '../../src/network/placement.js';
import type { AccessClass, Topology } from '../../src/network/topology.js';
import type { Connection, ConnectOptions } from '../../src/protocol.js';
import { plainClass, plainSite } from './plain-topology.js';
import { type Note, type Puppet, puppet, type Script } from './puppet.js';
import { Testnet, type TestnetOptions, testScenario, testTopology } from './testnet.js';

export interface HostsOptions extends Omit<Partial<TestnetOptions>, 'latencyMs' | 'topology' | 'peers'> {
  /** The line of each host; their number is that of the hosts. */
  readonly lines: readonly Partial<AccessClass>[];
  /** One way, from host to host. Default 50. */
  readonly latencyMs?: number | ((from: number, to: number) => number);
  readonly topology?: Partial<Topology>;
  readonly script?: Script;
}

/** A message of `bytes` bytes. */
export const sized = (bytes: number, data: unknown = null) => ({ type: 'a', n: bytes, data }) as Note;
/** Messages are as large as their field `n` says. */
export const SIZED = { sizeOf: (message: Note) => Number(message.n) } as never;

export class Hosts extends Testnet<Puppet> {
  /** By host: the peer that is on it. Peers besides these do nothing. */
  readonly peers: number[] = [];

  constructor(options: HostsOptions) {
    const { lines, latencyMs = 50, topology, script = {}, strict, ...same } = options;
    const count = lines.length;
    const latency = typeof latencyMs === 'number' ? () => latencyMs : latencyMs;
    const made = testTopology(0, {
      classes: lines.map((line, i) => plainClass({ name: `line ${i}`, share: 1 / count, ...line })),
      sites: lines.map((_, i) => plainSite({ name: `host ${i}`, share: 1 / count, accessClass: i })),
      latencyMs: Float64Array.from({ length: count * count }, (_, i) => latency(Math.floor(i / count), i % count)),
      ...topology,
    });
    // Places are drawn evenly, not exactly: of a few more peers than there are sites, some are on each.
    const peers = count * 4 + 4;
    const definition = puppet(script, SIZED);
    super(testScenario('test', definition, { peers, ...same, topology: made }), definition, strict ?? true);
    const { places } = placePeers(made, peers, 1, this.scenario.seed).table;
    for (let host = 0; host < count; host++) {
      const peer = places.findIndex((place) => (place & 0xffff) === host);
      if (peer < 0) throw new Error(`no peer is on host ${host}`);
      this.peers.push(peer);
    }
  }

  at(host: number): Puppet {
    return this.peer(this.peers[host])!;
  }

  connect(from: number, to: number, options?: ConnectOptions): Connection {
    return this.at(from).peer.connect(this.address(this.peers[to]), options);
  }
}

/** A bulk sender, from host to host, as many bytes as fit, or so many. */
export interface Transfer {
  readonly from: number;
  readonly to: number;
  readonly bytes?: number;
  /** When it asks for its connection. Default 0. */
  readonly startMs?: number;
}

const CHUNK_BYTES = 4 * 1460;

/** Transfers that keep their connections full, by `writable` and `onDrain` as a protocol would. */
export class Transfers {
  readonly hosts: Hosts;
  /** By transfer: bytes that its receiver got, and when it got the last of them. */
  readonly received: number[];
  readonly endedMs: number[];
  readonly connections: Connection[] = [];

  constructor(transfers: readonly Transfer[], options: HostsOptions) {
    this.received = transfers.map(() => 0);
    this.endedMs = transfers.map(() => 0);
    const left = transfers.map(({ bytes }) => bytes ?? Infinity);
    const fill = (_me: Puppet, connection: Connection) => {
      const index = connection.tag as number;
      while (left[index] > 0) {
        const bytes = Math.min(CHUNK_BYTES, left[index]);
        left[index] -= bytes;
        if (!connection.send(sized(bytes, index))) return;
      }
    };
    this.hosts = new Hosts({
      strict: false,
      ...options,
      script: {
        accept: () => {},
        open: fill,
        drain: fill,
        message: (me, _from, { n, data }) => {
          this.received[data as number] += n as number;
          this.endedMs[data as number] = me.peer.now;
        },
      },
    });
    transfers.forEach(({ from, to, startMs = 0 }, tag) => {
      const begin = () => {
        this.connections[tag] = this.hosts.connect(from, to, { tag });
      };
      if (startMs === 0) begin();
      else this.hosts.at(from).peer.after(startMs, begin);
    });
  }

  /** Bytes per ms of each transfer between two times. */
  rates(fromMs: number, toMs: number): number[] {
    this.hosts.run(fromMs);
    const before = [...this.received];
    this.hosts.run(toMs);
    return this.received.map((bytes, i) => (bytes - before[i]) / (toMs - fromMs));
  }
}
