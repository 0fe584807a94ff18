/**
 * What the papers prove or measure: Zhao et al., "Tapestry", IEEE JSAC 22(1), 2004; Hildrum et al., "Distributed object location in a
 * dynamic network", SPAA 2002.
 */

import test from 'ava';
import fc from 'fast-check';
import { digitsOf } from '../../src/overlay/prefix-table.js';
import tapestry from '../../src/protocols/tapestry/index.js';
import type { TapestrySettings } from '../../src/protocols/tapestry/settings.js';
import type { Tapestry } from '../../src/protocols/tapestry/tapestry.js';
import { type FakeHost, FakeNetwork } from '../helpers/fake-network.js';
import { locate, mean, type Overlay, plane, STILL, tapestryWalk } from '../helpers/prefix-overlays.js';

const QUIET: Partial<TapestrySettings> = { ...STILL, heartbeatMs: 0, rpcTimeoutMs: 1000 };

function converged(
  count: number,
  settings: Partial<TapestrySettings> = {},
  latencyMs: number | ((from: number, to: number) => number) = 10,
): Overlay<Tapestry> {
  const net = new FakeNetwork({ latencyMs });
  return { net, hosts: net.converge(count, tapestry, { ...QUIET, ...settings }) as unknown as FakeHost<Tapestry>[] };
}

test('the root of every identifier is the same whoever asks, in any membership, base and number of backups', (t) => {
  const population = fc.record({
    identifiers: fc.uniqueArray(fc.oneof(fc.integer({ min: 0, max: 2 ** 48 - 1 }), fc.integer({ min: 0, max: 300 })), {
      minLength: 1,
      maxLength: 60,
    }),
    b: fc.integer({ min: 1, max: 6 }),
    backups: fc.integer({ min: 0, max: 3 }),
    keys: fc.array(fc.integer({ min: 0, max: 2 ** 48 - 1 }), { minLength: 1, maxLength: 10 }),
  });
  fc.assert(
    fc.property(population, ({ identifiers, b, backups, keys }) => {
      const overlay = converged(identifiers.length, { identifiers, b, backups, proximity: false });
      return [...keys, ...identifiers].every((key) => {
        const paths = overlay.hosts.map((host) => tapestryWalk(overlay, host, key));
        const roots = new Set(paths.map((path) => path.at(-1)));
        const own = overlay.hosts.find((host) => host.protocol.identifier === key);
        return roots.size === 1 && (own === undefined || roots.has(own.address)) && paths.every((path) => path.length - 1 <= digitsOf(b));
      });
    }),
    { numRuns: 60 },
  );
  t.pass();
});

test('2,000 peers: one root for each of 200 identifiers, at most 12 hops and about log16 N = 2.7 on average', (t) => {
  const overlay = converged(2000, { proximity: false });
  const { random } = overlay.hosts[0];
  const hops: number[] = [];
  for (let i = 0; i < 200; i++) {
    const key = random.identifier();
    const paths = Array.from({ length: 50 }, () => tapestryWalk(overlay, random.pick(overlay.hosts), key));
    t.is(new Set(paths.map((path) => path.at(-1))).size, 1);
    hops.push(...paths.map((path) => path.length - 1));
  }
  t.log(`mean ${mean(hops).toFixed(2)}, most ${Math.max(...hops)}`);
  t.true(mean(hops) < Math.log2(2000) / 4 + 0.3);
  t.true(Math.max(...hops) <= 12);
});

test('a replica nearby is found in fewer hops and sooner than the root is reached, the more so the nearer it is', (t) => {
  const count = 1000;
  const latencyMs = plane(count, 8);
  const overlay = converged(count, {}, latencyMs);
  const { net, hosts } = overlay;
  const near: { hops: number[]; toRoot: number[]; way: number[]; rootWay: number[]; inVain: number } = {
    hops: [],
    toRoot: [],
    way: [],
    rootWay: [],
    inVain: 0,
  };
  const far: number[] = [];
  for (let i = 0; i < 60; i++) {
    const key = hosts[0].random.identifier();
    const provider = hosts[(i * 13) % count];
    provider.protocol.publish(key);
    net.run(net.now + 2000);
    const byDistance = [...hosts].sort((one, other) => latencyMs(provider.index, one.index) - latencyMs(provider.index, other.index));
    for (const [rank, origin] of [
      byDistance[1],
      byDistance[2],
      byDistance[3],
      byDistance[4],
      byDistance[count - 1],
      byDistance[count - 2],
    ].entries()) {
      const startedMs = net.now;
      const path = tapestryWalk(overlay, origin, key);
      net.sent.length = 0;
      const operation = locate(overlay, origin, key, 3000);
      t.is(operation.answers[0]?.provider, provider.address);
      const answered = net.sentOf('answer')[0];
      if (rank >= 4) {
        far.push(operation.finishedHops!);
        continue;
      }
      near.hops.push(operation.finishedHops!);
      near.toRoot.push(path.length - 1 + 1); // and one to the provider
      near.way.push((answered?.atMs ?? startedMs) - startedMs);
      let rootWay = 0;
      for (let hop = 1; hop < path.length; hop++) rootWay += latencyMs(net.hostAt(path[hop - 1])!.index, net.hostAt(path[hop])!.index);
      near.rootWay.push(rootWay + latencyMs(net.hostAt(path.at(-1)!)!.index, provider.index));
    }
  }
  t.log(
    `nearest askers: ${mean(near.hops).toFixed(2)} hops against ${mean(near.toRoot).toFixed(2)} by the root, ${mean(near.way).toFixed(1)} ms against ${mean(near.rootWay).toFixed(1)} ms; farthest: ${mean(far).toFixed(2)} hops`,
  );
  t.true(mean(near.hops) < mean(near.toRoot) - 0.5);
  t.true(mean(near.way) < 0.6 * mean(near.rootWay));
  t.true(mean(near.hops) < mean(far));
});

test('of several replicas the query ends at one that is near: nearer than one drawn at random, on average', (t) => {
  const count = 1000;
  const latencyMs = plane(count, 9);
  const overlay = converged(count, {}, latencyMs);
  const { net, hosts } = overlay;
  const [found, any, nearest]: number[][] = [[], [], []];
  for (let i = 0; i < 30; i++) {
    const key = hosts[0].random.identifier();
    const providers = Array.from({ length: 8 }, (_, k) => hosts[(i * 37 + k * 119) % count]);
    for (const provider of providers) provider.protocol.publish(key);
    net.run(net.now + 2000);
    for (let k = 0; k < 8; k++) {
      const origin = hosts[(i * 61 + k * 97 + 5) % count];
      const distances = providers.map((provider) => latencyMs(origin.index, provider.index));
      const operation = locate(overlay, origin, key, 3000);
      found.push(latencyMs(origin.index, net.hostAt(operation.answers[0].provider)!.index));
      any.push(mean(distances));
      nearest.push(Math.min(...distances));
    }
  }
  t.log(`${mean(found).toFixed(1)} ms; at random ${mean(any).toFixed(1)} ms, the nearest ${mean(nearest).toFixed(1)} ms`);
  t.true(mean(found) < 0.8 * mean(any));
});
