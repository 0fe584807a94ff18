/**
 * A figure against what was varied: a curve per series, its 95 % confidence intervals, and the law by which it grows, where one was found.
 * What is varied besides gets a panel for each of its values.
 */

import type { CustomSeriesOption } from 'echarts';
import type { KeyFigure } from '../../metrics/key-figures.js';
import type { Estimate } from '../../metrics/statistics.js';
import { type Fit, fitLaw, fitSentence, formula, offBy } from '../fit.js';
import { colour, type Look } from '../palette.js';
import type { Picture } from './draw.js';
import { labelRoom, legend, legendHeight, line, SIZE, xAxis, yAxis } from './frame.js';
import { isWide, label, linear, logarithmic, type Scale, words } from './scale.js';

/** What is along the bottom. */
export interface Along {
  /** As in "against ...": "number of peers". */
  readonly name: string;
  /** How it is called in a formula; null when no law is looked for. */
  readonly variable: string | null;
  readonly values: readonly { readonly text: string; readonly number: number | null }[];
  readonly unit: 'ms' | 'bytes' | 'share' | '';
}

export interface CurveSeries {
  readonly name: string;
  readonly look: Look;
  /** By value of what is along the bottom; null where nothing was measured. */
  readonly estimates: readonly (Estimate | null)[];
}

export interface CurvePanel {
  /** '' for the only one. */
  readonly title: string;
  readonly series: readonly CurveSeries[];
}

const PANEL_HEIGHT = 232;
const HEAD = 46;
const FOOT = 50;
const BETWEEN = 26;
/** Points by which a law is drawn. */
const LAW_POINTS = 40;

/** Null when fewer than two values along the bottom have a figure. */
export function curvePicture(
  figure: KeyFigure,
  along: Along,
  panels: readonly CurvePanel[],
  note: string,
  file: string = figure.name,
): Picture | null {
  const estimates = panels.flatMap(({ series }) => series.flatMap((each) => each.estimates));
  const measured = estimates.filter((each) => each !== null);
  const places = new Set(panels.flatMap(({ series }) => series.flatMap((each) => each.estimates.flatMap((one, at) => (one ? [at] : [])))));
  if (places.size < 2) return null;
  const means = measured.map(({ mean }) => mean);
  const most = figure.unit === 'share' ? 1 : Number.POSITIVE_INFINITY;
  const ends = measured.flatMap(({ mean, ci95 }) => [mean, Math.min(most, mean + (ci95 ?? 0))]);
  const isLog = figure.unit !== 'share' && isWide(means);
  const axisName = figure.label;
  const lowEnds = measured.map(({ mean, ci95 }) => (mean - (ci95 ?? 0) > mean / 3 ? mean - (ci95 ?? 0) : mean));
  const y = isLog
    ? logarithmic([...lowEnds, ...ends], figure.unit, axisName)
    : linear(ends, figure.unit, axisName, { upTo: figure.unit === 'share' && figure.better === 'more' ? 1 : 0 });
  const x = alongScale(along);
  const fitted = panels.map(({ series }) => series.map((each) => fitOf(figure, along, each)));
  const isOnly = panels.length === 1;
  const nameOf = (panel: number, at: number) => {
    const { name } = panels[panel].series[at];
    const fit = isOnly ? fitted[panel][at] : null;
    return fit === null ? name : `${name} ~ ${shortly(fit, along.variable!)}`;
  };
  const several = panels[0].series.length > 1;
  const names = several
    ? isOnly
      ? panels[0].series.map((_, at) => nameOf(0, at))
      : [...new Set(panels.flatMap(({ series }) => series.map(({ name }) => name)))]
    : [];
  const placed = (width: number) => placePanels(panels.length, width, legendHeight(names, width), isOnly);
  const repeated = measured.some(({ ci95 }) => ci95 !== null);
  return {
    name: file,
    span: isOnly ? 'half' : 'full',
    title: titleOf(figure, along, panels, fitted),
    about: [
      repeated ? 'Points are means of repetitions; the bars are their 95 % confidence intervals.' : '',
      fitted.flat().some((fit) => fit !== null) ? 'The thin lines are the laws that fit the points best.' : '',
      isLog ? `The scale of ${figure.label} is logarithmic.` : '',
      note,
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    height: (width) => Math.max(...placed(width).map(({ top }) => top)) + PANEL_HEIGHT + FOOT,
    option: (width) => {
      const spots = placed(width);
      const left = labelRoom(y);
      return {
        legend: legend(names, width),
        grid: spots.map((spot) => ({ left: spot.left + left, top: spot.top, width: spot.width - left - 16, height: PANEL_HEIGHT })),
        title: panels.map(({ title }, at) => ({
          text: title,
          left: spots[at].left,
          top: spots[at].top - HEAD + 2,
          padding: 0,
          textStyle: { fontSize: SIZE + 1, fontWeight: 'bold', color: colour('ink') },
        })),
        xAxis: panels.map((_, at) => xAxis(x, { grid: at, lines: true })),
        yAxis: panels.map((_, at) => yAxis(y, { grid: at })),
        series: panels.flatMap(({ series }, panel) =>
          series.flatMap(({ name, look, estimates }, at) => {
            const axes = { xAxisIndex: panel, yAxisIndex: panel };
            const points = estimates.map((each, value) => [x.spots[value], each === null ? null : y.place(each.mean)]);
            const fit = fitted[panel][at];
            return [
              ...(fit === null || fit.verdict === 'poor' ? [] : [lawLine(fit, along, estimates, x, y, look, axes)]),
              ...(estimates.some((each) => each?.ci95) ? [intervals(estimates, x, y, look, axes)] : []),
              line(isOnly ? nameOf(panel, at) : name, look, points, { ...axes, z: 4 }),
            ];
          }),
        ),
      };
    },
  };
}

/** A scale, and where along it each value stands. */
interface AlongScale extends Scale {
  readonly spots: readonly number[];
}

/** Numbers stand where they belong; words among them (`never`) at the end, apart; only words, side by side. */
function alongScale({ values, unit, name }: Along): AlongScale {
  const numbers = values.flatMap(({ number }) => (number === null ? [] : [number]));
  const all = values.map(({ text }) => text);
  if (numbers.length < 2) return { ...words(all, name), spots: all.map((_, at) => at) };
  const scale = isWide(numbers, 8) ? logarithmic(numbers, unit, name) : linear(numbers, unit, name);
  const step = (scale.max - scale.min) / Math.max(4, values.length);
  let max = scale.max;
  const spots = values.map(({ number }) => {
    if (number !== null) return scale.place(number);
    max += step;
    return max;
  });
  const apart = values.flatMap(({ text, number }, at) => (number === null ? [{ at: spots[at], label: text }] : []));
  // People look for the values that they asked for.
  const asked = values.flatMap(({ number }, at) => (number === null ? [] : [{ at: spots[at], label: label(number, unit) }]));
  const ticks = [...(numbers.length <= 8 ? asked : scale.ticks), ...apart];
  return { ...scale, max: apart.length > 0 ? max + step / 3 : scale.max, ticks, spots };
}

function fitOf(figure: KeyFigure, { variable, values }: Along, { estimates }: CurveSeries): Fit | null {
  if (variable === null || figure.unit === 'share' || figure.unit === '') return null;
  const points = estimates.flatMap((each, at) => {
    const { number } = values[at];
    return each === null || number === null ? [] : [{ x: number, y: each.mean }];
  });
  return fitLaw(points);
}

/** For a legend. */
function shortly({ law, verdict, other }: Fit, variable: string): string {
  if (verdict === 'poor') return 'no simple law';
  const off = offBy(law);
  const says = law.kind === 'constant' ? 'constant' : formula(law, variable);
  return other === null ? `${says} (off by ${off})` : `${says} or ${formula(other, variable)} (off by ${off}, ${offBy(other)})`;
}

function titleOf(figure: KeyFigure, along: Along, panels: readonly CurvePanel[], fitted: readonly (readonly (Fit | null)[])[]): string {
  const what = `${figure.label.charAt(0).toUpperCase()}${figure.label.slice(1)} against ${along.name}`;
  if (panels.length > 3) return `${what}, in ${panels.length} panels`;
  if (panels.length > 1) return `${what}, at ${panels.map(({ title }) => title).join(' and ')}`;
  const [{ series }] = panels;
  const said =
    series.length > MOST_SAID
      ? spread(figure, along, series)
      : series.flatMap((each, at) => development(figure, along, each, fitted[0][at], series.length));
  return said.length === 0 ? what : `${what}: ${said.join(', ')}`;
}

/** Curves whose course a title tells one by one. */
const MOST_SAID = 3;

function development(figure: KeyFigure, { variable }: Along, { name, estimates }: CurveSeries, fit: Fit | null, of: number): string[] {
  if (fit !== null) return [`${name} ${of > 2 ? shortly(fit, variable!) : fitSentence(fit, variable!)}`];
  const there = estimates.filter((each) => each !== null);
  if (there.length < 2) return [];
  const [first, last] = [there[0].mean, there.at(-1)!.mean].map((mean) => label(mean, figure.unit));
  return [`${of > 1 ? `${name} ` : ''}${first === last ? `stays at ${first}` : `from ${first} to ${last}`}`];
}

/** Where many end: the least and the most at the last value along the bottom. */
function spread(figure: KeyFigure, { values }: Along, series: readonly CurveSeries[]): string[] {
  const ends = series
    .flatMap(({ name, estimates }) => (estimates.at(-1) ? [{ name, mean: estimates.at(-1)!.mean }] : []))
    .toSorted((a, b) => a.mean - b.mean);
  const [least, most] = [ends[0], ends.at(-1)];
  if (least === undefined || most === undefined || ends.length < 2) return [];
  const [low, high] = [label(least.mean, figure.unit), label(most.mean, figure.unit)];
  return [`at ${values.at(-1)!.text} ${low === high ? `${low} for all` : `from ${low} (${least.name}) to ${high} (${most.name})`}`];
}

/** As far as the points reach: what lies beyond nobody has seen. */
function lawLine({ law }: Fit, { values }: Along, estimates: CurveSeries['estimates'], x: Scale, y: Scale, { tone }: Look, axes: object) {
  const numbers = values.flatMap(({ number }, at) => (number === null || estimates[at] === null ? [] : [number]));
  const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
  const points = Array.from({ length: LAW_POINTS + 1 }, (_, at) => from * (to / from) ** (at / LAW_POINTS))
    .map((value) => [x.place(value), y.place(law.at(value))])
    .filter(([, height]) => Number.isFinite(height) && height >= y.min && height <= y.max);
  return {
    type: 'line' as const,
    data: points,
    symbol: 'none',
    silent: true,
    z: 2,
    lineStyle: { color: colour(tone), width: 1, type: 'solid' as const, opacity: 0.55 },
    ...axes,
  };
}

/** A bar from end to end of each interval. */
function intervals(estimates: CurveSeries['estimates'], x: AlongScale, y: Scale, { tone }: Look, axes: object) {
  const data = estimates.flatMap((each, at) => {
    if (!each?.ci95) return [];
    const clamp = (value: number) => Math.min(y.max, Math.max(y.min, value));
    const low = each.mean - each.ci95;
    return [[x.spots[at], clamp(low > 0 ? y.place(low) : y.min), clamp(y.place(each.mean + each.ci95))]];
  });
  return {
    type: 'custom' as const,
    data,
    silent: true,
    z: 3,
    encode: { x: 0, y: [1, 2] },
    renderItem: ((_, api) => {
      const [left, bottom] = api.coord([api.value(0), api.value(1)]);
      const [, top] = api.coord([api.value(0), api.value(2)]);
      const style = { stroke: colour(tone), lineWidth: 1.5, fill: 'none' };
      const stretch = (x1: number, y1: number, x2: number, y2: number) => ({ type: 'line' as const, shape: { x1, y1, x2, y2 }, style });
      return {
        type: 'group' as const,
        children: [stretch(left, bottom, left, top), stretch(left - 4, bottom, left + 4, bottom), stretch(left - 4, top, left + 4, top)],
      };
    }) satisfies CustomSeriesOption['renderItem'],
    ...axes,
  };
}

function placePanels(panels: number, width: number, top: number, isOnly: boolean) {
  if (isOnly) return [{ left: 0, top: top + 28, width }];
  const columns = Math.max(1, Math.min(panels, 3, Math.floor((width + BETWEEN) / (300 + BETWEEN))));
  const room = (width - (columns - 1) * BETWEEN) / columns;
  return Array.from({ length: panels }, (_, at) => ({
    left: (at % columns) * (room + BETWEEN),
    top: top + HEAD + 6 + Math.floor(at / columns) * (PANEL_HEIGHT + FOOT + HEAD),
    width: room,
  }));
}
