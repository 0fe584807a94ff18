/**
 * Scales: from values to places along an axis, with ticks that people would choose and labels with units. ECharts is given places, not
 * values: its own logarithmic axes know whole powers of ten only.
 */

import type { FigureUnit } from '../../metrics/key-figures.js';
import { bytes, count, duration, share } from '../format.js';

export interface Scale {
  readonly min: number;
  readonly max: number;
  /** In places. */
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  /** What is along it, with the unit where the labels have none. */
  readonly name: string;
  place(value: number): number;
}

/** A number as a label: as elsewhere, but without zeros that say nothing. */
export function label(value: number, unit: FigureUnit): string {
  return withUnit(value, unit)
    .replace(/(\.\d*?)0+(?=\D|$)/, '$1')
    .replace(/\.(?=\D|$)/, '');
}

function withUnit(value: number, unit: FigureUnit): string {
  if (unit === 'share') return share(value);
  if (unit === 'ms') return duration(value);
  if (unit === 'bytes') return bytes(value);
  if (unit === 'bytes/s') return `${bytes(value)}/s`;
  if (unit === 'messages/s') return `${count(value)}/s`;
  return count(value);
}

/** Ticks one may want on a scale of times, in ms; below and above them are decimal ones. */
const TIMES = [1, 2, 5, 10, 15, 20, 30].flatMap((n) => [n * 1000, n * 60_000]).concat([1, 2, 3, 6, 12, 24].map((n) => n * 3_600_000));

/** From zero, or from near the least value, to above the largest, in equal steps. */
export function linear(values: readonly number[], unit: FigureUnit, name: string, { most = 5, upTo = 0, exact = false } = {}): Scale {
  const largest = Math.max(upTo, ...values);
  const step = stepOf(largest, unit, most);
  const max = exact ? largest : largest > 0 ? Math.ceil(largest / step - 1e-9) * step : 1;
  const ticks = Array.from({ length: Math.floor(max / step + 1e-9) + 1 }, (_, at) => at * step);
  return { min: 0, max, name, ticks: ticks.map((at) => ({ at, label: at === 0 ? zero(unit) : label(at, unit) })), place: (value) => value };
}

/** The smallest pleasant step of which at most `most` are needed. */
function stepOf(largest: number, unit: FigureUnit, most: number): number {
  const least = largest / most;
  if (!(least > 0)) return 1;
  if (unit === 'ms' && least > 1000) {
    const time = TIMES.toSorted((a, b) => a - b).find((each) => each >= least);
    if (time !== undefined) return time;
  }
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 2.5, 5, 10].map((n) => n * power).find((each) => each >= least * (1 - 1e-9))!;
}

const zero = (unit: FigureUnit) => (unit === 'share' ? '0 %' : unit === 'ms' ? '0 s' : '0');

/** By decades: for positive values that lie far apart. */
export function logarithmic(values: readonly number[], unit: FigureUnit, name: string, { most = 7 } = {}): Scale {
  const low = Math.log10(Math.min(...values));
  const high = Math.log10(Math.max(...values));
  const room = Math.max(0.04, (high - low) * 0.04);
  const [min, max] = [low - room, high + room];
  const ticks = logTicks(min, max, unit, most);
  return { min, max, name, ticks: ticks.map((value) => ({ at: Math.log10(value), label: label(value, unit) })), place: Math.log10 };
}

/** 1, 2, 5, 10, ...; or 1, 10, 100, ...; or of these every second, as many as there is room for. */
function logTicks(min: number, max: number, unit: FigureUnit, most: number): number[] {
  const within = (value: number) => Math.log10(value) >= min - 1e-9 && Math.log10(value) <= max + 1e-9;
  const decades = Array.from({ length: Math.floor(max) - Math.floor(min) + 1 }, (_, at) => Math.floor(min) + at);
  // Of times above a minute, decimal ones are odd.
  const powers = (steps: readonly number[]) =>
    unit === 'ms' && max > Math.log10(60_000)
      ? [...decades.filter((power) => power < 4).flatMap((power) => steps.map((n) => n * 10 ** power)), ...LONG_TIMES]
      : decades.flatMap((power) => steps.map((n) => n * 10 ** power));
  for (const steps of [[1, 1.5, 2, 3, 4, 5, 6, 8], [1, 2, 3, 5], [1, 2, 5], [1, 3], [1]]) {
    const ticks = powers(steps).filter(within);
    if (ticks.length <= most && ticks.length > 0) return ticks;
  }
  const all = decades.map((power) => 10 ** power).filter(within);
  return all.filter((_, at) => at % Math.ceil(all.length / most) === 0);
}

const LONG_TIMES = [10_000, 60_000, 600_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000];

/**
 * Shares of a whole by how few are left out, as HdrHistogram plots them: 0, 50, 90, 99, 99.9 %, each nine as wide as the last.
 * @param count how many values there are: what is rarer than one of them nobody has seen
 */
export function nines(count: number, name: string): Scale {
  const max = Math.log10(Math.max(20, count));
  const shares = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999];
  const place = (value: number) => (value >= 1 ? max : Math.min(max, -Math.log10(1 - value)));
  const ticks = shares.map((value) => ({ at: -Math.log10(1 - value), label: `${Number((value * 100).toPrecision(8))} %` }));
  return { min: 0, max, name, ticks: ticks.filter(({ at }) => at <= max), place };
}

/** Words, side by side, each in the middle of its place. */
export function words(values: readonly string[], name: string): Scale {
  return { min: -0.5, max: values.length - 0.5, name, ticks: values.map((text, at) => ({ at, label: text })), place: (at) => at };
}

/** Whether values lie so far apart that equal steps would hide the small ones. */
export function isWide(values: readonly number[], times = 20): boolean {
  const least = Math.min(...values);
  return values.length > 1 && least > 0 && Math.max(...values) / least >= times;
}
