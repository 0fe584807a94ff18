/** How far queries went: which share of the answered ones had the answer within so many hops. */

import { count } from '../format.js';
import type { Picture } from './draw.js';
import { line, panel, panelHeight } from './frame.js';
import type { PercentileRun } from './percentiles.js';
import { linear } from './scale.js';

/** Beyond this share of all queries lie the few that went astray; the axis does not reach for them. */
const SHOWN = 0.995;

/** Null when no run has hops, or none more than one. */
export function hopsPicture(all: readonly PercentileRun[]): Picture | null {
  const runs = all.filter(({ percentiles: { count, points } }) => count >= 10 && points.at(-1)!.value > 0);
  if (runs.length === 0) return null;
  const within = ({ percentiles }: PercentileRun, share: number) => percentiles.points.find((point) => point.share >= share)!.value;
  const furthest = Math.max(...runs.map((run) => within(run, SHOWN)));
  const x = linear([furthest], 'hops', 'hops');
  const y = linear([1], 'share', 'of the answered queries');
  const names = runs.length > 1 ? runs.map(({ name }) => name) : [];
  const said = runs.map((run) => `${runs.length > 1 ? `${run.name} ` : ''}${count(within(run, 0.5))}`);
  return {
    name: 'hops',
    span: 'half',
    title: `Hops to the answer, median: ${said.join(', ')}`,
    about:
      'How large a share of the answered queries had the answer within so many hops of the overlay: of the query itself, or of the lookup ' +
      'that found who knows it.',
    height: (width) => panelHeight(names, width),
    option: (width) => ({
      ...panel(names, width, x, y),
      series: runs.map(({ name, look, percentiles }, at) =>
        line(name, look, steps(percentiles.points, x.max), { step: 'end', markers: names.length > 0 ? 'few' : 'none', at }),
      ),
    }),
  };
}

/** For each number of hops the share that did not need more. */
function steps(points: PercentileRun['percentiles']['points'], most: number): [number, number][] {
  const shares = new Map<number, number>();
  for (const { value, share } of points) shares.set(value, share);
  const reached = [...shares].filter(([hops]) => hops <= most);
  const first: [number, number][] = reached[0]?.[0] === 0 ? [] : [[0, 0]];
  return [...first, ...reached, [most, reached.at(-1)?.[1] ?? 0]];
}
