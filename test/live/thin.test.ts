import test from 'ava';
import fc from 'fast-check';
import { Thinned } from '../../src/live/thin.js';

test('however many samples come, few are kept: the first, the last, evenly in between', (t) => {
  const thinned = new Thinned<readonly [number, number]>([], 100);
  for (let at = 0; at < 100_000; at++) thinned.add([at, at * 2]);
  const { samples } = thinned;
  t.true(samples.length > 50 && samples.length <= 101, `${samples.length}`);
  t.deepEqual(samples[0], [0, 0]);
  t.deepEqual(samples.at(-1), [99_999, 199_998]);
  const gaps = samples.slice(1, -1).map(([at], i) => at - samples[i][0]);
  t.true(Math.max(...gaps) <= 4 * Math.min(...gaps), `${Math.min(...gaps)} to ${Math.max(...gaps)}`);
});

test('samples stay in order, and what happened in all is never lost', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 300 }), fc.integer({ min: 3, max: 20 }), (steps, most) => {
      const thinned = new Thinned<readonly [number, number]>([], most);
      let total = 0;
      let ms = 0;
      for (const step of steps) {
        ms += step;
        total += step + 1;
        thinned.add([ms, total]);
        const { samples } = thinned;
        if (samples.at(-1)![1] !== total || samples.length > most + 1) return false;
      }
      return thinned.samples.every(([at], i) => i === 0 || at > thinned.samples[i - 1][0]);
    }),
  );
  t.pass();
});
