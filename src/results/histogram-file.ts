/** A histogram as text: the percentile distribution that HdrHistogram's own plotters read (`.hgrm`). */

import { decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';
import { Problem } from '../problem.js';
import { readText } from './csv.js';

/** Rows per halving of the distance to 100 %. */
const TICKS = 5;

/** In what unit the file is, and how many recorded units make one of it. */
const UNITS: Readonly<Record<string, { readonly unit: string; readonly recorded: number }>> = {
  'locate-latency': { unit: 'ms', recorded: 1000 },
  lateness: { unit: 'ms', recorded: 1000 },
  transit: { unit: 'ms', recorded: 1000 },
  'locate-hops': { unit: 'hops', recorded: 1 },
};

/** The text of `<name>.hgrm`. The unit is in a closing comment line, which plotters skip. */
export function histogramText(name: string, histogram: Histogram): string {
  const { unit, recorded } = UNITS[name] ?? { unit: 'as recorded', recorded: 1 };
  return `${inJavaScript(histogram).outputPercentileDistribution(TICKS, recorded)}#[Unit    = ${unit}]\n`;
}

/** The WASM build of hdr-histogram-js 3.0.1 prints 45.055 as 45.550 (zeros after the point are lost), so the JavaScript one prints. */
function inJavaScript(histogram: Histogram): Histogram {
  return decodeFromCompressedBase64(encodeIntoCompressedBase64(histogram as never), 64, false) as Histogram;
}

/** A histogram as its file has it. */
export interface Percentiles {
  /** `ms`, `hops`, or `as recorded`. */
  readonly unit: string;
  /** Values recorded. */
  readonly count: number;
  /** In ascending order: this share of the values does not exceed `value`. The first has share 0, the last share 1. */
  readonly points: readonly { readonly value: number; readonly share: number }[];
}

const ROW = /^ *(\d+(?:\.\d+)?) +(\d\.\d+) +(\d+)(?: +\S+)?$/;

/** @throws Problem when the file is missing or not such a table */
export function readPercentiles(path: string): Percentiles {
  const text = readText(path);
  const points: { value: number; share: number }[] = [];
  let count = 0;
  for (const [at, line] of text.split('\n').entries()) {
    if (at === 0 || line === '' || line.startsWith('#')) continue;
    const row = ROW.exec(line);
    if (row === null) throw new Problem(`${path}:${at + 1}: expected value, percentile and count, got "${line.slice(0, 80)}"`);
    points.push({ value: Number(row[1]), share: Number(row[2]) });
    count = Number(row[3]);
  }
  if (points.at(-1)?.share !== 1) throw new Problem(`${path}: expected percentiles up to 1, got ${points.length} rows`);
  return { unit: /^#\[Unit += (.*)\]$/m.exec(text)?.[1] ?? 'as recorded', count, points };
}
