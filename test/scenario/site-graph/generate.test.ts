import test from 'ava';
import fc from 'fast-check';
import { Stream, WHOLE_RUN } from '../../../src/kernel/random.js';
import { generate, MODELS, type Model } from '../../../src/scenario/site-graph/generate.js';
import { shortestPaths } from '../../../src/scenario/site-graph/shortest-paths.js';
import { componentsOf, type SiteGraph } from '../../../src/scenario/site-graph/site-graph.js';
import { randomConnected } from '../../../src/scenario/site-graph/transit-stub.js';

const TRANSIT_STUB = {
  model: 'transit-stub',
  sites: 200,
  transitDomains: 4,
  transitRouters: 4,
  stubsPerRouter: 3,
  transitLinks: 0.6,
  stubLinks: 0.42,
  backboneMs: 30,
  transitMs: 15,
  accessMs: 5,
  stubMs: 2,
  spread: 0,
} as const;

function model(name: Model['model'], sites: number): Model {
  const drawn = { latencyMs: 10, spread: 0.5 };
  switch (name) {
    case 'transit-stub':
      return { ...TRANSIT_STUB, sites };
    case 'barabasi-albert':
      return { model: name, sites, links: 2, ...drawn };
    case 'watts-strogatz':
      return { model: name, sites, neighbours: 4, rewire: 0.1, ...drawn };
    case 'random-geometric':
      return { model: name, sites, radius: 0.1, sideMs: 60 };
    case 'waxman':
      return { model: name, sites, alpha: 0.2, beta: 0.15, sideMs: 60 };
  }
}

function neighboursOf({ sites, links }: SiteGraph): Set<number>[] {
  const neighbours = sites.map(() => new Set<number>());
  for (const { from, to } of links) {
    neighbours[from].add(to);
    neighbours[to].add(from);
  }
  return neighbours;
}

test('every model, of any size and seed: connected, simple, the sites asked for, positive latencies, the same again', (t) => {
  fc.assert(
    fc.property(fc.constantFrom(...MODELS), fc.integer({ min: 1, max: 60 }), fc.nat(), (name, count, seed) => {
      const graph = generate(model(name, count), seed);
      t.is(graph.sites.filter(({ weight }) => weight > 0).length, count);
      t.true(
        componentsOf(graph.sites.length, graph.links).every((component) => component === 0),
        'connected',
      );
      t.is(new Set(graph.sites.map(({ name: each }) => each)).size, graph.sites.length);
      const pairs = new Set(graph.links.map(({ from, to }) => `${Math.min(from, to)} ${Math.max(from, to)}`));
      t.is(pairs.size, graph.links.length, 'no link twice');
      t.true(graph.links.every(({ from, to, latencyMs }) => from !== to && latencyMs >= 0.1 && latencyMs < 1000));
      t.deepEqual(generate(model(name, count), seed), graph);
    }),
    { numRuns: 200 },
  );
});

test('another seed is another network', (t) => {
  for (const name of MODELS) t.notDeepEqual(generate(model(name, 50), 1).links, generate(model(name, 50), 2).links, name);
});

test('transit-stub: whole stub domains on routers without peers; paths go up, across and down', (t) => {
  const graph = generate(TRANSIT_STUB, 7);
  t.is(graph.sites.length, 200 + 16);
  t.is(graph.sites.filter(({ weight }) => weight === 0).length, 16);
  t.deepEqual(
    [1, 2, 3, 4].map((domain) => graph.sites.filter(({ region, weight }) => region === `domain-${domain}` && weight > 0).length),
    [50, 50, 50, 50],
  );
  const stubOf = (site: number) => graph.sites[site].name.replace(/-\d+$/, '');
  t.is(new Set(graph.sites.flatMap(({ weight }, site) => (weight > 0 ? [stubOf(site)] : []))).size, 48);
  const { sites, latencyMs } = shortestPaths(graph);
  const pairs = sites
    .flatMap((a, row) => sites.map((b, column) => [a, b, latencyMs[row * sites.length + column]] as const))
    .filter(([a, b]) => a !== b);
  const inStub = pairs.filter(([a, b]) => stubOf(a) === stubOf(b));
  t.true(inStub.length > 0 && inStub.every(([, , ms]) => ms % 2 === 0 && ms <= 8), 'a stub of four or five sites, 2 ms a link');
  const inDomain = pairs.filter(([a, b]) => stubOf(a) !== stubOf(b) && graph.sites[a].region === graph.sites[b].region);
  t.true(
    inDomain.every(([, , ms]) => ms >= 10 && ms < 30 + 45 + 16),
    'down and up is 10 ms at least',
  );
  const across = pairs.filter(([a, b]) => graph.sites[a].region !== graph.sites[b].region);
  t.true(
    across.every(([, , ms]) => ms >= 40),
    'a backbone link and both accesses',
  );
});

test('transit-stub: fewer sites than stub domains', (t) => {
  const graph = generate({ ...TRANSIT_STUB, sites: 5 }, 1);
  t.is(graph.sites.filter(({ weight }) => weight > 0).length, 5);
  t.true(graph.notes[1].startsWith('5 sites in 5 stub domains'));
});

test('a random connected graph has the share of links that was asked for, and never fewer than a tree', (t) => {
  const random = new Stream(1, WHOLE_RUN, 'topology');
  let links = 0;
  for (let trial = 0; trial < 300; trial++) links += randomConnected(10, 0.42, random).length;
  t.true(Math.abs(links / 300 / 45 - 0.42) < 0.02, String(links / 300 / 45));
  t.is(randomConnected(10, 0, random).length, 9);
  t.is(randomConnected(10, 1, random).length, 45);
  t.is(randomConnected(1, 1, random).length, 0);
});

test('preferential attachment: 2 links each, and degrees with a tail like k^-2 (cumulative)', (t) => {
  const graph = generate({ model: 'barabasi-albert', sites: 3000, links: 2, latencyMs: 10, spread: 0 }, 3);
  t.is(graph.links.length, 3 + (3000 - 3) * 2);
  const degrees = neighboursOf(graph).map(({ size }) => size);
  t.is(Math.min(...degrees), 2);
  const tail = (least: number) => degrees.filter((degree) => degree >= least).length / 3000;
  // P(degree >= k) = m (m + 1) / (k (k + 1)): Bollobas et al. 2001.
  for (const k of [3, 5, 10, 20]) {
    const expected = 6 / (k * (k + 1));
    t.true(Math.abs(tail(k) / expected - 1) < 0.35, `${k}: ${tail(k)} for ${expected}`);
  }
  t.true(Math.max(...degrees) > 60, 'hubs');
});

function clustering(graph: SiteGraph): number {
  const neighbours = neighboursOf(graph);
  const local = neighbours.map((near) => {
    const all = [...near];
    let closed = 0;
    for (const a of all) for (const b of all) if (a < b && neighbours[a].has(b)) closed++;
    return all.length < 2 ? 0 : closed / ((all.length * (all.length - 1)) / 2);
  });
  return local.reduce((sum, each) => sum + each, 0) / local.length;
}

test('small world: at 0 the ring lattice, at 1 random; between them short paths and high clustering', (t) => {
  const world = (rewire: number) => generate({ model: 'watts-strogatz', sites: 400, neighbours: 10, rewire, latencyMs: 1, spread: 0 }, 5);
  const meanHops = (graph: SiteGraph) => {
    const { latencyMs } = shortestPaths(graph);
    const known = latencyMs.filter((ms) => !Number.isNaN(ms));
    return known.reduce((sum, ms) => sum + ms, 0) / known.length;
  };
  const [lattice, small, chaos] = [0, 0.1, 1].map(world);
  // A ring lattice: C = 3 (k - 2) / (4 (k - 1)) = 2/3; mean path about n / 2k = 20.
  t.true(Math.abs(clustering(lattice) - 2 / 3) < 1e-9);
  t.true(Math.abs(meanHops(lattice) - 20.5) < 0.5, String(meanHops(lattice)));
  // Barrat and Weigt 2000: C(p) = C(0) (1 - p)^3.
  t.true(Math.abs(clustering(small) / clustering(lattice) - 0.9 ** 3) < 0.06);
  t.true(meanHops(small) < 5);
  t.true(clustering(chaos) < 0.06);
  t.true(Math.abs(meanHops(chaos) - Math.log(400) / Math.log(10)) < 0.6, String(meanHops(chaos)));
  for (const graph of [lattice, small, chaos]) t.true(Math.abs(graph.links.length - 2000) <= 2);
});

test('on a plane: links within the radius and no others, latency by distance; Waxman links fall off with distance', (t) => {
  const { links } = generate({ model: 'random-geometric', sites: 500, radius: 0.15, sideMs: 100 }, 9);
  t.true(links.every(({ latencyMs }) => latencyMs <= 15.001));
  // The mean degree of n points: n pi r^2, less what lies outside the square (Gilbert 1961): 8r/3 - r^2/2 of the area for a unit square.
  const r = 0.15;
  const expected = (499 * (Math.PI * r ** 2 - (8 / 3) * r ** 3 + r ** 4 / 2) * 500) / 2;
  t.true(Math.abs(links.length / expected - 1) < 0.1, `${links.length} for ${expected}`);
});

test('Waxman: as many links of each length as the model gives', (t) => {
  const [alpha, beta] = [0.4, 0.1];
  const { links } = generate({ model: 'waxman', sites: 500, alpha, beta, sideMs: 100 }, 9);
  // Two points of a unit square are d <= 1 apart with density 2d (pi - 4d + d^2).
  const density = (d: number) => 2 * d * (Math.PI - 4 * d + d * d);
  const expected = (from: number, to: number) => {
    let sum = 0;
    for (let d = from + 0.0005; d < to; d += 0.001) sum += density(d) * alpha * Math.exp(-d / (beta * Math.SQRT2)) * 0.001;
    return (sum * 500 * 499) / 2;
  };
  for (const [from, to] of [
    [0, 0.1],
    [0.1, 0.3],
    [0.3, 0.6],
  ]) {
    const actual = links.filter(({ latencyMs }) => latencyMs >= 100 * from && latencyMs < 100 * to).length;
    t.true(Math.abs(actual / expected(from, to) - 1) < 0.15, `${from} to ${to}: ${actual} for ${expected(from, to)}`);
  }
});

test('parts that are left apart are joined where they are nearest', (t) => {
  const graph = generate({ model: 'random-geometric', sites: 30, radius: 0.001, sideMs: 100 }, 2);
  t.is(graph.links.length, 29, 'a tree: nothing else is in reach');
  t.is(graph.notes[1], '30 sites and 29 links, 29 of them added so that all are joined');
});
