/** How long queries took: a curve per run, from the fastest to the slowest. */

import type { Percentiles } from '../../results/histogram-file.js';
import { duration } from '../format.js';
import type { Look } from '../palette.js';
import type { Picture } from './draw.js';
import { line, panel, panelHeight } from './frame.js';
import { isWide, linear, logarithmic, nines } from './scale.js';

export interface PercentileRun {
  readonly name: string;
  readonly look: Look;
  readonly percentiles: Percentiles;
}

/** With the figures of the summary, which are exact: the rows of the file lie next to them. */
export interface LatencyRun extends PercentileRun {
  readonly p50: number | null;
  readonly p99: number | null;
}

/** With fewer values than this there is nothing to see a distribution in. */
const FEWEST = 10;

/** Null when no run has enough answers. */
export function latencyPicture(all: readonly LatencyRun[]): Picture | null {
  const runs = all.filter(({ percentiles }) => percentiles.count >= FEWEST);
  if (runs.length === 0) return null;
  const most = Math.max(...runs.map(({ percentiles }) => percentiles.count));
  const x = nines(most, 'share of the answered queries');
  const values = runs.flatMap(({ percentiles }) => percentiles.points.filter(({ share }) => share >= 0.1).map(({ value }) => value));
  const positive = values.filter((value) => value > 0);
  const isLog = isWide(positive, 10);
  const y = isLog ? logarithmic(positive, 'ms', 'latency') : linear(values, 'ms', 'latency');
  const curves = runs.map(({ name, look, percentiles: { points, count } }, at) => {
    // Beyond one of all values the file repeats the largest.
    const rarest = 1 - 1 / count;
    const seen = points.filter(({ share, value }) => share <= rarest && (!isLog || value >= 10 ** y.min));
    const last = { share: rarest, value: points.at(-1)!.value };
    const places = [...seen, last].map(({ share, value }) => [x.place(share), y.place(value)]);
    return line(name, look, places, { markers: runs.length > 1 ? 'few' : 'none', at });
  });
  const names = runs.length > 1 ? runs.map(({ name }) => name) : [];
  return {
    name: 'latency',
    span: 'half',
    title: `${runs.length > 3 ? 'Median latency' : 'Latency'} of a query: ${runs.map((run) => sentence(run, runs.length)).join('; ')}`,
    about:
      'Each point of a curve says within what time (upwards) how large a share of the answered queries had its answer. ' +
      `The scale along the bottom stretches the slow ones: every nine is as wide as the last.${isLog ? ' Time is on a logarithmic scale.' : ''}`,
    height: (width) => panelHeight(names, width),
    option: (width) => ({
      ...panel(names, width, x, y),
      series: curves,
    }),
  };
}

/** What is rarer than one in so many answers is not said. */
const ENOUGH = 100;

function sentence({ name, p50, p99, percentiles: { count } }: LatencyRun, runs: number): string {
  const who = runs > 1 ? `${name} ` : '';
  if (runs > 3) return `${name} ${duration(p50)}`;
  return `${who}half within ${duration(p50)}${count < ENOUGH ? '' : `, 99 % within ${duration(p99)}`}`;
}
