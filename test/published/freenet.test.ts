/**
 * Figures of the papers on Freenet, measured on the protocol itself.
 *
 * Clarke, Sandberg, Wiley, Hong, "Freenet" (LNCS 2009, 2000), section 5; Hong, "Performance", in "Peer-to-Peer" (O'Reilly 2001): 1,000
 * peers in a ring lattice with two neighbours on either side, 50 items and 250 table entries each; at each step a random peer inserts a
 * random key or asks for a known one with 20 hops-to-live. Now and then requests from random peers for known keys are followed, with 500
 * hops-to-live, and a failed one counts as 500. The papers follow 300 at a time, we 100 (and take back what the network learns from them);
 * theirs ran for 5,000 steps, after which the median was about 6. Their networks that grow one by one follow about n^0.28.
 *
 * Kleinberg, "The small-world phenomenon: an algorithmic perspective" (STOC 2000): greedy routing with long links chosen as 1/d, or alike.
 */

import test from 'ava';
import { FreenetWorld, median } from '../helpers/freenet-world.js';

test.serial(
  '1,000 peers: the median path falls by a factor of 5 or more in 2,000 steps; with 30 % of the peers removed it stays below 25',
  (t) => {
    const world = new FreenetWorld(1000);
    for (let step = 0; step < 100; step++) world.step();
    const early = median(world.probe(100, 500));
    for (let step = 100; step < 2000; step++) world.step();
    const late = median(world.probe(100, 500));
    t.log(`median path after 100 steps ${early}, after 2,000 ${late}`);
    t.true(early >= 100, `it begins long: ${early}`);
    t.true(late * 5 <= early, `${early} to ${late}`);
    t.true(late <= 12, `${late}`); // the papers' curve is below 20 at this time, and ends at 6

    for (let removed = 0; removed < 300; ) {
      const index = world.random.integer(1000);
      if (!world.hosts[index].up) continue;
      world.net.crash(index);
      removed++;
    }
    const broken = median(world.probe(60, 500));
    t.log(`30 % removed: ${broken}`);
    t.true(broken < 25, `${broken}`);
  },
);

test.serial('a network that grows from 20 to 800 peers, one by announcement every 5 steps, keeps its median path below 20', (t) => {
  const world = new FreenetWorld(20, { contacts: 1 });
  for (let step = 1; world.hosts.length < 800; step++) {
    world.step();
    if (step % 5 === 0) world.grow();
  }
  // With 100 hops-to-live, not 500: of the 1,950 keys inserted some are stored nowhere any more, and are looked for everywhere.
  const grown = median(world.probe(150, 100));
  t.log(`median path ${grown}`);
  t.true(grown < 20);
});

test.serial('fixed links: chosen as 1/d the mean path grows as the square of log n, chosen alike as the root of n', (t) => {
  const sizes = [1000, 4000, 16_000];
  const paths = (links: 'small-world' | 'uniform') => sizes.map((peers) => meanPath(peers, links));
  const [smallWorld, uniform] = [paths('small-world'), paths('uniform')];
  t.log(`1/d ${smallWorld.map((x) => x.toFixed(1))}, alike ${uniform.map((x) => x.toFixed(1))} hops at ${sizes} peers`);
  // Uniform: n^(1/2), so twice as long for four times the peers.
  for (const i of [0, 1]) t.true(Math.abs(uniform[i + 1] / uniform[i] / 2 - 1) <= 0.25);
  const squaredLogs = (Math.log(16_000) / Math.log(1000)) ** 2;
  t.true(Math.abs(smallWorld[2] / smallWorld[0] / squaredLogs - 1) <= 0.2, `${smallWorld[2] / smallWorld[0]} of ${squaredLogs}`);
  t.true(smallWorld[2] < 0.6 * uniform[2]);
});

/** From random peers to the peer closest to a key, which alone has it. */
function meanPath(peers: number, links: 'small-world' | 'uniform'): number {
  const world = new FreenetWorld(peers, { links, requestHtl: 10_000, caching: false });
  const requests = 200;
  let sum = 0;
  for (let i = 0; i < requests; i++) {
    const key = world.random.identifier();
    world.placeAtClosest(key);
    sum += world.request(world.hosts[world.random.integer(peers)], key).answers[0].hops;
    world.net.sent.length = 0;
  }
  return sum / requests;
}
