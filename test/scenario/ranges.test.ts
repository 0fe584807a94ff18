import test from 'ava';
import fc from 'fast-check';
import { expandRange, isRange, measure } from '../../src/scenario/ranges.js';
import { isProblem } from '../helpers/is-problem.js';

for (const [range, values] of [
  ['100..100000:x10', ['100', '1000', '10000', '100000']],
  ['100..1000:x3', ['100', '300', '900']],
  ['100..1000:x3.1622776601683795', ['100', '316', '1000']],
  ['1..2:x1.4142135623730951', ['1', '1.41421356237', '2']],
  ['1..7:+2', ['1', '3', '5', '7']],
  ['1..8:+2', ['1', '3', '5', '7']],
  ['0..1:+0.1', ['0', '0.1', '0.2', '0.3', '0.4', '0.5', '0.6', '0.7', '0.8', '0.9', '1']],
  ['10m..2h:x2', ['10m', '20m', '40m', '80m']],
  ['10m .. 2h : +55m', ['10m', '65m', '2h']],
  ['10%..50%:+10%', ['10%', '20%', '30%', '40%', '50%']],
  ['64 KiB..1 MiB:x4', ['64 KiB', '256 KiB', '1 MiB']],
  ['1 Mbit/s..100 Mbit/s:x10', ['1 Mbit/s', '10 Mbit/s', '100 Mbit/s']],
  ['0.01/s..1/s:x10', ['0.01/s', '0.1/s', '1/s']],
  ['-2..2:+2', ['-2', '0', '2']],
] as const) {
  test(`${range} is ${values.length} values`, (t) => {
    t.true(isRange(range));
    t.deepEqual(expandRange(range), [...values]);
  });
}

for (const [range, says] of [
  ['100..1000', /expected a range such as/],
  ['10m..20:x2', /with ends of one kind/],
  ['10m..2 MB:x2', /with ends of one kind/],
  ['1000..100:x10', /a range that rises/],
  ['0..100:x10', /begins above 0/],
  ['1..100:x1', /a factor above 1/],
  ['1..100:xx', /a factor above 1/],
  ['10m..60m:+10', /a step above 0 with the unit/],
  ['1..100:+0', /a step above 0/],
  ['0..1:+0.00001', /at most 10000 values/],
] as const) {
  test(`${range} is refused`, (t) => isProblem(t, () => expandRange(range), says));
}

test('quantities are numbers in base units, words are not', (t) => {
  t.deepEqual(measure('10m'), { number: 600_000, unit: 'ms' });
  t.deepEqual(measure('1000'), { number: 1000, unit: null });
  t.deepEqual(measure('70%'), { number: 0.7, unit: 'share' });
  t.deepEqual(measure('64 KiB'), { number: 65_536, unit: 'bytes' });
  t.deepEqual(measure('8 Mbit/s'), { number: 8e6, unit: 'bits/s' });
  t.deepEqual(measure('6/min'), { number: 0.1, unit: '1/s' });
  for (const words of ['never', 'chord', 'unlimited', 'exponential 10m', '10x', './mine.js', '[1, 2]']) t.is(measure(words), null, words);
});

test('any range begins with its begin, rises by its step, and ends with its end exactly when a step hits it', (t) => {
  const whole = fc.integer({ min: 1, max: 1000 });
  fc.assert(
    fc.property(whole, fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 40 }), fc.boolean(), (a, step, steps, hit) => {
      const end = a + step * steps + (hit ? 0 : step / 2);
      const values = expandRange(`${a}..${end}:+${step}`).map(Number);
      t.deepEqual(
        values,
        [...Array(steps + 1)].map((_, at) => a + at * step),
      );
    }),
  );
  fc.assert(
    fc.property(whole, fc.double({ min: 1.05, max: 20, noNaN: true }), fc.integer({ min: 1, max: 8 }), (a, factor, steps) => {
      const end = a * factor ** steps;
      const values = expandRange(`${a / 1}s..${end}s:x${factor}`).map((text) => measure(text)!.number / 1000);
      t.is(values.length, steps + 1);
      t.is(values[0], a);
      t.true(Math.abs(values.at(-1)! / end - 1) < 1e-9);
      for (let at = 1; at < values.length; at++) t.true(Math.abs(values[at] / values[at - 1] / factor - 1) < 1e-9);
    }),
  );
});
