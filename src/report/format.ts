/** Numbers as people read them: three significant digits, a unit, never an exponent. Null, "nothing was measured", is a dash. */

export const NONE = '-';

type Steps = readonly (readonly [factor: number, unit: string])[];

const COUNT: Steps = [
  [1, ''],
  [1e3, ' k'],
  [1e6, ' M'],
  [1e9, ' G'],
];
const BYTES: Steps = [
  [1, ' B'],
  [1e3, ' kB'],
  [1e6, ' MB'],
  [1e9, ' GB'],
  [1e12, ' TB'],
];

/** 14.2, 2,310, 12.3 k, 1.23 M. Below 10,000 whole numbers are given exactly. */
export function count(value: number | null): string {
  if (value === null) return NONE;
  if (Math.round(value) < 10_000) return value >= 1000 ? whole(value) : digits(value);
  return scaled(value, COUNT);
}

/** 5,812: every digit. */
export function whole(value: number | null): string {
  return value === null ? NONE : String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** 68 B, 1.23 kB, 45.6 MB; a kB is 1,000 B. */
export function bytes(value: number | null): string {
  return value === null ? NONE : scaled(value, BYTES);
}

/** 84.3 %. Only 1 is "100 %" and only 0 is "0 %": what lies just beside them is not rounded onto them. */
export function share(value: number | null): string {
  if (value === null) return NONE;
  if (value === 0 || value === 1) return `${value * 100} %`;
  const percent = value * 100;
  if (percent < 0.1) return '<0.1 %';
  if (percent > 99.9 && percent < 100) return '>99.9 %';
  return `${percent.toFixed(1)} %`;
}

/** 420 ms, 1.20 s, 2 min 3 s, 1 h 5 min. */
export function duration(ms: number | null): string {
  if (ms === null) return NONE;
  if (ms < 999.5) return `${digits(ms)} ms`;
  if (ms < 119_500) return `${digits(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 3600 ? pair(seconds, 60, 'min', 's') : pair(Math.round(seconds / 60), 60, 'h', 'min');
}

/** A ratio above 1, in times: 1.9, 14, 163. */
export function times(ratio: number): string {
  return ratio < 9.95 ? ratio.toFixed(1) : whole(ratio);
}

function pair(small: number, perLarge: number, large: string, smallUnit: string): string {
  const rest = small % perLarge;
  return `${Math.floor(small / perLarge)} ${large}${rest ? ` ${rest} ${smallUnit}` : ''}`;
}

/** Three significant digits, or all of a whole number. */
function digits(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 999.5) return whole(value);
  if (Math.abs(value) < 0.001) return value === 0 ? '0' : '<0.001';
  const text = value.toPrecision(3);
  return Math.abs(value) < 0.1 ? String(Number(text)) : text;
}

/** In the largest unit that leaves at least 1 after rounding. */
function scaled(value: number, steps: Steps): string {
  let at = 0;
  while (at + 1 < steps.length && Number((value / steps[at][0]).toPrecision(3)) * steps[at][0] >= steps[at + 1][0]) at++;
  const [factor, unit] = steps[at];
  return `${digits(value / factor)}${unit}`;
}
