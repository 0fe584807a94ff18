/** How runs went: success, messages and peers alive over virtual time, one above the other, with the faults as bands behind all of them. */

import type { FaultRecord } from '../../faults/plan.js';
import type { SeriesRow } from '../../metrics/measures.js';
import { duration, whole } from '../format.js';
import { cut } from '../layout.js';
import { colour, type Look } from '../palette.js';
import { type Picture, textWidth } from './draw.js';
import { labelRoom, legend, legendHeight, line, SIZE, xAxis, yAxis } from './frame.js';
import { linear, type Scale } from './scale.js';

export interface TimeRun {
  readonly name: string;
  readonly look: Look;
  readonly series: readonly SeriesRow[];
  readonly faults: readonly FaultRecord[];
}

/** Points of a curve: a longer series is gathered into as many. */
const MOST_POINTS = 300;
/** Faults that are named in the picture; all are in faults.csv. */
const MOST_NAMED = 12;
const PANEL = 130;
const GAP = 34;
const NAME_LINE = 15;

const ALIVE: Look = { tone: 'quiet', dash: 'solid', marker: 'none' };

interface Curve {
  readonly name: string;
  readonly look: Look;
  readonly points: readonly (readonly [ms: number, value: number | null])[];
}

interface Panel {
  readonly scale: Scale;
  readonly curves: readonly Curve[];
}

/** Null when there are fewer than three intervals. */
export function overTimePicture(runs: readonly TimeRun[]): Picture | null {
  const [longest] = runs.toSorted((a, b) => b.series.length - a.series.length);
  if (longest === undefined || longest.series.length < 3) return null;
  const panels = panelsOf(runs);
  const x = linear([longest.series.at(-1)!.endMs], 'ms', 'virtual time', { most: 10, exact: true });
  const { faults } = longest;
  const names = runs.length > 1 ? runs.map(({ name }) => name) : [];
  const left = Math.max(...panels.map(({ scale }) => labelRoom(scale)));
  const namedHeight = (width: number) => (faults.length > 0 ? placed(faults, x, width - left - 22).lines * NAME_LINE + 4 : 0);
  const top = (width: number) => legendHeight(names, width) + namedHeight(width) + 24;
  return {
    name: 'over-time',
    span: 'full',
    title: title(panels, faults),
    about: `Each point stands for an interval of ${duration(intervalOf(longest.series))}. ${
      faults.length > 0 ? 'The bands are the times in which a fault was on; a line is a fault without length. ' : ''
    }Success is of the queries that ended in an interval; where nothing was asked there is a gap.`,
    height: (width) => top(width) + panels.length * PANEL + (panels.length - 1) * GAP + 46,
    option: (width) => ({
      legend: legend(names, width),
      grid: panels.map((_, at) => ({ left, right: 22, top: top(width) + at * (PANEL + GAP), height: PANEL })),
      xAxis: panels.map((_, at) => xAxis(x, { grid: at, labelled: at === panels.length - 1 })),
      yAxis: panels.map(({ scale }, at) => yAxis(scale, { grid: at })),
      series: panels.flatMap(({ curves }, at) =>
        curves.map(({ name, look, points }, first) =>
          line(name, look, points, {
            xAxisIndex: at,
            yAxisIndex: at,
            markers: curves.length > 1 ? 'few' : 'none',
            at: first,
            connectNulls: false,
            z: 3,
            ...(first === 0 ? marks(faults, x.max) : {}),
          }),
        ),
      ),
      graphic: labels(faults, x, width, left, top(width) - 24 - namedHeight(width), top(width)),
    }),
  };
}

function panelsOf(runs: readonly TimeRun[]): Panel[] {
  const panels: Panel[] = [];
  const add = (curves: readonly Curve[], scaleOf: (values: readonly number[]) => Scale) => {
    const values = curves.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])));
    if (values.length > 2) panels.push({ scale: scaleOf(values), curves });
  };
  const each = (value: (rows: readonly SeriesRow[]) => number | null) =>
    runs.map(({ name, look, series }) => ({ name, look, points: gathered(series, value) }));
  add(each(success), (values) => linear(values, 'share', 'success of queries', { upTo: 1, most: 4 }));
  add(each(messages), (values) => linear(values, 'messages', 'messages sent per second', { most: 4 }));
  // The population is the same for all of them.
  const [{ series }] = runs.toSorted((a, b) => b.series.length - a.series.length);
  const alive = gathered(series, (rows) => rows.at(-1)!.peersAlive);
  if (new Set(alive.map(([, value]) => value)).size > 1) {
    add([{ name: 'peers alive', look: ALIVE, points: alive }], (values) => linear(values, 'peers', 'peers alive', { most: 4 }));
  }
  return panels;
}

/** A point per interval, at its middle, or for several where there are too many. */
function gathered(series: readonly SeriesRow[], value: (rows: readonly SeriesRow[]) => number | null): Curve['points'] {
  const size = Math.ceil(series.length / MOST_POINTS);
  return Array.from({ length: Math.ceil(series.length / size) }, (_, at) => {
    const rows = series.slice(at * size, (at + 1) * size);
    return [(rows[0].startMs + rows.at(-1)!.endMs) / 2, value(rows)] as const;
  });
}

const total = (rows: readonly SeriesRow[], of: (row: SeriesRow) => number) => rows.reduce((sum, row) => sum + of(row), 0);

function success(rows: readonly SeriesRow[]): number | null {
  const succeeded = total(rows, ({ operationsSucceeded }) => operationsSucceeded);
  const judged = succeeded + total(rows, ({ operationsFailed }) => operationsFailed);
  // When nothing is asked any more, all that ends is what found no answer.
  return judged === 0 || total(rows, ({ operationsStarted }) => operationsStarted) === 0 ? null : succeeded / judged;
}

function messages(rows: readonly SeriesRow[]): number | null {
  const ms = total(rows, ({ startMs, endMs }) => endMs - startMs);
  return ms > 0 ? (total(rows, ({ sent }) => sent) / ms) * 1000 : null;
}

const intervalOf = (series: readonly SeriesRow[]) => (series[0].endMs - series[0].startMs) * Math.ceil(series.length / MOST_POINTS);

function title(panels: readonly Panel[], faults: readonly FaultRecord[]): string {
  const shown = panels.map(({ scale }) => scale.name);
  const what = shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
  const over = `${what.charAt(0).toUpperCase()}${what.slice(1)} over time`;
  const [fault] = faults;
  if (fault === undefined) return over;
  if (faults.length > 1) return `${over}, with ${whole(faults.length)} faults`;
  return `${over}, with one fault: ${fault.says} ${when(fault)}`;
}

function when({ atMs, untilMs }: FaultRecord): string {
  if (untilMs === atMs) return `at ${duration(atMs)}`;
  return untilMs === null ? `from ${duration(atMs)}` : `from ${duration(atMs)} to ${duration(untilMs)}`;
}

/** Bands for faults that lasted, lines for those that did not. */
function marks(faults: readonly FaultRecord[], endMs: number) {
  const lasting = faults.filter(({ atMs, untilMs }) => untilMs !== atMs && atMs < endMs);
  const sudden = faults.filter(({ atMs, untilMs }) => untilMs === atMs && atMs < endMs);
  return {
    ...(lasting.length > 0
      ? {
          markArea: {
            silent: true,
            itemStyle: { color: colour('fault'), opacity: 0.13 },
            label: { show: false },
            data: lasting.map(({ atMs, untilMs }) => [{ xAxis: atMs }, { xAxis: Math.min(untilMs ?? endMs, endMs) }]),
          },
        }
      : {}),
    ...(sudden.length > 0
      ? {
          markLine: {
            silent: true,
            symbol: 'none',
            label: { show: false },
            lineStyle: { color: colour('fault'), type: [4, 3], width: 1, opacity: 0.8 },
            data: sudden.map(({ atMs }) => ({ xAxis: atMs })),
          },
        }
      : {}),
  };
}

interface Label {
  readonly text: string;
  readonly left: number;
  readonly anchor: number;
  readonly line: number;
}

/** Where the names of the faults stand: each over the begin of its band, in as few lines as hold them side by side. */
function placed(faults: readonly FaultRecord[], x: Scale, width: number): { labels: Label[]; lines: number } {
  const ends: number[] = [];
  const labels: Label[] = [];
  for (const { says, atMs } of faults.filter(({ atMs }) => atMs < x.max).slice(0, MOST_NAMED)) {
    const text = cut(says, Math.max(8, Math.floor(width / textWidth('m', SIZE - 1))));
    const anchor = (atMs / x.max) * width;
    const left = Math.max(0, Math.min(anchor, width - textWidth(text, SIZE - 1)));
    let at = ends.findIndex((end) => end + 10 <= left);
    if (at < 0) at = ends.push(0) - 1;
    ends[at] = left + textWidth(text, SIZE - 1);
    labels.push({ text, left, anchor, line: at });
  }
  return { labels, lines: ends.length };
}

function labels(faults: readonly FaultRecord[], x: Scale, width: number, left: number, from: number, to: number) {
  const { labels, lines } = placed(faults, x, width - left - 22);
  return labels.flatMap(({ text, left: at, anchor, line: row }) => {
    const y = from + (lines - 1 - row) * NAME_LINE;
    return [
      {
        type: 'line' as const,
        shape: { x1: left + anchor, y1: y + NAME_LINE, x2: left + anchor, y2: to },
        style: { stroke: colour('fault'), lineWidth: 1, opacity: 0.5 },
        silent: true,
      },
      {
        type: 'text' as const,
        x: left + at,
        y: y + 2,
        style: { text, fill: colour('fault'), fontSize: SIZE - 1 },
        silent: true,
      },
    ];
  });
}
