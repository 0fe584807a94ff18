/**
 * Quantities as people write them, and back: durations ('30s'), rates ('10 Mbit/s'), sizes ('64 KiB'), shares ('70 %'), events per
 * second ('0.01/s') and counts. A quantity with a unit must be written with it; only 0 may stand alone.
 *
 * Reading is exact: '1.005s' is the double nearest to 1005, because decimal prefixes move the decimal point instead of multiplying.
 * Writing is exact too: `parse(format(x)) === x` for every x, in the unit that makes the shortest text.
 */

import { Problem } from '../problem.js';

/** What a quantity must keep to. `min` is 0 unless said otherwise. */
export interface Bound {
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly below?: number;
}

/** A unit is worth `factor` x 10^`exponent` / `divisor` of the base unit. */
interface Unit {
  readonly name: string;
  readonly factor: number;
  readonly exponent: number;
  readonly divisor: number;
}

interface Quantity {
  /** 'a duration such as 500ms, 30s, 10m, 2h or 1d' */
  readonly expected: string;
  /** From small to large. */
  readonly units: readonly Unit[];
  /** Other spellings of a unit. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Between the number and the unit when written. */
  readonly gap: string;
  /** The unit of the number that `parse` returns. */
  readonly base: string;
}

const unit = (name: string, factor: number, exponent = 0, divisor = 1): Unit => ({ name, factor, exponent, divisor });

const DURATION: Quantity = {
  expected: 'a duration such as 500ms, 30s, 10m, 2h or 1d',
  units: [unit('us', 1, -3), unit('ms', 1), unit('s', 1, 3), unit('m', 60, 3), unit('h', 3600, 3), unit('d', 86400, 3)],
  aliases: { min: 'm' },
  gap: '',
  base: 'ms',
};

const RATE: Quantity = {
  expected: 'a rate such as 10 Mbit/s, 1 MB/s or unlimited',
  units: [unit('bit/s', 1), unit('kbit/s', 1, 3), unit('Mbit/s', 1, 6), unit('Gbit/s', 1, 9)],
  aliases: { bps: 'bit/s', kbps: 'kbit/s', Mbps: 'Mbit/s', Gbps: 'Gbit/s', 'Kbit/s': 'kbit/s' },
  gap: ' ',
  base: 'bit/s',
};
const BYTE_RATE: readonly Unit[] = [unit('B/s', 8), unit('kB/s', 8, 3), unit('MB/s', 8, 6), unit('GB/s', 8, 9)];

const SIZE: Quantity = {
  expected: 'a size such as 1500 B, 100 kB or 64 KiB',
  units: [
    unit('B', 1),
    unit('kB', 1, 3),
    unit('KiB', 1024),
    unit('MB', 1, 6),
    unit('MiB', 1048576),
    unit('GB', 1, 9),
    unit('GiB', 1073741824),
  ],
  aliases: { KB: 'kB', bytes: 'B' },
  gap: ' ',
  base: 'B',
};

const FREQUENCY = 'events per time such as 0.01/s, 6/min or 10/h';
const FREQUENCY_UNITS: readonly Unit[] = [unit('/s', 1), unit('/min', 1, 0, 60), unit('/h', 1, 0, 3600), unit('/d', 1, 0, 86400)];
const FREQUENCY_ALIASES = { '/m': '/min', '/second': '/s', '/minute': '/min', '/hour': '/h' };

const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:e([+-]?\d{1,3}))?\s*(\S.*)?$/i;

/** A duration in ms. */
export function parseDuration(given: unknown, bound: Bound = {}): number {
  return within(read(given, DURATION, DURATION.units), bound, DURATION.expected, given);
}

/** A rate in bits per second; 'unlimited' is `Infinity`. Units are decimal. */
export function parseRate(given: unknown, bound: Bound = { above: 0 }): number {
  return within(isUnlimited(given) ? Infinity : read(given, RATE, [...RATE.units, ...BYTE_RATE]), bound, RATE.expected, given);
}

/** A size in whole bytes. */
export function parseSize(given: unknown, bound: Bound = {}): number {
  const bytes = read(given, SIZE, SIZE.units);
  return within(Number.isInteger(bytes) ? bytes : Number.NaN, bound, SIZE.expected, given);
}

/** Events per second. */
export function parseFrequency(given: unknown, bound: Bound = {}): number {
  const text = typeof given === 'string' ? given.replace(/\s*\bper\b\s*/, '/').replace(/\s*\/\s*/, '/') : given;
  return within(readUnits(text, FREQUENCY_UNITS, FREQUENCY_ALIASES), bound, FREQUENCY, given);
}

const SHARE = 'a share such as 70% or 0.7';

/** A share in [0, 1]: '70%', '70 %' or 0.7. */
export function parseShare(given: unknown, bound: Bound = {}): number {
  const value = typeof given === 'number' ? given : readUnits(given, [unit('%', 1, -2), unit('', 1)], {});
  return within(value, bound.below === undefined ? { max: 1, ...bound } : bound, SHARE, given);
}

/** A whole number. */
export function parseCount(given: unknown, bound: Bound = {}): number {
  const value = typeof given === 'number' && Number.isSafeInteger(given) ? given : Number.NaN;
  return within(value, bound, 'a whole number', given);
}

/** Any finite number, negative only when the bound allows it. */
export function parseNumber(given: unknown, bound: Bound = {}): number {
  return within(typeof given === 'number' && Number.isFinite(given) ? given : Number.NaN, bound, 'a number', given);
}

export function isUnlimited(given: unknown): boolean {
  return typeof given === 'string' && given.trim() === 'unlimited';
}

export function formatDuration(ms: number): string {
  return format(ms, DURATION, parseDuration);
}

export function formatRate(bitsPerSecond: number): string {
  return bitsPerSecond === Infinity ? 'unlimited' : format(bitsPerSecond, RATE, parseRate);
}

export function formatSize(bytes: number): string {
  return bytes === Infinity ? 'unlimited' : format(bytes, SIZE, parseSize);
}

export function formatFrequency(perSecond: number): string {
  return `${perSecond}/s`;
}

/** As a percentage when that is exact and short, otherwise the bare number. */
export function formatShare(share: number): string | number {
  const percent = `${Number((share * 100).toPrecision(12))}%`;
  return percent.length <= 6 && parseShare(percent) === share ? percent : share;
}

/** How a value is named in a message: text in quotes, anything large by its kind. */
export function show(given: unknown): string {
  if (given === undefined || given === null) return 'nothing';
  if (typeof given === 'string') return JSON.stringify(given.length > 60 ? `${given.slice(0, 57)}...` : given);
  if (Array.isArray(given)) return given.length === 0 ? 'an empty list' : 'a list';
  if (typeof given === 'object') return 'a map';
  return String(given);
}

/** 'expected ..., got ...' */
export function unexpected(expected: string, given: unknown): Problem {
  return new Problem(`expected ${expected}, got ${show(given)}`);
}

function within(value: number, bound: Bound, expected: string, given: unknown): number {
  const { above, max, below } = bound;
  const min = bound.min ?? (above === undefined ? 0 : undefined);
  const words: string[] = [];
  if (min !== undefined && value < min) words.push(`of at least ${min}`);
  if (above !== undefined && value <= above) words.push(`above ${above}`);
  if (max !== undefined && value > max) words.push(`of at most ${max}`);
  if (below !== undefined && value >= below) words.push(`below ${below}`);
  if (words.length === 0 && !Number.isNaN(value)) return value + 0;
  const [noun, examples] = expected.split(' such as ');
  throw unexpected(words.length > 0 && examples ? `${noun} ${words[0]}, such as ${examples}` : [expected, ...words].join(' '), given);
}

function read(given: unknown, quantity: Quantity, units: readonly Unit[]): number {
  return readUnits(given, units, quantity.aliases ?? {});
}

/** The value in the base unit, NaN when it cannot be read. */
function readUnits(given: unknown, units: readonly Unit[], aliases: Readonly<Record<string, string>>): number {
  if (given === 0) return 0;
  if (typeof given !== 'string') return Number.NaN;
  const [, mantissa, exponent, name = ''] = NUMBER.exec(given.trim()) ?? [];
  if (mantissa === undefined) return Number.NaN;
  if (name === '' && Number(mantissa) === 0) return 0;
  const found = units.find((each) => each.name === (Object.hasOwn(aliases, name) ? aliases[name] : name));
  if (!found) return Number.NaN;
  const value = (Number(`${mantissa}e${Number(exponent ?? 0) + found.exponent}`) * found.factor) / found.divisor;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** The shortest exact text in which the number is at least 1 (of two the larger unit); in the base unit when there is none. */
function format(value: number, quantity: Quantity, parse: (text: string) => number): string {
  let best = `${value}${quantity.gap}${quantity.base}`;
  if (value <= 0) return best;
  for (const { name, factor, exponent } of quantity.units) {
    const number = value / (factor * 10 ** exponent);
    const text = `${number}${quantity.gap}${name}`;
    if (number >= 1 && text.length <= best.length && parse(text) === value) best = text;
  }
  return best;
}
