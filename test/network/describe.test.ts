import test from 'ava';
import { describeTopology } from '../../src/network/describe.js';
import type { Topology } from '../../src/network/topology.js';
import { testTopology } from '../helpers/testnet.js';

const site = (name: string, share: number, region: string | null = null) => ({
  name,
  share,
  region,
  accessClass: null,
  uplinkBitsPerSecond: Infinity,
  downlinkBitsPerSecond: Infinity,
  queueBytes: Infinity,
});
const topology = (latencyMs: readonly number[], changes: Partial<Topology> = {}): Topology => {
  const n = Math.sqrt(latencyMs.length);
  return testTopology(0, {
    sites: Array.from({ length: n }, (_, index) => site(`${index}`, 1 / n)),
    latencyMs: Float64Array.from(latencyMs),
    ...changes,
  });
};

test('latency between different sites, within sites, and the peers on each', (t) => {
  const figures = describeTopology(topology([1, 10, 20, 30, 2, 40, 50, 60, 3]), 300, 1);
  t.deepEqual(figures.latencyMs, { min: 10, p10: 10, median: 40, mean: 35, p90: 60, p99: 60, max: 60 });
  t.deepEqual(figures.withinMs, { least: 1, most: 3 });
  t.deepEqual([figures.sites, figures.peers], [3, 300]);
  t.true(figures.peersPerSite.least >= 99 && figures.peersPerSite.most <= 101);
});

test('triangles: a detour that is shorter in either direction violates one; equal is not shorter', (t) => {
  const violated = (latencyMs: readonly number[]) => describeTopology(topology(latencyMs), 10, 1).triangles;
  t.deepEqual(violated([1, 10, 20, 10, 1, 10, 20, 10, 1]), { violated: 0, checked: 1, isSample: false });
  t.deepEqual(violated([1, 10, 20.001, 10, 1, 10, 20, 10, 1]), { violated: 1, checked: 1, isSample: false });
  t.deepEqual(violated([1, 10, 20, 10, 1, 10, 25, 10, 1]), { violated: 1, checked: 1, isSample: false });
  t.is(violated([1, 5, 5, 1]), null);
});

test('above 300 sites a million triangles are drawn, the same ones every time, and the share is that of all', (t) => {
  const n = 320;
  // One pair of a hundred is ten times as far: a triangle with one far side is violated, which is about 3 % of them.
  const latencyMs = Array.from({ length: n * n }, (_, index) => {
    const [a, b] = [Math.floor(index / n), index % n];
    return (Math.min(a, b) * 31 + Math.max(a, b) * 17) % 100 === 0 ? 100 : 10;
  });
  const given = topology(latencyMs);
  let all = 0;
  let count = 0;
  const at = (a: number, b: number) => latencyMs[a * n + b];
  for (let a = 0; a < n; a++)
    for (let b = a + 1; b < n; b++)
      for (let c = b + 1; c < n; c++, count++) if ([at(a, b), at(b, c), at(a, c)].filter((ms) => ms === 100).length === 1) all++;
  const figures = describeTopology(given, 500, 1);
  t.like(figures.triangles, { checked: 1_000_000, isSample: true });
  t.true(Math.abs(figures.triangles!.violated / 1_000_000 / (all / count) - 1) < 0.03);
  t.deepEqual(describeTopology(given, 500, 1), figures);
});

test('regions, largest first; sites without one are in none', (t) => {
  const sites = [site('a', 0.2, 'X'), site('b', 0.5, 'Y'), site('c', 0.1, 'X'), site('d', 0.2)];
  const { regions } = describeTopology(topology(new Array<number>(16).fill(5), { sites }), 100, 1);
  t.deepEqual(
    regions.map(({ name, sites: count, share }) => [name, count, Math.round(share * 100)]),
    [
      ['Y', 1, 50],
      ['X', 2, 30],
    ],
  );
});

test('the lookahead for 2, 4 and 8 shards; none where nothing can be divided', (t) => {
  // Two pairs of near sites, far from each other.
  const far = topology([1, 5, 90, 90, 5, 1, 90, 90, 90, 90, 1, 5, 90, 90, 5, 1]);
  t.deepEqual(describeTopology(far, 1000, 1).divisions, [
    { asked: 2, shards: 2, lookaheadMs: 90 },
    { asked: 4, shards: 4, lookaheadMs: 5 },
    { asked: 8, shards: 8, lookaheadMs: 1 },
  ]);
  const ideal = describeTopology(topology([0]), 1000, 1);
  t.deepEqual(
    ideal.divisions.map(({ shards, lookaheadMs }) => [shards, lookaheadMs]),
    [
      [1, null],
      [1, null],
      [1, null],
    ],
  );
  t.is(ideal.latencyMs, null);
});
