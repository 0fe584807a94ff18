/** What the tests of Freenet have in common: the paper's experiment, and requests run to their end without leaving a trace. */

import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import type { Key } from '../../src/protocol.js';
import type { Freenet } from '../../src/protocols/freenet/freenet.js';
import freenet from '../../src/protocols/freenet/index.js';
import { locationOf } from '../../src/protocols/freenet/membership.js';
import { distance } from '../../src/protocols/freenet/routing-table.js';
import type { FreenetSettings } from '../../src/protocols/freenet/settings.js';
import { type FakeHost, FakeNetwork, FakeOperation } from './fake-network.js';

/** As in the paper's simulations: exact hops-to-live, nobody renames a source, nothing is void or said twice. */
export const PLAIN: Partial<FreenetSettings> = {
  htlSpread: 0,
  htlKeep: 0,
  sourceReplaced: 0,
  republishMs: 0,
  expiryMs: 0,
  retryMs: 0,
  tendMs: 0,
};

/** Longer than any request of 500 hops takes here. */
const LONG_MS = 100_000;

export class FreenetWorld {
  readonly net: FakeNetwork;
  readonly hosts: FakeHost<Freenet>[];
  /** Inserted so far. */
  readonly keys: Key[] = [];
  readonly random: Stream;
  private places: Key[] | undefined;

  private readonly settings: Partial<FreenetSettings>;

  constructor(peers: number, settings: Partial<FreenetSettings> = {}, seed = 1) {
    this.settings = { ...PLAIN, ...settings };
    this.net = new FakeNetwork({ seed, latencyMs: 10 });
    this.hosts = this.net.converge(peers, freenet, this.settings) as unknown as FakeHost<Freenet>[];
    this.random = new Stream(seed, WHOLE_RUN, 'workload');
  }

  private anybody(): FakeHost<Freenet> {
    return this.random.pick(this.hosts.filter((host) => host.up));
  }

  /** One step of the paper's experiment: a random peer inserts a new key or asks for a known one. */
  step(): void {
    const host = this.anybody();
    if (this.keys.length === 0 || this.random.integer(2) === 0) {
      const key = this.random.identifier();
      host.protocol.publish(key);
      this.keys.push(key);
    } else host.protocol.locate(this.random.pick(this.keys), new FakeOperation(0));
    this.settle();
  }

  /** One peer more, which announces itself to one of the others. */
  grow(): void {
    const host = this.net.addPeer(freenet, this.settings) as unknown as FakeHost<Freenet>;
    this.hosts.push(host);
    host.protocol.join();
    this.settle();
  }

  /** Lets everything under way come to its end. */
  settle(): void {
    this.net.run(this.net.now + LONG_MS);
    this.net.sent.length = 0;
  }

  request(host: FakeHost<Freenet>, key: Key): FakeOperation {
    const operation = new FakeOperation(key);
    host.protocol.locate(key, operation);
    this.net.run(this.net.now + LONG_MS);
    return operation;
  }

  /** Path lengths of `count` requests for known keys by random peers, ascending; one that fails counts as its hops-to-live. */
  probe(count: number, htl: number): number[] {
    const saved = this.hosts.map(({ protocol }) => ({ pairs: protocol.table.pairs.slice(), items: [...protocol.store.entries()] }));
    const before = this.hosts[0].protocol.settings.requestHtl;
    this.setRequestHtl(htl);
    const lengths: number[] = [];
    while (lengths.length < count) {
      const host = this.anybody();
      const key = this.random.pick(this.keys);
      this.net.sent.length = 0;
      lengths.push(this.request(host, key).finishedHops!);
      // Who took part forgets what it learnt from it.
      for (const index of new Set(this.net.sent.map(({ from }) => this.net.hostAt(from)!.index))) {
        this.hosts[index].protocol.table.fill(saved[index].pairs);
        this.hosts[index].protocol.store.fill(saved[index].items);
      }
    }
    this.setRequestHtl(before);
    this.net.sent.length = 0;
    return lengths.sort((a, b) => a - b);
  }

  /** Data of a key with the peer whose place is closest, and nobody else. */
  placeAtClosest(key: Key): void {
    this.places ??= this.hosts.map(({ address }) => locationOf(address));
    const { places } = this;
    let best = 0;
    for (let i = 1; i < places.length; i++) if (distance(places[i], key) < distance(places[best], key)) best = i;
    this.hosts[best].protocol.store.put(key, [this.hosts[best].address, 0], 0, 20, 50);
  }

  private setRequestHtl(requestHtl: number): void {
    for (const { protocol } of this.hosts) Object.assign(protocol.settings, { requestHtl });
  }
}

export const median = (ascending: readonly number[]): number => ascending[Math.floor(ascending.length / 2)];
