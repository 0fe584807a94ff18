import test from 'ava';
import fc from 'fast-check';
import { mix, type Purpose, Stream, WHOLE_RUN } from '../../src/kernel/random.js';

type Name = readonly [seed: number, peer: number, purpose: Purpose, part: number];

const take = (count: number, [seed, peer, purpose, part]: Name) => {
  const stream = new Stream(seed, peer, purpose, part);
  return Array.from({ length: count }, () => stream.next());
};

const name = fc.tuple(
  fc.maxSafeNat(),
  fc.oneof(fc.nat(2_000_000), fc.constant(WHOLE_RUN)),
  fc.constantFrom<Purpose>('protocol', 'network', 'population', 'workload', 'catalogue', 'converge', 'placement'),
  fc.nat(1_000_000),
);

test('a stream is a pure function of its name, whoever else draws, and in whatever order streams are made', (t) => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), (names) => {
      const alone = names.map((each) => take(5, each));
      const streams = names.toReversed().map((each) => new Stream(...each));
      const interleaved: number[][] = names.map(() => []);
      for (let draw = 0; draw < 5; draw++) {
        for (const [i, stream] of streams.entries()) interleaved[names.length - 1 - i].push(stream.next());
      }
      t.deepEqual(interleaved, alone);
    }),
  );
});

test('streams differ by each part of their name: seed (above 32 bits too), peer, purpose and part', (t) => {
  const base: Name = [1, 17, 'protocol', 1];
  const others: Name[] = [
    [2, 17, 'protocol', 1],
    [1 + 2 ** 32, 17, 'protocol', 1],
    [1, 18, 'protocol', 1],
    [1, WHOLE_RUN, 'protocol', 1],
    [1, 17, 'network', 1],
    [1, 17, 'protocol', 2],
    [17, 1, 'protocol', 1],
    [1, 1, 'protocol', 17],
  ];
  const first = take(20, base);
  for (const other of others) {
    const shared = take(20, other).filter((value) => first.includes(value));
    t.deepEqual(shared, [], `${other} draws numbers of ${base}`);
  }
});

test('first numbers over neighbouring names are uniform and no two alike: peers, parts and seeds do not march in step', (t) => {
  const along: Record<string, (i: number) => Name> = {
    peers: (i) => [1, i, 'protocol', 1],
    parts: (i) => [1, 7, 'workload', i],
    seeds: (i) => [i, 7, 'network', 0],
  };
  for (const [axis, nameOf] of Object.entries(along)) {
    const firsts = Array.from({ length: 100_000 }, (_, i) => new Stream(...nameOf(i)).next());
    t.true(chiSquare(firsts, 100) < CHI_SQUARE_99, `along ${axis}`);
    // Of 2^32 values, 100,000 draws have 1.16 pairs alike in the mean.
    t.true(new Set(firsts).size >= firsts.length - 10, `along ${axis}: ${new Set(firsts).size} different`);
    const steps = firsts.slice(1).map((value, i) => (((value - firsts[i]) % 1) + 1) % 1);
    t.true(chiSquare(steps, 100) < CHI_SQUARE_99, `differences along ${axis}`);
  }
});

/** 99 and 63 degrees of freedom exceed this once in 100,000 times. */
const CHI_SQUARE_99 = 166.4;
const CHI_SQUARE_63 = 119.2;

/** Chi-square of values in [0, 1) over equal classes. */
function chiSquare(values: readonly number[], classes: number): number {
  const counts = new Float64Array(classes);
  for (const value of values) counts[Math.floor(value * classes)]++;
  const expected = values.length / classes;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

test('next is uniform in [0, 1), and so are pairs of successive numbers', (t) => {
  const values = take(400_000, [3, 5, 'protocol', 1]);
  t.true(values.every((value) => value >= 0 && value < 1));
  t.true(chiSquare(values, 100) < CHI_SQUARE_99);
  const pairs = values.slice(1).map((value, i) => (Math.floor(values[i] * 10) + value) / 10);
  t.true(chiSquare(pairs, 100) < CHI_SQUARE_99);
  // The low bits too: 32 of them, not 20 and zeros.
  const low = values.map((value) => (value * 2 ** 22) % 1);
  t.true(chiSquare(low, 64) < CHI_SQUARE_63);
});

test('integer is uniform over [0, below), for small and for the largest bounds', (t) => {
  const stream = new Stream(4, 1, 'protocol');
  for (const below of [2, 3, 7, 100]) {
    const values = Array.from({ length: 100_000 }, () => stream.integer(below));
    t.true(values.every((value) => Number.isInteger(value) && value >= 0 && value < below));
    t.is(new Set(values).size, below);
    const counts = new Float64Array(below);
    for (const value of values) counts[value]++;
    const expected = values.length / below;
    t.true(counts.every((count) => Math.abs(count - expected) < 5 * Math.sqrt(expected)));
  }
  const large = Array.from({ length: 10_000 }, () => stream.integer(2 ** 32));
  t.true(large.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32));
  t.true(large.some((value) => value >= 2 ** 31));
  t.is(stream.integer(1), 0);
});

test('identifier is uniform over 48 bits: high and low bits alike', (t) => {
  const stream = new Stream(5, 1, 'protocol');
  const values = Array.from({ length: 100_000 }, () => stream.identifier());
  t.true(values.every((value) => Number.isInteger(value) && value >= 0 && value < 2 ** 48));
  for (const shift of [0, 10, 24, 32, 40]) {
    const scaled = values.map((value) => (value / 2 ** (48 - shift)) % 1);
    t.true(chiSquare(scaled, 64) < CHI_SQUARE_63, `from bit ${48 - shift} down`);
  }
  t.is(new Set(values).size, values.length);
});

test('exponential has its mean and its memorylessness', (t) => {
  const stream = new Stream(6, 1, 'protocol');
  const values = Array.from({ length: 200_000 }, () => stream.exponential(250));
  t.true(values.every((value) => value >= 0 && Number.isFinite(value)));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  t.true(Math.abs(mean / 250 - 1) < 0.01, `mean ${mean}`);
  t.true(
    chiSquare(
      values.map((value) => 1 - Math.exp(-value / 250)),
      100,
    ) < CHI_SQUARE_99,
  );
});

test('shuffle gives every permutation alike; pick every element', (t) => {
  const stream = new Stream(7, 1, 'protocol');
  const counts = new Map<string, number>();
  const rounds = 48_000;
  for (let round = 0; round < rounds; round++) {
    const items = ['a', 'b', 'c', 'd'];
    const shuffled = stream.shuffle(items);
    t.is(shuffled, items);
    counts.set(shuffled.join(''), (counts.get(shuffled.join('')) ?? 0) + 1);
  }
  t.is(counts.size, 24);
  for (const [order, count] of counts) t.true(Math.abs(count - rounds / 24) < 5 * Math.sqrt(rounds / 24), `${order}: ${count}`);
  const picked = Array.from({ length: 3000 }, () => stream.pick(['x', 'y', 'z']));
  for (const item of ['x', 'y', 'z']) t.true(Math.abs(picked.filter((each) => each === item).length - 1000) < 130);
});

test('mix spreads every bit: flipping one bit of either word flips half of the result', (t) => {
  const stream = new Stream(8, 1, 'protocol');
  for (const word of [0, 1]) {
    for (let bit = 0; bit < 32; bit++) {
      let flipped = 0;
      for (let sample = 0; sample < 200; sample++) {
        const words = [stream.bits(), stream.bits()];
        const before = mix(words[0], words[1]);
        words[word] ^= 1 << bit;
        let difference = before ^ mix(words[0], words[1]);
        for (; difference !== 0; difference &= difference - 1) flipped++;
      }
      t.true(Math.abs(flipped / 200 - 16) < 2.5, `bit ${bit} of word ${word} flips ${flipped / 200} bits`);
    }
  }
});
