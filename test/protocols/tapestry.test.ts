/** Tapestry's parts in their behaviour: insertion, departures, pointers, backups, several roots. */

import test from 'ava';
import fc from 'fast-check';
import { digitsOf } from '../../src/overlay/prefix-table.js';
import tapestry from '../../src/protocols/tapestry/index.js';
import { wireBytes } from '../../src/protocols/tapestry/messages.js';
import type { TapestrySettings } from '../../src/protocols/tapestry/settings.js';
import type { Tapestry } from '../../src/protocols/tapestry/tapestry.js';
import { type FakeHost, FakeNetwork, FakeOperation } from '../helpers/fake-network.js';
import {
  grown as grownOf,
  locate,
  STILL as NO_UPKEEP,
  type Overlay,
  LIVELY as QUICK,
  tapestryWalk,
  up,
} from '../helpers/prefix-overlays.js';

const STILL: Partial<TapestrySettings> = { ...NO_UPKEEP, heartbeatMs: 0 };
const LIVELY: Partial<TapestrySettings> = { ...QUICK, heartbeatMs: 100 };

function converged(count: number, settings: Partial<TapestrySettings>, seed = 1): Overlay<Tapestry> {
  const net = new FakeNetwork({ seed });
  return { net, hosts: net.converge(count, tapestry, settings) as unknown as FakeHost<Tapestry>[] };
}

function grown(count: number, settings: Partial<TapestrySettings>, everyMs: number): Overlay<Tapestry> {
  return grownOf<Tapestry, never>(tapestry as never, count, settings as never, { everyMs });
}

/** Of these identifiers, and those of all live peers, how many have more than one root, a dead one, or not the peer of that name. */
function wrongRoots(overlay: Overlay<Tapestry>, keys: number): number {
  const live = up(overlay);
  const identifiers = [...live.map((host) => host.protocol.identifier), ...Array.from({ length: keys }, () => live[0].random.identifier())];
  return identifiers.filter((key) => {
    const roots = new Set<number>();
    for (const host of live) {
      const path = tapestryWalk(overlay, host, key);
      if (path.length - 1 > digitsOf(host.protocol.settings.b) || path.some((address) => !overlay.net.hostAt(address)!.up)) return true;
      roots.add(path.at(-1)!);
    }
    const own = live.find((host) => host.protocol.identifier === key);
    return roots.size !== 1 || (own !== undefined && !roots.has(own.address));
  }).length;
}

function publish(overlay: Overlay<Tapestry>, host: FakeHost<Tapestry>, key: number, waitMs = 2000): void {
  host.protocol.publish(key);
  overlay.net.run(overlay.net.now + waitMs);
}

test('insertion alone, without any upkeep, keeps every root unique: one after the other', (t) => {
  const overlay = grown(60, STILL, 3000);
  t.true(overlay.hosts.every((host) => host.protocol.joined));
  t.is(wrongRoots(overlay, 40), 0);
});

test('in any base, with any number of backups: insertion keeps every root unique', (t) => {
  const population = fc.record({
    count: fc.integer({ min: 1, max: 20 }),
    b: fc.integer({ min: 1, max: 6 }),
    backups: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(population, ({ count, b, backups }) => wrongRoots(grown(count, { ...STILL, b, backups }, 3000), 10) === 0),
    { numRuns: 15 },
  );
  t.pass();
});

test('several that are inserted at the same moment hear of each other', (t) => {
  const overlay = converged(30, STILL);
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 4; i++) {
      const host = overlay.net.addPeer(tapestry, STILL) as unknown as FakeHost<Tapestry>;
      overlay.hosts.push(host);
      host.protocol.join();
    }
    overlay.net.run(overlay.net.now + 5000);
    t.true(overlay.hosts.every((host) => host.protocol.joined));
    t.is(wrongRoots(overlay, 30), 0);
  }
});

test('peers that all arrive at the same moment find together, with upkeep', (t) => {
  const overlay = grown(24, LIVELY, 0);
  overlay.net.run(60_000);
  t.is(wrongRoots(overlay, 40), 0);
});

test('two meshes that meet become one', (t) => {
  const net = new FakeNetwork();
  const hosts = Array.from({ length: 20 }, () => net.addPeer(tapestry, LIVELY) as unknown as FakeHost<Tapestry>);
  for (const [i, host] of hosts.entries()) host.bootstrap = () => [hosts[i % 2].address].filter((address) => address !== host.address);
  for (const host of hosts) {
    host.protocol.join();
    net.run(net.now + 500);
  }
  const overlay = { net, hosts };
  t.true(wrongRoots(overlay, 10) > 0);
  for (const host of hosts) host.bootstrap = () => [hosts[(host.index + 7) % 20].address];
  net.run(60_000);
  t.is(wrongRoots(overlay, 40), 0);
});

test('some leave, some crash, some come: when it has settled every root is unique again, and no dead peer is in a table', (t) => {
  const overlay = converged(60, LIVELY);
  const { net, hosts } = overlay;
  for (let i = 0; i < 60; i += 6) net.leave(i);
  for (let i = 1; i < 60; i += 6) net.crash(i);
  for (let i = 0; i < 5; i++) {
    const host = net.addPeer(tapestry, LIVELY) as unknown as FakeHost<Tapestry>;
    hosts.push(host);
    host.protocol.join();
    net.run(net.now + 200);
  }
  net.run(60_000);
  t.is(wrongRoots(overlay, 40), 0);
  for (const host of up(overlay)) t.true([...host.protocol.neighbours()].every((address) => net.hostAt(address)!.up));
});

test('a multicast goes on past a dead peer: a backup of its cell takes over', (t) => {
  const overlay = converged(80, { ...STILL, proximity: false });
  for (let i = 0; i < 80; i += 5) overlay.net.crash(i);
  const newcomer = overlay.net.addPeer(tapestry, STILL) as unknown as FakeHost<Tapestry>;
  newcomer.protocol.join();
  overlay.net.run(overlay.net.now + 5000);
  t.true(newcomer.protocol.joined);
  for (const host of up(overlay)) t.is(tapestryWalk(overlay, host, newcomer.protocol.identifier).at(-1), newcomer.address);
});

test('publishing leaves a pointer with every peer on the way; a query turns off at the first, and reports the hops it took', (t) => {
  const overlay = converged(200, STILL);
  const { net, hosts } = overlay;
  for (let i = 0; i < 40; i++) {
    const [provider, origin] = [hosts[i], hosts[199 - i]];
    const key = hosts[0].random.identifier();
    const path = tapestryWalk(overlay, provider, key);
    const way = tapestryWalk(overlay, origin, key);
    net.sent.length = 0;
    publish(overlay, provider, key);
    t.deepEqual(
      net.sentOf('publish').map(({ to }) => to),
      path.slice(1),
    );
    const met = way.findIndex((address) => path.includes(address));
    net.sent.length = 0;
    const operation = locate(overlay, origin, key, 1000);
    t.deepEqual(operation.answers, [{ provider: provider.address, hops: way[met] === provider.address ? met : met + 1 }]);
    t.is(net.sentOf('locate').length, met);
  }
});

test('a search in vain says so, after as many hops as the root is away', (t) => {
  const overlay = converged(200, STILL);
  for (let i = 0; i < 50; i++) {
    const key = overlay.hosts[0].random.identifier();
    const { answers, finishedHops } = locate(overlay, overlay.hosts[i], key, 1000);
    t.is(answers.length, 0);
    t.is(finishedHops, tapestryWalk(overlay, overlay.hosts[i], key).length - 1);
  }
});

test('a pointer to a peer that is dead, or has forgotten: the query goes to the next provider', (t) => {
  for (const how of ['crash', 'restart'] as const) {
    const overlay = converged(60, { ...STILL, rpcRetries: 0, lookupTimeoutMs: 0 });
    const { net, hosts } = overlay;
    const key = hosts[0].random.identifier();
    for (const provider of [hosts[1], hosts[2], hosts[3]]) publish(overlay, provider, key);
    const asker = hosts[50];
    const first = locate(overlay, asker, key).answers[0].provider;
    const host = net.hostAt(first)!;
    net.crash(host.index);
    if (how === 'restart') {
      host.start();
      host.protocol.join();
      net.run(net.now + 3000);
    }
    net.sent.length = 0;
    const operation = locate(overlay, asker, key);
    t.is(operation.answers.length, 1, how);
    t.not(operation.answers[0].provider, first);
    t.is(net.sentOf('gone').length > 0, how === 'restart');
  }
});

test('a dead primary: the backup takes the message on, before anything is repaired', (t) => {
  for (const backups of [0, 2]) {
    const overlay = converged(300, { ...STILL, backups, proximity: false, rpcRetries: 0 }, 4);
    const { net, hosts } = overlay;
    const keys = Array.from({ length: 60 }, () => hosts[0].random.identifier());
    const roots = new Set(keys.map((key) => tapestryWalk(overlay, hosts[0], key).at(-1)));
    for (const key of keys) publish(overlay, hosts[0], key, 300);
    for (let i = 1; i < 300; i += 4) if (!roots.has(hosts[i].address)) net.crash(i);
    const operations = keys.map((key, i) => {
      const operation = new FakeOperation(key);
      hosts[i * 4 + 2].protocol.locate(key, operation);
      return operation;
    });
    net.run(net.now + 5000);
    const found = operations.filter(({ answers }) => answers[0]?.provider === hosts[0].address).length;
    t.log(`${backups} backups: ${found} of 60`);
    if (backups === 2) t.true(found >= 57);
    else t.true(found < 57);
  }
});

test('the root dies with its pointers: one root loses the object until it is republished, the second still has it', (t) => {
  for (const roots of [1, 2]) {
    const overlay = converged(80, { ...STILL, roots, rpcRetries: 0, republishMs: 0 }, 2);
    const { net, hosts } = overlay;
    const key = hosts[0].random.identifier();
    const provider = hosts.find((host) => tapestryWalk(overlay, host, key).length === 2)!;
    publish(overlay, provider, key);
    const root = net.hostAt(tapestryWalk(overlay, provider, key).at(-1)!)!;
    net.crash(root.index);
    const asker = hosts.find((host) => host.up && host !== provider && !tapestryWalk(overlay, host, key).includes(provider.address))!;
    t.is(locate(overlay, asker, key).answers.length, roots - 1);
  }
});

test('pointers move to a newcomer that becomes their root, and from one that leaves to the next', (t) => {
  const overlay = converged(12, { ...STILL, lookupTimeoutMs: 2000 });
  const { net, hosts } = overlay;
  const keys = Array.from({ length: 100 }, () => hosts[0].random.identifier());
  for (const key of keys) publish(overlay, hosts[0], key, 100);
  const newcomer = net.addPeer(tapestry, STILL) as unknown as FakeHost<Tapestry>;
  newcomer.protocol.join();
  hosts.push(newcomer);
  net.run(net.now + 5000);
  const its = keys.filter((key) => tapestryWalk(overlay, hosts[5], key).at(-1) === newcomer.address);
  t.true(its.length > 0);
  for (const key of its) t.is(locate(overlay, newcomer, key, 500).answers.length, 1);
  for (const index of [12, 3, 8]) {
    net.leave(index);
    net.run(net.now + 1000);
  }
  t.is(wrongRoots(overlay, 20), 0);
  for (const key of keys) t.is(locate(overlay, hosts[6], key, 500).answers.length, 1);
  t.is(net.counters.get('timeouts') ?? 0, 0);
});

test('a provider that leaves takes its pointers along; one that crashes is forgotten at the expiry', (t) => {
  const overlay = converged(30, { ...LIVELY, expiryMs: 20_000, republishMs: 8000 });
  const { net, hosts } = overlay;
  const key = hosts[0].random.identifier();
  for (const provider of [hosts[1], hosts[2]]) publish(overlay, provider, key);
  net.run(50_000);
  t.is(locate(overlay, hosts[9], key).answers.length, 1, 'kept alive by republishing');
  net.leave(1);
  net.run(net.now + 1000);
  t.is(locate(overlay, hosts[9], key).answers[0].provider, hosts[2].address);
  net.crash(2);
  net.run(net.now + 60_000);
  const after = locate(overlay, hosts[9], key);
  t.is(after.answers.length, 0);
  t.false(after.open, 'a definite nobody');
});

test('heartbeats tell who has a peer in its table, so that a goodbye reaches all of them', (t) => {
  const overlay = converged(60, { ...LIVELY, tableMs: 0, mergeMs: 0 });
  const { net, hosts } = overlay;
  net.run(30_000);
  for (const host of hosts) {
    const holders = hosts.filter((other) => [...other.protocol.neighbours()].includes(host.address)).map(({ address }) => address);
    t.true(holders.every((address) => host.protocol.backpointers.includes(address)));
  }
  net.leave(17);
  net.run(net.now + 100);
  for (const host of up(overlay)) t.false([...host.protocol.neighbours()].includes(hosts[17].address));
});

test('late, double and senseless messages do no harm', (t) => {
  const overlay = converged(30, LIVELY);
  const [target, other] = overlay.hosts;
  const contacts = [other.protocol.identifier, other.address];
  for (let twice = 0; twice < 2; twice++) {
    target.protocol.onMessage(other.address, { type: 'answer', request: 12345, hops: 1, identifier: 5, providers: [7] });
    target.protocol.onMessage(other.address, { type: 'inserted', request: 999, identifier: 3 });
    target.protocol.onMessage(other.address, { type: 'hello', contacts });
    target.protocol.onMessage(other.address, { type: 'hello', contacts: [] });
    target.protocol.onMessage(other.address, { type: 'copy', contacts: [1, 0x0a0000ff * 65536] });
    target.protocol.onMessage(other.address, { type: 'report', request: 999 });
    target.protocol.onMessage(other.address, { type: 'ack', request: 999 });
    target.protocol.onMessage(other.address, { type: 'row', request: 999, contacts });
    target.protocol.onMessage(other.address, { type: 'ask-row', request: 1, row: 40, column: 7 });
    target.protocol.onMessage(other.address, { type: 'multicast', request: 5, level: 12, identifier: 77, address: 0x0a0000ff * 65536 });
    target.protocol.onMessage(other.address, { type: 'announce', identifier: target.protocol.identifier, rttMs: 1 });
  }
  overlay.net.run(20_000);
  t.is(wrongRoots(overlay, 20), 0);
});

test('a peer whose identifier is taken draws another', (t) => {
  const identifiers = [5 * 2 ** 40, 9 * 2 ** 40, 5 * 2 ** 40];
  const built = converged(3, { ...STILL, identifiers });
  t.is(new Set(built.hosts.map((host) => host.protocol.identifier)).size, 3);
  const overlay = grown(3, { ...LIVELY, identifiers }, 2000);
  t.is(new Set(overlay.hosts.map((host) => host.protocol.identifier)).size, 3);
  t.is(wrongRoots(overlay, 20), 0);
});

test('sizes: a contact is 26 bytes; a publish also carries level, distance and life', (t) => {
  const routed = {
    type: 'locate',
    key: 1,
    origin: 2,
    request: 3,
    hops: 4,
    ack: 0,
    provider: 5,
    level: 1,
    distanceMs: 0,
    lifeMs: 0,
  } as const;
  t.is(wireBytes(routed), 8 + 20 + 6 + 1);
  t.is(wireBytes({ ...routed, ack: 1 }), 8 + 20 + 6 + 1 + 4);
  t.is(wireBytes({ ...routed, type: 'publish' }), 8 + 20 + 6 + 6 + 1 + 4 + 4);
  t.is(wireBytes({ type: 'multicast', request: 1, level: 2, identifier: 3, address: 4 }), 8 + 1 + 26);
});
