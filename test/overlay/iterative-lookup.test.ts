import test from 'ava';
import fc from 'fast-check';
import { IterativeLookup, UNKNOWN } from '../../src/overlay/iterative-lookup.js';

/** Offers peers whose distance, identifier and address are the same number. */
function offer(lookup: IterativeLookup, peers: readonly number[], depth = 1): void {
  for (const peer of peers) lookup.offer(peer, peer, peer, depth);
}

function asked(lookup: IterativeLookup): number[] {
  const addresses: number[] = [];
  for (let candidate = lookup.next(); candidate !== null; candidate = lookup.next()) addresses.push(candidate.address);
  return addresses;
}

test('alpha at once, the closest first; each answer makes room for the next', (t) => {
  const lookup = new IterativeLookup(4, 2);
  offer(lookup, [50, 20, 40, 30]);
  t.deepEqual(asked(lookup), [20, 30]);
  t.deepEqual(asked(lookup), []);
  offer(lookup, [10, 20], 2);
  lookup.answered(20, 20, 20);
  t.deepEqual(asked(lookup), [10]);
  t.is(lookup.depthOf(10), 2);
  t.is(lookup.depthOf(20), 1, 'the first way to it counts');
});

test('when alpha answers in a row bring nobody closer, all of the k closest are asked, and when they have answered it is over', (t) => {
  const lookup = new IterativeLookup(4, 2);
  offer(lookup, [10, 20, 30, 40, 50]);
  t.deepEqual(asked(lookup), [10, 20]);
  lookup.answered(10, 10, 10);
  t.deepEqual(asked(lookup), [30]);
  lookup.answered(20, 20, 20);
  t.deepEqual(asked(lookup), [40], 'the rest of the four, though one is under way');
  lookup.answered(30, 30, 30);
  t.false(lookup.done);
  lookup.answered(40, 40, 40);
  t.true(lookup.done);
  t.deepEqual(asked(lookup), [], 'the fifth is not one of the k');
  t.deepEqual(
    lookup.closest.map(({ address }) => address),
    [10, 20, 30, 40],
  );
});

test('who has what is looked for has answered, but does not bring the end nearer by naming nobody', (t) => {
  const lookup = new IterativeLookup(4, 2);
  offer(lookup, [10, 20, 30, 40]);
  t.deepEqual(asked(lookup), [10, 20]);
  lookup.had(10);
  lookup.had(20);
  t.deepEqual(asked(lookup), [30, 40], 'two at once as before');
  lookup.slow(30);
  lookup.had(30);
  lookup.had(40);
  lookup.had(40);
  t.true(lookup.done);
  t.is(lookup.closest.length, 4);
  offer(lookup, [1, 2, 3]);
  t.deepEqual(asked(lookup), [1, 2], 'not all of the k closest');
});

test('a slow peer is passed over, others are asked in its place, and the end waits for it; a failed one is out', (t) => {
  const lookup = new IterativeLookup(2, 1);
  offer(lookup, [10, 20, 30]);
  t.deepEqual(asked(lookup), [10]);
  lookup.slow(10);
  t.deepEqual(asked(lookup), [20, 30]);
  lookup.answered(20, 20, 20);
  lookup.answered(30, 30, 30);
  t.false(lookup.done);
  lookup.failed(10);
  t.true(lookup.done);
  t.deepEqual(
    lookup.closest.map(({ address }) => address),
    [20, 30],
  );
  t.is(lookup.answered(10, 10, 10), undefined, 'too late');
});

test('a slow peer that answers after all is in again', (t) => {
  const lookup = new IterativeLookup(2, 1);
  offer(lookup, [10, 20]);
  asked(lookup);
  lookup.slow(10);
  asked(lookup);
  lookup.answered(20, 20, 20);
  t.is(lookup.answered(10, 10, 10)?.address, 10);
  t.true(lookup.done);
});

test('k - 1 silent peers that are the closest: the one behind them is found', (t) => {
  const lookup = new IterativeLookup(20, 3);
  offer(
    lookup,
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  const dead = new Set(Array.from({ length: 19 }, (_, i) => i + 1));
  for (let rounds = 0; !lookup.done; rounds++) {
    t.true(rounds < 10, 'it widens after a fruitless round');
    for (const each of asked(lookup)) {
      if (dead.has(each)) lookup.slow(each);
      else lookup.answered(each, each, each);
    }
    if (rounds > 2) for (const each of dead) lookup.failed(each);
  }
  t.deepEqual(
    lookup.closest.map(({ address }) => address),
    [20],
  );
});

test('a peer from the host cache is asked without its identifier, and has its place once it has answered', (t) => {
  const lookup = new IterativeLookup(3, 3);
  lookup.offer(Number.POSITIVE_INFINITY, UNKNOWN, 7, 1);
  t.deepEqual(asked(lookup), [7]);
  offer(lookup, [5, 9], 2);
  lookup.answered(7, 70, 6);
  asked(lookup);
  lookup.answered(5, 5, 5);
  lookup.answered(9, 9, 9);
  t.deepEqual(
    lookup.closest.map(({ address }) => address),
    [5, 7, 9],
  );
  t.is(lookup.closest[1].identifier, 70);
});

test('nobody to ask: it is over at once', (t) => {
  const lookup = new IterativeLookup(3, 3);
  t.is(lookup.next(), null);
  t.true(lookup.done);
  t.is(lookup.depth, 0);
});

test('whoever is silent: it ends, asks nobody twice, never has more than k under way, and finds the closest of those who answer', (t) => {
  const world = fc.record({
    peers: fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 60 }),
    silent: fc.func(fc.boolean()),
    k: fc.integer({ min: 1, max: 8 }),
    alpha: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(world, ({ peers, silent, k, alpha }) => {
      const lookup = new IterativeLookup(k, alpha);
      offer(lookup, peers);
      const seen = new Set<number>();
      const underWay: number[] = [];
      while (!lookup.done) {
        for (const each of asked(lookup)) {
          if (seen.has(each)) return false;
          seen.add(each);
          underWay.push(each);
        }
        if (underWay.length === 0 || underWay.length > Math.max(k, alpha)) return false;
        const each = underWay.shift()!;
        if (silent(each)) lookup.failed(each);
        else lookup.answered(each, each, each);
      }
      const up = peers.filter((peer) => !silent(peer)).sort((a, b) => a - b);
      return lookup.closest.map(({ address }) => address).join() === up.slice(0, k).join();
    }),
  );
  t.pass();
});
