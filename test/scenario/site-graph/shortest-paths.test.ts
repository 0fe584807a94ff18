import test from 'ava';
import fc from 'fast-check';
import { directPaths, shortestPaths } from '../../../src/scenario/site-graph/shortest-paths.js';
import type { GraphLink, SiteGraph } from '../../../src/scenario/site-graph/site-graph.js';

const site = (name: string, weight = 1) => ({ name, region: null, weight, uplinkBitsPerSecond: Infinity, downlinkBitsPerSecond: Infinity });
const link = (from: number, to: number, latencyMs: number, more: Partial<GraphLink> = {}): GraphLink => ({
  from,
  to,
  latencyMs,
  jitterMs: 0,
  loss: 0,
  bitsPerSecond: Infinity,
  ...more,
});
const graph = (count: number, links: GraphLink[], directed = false): SiteGraph => ({
  directed,
  sites: Array.from({ length: count }, (_, index) => site(`${index}`)),
  links,
  notes: [],
});

/** Floyd (1962) and Warshall: another algorithm, which knows nothing of heaps. */
function floyd({ sites, links, directed }: SiteGraph): number[] {
  const n = sites.length;
  const distance = new Array<number>(n * n).fill(Infinity);
  for (const { from, to, latencyMs } of links) {
    distance[from * n + to] = Math.min(distance[from * n + to], latencyMs);
    if (!directed) distance[to * n + from] = Math.min(distance[to * n + from], latencyMs);
  }
  for (let site = 0; site < n; site++) distance[site * n + site] = 0;
  for (let by = 0; by < n; by++)
    for (let from = 0; from < n; from++)
      for (let to = 0; to < n; to++)
        distance[from * n + to] = Math.min(distance[from * n + to], distance[from * n + by] + distance[by * n + to]);
  return distance;
}

const anyGraph = fc.integer({ min: 1, max: 14 }).chain((count) =>
  fc
    .tuple(fc.boolean(), fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1), fc.integer({ min: 1, max: 30 })), { maxLength: 40 }))
    .map(([directed, links]) =>
      graph(
        count,
        links.map(([from, to, ms]) => link(from, to, ms)),
        directed,
      ),
    ),
);

test('latencies are those of Floyd and Warshall, on any graph, with and without directions', (t) => {
  fc.assert(
    fc.property(anyGraph, (given) => {
      const n = given.sites.length;
      const expected = floyd(given);
      const { latencyMs } = shortestPaths(given);
      latencyMs.forEach((ms, index) => {
        if (index % (n + 1) !== 0) t.is(Number.isNaN(ms) ? Infinity : ms, expected[index]);
      });
    }),
    { numRuns: 300 },
  );
});

test('without directions, back is there, to the bit, for awkward latencies too', (t) => {
  const awkward = fc.double({ min: 0.001, max: 50, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(7), fc.nat(7), awkward), { maxLength: 30 }), (links) => {
      const { latencyMs, loss } = shortestPaths(
        graph(
          8,
          links.map(([a, b, ms]) => link(a, b, ms, { loss: ms / 100 })),
        ),
      );
      for (let a = 0; a < 8; a++) {
        for (let b = 0; b < 8; b++) t.deepEqual([latencyMs[a * 8 + b], loss[a * 8 + b]], [latencyMs[b * 8 + a], loss[b * 8 + a]]);
      }
    }),
  );
});

test('along a path latencies and jitters add up, losses compose, the narrowest link bounds', (t) => {
  const paths = shortestPaths(
    graph(3, [
      link(0, 1, 10, { jitterMs: 1, loss: 0.1, bitsPerSecond: 5e6 }),
      link(1, 2, 20, { jitterMs: 2, loss: 0.2, bitsPerSecond: 8e6 }),
    ]),
  );
  t.is(paths.latencyMs[2], 30);
  t.is(paths.jitterMs[2], 3);
  t.true(Math.abs(paths.loss[2] - (1 - 0.9 * 0.8)) < 1e-15);
  t.is(paths.bitsPerSecond[2], 5e6);
  t.is(paths.loss[1], 0.1, 'one link is as it was written');
});

test('of equally long paths the one with less loss counts, then the wider one', (t) => {
  const square = (more: readonly Partial<GraphLink>[]) =>
    shortestPaths(graph(4, [link(0, 1, 5, more[0]), link(1, 3, 5), link(0, 2, 5, more[1]), link(2, 3, 5)]));
  t.is(square([{ loss: 0.2 }, { loss: 0.1 }]).loss[3], 0.1);
  t.is(square([{ loss: 0.1 }, { loss: 0.2 }]).loss[3], 0.1);
  t.is(square([{ bitsPerSecond: 1e6 }, { bitsPerSecond: 2e6 }]).bitsPerSecond[3], 2e6);
  t.is(square([{ bitsPerSecond: 2e6 }, { bitsPerSecond: 1e6 }]).bitsPerSecond[3], 2e6);
});

test('routers are on paths and not in the table; a link from a site to itself is the latency within it', (t) => {
  const given = graph(3, [link(0, 1, 4), link(1, 2, 6), link(0, 0, 0.5), link(0, 0, 0.25)]);
  const sites = [given.sites[0], site('router', 0), given.sites[2]];
  const { sites: rows, latencyMs } = shortestPaths({ ...given, sites });
  t.deepEqual(rows, [0, 2]);
  t.deepEqual([...latencyMs], [0.25, 10, 10, Number.NaN]);
});

test('direct paths: the links and nothing else', (t) => {
  const links = [link(0, 1, 50), link(1, 2, 10), link(0, 2, 10), link(1, 1, 1)];
  t.is(shortestPaths(graph(3, links)).latencyMs[1], 20, 'around is shorter');
  t.deepEqual([...directPaths(graph(3, links)).latencyMs], [Number.NaN, 50, 10, 50, 1, 10, 10, 10, Number.NaN]);
  t.deepEqual([...directPaths(graph(2, [link(0, 1, 5)], true)).latencyMs], [Number.NaN, 5, Number.NaN, Number.NaN]);
});
