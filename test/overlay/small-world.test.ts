import test from 'ava';
import { Stream, WHOLE_RUN } from '../../src/kernel/random.js';
import { LinkLengths } from '../../src/overlay/small-world.js';

function drawn(count: number, links: 'small-world' | 'uniform', draws: number): number[] {
  const lengths = new LinkLengths(count, links);
  const random = new Stream(7, WHOLE_RUN, 'converge');
  const times = new Array<number>(count).fill(0);
  for (let i = 0; i < draws; i++) times[lengths.draw(random)]++;
  return times;
}

test('a peer d steps away is chosen in proportion to 1/d, either way alike', (t) => {
  const count = 64;
  const draws = 200_000;
  const times = drawn(count, 'small-world', draws);
  t.is(times[0], 0);
  let harmonic = 0;
  for (let d = 1; d <= count / 2; d++) harmonic += 1 / d;
  for (let d = 1; d < count / 2; d++) {
    const expected = draws / harmonic / d / 2;
    // Six standard deviations of a count with this mean.
    for (const steps of [d, count - d]) t.true(Math.abs(times[steps] - expected) < 6 * Math.sqrt(expected), `${steps}: ${times[steps]}`);
  }
});

test('uniform: everybody else alike', (t) => {
  const times = drawn(50, 'uniform', 49_000);
  t.is(times[0], 0);
  for (let steps = 1; steps < 50; steps++) t.true(Math.abs(times[steps] - 1000) < 6 * Math.sqrt(1000), `${steps}: ${times[steps]}`);
});

test('the smallest rings: two peers, and three', (t) => {
  for (const links of ['small-world', 'uniform'] as const) {
    t.deepEqual(drawn(2, links, 100), [0, 100]);
    const three = drawn(3, links, 100);
    t.true(three[0] === 0 && three[1] > 0 && three[2] > 0);
  }
});
