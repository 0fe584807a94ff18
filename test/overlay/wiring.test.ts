import test from 'ava';
import fc from 'fast-check';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { distancesFrom, type Graph, graphOf, isConnected, neighboursIn } from '../../src/overlay/graph.js';
import { barabasiAlbert, completeGraph, hamiltonianCycles, randomRegular, ringLattice, tree } from '../../src/overlay/wiring.js';

const stream = (seed: number) => new Stream(seed, WHOLE_RUN, 'converge');
const degrees = (graph: Graph) => Array.from({ length: graph.count }, (_, peer) => neighboursIn(graph, peer).length);

/** No loops, no double links, both sides agree, rows rise. Returns what is wrong, or ''. */
function fault(graph: Graph): string {
  for (let peer = 0; peer < graph.count; peer++) {
    const row = neighboursIn(graph, peer);
    for (let i = 0; i < row.length; i++) {
      if (row[i] === peer) return `${peer} is its own neighbour`;
      if (i > 0 && row[i] <= row[i - 1]) return `row ${peer} is ${row}`;
      if (!neighboursIn(graph, row[i]).includes(peer)) return `${row[i]} does not know ${peer}`;
    }
  }
  return graph.offsets[graph.count] === graph.targets.length ? '' : 'the offsets do not end where the targets do';
}

test('a graph is the set of its links, whatever their order, direction and repetition', (t) => {
  const graph = graphOf(5, [3, 0, 1, 0, 2], [1, 3, 3, 3, 2]);
  t.deepEqual(
    Array.from({ length: 5 }, (_, peer) => [...neighboursIn(graph, peer)]),
    [[3], [3], [], [0, 1], []],
  );
  t.deepEqual([...distancesFrom(graph, 0)], [0, 2, -1, 1, -1]);
  t.false(isConnected(graph));
});

test('random regular: simple, connected, everybody has the degree (one fewer for one peer when the ends are odd)', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 2, max: 12 }), fc.nat(), (count, degree, seed) => {
      const graph = randomRegular(count, degree, stream(seed));
      t.is(fault(graph), '');
      t.true(isConnected(graph));
      const wanted = Math.min(degree, count - 1);
      const sum = degrees(graph).reduce((total, each) => total + each, 0);
      t.is(sum, count * wanted - ((count * wanted) % 2));
      t.true(degrees(graph).every((each) => each === wanted || each === wanted - 1));
    }),
  );
});

test('random regular: every link is equally likely', (t) => {
  // 8 peers of degree 3: a given link is there with probability 3/7. 4,000 graphs: standard deviation 0.0078.
  const graphs = 4000;
  const seen = new Map<string, number>();
  for (let seed = 0; seed < graphs; seed++) {
    const graph = randomRegular(8, 3, stream(seed));
    for (let a = 0; a < 8; a++) for (const b of neighboursIn(graph, a)) if (a < b) seen.set(`${a}-${b}`, (seen.get(`${a}-${b}`) ?? 0) + 1);
  }
  t.is(seen.size, 28);
  for (const [link, times] of seen) t.true(Math.abs(times / graphs - 3 / 7) < 0.04, `${link}: ${times / graphs}`);
});

test('the same stream draws the same graph, another seed another one', (t) => {
  for (const draw of [randomRegular, hamiltonianCycles, barabasiAlbert]) {
    t.deepEqual(draw(200, 4, stream(1)), draw(200, 4, stream(1)));
    t.notDeepEqual(draw(200, 4, stream(1)), draw(200, 4, stream(2)));
  }
});

test('union of Hamiltonian cycles: connected, at most the degree, and hardly ever below it', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 80 }), fc.constantFrom(2, 4, 6), fc.nat(), (count, degree, seed) => {
      const graph = hamiltonianCycles(count, degree, stream(seed));
      t.is(fault(graph), '');
      t.true(isConnected(graph));
      t.true(degrees(graph).every((each) => each <= Math.max(degree, 0)));
    }),
  );
  const large = hamiltonianCycles(10_000, 4, stream(3));
  t.true(large.targets.length >= 40_000 - 30, `${large.targets.length / 2} links of 20,000`); // some 2 shared in the mean
});

test('Barabasi-Albert: connected, mean degree as asked, hubs anywhere', (t) => {
  const count = 20_000;
  const graph = barabasiAlbert(count, 4, stream(5));
  t.is(fault(graph), '');
  t.true(isConnected(graph));
  t.is(graph.targets.length, 2 * (3 + 2 * (count - 3)));
  const all = degrees(graph);
  const largest = Math.max(...all);
  // Theory: the largest degree grows as m sqrt(n) = 283; P(degree >= 20) = m(m+1) / (20 x 21) = 1/70 in the limit.
  t.true(largest > 100 && largest < 1000, `largest degree ${largest}`);
  const share = all.filter((each) => each >= 20).length / count;
  t.true(Math.abs(share - 1 / 70) < 0.2 / 70, `share with 20 or more: ${share}`);
  t.true(all.indexOf(largest) > 100, 'the hubs are not the first peers');
});

test('ring lattice', (t) => {
  const graph = ringLattice(7, 4);
  t.deepEqual([...neighboursIn(graph, 0)], [1, 2, 5, 6]);
  t.deepEqual([...neighboursIn(graph, 3)], [1, 2, 4, 5]);
  t.is(fault(graph), '');
  t.true(isConnected(graph));
});

test('trees: 121 peers are a complete ternary tree of depth 4; in the other every inner peer has the degree', (t) => {
  const ternary = tree(121, 3);
  t.is(fault(ternary), '');
  const depths = distancesFrom(ternary, 0);
  t.deepEqual(
    [0, 1, 2, 3, 4].map((depth) => depths.filter((each) => each === depth).length),
    [1, 3, 9, 27, 81],
  );
  t.is(ternary.targets.length, 240);

  const regular = tree(1 + 4 + 12 + 36, 3, 4);
  t.deepEqual(
    degrees(regular),
    Array.from({ length: 53 }, (_, peer) => (peer < 17 ? 4 : 1)),
  );
});

test('too few peers for the degree: everybody knows everybody', (t) => {
  for (const count of [0, 1, 2, 3, 4, 5]) {
    const complete = completeGraph(count);
    t.is(complete.targets.length, Math.max(0, count * (count - 1)));
    t.deepEqual(randomRegular(count, 4, stream(1)), complete);
    t.deepEqual(hamiltonianCycles(count, 4, stream(1)), complete);
    t.deepEqual(ringLattice(count, 4), complete);
    if (count <= 3) t.deepEqual(barabasiAlbert(count, 4, stream(1)), complete);
  }
});

test('a hundred thousand peers', (t) => {
  for (const draw of [randomRegular, hamiltonianCycles, barabasiAlbert]) {
    const graph = draw(100_000, 4, stream(1));
    t.is(fault(graph), '');
    t.true(isConnected(graph));
  }
});
