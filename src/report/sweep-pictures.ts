/**
 * Which pictures a sweep is worth, by what was varied: one setting goes along the bottom, one gives the series, and what is left gives
 * panels. So that one sees at a glance, there are few of each; what does not fit is named.
 */

import { KEY_FIGURES, type KeyFigure } from '../metrics/key-figures.js';
import { type Axis, estimateOf, type Sweep, type SweepPoint } from '../results/sweep.js';
import { type Along, type CurvePanel, curvePicture } from './charts/curves.js';
import type { Picture } from './charts/draw.js';
import { frontierPicture, type Offer } from './charts/frontier.js';
import { label } from './charts/scale.js';
import { type Look, protocolLooks, seriesLooks } from './palette.js';

/** Figures worth a picture: how well it goes, then what it costs. */
export const WELL = [
  'success',
  'recall',
  'stale',
  'latencyP50Ms',
  'latencyP99Ms',
  'hopsMean',
  'timeoutsPerQuery',
  'obtained',
  'obtainedP50Ms',
];
export const COST = [
  'messagesPerQuery',
  'bytesPerQuery',
  'trafficBytesPerPeerSecond',
  'maintenanceBytesPerPeerSecond',
  'loadP99',
  'loadPerServer',
  'loadGini',
  'stateMeanEntries',
];

const MOST_SERIES = 15;
const MOST_PANELS = 6;

/** What goes where; indices of axes. */
export interface Arrangement {
  readonly along: number;
  readonly series: number | null;
  readonly panels: readonly number[];
}

const isSession = ({ path }: Axis) => path.startsWith('population.session');
const isNumeric = ({ values }: Axis) => values.every(({ number }) => number !== null);

/** Null when nothing was varied but the protocol, or nothing at all. */
export function arrange(axes: readonly Axis[]): Arrangement | null {
  const varied = axes.map((axis, at) => ({ axis, at })).filter(({ axis: { values } }) => values.length > 1);
  const candidates = varied.filter(({ axis }) => axis.path !== 'protocol');
  // Size first, then session time, then numbers, then words; of two alike the one with more values.
  const rank = ({ axis }: { axis: Axis }) => (axis.path === 'peers' ? 0 : isSession(axis) ? 1 : isNumeric(axis) ? 2 : 3);
  const [along, ...others] = candidates.toSorted((a, b) => rank(a) - rank(b) || b.axis.values.length - a.axis.values.length || a.at - b.at);
  if (along === undefined) return null;
  const protocol = varied.find(({ axis }) => axis.path === 'protocol');
  const rest = others.toSorted((a, b) => a.at - b.at);
  const series = protocol ?? rest.find(({ axis }) => axis.values.length <= MOST_SERIES);
  return { along: along.at, series: series?.at ?? null, panels: rest.filter((each) => each !== series).map(({ at }) => at) };
}

/** Pictures of these figures, as far as they were measured and are not everywhere the same. */
export function sweepPictures(sweep: Sweep, names: readonly string[]): (Picture | null)[] {
  const arrangement = arrange(sweep.axes);
  if (arrangement === null) return [];
  const figures = names.map((name) => KEY_FIGURES.find((figure) => figure.name === name)!);
  return figures.map((figure) => (constantOf(sweep, figure) === null ? picture(sweep, arrangement, figure) : null));
}

/** "success of queries (100 %)" for each figure that is the same at every point. */
export function sameEverywhere(sweep: Sweep, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const figure = KEY_FIGURES.find((each) => each.name === name)!;
    const value = constantOf(sweep, figure);
    return value === null || (value === 0 && figure.unit !== 'share') ? [] : [`${figure.label} (${label(value, figure.unit)})`];
  });
}

function constantOf({ points }: Sweep, { name }: KeyFigure): number | null {
  const means = points.flatMap((point) => estimateOf(point, name)?.mean ?? []);
  return means.length > 0 && means.every((mean) => mean === means[0]) ? means[0] : null;
}

function picture(sweep: Sweep, { along, series, panels }: Arrangement, figure: KeyFigure): Picture | null {
  const { axes } = sweep;
  const combinations = combinationsOf(axes, panels);
  const shown = combinations.slice(0, MOST_PANELS);
  const looks = looksOf(sweep, series);
  const find = finder(sweep);
  const drawn = shown.map((fixed): CurvePanel => {
    const lines = (series === null ? [null] : axes[series].values.map((_, at) => at)).slice(0, MOST_SERIES);
    return {
      title: panels.map((axis, at) => `${nameOf(axes[axis])} ${axes[axis].values[fixed[at]].text}`).join(', '),
      series: lines.map((line) => {
        const at = (value: number) =>
          find({
            ...Object.fromEntries(panels.map((axis, index) => [axis, fixed[index]])),
            [along]: value,
            ...(series === null ? {} : { [series]: line! }),
          });
        const name = seriesName(sweep, series, line);
        const estimates = axes[along].values.map((_, value) => {
          const point = at(value);
          return point === undefined ? null : estimateOf(point, figure.name);
        });
        return { name, look: looks.get(name)!, estimates };
      }),
    };
  });
  const left = combinations.length - shown.length;
  const unseen = series === null ? 0 : Math.max(0, axes[series].values.length - MOST_SERIES);
  const notes = [
    left > 0 ? `${left} more combinations are in sweep.csv.` : '',
    unseen > 0 ? `${unseen} more curves are in sweep.csv.` : '',
  ];
  return curvePicture(figure, alongOf(axes[along]), drawn, notes.filter((note) => note !== '').join(' '));
}

function looksOf(sweep: Sweep, series: number | null): Map<string, Look> {
  if (series === null || sweep.axes[series].path === 'protocol') return protocolLooks(sweep.points.map(({ protocol }) => protocol));
  return seriesLooks(sweep.axes[series].values.map((_, at) => seriesName(sweep, series, at)));
}

/** A protocol is called by its name, though it may have been given as a file. */
function seriesName({ axes, points }: Sweep, series: number | null, line: number | null): string {
  if (series === null || line === null) return points[0]?.protocol ?? '';
  const axis = axes[series];
  if (axis.path !== 'protocol') return `${nameOf(axis)} ${axis.values[line].text}`;
  return points.find(({ at }) => at[series] === line)?.protocol ?? axis.values[line].text;
}

/** Finds the point with these values; axes that are not mentioned have one value. */
function finder({ axes, points }: Sweep): (wanted: Readonly<Record<number, number>>) => SweepPoint | undefined {
  const byPlace = new Map(points.map((point) => [point.at.join(), point]));
  return (wanted) => byPlace.get(axes.map((_, axis) => wanted[axis] ?? 0).join());
}

function combinationsOf(axes: readonly Axis[], which: readonly number[]): number[][] {
  return which.reduce<number[][]>((all, axis) => all.flatMap((each) => axes[axis].values.map((_, value) => [...each, value])), [[]]);
}

/** What a setting is called in a sentence. */
export function nameOf({ path }: Pick<Axis, 'path'>): string {
  if (path === 'peers') return 'number of peers';
  if (path.startsWith('population.session'))
    return path.endsWith('.median') ? 'median session time' : path.endsWith('.mean') ? 'mean session time' : 'session time';
  if (path.startsWith('population.downtime')) return 'downtime';
  return path.replace(/^(?:protocol|workload\.locate|topology|population)\./, '');
}

function alongOf(axis: Axis): Along {
  const isSize = axis.unit === null && isNumeric(axis);
  return {
    name: nameOf(axis),
    variable: axis.path === 'peers' ? 'N' : isSize ? 'x' : null,
    values: axis.values,
    unit: axis.unit === 'ms' || axis.unit === 'bytes' || axis.unit === 'share' ? axis.unit : '',
  };
}

/**
 * Cost against what one gets for it, for what one can choose: the protocol and its settings. What one cannot choose is held: the number of
 * peers at its largest, everything else (loss, session times) at its first value.
 */
export function frontiers(sweep: Sweep): (Picture | null)[] {
  const { axes } = sweep;
  const isChoice = ({ path }: Axis) => path === 'protocol' || path.startsWith('protocol.');
  const held = axes.map((axis) => (isChoice(axis) ? null : axis.path === 'peers' ? axis.values.length - 1 : 0));
  const points = sweep.points.filter(({ at }) => at.every((value, axis) => held[axis] === null || held[axis] === value));
  const looks = protocolLooks(sweep.points.map(({ protocol }) => protocol));
  const several = new Set(points.map(({ protocol }) => protocol)).size > 1;
  const chosen = axes.flatMap((axis, at) => (axis.path !== 'protocol' && isChoice(axis) && axis.values.length > 1 ? [at] : []));
  const nameAt = ({ protocol, at }: SweepPoint) => {
    const values = chosen.map((axis) => `${nameOf(axes[axis])} ${axes[axis].values[at[axis]].text}`);
    return [...(several ? [protocol] : []), ...values].join(' ');
  };
  const fixed = axes.flatMap((axis, at) =>
    held[at] === null || axis.values.length < 2 ? [] : [`${nameOf(axis)} ${axis.values[held[at]].text}`],
  );
  return bargains(
    (figure) =>
      points.flatMap((point): Offer[] => {
        const cost = estimateOf(point, 'trafficBytesPerPeerSecond')?.mean;
        const gain = estimateOf(point, figure)?.mean;
        return !cost || gain === undefined
          ? []
          : [{ name: nameAt(point), protocol: point.protocol, look: looks.get(point.protocol)!, cost, gain }];
      }),
    fixed.length === 0 ? '' : `All at ${fixed.join(', ')}.`,
  );
}

/** The two bargains that are drawn: success, and the median latency of what succeeded. */
export function bargains(offersOf: (figure: string) => Offer[], note = ''): (Picture | null)[] {
  return [
    frontierPicture(offersOf('success'), { file: 'frontier-success', name: 'success of queries', unit: 'share', better: 'more' }, note),
    frontierPicture(offersOf('latencyP50Ms'), { file: 'frontier-latency', name: 'median latency', unit: 'ms', better: 'less' }, note),
  ];
}
