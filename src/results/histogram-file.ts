/** A histogram as text: the percentile distribution that HdrHistogram's own plotters read (`.hgrm`). */

import { decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from 'hdr-histogram-js';

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
