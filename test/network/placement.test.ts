import test from 'ava';
import fc from 'fast-check';
import { leastLatencyMs } from '../../src/network/network.js';
import {
  classOf,
  DOWNLINK_BYTES_PER_MS,
  QUEUE_BYTES,
  ROW_F64,
  shardOf,
  siteOf,
  UPLINK_BYTES_PER_MS,
} from '../../src/network/peer-table.js';
import { type Placement, placePeers } from '../../src/network/placement.js';
import type { Topology } from '../../src/network/topology.js';
import { loadTopology } from '../../src/scenario/topology-file.js';
import { plainSite } from '../helpers/plain-topology.js';
import { testTopology } from '../helpers/testnet.js';

const everySite = (latencyMs: number, count: number, within = 1): Partial<Topology> => ({
  sites: Array.from({ length: count }, (_, i) => plainSite({ name: `s${i}`, share: 1 / count })),
  latencyMs: Float64Array.from({ length: count * count }, (_, i) => (Math.floor(i / count) === i % count ? within : latencyMs)),
});

/** Sites at random places on a plane of 100 x 100 ms, with random shares. */
const plane = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 20 })), {
    minLength: 2,
    maxLength: 14,
  })
  .map((places) => {
    const total = places.reduce((sum, [, , weight]) => sum + weight, 0);
    return testTopology(0, {
      sites: places.map(([, , weight], i) => plainSite({ name: `s${i}`, share: weight / total })),
      latencyMs: Float64Array.from(places.flatMap(([x, y]) => places.map(([u, v]) => 0.2 + Math.hypot(x - u, y - v)))),
    });
  });

const countBy = (placement: Placement, of: (place: number) => number, size: number) => {
  const counts = new Float64Array(size);
  for (const place of placement.table.places) counts[of(place)]++;
  return counts;
};

test('sites and access classes get their shares, closely, at every size', (t) => {
  const shares = [0.5, 0.25, 0.15, 0.1];
  const base = testTopology(50);
  const topology = testTopology(50, {
    sites: shares.map((share, i) => plainSite({ name: `s${i}`, share })),
    latencyMs: new Float64Array(16).fill(50),
    classes: shares.map((share, i) => ({ ...base.classes[0], name: `c${i}`, share })),
  });
  for (const peers of [10, 37, 100, 1000, 12_345]) {
    const placement = placePeers(topology, peers, 1, 3);
    for (const of of [siteOf, classOf]) {
      const counts = countBy(placement, of, 4);
      // A low-discrepancy sequence is off by a few peers, where drawing lots would be off by a root of their number.
      counts.forEach((count, i) => {
        t.true(Math.abs(count - shares[i] * peers) <= 4, `${peers} peers: ${count} of ${shares[i] * peers}`);
      });
    }
  }
  // Sites and classes are independent: a class has the same share at every site.
  const { table } = placePeers(topology, 10_000, 1, 3);
  for (let site = 0; site < 4; site++) {
    const here = [...table.places].filter((place) => siteOf(place) === site);
    shares.forEach((share, i) => {
      const count = here.filter((place) => classOf(place) === i).length;
      t.true(Math.abs(count / here.length - share) < 0.02, `class ${i} at site ${site}: ${count / here.length}`);
    });
  }
});

test('a peer\u2019s place does not depend on how many others there are, nor on the shards; it does on the seed', (t) => {
  const topology = loadTopology('planet');
  const all = placePeers(topology, 5000, 1, 9).table.places;
  for (const [peers, shards] of [
    [100, 1],
    [1777, 2],
    [4999, 7],
  ]) {
    const some = placePeers(topology, peers, shards, 9).table.places;
    some.forEach((place, peer) => {
      if (siteOf(place) !== siteOf(all[peer]) || classOf(place) !== classOf(all[peer])) t.fail(`p${peer} of ${peers}`);
    });
  }
  t.notDeepEqual(placePeers(topology, 5000, 1, 10).table.places, all);
});

test('every peer has the link rates of its class', (t) => {
  const topology = loadTopology('home-users');
  const { table } = placePeers(topology, 500, 1, 1);
  table.places.forEach((place, peer) => {
    const access = topology.classes[classOf(place)];
    const row = peer * ROW_F64;
    t.is(table.f64[row + UPLINK_BYTES_PER_MS], access.uplinkBitsPerSecond / 8000);
    t.is(table.f64[row + DOWNLINK_BYTES_PER_MS], access.downlinkBitsPerSecond / 8000);
    t.is(table.f64[row + QUEUE_BYTES], access.queueBytes);
  });
});

test('lookahead is the smallest latency between peers of different shards, by looking at every pair of sites', (t) => {
  fc.assert(
    fc.property(plane, fc.integer({ min: 2, max: 6 }), fc.nat(1000), (topology, shards, seed) => {
      const placement = placePeers(topology, 400, shards, seed);
      const shardsOfSite = topology.sites.map(() => new Set<number>());
      for (const place of placement.table.places) shardsOfSite[siteOf(place)].add(shardOf(place));
      let least = Infinity;
      shardsOfSite.forEach((here, from) => {
        shardsOfSite.forEach((there, to) => {
          for (const a of here) for (const b of there) if (a !== b) least = Math.min(least, leastLatencyMs(topology, from, to));
        });
      });
      t.is(placement.lookaheadMs, least);
      t.is(placement.shards === 1, least === Infinity);
      const used = countBy(placement, shardOf, placement.shards);
      t.is(used.length, placement.shards);
      t.true(Math.min(...used) > 0 && Math.max(...used) <= (400 / placement.shards) * 1.3 + 1e-9);
    }),
  );
});

test('shards get whole sites when that is even enough, so that they run ahead on inter-site latency', (t) => {
  const placement = placePeers(testTopology(0, everySite(80, 8)), 800, 4, 1);
  t.is(placement.shards, 4);
  t.is(placement.lookaheadMs, 80);
  const shardOfSite = new Map<number, number>();
  for (const place of placement.table.places) {
    t.is(shardOfSite.get(siteOf(place)) ?? shardOf(place), shardOf(place));
    shardOfSite.set(siteOf(place), shardOf(place));
  }
});

test('near sites stay together: two continents on two shards have an ocean of lookahead', (t) => {
  const x = [0, 3, 6, 9, 100, 103, 106, 109];
  const topology = testTopology(0, {
    sites: x.map((at) => plainSite({ name: `at ${at}`, share: 1 / 8 })),
    latencyMs: Float64Array.from(x.flatMap((a) => x.map((b) => 1 + Math.abs(a - b)))),
  });
  const placement = placePeers(topology, 1000, 2, 1);
  t.is(placement.lookaheadMs, 92);
  for (const place of placement.table.places)
    t.is(shardOf(place), shardOf(placement.table.places.find((p) => siteOf(p) < 4 === siteOf(place) < 4)!));
});

test('peers of one site are dealt out evenly when its latency is worth running ahead on', (t) => {
  const placement = placePeers(testTopology(50), 1001, 4, 1);
  t.is(placement.shards, 4);
  t.is(placement.lookaheadMs, 50);
  t.deepEqual([...countBy(placement, shardOf, 4)].sort(), [250, 250, 250, 251]);
});

test('a topology without latency runs on one shard; so does a single peer', (t) => {
  const ideal = placePeers(loadTopology('ideal'), 1000, 8, 1);
  t.is(ideal.shards, 1);
  t.is(ideal.lookaheadMs, Infinity);
  t.true(ideal.table.places.every((place) => shardOf(place) === 0));
  t.is(placePeers(testTopology(50), 1, 8, 1).shards, 1);
  t.is(placePeers(testTopology(50), 3, 8, 1).shards, 3);
});
