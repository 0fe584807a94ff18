/**
 * What the paper says of path lengths, measured on the protocol itself (Maymounkov and Mazières, "Kademlia", IPTPS 2002, sections 2.3, 3
 * and 4.2 of the long version): with alpha = 1 a lookup resembles Chord's, and b bits a hop make the way b times shorter.
 *
 * In a full network with one contact a bucket each hop settles the first digit in which a peer differs from the key, and leaves the
 * others as they happen to be. A digit of b bits differs with probability 1 - 2^-b, so a lookup takes (1 - 2^-b) log2 N / b hops.
 */

import test from 'ava';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { locate, overlay, STILL } from '../helpers/kademlia-net.js';

for (const [bitsPerHop, hops] of [
  [1, 5],
  [2, 3.75],
  [5, 1.9375],
] as const) {
  test(`full network of 1,024 peers, one contact a bucket, ${bitsPerHop} bits a hop: ${hops} hops on average`, (t) => {
    const count = 1024;
    const identifiers = Array.from({ length: count }, (_, i) => i);
    const { net, hosts } = overlay(count, { ...STILL, k: 1, alpha: 1, bitsPerHop, idBits: 10, identifiers });
    const random = new Stream(1, WHOLE_RUN, 'workload');
    const keys = Array.from({ length: 30 }, () => random.identifier());
    for (const key of keys) hosts[0].protocol.publish(key);
    net.run(5000);
    let sum = 0;
    const lookups = 2500;
    for (let i = 0; i < lookups; i++) {
      net.sent.length = 0;
      const operation = locate(net, hosts[random.integer(count)], random.pick(keys), 400);
      t.false(operation.open);
      t.is(operation.answers.length, 1);
      sum += operation.finishedHops!;
    }
    t.true(Math.abs(sum / lookups - hops) <= 0.1, `${sum / lookups} hops`);
  });
}

test('the usual k and alpha: hops grow with log N, and stay below it by far', (t) => {
  const means = [256, 1024, 4096].map((count) => {
    const { net, hosts } = overlay(count, STILL);
    const random = new Stream(2, WHOLE_RUN, 'workload');
    const lookups = 300;
    let sum = 0;
    for (let i = 0; i < lookups; i++) {
      net.sent.length = 0;
      sum += locate(net, hosts[random.integer(count)], random.identifier(), 400).finishedHops!;
    }
    return sum / lookups;
  });
  t.log(means.map((mean) => mean.toFixed(2)).join(', '));
  t.true(means[0] < means[1] && means[1] < means[2]);
  t.true(means[2] <= Math.log2(4096) / 2);
});
