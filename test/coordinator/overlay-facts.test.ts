import test from 'ava';
import { overlayFacts } from '../../src/coordinator/overlay-facts.js';

const up =
  (...peers: number[]) =>
  (peer: number) =>
    peers.includes(peer);
const links = (...pairs: number[]) => Uint32Array.from(pairs);

test('mean degree and the largest component, links taken as undirected, from all shards together', (t) => {
  // 0 - 1 - 2, and 3 - 4, and 5 alone.
  t.deepEqual(overlayFacts([links(0, 1, 1, 0, 1, 2), links(4, 3)], 6, up(0, 1, 2, 3, 4, 5)), {
    meanDegree: 4 / 6,
    largestComponentShare: 3 / 6,
  });
});

test('links to peers that are down, or that do not exist, do not count; nor do the peers that are down', (t) => {
  t.deepEqual(overlayFacts([links(0, 1, 2, 1, 2, 9, 2, 4_278_190_080)], 4, up(0, 2, 3)), { meanDegree: 0, largestComponentShare: 1 / 3 });
});

test('all connected is a share of 1, whatever the order of the links', (t) => {
  const chain = Array.from({ length: 999 }, (_, i) => [i, i + 1]);
  const everybody = () => true;
  t.is(overlayFacts([Uint32Array.from(chain.flat())], 1000, everybody)!.largestComponentShare, 1);
  t.is(overlayFacts([Uint32Array.from(chain.toReversed().flat())], 1000, everybody)!.largestComponentShare, 1);
});

test('nobody up: nothing to say', (t) => {
  t.is(overlayFacts([links()], 5, up()), null);
});
