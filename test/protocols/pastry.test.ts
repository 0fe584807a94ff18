/** Pastry's parts in their behaviour: joins, departures, routing around dead peers, leaf set repair, the index. */

import test from 'ava';
import fc from 'fast-check';
import { isCloser } from '../../src/overlay/leaf-set.js';
import { digitAt, sharedDigits } from '../../src/overlay/prefix-table.js';
import pastry from '../../src/protocols/pastry/index.js';
import { wireBytes } from '../../src/protocols/pastry/messages.js';
import { withNeighbour, without } from '../../src/protocols/pastry/neighbourhood.js';
import type { Pastry } from '../../src/protocols/pastry/pastry.js';
import type { PastrySettings } from '../../src/protocols/pastry/settings.js';
import { type FakeHost, FakeNetwork, FakeOperation } from '../helpers/fake-network.js';
import {
  closest,
  grown as grownOf,
  locate,
  mean,
  STILL as NO_UPKEEP,
  type Overlay,
  pastryWalk,
  plane,
  LIVELY as QUICK,
  up,
} from '../helpers/prefix-overlays.js';

const STILL: Partial<PastrySettings> = { ...NO_UPKEEP, leafProbeMs: 0, tableProbeMs: 0, neighbourhoodMs: 0 };
const LIVELY: Partial<PastrySettings> = { ...QUICK, leafProbeMs: 500, neighbourhoodMs: 2000 };

function converged(count: number, settings: Partial<PastrySettings>, seed = 1): Overlay<Pastry> {
  const net = new FakeNetwork({ seed });
  return { net, hosts: net.converge(count, pastry, settings) as unknown as FakeHost<Pastry>[] };
}

function grown(count: number, settings: Partial<PastrySettings>, options = {}): Overlay<Pastry> {
  return grownOf<Pastry, never>(pastry as never, count, settings as never, options);
}

function ascending(overlay: Overlay<Pastry>): FakeHost<Pastry>[] {
  return up(overlay).sort((one, other) => one.protocol.identifier - other.protocol.identifier);
}

/** Live peers whose leaf set is not exactly the nearest live peers on both sides. */
function wrongLeafSets(overlay: Overlay<Pastry>): number {
  const live = ascending(overlay);
  return live.filter((host, i) => {
    const half = Math.min(host.protocol.leaves.half, live.length - 1);
    return [true, false].some((clockwise) => {
      const expected = Array.from(
        { length: half },
        (_, k) => live[(i + (clockwise ? 1 : -1) * (k + 1) + live.length * 8) % live.length].address,
      );
      return (
        host.protocol.leaves
          .side(clockwise)
          .filter((_, k) => k % 2 === 1)
          .join() !== expected.join()
      );
    });
  }).length;
}

/** Cells that could be filled from the live peers, and those of them that are, by a live peer. */
function cells(overlay: Overlay<Pastry>): { possible: number; filled: number } {
  const live = up(overlay);
  let possible = 0;
  let filled = 0;
  for (const { protocol } of live) {
    const { b } = protocol.settings;
    const could = new Set<string>();
    for (const other of live) {
      if (other.protocol === protocol) continue;
      const row = sharedDigits(protocol.identifier, other.protocol.identifier, b);
      could.add(`${row} ${digitAt(other.protocol.identifier, row, b)}`);
    }
    possible += could.size;
    for (const cell of could) {
      const at = protocol.table.find(...(cell.split(' ').map(Number) as [number, number]));
      if (at >= 0 && overlay.net.hostAt(protocol.table.entries[at + 2])!.up) filled++;
    }
  }
  return { possible, filled };
}

/** Keys asked for from random live peers: how many were answered by the peer that is closest of the living. */
function deliveries(overlay: Overlay<Pastry>, keys: readonly number[], waitMs: number): { right: number; wrong: number } {
  const { net } = overlay;
  const live = up(overlay);
  net.sent.length = 0;
  const origins = new Map<number, FakeHost<Pastry>>();
  for (const [i, key] of keys.entries()) {
    const origin = live[(i * 31) % live.length];
    origins.set(key, origin);
    origin.protocol.locate(key, new FakeOperation(key));
  }
  net.run(net.now + waitMs);
  // Its own keys a peer answers without a message.
  let right = 0;
  const remote = keys.filter((key) => closest(live, key) !== origins.get(key));
  const answered = net.sentOf<{ type: 'answer'; identifier: number }>('answer').map(({ to, message }) => `${to} ${message.identifier}`);
  for (const key of remote) {
    const at = answered.indexOf(`${origins.get(key)!.address} ${closest(live, key).protocol.identifier}`);
    if (at < 0) continue;
    answered.splice(at, 1);
    right++;
  }
  return { right, wrong: remote.length - right };
}

test('peers that join one by one: leaf sets are exact, tables nearly full, every key comes to the closest', (t) => {
  const overlay = grown(70, { ...LIVELY, leafSet: 8 });
  overlay.net.run(overlay.net.now + 20_000);
  t.is(wrongLeafSets(overlay), 0);
  const { possible, filled } = cells(overlay);
  t.log(`${filled} of ${possible} cells`);
  t.true(filled / possible > 0.98);
  for (let i = 0; i < 300; i++) {
    const key = overlay.hosts[0].random.identifier();
    t.is(pastryWalk(overlay, overlay.hosts[i % 70], key).at(-1), closest(overlay.hosts, key).address);
  }
});

test('the joins alone, without any upkeep, make exact leaf sets when they come one after the other', (t) => {
  const overlay = grown(40, { ...STILL, leafSet: 8 }, { everyMs: 2000 });
  t.is(wrongLeafSets(overlay), 0);
  const { possible, filled } = cells(overlay);
  t.log(`${filled} of ${possible} cells`);
  t.true(filled / possible > 0.85);
});

test('in any size, with any leaf set and base: what joins and upkeep reach is exact', (t) => {
  const population = fc.record({
    count: fc.integer({ min: 1, max: 16 }),
    leafSet: fc.integer({ min: 2, max: 10 }),
    b: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(population, ({ count, leafSet, b }) => {
      const overlay = grown(count, { ...LIVELY, leafSet, b }, { everyMs: 100 });
      overlay.net.run(overlay.net.now + 30_000);
      return wrongLeafSets(overlay) === 0;
    }),
    { numRuns: 15 },
  );
  t.pass();
});

test('peers that all arrive at the same moment find together', (t) => {
  const overlay = grown(40, { ...LIVELY, leafSet: 8 }, { everyMs: 0 });
  overlay.net.run(60_000);
  t.is(wrongLeafSets(overlay), 0);
});

test('two that join at the same moment between the same neighbours know each other at once', (t) => {
  const overlay = converged(40, { ...STILL, leafSet: 8 });
  const [one, other] = [
    overlay.net.addPeer(pastry, { ...STILL, leafSet: 8, identifiers: [] }),
    overlay.net.addPeer(pastry, { ...STILL, leafSet: 8 }),
  ] as unknown as FakeHost<Pastry>[];
  one.protocol.join();
  other.protocol.join();
  overlay.hosts.push(one, other);
  overlay.net.run(overlay.net.now + 3000);
  t.true(one.protocol.joined && other.protocol.joined);
  t.is(wrongLeafSets(overlay), 0);
});

test('two overlays that meet become one', (t) => {
  const net = new FakeNetwork();
  const settings = { ...LIVELY, leafSet: 6 };
  const hosts = Array.from({ length: 20 }, () => net.addPeer(pastry, settings) as unknown as FakeHost<Pastry>);
  for (const [i, host] of hosts.entries()) host.bootstrap = () => [hosts[i % 2].address].filter((address) => address !== host.address);
  for (const host of hosts) {
    host.protocol.join();
    net.run(net.now + 500);
  }
  net.run(20_000);
  const overlay = { net, hosts };
  t.true(wrongLeafSets(overlay) > 0);
  for (const host of hosts) host.bootstrap = () => [hosts[(host.index + 7) % 20].address];
  net.run(100_000);
  t.is(wrongLeafSets(overlay), 0);
});

const HALF = 4;
for (const together of [1, HALF - 1]) {
  test(`${together} adjacent peers of |L|/2 = ${HALF} fail at once, in 12 places: before any repair every key comes to the closest live peer`, (t) => {
    const overlay = converged(240, { ...STILL, leafSet: 2 * HALF, rpcRetries: 0, lookupTimeoutMs: 0 });
    const ring = ascending(overlay);
    const keys: number[] = [];
    for (let place = 0; place < 12; place++) {
      for (let i = 0; i < together; i++) {
        const dead = ring[place * 20 + i];
        overlay.net.crash(dead.index);
        for (let near = -2; near <= 2; near++) keys.push((dead.protocol.identifier + near * 2 ** 36 + 2 ** 48) % 2 ** 48);
      }
    }
    const { right, wrong } = deliveries(overlay, [...new Set(keys)], 5000);
    t.true(right > 50);
    t.is(wrong, 0);
    t.true(overlay.net.counters.get('timeouts')! > 0);
  });
}

test(`${HALF} adjacent peers, floor(|L|/2), fail at once: some keys come to the wrong peer`, (t) => {
  const overlay = converged(240, { ...STILL, leafSet: 2 * HALF, rpcRetries: 0, lookupTimeoutMs: 0 });
  const ring = ascending(overlay);
  const keys: number[] = [];
  for (let place = 0; place < 12; place++) {
    for (let i = 0; i < HALF; i++) overlay.net.crash(ring[place * 20 + i].index);
    const [last, after] = [ring[place * 20 + HALF - 1].protocol.identifier, ring[place * 20 + HALF].protocol.identifier];
    for (let part = 1; part < 8; part++) keys.push(Math.floor(last + ((after - last) * part) / 8));
  }
  const { right, wrong } = deliveries(overlay, keys, 5000);
  t.log(`${wrong} of ${right + wrong} at the wrong peer`);
  t.true(wrong > 0);
});

test('without acknowledgements a lookup is lost at a dead peer, and the retry goes another way', (t) => {
  for (const lookupRetries of [0, 4]) {
    const overlay = converged(200, { ...STILL, hopAcks: false, lookupTimeoutMs: 2000, lookupRetries, replicas: 16, leafProbeMs: 500 }, 3);
    const [provider] = overlay.hosts;
    const keys = Array.from({ length: 80 }, () => provider.random.identifier());
    for (const key of keys) provider.protocol.publish(key);
    overlay.net.run(5000);
    for (let i = 1; i < 200; i += 5) overlay.net.crash(i);
    const operations = keys.map((key, i) => {
      const operation = new FakeOperation(key);
      overlay.hosts[((i * 5) % 200) + (i % 4 === 0 ? 0 : 2)].protocol.locate(key, operation);
      return operation;
    });
    overlay.net.run(overlay.net.now + 20_000);
    const found = operations.filter((operation) => operation.answers.length > 0).length;
    t.log(`${lookupRetries} retries: ${found} of 80`);
    if (lookupRetries === 0) t.true(found < 75);
    else t.true(found > 70);
  }
});

test('every fifth peer crashes at once: leaf sets are exact again, dead peers vanish, cells are filled again', (t) => {
  const overlay = converged(80, { ...LIVELY, leafSet: 12 });
  for (let i = 0; i < 80; i += 5) overlay.net.crash(i);
  overlay.net.run(40_000);
  t.is(wrongLeafSets(overlay), 0);
  const { possible, filled } = cells(overlay);
  t.true(filled / possible > 0.97, `${filled} of ${possible}`);
});

test('one crash: who notices tells the leaf set, whose members see for themselves, and nobody tells it twice', (t) => {
  const overlay = converged(60, { ...STILL, leafSet: 8, leafProbeMs: 1000, rpcRetries: 0 });
  const ring = ascending(overlay);
  overlay.net.sent.length = 0;
  overlay.net.crash(ring[30].index);
  overlay.net.run(3000);
  t.is(wrongLeafSets(overlay), 0);
  t.true(overlay.net.sentOf('failed').length <= 6 * 8, `${overlay.net.sentOf('failed').length} messages`);
});

test('peers that leave politely hand over keys and neighbours: nothing is lost, leaf sets are exact at once', (t) => {
  const overlay = converged(40, { ...STILL, leafSet: 8, replicas: 0, lookupTimeoutMs: 2000 });
  const { net, hosts } = overlay;
  const keys = Array.from({ length: 60 }, () => hosts[0].random.identifier());
  for (const key of keys) hosts[0].protocol.publish(key);
  net.run(2000);
  for (const index of [7, 13, 22, 30]) {
    net.leave(index);
    net.run(net.now + 500);
  }
  t.is(wrongLeafSets(overlay), 0);
  for (const key of keys)
    t.deepEqual(
      locate(overlay, hosts[4], key, 1000).answers.map(({ provider }) => provider),
      [hosts[0].address],
    );
  t.true((net.counters.get('timeouts') ?? 0) <= 3, 'only who has a leaver in its table, but is not in its');
});

test('an abrupt end of the root loses the entry until the next republish without replicas, and not with two', (t) => {
  for (const replicas of [0, 2]) {
    const overlay = converged(30, { ...LIVELY, leafSet: 8, replicas, republishMs: 60_000 });
    const key = overlay.hosts[3].random.identifier();
    const root = closest(
      overlay.hosts.filter((host) => host.index !== 3),
      key,
    );
    const asker = overlay.hosts.find((host) => host.index !== 3 && host !== root)!;
    if (closest(overlay.hosts, key) !== root) continue;
    overlay.hosts[3].protocol.publish(key);
    overlay.net.run(2000);
    overlay.net.crash(root.index);
    t.is(locate(overlay, asker, key).answers.length, replicas === 0 ? 0 : 1, `replicas ${replicas}`);
    overlay.net.run(130_000);
    t.is(locate(overlay, asker, key).answers.length, 1);
  }
});

test('a newcomer that is closer to a key is handed its entries', (t) => {
  const overlay = converged(20, { ...STILL, leafSet: 8, replicas: 0, lookupTimeoutMs: 1000 });
  const { net, hosts } = overlay;
  const keys = Array.from({ length: 200 }, () => hosts[0].random.identifier());
  for (const key of keys) hosts[0].protocol.publish(key);
  net.run(2000);
  const newcomer = net.addPeer(pastry, { ...STILL, leafSet: 8, replicas: 0 }) as unknown as FakeHost<Pastry>;
  newcomer.protocol.join();
  hosts.push(newcomer);
  net.run(net.now + 2000);
  const its = keys.filter((key) => closest(hosts, key) === newcomer);
  t.true(its.length > 0);
  for (const key of its) t.is(locate(overlay, hosts[5], key, 1000).answers.length, 1);
  t.true(newcomer.protocol.state().entries > its.length);
});

test('an entry expires when its provider is gone, and goes at once when the provider says so', (t) => {
  const overlay = converged(12, { ...LIVELY, leafSet: 8, replicas: 1, expiryMs: 30_000, republishMs: 10_000 });
  const { net, hosts } = overlay;
  const key = hosts[0].random.identifier();
  const [one, other, asker] = hosts.filter((host) => host !== closest(hosts, key));
  one.protocol.publish(key);
  other.protocol.publish(key);
  net.run(60_000);
  t.is(locate(overlay, asker, key).answers.length, 2, 'kept alive by republishing');
  net.leave(other.index);
  t.deepEqual(
    locate(overlay, asker, key).answers.map(({ provider }) => provider),
    [one.address],
  );
  net.crash(one.index);
  t.is(locate(overlay, asker, key).answers.length, 1, 'nobody can know yet');
  net.run(net.now + 60_000);
  const after = locate(overlay, asker, key);
  t.is(after.answers.length, 0);
  t.false(after.open, 'a definite nobody');
});

test('the hops that are reported are the forwards that were sent', (t) => {
  const overlay = converged(200, STILL);
  for (let i = 0; i < 100; i++) {
    const key = overlay.hosts[0].random.identifier();
    overlay.net.sent.length = 0;
    const { finishedHops } = locate(overlay, overlay.hosts[i], key, 1000);
    t.is(overlay.net.sentOf('locate').length, finishedHops!);
  }
});

test('randomised routing takes other ways to the same peer', (t) => {
  const overlay = converged(300, { ...STILL, randomness: 0.5 });
  const key = overlay.hosts[0].random.identifier();
  const far = overlay.hosts.find((host) => pastryWalk(overlay, host, key).length > 2)!;
  const paths = new Set<string>();
  for (let i = 0; i < 20; i++) {
    overlay.net.sent.length = 0;
    locate(overlay, far, key, 2000);
    const forwards = overlay.net.sentOf('locate');
    t.is(forwards.at(-1)!.to, closest(overlay.hosts, key).address);
    paths.add(forwards.map(({ to }) => to).join());
  }
  t.true(paths.size > 5);
});

test('joining peers measure: their tables are nearer than those of peers that take the first they hear of', (t) => {
  const latencyMs = plane(70, 7);
  const meanOf = (proximity: boolean) => {
    const overlay = grown(
      70,
      { ...LIVELY, rpcTimeoutMs: 500, proximity },
      {
        latencyMs,
        everyMs: 1000,
      },
    );
    overlay.net.run(overlay.net.now + 30_000);
    return mean(
      overlay.hosts.flatMap(({ index, protocol }) =>
        protocol.table
          .row(0)
          .filter((_, i) => i % 2 === 1)
          .map((address) => latencyMs(index, overlay.net.hostAt(address)!.index)),
      ),
    );
  };
  const [near, any] = [meanOf(true), meanOf(false)];
  t.log(`${near.toFixed(1)} ms against ${any.toFixed(1)} ms`);
  t.true(near < 0.7 * any);
});

test('late, double and senseless messages do no harm', (t) => {
  const overlay = converged(30, { ...LIVELY, leafSet: 8 });
  const [target, other] = overlay.hosts;
  const contacts = other.protocol.leaves.all();
  for (let twice = 0; twice < 2; twice++) {
    target.protocol.onMessage(other.address, { type: 'answer', request: 12345, hops: 1, identifier: 5, providers: [7] });
    target.protocol.onMessage(other.address, { type: 'leaves', request: 999, identifier: other.protocol.identifier, contacts });
    target.protocol.onMessage(other.address, { type: 'pong', request: 999, identifier: 1, joined: true });
    target.protocol.onMessage(other.address, { type: 'row', request: 999, contacts });
    target.protocol.onMessage(other.address, { type: 'ask-row', request: 1, row: 40, column: 7 });
    target.protocol.onMessage(other.address, { type: 'rows', contacts: [1, 0x0a0000ff * 65536] });
    target.protocol.onMessage(other.address, { type: 'failed', address: other.address });
    target.protocol.onMessage(other.address, { type: 'announce', identifier: target.protocol.identifier, rttMs: 1 });
    target.protocol.onMessage(other.address, { type: 'forget', key: 5, provider: 6 });
  }
  overlay.net.run(20_000);
  t.is(wrongLeafSets(overlay), 0);
});

test('a peer whose identifier is taken draws another', (t) => {
  const identifiers = [5 * 2 ** 40, 9 * 2 ** 40, 5 * 2 ** 40];
  const built = converged(3, { ...STILL, identifiers });
  t.is(new Set(built.hosts.map((host) => host.protocol.identifier)).size, 3);
  const overlay = grown(3, { ...LIVELY, identifiers }, { everyMs: 2000 });
  t.is(new Set(overlay.hosts.map((host) => host.protocol.identifier)).size, 3);
  t.is(overlay.net.counters.get('identifier-taken'), 1);
  t.is(wrongLeafSets(overlay), 0);
});

test('alone it is root of everything, and when the others are gone it is alone again', (t) => {
  const overlay = converged(2, LIVELY);
  overlay.net.crash(1);
  overlay.net.run(20_000);
  const [alone] = overlay.hosts;
  t.deepEqual([...alone.protocol.neighbours()], []);
  const key = alone.random.identifier();
  alone.protocol.publish(key);
  t.is(locate(overlay, alone, key).answers[0]?.provider, alone.address);
});

test('neighbourhood sets keep the nearest, in order', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ peer: fc.integer({ min: 1, max: 9 }), rttMs: fc.integer({ min: 1, max: 50 }), out: fc.boolean() })),
      (steps) => {
        let set: number[] = [];
        for (const { peer, rttMs, out } of steps) {
          const before = set;
          set = out ? without(set, peer) : withNeighbour(set, 4, rttMs, peer + 100, peer);
          const rtts = set.filter((_, i) => i % 3 === 0);
          if (rtts.length > 4 || rtts.some((rtt, i) => i > 0 && rtt < rtts[i - 1])) return false;
          if (out && set.includes(peer + 100)) return false;
          if (!out && !set.includes(peer + 100) && (before.length < 12 || before[9] > rttMs)) return false;
        }
        return true;
      },
    ),
  );
  t.deepEqual(withNeighbour([], 0, 1, 2, 3), []);
});

test('sizes: a contact is 22 bytes, an entry 26, and a hop’s acknowledgement costs its number', (t) => {
  const routed = { type: 'locate', key: 1, origin: 2, request: 3, hops: 4, ack: 0, provider: 5, rows: 0 } as const;
  t.is(wireBytes(routed), 8 + 16 + 6);
  t.is(wireBytes({ ...routed, ack: 1 }), 8 + 16 + 6 + 4);
  t.is(wireBytes({ ...routed, type: 'publish' }), 8 + 16 + 6 + 6);
  t.is(wireBytes({ type: 'leaves', request: 1, identifier: 2, contacts: [1, 2, 3, 4] }), 8 + 16 + 1 + 2 * 22);
  t.is(wireBytes({ type: 'items', items: [1, 2, 3] }), 8 + 1 + 26);
});

test('the rule of two as close: one root, whoever asks', (t) => {
  const identifiers = [100, 200, 300];
  const overlay = converged(3, { ...STILL, identifiers });
  t.true(isCloser(100, 200, 150));
  for (const host of overlay.hosts) t.is(pastryWalk(overlay, host, 150).at(-1), overlay.hosts[0].address);
});
