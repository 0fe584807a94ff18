/**
 * Figures of Ratnasamy, Francis, Handley, Karp, Shenker, "A scalable content-addressable network" (SIGCOMM 2001), measured on the
 * protocol itself.
 */

import test from 'ava';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import type { RoutedMessage } from '../../src/protocols/can/messages.js';
import { Partition } from '../../src/protocols/can/partition.js';
import { torusOf } from '../../src/protocols/can/torus.js';
import { volumeOf } from '../../src/protocols/can/zones.js';
import { locate, type Space, STILL, spaceOf } from '../helpers/can-space.js';
import { FakeOperation } from '../helpers/fake-network.js';

/** Mean and longest path of lookups for random keys by random peers. */
function paths(space: Space, lookups: number, seed = 1): { mean: number; max: number } {
  const random = new Stream(seed, WHOLE_RUN, 'workload');
  let sum = 0;
  let max = 0;
  for (let i = 0; i < lookups; i++) {
    const hops = locate(space, random.pick(space.hosts), random.identifier(), 0).finishedHops!;
    sum += hops;
    max = Math.max(max, hops);
    space.net.sent.length = 0;
  }
  return { mean: sum / lookups, max };
}

for (const [dimensions, count] of [
  [1, 64],
  [2, 4096],
  [3, 4096],
  [4, 4096],
  [5, 1024],
  [10, 1024],
]) {
  test(`section 2.1: equal zones, d = ${dimensions}, n = ${count}: the mean path is (d/4) n^(1/d), the longest at most d n^(1/d)`, (t) => {
    const space = spaceOf(count, { ...STILL, dimensions, zones: 'equal' }, { latencyMs: 0 });
    const root = Math.round(count ** (1 / dimensions));
    t.is(root ** dimensions, count);
    const [origin] = space.hosts;
    let sum = 0;
    let max = 0;
    // The torus looks the same from everywhere: from one peer to the middle of every zone is the exact mean.
    for (const { protocol } of space.hosts) {
      const operation = new FakeOperation(1);
      origin.protocol.seek(protocol.torus.middleOf(protocol.places[0].zones[0]), operation);
      space.net.run(space.net.now);
      space.net.sent.length = 0;
      sum += operation.finishedHops!;
      max = Math.max(max, operation.finishedHops!);
    }
    const expected = (dimensions / 4) * root;
    t.true(Math.abs(sum / count / expected - 1) <= 0.01, `${sum / count} hops instead of ${expected}`);
    t.is(max, (dimensions / 2) * root);
    t.true(max <= dimensions * root);
    const neighbours = space.hosts.map(({ protocol }) => protocol.places[0].neighbours.length);
    t.true(
      neighbours.every((each) => each === (root > 2 ? 2 * dimensions : dimensions)),
      'each has 2d neighbours (d when two zones span the space)',
    );
  });
}

test('figure 4: zones of random joins: the path grows as n^(1/d), and is near (d/4) n^(1/d)', (t) => {
  for (const dimensions of [2, 3, 4, 5]) {
    const means = [256, 1024, 4096].map((count) => {
      const { mean, max } = paths(spaceOf(count, { ...STILL, dimensions }, { latencyMs: 0 }), 1000);
      const formula = (dimensions / 4) * count ** (1 / dimensions);
      t.log(`d = ${dimensions}, n = ${count}: ${mean.toFixed(2)} hops, ${(mean / formula).toFixed(2)} of the formula; longest ${max}`);
      t.true(max <= dimensions * count ** (1 / dimensions));
      return mean;
    });
    const growth = means[2] / means[0];
    t.log(`16 times the peers: ${growth.toFixed(2)} times the hops, ${(16 ** (1 / dimensions)).toFixed(2)} expected`);
    t.true(Math.abs(growth / 16 ** (1 / dimensions) - 1) < 0.1);
  }
});

test('figure 5: with more realities the path is shorter', (t) => {
  const means = [1, 2, 3, 4].map((realities) => paths(spaceOf(1024, { ...STILL, realities }, { latencyMs: 0 }), 1000).mean);
  t.log(means.map((mean) => mean.toFixed(2)).join(' '));
  t.true(means[1] < 0.75 * means[0]);
  for (let i = 1; i < 4; i++) t.true(means[i] < means[i - 1]);
});

test('section 3.2: for the same state, more dimensions shorten the path more than realities do', (t) => {
  const facts = [
    { dimensions: 2, realities: 2 },
    { dimensions: 4, realities: 1 },
  ].map((settings) => {
    const space = spaceOf(4096, { ...STILL, ...settings }, { latencyMs: 0 });
    const neighbours = space.hosts.reduce((sum, { protocol }) => sum + [...protocol.neighbours()].length, 0) / 4096;
    return { neighbours, hops: paths(space, 1000).mean };
  });
  t.log(facts.map(({ neighbours, hops }) => `${neighbours.toFixed(1)} neighbours: ${hops.toFixed(2)} hops`).join(', '));
  t.true(Math.abs(facts[0].neighbours / facts[1].neighbours - 1) < 0.25);
  t.true(facts[1].hops < facts[0].hops);
});

test('table 1: routing by progress per round trip lowers the latency of a hop, the more so the more dimensions there are', (t) => {
  const random = new Stream(7, WHOLE_RUN, 'placement');
  const places = Array.from({ length: 1024 }, () => [random.next() * 150, random.next() * 150]);
  const latencyMs = (from: number, to: number) => 5 + Math.hypot(places[from][0] - places[to][0], places[from][1] - places[to][1]);
  const gains = [2, 5].map((dimensions) => {
    const [greedy, rtt] = ['greedy', 'rtt'].map((routing) => {
      const space = spaceOf(1024, { ...STILL, dimensions, routing }, { latencyMs });
      let total = 0;
      let hops = 0;
      for (let i = 0; i < 1000; i++) {
        space.net.sent.length = 0;
        locate(space, space.hosts[i], random.identifier(), 20_000);
        for (const { from, to } of space.net.sentOf<RoutedMessage>('lookup')) {
          total += latencyMs(space.net.hostAt(from)!.index, space.net.hostAt(to)!.index);
          hops++;
        }
      }
      return total / hops;
    });
    t.log(`d = ${dimensions}: ${greedy.toFixed(1)} ms a hop, ${rtt.toFixed(1)} ms with round trips`);
    return 1 - rtt / greedy;
  });
  // The paper, on a transit-stub topology of its own: 24 % less with two dimensions, 38 % with five.
  t.true(gains[0] > 0.1, `${gains}`);
  t.true(gains[1] > gains[0], `${gains}`);
});

test('section 3.7, figure 9: the volume check doubles the share of zones of the mean volume, and none has more than twice that', (t) => {
  const count = 65_536;
  const [without, withCheck] = [false, true].map((volumeCheck) => {
    const random = new Stream(3, WHOLE_RUN, 'workload');
    const torus = torusOf(3);
    const partition = new Partition(torus, count);
    for (let i = 0; i < count; i++) partition.join(torus.pointOf(random.identifier()), volumeCheck);
    const volumes = Array.from(partition.zones, (zone) => volumeOf(zone) * count);
    return { mean: volumes.filter((volume) => volume === 1).length / count, largest: Math.max(...volumes) };
  });
  t.log(without, withCheck);
  t.true(Math.abs(without.mean - 0.42) < 0.02, 'the paper: a little over 40 %');
  t.is(without.largest, 8, 'the paper: 8 times the mean');
  t.true(withCheck.mean > 0.8, 'the paper: almost 90 %; 82 % here');
  t.is(withCheck.largest, 2, 'the paper: twice the mean');
});
