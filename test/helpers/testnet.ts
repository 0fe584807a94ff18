/**
 * A whole emulated network on this thread: one shard, no worker, no coordinator. Tests drive it by virtual time and look into the
 * peers' protocol instances.
 */

import { placePeers } from '../../src/network/placement.js';
import type { Topology } from '../../src/network/topology.js';
import type { PopulationPlan } from '../../src/population/plan.js';
import type { Address, Key, Message, Protocol, ProtocolDefinition, SettingSpecs, SettingValue } from '../../src/protocol.js';
import { loadProtocol } from '../../src/protocol-catalog.js';
import { SCENARIO_DEFAULTS } from '../../src/scenario/defaults.js';
import type { LocateWorkload, Scenario } from '../../src/scenario/scenario.js';
import { hostsOf, withServerLine } from '../../src/scenario/servers.js';
import type { Locate, LocateOperation } from '../../src/services/locate.js';
import type { ShardConfig } from '../../src/shard/messages.js';
import { PULSE_WORDS } from '../../src/shard/pulse.js';
import { Shard } from '../../src/shard/shard.js';
import { plainTopology } from './plain-topology.js';

export interface TestnetOptions {
  readonly peers: number;
  readonly seed?: number;
  /** One-way latency between any two peers, in ms; or a whole topology. */
  readonly latencyMs?: number;
  readonly topology?: Partial<Topology>;
  readonly settings?: Readonly<Record<string, SettingValue>>;
  readonly start?: 'converge' | 'join';
  readonly population?: Partial<PopulationPlan>;
  readonly locate?: Partial<LocateWorkload>;
  readonly warmUpMs?: number;
  readonly measureMs?: number;
  readonly drainMs?: number;
  readonly strict?: boolean;
  readonly clock?: Scenario['clock'];
  readonly faults?: Scenario['faults'];
  readonly chaos?: Scenario['chaos'];
  readonly cpu?: Scenario['cpu'];
  /** Who looks on: see ShardConfig. */
  readonly looking?: Partial<Pick<ShardConfig, 'watch' | 'follow'>>;
}

/** A message as it was delivered. */
export interface Delivery {
  readonly atMs: number;
  readonly from: Address;
  readonly to: number;
  readonly message: Message;
}

/** What a search brought. */
export interface Found {
  readonly providers: Address[];
  readonly hops: number[];
  finished: boolean;
  finishHops: number;
  endedMs: number;
  obtainedMs: number;
}

export function testTopology(latencyMs: number, changes: Partial<Topology> = {}): Topology {
  return plainTopology({ latencyMs: Float64Array.of(latencyMs), ...changes });
}

export function testScenario(name: string, definition: ProtocolDefinition, options: TestnetOptions): Scenario {
  const defaults = Object.fromEntries(
    Object.entries((definition.settings ?? {}) as SettingSpecs).map(([key, spec]) => [key, spec.default]),
  );
  const settings = { ...defaults, ...options.settings };
  return {
    name: 'test',
    about: 'a test',
    seed: options.seed ?? 1,
    peers: options.peers,
    servers: definition.servers?.(settings as never) ?? 0,
    protocol: { name, file: null, settings, locatesBy: definition.locatesBy ?? 'key' },
    topology: testTopology(options.latencyMs ?? 50, options.topology),
    population: {
      arrivals: { kind: 'at-once' },
      diurnal: null,
      core: 0,
      session: null,
      downtime: null,
      crashShare: 1,
      churnFromMs: 0,
      massFailures: [],
      ...options.population,
    },
    phases: {
      start: options.start ?? 'converge',
      warmUpMs: options.warmUpMs ?? 0,
      measureMs: options.measureMs ?? 1e9,
      drainMs: options.drainMs ?? 0,
    },
    clock: options.clock ?? { kind: 'virtual' },
    cpu: options.cpu ?? null,
    faults: options.faults ?? [],
    chaos: options.chaos ?? [],
    workload: {
      locate: options.locate
        ? {
            files: 0,
            zipf: 0,
            replicas: 1,
            replicaZipf: 0,
            freeRiders: 0,
            sharingZipf: 0,
            publishSpreadMs: 0,
            ratePerPeerPerSecond: 0,
            perPeer: 0,
            trace: null,
            timeoutMs: 30_000,
            names: SCENARIO_DEFAULTS.locate.names,
            downloadBytes: 0,
            ...options.locate,
          }
        : null,
    },
    measures: { intervalMs: 1e9, paths: false, thresholds: [] },
    limits: { pendingEvents: 10_000_000, eventsPerInstant: 1_000_000, stallSeconds: 30 },
  };
}

export class Testnet<P extends Protocol> {
  /** Peers are numbered from 0; servers come after them. */
  readonly shard: Shard;
  readonly deliveries: Delivery[] = [];
  readonly scenario: Scenario;

  constructor(given: Scenario, definition: ProtocolDefinition, strict: boolean, looking: TestnetOptions['looking'] = {}) {
    const scenario = { ...given, topology: withServerLine(given.topology, given.servers) };
    this.scenario = scenario;
    const { table, gateways } = placePeers(scenario.topology, scenario.peers, 1, scenario.seed, scenario.servers);
    this.shard = new Shard(
      {
        scenario,
        shard: 0,
        shards: 1,
        strict,
        weigh: false,
        lookaheadMs: Infinity,
        rows: table.f64.buffer as SharedArrayBuffer,
        places: table.places.buffer as SharedArrayBuffer,
        gateways,
        exchange: null,
        pulse: new SharedArrayBuffer(PULSE_WORDS * 4),
        trace: null,
        watch: null,
        follow: null,
        ...looking,
      },
      definition,
    );
    this.shard.populate();
  }

  get now(): number {
    return this.shard.now;
  }

  /** The protocol instance of a peer; undefined when it is down. */
  peer(index: number): P | undefined {
    return this.shard.session(index)?.protocol as P | undefined;
  }

  /** The address by which others would reach a peer. */
  address(index: number): Address {
    return this.shard.addresses.outer(index);
  }

  indexOf(address: Address): number {
    return (address - this.address(0)) / 65536;
  }

  /** Lets virtual time pass until `untilMs`. */
  run(untilMs: number): void {
    this.shard.run(untilMs, Infinity);
    this.shard.clock[0] = untilMs;
  }

  runFor(ms: number): void {
    this.run(this.now + ms);
  }

  /** Keeps every message delivered from now on in `deliveries`. */
  watch(): void {
    for (let index = 0; index < hostsOf(this.scenario); index++) {
      const session = this.shard.session(index);
      if (!session) continue;
      const { protocol } = session;
      const handle = protocol.onMessage;
      protocol.onMessage = (from, message, connection) => {
        this.deliveries.push({ atMs: this.now, from, to: index, message });
        handle.call(protocol, from, message, connection);
      };
    }
  }

  crash(index: number): void {
    this.shard.residents.takeDown(index, false);
  }

  leave(index: number): void {
    this.shard.residents.takeDown(index, true);
  }

  join(index: number): void {
    this.shard.residents.bringUp(index);
  }

  /** Its name is one word unless `words` says otherwise. */
  publish(index: number, key: Key, words: readonly Key[] = [key], sizeBytes = 0): void {
    (this.peer(index) as unknown as Locate).publish(key, { key, words, sizeBytes });
  }

  /** Searches from a peer, outside any workload; the answer fills in while time passes. */
  locate(index: number, key: Key, words: readonly Key[] = [key], downloadBytes = 0): Found {
    const found: Found = { providers: [], hops: [], finished: false, finishHops: -1, endedMs: -1, obtainedMs: -1 };
    const operation: LocateOperation = {
      key,
      words,
      downloadBytes,
      get open() {
        return !found.finished;
      },
      found: (provider, hops) => {
        found.providers.push(provider);
        found.hops.push(hops);
      },
      finish: (hops = 0) => {
        found.finished = true;
        found.finishHops = hops;
        found.endedMs = this.now;
      },
      downloading: () => this.shard.chargeDownload(),
      obtained: () => {
        found.obtainedMs = this.now;
      },
    };
    (this.peer(index) as unknown as Locate).locate(key, operation);
    return found;
  }
}

/** A network of one protocol, by name or by definition. */
export async function testnet<P extends Protocol = Protocol>(
  protocol: string | ProtocolDefinition<P, never> | ProtocolDefinition,
  options: TestnetOptions,
): Promise<Testnet<P>> {
  const definition = typeof protocol === 'string' ? await loadProtocol(protocol) : (protocol as ProtocolDefinition);
  const scenario = testScenario(typeof protocol === 'string' ? protocol : 'test', definition, options);
  return new Testnet<P>(scenario, definition, options.strict ?? true, options.looking);
}
