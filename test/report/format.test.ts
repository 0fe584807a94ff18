import test from 'ava';
import fc from 'fast-check';
import { bytes, count, duration, NONE, share, times, whole } from '../../src/report/format.js';

test('nothing measured is a dash', (t) => {
  for (const format of [bytes, count, duration, share, whole]) t.is(format(null), NONE);
});

test('counts', (t) => {
  const shown = [0, 5, 14.2345, 999.7, 2310.4, 9999, 9999.6, 12_345, 999_999, 1_234_567, 2.5e9, 0.5, 0.01234, 0.0001].map(count);
  t.deepEqual(shown, [
    '0',
    '5',
    '14.2',
    '1,000',
    '2,310',
    '9,999',
    '10.0 k',
    '12.3 k',
    '1.00 M',
    '1.23 M',
    '2.50 G',
    '0.500',
    '0.0123',
    '<0.001',
  ]);
});

test('bytes', (t) => {
  const shown = [0, 68, 68.25, 999.6, 1000, 1234, 45_600_000, 3.2e12].map(bytes);
  t.deepEqual(shown, ['0 B', '68 B', '68.3 B', '1.00 kB', '1 kB', '1.23 kB', '45.6 MB', '3.20 TB']);
});

test('durations', (t) => {
  const shown = [0, 0.35, 42, 420.4, 999.4, 999.6, 1204, 119_000, 123_000, 300_000, 3_599_600, 3_900_000].map(duration);
  t.deepEqual(shown, [
    '0 ms',
    '0.350 ms',
    '42 ms',
    '420 ms',
    '999 ms',
    '1.00 s',
    '1.20 s',
    '119 s',
    '2 min 3 s',
    '5 min',
    '1 h',
    '1 h 5 min',
  ]);
});

test('a share is all or nothing only when it is', (t) => {
  t.deepEqual([0, 0.0004, 0.001, 0.8434, 0.9991, 1].map(share), ['0 %', '<0.1 %', '0.1 %', '84.3 %', '>99.9 %', '100 %']);
});

test('ratios and grouping', (t) => {
  t.deepEqual([1.95, 9.94, 9.96, 162.7, 12_345.6].map(times), ['1.9', '9.9', '10', '163', '12,346']);
  t.deepEqual([1, 12, 123, 1234, 1_234_567].map(whole), ['1', '12', '123', '1,234', '1,234,567']);
});

test('no number is shown with an exponent, NaN or a wrong magnitude', (t) => {
  const units: Record<string, number> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 9e14, noNaN: true }), (value) => {
      const [digits, unit = ''] = count(value).split(' ');
      t.regex(digits, /^[\d,]+(\.\d+)?$/);
      t.true(Math.abs((Number(digits.replaceAll(',', '')) * units[unit]) / value - 1) <= 0.0051, `${value} -> ${digits} ${unit}`);
    }),
  );
});
