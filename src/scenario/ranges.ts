/**
 * Ranges of values as they are said for a sweep: `100..100000:x10` (each ten times the one before), `10m..60m:+10m` (each so much more).
 * Units are carried through; the end belongs to the range when a step hits it.
 */

import { Problem } from '../problem.js';
import {
  formatDuration,
  formatFrequency,
  formatRate,
  formatShare,
  formatSize,
  parseDuration,
  parseFrequency,
  parseRate,
  parseShare,
  parseSize,
  show,
} from './units.js';

/** What a text measures, when it measures something: the number in the base unit. */
export interface Measured {
  readonly number: number;
  readonly unit: 'ms' | 'bytes' | 'bits/s' | 'share' | '1/s' | null;
}

interface Kind {
  readonly unit: Measured['unit'];
  parse(text: string): number;
  format(value: number): string | number;
}

const KINDS: readonly Kind[] = [
  { unit: 'ms', parse: (text) => parseDuration(text, { min: -Infinity }), format: formatDuration },
  { unit: 'share', parse: (text) => parseShare(text, { max: Infinity }), format: formatShare },
  { unit: 'bytes', parse: (text) => parseSize(text), format: formatSize },
  { unit: 'bits/s', parse: (text) => parseRate(text), format: formatRate },
  { unit: '1/s', parse: (text) => parseFrequency(text), format: formatFrequency },
];
const PLAIN: Kind = { unit: null, parse: Number, format: String };

/** Most values that one range may have: beyond it lies a slip of the pen. */
const MOST_VALUES = 10_000;
/** How near to the end a step must come to hit it, relative to the step. */
const NEAR = 1e-9;
/** Whole numbers from here on stay whole when they are multiplied: 100, 316, 1000 are numbers of peers. */
const WHOLE_FROM = 10;

/** A quantity with its unit, or a plain number; null for words. */
export function measure(text: string): Measured | null {
  const kind = kindOf(text.trim());
  return kind && { number: kind.parse(text.trim()), unit: kind.unit };
}

/** Whether this is meant as a range: a number, two dots, a number. (`../mine.yaml` is a path.) */
export function isRange(text: string): boolean {
  return /^\s*[+-]?\.?\d.*?\.\.\s*[+-]?\.?\d/.test(text);
}

/** The values of a range, as text with the unit of its ends. @throws Problem when it is none */
export function expandRange(text: string): string[] {
  const [, from, to, how, step] = /^\s*(.+?)\s*\.\.\s*(.+?)\s*:\s*([x+])\s*(.+?)\s*$/.exec(text) ?? [];
  const expected = 'a range such as 100..100000:x10 or 10m..60m:+10m';
  if (from === undefined) throw new Problem(`expected ${expected}, got ${show(text)}`);
  const kind = kindOf(from);
  if (kind === null || kindOf(to)?.unit !== kind.unit) throw new Problem(`expected ${expected}, with ends of one kind, got ${show(text)}`);
  const [a, b] = [kind.parse(from), kind.parse(to)];
  if (!(a < b)) throw new Problem(`expected a range that rises, got ${show(text)}`);
  const values = how === 'x' ? geometric(a, b, factorOf(step, text), text) : arithmetic(a, b, stepOf(step, kind, text), text);
  const stayWhole = how === 'x' && kind === PLAIN && Number.isInteger(a) && Number.isInteger(b) && a >= WHOLE_FROM;
  return values.map((value) => String(kind.format(stayWhole ? Math.round(value) : value)));
}

function geometric(a: number, b: number, factor: number, text: string): number[] {
  if (!(a > 0)) throw new Problem(`expected a range that begins above 0, because it is multiplied, got ${show(text)}`);
  const steps = Math.log(b / a) / Math.log(factor);
  return series(steps, b, (step) => a * factor ** step, text);
}

function arithmetic(a: number, b: number, step: number, text: string): number[] {
  return series((b - a) / step, b, (at) => a + at * step, text);
}

/** @param steps how many steps lead to the end, which need not be whole */
function series(steps: number, end: number, value: (step: number) => number, text: string): number[] {
  if (steps + 1 > MOST_VALUES) throw new Problem(`expected a range of at most ${MOST_VALUES} values, got ${show(text)}`);
  const last = Math.floor(steps + NEAR);
  const isHit = Math.abs(steps - last) <= NEAR * Math.max(1, steps);
  // What multiplying and adding have worn off the last digits is put right.
  return Array.from({ length: last + 1 }, (_, step) => (step === last && isHit ? end : Number(value(step).toPrecision(12))));
}

function factorOf(step: string, text: string): number {
  const factor = Number(step);
  if (!(factor > 1 && factor < Infinity)) throw new Problem(`expected a factor above 1 after :x, got ${show(text)}`);
  return factor;
}

function stepOf(step: string, kind: Kind, text: string): number {
  const own = kindOf(step);
  const size = own?.unit === kind.unit ? kind.parse(step) : Number.NaN;
  if (!(size > 0 && size < Infinity)) throw new Problem(`expected a step above 0 with the unit of the range after :+, got ${show(text)}`);
  return size;
}

function kindOf(text: string): Kind | null {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return PLAIN;
  // Words such as `unlimited` are not measured.
  if (!/^[+-]?[\d.]/.test(text)) return null;
  return KINDS.find((kind) => reads(kind, text)) ?? null;
}

function reads(kind: Kind, text: string): boolean {
  try {
    return Number.isFinite(kind.parse(text));
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}
