import test from 'ava';
import fc from 'fast-check';
import * as units from '../../src/scenario/units.js';
import { sentence } from './temporary.js';

test('durations are read in ms, exactly', (t) => {
  const read: [unknown, number][] = [
    ['500ms', 500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['10 min', 600_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1.005s', 1005],
    ['0.1 ms', 0.1],
    ['87.4us', 0.0874],
    ['.5s', 500],
    ['1e3 s', 1_000_000],
    [0, 0],
    ['0', 0],
  ];
  for (const [given, ms] of read) t.is(units.parseDuration(given), ms, String(given));
});

test('rates are read in bits per second, decimal units', (t) => {
  const read: [unknown, number][] = [
    ['10 Mbit/s', 1e7],
    ['1 MB/s', 8e6],
    ['56 kbit/s', 56_000],
    ['2.5 Gbit/s', 2.5e9],
    ['100Mbps', 1e8],
    ['9 B/s', 72],
    ['unlimited', Infinity],
  ];
  for (const [given, bits] of read) t.is(units.parseRate(given), bits, String(given));
});

test('sizes, shares, frequencies and counts', (t) => {
  t.is(units.parseSize('64 KiB'), 65_536);
  t.is(units.parseSize('100 kB'), 100_000);
  t.is(units.parseSize('1500 B'), 1500);
  t.is(units.parseSize('1.5 kB'), 1500);
  t.is(units.parseShare('70 %'), 0.7);
  t.is(units.parseShare('70%'), 0.7);
  t.is(units.parseShare('0.1%'), 0.001);
  t.is(units.parseShare(0.7), 0.7);
  t.is(units.parseShare(1), 1);
  t.is(units.parseFrequency('0.01/s'), 0.01);
  t.is(units.parseFrequency('10 per s'), 10);
  t.is(units.parseFrequency('6 / min'), 0.1);
  t.is(units.parseFrequency('10/h'), 10 / 3600);
  t.is(units.parseCount(12), 12);
});

test('what cannot be read is refused with what was expected and what came', (t) => {
  const duration = 'expected a duration such as 500ms, 30s, 10m, 2h or 1d';
  t.is(
    sentence(() => units.parseDuration(30)),
    `${duration}, got 30`,
  );
  t.is(
    sentence(() => units.parseDuration('30')),
    `${duration}, got "30"`,
  );
  t.is(
    sentence(() => units.parseDuration('30 parsecs')),
    `${duration}, got "30 parsecs"`,
  );
  t.is(
    sentence(() => units.parseDuration('1e999s')),
    `${duration}, got "1e999s"`,
  );
  t.is(
    sentence(() => units.parseDuration(undefined)),
    `${duration}, got nothing`,
  );
  t.is(
    sentence(() => units.parseDuration(['1s'])),
    `${duration}, got a list`,
  );
  t.is(
    sentence(() => units.parseDuration('-1s')),
    'expected a duration of at least 0, such as 500ms, 30s, 10m, 2h or 1d, got "-1s"',
  );
  t.is(
    sentence(() => units.parseRate('0 bit/s')),
    'expected a rate above 0, such as 10 Mbit/s, 1 MB/s or unlimited, got "0 bit/s"',
  );
  t.is(
    sentence(() => units.parseRate('10 Mb/s')),
    'expected a rate such as 10 Mbit/s, 1 MB/s or unlimited, got "10 Mb/s"',
  );
  t.is(
    sentence(() => units.parseSize('1.5 B')),
    'expected a size such as 1500 B, 100 kB or 64 KiB, got "1.5 B"',
  );
  t.is(
    sentence(() => units.parseShare(70)),
    'expected a share of at most 1, such as 70% or 0.7, got 70',
  );
  t.is(
    sentence(() => units.parseShare('100%', { below: 1 })),
    'expected a share below 1, such as 70% or 0.7, got "100%"',
  );
  t.is(
    sentence(() => units.parseCount(1.5)),
    'expected a whole number, got 1.5',
  );
  t.is(
    sentence(() => units.parseCount(0, { min: 1 })),
    'expected a whole number of at least 1, got 0',
  );
  t.is(
    sentence(() => units.parseNumber(Number.NaN)),
    'expected a number, got NaN',
  );
});

test('what is written is read back to the very same number', (t) => {
  const positive = fc.double({ min: 1e-9, max: 1e15, noNaN: true });
  const round = (format: (value: number) => string | number, parse: (given: unknown) => number, values: fc.Arbitrary<number>) =>
    fc.assert(fc.property(values, (value) => Object.is(parse(format(value)), value)));
  round(units.formatDuration, units.parseDuration, fc.oneof(positive, fc.nat(), fc.constant(0)));
  round(units.formatRate, units.parseRate, fc.oneof(positive, fc.integer({ min: 1 }), fc.constant(Infinity)));
  round(
    units.formatShare,
    units.parseShare,
    fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(1000).map((n) => n / 1000),
    ),
  );
  round(units.formatFrequency, units.parseFrequency, positive);
  round(units.formatSize, units.parseSize, fc.nat());
  t.is(units.formatSize(Infinity), 'unlimited');
});

test('what is written reads well', (t) => {
  t.deepEqual([0, 1, 90_000, 300_000, 7_200_000, 0.5, 1500].map(units.formatDuration), ['0ms', '1ms', '90s', '5m', '2h', '500us', '1.5s']);
  t.deepEqual([8e6, 1e9, 56_000].map(units.formatRate), ['8 Mbit/s', '1 Gbit/s', '56 kbit/s']);
  t.deepEqual([65_536, 100_000, 28].map(units.formatSize), ['64 KiB', '100 kB', '28 B']);
  t.deepEqual([0.7, 0, 1, 0.001, 1 / 3].map(units.formatShare), ['70%', '0%', '100%', '0.1%', 1 / 3]);
});
